"""Styles, automatic numbers, symbols and form fields of Word documents.

See ECMA-376 part 1, sections 17.3.3.30, 17.7 and 17.9.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from metier.texts.readers.numerals import format_number

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
"""Namespace of the elements and attributes of Word."""
VAL = f"{W}val"

_HEADING = re.compile(r"heading ([1-9])")
_COUNTER = re.compile(r"%([1-9])")
_BODY_LEVEL = 9
"""Outline level of text that is no heading."""
_SYMBOLS = {
    "symbol": dict(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True))
    | dict(zip((0xA3, 0xB0, 0xB1, 0xB3, 0xB4, 0xB7, 0xB8, 0xB9, 0xBB, 0xD2, 0xD3, 0xD4, 0xAE),
               "≤°±≥\N{MULTIPLICATION SIGN}•÷≠≈®©™→", strict=True))
    | dict(zip((0x44, 0x46, 0x47, 0x4C, 0x50, 0x51, 0x53, 0x57, 0x58, 0x59),
               "ΔΦΓΛΠΘΣΩΞΨ", strict=True)),
    "wingdings": dict(zip((0x6C, 0x6E, 0x6F, 0x71, 0x76, 0x9F, 0xA7, 0xA8, 0xD8, 0xE0, 0xFB, 0xFC,
                           0xFD, 0xFE), "●■□❑❖•▪◻➢→✗✓☒☑", strict=True)),
    "wingdings 2": dict(zip((0x50, 0x51, 0x52, 0x53, 0x54, 0xA3), "✓☒☑☒☒□", strict=True)),
}  # fmt: skip
"""Characters of symbol fonts, by the lower byte of their code."""


def is_on(element: Any) -> bool:
    """Whether a property that can be switched off is on."""
    return element is not None and element.get(VAL, "true") not in ("false", "0", "off")


def _child(element: Any, *names: str) -> Any:
    for name in names:
        element = None if element is None else element.find(f"{W}{name}")
    return element


def number_in(element: Any, *names: str) -> int | None:
    """The number that a property in this path of elements has; None where it has none."""
    text = "" if (child := _child(element, *names)) is None else child.get(VAL, "")
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else None


class Style(NamedTuple):
    """What a style says of its paragraphs or runs, itself or through the style it is based on.

    Attributes:
        level: of a heading, from 1; 0 where it is none.
        list_id: the list that numbers its paragraphs; 0 for none.
        list_level: the level in that list.
        hidden: whether its text is hidden.
    """

    level: int | None = None
    list_id: int | None = None
    list_level: int | None = None
    hidden: bool | None = None


class Styles:
    """The styles of a document.

    Args:
        root: the part of styles; None where the document has none.
        linked_levels: the level that each list links to a style, by list and style.
    """

    def __init__(self, root: Any, linked_levels: Mapping[tuple[int, str], int]) -> None:
        self._elements: dict[str, Any] = {}
        self._default = ""
        self._linked = linked_levels
        self._known: dict[str, Style] = {}
        for element in () if root is None else root.iter(f"{W}style"):
            name = element.get(f"{W}styleId", "")
            self._elements[name] = element
            default = element.get(f"{W}default") in ("1", "true", "on")
            if default and element.get(f"{W}type") == "paragraph":
                self._default = name
        defaults = _child(root, "docDefaults", "rPrDefault", "rPr", "vanish")
        self._base = Style(0, 0, None, is_on(defaults))
        self._plain = _over(self._chain(self._default), self._base)

    def of_paragraph(self, properties: Any) -> Style:
        """What holds for a paragraph: its own properties go before those of its style."""
        if properties is None:
            return self._plain
        style = _child(properties, "pStyle")
        name = self._default if style is None else style.get(VAL, "")
        inherited = _over(self._chain(name), self._base)
        own = self._own(properties, name)
        if own.list_id is not None and own.list_level is None:
            own = own._replace(list_level=0)
        return _over(own._replace(hidden=None), inherited)

    def hides(self, properties: Any, otherwise: bool) -> bool:
        """Whether a run with these properties is hidden; `otherwise` where they do not say."""
        if properties is None:
            return otherwise
        own = properties.find(f"{W}vanish")
        if own is not None:
            return is_on(own)
        style = properties.find(f"{W}rStyle")
        hidden = None if style is None else self._chain(style.get(VAL, "")).hidden
        return otherwise if hidden is None else hidden

    def _chain(self, name: str) -> Style:
        names: list[str] = []
        while name in self._elements and name not in self._known and name not in names:
            names.append(name)
            based_on = _child(self._elements[name], "basedOn")
            name = "" if based_on is None else based_on.get(VAL, "")
        style = self._known.get(name, Style())
        for derived in reversed(names):
            style = _over(self._own_of_style(derived), style)
            self._known[derived] = style
        return style

    def _own_of_style(self, name: str) -> Style:
        element = self._elements[name]
        own = self._own(_child(element, "pPr"), name)
        vanish = _child(element, "rPr", "vanish")
        shown = _child(element, "name")
        title = "" if shown is None else shown.get(VAL, "").lower()
        heading = _HEADING.fullmatch(title)
        level = own.level
        if level is None and (heading or title == "title"):
            level = int(heading[1]) if heading else 1
        return own._replace(level=level, hidden=None if vanish is None else is_on(vanish))

    def _own(self, properties: Any, name: str) -> Style:
        outline = number_in(properties, "outlineLvl")
        list_id = number_in(properties, "numPr", "numId")
        list_level = number_in(properties, "numPr", "ilvl")
        if list_level is None and list_id is not None:
            list_level = self._linked.get((list_id, name))
        level = None if outline is None else 0 if outline >= _BODY_LEVEL else outline + 1
        return Style(level, list_id, list_level)


def _over(own: Style, inherited: Style) -> Style:
    values: Any = zip(own, inherited, strict=True)
    return Style(*(below if above is None else above for above, below in values))


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of a list: how its number is made.

    Attributes:
        start: the first number.
        kind: of the counter (`decimal`, `lowerRoman`).
        text: of the whole number, with %1 for the counter of the first level.
        restart: the level, counted from 1, whose use restarts this one; 0 for never.
        legal: whether all counters are shown as decimals.
        between: the number and the text.
        width: digits that a decimal is filled to.
    """

    start: int
    kind: str
    text: str
    restart: int | None
    legal: bool
    between: str
    width: int


