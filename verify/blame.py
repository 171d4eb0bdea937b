"""Whose fault an error of a run is: the author's, or that of what is missing or was assumed."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from verify.announced import shown_error
from verify.doubt import (
    Doubt,
    bound_before,
    doubt_of,
    made_with,
    names_read,
    sources,
    values_bound,
    values_bound_in,
)
from verify.flow import touched_lines
from verify.lacks import Raised, reason_for
from verify.model import Finding, Fix
from verify.places import first_line, masked, place_of, placed
from verify.plan import Plan, borrowed, needs, skeleton
from verify.scope import has_gap, stubs
from verify.shapes import is_bare_call, is_sheet
from verify.words import cut, in_words, text_of

Facts = dict[str, Any]

#: Stand-ins whose values are not those of the real thing.
_MADE_UP = r"in place of (?:a data set|its weights|the file)"
#: How much of Python's own words goes into a reason.
_LONGEST = 120


def packages(names: Sequence[str]) -> str:
    """The reason of a job whose packages are absent, in words."""
    shown = ", ".join(f"`{name}`" for name in names)
    many = len(names) > 1
    return (
        f"it needs the package{'s' * many} {shown}, which {'are' if many else 'is'} not installed"
    )


#: What is wrong with sizes, whatever the values are.
_SIZES = re.compile(
    r"shapes? |\bsizes?\b|dimension|number of elements|channels|expected \d+D|broadcast",
    re.IGNORECASE,
)


class Blame:
    """What is known of one run when its errors are judged."""

    def __init__(
        self, plan: Plan, links: Sequence[Plan], answer: Facts, absent: Sequence[str]
    ) -> None:
        self.plan = plan
        self.links = links
        self.outcome: Facts = answer.get("outcome") or {}
        self.folders = answer.get("masked", ())
        self.absent = absent
        given: Sequence[Sequence[Facts]] = self.outcome.get("broken", ())
        #: All ways in which each piece it was run behind broke.
        self.broken = [*given, *[()] * len(links)][: len(links)]
        self.doubt = self._doubt()
        #: What is known to be wrong with each piece that this one was run behind.
        self.told: Sequence[Sequence[Finding]] = ()
        #: Whether an error was blamed on a value that code above may change.
        self.on_stale = False

    def error(self, facts: Facts) -> Finding | str | None:
        """The author's finding, the reason why it is not the author's, or None: it was expected."""
        if self._is_expected(facts):
            return None
        raised = self.raised(facts)
        reason = reason_for(raised) or self._from_elsewhere(facts, raised)
        if reason is None and is_bare_call(self.plan.reading.text):
            return "a signature listing, not a program"
        return reason or self.finding(facts, raised)

    def finding(self, facts: Facts, raised: Raised) -> Finding:
        """An error in the author's terms."""
        words = in_words(facts, raised)
        row = facts.get("place") or place_of(first_line(self.plan))
        finding = placed(words.code, row, words.message, words.help)
        return self.plan.reading.in_given_code(replace(finding, fix=self._fix(facts)))

    def _fix(self, facts: Facts) -> Fix | None:
        """The one name that can be meant by one that is not there."""
        near, name, place = facts.get("near") or [], facts.get("name"), facts.get("place")
        if len(near) != 1 or not name or not place or place[0] != place[2]:
            return None
        line, end = place[2], place[3]
        start = end - len(name)
        written = self.plan.reading.text.split("\n")[line - 1][start - 1 : end - 1]
        if written != name or start < place[1]:
            return None
        return Fix(line, start, line, end, near[0], safe=bool(facts.get("slip")))

    def raised(self, facts: Facts) -> Raised:
        """An error as the rules about what a machine lacks take it."""
        place = facts.get("place")
        lines = self.plan.reading.text.split("\n")
        source = "\n".join(lines[place[0] - 1 : place[2]]) if place else ""
        return Raised(
            facts["type"], tuple(facts["kinds"]), masked(facts["text"], self.folders), source,
            facts.get("inner", ""), bool(facts.get("own")), facts.get("name"), facts.get("owner"),
            here=any("GPU" in used for used in self.outcome.get("stand_ins", ())),
            asserted=tuple(masked(said, self.folders) for said in facts.get("asserted", ())),
        )  # fmt: skip

    def _is_expected(self, facts: Facts) -> bool:
        place = facts.get("place")
        if facts["type"] == shown_error(self.plan.job.expected):
            return True
        if self._is_excerpt(facts):
            return False
        if self.plan.job.fails:
            return True
        if not place:
            return False
        announced = any(first <= place[0] <= last for first, last in self.plan.reading.announced)
        return announced or self._is_raised_openly(place[0])

    def _is_excerpt(self, facts: Facts) -> bool:
        """Whether it broke for want of a name, one of several: then that is not what is meant."""
        unknown = self.plan.unknown
        return len(unknown) > 1 and facts.get("name") in unknown

    def _is_raised_openly(self, line: int) -> bool:
        """A `raise` that stands by itself among the statements shows an error; it makes none."""
        body = ast.parse(self.plan.reading.text).body
        return any(isinstance(n, ast.Raise) and n.lineno == line for n in body)

    def _from_elsewhere(self, facts: Facts, raised: Raised) -> str | None:
        """Why an error may come from what is missing, and not from the code."""
        if raised.owner in self.given and facts.get("near"):  # a module, under its own name
            return None
        if facts.get("any"):
            return f"`{facts['name']}` stands for other names"
        if told := self._told_above(facts):
            return told
        if raised.own and raised.text.startswith("module '") and self._is_imported(raised.owner):
            return None
        if raised.is_a("NameError") and not raised.is_a("UnboundLocalError"):
            reason = self._missing_name(raised.name or "")
            if reason:
                return reason
        if raised.is_a("TypeError", "RuntimeError", "ValueError") and self._is_of_sheet(facts):
            return "lines with a remark each, not a program"
        line = facts.get("statement")
        cut = self.outcome.get("cut")
        if cut is not None and (line is None or line >= cut):
            return f"it builds on {self._ended_loop()}"
        if file := self._made_up_file(raised):
            return f"it needs the file {file}, which is not here"
        if self._rests_on_samples(raised):
            return "it rests on values of a data set, which random samples stand in for"
        if any(has_gap(t) or next(stubs(ast.parse(t), t), None) for t in self._texts()):
            return "a part of it is left unimplemented on purpose"
        if not self.doubt.covers(line):
            return self._stale(facts, raised)
        blank = [n for p in (*self.links, self.plan) for n in p.names.blank if n not in self.given]
        if blank:
            return skeleton(blank[0], self._texts())
        own = (*self.plan.names.needs, *self.plan.names.defers)
        unknown = [name for name in self.plan.unknown if name in own]
        if unknown:
            return needs(unknown)
        lost = self.broken_link(self._used()) or self._borrowed(facts, raised)
        guessed = self._assumed(facts, raised)
        return lost or (guessed if self.given else self.broken_link() or guessed)

    def _used(self) -> set[str]:
        """The names that the code and all it was run behind take from elsewhere."""
        names = [plan.names for plan in (*self.links, self.plan)]
        return {name for each in names for name in (*each.needs, *each.defers)}

    def _is_imported(self, module: str | None) -> bool:
        """Whether the code says itself that it takes a module of Python's own."""
        origins = {origin for p in (*self.links, self.plan) for _, origin in p.names.origins}
        return module in origins and module in sys.stdlib_module_names

    def _texts(self) -> list[str]:
        return [plan.reading.text for plan in (*self.links, self.plan)]

    def _told_above(self, facts: Facts) -> str | None:
        """That it comes from a line of an earlier piece that is known to be wrong."""
        index, line = facts.get("inside") or (0, 0)
        wrong = self.told[index] if line and index < len(self.told) else ()
        if any(f.severity == "error" and f.line <= line <= f.end_line for f in wrong):
            return f"it builds on the code at line {self.links[index].job.line}, which breaks"
        return None

    def _is_of_sheet(self, facts: Facts) -> bool:
        """Whether it shows what can be done with values that it takes from elsewhere."""
        if not is_sheet(self.plan.reading.text) or not _lists_ways(self.plan.reading.text):
            return False
        line = facts.get("statement") or (facts.get("place") or [0])[0]
        made = set().union(*(values_bound(link.reading.text) for link in self.links))
        own = values_bound(self.plan.reading.text)
        return bool(names_read(self.plan.reading.text, line) & made - own)

    def _stale(self, facts: Facts, raised: Raised) -> str | None:
        """That a value may be another one when all the code above is run."""
        line = facts.get("statement") or (facts.get("place") or [0])[0]
        is_none = "NoneType" in raised.text
        is_of_form = raised.is_a("AttributeError", "TypeError") or bool(_SIZES.search(raised.text))
        link = self.plan.link
        may_be_set = is_none or raised.owner in _classes(self._texts())
        changed = link.reformed if is_of_form and not may_be_set else link.stale
        read = names_read(self.plan.reading.text, line) & self._with_own(changed)
        if not read:
            return None
        self.on_stale = True
        return f"code above that it was not run behind may change `{min(read)}`"

    def _with_own(self, names: frozenset[str]) -> set[str]:
        """Names, and those that this piece itself makes of them: `loss` of `loss = w @ x`."""
        found = set(names)
        for statement in ast.parse(self.plan.reading.text).body if names else ():
            if any(isinstance(n, ast.Name) and n.id in found for n in ast.walk(statement)):
                found |= values_bound_in([statement])
        return found

    def _ended_loop(self) -> str:
        looked = [words for words in self._stand_ins() if "ended early" in words]
        trained = [words for words in self._stand_ins() if "two passes" in words]
        words = next(iter([*trained, *looked]), "a loop ended early")
        return words.replace(" ended", " that was ended")

    def _rests_on_samples(self, raised: Raised) -> bool:
        """Whether other values, or in a folder of the author's other sizes, might have done."""
        if any("whose pictures are not here" in words for words in self._stand_ins()):
            return not raised.is_a("AttributeError", "ImportError", "NameError", "TypeError")
        return self.is_made_up and raised.is_a("AssertionError", "KeyError")

    def _made_up_file(self, raised: Raised) -> str | None:
        """A file with other content than the author's, which anything but a name may rest on."""
        found = (re.search("made-up content .* file (`.*`)", words) for words in self._stand_ins())
        if raised.is_a("NameError", "ImportError"):
            return None
        return next((match[1] for match in found if match), None)

    @property
    def is_made_up(self) -> bool:
        """Whether values were made up in place of real data or weights."""
        return any(re.search(_MADE_UP, words) for words in self._stand_ins())

    def _stand_ins(self) -> Sequence[str]:
        return tuple(self.outcome.get("stand_ins", ()))

    def _borrowed(self, facts: Facts, raised: Raised) -> str | None:
        """That a value of another question did not fit, which its author need not have meant."""
        line = (facts.get("place") or [0])[0]
        text = self.plan.reading.text
        read = sources(text, line) if line else set(self.borrowed)
        names = [name for name in self.borrowed if name in read] or list(self.borrowed)
        if self.given or not names:
            return None
        self.on_stale = bool(read & self.plan.link.stale)
        where = self.borrowed[names[0]]
        taken = f"it takes `{names[0]}` from line {where}, under another heading"
        return f"{taken}, and breaks with it: {_said(raised)}"

    @property
    def borrowed(self) -> dict[str, int]:
        """Values that come from under other headings, and the lines of their code."""
        return borrowed(self.plan, self.links)

    def _assumed(self, facts: Facts, raised: Raised) -> str:
        """That a guess did not fit, and how that showed."""
        if not self.given:
            return "arguments are left out on purpose"
        names = ", ".join(f"`{name}`" for name in self.given[:3])
        place = facts.get("place")
        where = f" in line {place[0] + self.plan.job.line - 1}" if place else ""
        return f"with values assumed for {names} it breaks{where}: {_said(raised)}"

    @property
    def given(self) -> list[str]:
        """The names that were given a value nobody wrote into the code."""
        return [*self.outcome.get("assumed", ()), *self.outcome.get("guessed", ())]

    def _missing_name(self, name: str) -> str | None:
        if name in self.plan.link.prelude:
            return "it needs a package of the prelude, which is not installed"
        package = self.outcome.get("unimportable", {}).get(name)
        if package:
            return packages([package])
        if name in (*self.plan.link.unsure, *self.plan.link.missing):
            unknown = self.plan.unknown
            return needs(unknown if name in unknown else [name])
        if hidden := self._hidden({name}):
            return hidden
        for plan in (*self.links, self.plan):
            if name in (*plan.names.needs, *plan.names.defers, *plan.names.blank):
                return self.broken_link() or needs([name])
        if self.absent and name in self.plan.names.binds:
            return packages(self.absent)
        if any(_is_of_file(text, name) for text in self._texts()):
            return "it needs a file that is not here"
        if any(_is_bound_for_gpu(text, name) for text in self._texts()):
            return f"it needs a GPU: without one nothing gives `{name}` a value"
        return None

    def broken_link(self, used: set[str] | None = None) -> str | None:
        """Why something that the code builds on is not there; of `used` names alone, if any."""
        breaks = list(self._breaks())
        felt = any(lost for _, _, lost in breaks)
        for number, link in enumerate(self.links):
            for at, broken, lost in breaks:
                if at == number and (bool(lost) == felt if used is None else lost & used):
                    return self._why(link, broken)
            if link.reading.broken_at is not None:
                return f"it builds on the code at line {link.job.line}, which does not parse"
        return None

    def rests_on_absent(self) -> str | None:
        """Why values that the code uses are not there, or are others than its author's."""
        used = {*self.plan.names.needs, *self.plan.names.shadows}
        return self._hidden(used, only_imports=True)

    def _hidden(self, names: set[str], *, only_imports: bool = False) -> str | None:
        """Why one of some names has no value, or another: an earlier piece broke."""
        for at, broken, lost in self._breaks():
            if names & lost and (broken.get("import") or not only_imports):
                return self._why(self.links[at], broken)
        return None

    def _breaks(self) -> Iterator[tuple[int, Facts, set[str]]]:
        """Each way in which an earlier piece broke: its place in the chain, and what that lost."""
        for at, (link, every) in enumerate(zip(self.links, self.broken, strict=True)):
            for broken in every:
                lost = _lost(link, broken)
                yield at, broken, self._spread(at, lost) if broken.get("import") else lost

    def _spread(self, at: int, lost: set[str]) -> set[str]:
        """Names of an import that an earlier piece lost, and what was to be made with them."""
        lost = made_with(self.links[at].reading.text, lost, self._firm())
        for link in self.links[at + 1 :]:
            origins = dict(link.names.origins).keys()
            lost = made_with(link.reading.text, lost - origins, self._firm())
        return lost

    def _why(self, link: Plan, broken: Facts) -> str:
        """Why an earlier piece broke."""
        said = masked(broken["text"], self.folders)
        raised = Raised(broken["type"], (broken["type"],), said, "")
        match = re.search(r"No module named '([\w.]+)'", broken["text"])
        why = packages([match.group(1).partition(".")[0]]) if match else None
        why = why or self._unknown_to(link, broken) or reason_for(raised)
        return why or f"it builds on the code at line {link.job.line}, which breaks"

    def _unknown_to(self, link: Plan, broken: Facts) -> str | None:
        """That an earlier piece broke for want of a name that nothing defines."""
        match = re.search(r"name '(\w+)' is not defined", broken["text"])
        return needs([match.group(1)]) if match and match.group(1) in link.unknown else None

    def _doubted(self, link: Plan, broken: Facts | None) -> set[str]:
        """The names that an earlier piece lost, and whatever these may have flowed into there."""
        lost = _lost(link, broken)
        if broken is None or not broken.get("import"):
            return lost
        made = made_with(link.reading.text, lost, self._firm())
        return made | touched_lines(link.reading.text, made, self._firm())[1]

    def _firm(self) -> set[str]:
        """The names that are imported."""
        origins = (name for p in (*self.links, self.plan) for name, _ in p.names.origins)
        return {*origins, *self.plan.link.prelude}

    def _doubt(self) -> Doubt:
        chain = [(p.reading.text, p.names) for p in (*self.links, self.plan)]
        lost = [
            set[str]().union(*(self._doubted(link, broken) for broken in (None, *every)))
            for link, every in zip(self.links, self.broken, strict=True)
        ]
        link = self.plan.link
        lacking = (*link.missing, *link.unsure, *self.given, *self.borrowed)
        return doubt_of(chain, lacking, link.prelude, lost)


