"""What the style sheets in a page say of its elements: whether they are shown, and their numbers.

Selectors are matched against an element and those it stands in. Rules with siblings, states
(`:hover`) or parts of elements (`::before`) are left out, so what only they hide is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

from metier.errors import MissingExtraError
from metier.texts.readers.html_tags import Tag, tags_and_texts

_SHEET = re.compile(r"<style[\s>]", re.IGNORECASE)
_RELEVANT = re.compile(
    r"display\s*:\s*(?:none|block|flex|flow-root|grid|list-item|table)"
    r"|visibility\s*:\s*(?:hidden|collapse)|list-style",
    re.IGNORECASE,
)
_PROPERTIES = frozenset({"display", "visibility", "list-style", "list-style-type"})
_INLINE = re.compile(
    r"(?:^|;)\s*(display|visibility|list-style(?:-type)?)\s*:\s*([^;!]*)(!\s*important)?",
    re.IGNORECASE,
)
_TYPE_OF_LIST = re.compile(
    r"\b(?:none|disc|circle|square|decimal(?:-leading-zero)?|(?:lower|upper)-(?:alpha|latin|roman))\b"
)
_LONGEST = 1_000_000
"""Characters of style sheets that are read."""
_MOST_RULES = 20_000
_MOST_CHECKS = 1_000_000
"""Elements that are compared with a part of a selector, in all: some seconds."""
_DEEPEST = 100
"""Elements around one that are compared with a selector."""
_SCREEN_WIDTH = 1280
"""Pixels of the screen that the page is read on."""
_EM = 16
_WIDTH = re.compile(
    r"\(\s*(?:(?P<bound>min|max)-width\s*:|width\s*(?P<sign>[<>])=?)"
    r"\s*(?P<width>\d{1,6})(?:\.\d+)?(?P<unit>px|r?em)\s*\)"
)
_AND = re.compile(r"\band\b")
_MEDIA = {"all": True, "screen": True, "only screen": True, "print": False, "speech": False}
_LONGEST_SELECTOR = 300
"""Characters: selectors are matched by recursion."""

Declarations = Mapping[str, tuple[str, bool]]
"""The value of each property, and whether it is important."""


class Look(NamedTuple):
    """How an element is shown.

    Attributes:
        display: that a style asks for; empty for none.
        visibility: that a style asks for; empty for none.
        list_type: kind of the numbers of a list or an item; empty where no style says.
    """

    display: str
    visibility: str
    list_type: str

    @property
    def is_gone(self) -> bool:
        """Whether neither the element nor anything in it is shown."""
        return self.display == "none"

    @property
    def is_invisible(self) -> bool:
        """Whether it is not shown, but elements in it can be."""
        return self.visibility in ("hidden", "collapse")


_PLAIN = Look("", "", "")


class _Rule(NamedTuple):
    """A selector with what it declares, and its rank among others."""

    selector: Any
    declarations: Declarations
    rank: tuple[tuple[int, int, int], int]


class StyleSheets:
    """The style sheets of a page, as far as they decide what is read.

    Args:
        sources: of the style sheets, in their order.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self._rules: dict[str, list[_Rule]] = {}
        self._checks = 0
        whole = "\n".join(sources)[:_LONGEST]
        if _RELEVANT.search(whole):
            for number, (selector, declarations) in enumerate(islice(_rules(whole), _MOST_RULES)):
                rank = (selector.specificity(), number)
                rule = _Rule(selector.parsed_tree, declarations, rank)
                self._rules.setdefault(_key(selector.parsed_tree), []).append(rule)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def look(self, tag: Tag, around: Iterable[Tag]) -> Look:
        """How an element is shown.

        Args:
            tag: that begins the element.
            around: those of the elements that it stands in, the outermost first.
        """
        if not self._rules and tag.attributes.keys().isdisjoint(("hidden", "style")):
            return _PLAIN
        values: dict[str, tuple[bool, int, Any, str]] = {}
        if "hidden" in tag.attributes:
            values["display"] = (False, 0, (), "none")

        def add(declarations: Declarations, origin: int, rank: Any) -> None:
            for name, (value, is_important) in declarations.items():
                known = values.get(name)
                if known is None or (is_important, origin, rank) >= known[:3]:
                    values[name] = (is_important, origin, rank, value)

        for rule in self._matching(tag, around):
            add(rule.declarations, 1, rule.rank)
        if "style" in tag.attributes:
            add(_inline(tag.attributes["style"]), 2, ())
        return Look(*(values[name][3] if name in values else "" for name in Look._fields))

    def _matching(self, tag: Tag, around: Iterable[Tag]) -> Iterator[_Rule]:
        if not self._rules:
            return
        names = tag.attributes.get("class", "").split()
        keys = [*(f".{name}" for name in names), f"#{tag.attributes.get('id')}", tag.name, "*"]
        chain = [*around, tag][-_DEEPEST:]
        for key in dict.fromkeys(keys):
            for rule in self._rules.get(key, ()):
                if self._checks >= _MOST_CHECKS:
                    return
                if self._matches(rule.selector, chain):
                    yield rule

    def _matches(self, selector: Any, chain: Sequence[Tag]) -> bool:
        """Whether the last element of a chain is one that the selector means."""
        from cssselect import parser

        self._checks += 1
        if not chain or self._checks > _MOST_CHECKS:
            return False
        tag = chain[-1]
        if isinstance(selector, parser.CombinedSelector):
            if not self._matches(selector.subselector, chain):
                return False
            ends = [len(chain) - 1] if selector.combinator == ">" else range(len(chain) - 1, 0, -1)
            return any(self._matches(selector.selector, chain[:end]) for end in ends)
        if isinstance(selector, parser.Element):
            return selector.element is None or selector.element.lower() in ("*", tag.name)
        if isinstance(selector, parser.Pseudo):  # only :root is left
            is_such = tag.name == "html"
        elif isinstance(selector, parser.Negation):
            return self._matches(selector.selector, chain) and not self._matches(
                selector.subselector, chain
            )
        elif isinstance(selector, parser.Matching | parser.SpecificityAdjustment):
            return self._matches(selector.selector, chain) and any(
                self._matches(listed, chain) for listed in selector.selector_list
            )
        else:
            is_such = _has(selector, tag)
        return is_such and self._matches(selector.selector, chain)


