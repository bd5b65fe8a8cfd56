"""Long agreements in many styles of numbering, as text, Word and PDF, and their clauses."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from tests.core.texts.pdf import write_pdf

_TITLES = (
    "Definitions", "Supply of Timber", "Prices", "Invoices and Payment", "Delivery",
    "Risk and Title", "Warranty", "Limit of Liability", "Confidential Matters", "Term",
    "Early Ending", "Insurance", "Assignment", "Notices", "Governing Law",
)  # fmt: skip
_SUBJECTS = ("The Seller", "The Buyer", "Each party", "Neither party", "The carrier", "A notice")
_VERBS = (
    "shall keep records of every load that leaves the yard",
    "may inspect the stock on any working day after a call",
    "shall not change the route without the consent of the other party",
    "shall store the planks under a roof and away from the ground",
    "may refuse a load that arrives wet, split or short in number",
    "shall answer a complaint within ten days of the day on which it arrives",
)
_ENDS = ("", " and bears the cost of doing so", " until the last load of the year has been paid")
_ROMAN = (
    "I",
    "II",
    "III",
    "IV",
    "V",
    "VI",
    "VII",
    "VIII",
    "IX",
    "X",
    "XI",
    "XII",
    "XIII",
    "XIV",
    "XV",
)
_ORDINALS = (
    "FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH", "NINTH", "TENTH",
    "ELEVENTH", "TWELFTH", "THIRTEENTH", "FOURTEENTH", "FIFTEENTH",
)  # fmt: skip


@dataclass(frozen=True)
class Numbering:
    """A style of numbers: of clauses with a title, and of those below them, which have none.

    Attributes:
        name: of the style.
        outer: the number of a clause with a title, from its count; empty for none.
        inner: that of a clause below it, from both counts; None where there are none.
        capitals: whether titles are in capitals.
        word: formats and patterns of both levels where Word can count them itself.
    """

    name: str
    outer: Callable[[int], str]
    inner: Callable[[int, int], str] | None = None
    capitals: bool = False
    word: tuple[tuple[str, str], ...] = ()


STYLES = (
    Numbering(
        "decimal", "{}.".format, "{}.{}".format, word=(("decimal", "%1."), ("decimal", "%1.%2"))
    ),
    Numbering(
        "articles",
        lambda count: f"ARTICLE {_ROMAN[count - 1]}",
        "Section {}.{:02}".format,
        capitals=True,
        word=(("upperRoman", "ARTICLE %1"), ("decimalZero", "Section %1.%2")),
    ),
    Numbering("brackets", "{})".format, word=(("decimal", "%1)"),)),
    Numbering(
        "letters",
        lambda count: f"{chr(64 + count)}.",
        lambda _, count: f"{count}.",
        word=(("upperLetter", "%1."), ("decimal", "%2.")),
    ),
    Numbering(
        "numerals",
        lambda count: f"{_ROMAN[count - 1]}.",
        lambda _, count: f"{chr(64 + count)}.",
        word=(("upperRoman", "%1."), ("upperLetter", "%2.")),
    ),
    Numbering("sections", "Sec. {}.".format, word=(("decimal", "Sec. %1."),)),
    Numbering("signs", "\u00a7 {}".format, word=(("decimal", "\u00a7 %1"),)),
    Numbering(
        "clauses",
        "Clause {}".format,
        "{}.{}".format,
        word=(("decimal", "Clause %1"), ("decimal", "%1.%2")),
    ),
    Numbering(
        "no dots", "{}".format, "{}.{}".format, word=(("decimal", "%1"), ("decimal", "%1.%2"))
    ),
    Numbering("titles", lambda _: "", capitals=True),
    Numbering("ordinals", lambda count: f"{_ORDINALS[count - 1]}:"),
)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of an agreement.

    Attributes:
        kind: what it is for.
        number: before the text, if it has one.
        text: without the number.
        level: in automatic numbering.
    """

    kind: Literal["furniture", "text", "outer", "inner", "schedule", "item"]
    text: str
    number: str = ""
    level: int = 0

    @property
    def line(self) -> str:
        return f"{self.number} {self.text}".strip()


@dataclass(frozen=True)
class Agreement:
    """An agreement and the paths of its clauses, in order."""

    numbering: Numbering
    paragraphs: tuple[Paragraph, ...]
    paths: tuple[tuple[str, ...], ...]


