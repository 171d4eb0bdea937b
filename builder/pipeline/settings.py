"""What a build goes by: all that the command line and the configuration say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from builder import config as configuration
from builder import deck, files, model
from builder.config import Config
from builder.kept import NOTHING_KEPT, Kept
from builder.model import Problem, Source


class ProblemsError(Exception):
    """The configuration or the lock cannot be used; `problems` say why, `source` is its text."""

    def __init__(self, source: Source | None, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.message for problem in problems))
        self.source = source
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """Where notes come from and where outputs go; all that the command line and file say."""

    config: Config
    notes: tuple[Path, ...]
    out: Path
    lock: Path
    is_part: bool = False
    kept: Kept = NOTHING_KEPT

    @property
    def name(self) -> str:
        """The course's title, and its deck's name, where nothing else is said."""
        first = self.notes[0].resolve()
        return self.config.title or (first.name if first.is_dir() else first.stem)

    def place(self, path: Path) -> tuple[Path, str]:
        """Return the folder that a note may show files of, and its name, which is for good."""
        folders = [folder for folder in self.notes if folder.is_dir()]
        folder = next((it for it in folders if path.is_relative_to(it)), path.parent)
        below = path.relative_to(folder).as_posix()
        root = Path(self.config.root) if self.config.path else folder
        many = len(self.notes) > 1 and folder in folders
        return root, files.readable(f"{folder.resolve().name}/{below}" if many else below)

    def media(self, paths: Iterable[Path]) -> Mapping[Path, files.Media]:
        """Return, for each folder that notes may show files of, what lies there."""
        folders = tuple(folder for folder in self.notes if folder.is_dir())
        own = Path(self.config.root) if self.config.path else None
        roots = {own} if own else {self.place(path)[0] for path in paths}
        return {root: files.Media(folders or (root,), root, self.out) for root in roots}


def settings(notes: tuple[Path, ...], out: Path | None, config: Path | None) -> Settings:
    """Return what a build goes by. Raises InputError and ProblemsError.

    The configuration is looked for where the notes are and upwards; its paths are relative to it.
    Other notes than it names are a part, or another course, and have a lock of their own.
    """
    file = config or files.find_config(notes[0] if notes else Path())
    if not file:
        folder = out or Path("dist")
        return Settings(Config(), notes or (Path("notes"),), folder, folder / files.LOCK)
    found = _config(file)
    root = Path(found.root)
    whole = root / found.notes
    is_part = bool(notes) and [path.resolve() for path in notes] != [whole.resolve()]
    folder = out or root / found.out
    lock = (folder if is_part else root) / files.LOCK
    return Settings(found, notes or (whole,), folder, lock, is_part and out is None)


def _config(file: Path) -> Config:
    source = files.read_source(file, file.name)
    if isinstance(source, Problem):
        raise ProblemsError(None, (source,))
    root = files.shown(file.parent)
    found, problems = configuration.parse(source, root, files.languages(), codes)
    if problems:
        raise ProblemsError(source, problems)
    return found


@cache
def codes() -> tuple[str, ...]:
    """Return the codes of all problems that there are."""
    from builder.explain import explanations

    return tuple(explanations(files.document("problems.md")))


def keeping(where: Settings, cache_dir: Path | None, *, no_cache: bool) -> Settings:
    """Return the settings of a build that takes from earlier ones what has not changed."""
    if no_cache:
        return where
    types = [it for it in vars(model).values() if isinstance(it, type)]
    file = (cache_dir or user_cache()) / "notes.sqlite"
    return replace(where, kept=Kept(file, (*types, *deck.VALUES), _processors, others=_tokens))


def _tokens() -> tuple[type, ...]:
    from builder.markdown import Token

    return (Token,)


def _processors() -> int:
    from builder import check

    return check.processors()


def user_cache() -> Path:
    """Return where verdicts are kept that nobody gave a place."""
    import platformdirs

    return platformdirs.user_cache_path("proofdeck", appauthor=False) / "verdicts"
