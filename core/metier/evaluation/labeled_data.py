"""Labeled data in a folder: a test collection in BEIR layout, or texts with labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from metier.errors import InputError, UsageError
from metier.evaluation.judgments import file_bytes, read_judgments
from metier.texts.reader import Row
from metier.texts.readers.json_rows import json_lines
from metier.texts.rows import id_as_string
from metier.texts.texts import Documents, Texts

T = TypeVar("T", bound=Texts)

CORPUS, QUERIES, JUDGMENTS, ITEMS = "corpus.jsonl", "queries.jsonl", "qrels.tsv", "items.jsonl"
DATA_FILES = (CORPUS, QUERIES, JUDGMENTS, ITEMS)
"""Names of the files of a folder that are read."""

_ID = "_id"

_SPLITS = "qrels"
"""Folder in which downloads of BEIR have the judgments of each split."""

_LAYOUTS = (
    f"Retrieval is measured on {CORPUS}, {QUERIES} and {JUDGMENTS} (the BEIR layout); clustering, "
    f"classification and flagging on {ITEMS} with the fields text and label."
)


@dataclass(frozen=True, slots=True)
class Collection:
    """A test collection: queries, documents, and which of these answer which of those.

    Attributes:
        documents: what is searched.
        queries: text by id, only those that a document answers.
        grades: by id of the query, then of the document: how relevant it is, 0 for not at all.
        unanswered: queries left out since no document answers them.
    """

    documents: Documents
    queries: Mapping[str, str]
    grades: Mapping[str, Mapping[str, int]]
    unanswered: int


@dataclass(frozen=True, slots=True)
class LabeledTexts:
    """Texts with a label each."""

    texts: Texts
    labels: tuple[str, ...]


def read_folder(folder: Path) -> Collection | LabeledTexts:
    """Read what a folder holds.

    Raises:
        UsageError: there is no such folder, or it holds neither layout, or both.
        InputError: a file in it cannot be used; the message names file and line.
    """
    if not folder.is_dir():
        raise UsageError(
            f"There is no folder {str(folder)!r}.", why=_LAYOUTS, fix="Check the path."
        )
    searched = [name for name in (CORPUS, QUERIES, JUDGMENTS) if (folder / name).exists()]
    labeled = (folder / ITEMS).exists()
    if labeled and searched:
        raise UsageError(
            f"{str(folder)!r} holds {ITEMS} and {searched[0]}, two kinds of data.",
            why=_LAYOUTS,
            fix="Put each in a folder of its own.",
        )
    if labeled:
        return read_labeled(folder / ITEMS)
    if not searched:
        raise UsageError(
            f"{str(folder)!r} holds no labeled data.",
            why=_LAYOUTS,
            fix="Name a folder in one of these layouts.",
        )
    return read_collection(folder)


def read_collection(folder: Path) -> Collection:
    """Read a test collection. A document without text is its title, as some collections have it.

    Raises:
        UsageError: a file is not there.
        InputError: a file cannot be used, or a judgment names a query or document that is not
            there.
    """
    _require_files(folder, CORPUS, QUERIES, JUDGMENTS)
    documents = _texts(folder / CORPUS, Documents)
    queries = {item.id: item.text for item in _texts(folder / QUERIES, Texts)}
    grades = read_judgments(
        folder / JUDGMENTS, queries=queries.keys(), documents={item.id for item in documents}
    )
    answered = {name: text for name, text in queries.items() if _has_answer(grades.get(name, {}))}
    if not answered:
        raise InputError(
            f"No query of {QUERIES} has a document that answers it.",
            why=f"{JUDGMENTS} holds no score above 0.",
            fix="Judge at least one document for one query.",
        )
    return Collection(
        documents,
        answered,
        {name: grades[name] for name in answered},
        unanswered=len(queries) - len(answered),
    )


def read_labeled(path: Path) -> LabeledTexts:
    """Read texts with labels.

    Raises:
        UsageError: the file is not there.
        InputError: a row has no label or several, or all have the same.
    """
    _require_files(path.parent, path.name)
    texts = _texts(path, Texts)
    labels = [_label(item.fields.get("label")) for item in texts]
    missing = [
        f"row {number} ({item.id})"
        for number, (item, label) in enumerate(zip(texts, labels, strict=True), start=1)
        if label is None
    ]
    if missing:
        raise InputError(
            f"{len(missing)} of {len(texts)} rows of {path.name} have no label: "
            f"{', '.join(missing[:5])}{' ...' if len(missing) > 5 else ''}.",
            why="A label is a string, a number, or true or false.",
            fix="Give every row one, in the field label.",
        )
    present = tuple(label for label in labels if label is not None)
    if len(set(present)) < 2:
        raise InputError(
            f"All rows of {path.name} have the label {present[0]!r}.",
            fix="Nothing can be told apart with one label; give rows of two or more.",
        )
    return LabeledTexts(texts, present)


def _require_files(folder: Path, *names: str) -> None:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise UsageError(
            f"There is no file {', '.join(missing)} in {str(folder)!r}.",
            why=_LAYOUTS,
            fix=f"Copy one of the files in {_SPLITS}/ to {JUDGMENTS}, such as test.tsv."
            if missing == [JUDGMENTS] and (folder / _SPLITS).is_dir()
            else "Check the folder.",
        )


def _label(value: object) -> str | None:
    """A label as a string; None for what is none, such as a list of several."""
    label = None if isinstance(value, list | dict) else id_as_string(value)
    return label if label is not None and label.strip() else None


def _texts(path: Path, kind: type[T]) -> T:
    rows = [with_text(row) for row in json_lines(file_bytes(path), path.name)]
    # BEIR's name of it goes before any other that a row has, too
    id_field = _ID if any(_ID in row for row in rows) else None
    try:
        return kind.of(rows, text_field="text", id_field=id_field, source=path.name)
    except InputError as error:
        # nothing is left out here: what is measured has to be all there is
        raise InputError(
            error.what, why=error.why, fix="Correct the file.", position=error.position
        ) from None


def with_text(row: Row) -> Row:
    """The row, a title in the place of a text where there is none."""
    title = row.get("title")
    if isinstance(title, str) and not str(row.get("text") or "").strip():
        return {**row, "text": title, "title": ""}
    return row


def _has_answer(grades: Mapping[str, int]) -> bool:
    return any(grade > 0 for grade in grades.values())
