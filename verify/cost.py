"""How long a piece of code may take, as far as its text tells; the same on every machine."""

from __future__ import annotations

import re

#: What costs more than its line, and about how many plain lines that is.
_DEAR = (
    (re.compile(r"torch\.compile|mp\.spawn|start_processes|[\"']spawn[\"']"), 300),
    (re.compile(r"\bsleep\(|num_workers ?= ?[1-9]|\bPool\(|ProcessPoolExecutor|subprocess"), 60),
    (re.compile(r"\bmodels\.\w+\(|\bresnet\w*\(|\bTransformer\w*\(|\bVGG\w*\(|\.export\("), 30),
    (re.compile(r"\.backward\(|\boptim\.|\bDataLoader\("), 10),
    (re.compile(r"^\s*(?:async )?(?:for|while)\b", re.MULTILINE), 10),
)
#: What running even the shortest piece takes, in lines.
_BASE = 20


def estimate(code: str) -> int:
    """A weight to compare pieces of code by; no unit."""
    dear = sum(weight * len(pattern.findall(code)) for pattern, weight in _DEAR)
    return _BASE + code.count("\n") + 1 + dear
