"""Reads notes and templates; writes the output folder, file by file, by its manifest.

A note is only ever changed by `rewrite`, which `build fix` calls. In the output folder only files
that an earlier manifest of ours names are ever replaced or removed.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property, lru_cache
from pathlib import Path

from builder import encoding
from builder.model import Artifact, Asset, Problem, Source, Span
from builder.patterns import late

SUFFIXES = (".md", ".markdown", ".txt")
MANIFEST = ".proofdeck.json"
CONFIG = "proofdeck.toml"
LOCK = "proofdeck.lock"

#: In bytes; nobody writes so much into one note.
LARGEST = 20 << 20

_STAGING = ".proofdeck.new"
_NATURAL = late(r"(\d+)")


class InputError(Exception):
    """What was asked for cannot be read or written; the message is for the user."""


class MachineError(Exception):
    """The machine failed us, such as a disk that is full; the message is for the user."""


#: What is the machine's fault when a file cannot be written; all else is a wrong folder.
_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EFBIG}
)


def _write_error(path: Path, error: OSError) -> InputError | MachineError:
    kind = MachineError if error.errno in _MACHINE else InputError
    return kind(f"cannot write `{shown(path)}`: {error.strerror or error}")


def shown(path: Path) -> str:
    """Return a path as messages show it: from the working directory, with `/`."""
    here = os.getcwd()  # noqa: PTH109 -- asked for each path, and a `Path` would be taken apart
    folder, name = os.path.split(path)
    seen = _relative(folder or os.curdir, here)
    if seen.endswith("..") or name in ("", os.curdir, os.pardir):  # it may lead back to here
        return readable(_relative(str(path), here))
    return readable(name if seen == os.curdir else f"{seen}/{name}")


@lru_cache(maxsize=1024)  # most files have a folder with others
def _relative(folder: str, here: str) -> str:
    try:
        return Path(os.path.relpath(folder, here)).as_posix()
    except ValueError:  # another drive
        return Path(folder).as_posix()


def seen_from(folder: Path, path: Path) -> str:
    """Return a path relative to a folder, with `/`, wherever the two lie."""
    return readable(Path(os.path.relpath(path.resolve(), folder)).as_posix())


def readable(text: str) -> str:
    """Return a file's name as text, though its bytes be no UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def find_notes(paths: Iterable[Path], exclude: Iterable[str], out: Path) -> tuple[Path, ...]:
    """Return the note files below `paths`, in path order, numbers in names counted as numbers.

    Hidden folders, the output folder and what `exclude` matches are left out. A folder in them that
    cannot be listed is among what is returned, and so is what is called as a note and is no file,
    such as a link to nothing or a folder without notes: reading it says why. Raises
    InputError where a path is not there, or cannot itself be listed.
    """
    patterns = tuple(exclude)
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _files(path, patterns, out):
            found.setdefault(Path(os.path.realpath(file)), file)  # links may lead in a ring
    return tuple(found.values())


def is_note(path: Path) -> bool:
    """Tell by its name whether a file may be a note."""
    return path.name.lower().endswith(SUFFIXES) and not path.name.startswith(".")


def may_be_shown(path: Path) -> bool:
    """Tell whether a note may show a file, or what lies in a folder; other files do not matter.

    Editors write beside a note and rename, and some try out whether they may.
    """
    return not path.name.startswith(".") and (path.suffix.lower() in MEDIA or path.is_dir())


def _files(path: Path, patterns: tuple[str, ...], out: Path) -> Iterator[Path]:
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError as error:
        raise InputError(f"cannot read `{shown(path)}`: {error.strerror}") from error
    if is_folder:
        below = sorted(_below(path, out.resolve()), key=lambda file: _natural(file, path))
        yield from (file for file in below if not _excluded(file, path, patterns))
    elif is_file:
        yield path
    else:
        raise InputError(f"no notes: `{shown(path)}` is neither a file nor a folder")