@dataclass(slots=True)
class _List:
    """A list of paragraphs; several can share the definition with its counters."""

    definition: str
    levels: dict[int, _Level]
    starts: dict[int, int] = field(default_factory=dict)
    is_begun: bool = False


class Numbering:
    """Automatic numbers of paragraphs, counted as they come.

    Args:
        root: the part of numbering; None where the document has none.
        styles: the part of styles, which can name the list of a definition.

    Attributes:
        linked_levels: the level that each list links to a style, by list and style.
    """

    def __init__(self, root: Any, styles: Any) -> None:
        self.linked_levels: dict[tuple[int, str], int] = {}
        self._lists: dict[int, _List] = {}
        self._counters: dict[str, dict[int, int]] = {}
        if root is None:
            return
        definitions = {
            element.get(f"{W}abstractNumId", ""): element
            for element in root.iterchildren(f"{W}abstractNum")
        }
        by_style = {
            link.get(VAL): name
            for name, element in definitions.items()
            if (link := _child(element, "styleLink")) is not None
        }
        levels_of: dict[str, list[Any]] = {}
        for element in root.iterchildren(f"{W}num"):
            number = element.get(f"{W}numId", "")
            reference = _child(element, "abstractNumId")
            name = "" if reference is None else reference.get(VAL, "")
            link = _child(definitions.get(name), "numStyleLink")
            if link is not None:  # the definition is another one, which has the name of the style
                name = by_style.get(link.get(VAL), name)
            if number.isdecimal() and len(number) < 10 and name in definitions:
                if name not in levels_of:
                    levels_of[name] = list(definitions[name].iterchildren(f"{W}lvl"))
                self._add(int(number), name, levels_of[name], element)

    def _add(self, number: int, name: str, levels: list[Any], element: Any) -> None:
        overrides = list(element.iterchildren(f"{W}lvlOverride"))
        own = [level for override in overrides for level in override.iterchildren(f"{W}lvl")]
        added = _List(name, {})
        for level in (*levels, *own):
            index = level.get(f"{W}ilvl", "")
            if index in {*"012345678"}:
                added.levels[int(index)] = _read_level(level)
                if (style := _child(level, "pStyle")) is not None:
                    self.linked_levels[number, style.get(VAL, "")] = int(index)
        for override in overrides:
            start = number_in(override, "startOverride")
            if start is not None and (index := override.get(f"{W}ilvl", "")) in {*"012345678"}:
                added.starts[int(index)] = start
        self._lists[number] = added

    def next(self, style: Style) -> str:
        """The number of the next paragraph with what stands after it; empty if it has none."""
        if not style.list_id:
            return ""
        entry = self._lists.get(style.list_id)
        index = style.list_level or 0
        level = None if entry is None else entry.levels.get(index)
        if entry is None or level is None:
            return ""
        counters = self._counters.setdefault(entry.definition, {})
        if not entry.is_begun:
            entry.is_begun = True
            for restarted, start in entry.starts.items():
                counters[restarted] = start - 1
        counters[index] = counters.get(index, level.start - 1) + 1
        for deeper in [position for position in counters if position > index]:
            below = entry.levels.get(deeper)
            if below is None or below.restart is None or index < below.restart:
                del counters[deeper]
        if level.kind == "bullet":
            return "- "
        if level.kind == "none" and not level.text:
            return ""

        def shown(match: re.Match[str]) -> str:
            named = entry.levels.get(int(match[1]) - 1, level)
            value = counters.get(int(match[1]) - 1, named.start)
            return format_number(value, "decimal" if level.legal else named.kind, named.width)

        text = _COUNTER.sub(shown, level.text).strip()
        return text + level.between if text else ""


