"""Errors that say what a machine or a reader lacks, not that the author was wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Raised:
    """An error that a run ended with: its type, its bases, its text, and the line it came from.

    `inner` is the module of the innermost frame; `own` says whether that is the checked code.
    `here` is true where the CPU stood in for a GPU, so that the line was really tried. `asserted`
    are the values that an assertion was about.
    """

    type: str
    kinds: tuple[str, ...]
    text: str
    source: str
    inner: str = ""
    own: bool = False
    name: str | None = None
    owner: str | None = None
    here: bool = False
    asserted: tuple[str, ...] = ()

    def is_a(self, *names: str) -> bool:
        """Whether it is of one of these types, named with or without their module."""
        return any(name in (kind, kind.rpartition(".")[2]) for kind in self.kinds for name in names)


_DEVICE = re.compile(
    r"\b(CUDA|cuda|cuDNN|NVIDIA|nvidia|GPUs?|gpus?|NCCL|nccl|MPS|mps|xpu|XPU|npu|hpu|HPU|TPU|tpu|"
    r"accelerator|triton|Triton|HIP|ROCm)\b"
)
_ONLY_THERE = re.compile(r"not implemented for|Half|BFloat16|\bCPU\b|\bcpu\b|pin")
_DISTRIBUTED = re.compile(
    r"process group|RANK|WORLD_SIZE|MASTER_ADDR|MASTER_PORT|rendezvous|init_process_group|TCPStore|"
    r"torch\.distributed|DistributedDataParallel|[Gg]loo|\bMPI\b"
)
_NETWORK = re.compile(
    r"urlopen error|HTTP Error|name resolution|Name or service not known|Max retries|Connection|"
    r"connect to|timed out|SSL|Network is unreachable|offline|[Dd]ownload|not found or corrupted|"
    r"internet|LocalEntryNotFound|getaddrinfo|proxy"
)
_DATA = re.compile(
    r"num_samples=0|[Cc]ouldn't find any class folder|Found no valid file|Dataset not found|"
    r"No such file|does not exist|not a directory|cannot find|Can't load|can't open"
)
_TOOLS = re.compile(
    r"[Cc]\+\+ compiler|g\+\+|gcc|cl\.exe|ninja|ExecutableNotFound|InvalidCxxCompiler|"
    r"compiler not found|No such file or directory: '(?:nvcc|cmake|git|dot|ffmpeg)'|[Gg]raphviz"
)
_DISPLAY = re.compile(r"\$DISPLAY|no display|X server|could not connect to display|xcb|GTK|Tk\b")
_OTHER_SYSTEM = frozenset(
    [
        "startfile",
        "windll",
        "WinDLL",
        "oledll",
        "getwindowsversion",
        "STARTUPINFO",
        "CREATE_NEW_CONSOLE",
        "CTRL_C_EVENT",
        "CTRL_BREAK_EVENT",
        "ProactorEventLoop",
        "WindowsSelectorEventLoopPolicy",
    ]
)
_ELSEWHERE = frozenset(
    [
        "msvcrt", "winreg", "winsound", "_winapi", "win32api", "win32con", "pythoncom", "nt",
    ]
)  # fmt: skip


def absent_package(error: Raised) -> str | None:
    """The package that is not installed, or cannot be used as installed."""
    if error.is_a("ModuleNotFoundError") and error.name:
        return error.name.partition(".")[0]
    match = re.search(r"operator (\w+)::\w+ does not exist", error.text)
    if match:
        return match.group(1)
    if error.is_a("ImportError") and re.search(r"\.so|DLL|shared object|symbol", error.text):
        return (error.name or "a library").partition(".")[0]
    match = re.search(
        r"(?:[Pp]lease (?:pip )?install|requires?(?: the)?|pip install|"
        r"[Mm]issing (?:optional )?dependency) [`'\"]?([A-Za-z][\w-]+)",
        error.text,
    )
    return match.group(1) if match and error.is_a("ImportError", "ModuleNotFoundError") else None


#: Torch knows no kind of device of that name, on any machine.
_NO_DEVICE = re.compile(r"device type at start of device string: gpu\b")


def _package(error: Raised) -> str | None:
    name = absent_package(error)
    if name in _ELSEWHERE:
        return "it needs another operating system"
    return f"it needs the package `{name}`, which is not installed" if name else None


def _edition(error: Raised) -> str | None:
    """A package that goes with a book: its next edition is not the one a note is written for."""
    if error.is_a("AttributeError", "ImportError"):
        is_other = (error.owner or "").startswith("d2l") or "'d2l" in error.text
    else:
        called = error.own and "argument" in error.text and re.search(r"\bd2l\.", error.source)
        is_other = error.is_a("TypeError") and bool(called or error.inner.startswith("d2l"))
    return "it is written for another edition of `d2l` than the one installed" if is_other else None


def _compiled_part(error: Raised) -> str | None:
    if re.search(r"Couldn't load (?:custom C\+\+ ops|the \w+ extension)", error.text):
        return "`torchvision` is built for another torch here, and its compiled part cannot be used"
    return None


def _device(error: Raised) -> str | None:
    if error.is_a("AttributeError", "NameError", "SyntaxError") or _NO_DEVICE.search(error.text):
        return None
    if _DEVICE.search(error.text):
        return "it needs a GPU or another device that is not here"
    if error.is_a("TypeError", "ImportError"):
        return None
    if error.here and not error.is_a("AssertionError", "IndexError"):
        return "it needs a GPU" if _ONLY_THERE.search(error.text) else None
    return "it needs a GPU" if _DEVICE.search(error.source) else None


def _private(error: Raised) -> str | None:
    """Names that only other builds of a library have."""
    if error.is_a("AttributeError") and (error.owner or "").startswith(("torch._C", "torch._")):
        return f"this build of torch has no `{error.owner}.{error.name}`"
    return None


def _distributed(error: Raised) -> str | None:
    words = error.text + error.source if error.is_a("KeyError", "ValueError") else error.text
    if _DISTRIBUTED.search(words) and not error.is_a("AttributeError", "NameError", "TypeError"):
        return "it needs a distributed group of processes"
    return None


def _setting(error: Raised) -> str | None:
    if (
        error.is_a("KeyError")
        and error.inner in ("os", "collections.abc")
        and "environ" in error.source
    ):
        return f"it needs the environment variable {error.text}"
    return None


def _network(error: Raised) -> str | None:
    kinds = " ".join(error.kinds)
    if re.search(
        r"URLError|HTTPError|gaierror|requests\.|urllib3|ConnectionError|httpx|LocalEntryNotFound",
        kinds,
    ):
        return "it needs the network"
    if error.is_a("OSError", "RuntimeError", "TimeoutError") and _NETWORK.search(error.text):
        return "it needs the network or data that would be downloaded"
    return None


def _file(error: Raised) -> str | None:
    if error.is_a(
        "FileNotFoundError", "NotADirectoryError", "PermissionError", "IsADirectoryError"
    ):
        match = re.search(r"'([^']*)'|\"([^\"]*)\"|^(\S+) not found\.$", error.text)
        path = match and (match.group(1) or match.group(2) or match.group(3))
        return (
            f"it needs the file `{path}`, which is not here"
            if path
            else "it needs a file that is not here"
        )
    if error.is_a("OSError") and error.text == "cannot open resource":
        return "it needs a font that is not here"
    if error.is_a("OSError", "ValueError", "RuntimeError") and _DATA.search(error.text):
        return "it needs data that is not here"
    return None


def _input(error: Raised) -> str | None:
    asks = "EOF when reading" in error.text or error.inner == "getpass"
    if error.is_a("EOFError") and asks:
        return "it waits for somebody to type"
    if error.is_a("BdbQuit"):
        return "it stops in a debugger, where somebody has to type"
    if "sys.argv" in error.source and error.is_a("IndexError", "ValueError"):
        return "it needs command-line arguments"
    is_usage = error.inner == "argparse" or error.text.startswith(("usage:", "Usage:"))
    if error.is_a("SystemExit") and is_usage:
        return "it needs command-line arguments"
    return None


def _tool(error: Raised) -> str | None:
    if _TOOLS.search(error.text) or "InvalidCxxCompiler" in " ".join(error.kinds):
        return "it needs a compiler or another program that is not installed"
    return None


def _display(error: Raised) -> str | None:
    return "it needs a display" if error.is_a("TclError") or _DISPLAY.search(error.text) else None


def _other_system(error: Raised) -> str | None:
    match = re.search(r"cannot import name '(\w+)'", error.text)
    names = {error.name, match and match.group(1)}
    if error.is_a("AttributeError", "ImportError") and names & _OTHER_SYSTEM:
        return "it needs another operating system"
    return None


def _unimplemented(error: Raised) -> str | None:
    if error.is_a("NotImplementedError") and error.own:
        return "a part of it is left unimplemented on purpose"
    return None


def _machine(error: Raised) -> str | None:
    if re.search(r"shared memory|DataLoader worker \(pid.*exited|Too many open files", error.text):
        return "it needs more shared memory or files than there are here"
    return None


def _loop(error: Raised) -> str | None:
    if "running event loop" in error.text or "asyncio.run() cannot be called" in error.text:
        return "it needs a running event loop, as in a notebook"
    return None


def _own_package(error: Raised) -> str | None:
    """A file of the author's own that stands beside this one."""
    if error.is_a("ImportError") and "relative import" in error.text:
        return "it belongs into a package of its own, which is not here"
    return None


