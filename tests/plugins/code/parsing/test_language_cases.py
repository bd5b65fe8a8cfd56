"""What is found in sources of every language, as the tables in `cases/` list it.

A case is a title with the language, a source, and after `---` the definitions: line, kind and name.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metier_code.parsing.definitions import parse
from metier_code.parsing.languages import languages

CASES = [
    case.partition("\n")
    for file in sorted((Path(__file__).parent / "cases").glob("*.txt"))
    for case in re.split(r"^=== ", file.read_text("utf-8"), flags=re.MULTILINE)[1:]
]


@pytest.mark.parametrize(
    ("language", "case"),
    [(title.partition(":")[0], case) for title, _, case in CASES],
    ids=[title.replace(" ", "-") for title, _, _ in CASES],
)
def test_definitions_are_found_under_their_names(language: str, case: str) -> None:
    source, _, expected = case.partition("\n---\n")

    parsed = parse(source + "\n", language)

    found = [f"{one.line} {one.kind} {one.name}".rstrip() for one in parsed.definitions]
    found += [f"{line} fault" for line, _ in parsed.faults]
    assert found == expected.splitlines()


def test_every_language_of_the_tables_has_five_cases() -> None:
    titles = [title.partition(":")[0] for title, _, _ in CASES]
    counts = {name: titles.count(name) for name in languages()}
    extras = {name for name, entry in languages().items() if entry.extra or entry.parts}
    with_cases = {name: count for name, count in counts.items() if name not in extras and count}
    assert len(with_cases) >= 15
    assert min(with_cases.values()) >= 5
    assert set(titles) <= set(languages())