def _below(folder: Path, out: Path) -> Iterator[Path]:
    closed: list[Path] = []

    def refuse(error: OSError) -> None:
        if Path(error.filename) == folder:
            raise InputError(f"cannot list `{error.filename}`: {error.strerror}")
        closed.append(Path(error.filename))

    named: list[Path] = []  # as notes are, and folders
    full: set[Path] = set()
    for parent, folders, files in os.walk(folder, onerror=refuse):
        here = Path(parent)
        folders[:] = [
            name for name in folders if not name.startswith(".") and (here / name).resolve() != out
        ]
        named += (below for below in map(here.joinpath, folders) if is_note(below))
        found = [file for file in map(here.joinpath, files) if is_note(file)]
        full.update((here, *here.parents) if named and found else ())
        yield from found
    yield from (below for below in named if below not in full)
    yield from closed


def _natural(path: Path, folder: Path) -> list[list[tuple[int, str]]]:
    """Sort `2.md` before `10.md`, folder by folder."""
    return [
        [(int(bit), "") if bit.isdecimal() else (0, bit) for bit in _NATURAL.split(part.lower())]
        for part in path.relative_to(folder).parts
    ]


def _excluded(path: Path, folder: Path, patterns: tuple[str, ...]) -> bool:
    name = path.relative_to(folder).as_posix() if patterns else ""
    return any(fnmatch(name, pattern) or name.startswith(pattern + "/") for pattern in patterns)


def read_source(path: Path, name: str, *, largest: int = LARGEST) -> Source | Problem:
    """Return a note's text, or what is wrong with its bytes."""
    place = Span(shown(path), 1)
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            return _no_file(place, path)
        size = state.st_size
        data = path.read_bytes() if size <= largest else b""
    except OSError as error:
        if path.is_symlink():
            message = "cannot be read: this is a link to a file that is not there"
            return Problem("unreadable-file", place, message, "mend the link, or remove it")
        return Problem("unreadable-file", place, f"cannot be read: {error.strerror}")
    if size > largest:
        message = f"a note of {size >> 20} MB is more than is read: {largest >> 20} MB at most"
        return Problem("file-too-large", place, message, "divide it, or name it in `exclude`")
    text = encoding.decode(data)
    if text is None:
        return _undecodable(shown(path), data)
    return Source(shown(path), text, name)


def _no_file(place: Span, path: Path) -> Problem:
    """Say what is called as a note, and is none; reading a pipe would wait for ever."""
    kind = "folder without notes" if path.is_dir() else "pipe or a device"
    help_ = "give it another name, or name it in `exclude`"
    return Problem("unreadable-file", place, f"cannot be read: this is a {kind}", help_)


def _undecodable(path: str, data: bytes) -> Problem:
    """Say where the first byte stands that is no UTF-8."""
    try:
        data.decode("utf-8-sig")
        at = data.index(b"\0")
    except UnicodeDecodeError as error:
        at = error.start
    line = data.count(b"\n", 0, at) + 1
    before = data[data.rfind(b"\n", 0, at) + 1 : at]
    place = Span(path, line, len(before.decode("utf-8", "replace")) + 1)
    return Problem(
        "undecodable-file",
        place,
        f"byte 0x{data[at]:02x} is no text in UTF-8, UTF-16, GB18030 or Windows-1252",
        "save the file as UTF-8, or name it in `exclude`",
    )


_REMOTE = late(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)

#: What a note may show besides text; nothing else of a machine is ever put into an output.
MEDIA = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp"}
    | {".mp3", ".ogg", ".oga", ".wav", ".m4a", ".flac", ".opus"}
)


def local_path(note: Path, url: str) -> Path | None:
    """Return the file that a note's `url` means, whether it is there or not; None for remote."""
    from urllib.parse import unquote

    if _REMOTE.match(url) or url.startswith("#"):
        return None
    return note.parent / unquote(re.split(r"[?#]", url)[0])


