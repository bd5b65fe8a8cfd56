"""Generated documents whose words are known, each of which is in them once."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

_LATIN = (
    "clause", "caf\u00e9", "na\u00efvet\u00e9", "\u00dcberweisung", "\u00a7", "\u20ac5", "50%",
    "O'Neil", "risk-based", "AT&T", "\u201cquoted\u201d", '"plain"', "semi;colon", "1,234.5", "a/b",
    "(see)", "user@example.org", "http://example.org/a?b=1&c=2", "C#", "snake_case", "it\u2019s",
    "\u00bd", "x<y>z", "&amp;", "a|b", "end.", "A.B.C.", "\u2014",
    "Donaudampfschifffahrtsgesellschaftskapit\u00e4nswitwe",
)  # fmt: skip
_OTHERS = (  # Greek, Russian, Chinese, Japanese, Hebrew, Arabic, Thai, Hindi, Korean, emoji
    "\u03bb\u03cc\u03b3\u03bf\u03c2", "\u0434\u043e\u0433\u043e\u0432\u043e\u0440",
    "\u5408\u540c\u6761\u6b3e", "\u5951\u7d04\u66f8", "\u05e9\u05dc\u05d5\u05dd",
    "\u0639\u0642\u062f", "\u0e2a\u0e31\u0e0d\u0e0d\u0e32", "\u0928\u092e\u0938\u094d\u0924\u0947",
    "\ud55c\uad6d\uc5b4", "e\u0301te\u0301", "\U0001f642",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
)  # fmt: skip
_LETTERS = "bcdfghjkmnpqrtwz"
MARKS = re.compile(r"[#|\s\u2022-]|\b\d+\.|\b[a-z]+\.")
"""What a reader adds: marks of headings, rows and entries, and numbers of lists."""


@dataclass(frozen=True)
class Block:
    """A part of a document.

    Attributes:
        kind: `heading`, `paragraph`, `bullets`, `numbers` or `table`.
        rows: texts of its rows of cells; a heading or a paragraph has one of one cell.
        level: of a heading.
    """

    kind: str
    rows: tuple[tuple[str, ...], ...]
    level: int = 1

    @property
    def text(self) -> str:
        return self.rows[0][0]


def words(seed: int, *, latin: bool) -> Iterator[str]:
    """Words of many kinds, no one of which is a part of another."""
    chance = random.Random(seed)
    kinds = _LATIN if latin else _LATIN + _OTHERS
    for code in itertools.product(_LETTERS, repeat=3):
        yield f"{chance.choice(kinds)}q{''.join(code)}"


def document(seed: int, *, latin: bool = False, kinds: str = "hpbnt") -> list[Block]:
    """Blocks in an order that the seed decides.

    Args:
        seed: of the generator.
        latin: whether all letters are in fonts of western Europe.
        kinds: first letters of the kinds of blocks, after a heading and a paragraph.
    """
    chance = random.Random(seed)
    source = words(seed, latin=latin)

    def text(most: int) -> str:
        return " ".join(itertools.islice(source, chance.randint(1, most)))

    blocks = [Block("heading", ((text(4),),)), Block("paragraph", ((text(40),),))]
    for _ in range(chance.randint(3, 9)):
        kind = chance.choice(kinds)
        if kind == "h":
            blocks.append(Block("heading", ((text(5),),), chance.randint(1, 4)))
        elif kind == "p":
            blocks.append(Block("paragraph", ((text(60),),)))
        elif kind in "bn":
            name = "bullets" if kind == "b" else "numbers"
            rows = tuple((text(12),) for _ in range(chance.randint(1, 5)))
            blocks.append(Block(name, rows))
        else:
            columns = chance.randint(2, 4)
            count = chance.randint(1, 4)
            rows = tuple(tuple(text(4) for _ in range(columns)) for _ in range(count))
            blocks.append(Block("table", rows))
    return blocks


def all_words(blocks: list[Block]) -> list[str]:
    """The words of a document in their order."""
    return [word for block in blocks for row in block.rows for cell in row for word in cell.split()]


def problems(text: str, expected: list[str]) -> list[str]:
    """Words that are lost, misplaced or repeated in a text, and what else is in it."""
    reports = []
    position = 0
    rest = text
    for word in expected:
        count = text.count(word)
        if count != 1:
            reports.append(f"{word!r} is there {count} times")
        elif text.index(word) < position:
            reports.append(f"{word!r} is misplaced")
        else:
            position = text.index(word)
        rest = rest.replace(word, " ")
    more = MARKS.sub("", rest)
    return [*reports, *([f"{more!r} is added"] if more else [])]