def _read_level(element: Any) -> _Level:
    start = number_in(element, "start")
    kinds = list(element.iter(f"{W}numFmt"))
    kind = kinds[0].get(VAL, "decimal") if kinds else "decimal"
    example = kinds[0].get(f"{W}format", "").partition(",")[0] if kinds else ""
    text = _child(element, "lvlText")
    suffix = _child(element, "suff")
    hidden = is_on(_child(element, "rPr", "vanish"))
    return _Level(
        start=0 if start is None else start,
        kind=kind,
        text="" if text is None or hidden else text.get(VAL, ""),
        restart=number_in(element, "lvlRestart"),
        legal=is_on(_child(element, "isLgl")),
        between="" if suffix is not None and suffix.get(VAL) == "nothing" else " ",
        width=min(9, len(example)) if kind == "custom" else 2 * (kind == "decimalZero"),
    )


def symbol(element: Any) -> str:
    """The character of a symbol font; one that is not in the table keeps its private code."""
    code = element.get(f"{W}char", "")
    if not re.fullmatch(r"[0-9A-Fa-f]{1,5}", code):
        return ""
    character = chr(int(code, 16))
    font = _SYMBOLS.get(element.get(f"{W}font", "").lower())
    shown = character if font is None else font.get(ord(character) & 0xFF, character)
    return "" if "\ud800" <= shown <= "\udfff" else shown


def form_value(character: Any) -> str:
    """What a form field shows that has no result: a box or the chosen entry of a list."""
    box = character.find(f"{W}ffData/{W}checkBox")
    if box is not None:
        checked = box.find(f"{W}checked")
        return "☒" if is_on(box.find(f"{W}default") if checked is None else checked) else "☐"
    entries = character.find(f"{W}ffData/{W}ddList")
    if entries is None:
        return ""
    names = [entry.get(VAL, "") for entry in entries.iterchildren(f"{W}listEntry")]
    chosen = number_in(entries, "result") or number_in(entries, "default") or 0
    return names[chosen] if 0 <= chosen < len(names) else ""