def _classes(texts: Sequence[str]) -> set[str]:
    """The classes that code defines: any method of theirs may set an attribute."""
    nodes = (node for text in texts for node in ast.walk(ast.parse(text)))
    return {node.name for node in nodes if isinstance(node, ast.ClassDef)}


def _lists_ways(text: str) -> bool:
    """Whether the same name is given one value after another, and none of them is used."""
    body = ast.parse(text).body
    assigned = [n for n in body if isinstance(n, ast.Assign) and len(n.targets) == 1]
    names = [n.targets[0].id for n in assigned if isinstance(n.targets[0], ast.Name)]
    used = {n.id for n in ast.walk(ast.Module(body, [])) if isinstance(n, ast.Name) and _is_read(n)}
    return any(names.count(name) > 2 for name in set(names) - used)


def _is_read(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Load)


def _is_of_file(text: str, name: str) -> bool:
    """Whether a name gets its value where a file is opened that may not be there."""
    tries = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Try))
    caught = (n for n in tries if any(_catches_absence(handler) for handler in n.handlers))
    return any(name in values_bound_in(n.body) for n in caught)


def _catches_absence(handler: ast.ExceptHandler) -> bool:
    kinds = ast.unparse(handler.type) if handler.type else ""
    return any(kind in kinds for kind in ("FileNotFoundError", "OSError", "IOError"))


def _is_bound_for_gpu(text: str, name: str) -> bool:
    """Whether a name gets its value where a GPU is there: `if torch.cuda.is_available():`."""
    asking = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.If))
    bodies = (n.body for n in asking if "is_available()" in ast.unparse(n.test))
    return any(name in values_bound_in(body) for body in bodies)


def _said(raised: Raised) -> str:
    """An error in Python's own words, and not too many of them."""
    return f"`{raised.type}`: {cut(text_of(raised), _LONGEST)}"


def _lost(link: Plan, broken: Facts | None) -> set[str]:
    """The names that an earlier piece did not come to bind."""
    ends = [link.reading.broken_at] if link.reading.broken_at is not None else []
    lost: set[str] = set()
    if broken and broken.get("import"):
        return set(broken["lost"])
    if broken and broken.get("lost") is not None:
        lost |= set(broken["lost"])
    elif broken:
        place = broken.get("place")
        ends.append(place[0] if place else 1)
    if ends:
        lost |= link.names.binds - bound_before(link.reading.text, min(ends))
    return lost
