"""Runs an earlier piece of code for what it defines, import by import."""

from __future__ import annotations

import ast
import dis
import types
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Set

from .course import Spans, stores, within
from .script import Script

Facts = Dict[str, Any]

_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_READS = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_GLOBALS")
_BINDS = (ast.Assign, ast.Import, ast.ImportFrom, *_DEFINES)


def follow(
    script: Script,
    tree: ast.Module,
    namespace: Facts,
    doubt: Spans,
    gone: Set[str],
    describe: Callable[[BaseException], Facts],
) -> List[Facts]:
    """Run a piece until it ends or breaks; every way in which it broke, with what that `lost`.

    Behind an import that does not work, what reads its names is left out and the rest is run.
    `gone` are these names, and those that were not made for want of them, of all pieces so far. A
    `lost` of None stands for whatever is bound behind the place of the break.
    """
    absent: List[Facts] = []
    doubtful: List[Facts] = []
    lost: Set[str] = set()
    for step in list(_steps(script, tree, doubt)):  # no built-in name on the plain way, as in `go`
        if gone or lost:
            reads = set(_globals(step.code))
            if reads & (gone | lost):
                (gone if reads & gone else lost).update(step.binds)
                continue
        try:
            exec(step.code, namespace)
        except MemoryError:
            raise
        except Exception as error:
            if step.imports:
                missing = {n for n in step.binds if not (step.is_part and n in namespace)}
                gone |= missing
                absent.append({**describe(error), "lost": sorted(missing), "import": True})
            elif step.doubtful:
                lost |= step.binds
                doubtful.append(describe(error))
            else:
                return [*absent, {**describe(error), "lost": None}]
        except BaseException as error:
            return [*absent, {**describe(error), "lost": None}]
        else:
            if step.anew:
                gone -= step.binds
    return [*absent, *({**first, "lost": sorted(lost)} for first in doubtful[:1])]


class _Step(NamedTuple):
    """A statement, ready to run; `anew` is whether all that it binds has a new value then.

    `is_part` is true of `import a.b`, which leaves an `a` that is there as it is.
    """

    code: types.CodeType
    binds: Set[str]
    imports: bool
    is_part: bool
    anew: bool
    doubtful: bool


def _steps(script: Script, tree: ast.Module, doubt: Spans) -> Iterator[_Step]:
    future = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    for statement in _import_by_import(tree):
        yield _Step(
            script.compile([*future, statement]),
            _bound(statement),
            isinstance(statement, (ast.Import, ast.ImportFrom)),
            isinstance(statement, ast.Import) and _is_part(statement.names[0]),
            isinstance(statement, _BINDS),
            within(statement, doubt),
        )


def _import_by_import(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements, `import a, b` as two of them."""
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield ast.copy_location(ast.Import([alias]), statement)
        else:
            yield statement


def _globals(code: types.CodeType) -> Iterator[str]:
    """The names of the module that a statement may read, in functions that it defines, too."""
    for step in dis.get_instructions(code):
        if step.opname in _READS:
            yield step.argval
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            yield from _globals(part)


def _is_part(alias: ast.alias) -> bool:
    return "." in alias.name and not alias.asname


def _bound(statement: ast.stmt) -> Set[str]:
    """The names that a statement of a module binds there."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    return {statement.name} if isinstance(statement, _DEFINES) else stores(statement)
