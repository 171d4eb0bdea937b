"""The only file that knows watchfiles: which files were just saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from watchfiles import watch

from builder.pipeline import Settings

#: Milliseconds: a save is often several events, and a reader waits for the last of them.
_PAUSE, _LONGEST = 10, 100

Saved = Callable[[frozenset[Path]], None]


@contextmanager
def watched(where: Settings, saved: Saved) -> Iterator[None]:
    """Tell `saved` of every change below the notes, and of the configuration's, until the end."""
    folders = {path.resolve() for path in where.notes if path.is_dir()}
    files = {path.resolve() for path in where.notes if not path.is_dir()}
    if where.config.path:
        files.add((Path(where.config.root) / Path(where.config.path).name).resolve())
    end = Event()
    threads = [
        Thread(target=_tell, args=(roots, deep, files, saved, end), daemon=True)
        for roots, deep in ((folders, True), ({file.parent for file in files}, False))
        if roots
    ]
    try:
        for thread in threads:
            thread.start()
        yield
    finally:
        end.set()
        for thread in threads:
            if thread.ident:  # an interrupt may come before it was started
                thread.join()


def _tell(
    roots: Iterable[Path], deep: bool, files: frozenset[Path], saved: Saved, end: Event
) -> None:
    changes = watch(
        *roots,
        recursive=deep,
        debounce=_LONGEST,
        step=_PAUSE,
        stop_event=end,
        rust_timeout=500,
        ignore_permission_denied=True,
    )
    for change in changes:
        paths = frozenset(Path(path) for _, path in change)
        if told := paths if deep else paths & files:
            saved(told)
