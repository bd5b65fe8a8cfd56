"""A toy plugin that conforms, and what to change in it so that it does not."""

from __future__ import annotations

import json
from pathlib import Path

from tests.core.installed import Site

NAME = "acme-toys"
PACKAGE = "toy_acme_toys"

MANIFEST = """\
schema: 1
domain: acme-toys
title: Toys and wishes
default_dim: 64
instructions:
  - id: find
    task: Given a wish, retrieve the toy that grants it
    kind: retrieval
    aliases: [seek, {name: look-up, status: deprecated}, {name: wish, status: retired}]
  - id: sort
    task: Sort toys by what they are made of
    kind: clustering
    sides: both
workflows:
  - id: best
    call: toy_acme_toys.work:best
    summary: Find the toy that grants a wish
    demo: {toys: samples/toys.csv, wish: a bear made of wood}
  - id: count
    call: toy_acme_toys.work:count
    summary: Count the words of a file of toys
    demo: {path: samples/toys.csv}
splitter: toy_acme_toys.work:sentences
evaluation:
  - {instruction: find, folder: evaluation/find}
  - {instruction: sort, folder: evaluation/sort}
"""

WORK = '''\
import random
from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier import Result, Runtime, Table, Texts, workflow
from metier.errors import InputError
from metier.texts.splitter import Section


class Answer(Result):
    text: str
    score: float

    def headline(self):
        return f"Best: {self.text}"

    def tables(self):
        return [Table("Toys", ("text", "score"), [(self.text, self.score)])]

    def rows(self):
        return [{"text": self.text, "score": self.score}]


@workflow("acme-toys/best", instruction="acme-toys/find")
def best(
    rt: Runtime,
    toys: Annotated[Texts, Field(description="One toy each.")],
    wish: Annotated[str, Field(min_length=1, description="What is wished for.")],
    *,
    seed: Annotated[int, Field(description="Of the choice between equals.")] = 0,
) -> Answer:
    """Find the toy that grants a wish."""
    rows = rt.embed_documents(toys.strings, instruction="acme-toys/find")
    scores = rows @ rt.embed_queries([wish], instruction="acme-toys/find")[0]
    place = int(scores.argmax())
    random.Random(seed).random()
    return Answer(text=toys[place].text, score=float(scores[place]))


@workflow("acme-toys/count")
def count(rt: Runtime, path: Annotated[Path, Field(description="A file of toys.")]) -> Answer:
    """Count the words of a file of toys."""
    if not path.is_file():
        raise InputError(f"There is no file {str(path)!r}.", fix="Check the path.")
    words = path.read_text(encoding="utf-8", errors="replace").split()
    return Answer(text=f"{len(set(words))} words", score=1.0)


def sentences(text, name):
    begun = 0
    for sentence in text.split("."):
        end = begun + len(sentence)
        if sentence:
            yield Section(begun, end)
        begun = end + 1
'''

SAMPLE = "id,text\n1,A bear made of wood and string\n2,A train of tin with a whistle\n"

METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Dist: metier>=0.1\n"
ENTRY_POINTS = "[metier.plugins]\n{name} = {package}\n[metier.api]\n1 = {package}\n"

TOYS = ["wooden bear", "tin train", "paper kite", "glass marble", "rag doll", "steel top",
        "cork boat", "felt rabbit", "brass drum", "clay whistle"]  # fmt: skip


def install_conforming(
    site: Site,
    *changes: tuple[str, str],
    code: str = "",
    metadata: str = METADATA,
    entry_points: str = ENTRY_POINTS,
    name: str = NAME,
) -> Path:
    """Install the plugin with texts of its manifest and of its code exchanged.

    Args:
        site: where to.
        changes: (before, after); `before` stands in the manifest or in the code.
        code: of its `__init__`.
        metadata: see `Site.add`.
        entry_points: see `Site.add`.
        name: of its entry point.

    Returns:
        The package folder.
    """
    manifest, work = MANIFEST, WORK
    for before, after in changes:
        assert before in manifest or before in work, before
        manifest, work = manifest.replace(before, after), work.replace(before, after)
    folder = site.add(
        name,
        package=PACKAGE,
        distribution="metier-acme-toys",
        manifest=manifest.replace("{", "{{").replace("}", "}}"),
        code=code,
        metadata=metadata,
        entry_points=entry_points,
        work=work,
    )
    _write(folder / "samples" / "toys.csv", SAMPLE)
    _write(folder / "evaluation" / "find" / "corpus.jsonl", _lines("_id", TOYS))
    wishes = [f"I wish for a {toy}" for toy in TOYS]
    _write(folder / "evaluation" / "find" / "queries.jsonl", _lines("_id", wishes))
    judged = "".join(f"{place}\t{place}\t1\n" for place in range(len(TOYS)))
    _write(folder / "evaluation" / "find" / "qrels.tsv", f"query-id\tcorpus-id\tscore\n{judged}")
    labeled = [
        {"id": str(place), "text": f"{label} {toy}", "label": label}
        for place, toy in enumerate(TOYS)
        for label in [("soft and warm", "hard and cold")[place % 2]]
    ]
    _write(
        folder / "evaluation" / "sort" / "items.jsonl",
        "".join(json.dumps(one) + "\n" for one in labeled),
    )
    return folder


def excused(name: str) -> tuple[str, str]:
    """A change for `install_conforming` that excuses a check."""
    line = f"conformance: {{excuses: {{{name}: Toys are known by their names alone}}}}\n"
    return "schema: 1\n", f"schema: 1\n{line}"


def _lines(key: str, texts: list[str]) -> str:
    rows = ({key: str(place), "text": text} for place, text in enumerate(texts))
    return "".join(json.dumps(row) + "\n" for row in rows)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
