"""From a path to texts: choose the reader, read, check."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from metier.errors import InputError, UsageError
from metier.texts.reader import Reader, Row, decode
from metier.texts.readers import builtin_readers, json_lines, text_lines
from metier.texts.texts import Documents, Texts

T = TypeVar("T", bound=Texts)


def read_texts(
    path: str | Path,
    kind: type[T],
    *,
    readers: Sequence[Reader] = (),
    text_field: str | None = None,
    id_field: str | None = None,
    skip_invalid: bool = False,
) -> T:
    """Read a file, every known file of a folder, or standard input (`-`).

    Args:
        path: a file, a folder, or `-` for standard input (JSON lines or one text a line).
        kind: `Texts`, or `Documents` where a plain-text file is one document.
        readers: readers beyond the built-in ones; they win for a suffix both know.
        text_field: see `Texts.of`.
        id_field: see `Texts.of`.
        skip_invalid: see `Texts.of`.

    Raises:
        UsageError: no such file, or no reader for its suffix.
        InputError: the content cannot be used.
    """
    by_suffix = _by_suffix([*builtin_readers(), *readers])
    if str(path) == "-":
        rows, source = list(_stdin_rows(kind)), "standard input"
    else:
        file = Path(path).expanduser()
        if not file.exists():
            raise UsageError(
                f"There is no file {str(path)!r}.",
                why=f"Looked in {Path.cwd()}." if not file.is_absolute() else None,
                fix="Check the path. To give one text directly, pipe it: echo TEXT | metier ... -",
            )
        source = file.name
        rows = [row for one in _files(file, by_suffix) for row in _rows(one, by_suffix, kind)]
    return kind.of(
        rows,
        text_field=text_field,
        id_field=id_field,
        skip_invalid=skip_invalid,
        source=source,
    )


def _by_suffix(readers: Iterable[Reader]) -> dict[str, Reader]:
    return {suffix: reader for reader in readers for suffix in reader.suffixes}


def _files(path: Path, by_suffix: dict[str, Reader]) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix.lower() in by_suffix and file.is_file() and file.stem.upper() != "README"
    )
    if not found:
        raise InputError(
            f"The folder {path.name!r} holds no file that can be read.",
            why=f"Readable are: {', '.join(sorted(by_suffix))}.",
        )
    yield from found


def _rows(path: Path, by_suffix: dict[str, Reader], kind: type[Texts]) -> Iterable[Row]:
    reader = by_suffix.get(path.suffix.lower())
    if reader is None:
        raise UsageError(
            f"No reader for {path.name!r}.",
            why=f"Readable are: {', '.join(sorted(by_suffix))}.",
            fix="Convert the file, or install a plugin that reads it.",
        )
    try:
        if issubclass(kind, Documents) and reader.read_document is not None:
            return [reader.read_document(path)]
        return list(reader.read(path))
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read: {error.strerror or error}.",
            fix="Check the file's permissions.",
        ) from None


def _stdin_rows(kind: type[Texts]) -> Iterable[Row]:
    """Standard input is JSON lines if it starts like an object, else text."""
    raw = sys.stdin.buffer.read()
    if raw.lstrip()[:1] == b"{":
        return json_lines(raw, "stdin")
    if issubclass(kind, Documents):
        return [{"id": "stdin", "text": decode(raw, "stdin")}]
    return text_lines(raw, "stdin")
