"""What stand-ins share: the code they serve, the time it has, and which of them it came to use."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Optional, Sequence


class Scene:
    """One run. `texts` are the pieces of code, the judged one last; `timeout` is its time.

    `used` are the stand-ins that were really needed, in words. `cut` is the line of the judged code
    whose loop was ended early, 0 where that happened before it. `guessed` tells the names that were
    given a value so far. What is `off` is not stood in for. `tell` hears of each stand-in at once.
    """

    def __init__(
        self,
        texts: List[str],
        timeout: float,
        guessed: Callable[[], List[str]] = list,
        off: Sequence[str] = (),
    ) -> None:
        self.texts = texts
        self.timeout = timeout
        self.guessed = guessed
        self.began: Optional[float] = None
        self.used: List[str] = []
        self.cut: Optional[int] = None
        self.off = frozenset(off)
        self.hooks: Dict[str, Any] = {}
        self.tell: Callable[[str], None] = lambda _: None

    def use(self, words: str) -> None:
        """Note that a stand-in was needed."""
        if words not in self.used:
            self.used.append(words)
            self.tell(words)

    def begin(self) -> None:
        """From here on the clock counts."""
        self.began = time.monotonic()

    def left(self) -> float:
        """Seconds that the code may still take without coming near its limit."""
        spent = 0.0 if self.began is None else time.monotonic() - self.began
        return self.timeout * 0.7 - spent
