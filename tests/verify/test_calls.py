"""The filter of system calls, on each kind of processor it knows, run as the kernel runs it."""

from __future__ import annotations

import errno
import platform
import re
import socket
import struct
from pathlib import Path

import pytest

from verify.child import calls

X86, ARM = "x86_64", "aarch64"
#: Where the C library's headers lie, and what the kernel calls each kind of processor.
HEADERS = {
    X86: "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    ARM: "/usr/include/asm-generic/unistd.h",
}
AUDIT = {X86: 0xC0000000 | 62, ARM: 0xC0000000 | 183}
ALLOWED = 0


def answer(machine: str, number: int, *words: int, by_ip: tuple[int, ...] = calls.ALL) -> int:
    """What a system call is answered with: an error's number, or 0 where it is let through."""
    code = calls.program(by_ip)
    data = struct.pack("IIQ6Q", number, AUDIT[machine], 0, *words, *[0] * (6 - len(words)))
    lines: list[tuple[int, ...]] = list(struct.iter_unpack("HBBI", code))
    at = value = 0
    while True:
        operation, yes, no, word = lines[at]
        at += 1
        if operation == 0x06:  # return
            assert word >> 16 in (0x7FFF, 0x0005)
            return word & 0xFFFF
        if operation == 0x20:  # load
            [value] = struct.unpack_from("I", data, word)
        elif operation == 0x54:
            value &= word
        else:
            tests = {0x15: value == word, 0x35: value >= word, 0x45: bool(value & word)}
            at += yes if tests[operation] else no


@pytest.fixture(params=[X86, ARM])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name = str(request.param)
    monkeypatch.setattr(platform, "machine", lambda: name)
    return name


def test_the_numbers_are_those_of_the_kernel(machine: str) -> None:
    header = Path(HEADERS[machine])
    if not header.is_file():
        pytest.skip("the headers of the C library are not here")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text("utf-8"))
    published = {name: int(number) for name, number in found}
    ours = calls._MACHINES[machine].numbers
    assert {name: published.get(name) for name in ours} == ours


def test_what_is_refused(machine: str) -> None:
    numbers = calls._MACHINES[machine].numbers
    for name, number in numbers.items():
        if name not in ("socket", "clone"):
            expected = errno.ENOSYS if name in calls._UNKNOWN else errno.EPERM
            assert answer(machine, number) == expected, name
    plain = (set(range(450)) - set(numbers.values())) | {numbers["clone"]}
    assert {answer(machine, number) for number in plain} == {ALLOWED}


def test_namespaces_are_not_to_be_had_by_a_new_process(machine: str) -> None:
    clone = calls._MACHINES[machine].numbers["clone"]
    assert answer(machine, clone, 0x01200011) == ALLOWED  # a fork
    assert answer(machine, clone, 0x003D0F00) == ALLOWED  # a thread
    for flag in (0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x80):
        assert answer(machine, clone, 0x11 | flag) == errno.EPERM


def test_which_sockets_there_are(machine: str) -> None:
    number = calls._MACHINES[machine].numbers["socket"]
    udp = (int(socket.AF_INET), int(socket.SOCK_DGRAM | socket.SOCK_CLOEXEC))
    assert answer(machine, number, *udp) == ALLOWED
    assert answer(machine, number, *udp, by_ip=calls.STREAMS) == errno.ENETUNREACH
    assert answer(machine, number, int(socket.AF_UNIX), 1, by_ip=()) == ALLOWED
    assert answer(machine, number, int(socket.AF_INET6), 1, by_ip=()) == errno.ENETUNREACH
    for family in (17, 31, 38, 40, 44):
        assert answer(machine, number, family, 1) == errno.EAFNOSUPPORT


def test_another_way_of_calling_is_none(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer(machine, 0x40000000 + 39) == errno.ENOSYS
    monkeypatch.setitem(AUDIT, machine, 0x40000003)  # a program of 32 bits
    assert answer(machine, 39) == errno.ENOSYS


def test_a_processor_that_is_not_known_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert calls.program(calls.ALL) == b""
