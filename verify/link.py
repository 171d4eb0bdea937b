"""Which earlier pieces of code a piece is run behind: the nearest that define what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from verify.files import Files
from verify.scope import Names

#: Frameworks with an `nn` or `np` of their own.
FOREIGN = frozenset(
    [
        "mxnet", "paddle", "tensorflow", "keras", "jax", "flax", "mindspore", "oneflow", "tinygrad",
        "mlx",
    ]
)  # fmt: skip

#: Packages whose users call other functions `F`.
_OF_TABLES = frozenset(["pyspark", "spark", "polars", "pandas", "django"])

NO_FILES = Files()


@dataclass(frozen=True, slots=True)
class Piece:
    """What linking must know of a job: names, circles, whether others may use it, its files.

    `prelude` are the names that it may use in any case, with what they are imported from, `given`
    those that get a value from outside. It sees no piece that shares fewer than `within` circles;
    a `setup` is seen from its narrowest circle alone, and run before all that see it. `tabs` are
    the frameworks that the code is marked for, where a note has the same for several of them.
    `imports` are, of code that cannot be run, the names that its imports alone give.
    """

    names: Names
    scopes: tuple[str, ...] = ()
    usable: bool = True
    files: Files = NO_FILES
    prelude: Mapping[str, str] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    within: int = 1
    setup: bool = False
    tabs: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Link:
    """What one piece rests on.

    `after` are the pieces to run first, in order; `missing` names break the run, `unsure` ones are
    only used in functions that may never be called. `prelude` are the prelude's names in use.
    `foreign` is true where another framework is about, whose `model` is none of ours. `stale` are
    the names whose values a piece between, which is not run, may change, `reformed` those that may
    then be of another size, or have other parts. `fuller` is `after` with those pieces and what
    they rest on; empty where these would give a name another value, or cannot be run. Of those
    `after` that are in `bare`, which cannot be run, only imports are used.
    """

    after: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    prelude: frozenset[str] = frozenset()
    foreign: bool = False
    stale: frozenset[str] = frozenset()
    reformed: frozenset[str] = frozenset()
    fuller: tuple[int, ...] = ()
    bare: frozenset[int] = frozenset()


def nearness(a: Sequence[str], b: Sequence[str]) -> int:
    """How many circles two places share, counted from the widest."""
    return next(
        (n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )


def _made(names: Names) -> set[str]:
    """The names that a piece gives a value, and does not import."""
    return set(names.binds - dict(names.origins).keys())


def _is_for(tabs: frozenset[str], others: frozenset[str]) -> bool:
    """Whether code of some tabs goes with code of others; that for `all` is run with torch's.

    Code without a mark, beside such that has one, is for a framework of its own.
    """
    if tabs == others or "all" in others:
        return True
    return bool((tabs | {"pytorch"} if "all" in tabs else tabs) & others)


class Linker:
    """Links the pieces of one run."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self._links: dict[int, Link] = {}
        #: The tabs of the piece that is being linked: code for `all` goes with it, as it does.
        self._tabs: frozenset[str] = frozenset()
        self._circles: dict[str, list[int]] = {}
        for index, piece in enumerate(pieces):
            self._circles.setdefault("".join(piece.scopes[:1]), []).append(index)

    def _before(self, index: int, limit: int) -> Iterator[int]:
        """The pieces before `limit` that share a circle with one; only those matter to it."""
        scopes = self.pieces[index].scopes
        circle = self._circles[scopes[0]] if scopes else []
        return (n for n in circle if n < limit and _is_for(self._tabs, self.pieces[n].tabs))

    def definer(self, index: int, name: str, limit: int) -> int | None:
        """The nearest piece before `limit` that defines a name for the piece at `index`."""
        best: tuple[int, int] | None = None
        for earlier in self._before(index, limit):
            piece = self.pieces[earlier]
            if earlier == index or not piece.usable or name not in piece.names.binds:
                continue
            shared = self._sees(index, earlier)
            if shared and (best is None or (shared, earlier) >= best):
                best = (shared, earlier)
        return best[1] if best and self._gives(self.pieces[best[1]].names, name) else None

    def writers(self, index: int, limit: int) -> set[int]:
        """The nearest pieces before `limit` that write the files which a piece reads."""
        found: dict[str, tuple[int, int]] = {}
        here = self.pieces[index]
        if not here.files.reads:
            return set()
        for earlier in self._before(index, limit):
            piece = self.pieces[earlier]
            shared = self._sees(index, earlier) if piece.usable else 0
            for path in here.files.reads & piece.files.writes if shared else ():
                found[path] = max(found.get(path, (0, 0)), (shared, earlier))
        return {earlier for _, earlier in found.values()}

    def _sees(self, index: int, earlier: int) -> int:
        """How near an earlier piece is; 0 where it is out of sight."""
        here, there = self.pieces[index], self.pieces[earlier]
        shared = nearness(here.scopes, there.scopes)
        return shared if shared >= (len(there.scopes) if there.setup else here.within) else 0

    def _setups(self, index: int) -> list[int]:
        """The set-ups that a piece is run behind in any case."""
        before = (n for n in self._before(index, index) if self.pieces[n].setup)
        return [n for n in before if self.pieces[n].usable and self._sees(index, n)]

    def _gives(self, names: Names, name: str) -> bool:
        return name in names.binds and name not in names.blank

    def link(self, index: int, forced: Sequence[int] = ()) -> Link:
        """What one piece is run behind."""
        self._tabs = self.pieces[index].tabs
        before = [*forced, *self._setups(index)]
        after = set(before)
        bare: set[int] = set()
        missing: dict[str, None] = {}
        unsure: dict[str, None] = {}
        prelude: set[str] = set()
        waiting = [(index, index), *((other, other) for other in before)]
        while waiting:
            piece, limit = waiting.pop(0)
            names = self.pieces[piece].names
            for writer in self.writers(piece, limit) - after:
                after.add(writer)
                waiting.append((writer, writer))
            for name, eager in self._lacks(names):
                if not eager and name in self.pieces[index].names.binds:
                    continue
                definer = self._source(piece, name, limit if eager else index, forced)
                if isinstance(definer, int):
                    if name in self.pieces[definer].imports:
                        bare.add(definer)
                    elif definer not in after:
                        after.add(definer)
                        waiting.append((definer, definer))
                elif definer == "prelude":
                    prelude.add(name)
                elif definer == "nowhere" and not (names.star or names.dynamic):
                    (missing if eager else unsure).setdefault(name)
        stale, by = self._passed(index, after, lambda names: names.changes)
        self._links[index] = Link(
            tuple(sorted(after | bare)),
            tuple(missing),
            tuple(unsure),
            frozenset(prelude),
            foreign=self._is_foreign(index),
            stale=stale,
            reformed=self._passed(index, after, lambda names: names.reforms)[0] if by else stale,
            fuller=self._with(index, after, by) if stale and not bare - after else (),
            bare=frozenset(bare - after),
        )
        return self._links[index]

    def _with(self, index: int, after: set[int], others: Sequence[int]) -> tuple[int, ...]:
        """The chain with other pieces in it, if all can be run and every name keeps its source."""
        every = set(after)
        for other in others:
            link = self._links.get(other)
            if link is None or link.missing or not self.pieces[other].usable:
                return ()
            every |= {other, *link.after}
        if self._passed(index, every, lambda names: names.changes)[0]:
            return ()
        for piece in (*after, index):
            names = self.pieces[piece].names
            for name in (*names.needs, *names.shadows):
                if self._last(every, piece, name) != self._last(after, piece, name):
                    return ()
        return tuple(sorted(every))

    def _last(self, chain: set[int], piece: int, name: str) -> int | None:
        """The last of a chain that binds a name before a piece is run."""
        before = (n for n in chain if n < piece and name in self.pieces[n].names.binds)
        return max(before, default=None)

    def _passed(
        self, index: int, after: set[int], change: Callable[[Names], frozenset[str]]
    ) -> tuple[frozenset[str], list[int]]:
        """What those define that are run, and pieces that are left out may change; these pieces.

        `y = x + 1` and then `y.backward()` change `x` too, so what comes from a name is followed.
        """
        if not after:
            return frozenset(), []
        first, run = min(after), [self.pieces[n].names for n in sorted(after)]
        roots = {name: {name} for each in run for name in _made(each)}
        found: set[str] = set()
        by: list[int] = []
        for n in self._before(index, index):
            if n < first or n in after:
                continue
            names = self.pieces[n].names
            used = {*names.needs, *names.changes} & roots.keys()
            reached = set[str]().union(*(roots[name] for name in used))
            if reached and change(names) & (roots.keys() | _made(names)):
                found |= reached
                by.append(n)
            for name in _made(names) if reached else ():
                roots.setdefault(name, set()).update(reached)
        for each in run:
            found |= _made(each) if found & set(each.needs) else set()
        return frozenset(found), by

    def _lacks(self, names: Names) -> list[tuple[str, bool]]:
        eager = [(name, True) for name in (*names.needs, *names.shadows)]
        return eager + [(name, False) for name in names.defers]

    def _source(self, piece: int, name: str, limit: int, forced: Sequence[int]) -> int | str:
        for other in reversed(forced):
            if other != piece and self._gives(self.pieces[other].names, name):
                return other
        definer = self.definer(piece, name, limit)
        if name in self.pieces[piece].prelude:
            return self._prelude_or(piece, name, definer)
        if definer is not None:
            return definer
        if name in self.pieces[piece].names.shadows and name != "input":
            return "builtin"
        if name in self.pieces[piece].given:
            return "given"
        return self._star(piece, limit)

    def _prelude_or(self, piece: int, name: str, definer: int | None) -> int | str:
        """The prelude, unless the note means something else by the name, or another library."""
        if definer is not None:
            origin = dict(self.pieces[definer].names.origins).get(name)
            is_other = origin is not None and origin != self.pieces[piece].prelude[name]
            if is_other or self.pieces[definer].setup:
                return definer
            near = nearness(self.pieces[piece].scopes, self.pieces[definer].scopes)
            if origin is None and near > 1:
                return definer
        if (name != "torch" and self._is_foreign(piece)) or (
            name == "F" and self._is_of_tables(piece)
        ):
            return definer if definer is not None else "nowhere"
        return "prelude"

    def _is_foreign(self, piece: int) -> bool:
        near = (*self._before(piece, piece), piece)
        return any(FOREIGN & set(self.pieces[n].names.packages) for n in near)

    def _is_of_tables(self, piece: int) -> bool:
        """Whether the note is about tables of data, and nothing in it is torch's."""
        note = [self.pieces[n].names for n in self._before(piece, len(self.pieces))]
        used = {name for each in note for name in (*each.packages, *each.needs)}
        return bool(_OF_TABLES & used) and not used & {"torch", "nn", "torchvision"}

    def _star(self, piece: int, limit: int) -> int | str:
        """An earlier `import *` may hold any name."""
        for earlier in reversed(list(self._before(piece, limit))):
            other = self.pieces[earlier]
            if other.usable and other.names.star:
                return earlier
        return "nowhere"
