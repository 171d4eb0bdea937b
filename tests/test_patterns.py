"""Regular expressions that wait until they are used."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re

import pytest

import builder
from builder.patterns import _Late, late


def test_a_pattern_waits_and_then_is_what_re_compile_returns() -> None:
    pattern = late(r"(\d+)-(?P<name>\w+)", re.ASCII)
    assert "_compiled" not in vars(pattern)
    assert pattern.pattern == r"(\d+)-(?P<name>\w+)"
    assert "_compiled" not in vars(pattern)
    found = pattern.fullmatch("12-ab")
    assert found
    assert found["name"] == "ab"
    assert found.re is vars(pattern)["_compiled"]
    assert pattern.sub(r"\2", "1-a 2-b") == "a b"
    assert pattern.flags == re.ASCII
    assert pattern.groups == 2
    assert late(rb"a+").findall(b"aaba") == [b"aa", b"a"]


def test_what_is_wrong_with_a_pattern_is_told_where_it_is_used() -> None:
    pattern = late("(")
    with pytest.raises(re.error):
        pattern.search("")


def test_every_pattern_of_the_program_can_be_compiled() -> None:
    for module in pkgutil.walk_packages(builder.__path__, "builder."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    waiting = [it for it in gc.get_objects() if isinstance(it, _Late) and it.pattern != "("]
    assert len(waiting) > 300
    for pattern in waiting:
        assert pattern.groups >= 0, pattern.pattern
