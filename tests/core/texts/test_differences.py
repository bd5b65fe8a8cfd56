"""Where the readers of HTML and Word differ from a second library, and nowhere else."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

import pytest
from docx2python import docx2python
from inscriptis import get_text
from tests.core.texts import html_blocks, word_blocks
from tests.core.texts.generated import words
from tests.core.texts.html_blocks import Difference
from tests.core.texts.word import paragraph, write_word

from metier.texts.readers.html import html_text
from metier.texts.texts import Documents

PAGES = range(20)
_MARKS = re.compile(r"#{1,6}|[|*-]|--")
_NOTES = re.compile(r"\nfootnote2\).*", re.DOTALL)
"""docx2python writes notes at the end."""


def generated(blocks: Mapping[str, str], seed: int) -> list[tuple[str, str, list[str]]]:
    """Some blocks in an order that the seed decides: the kind, the markup and the words of each.

    Twenty seeds in a row give every kind at least once.
    """
    kinds = list(blocks)
    share = [kinds[(seed * 5 + step) % len(kinds)] for step in range(5)]
    share += random.Random(seed).sample(sorted({*kinds}.difference(share)), 5)
    source = words(seed, latin=True)
    chosen = []
    for kind in share:
        own = [re.sub(r"[^a-z]", "", next(source)) for _ in range(5)]
        chosen.append((kind, blocks[kind].format(*own), own))
    return chosen


def split(text: str) -> list[list[str]]:
    """The words between each border and the next, without marks."""
    parts = re.split(r"border\d+", text)[1:]
    return [[word for word in part.split() if not _MARKS.fullmatch(word)] for part in parts]


def check(
    kind: str,
    own: list[str],
    ours: list[str],
    theirs: list[str],
    differences: Mapping[str, Difference],
) -> None:
    if kind in differences:
        expected = differences[kind]
        assert expected.why
        assert (ours, theirs) == (
            expected.ours.format(*own).split(),
            expected.theirs.format(*own).split(),
        ), kind
    else:
        assert ours == theirs, kind


@pytest.mark.parametrize("seed", PAGES)
def test_pages_are_read_as_by_a_second_library_but_for_the_differences_listed(seed):
    chosen = generated(html_blocks.BLOCKS, seed)
    wrapper = ("div", "section", "article", "main", "blockquote")[seed % 5]
    body = "".join(
        f"<p>border{number}</p><{wrapper}>{markup}</{wrapper}>"
        for number, (_, markup, _) in enumerate(chosen)
    )
    page = f"<!doctype html><html><head><title>Title</title></head><body>{body}</body></html>"
    ours, theirs = split(html_text(page)[0]), split(get_text(page))
    assert len(ours) == len(theirs) == len(chosen)
    for (kind, _, own), our, their in zip(chosen, ours, theirs, strict=True):
        check(kind, own, our, their, html_blocks.DIFFERENCES)


@pytest.mark.parametrize("seed", PAGES)
def test_documents_are_read_as_by_a_second_library_but_for_the_differences_listed(tmp_path, seed):
    chosen = generated(word_blocks.BLOCKS, seed)
    body = "".join(
        paragraph(f"border{number}") + markup for number, (_, markup, _) in enumerate(chosen)
    )
    path = write_word(tmp_path / "a.docx", body, **word_blocks.PARTS)
    (item,) = Documents.read(path)
    with docx2python(path) as document:
        ours, theirs = split(item.text), split(_NOTES.sub("", document.text))
    assert len(ours) == len(theirs) == len(chosen)
    for (kind, _, own), our, their in zip(chosen, ours, theirs, strict=True):
        check(kind, own, our, their, word_blocks.DIFFERENCES)


def test_every_difference_is_of_a_kind_that_is_generated():
    for module in (html_blocks, word_blocks):
        seen = {kind for seed in PAGES for kind, _, _ in generated(module.BLOCKS, seed)}
        assert seen == module.BLOCKS.keys()
        assert module.DIFFERENCES.keys() <= seen
