"""Footnotes: `[^1]` in a text, `[^1]: ...` anywhere in the note; each text brings its own along."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

from mistune import Markdown
from mistune.plugins.footnotes import footnotes as _library
from mistune.plugins.footnotes import parse_footnote_item

from builder.markdown.lines import state_at


def footnotes(md: Markdown) -> None:
    """Teach the Markdown library footnotes, but not to put all of them at the end."""
    hooks = list(md.after_render_hooks)
    _library(md)
    md.after_render_hooks[:] = hooks


def fresh(env: MutableMapping[str, Any]) -> dict[str, Any]:
    """Return what is known around a text, with no footnote called yet."""
    return {**env, "footnotes": [], "footnote_indexes": {}}


def items(md: Markdown, env: MutableMapping[str, Any]) -> Iterator[str]:
    """Yield the HTML of the footnotes that a text called, and of those that these call."""
    done = 0
    while done < len(env["footnotes"]):
        state = state_at(1, env)
        state.tokens = [parse_footnote_item(md.block, env["footnotes"][done], done + 1, state)]
        done += 1
        yield str(md.render_state(state))
