"""`build serve`: a site that follows its notes while they are being written.

Three things go on at once. A thread reads what was saved and makes its page; threads answer the
browser; and the first thread of all runs code, so that an interrupt ends it as it always does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from builder.pipeline import Settings
from builder.serve.live import Live
from builder.serve.server import open_server
from builder.serve.watch import watched

if TYPE_CHECKING:
    from builder.check import Runner

__all__ = ["serve"]


def serve(
    settings: Callable[[], Settings],
    port: int | None,
    runner: Runner | None,
    say: Callable[[str], None] = lambda _line: None,
) -> None:
    """Serve the site of the notes until interrupted; nothing is written anywhere.

    Code is run by `runner`, or not at all. `say` hears the address, and what
    is wrong with what is saved.
    `settings` is asked again when the configuration was saved.
    Raises InputError where the port is taken or there is nothing to read.
    """
    live = Live(settings, say)
    with open_server(live, port) as url:
        say(f"{url} shows the notes as you save them; Ctrl-C ends it")
        with watched(live.where, live.saved):
            live.work(runner)
