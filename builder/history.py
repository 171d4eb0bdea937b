"""The only file that asks git: which files are other than in a revision, and what they were."""

from __future__ import annotations

import contextlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from builder.files import InputError


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit of the repository at `root`, and the files that are not as they were there."""

    root: Path
    commit: str
    tracked: frozenset[str]
    changed: frozenset[str]

    def differs(self, path: Path) -> bool:
        """Whether a file is new, or not as it was."""
        name = self._name(path)
        return name is None or name in self.changed or name not in self.tracked

    def before(self, path: Path) -> bytes:
        """Return what a file was; nothing where it was not there."""
        name = self._name(path)
        if name is None or name not in self.tracked:
            return b""
        return _git(self.root, "cat-file", "blob", f"{self.commit}:{name}")

    def changed_below(self, folder: Path) -> frozenset[str]:
        """Return the names, without folders, of what changed in a folder and below it."""
        name = self._name(folder)
        if name is None:
            return frozenset()
        start = "" if name == "." else name + "/"
        return frozenset(Path(path).name for path in self.changed if path.startswith(start))

    def _name(self, path: Path) -> str | None:
        real = path.resolve()
        return real.relative_to(self.root).as_posix() if real.is_relative_to(self.root) else None


def since(folder: Path, revision: str) -> Revision:
    """Return where the work in `folder` left the line of a revision. Raises InputError.

    So what others did behind that point does not count as changed here.
    """
    root = Path(_text(_git(folder, "rev-parse", "--show-toplevel"))).resolve()
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    try:
        commit = _text(_git(root, *asked))
    except InputError:
        raise InputError(
            f"`--changed-since`: git knows no `{revision}` in `{root.name}`; "
            "where CI fetches one commit only, let it fetch more"
        ) from None
    with contextlib.suppress(InputError):  # the two share no past, or it was not fetched
        commit = _text(_git(root, "merge-base", commit, "HEAD"))
    changed = _names(_git(root, "diff", "--name-only", "--no-renames", "-z", commit, "--"))
    new = _names(_git(root, "ls-files", "--others", "--exclude-standard", "-z"))
    tracked = _names(_git(root, "ls-tree", "-r", "--name-only", "-z", commit))
    return Revision(root, commit, tracked, changed | new)


def _git(folder: Path, *words: str) -> bytes:
    command = ["git", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise InputError("`--changed-since` asks git, which is not installed") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines() or ["it failed"]
        raise InputError(f"`--changed-since` asks git, and git says: {said[0]}") from None
    return done.stdout


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape").strip()


def _names(data: bytes) -> frozenset[str]:
    return frozenset(data.decode("utf-8", "surrogateescape").split("\0")) - {""}
