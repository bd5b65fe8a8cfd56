"""HTML as a stream of tags and texts, in time that grows with its length whatever it holds.

`html.parser` of the standard library needs minutes for 100 kB of comments that are never closed and
fails an assertion at `<![<`; a page is found, not written with care.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

_TAG_BEGIN = re.compile(r"</?[a-zA-Z]")
_TAG = re.compile(
    r"""<(?P<closing>/?)(?P<name>[a-zA-Z][^\s/>]*+)
        (?P<attributes>(?:[^>"']|(?<==)"[^"]*+"|(?<==)'[^']*+'|["'])*+)>""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""")
_RAW = frozenset({"script", "style", "textarea", "title", "noscript", "iframe", "xmp"})
"""Elements whose content is text up to their end, whatever it looks like."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: the beginning of an element, or its end.

    Attributes:
        name: in lower case.
        closing: whether it ends the element.
        attributes: in source form.
        content: what stands in an element that holds no markup (`title`, `script`), decoded;
            None for others.
    """

    name: str
    closing: bool
    attributes: str = ""
    content: str | None = None

    def attribute(self, name: str) -> str | None:
        """The decoded value of an attribute; None where it is not given."""
        for key, *values in _ATTRIBUTE.findall(self.attributes):
            if key.lower() == name:
                return unescape("".join(values))
        return None


def tags_and_texts(markup: str) -> Iterator[Tag | str]:
    """The tags of a page, and the texts between them with entities decoded.

    Comments, declarations and processing instructions are left out; what is never closed goes on to
    the end of the page, as it does in a browser.
    """
    text: list[str] = []
    place = 0
    while place < len(markup):
        opened = markup.find("<", place)
        if opened < 0:
            opened = len(markup)
        text.append(markup[place:opened])
        if opened == len(markup):
            break
        if markup.startswith("<!--", opened):
            place = _after(markup, "-->", opened + 2)  # <!--> is a whole comment
            continue
        if markup.startswith(("<!", "<?"), opened):
            place = _after(markup, ">", opened)
            continue
        if _TAG_BEGIN.match(markup, opened) is None:
            text.append("<")
            place = opened + 1
            continue
        yield from _decoded(text)
        text = []
        found = _TAG.match(markup, opened)
        if found is None:
            return  # a tag that is never closed
        name, place = found["name"].lower(), found.end()
        content = None
        if name in _RAW and not found["closing"]:
            end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(markup, place)
            stop = end.start() if end else len(markup)
            content, place = unescape(markup[place:stop]), stop
        yield Tag(name, bool(found["closing"]), found["attributes"], content)
    yield from _decoded(text)


def _after(markup: str, end: str, start: int) -> int:
    found = markup.find(end, start)
    return len(markup) if found < 0 else found + len(end)


def _decoded(text: list[str]) -> Iterator[str]:
    whole = "".join(text)
    if whole:
        yield unescape(whole)