@dataclass(frozen=True)
class Media:
    """The images and sounds that the notes in some folders may show; all lie below `root`."""

    folders: tuple[Path, ...]
    root: Path
    out: Path

    @cached_property
    def _by_name(self) -> Mapping[str, list[Path]]:
        """The files of each base name, those with the shortest path first."""
        found: dict[str, list[Path]] = {}
        for folder in filter(Path.is_dir, self.folders):
            for path in sorted(_media_below(folder, self.out), key=lambda it: (len(it.parts), it)):
                found.setdefault(path.name.casefold(), []).append(path)
        return found

    @cached_property
    def _found(self) -> dict[tuple[Path, str], Path | None]:
        """What was found; many notes of a folder show the same."""
        return {}

    @cached_property
    def _shown(self) -> dict[Path, tuple[str, bytes]]:
        return {}

    def content(self, path: Path) -> tuple[str, bytes]:
        """Return the name that a file has in an output, and its bytes, once for all notes."""
        if path not in self._shown:
            self._shown[path] = _named(path.read_bytes(), path.suffix.lower())
        return self._shown[path]

    def find(self, note: Path, url: str) -> Path | None:
        """Return the file that a note shows, if it is there.

        It is looked for beside the note, then anywhere by the last parts of its path, as editors
        with a folder of attachments do; `/img/a.png` counts from the root.
        """
        known = note.parent, url
        if known not in self._found:
            path = local_path(note, url)
            is_media = path is not None and path.suffix.lower() in MEDIA
            places = self._places(note, path) if path and is_media else ()
            self._found[known] = next(filter(self._may_show, places), None)
        return self._found[known]

    def _places(self, note: Path, path: Path) -> Iterator[Path]:
        yield path
        if path.is_absolute():
            yield from (base / path.relative_to(path.anchor) for base in (self.root, *self.folders))
            return
        said = path.relative_to(note.parent).parts
        if ".." not in said:
            near = self._by_name.get(path.name.casefold(), ())
            yield from (other for other in near if other.parts[-len(said) :] == said)

    def _may_show(self, path: Path) -> bool:
        try:
            return path.is_file() and path.resolve().is_relative_to(self.root.resolve())
        except (OSError, ValueError):
            return False