def agreement(numbering: Numbering, seed: int = 0, *, clauses: int = 15) -> Agreement:
    """A long agreement: contents, parties, recitals, clauses, signatures and two schedules."""
    chance = random.Random(f"{numbering.name} {seed}")
    titles = [title.upper() if numbering.capitals else title for title in _TITLES[:clauses]]
    body: list[Paragraph] = []
    paths: list[tuple[str, ...]] = [("BACKGROUND",)]
    for count, title in enumerate(titles, start=1):
        number = numbering.outer(count)
        heading = f"{number} {title}".strip()
        body.append(Paragraph("outer", title, number))
        if numbering.inner is None:
            body.extend(_texts(chance))
            paths.append((heading,))
            continue
        for below in range(1, chance.randint(2, 4) + 1):
            number = numbering.inner(count, below)
            body.append(Paragraph("inner", _sentence(chance), number, level=1))
            body.extend(_items(chance))
            paths.append((heading, number))
    schedules = ("SCHEDULE 1 - PRICES", "SCHEDULE 2 - ROUTES")
    attached: list[Paragraph] = []
    for schedule in schedules:
        attached += [Paragraph("schedule", schedule), Paragraph("text", _sentence(chance))]
        paths.append((schedule,))
    contents = [Paragraph("furniture", "TABLE OF CONTENTS")] + [
        Paragraph("furniture", f"{paragraph.line} ........ {page}")
        for page, paragraph in enumerate(body, start=2)
        if paragraph.kind == "outer"
    ]
    opening = [
        Paragraph("text", "SUPPLY AGREEMENT"),
        *contents,
        Paragraph("text", "This agreement is made between Alder Mill Ltd and Birch Works Ltd."),
        Paragraph("text", "BACKGROUND"),
        Paragraph("text", "The Buyer builds sheds and needs timber all year."),
    ]
    closing = [
        Paragraph("text", "IN WITNESS WHEREOF, the parties have signed this agreement."),
        Paragraph("text", "By: ____________________"),
        Paragraph("text", "Name: __________________"),
    ]
    return Agreement(numbering, (*opening, *body, *closing, *attached), tuple(paths))


def _texts(chance: random.Random) -> Iterator[Paragraph]:
    for _ in range(chance.randint(1, 2)):
        yield Paragraph("text", _sentence(chance))
    yield from _items(chance)


def _items(chance: random.Random) -> Iterator[Paragraph]:
    if chance.random() < 0.3:
        for letter in "abc":
            end = "." if letter == "c" else ";"
            yield Paragraph("item", _sentence(chance, short=True) + end, f"({letter})")


def _sentence(chance: random.Random, *, short: bool = False) -> str:
    if short:
        return chance.choice(_VERBS).removeprefix("shall ").removeprefix("may ")
    first, second = (
        f"{chance.choice(_SUBJECTS)} {chance.choice(_VERBS)}{chance.choice(_ENDS)}."
        for _ in range(2)
    )
    return f"{first} {second}"


def as_text(whole: Agreement) -> str:
    """The agreement as a text file has it."""
    return "\n\n".join(paragraph.line for paragraph in whole.paragraphs) + "\n"


def write_docx(path: Path, whole: Agreement, *, automatic: bool = False) -> Path:
    """The agreement as a Word document, with a header; its numbers typed, or counted by Word."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Alder Mill and Birch Works"
    document.sections[0].footer.paragraphs[0].text = "Page 1 of 9"
    if automatic:
        _add_numbering(document, whole.numbering.word)
    for paragraph in whole.paragraphs:
        if not (automatic and paragraph.kind in ("outer", "inner")):
            document.add_paragraph(paragraph.line)
            continue
        added = document.add_paragraph(paragraph.text)
        properties = added._p.get_or_add_pPr()
        properties.append(
            parse_xml(
                f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{paragraph.level}"/>'
                '<w:numId w:val="77"/></w:numPr>'
            )
        )
    document.save(str(path))
    return path


def _add_numbering(document: docx.document.Document, levels: tuple[tuple[str, str], ...]) -> None:
    numbering = document.part.numbering_part.element
    written = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f"{'<w:isLgl/>' if form == 'decimalZero' else ''}"
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
        for level, (form, pattern) in enumerate(levels)
    )
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{written}</w:abstractNum>'
    )
    numbering.insert(0, abstract)
    numbering.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>')
    )


def write_pages(path: Path, whole: Agreement) -> Path:
    """The agreement as a PDF of wrapped lines, a running header and a page line on each page."""
    lines = [
        line
        for paragraph in whole.paragraphs
        for line in (*textwrap.wrap(paragraph.line, 84, break_long_words=False), "")
    ]
    pages = [lines[start : start + 42] for start in range(0, len(lines), 42)]
    shown = (
        "\n".join(("Alder Mill and Birch Works", "", *page, "", f"Page {number} of {len(pages)}"))
        for number, page in enumerate(pages, start=1)
    )
    return write_pdf(path, *(_escaped(page) for page in shown))


def _escaped(page: str) -> str:
    return page.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
