"""Whole notes of which nothing changed: their verdicts are known before anything is even parsed.

Code is only ever linked to code that shares its widest scope. So the verdicts on all jobs of such a
scope depend on these jobs, the options and the environment, and are kept together under a name
made of those. A verdict that mentions a line of the file also depends on where its code stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, replace
from functools import cached_property

from verify.cache import Cache, key_of
from verify.environment import interpreter
from verify.model import Job, Options, Verdict

#: Options that tie a job to others, wherever these stand.
_REACHING = frozenset({"after", "session"})


class Unchanged:
    """Looks up notes as a whole, and keeps them as a whole."""

    def __init__(self, jobs: Sequence[Job], options: Options, wanted: Collection[int]) -> None:
        self.jobs = jobs
        self.wanted = set(wanted)
        self.options = options
        self.cache = Cache(options.cache)
        self.notes: dict[object, list[int]] = {}
        for index, job in enumerate(jobs):
            self.notes.setdefault(job.scopes[0] if job.scopes else index, []).append(index)
        self.known: dict[int, Verdict] = {}
        if options.cache is not None:
            for indices in self.notes.values():
                self._look(indices)

    @property
    def open(self) -> list[int]:
        """The jobs that must be read: those of notes with a wanted one whose verdict is not known.

        Jobs that are tied to others across notes may be built on from anywhere.
        """
        needed = (
            index
            for indices in self.notes.values()
            if self._reaches(indices) or self.wanted & (set(indices) - self.known.keys())
            for index in indices
        )
        return sorted(needed)

    def _look(self, indices: list[int]) -> None:
        if self._reaches(indices):
            return
        found = self.cache.get_all(self._key(indices, placed=False))
        found = found or self.cache.get_all(self._key(indices, placed=True))
        if found is None or len(found) != len(indices):
            return
        for index, verdict in zip(indices, found, strict=True):
            after = tuple(self.jobs[indices[int(place)]].key for place in verdict.after)
            self.known[index] = replace(verdict, key=self.jobs[index].key, after=after)

    def keep(self, verdicts: Mapping[int, Verdict]) -> None:
        """Keep the notes all of whose verdicts are given, as far as they are not known already."""
        for indices in self.notes.values():
            new = not set(indices) <= self.known.keys()
            if new and not self._reaches(indices) and all(index in verdicts for index in indices):
                self._keep_note(indices, [verdicts[index] for index in indices])

    def _keep_note(self, indices: list[int], verdicts: list[Verdict]) -> None:
        places = {self.jobs[index].key: str(n) for n, index in enumerate(indices)}
        plain = [replace(v, after=tuple(places[key] for key in v.after)) for v in verdicts]
        placed = any(mentions_lines(verdict) for verdict in verdicts)
        self.cache.put_all(self._key(indices, placed), plain)

    def _reaches(self, indices: list[int]) -> bool:
        return any(name in _REACHING for i in indices for name, _ in self.jobs[i].options)

    def _key(self, indices: list[int], placed: bool) -> str:
        jobs = [self.jobs[index] for index in indices]
        return key_of(
            self._around,
            [
                [
                    *(job.code, job.file, job.scopes, job.kind, job.certain, job.options),
                    *(job.folder, job.expected, job.fails, job.aside, job.line * placed),
                    astuple(job.setting),
                ]
                for job in jobs
            ],
        )

    @cached_property
    def _around(self) -> str:
        options, python = self.options, interpreter(self.options.python)
        return key_of(
            [python.path, python.version, python.distributions],
            [options.timeout, options.memory, options.output, options.sandbox == "off"],
            [options.preload, options.prelude, options.names, options.off],
        )


def mentions_lines(verdict: Verdict) -> bool:
    """Whether a verdict may speak of lines of the file, which move when prose is edited."""
    said = (verdict.stdout, verdict.reason or "", *(f.message for f in verdict.findings))
    return any(re.search(r"\blines? \d", text) for text in said)