NO_STYLES = StyleSheets(())


def styles_of(markup: str, *, is_xml: bool) -> StyleSheets:
    """The style sheets in a page.

    Raises:
        MissingExtraError: they hide parts or set them apart, and the libraries that read them are
            missing.
    """
    if not _SHEET.search(markup) or not _RELEVANT.search(markup):
        return NO_STYLES
    return StyleSheets(
        part.content
        for part in tags_and_texts(markup, is_xml=is_xml)
        if isinstance(part, Tag)
        and part.name == "style"
        and part.content
        and _holds(part.attributes.get("media", ""))
        and part.attributes.get("type", "text/css").strip().lower() in ("", "text/css")
    )


def _inline(style: str) -> Declarations:
    declarations: dict[str, tuple[str, bool]] = {}
    for name, value, important in _INLINE.findall(style):
        declarations |= _declared(name.lower(), value, bool(important))
    return declarations


def _declared(name: str, value: str, important: bool) -> dict[str, tuple[str, bool]]:
    value = value.strip().lower()
    if name.startswith("list-style"):
        kind = _TYPE_OF_LIST.search(value)
        return {"list_type": (kind[0], important)} if kind else {}
    return {name: (value, important)}


def _rules(source: str) -> Iterator[tuple[Any, Declarations]]:
    """The selectors that can be matched, each with its declarations of what is read here."""
    try:
        import cssselect
        import tinycss2
    except ImportError:
        raise MissingExtraError(
            "Reading HTML with a style sheet", "documents", "tinycss2 cssselect"
        ) from None
    waiting = tinycss2.parse_stylesheet(source, True, True)[::-1]
    while waiting:
        node = waiting.pop()
        with suppress(RecursionError, cssselect.SelectorError):
            if node.type == "qualified-rule":
                yield from list(_selectors(node))
            elif node.type == "at-rule" and node.content is not None and _applies(node):
                waiting += tinycss2.parse_rule_list(node.content, True, True)[::-1]


