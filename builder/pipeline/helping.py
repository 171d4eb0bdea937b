"""What serves authors beside their notes: a project to start from, and what problems mean."""

from __future__ import annotations

from pathlib import Path

from builder import files


def new(folder: Path, language: str) -> tuple[str, ...]:
    """Write a small project into an empty folder; return its files. Raises InputError."""
    from builder.new import project

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise files.InputError(f"`{files.shown(folder)}` is there already, and not empty")
    if language not in (known := files.languages()):
        listed = ", ".join(f"`{name}`" for name in known)
        raise files.InputError(
            f"there are no words for the language `{language}`, only for {listed}"
        )
    made = tuple(project(folder.resolve().name, language))
    for artifact in made:
        files.write_file(folder / artifact.path, artifact.content)
    return tuple(files.shown(folder / artifact.path) for artifact in made)


def explain(code: str) -> str:
    """Return what is said of a problem, or of all a line each. Raises InputError."""
    from builder.explain import explanations, near

    known = explanations(files.document("problems.md"))
    if not code:
        width = max(map(len, known))
        return "".join(f"{found.code:<{width}}  {found.line}\n" for found in known.values())
    if code not in known:
        meant = " or ".join(f"`{name}`" for name in near(code, known))
        advice = f"did you mean {meant}?" if meant else "`build explain` lists them all"
        raise files.InputError(f"there is no problem `{code}`; {advice}")
    return known[code].plain
