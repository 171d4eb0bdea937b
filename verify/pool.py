"""A worker process as the parent holds it: started, spoken to, ended."""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from verify import leftovers
from verify.environment import Interpreter

Facts = dict[str, Any]

_CHILD = Path(__file__).parent / "child"
#: Loads the child's folder as a package under a private name; nothing is put on `sys.path`.
_BOOTSTRAP = """
import importlib, importlib.util, sys
name, folder, settings = "_proofdeck_child", sys.argv[1], sys.argv[2]
spec = importlib.util.spec_from_file_location(
    name, folder + "/__init__.py", submodule_search_locations=[folder])
sys.modules[name] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules[name])
importlib.import_module(name + ".worker").main(settings)
"""
#: Imported besides the preloaded packages for code that uses it: torch's compiler, and a package
#: that loads the compiler too.
COMPILER, VISION = "torch._dynamo", "torchvision"
#: What code says that needs these.
NEEDS = {
    COMPILER: re.compile(r"\bcompile\b|\b_dynamo\b|\b_inductor\b|\bcheckpoint\(|torch\.export\b"),
    VISION: re.compile(rf"\b(?:{VISION}|d2l)\b"),
}
#: Variables that a dynamic linker or a Python in an unusual place cannot do without.
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
#: Variables that say where packages lie. The worker is started with no others, since a process
#: can always read what it was started with.
_FOR_IMPORTS = ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE")
_PATIENCE = 5.0


class Worker:
    """One worker; it works on the tasks it was given and has not answered."""

    def __init__(
        self,
        interpreter: Interpreter,
        preload: tuple[str, ...],
        extras: tuple[str, ...],
        sandbox: str = "auto",
    ) -> None:
        leftovers.clear_away(time.time())
        self.folder, self._hold = leftovers.hold()
        self.working: dict[int, Facts] = {}
        self.interpreter = interpreter
        self.ready = False
        self.layers: tuple[str, ...] | None = None
        self._read = bytearray()
        settings = {
            "folder": self.folder,
            "preload": preload,
            "extras": extras,
            "sandbox": sandbox,
            "environment": _environment(),
            "bound": threading.current_thread() is threading.main_thread(),
        }
        try:
            self.process = self._started(settings)
        except BaseException:
            self._let_go()
            raise

    def _started(self, settings: Facts) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self.interpreter.path, "-c", _BOOTSTRAP, str(_CHILD), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env={**_kept(_FOR_IMPORTS), **_environment()},
            start_new_session=True,
            pass_fds=(self._hold,),
        )

    def send(self, task: Facts) -> None:
        """Give it a task; a worker that is dead already is noticed when it is listened to."""
        assert self.process.stdin is not None
        self.working[task["id"]] = task
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(task).encode() + b"\n")
            self.process.stdin.flush()

    def receive(self) -> list[Facts] | None:
        """The answers that have come, when it is ready to be read; None when the worker is dead."""
        assert self.process.stdout is not None
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        if not data:
            return None
        self._read += data
        *lines, rest = self._read.split(b"\n")
        self._read = bytearray(rest)
        answers = [_heard(line) for line in lines]
        for answer in answers:
            self.ready |= "ready" in answer
            if "sandbox" in answer:
                self.layers = tuple(answer["sandbox"])
            if "id" in answer:
                answer["timeout"] = self.working.pop(answer["id"])["timeout"]
        return [answer for answer in answers if "id" in answer]

    def fileno(self) -> int:
        """What to wait on for answers."""
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    def close(self) -> None:
        """End it and its children, and leave no folder."""
        with _undisturbed():
            self._end()
            self._let_go()

    def _let_go(self) -> None:
        leftovers.remove(self.folder)
        os.close(self._hold)

    def _end(self) -> None:
        """Ask it to end, which takes it a moment; one that is still importing has nobody below."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(_PATIENCE if self.ready else 0)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process.stdout.close()


def _heard(line: bytearray) -> Facts:
    """What a worker said, without halves of characters, which no file could hold."""
    facts = json.loads(line)
    return dict(_whole(facts)) if b"\\ud" in line else dict(facts)


def _whole(plain: Any) -> Any:
    if isinstance(plain, str):
        return plain.encode("utf-8", "replace").decode("utf-8")
    if isinstance(plain, dict):
        return {_whole(key): _whole(value) for key, value in plain.items()}
    return [_whole(value) for value in plain] if isinstance(plain, list) else plain


def wait_for(workers: list[Worker]) -> list[Worker]:
    """Those of the workers that have something to say; waits until there is one."""
    with selectors.DefaultSelector() as selector:
        for worker in workers:
            selector.register(worker, selectors.EVENT_READ, worker)
        return [key.data for key, _ in selector.select()]


def _kept(names: tuple[str, ...]) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}


def _environment() -> dict[str, str]:
    """What a child finds around it: nothing of the caller's, nothing that differs between runs."""
    return {
        **_kept(_KEPT),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "Agg",
        "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    }


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Put off an interrupt from the keyboard until what must be cleared away is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)
        if came:
            signal.raise_signal(signal.SIGINT)