def _applies(block: Any) -> bool:
    """Whether the rules in a block (`@media`) hold."""
    from tinycss2 import serialize

    condition = serialize(block.prelude).strip().lower()
    if block.lower_at_keyword == "supports":
        return not condition.startswith("not")
    return block.lower_at_keyword == "layer" or (
        block.lower_at_keyword == "media" and _holds(condition)
    )


def _selectors(rule: Any) -> Iterator[tuple[Any, Declarations]]:
    from cssselect import parse
    from tinycss2 import parse_blocks_contents, serialize

    declarations: dict[str, tuple[str, bool]] = {}
    for declaration in parse_blocks_contents(rule.content, True, True):
        if declaration.type == "declaration" and declaration.lower_name in _PROPERTIES:
            value = serialize(declaration.value)
            declarations |= _declared(declaration.lower_name, value, declaration.important)
    source = serialize(rule.prelude) if declarations else ""
    if source and max(map(len, source.split(","))) <= _LONGEST_SELECTOR:
        for selector in parse(source):
            if selector.pseudo_element is None and _can_match(selector.parsed_tree):
                yield selector, declarations


def _holds(query: str) -> bool:
    """Whether a media query holds for a wide screen; one with other features does not."""
    return not query.strip() or any(map(_holds_alone, query.lower().split(",")))


def _holds_alone(query: str) -> bool:
    query = query.strip()
    is_negated = query.startswith("not ")
    conditions = [part.strip() for part in _AND.split(query.removeprefix("not "))]
    known = [_MEDIA.get(condition, _holds_width(condition)) for condition in conditions]
    return None not in known and all(known) != is_negated


def _holds_width(condition: str) -> bool | None:
    match = _WIDTH.fullmatch(condition)
    if match is None:
        return None
    width = int(match["width"]) * (1 if match["unit"] == "px" else _EM)
    is_least = match["bound"] == "min" or match["sign"] == ">"
    return width <= _SCREEN_WIDTH if is_least else width >= _SCREEN_WIDTH


def _can_match(selector: Any) -> bool:
    from cssselect import parser

    if isinstance(selector, parser.CombinedSelector):
        return (
            selector.combinator in (" ", ">")
            and _can_match(selector.selector)
            and _can_match(selector.subselector)
        )
    if isinstance(selector, parser.Element):
        return True
    if isinstance(selector, parser.Pseudo):
        return selector.ident == "root" and _can_match(selector.selector)
    if isinstance(selector, parser.Negation):
        return _can_match(selector.selector) and _can_match(selector.subselector)
    if isinstance(selector, parser.Matching | parser.SpecificityAdjustment):
        return all(map(_can_match, (selector.selector, *selector.selector_list)))
    known = isinstance(selector, parser.Class | parser.Hash | parser.Attrib)
    return known and _can_match(selector.selector)


def _key(selector: Any) -> str:
    """What an element has if the selector means it: a class, an id or a name; `*` for any."""
    from cssselect import parser

    if isinstance(selector, parser.CombinedSelector):
        return _key(selector.subselector)
    if isinstance(selector, parser.Class):
        return f".{selector.class_name}"
    if isinstance(selector, parser.Hash):
        return f"#{selector.id}"
    if isinstance(selector, parser.Element):
        return selector.element.lower() if selector.element else "*"
    return _key(selector.selector)


def _has(selector: Any, tag: Tag) -> bool:
    """Whether an element has the class, the id or the attribute of a selector."""
    from cssselect import parser

    if isinstance(selector, parser.Class):
        return selector.class_name in tag.attributes.get("class", "").split()
    if isinstance(selector, parser.Hash):
        return selector.id == tag.attributes.get("id")
    actual = tag.attributes.get(selector.attrib.lower())
    value = None if selector.value is None else str(selector.value.value)
    if actual and value and selector.flag == "i":
        actual, value = actual.lower(), value.lower()
    if actual is None or value is None:
        return actual is not None and selector.operator == "exists"
    return {
        "=": actual == value,
        "~=": value in actual.split(),
        "|=": actual == value or actual.startswith(f"{value}-"),
        "^=": bool(value) and actual.startswith(value),
        "$=": bool(value) and actual.endswith(value),
        "*=": bool(value) and value in actual,
        "!=": actual != value,
    }.get(selector.operator, False)
