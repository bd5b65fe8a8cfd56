"""HTML pages as tags and texts.

The standard library's `html.parser` takes minutes for 100 kB of unclosed comments, and fails an
assertion at `<![<`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from html import unescape

from metier.errors import MissingExtraError
from metier.texts.reader import refuse_binary

FOREIGN = frozenset({"svg", "math"})
"""Elements whose content follows the rules of XML."""
LEFT_OUT = frozenset(
    {
        "nav",
        "svg",
        "template",
        "object",
        "canvas",
        "audio",
        "video",
        "datalist",
        "annotation",
        "annotation-xml",
    }
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
CELLS = frozenset({"td", "th"})
SECTIONS = frozenset({"tbody", "thead", "tfoot"})
KINDS = {
    **dict.fromkeys(
        ("address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div",
         "dl", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr",
         "legend", "main", "menu", "nav", "ol", "p", "search", "section", "summary", "ul"),
        "paragraph",
    ),
    **dict.fromkeys(("body", "frameset", "head", "html", "noframes"), "outermost"),
    **dict.fromkeys(("br", "dd", "dt", "option"), "line"),
    **dict.fromkeys(HEADINGS, "heading"),
    **dict.fromkeys(("pre", "listing", "xmp"), "preformatted"),
    **dict.fromkeys(CELLS, "cell"),
    **dict.fromkeys(SECTIONS, "section"),
    "button": "button",
    "caption": "caption",
    "li": "item",
    "table": "table",
    "tr": "row",
}  # fmt: skip
"""What an element is to the text; inline elements are not in it. Pages end the outermost ones
anywhere, which ends nothing."""
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
INTEGRATED = frozenset({"foreignobject", "desc", "annotation-xml"})
"""Elements of a picture or formula that hold HTML; elsewhere in one, HTML ends it."""
SCOPES = frozenset({"table", "caption", "template", "object", *CELLS})
"""Elements whose end an element inside of them cannot outlive, and which keep end tags inside."""
LISTS = frozenset({"ol", "ul", "menu", "dir"})
_LISTS = SCOPES | LISTS | {"dl"}
ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), _LISTS),
    **dict.fromkeys(("dd", "dt"), (frozenset({"dd", "dt"}), _LISTS)),
    "table": (frozenset({"table"}), CELLS | {"caption"}),
    "button": (frozenset({"button"}), SCOPES),
    "option": (frozenset({"option"}), SCOPES | {"select", "optgroup"}),
}
"""Elements that a tag ends before its own begins, and those in which they are looked for."""
ROWS: dict[str, frozenset[str]] = {
    **dict.fromkeys(CELLS, frozenset({"tr", "table", *SECTIONS})),
    "tr": frozenset({"table", *SECTIONS}),
    **dict.fromkeys(("caption", *SECTIONS), frozenset({"table"})),
}
"""Parts of a table, and the elements in which they begin: a tag of one ends all others."""
WRITTEN = frozenset({"", "text", "email", "tel", "url", "number", "date", "time", "month"})
"""Types of input fields whose value is shown as a text."""
SIGNS = {"mfrac": {1: "/"}, "msup": {1: "^"}, "msubsup": {2: "^"}, "munderover": {2: "^"}}
"""What a line of text has between the parts of a formula, by the number of the part."""
TITLES = frozenset({"summary", "dt", "th", "legend", "caption", *HEADINGS})
"""Elements in which a button is the title of what it unfolds or sorts."""
NOT_FOREIGN = frozenset(
    {"b", "big", "code", "em", "i", "img", "s", "small", "span", "strong", "sub", "sup", "tt", "u"}
)

_TAG_BEGIN = re.compile(r"</?[a-zA-Z]")
_TAG = re.compile(
    r"""<(?P<closing>/?)(?P<name>[a-zA-Z][^\s/>]*+)
        (?P<attributes>(?:[^>"']|(?<==)"[^"]*+"|(?<==)'[^']*+'|["'])*+)>""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++)))?+""")
_RAW = frozenset({"script", "style", "textarea", "title", "noscript", "iframe", "xmp"})
"""Elements whose content is text up to their end, even if it looks like markup."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: the beginning of an element, or its end.

    Attributes:
        name: in lower case.
        closing: whether it ends the element.
        attributes: decoded values by name in lower case.
        is_empty: whether it ends in `/>`.
        content: decoded text of an element that holds no markup (`title`, `script`); None for
            others.
    """

    name: str
    closing: bool
    attributes: Mapping[str, str]
    is_empty: bool = False
    content: str | None = None

    def number(self, name: str, default: int) -> int:
        """The value of an attribute as a whole number."""
        digits = re.match(r"\s*(-?\d{1,6})", self.attributes.get(name, ""), re.ASCII)
        return int(digits[1]) if digits else default


def tags_and_texts(markup: str, *, is_xml: bool = False) -> Iterator[Tag | str]:
    """The tags of a page, and the texts between them with entities decoded.

    Comments, declarations and processing instructions are left out; what is never closed goes on to
    the end of the page, as in a browser.

    Args:
        markup: the page.
        is_xml: whether `/>` ends any element.
    """
    text: list[str] = []
    position = depth = 0  # in the page, and in pictures and formulas, whose elements `/>` ends
    while position < len(markup):
        start = markup.find("<", position)
        if start < 0:
            start = len(markup)
        text.append(markup[position:start])
        if start == len(markup):
            break
        if markup.startswith("<!--", start):
            position = _after(markup, "-->", start + 2)  # <!--> is a whole comment
            continue
        if markup.startswith("<![CDATA[", start) and (is_xml or depth):
            position = _after(markup, "]]>", start)
            yield from _unescape(text)
            yield markup[start + 9 : position].removesuffix("]]>")
            text = []
            continue
        if markup.startswith(("<!", "<?"), start):
            position = _after(markup, ">", start)
            continue
        if _TAG_BEGIN.match(markup, start) is None:
            text.append("<")
            position = start + 1
            continue
        yield from _unescape(text)
        text = []
        tag = _TAG.match(markup, start)
        if tag is None:
            return  # a tag that is never closed
        name, position = tag["name"].lower(), tag.end()
        is_closing, is_empty, content = bool(tag["closing"]), _is_empty(tag["attributes"]), None
        if name in FOREIGN and not is_empty:
            depth = max(0, depth + (-1 if is_closing else 1))
        if name in _RAW and not is_closing and not (is_empty and (is_xml or depth)):
            end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(markup, position)
            stop = end.start() if end else len(markup)
            content, position = unescape(markup[position:stop]), stop
        yield Tag(name, is_closing, _attributes(tag["attributes"]), is_empty, content)
    yield from _unescape(text)


def _after(markup: str, end: str, start: int) -> int:
    """The position after the next `end`, or that of the end of the page."""
    position = markup.find(end, start)
    return len(markup) if position < 0 else position + len(end)


def _is_empty(attributes: str) -> bool:
    """Whether a tag ends in `/>`, where that is no end of a value (`href=a/`)."""
    if not attributes.endswith("/"):
        return False
    *_, last = attributes.split()
    return "=" not in last or last.endswith(('"/', "'/"))


def _attributes(source: str) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(source):
        attributes.setdefault(name.lower(), unescape("".join(values)))
    return attributes


def _unescape(text: list[str]) -> Iterator[str]:
    whole = "".join(text)
    if whole:
        yield unescape(whole)


_IS_XML = re.compile(
    r"\s*<\?xml|(?:\s|<!--(?:(?!-->).){,2000}-->|<!doctype[^>]{,500}>){,20}"
    r"<html\b[^>]{,500}\sxmlns\s*=\s*[\"']http://www\.w3\.org/1999/xhtml",
    re.IGNORECASE | re.DOTALL,
)


_PREFIX = re.compile(
    r"<([a-z][\w.-]{,30}):html\b[^>]{,500}\sxmlns:\1\s*=\s*[\"']http://www\.w3\.org/1999/xhtml",
    re.IGNORECASE,
)


def without_prefix(markup: str) -> str:
    """The page with `<html>` in place of `<x:html>`, as XML may name the elements of HTML."""
    prefix = _PREFIX.search(markup, 0, 10_000)
    if prefix is None:
        return markup
    return re.sub(rf"(</?){re.escape(prefix[1])}:", r"\1", markup)


def is_xhtml(markup: str) -> bool:
    """Whether a page says that it is XHTML."""
    return (_IS_XML.match(markup) or _PREFIX.search(markup, 0, 10_000)) is not None


def decode_page(raw: bytes, name: str) -> str:
    """The markup of a page: UTF-8 if it is valid, else the encoding that a browser would use.

    That is what the byte order mark or a meta element names, else Windows-1252.
    """
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not wide:
        refuse_binary(raw, name)
        if b"\x1b" not in raw:  # ISO-2022-JP writes letters as ASCII with escapes
            with suppress(UnicodeDecodeError):
                return raw.decode("utf-8-sig")
    try:
        from w3lib.encoding import html_to_unicode
    except ImportError:
        raise MissingExtraError("Reading HTML that is not UTF-8", "documents", "w3lib") from None
    _, markup = html_to_unicode(None, raw, default_encoding="cp1252")
    return markup
