"""Asks a worker what dotted names of API lead to; what was asked once is known from then on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple
from typing import Any

from verify.cache import Cache, key_of
from verify.environment import Interpreter
from verify.model import Known, Options
from verify.pool import Worker, wait_for

#: How many names are looked up by one child.
_BATCH = 500
#: What a child may take for it; an import of another package may be slow.
_SECONDS, _CPU = 120.0, 240

UNCLEAR = Known("unclear")


def look_up(
    names: Iterable[str],
    options: Options,
    python: Interpreter,
    ask: Callable[[dict[str, Any]], dict[str, Any] | None],
) -> dict[str, Known]:
    """What is known of each name; `ask` is only called for those that nobody asked for before."""
    cache = Cache(options.cache)
    key = key_of("names", python.path, python.version, python.distributions, options.preload)
    known = {name: Known(*row) for name, row in cache.names(key).items()}
    wanted = dict.fromkeys(names)
    new = [name for name in wanted if name not in known]
    for start in range(0, len(new), _BATCH):
        answer = ask(_task(new[start : start + _BATCH], options)) or {}
        known |= {name: Known(*row) for name, row in answer.get("known", {}).items()}
    if new:
        cache.keep_names(key, {name: list(astuple(k)) for name, k in known.items()})
    return {name: known.get(name, UNCLEAR) for name in wanted}


def _task(names: Sequence[str], options: Options) -> dict[str, Any]:
    return {
        "id": 0,
        "name": "names",
        "line": 1,
        "names": list(names),
        "links": [],
        "folder": None,
        "timeout": _SECONDS,
        "cpu": _CPU,
        "memory": options.memory,
        "output": options.output,
    }


def answer_of(worker: Worker) -> dict[str, Any] | None:
    """Wait for the one answer that a worker owes; None where it died."""
    while worker.working:
        wait_for([worker])
        answers = worker.receive()
        if answers is None:
            return None
        if answers:
            return answers[0]
    return None
