"""Pages of the documentation as the tests see them: their code blocks and their links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]

PAGES = tuple(
    sorted(
        [
            *ROOT.glob("*.md"),
            *(ROOT / "docs").rglob("*.md"),
            *(ROOT / "plugins").glob("*/README.md"),
        ]
    )
)
"""Every page a person may follow. Readmes beside sample files only say where those come from."""

_FENCE = re.compile(r"^```(?P<language>[\w{}-]*)\s*$")
_FILE = re.compile(r"^`(?P<name>[\w./-]+\.\w+)`:$")
_NOT_RUN = re.compile(r"^<!-- not run: (?P<reason>\S.*) -->$")
_EXITS = re.compile(r"^<!-- exits: (?P<code>\d+) -->$")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes:
        page: where it stands.
        line: of its opening fence, counted from 1.
        language: what the fence says.
        code: its lines.
        file: name on a line before it, "`name.ext`:": the reader is to write this file.
        not_run: the reason in `<!-- not run: ... -->` before it; None where it is run or checked.
        exits: exit code of its last command, from `<!-- exits: 2 -->` before it.
        output: the `text` block right after it: what it prints. None where none is shown.
    """

    page: Path
    line: int
    language: str
    code: str
    file: str | None
    not_run: str | None
    exits: int
    output: str | None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order; a `text` block is the output of the one before."""
    found: list[Block] = []
    before: list[str] = []
    lines = iter(enumerate(page.read_text(encoding="utf-8").splitlines(), start=1))
    for number, line in lines:
        fence = _FENCE.match(line)
        if fence is None:
            before += [line.strip()] if line.strip() else []
            continue
        code = "\n".join(_until_closed(lines, page, number))
        if fence["language"] == "text" and found and not before:
            found[-1] = replace(found[-1], output=code)
            continue
        found.append(_block(page, number, fence["language"], code, before[-2:]))
        before = []
    return found


def links_of(page: Path) -> list[str]:
    """Targets of the links of a page, outside of code."""
    return [match["target"] for match in _LINK.finditer(_without_code(page))]


def anchors_of(page: Path) -> set[str]:
    """What `page.md#...` can point at: headings as GitHub and myst spell them."""
    return {_slug(match["title"]) for match in _HEADING.finditer(_without_code(page))}


def _without_code(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)


def _slug(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def _until_closed(lines: Iterator[tuple[int, str]], page: Path, opened: int) -> Iterator[str]:
    for _, line in lines:
        if line == "```":
            return
        yield line
    raise AssertionError(f"{page.name}:{opened}: the block is never closed")


def _block(page: Path, line: int, language: str, code: str, before: list[str]) -> Block:
    file, not_run, exits = (
        next(filter(None, map(pattern.match, before)), None)
        for pattern in (_FILE, _NOT_RUN, _EXITS)
    )
    return Block(
        page=page,
        line=line,
        language=language,
        code=code,
        file=file["name"] if file else None,
        not_run=not_run["reason"] if not_run else None,
        exits=int(exits["code"]) if exits else 0,
        output=None,
    )
