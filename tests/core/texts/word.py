"""Word documents for tests, written as XML so that every element can be in them."""

from __future__ import annotations

import zipfile
from pathlib import Path

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMES = (
    f'xmlns:w="{_MAIN}" xmlns:r="{_RELATIONS}" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_ROOTS = {"header": "hdr", "footer": "ftr"}


def run(text: str, properties: str = "") -> str:
    """A run of text."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str, properties: str = "") -> str:
    """A paragraph with runs, or with a plain text."""
    content = content if content.startswith("<") or not content else run(content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{content}</w:p>"


def numbered(text: str, list_id: int, level: int = 0) -> str:
    """A paragraph of a list."""
    ids = f'<w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/>'
    return paragraph(text, f"<w:numPr>{ids}</w:numPr>")


def level(index: int, text: str, kind: str = "decimal", more: str = "") -> str:
    """A level of a list, with `%1` in its text for the counter of the first."""
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(*definitions: str, lists: str = "") -> str:
    """Definitions of lists, each with a list of the same number from 1, and further lists."""
    numbers = range(1, len(definitions) + 1)
    return (
        "".join(
            f'<w:abstractNum w:abstractNumId="{number}">{definition}</w:abstractNum>'
            for number, definition in zip(numbers, definitions, strict=True)
        )
        + "".join(
            f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
            for number in numbers
        )
        + lists
    )


def write_word(
    path: Path, body: str, *, main: str = "word/document.xml", strict: bool = False, **parts: str
) -> Path:
    """A document with this body; `header1="..."` adds a part, with the relation `header1`."""
    contents = {main: f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>"}
    relations = ""
    for name, content in parts.items():
        kind = name.rstrip("0123456789")
        root = _ROOTS.get(kind, kind)
        contents[f"word/{name}.xml"] = f"<w:{root} {_NAMES}>{content}</w:{root}>"
        relations += f'<Relationship Id="{name}" Type="{_RELATIONS}/{kind}" Target="{name}.xml"/>'
    base = main.rpartition("/")[2]
    contents["_rels/.rels"] = (
        f'<Relationships><Relationship Id="a" Type="{_RELATIONS}/officeDocument" '
        f'Target="{main}"/></Relationships>'
    )
    contents[f"word/_rels/{base}.rels"] = f"<Relationships>{relations}</Relationships>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, content in contents.items():
            if strict:
                content = content.replace(
                    _MAIN, "http://purl.oclc.org/ooxml/wordprocessingml/main"
                ).replace(_RELATIONS, "http://purl.oclc.org/ooxml/officeDocument/relationships")
            archive.writestr(name, content)
    return path
