"""Sections of clinical notes by their headings, which are data (`sections.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from metier.plugin import (
    Assertion,
    AssertionRules,
    Denial,
    Modifier,
    Phrases,
    Section,
    load_data,
)

_LONGEST = 80
"""Characters of a heading at most."""
_LINE = re.compile(r"(?:\A|(?<=[\r\n]))[ \t]*(?P<line>[^\s][^\r\n]*)")
_MARKS = re.compile(r"(?:[>*#\u2022_=-]+[ \t]*|\(?(?:\d{1,2}|[IVX]{1,4})[.)][ \t]*)*")
"""What may stand before a heading: marks of lists and of Markdown, a number."""
_DASH = re.compile(r"[ \t]+[-\u2013\u2014][ \t]")
_COLON = re.compile(r"[ \t]?[*_]{0,3}[:\uff1a]")
_BEFORE = re.compile(r"[.;,!?)\]\n\r\t]|[ ]{2}|--")
_REMARK = re.compile(r"\([^()]{0,60}\)|\[[^\[\]]{0,60}\]")
_QUALIFIED = re.compile(
    r"\s+(?:(?:on|at|upon|of|prior to|before|after) (?:the )?(?:admission|discharge|arrival"
    r"|transfer|presentation|referral|today|date)|today|reviewed"
    r"|(?:per|by|from) (?:the )?(?:chart|patient|family|records?|report)"
    r"|obtained|continued|cont'?d?|updated|unchanged|summary|section|as follows"
    r"|includes?|included|\d{1,2}/\d{1,2}(?:/\d{2,4})?|#?\s?\d{1,2})$"
)
"""What may follow the words of a heading."""
_SPACE = re.compile(r"\s+")
_JOINED = re.compile(r"\s*(?:/|,|\band\b)\s*")
_MOST_PARTS = 4
_OF_ABSTRACTS = frozenset({"objective", "results", "interpretation", "conclusion", "conclusions"})
"""Headings that structured abstracts have, too."""
_LONGEST_SHORT_FORM = 3
"""Letters of a form that is found at the start of a line alone, even in capitals."""

Heading = Annotated[str, Field(min_length=1, max_length=_LONGEST)]


class SectionKind(BaseModel):
    """A kind of section, and the headings that begin one.

    Attributes:
        id: such as `family-history`.
        title: for people.
        headings: how it is headed.
        at_line_start: headings that are found at the start of a line alone.
        assertion: the status of all that stands in it; None if it says none.
        holds: kinds that it holds, as "Assessment and plan" does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Annotated[str, Field(min_length=1)]
    headings: tuple[Heading, ...] = ()
    at_line_start: tuple[Heading, ...] = ()
    assertion: Denial | None = None
    holds: tuple[str, ...] = ()