def _media_below(folder: Path, out: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        folders[:] = [it for it in folders if not it.startswith(".") and here / it != out]
        yield from (here / name for name in names if Path(name).suffix.lower() in MEDIA)


def is_missing(note: Path, url: str, media: Media) -> bool:
    """Tell whether the file of an image, as the note writes it, cannot be shown."""
    return local_path(note, url) is not None and media.find(note, url) is None


def read_assets(note: Path, urls: Iterable[str], media: Media) -> Iterator[Asset]:
    """Yield the images and sounds that a note shows by these addresses, or has in them."""
    for url in dict.fromkeys(urls):
        if held := _held(url):
            yield Asset(shown(note), url, *_named(*held))
        elif path := media.find(note, url):
            with suppress(OSError):
                yield Asset(shown(note), url, *media.content(path))


def _named(content: bytes, suffix: str) -> tuple[str, bytes]:
    """Return the name that a file has in an output, and its bytes."""
    return hashlib.sha256(content).hexdigest()[:16] + suffix, content


_HELD = late(r"data:image/(png|jpe?g|gif|webp|svg\+xml|avif|bmp);base64,", re.IGNORECASE)


def _held(url: str) -> tuple[bytes, str] | None:
    """Return the image that an address itself holds, and the suffix that its file would have."""
    from urllib.parse import unquote

    if not (kind := _HELD.match(url)):
        return None
    with suppress(ValueError):
        content = base64.b64decode(unquote(url[kind.end() :]).encode())
        return content, "." + kind[1].lower().removesuffix("+xml").replace("jpeg", "jpg")
    return None


def find_config(start: Path) -> Path | None:
    """Return the configuration of a folder: its own, or the nearest one above it."""
    folder = start.resolve()
    folder = folder if folder.is_dir() else folder.parent
    for parent in (folder, *folder.parents):
        with suppress(OSError):
            if (parent / CONFIG).is_file():
                return parent / CONFIG
    return None


def templates(room: str) -> dict[str, str]:
    """Return the templates of `site` or `card`, by their names, and the words: `words/en.toml`."""
    found = {file.name: file for file in sorted((_templates() / room).iterdir())}
    found |= {f"words/{file.name}": file for file in sorted(_words().iterdir())}
    return {name: file.read_text("utf-8") for name, file in found.items()}


def languages() -> tuple[str, ...]:
    """Return the languages that there are words for."""
    return tuple(sorted(file.stem for file in _words().iterdir()))


def _words() -> Path:
    return _templates() / "words"


def _templates() -> Path:
    here = Path(__file__).parent
    inside = here / "templates"
    return inside if inside.is_dir() else here.parent / "templates"


def document(name: str) -> str:
    """Return one of our own documents: beside the program in a wheel, else in docs/."""
    here = Path(__file__).parent
    inside = here / "docs" / name
    return (inside if inside.is_file() else here.parent / "docs" / name).read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Output:
    """One kind of output, such as `deck` or `site`, and all its files.

    `standing` are those that an earlier build wrote as they are to be.
    """

    name: str
    artifacts: tuple[Artifact, ...]
    standing: tuple[str, ...] = ()


def write(
    out: Path,
    outputs: tuple[Output, ...],
    *,
    also: tuple[tuple[Path, bytes], ...] = (),
    force: bool = False,
) -> None:
    """Write outputs below `out`, and take away what an earlier build left and this one has not.

    Every file is written beside and then renamed; the manifest comes last. `also` are files
    elsewhere, written when all others lie ready. Raises InputError and MachineError.
    """
    if not force:
        refuse_strangers(out, outputs)
    before, now = _manifest(out), _paths(outputs)
    built = {output.name for output in outputs}
    kept = {path: name for path, name in before.items() if name not in built}
    try:
        staged = _stage(out, outputs)
        for path, content in also:
            write_file(path, content)
        _put(out, MANIFEST, _manifest_text(before | now))
        for name in staged:
            _into_place(out, name)
        for name in before.keys() - now.keys() - kept.keys():
            _remove(out, name)
        _put(out, MANIFEST, _manifest_text(kept | now))
    except OSError as error:
        raise _write_error(Path(error.filename or out), error) from error
    finally:
        shutil.rmtree(out / _STAGING, ignore_errors=True)


def write_file(path: Path, content: bytes) -> None:
    """Write one file whole or not at all. Raises InputError."""
    beside = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise _write_error(path, error) from error


def written(out: Path, output: str) -> tuple[str, ...]:
    """Return the files of one output that earlier builds wrote below `out`."""
    return tuple(path for path, name in _manifest(out).items() if name == output)


def stamps(out: Path, paths: Iterable[str]) -> tuple[tuple[int, int] | None, ...]:
    """Return what changes when somebody writes one of these files: its size and its time."""
    return tuple(_stamp(f"{out}/{path}") for path in paths)


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def rewrite(path: Path, before: bytes, after: bytes) -> None:
    """Put a note's corrected bytes in the place of those that were read. Raises InputError.

    A link is followed; what it leads to is written beside, with the same mode, and renamed.
    """
    target = path.resolve()
    beside = target.with_name(f".{target.name}.new")
    try:
        if target.read_bytes() != before:
            raise InputError(f"`{shown(path)}` was changed by somebody else; start again")
        if not os.access(target, os.W_OK):
            raise InputError(f"`{shown(path)}` may not be written")
        beside.write_bytes(after)
        shutil.copymode(target, beside)
        beside.replace(target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise _write_error(path, error) from error


def _manifest(out: Path) -> dict[str, str]:
    """Return the files that earlier builds wrote, with the output each belongs to."""
    try:
        said = json.loads((out / MANIFEST).read_text("utf-8"))
        files = {str(path): str(name) for path, name in said["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {path: name for path, name in files.items() if _is_below(path)}


def _is_below(path: str) -> bool:
    """Nothing outside the output folder is ever touched, whatever a manifest says."""
    return not path.startswith("/") and ".." not in Path(path).parts


def _manifest_text(files: dict[str, str]) -> bytes:
    text = json.dumps({"files": dict(sorted(files.items()))}, ensure_ascii=False, indent=0)
    return (text + "\n").encode()


def _paths(outputs: tuple[Output, ...]) -> dict[str, str]:
    return {
        path: output.name
        for output in outputs
        for path in (*(artifact.path for artifact in output.artifacts), *output.standing)
    }


def refuse_notes(out: Path, notes: Iterable[Path]) -> None:
    """Raise InputError where outputs would stand among the notes, and be taken for some."""
    if any(path.is_dir() and path.resolve() == out.resolve() for path in notes):
        raise InputError(
            f"`{shown(out)}` holds the notes: choose another folder with `--out`, such as "
            f"`{shown(out / 'dist')}`"
        )


def refuse_unwritable(out: Path) -> None:
    """Raise InputError where nothing can be written below `out`, before any work is done."""
    above = next(folder for folder in (out, *out.resolve().parents) if os.path.lexists(folder))
    if not above.is_dir():
        raise InputError(f"`{shown(above)}` is a file, and `--out` needs a folder")
    if not os.access(above, os.W_OK):
        raise InputError(f"cannot write in `{shown(above)}`: choose another folder with `--out`")


def refuse_strangers(out: Path, outputs: tuple[Output, ...]) -> None:
    """Raise InputError where a file is in the way that no manifest of ours names."""
    before = _manifest(out)
    if not os.path.lexists(out):
        return
    strangers = [p for p in _paths(outputs) if p not in before and _in_the_way(out, p)]
    if os.path.lexists(out / MANIFEST) and not _is_ours(out / MANIFEST):
        strangers.append(MANIFEST)
    if strangers:
        others = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
        raise InputError(
            f"`{shown(out / strangers[0])}`{others} was not written by this tool, so nothing was "
            "written; choose another folder with `--out`, or replace it with `--force`"
        )


def _in_the_way(out: Path, path: str) -> bool:
    target = out / path
    if os.path.lexists(target):
        return True
    above = next(folder for folder in target.parents if folder == out or os.path.lexists(folder))
    return os.path.lexists(above) and not above.is_dir()


def _is_ours(manifest: Path) -> bool:
    try:
        return "files" in json.loads(manifest.read_text("utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def _stage(out: Path, outputs: tuple[Output, ...]) -> list[str]:
    """Write what is new where nobody looks, and return its paths; the rest lies there already."""
    staging = out / _STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True, exist_ok=True)
    new, folders = [], set()
    for artifact in (artifact for output in outputs for artifact in output.artifacts):
        if _lies_there(out / artifact.path, artifact.content):
            continue
        path = staging / artifact.path
        if path.parent not in folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            folders.add(path.parent)
        path.write_bytes(artifact.content)
        new.append(artifact.path)
    return new


def _lies_there(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _put(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(content)
    beside.replace(path)


def _into_place(out: Path, path: str) -> None:
    """Move a staged file to where it belongs."""
    staged, target = out / _STAGING / path, out / path
    try:
        staged.replace(target)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(target)


def _remove(out: Path, path: str) -> None:
    """Take away a file of an earlier build, and the folders it leaves empty."""
    target = out / path
    target.unlink(missing_ok=True)
    for folder in target.parents:
        if folder == out or any(folder.iterdir()):
            return
        folder.rmdir()