LACKS: tuple[Callable[[Raised], str | None], ...] = (
    _package,
    _edition,
    _compiled_part,
    _own_package,
    _other_system,
    _unimplemented,
    _private,
    _input,
    _setting,
    _distributed,
    _tool,
    _device,
    _network,
    _file,
    _display,
    _machine,
    _loop,
)


def reason_for(error: Raised) -> str | None:
    """Why an error is nobody's fault, in words for the reader; None if it may be the author's."""
    return next((reason for lack in LACKS if (reason := lack(error))), None)


#: What a reason, or the words of a stand-in, say is not here, by the word that asks for it.
_ASKED = (
    ("cuda", re.compile(r"needs a GPU|in place of a GPU")),
    ("network", re.compile(r"needs the network")),
    ("data", re.compile(r"needs data|needs (?:the|a) file|in place of (?:a data set|the file)")),
    ("weights", re.compile(r"in place of its weights")),
    ("display", re.compile(r"needs a display")),
    ("compiler", re.compile(r"needs a compiler")),
    ("distributed", re.compile(r"needs a distributed group")),
)
_ABSENT_PACKAGES = re.compile(r"needs the packages? (`[^,]*`(?:, `[^,]*`)*),")


def named(words: str) -> frozenset[str]:
    """What a reason or a stand-in says is not here: packages, and words such as `cuda`."""
    packages = (m for part in _ABSENT_PACKAGES.findall(words) for m in re.findall("`(.+?)`", part))
    return frozenset([*packages, *(word for word, pattern in _ASKED if pattern.search(words))])