class SectionFile(BaseModel):
    """A file of kinds of sections."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # `schema` is a method of pydantic's models
    schema_: Annotated[int, Field(alias="schema", ge=1, le=1)]
    language: str = "en"
    sections: tuple[SectionKind, ...]


@dataclass(frozen=True, slots=True)
class NoteSection:
    """A section of a note: `text[start:end]`, of which `text[body:end]` follows the heading.

    Attributes:
        kinds: ids of the kinds that its heading names, mostly one.
        title: its kind for people (`Family history`).
        heading: as the note has it, without the colon.
        start: offset of the heading.
        body: offset of what follows the heading.
        end: offset after its last character.
    """

    kinds: tuple[str, ...]
    title: str
    heading: str
    start: int
    body: int
    end: int


class NoteSections:
    """Kinds of sections, ready to find them in notes. It does not change.

    Attributes:
        kinds: by id, in the order of the files.
    """

    def __init__(self, kinds: Sequence[SectionKind]) -> None:
        self.kinds: Mapping[str, SectionKind] = {kind.id: kind for kind in kinds}
        self._anywhere: dict[str, str] = {}
        self._at_line_start: dict[str, str] = {}
        for kind in self.kinds.values():
            self._anywhere |= dict.fromkeys(map(_normalized, kind.headings), kind.id)
            self._at_line_start |= dict.fromkeys(map(_normalized, kind.at_line_start), kind.id)

    @classmethod
    def load(cls, *paths: str | Path) -> NoteSections:
        """The kinds that metier-healthcare knows, and those of more files.

        Args:
            paths: files as `sections.yaml`; a kind replaces that of the same id.

        Raises:
            PackError: a file breaks the schema; it names the line and column.
        """
        own = Path(str(files("metier_healthcare") / "sections.yaml"))
        read = [load_data(Path(path).expanduser(), SectionFile) for path in (own, *paths)]
        return cls([kind for section_file in read for kind in section_file.sections])

    def find(self, text: str) -> list[NoteSection]:
        """The sections of a note, in order; what stands before the first heading is in none.

        Args:
            text: a note. It may have its headings on lines of their own, at the start of lines, or
                in running text after the end of a sentence.
        """
        headings: list[tuple[int, int, tuple[str, ...]]] = []
        for candidate in sorted(set(self._headings(text))):
            if not headings or candidate[0] >= headings[-1][1]:
                headings.append(candidate)
        sections: list[NoteSection] = []
        for number, (start, body, kinds) in enumerate(headings):
            end = headings[number + 1][0] if number + 1 < len(headings) else len(text)
            title = " / ".join(self.kinds[kind].title for kind in kinds)
            heading = text[start:body].strip().rstrip(":-\uff1a\u2013\u2014*_ \t").strip()
            sections.append(NoteSection(kinds, title, heading, start, body, end))
        return sections

    def kinds_of(self, heading: str, *, starts_line: bool = True) -> tuple[str, ...]:
        """The ids of the kinds that a heading names; empty where it names none.

        Args:
            heading: without a colon.
            starts_line: whether it stands at the start of a line.
        """
        if not heading or len(heading) > _LONGEST:
            return ()
        name = _normalized(heading)
        while True:
            if kind := self._kind(name, starts_line):
                return (kind,)
            shorter = _QUALIFIED.sub("", name)
            if shorter == name:
                break
            name = shorter
        return self._joined_kinds(name)

    def is_among(self, section: NoteSection, chosen: Set[str]) -> bool:
        """Whether a section is of one of several kinds, holds one or is held by one."""
        held = {inner for kind in chosen for inner in self._held(kind)}
        return any(
            kind in chosen or kind in held or not chosen.isdisjoint(self._held(kind))
            for kind in section.kinds
        )

    def is_within(self, section: NoteSection, chosen: Set[str]) -> bool:
        """Whether all that a section is of is of several kinds."""
        held = {inner for kind in chosen for inner in self._held(kind)}
        return bool(section.kinds) and all(kind in chosen | held for kind in section.kinds)

    def _held(self, kind: str) -> tuple[str, ...]:
        return self.kinds[kind].holds if kind in self.kinds else ()

    def status(self, section: NoteSection) -> Denial | None:
        """What a section says of all that stands in it; None where it says nothing of some."""
        statuses = {self.kinds[kind].assertion for kind in section.kinds}
        return statuses.pop() if len(statuses) == 1 else None

    def judge_each(self, rules: AssertionRules, text: str, terms: Phrases) -> list[Assertion]:
        """The status of every term in a note, by its words and by the section that it stands in.

        A disease under "Family history" is one of the family, and one under "Past medical history"
        is past, whatever the sentence says. Both hold beside what denies them.

        Args:
            rules: for the sentences.
            text: the note.
            terms: what to look for.
        """
        sections = self.find(text)
        return [
            self._in_section(assertion, text, sections)
            for assertion in rules.judge_each(text, terms)
        ]

    def _in_section(
        self, assertion: Assertion, text: str, sections: Sequence[NoteSection]
    ) -> Assertion:
        for section in sections:
            status = self.status(section)
            if section.body <= assertion.start < section.end and status is not None:
                start, end = section.start, section.start + len(section.heading)
                rule = f"section-{section.kinds[0]}"
                return assertion.with_modifier(Modifier(status, start, end, text[start:end], rule))
        return assertion

    def _kind(self, name: str, starts_line: bool) -> str | None:
        kind = self._anywhere.get(name)
        return self._at_line_start.get(name) if kind is None and starts_line else kind

    def _joined_kinds(self, name: str) -> tuple[str, ...]:
        """The kinds of a heading of several: `past medical/surgical history`."""
        parts = [part for part in _JOINED.split(name) if part]
        if not 1 < len(parts) <= _MOST_PARTS:
            return ()
        last = parts[-1].rpartition(" ")[2]  # "family and social history"
        first = parts[0].partition(" ")[0]  # "past medical and surgical history"
        kinds: dict[str, None] = {}
        for part in parts:
            forms = (part, f"{part} {last}", f"{first} {part}", f"{first} {part} {last}")
            kind = next((self._anywhere[form] for form in forms if form in self._anywhere), None)
            if kind is None:
                return ()
            kinds[kind] = None
        return tuple(kinds)

    def _headings(self, text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Where headings begin and what follows them begins, with their kinds."""
        lines: dict[int, int] = {}  # start of what may be a heading, after marks: end of the line
        for line in _LINE.finditer(text):
            start = _MARKS.match(text, line.start("line")).end()  # type: ignore[union-attr]
            lines[start] = line.end()
        for start, end in lines.items():
            heading = self._at_start(text, start, end)
            if heading is not None:
                yield heading
        for colon in _COLON.finditer(text):
            yield from self._before_colon(text, colon, lines)

    def _at_start(self, text: str, start: int, end: int) -> tuple[int, int, tuple[str, ...]] | None:
        """The heading that begins a line: alone on it, or before a colon or a dash."""
        near = text[start : min(end, start + _LONGEST + 4)]
        colon, dash = _COLON.search(near), _DASH.search(near)
        if colon is not None:
            kinds = self.kinds_of(near[: colon.start()])
            if kinds:
                return start, start + colon.end(), kinds
        if not near[:1].isupper():
            return None
        if dash is not None and (kinds := self.kinds_of(near[: dash.start()])):
            return start, start + dash.end(), kinds
        alone = near.rstrip(" \t*_#=-")
        if end - start <= len(near) and (kinds := self.kinds_of(alone)) and len(alone) > 1:
            return start, end, kinds
        return None

    def _before_colon(
        self, text: str, colon: re.Match[str], lines: Mapping[int, int]
    ) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """The heading in running text that ends with a colon, after the end of a sentence."""
        before = text[max(0, colon.start() - _LONGEST) : colon.start()]
        ends = [match.end() for match in _BEFORE.finditer(before)]
        for end in ends[-_MOST_PARTS:]:  # the longest heading first: it may have commas
            heading = before[end:].lstrip(" \t*_-")
            start = colon.start() - len(heading)
            mark = before[:end].rstrip()[-1:]
            if start in lines or not heading[:1].isupper():
                continue
            if mark == "," and not heading.isupper():
                continue
            is_plain = heading.isupper() and len(heading) > _LONGEST_SHORT_FORM
            if kinds := self.kinds_of(heading, starts_line=is_plain):
                yield start, colon.end(), kinds
                return


def note_sections(text: str, name: str = "") -> list[Section]:
    """The sections of a note under their titles, for indexes and chunks; a `Splitter`.

    A text with a single heading is no note, and neither is an abstract; they have none. `name` is
    not used.
    """
    sections = own_sections().find(text)
    if len({section.kinds for section in sections}) < 2:
        return []
    if {section.heading.lower() for section in sections} <= _OF_ABSTRACTS:
        return []
    return [Section(section.start, section.end, (section.title,)) for section in sections]


@cache
def own_sections() -> NoteSections:
    """The kinds of sections that metier-healthcare knows."""
    return NoteSections.load()


def _normalized(heading: str) -> str:
    """A heading in lower case, without remarks, marks and spaces that make no difference."""
    name = _REMARK.sub(" ", heading).lower().replace("&", " and ").replace("\u2019", "'")
    name = re.sub(r"\s*/\s*", "/", name).strip(" \t*_#=.-\r\n")
    return _SPACE.sub(" ", name).removesuffix("(s)").strip()
