"""From a path to texts: choose the reader, read, check."""

from __future__ import annotations

import codecs
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
        path: a file, a folder (hidden files and readmes are left out), or `-` for standard input
            (JSON lines or one text a line).
        kind: `Texts`, or `Documents` where a plain-text file is one document.
        readers: readers beyond the built-in ones; they win for a suffix both know.
        text_field: see `Texts.of`.
        id_field: see `Texts.of`.
        skip_invalid: see `Texts.of`.

    Raises:
        UsageError: no such file, or no reader for its suffix.
        InputError: the content cannot be used.
    """
    if str(path) == "-":
        rows, source = list(_stdin_rows(kind)), "standard input"
    else:
        file = _existing(path)
        by_suffix = _by_suffix([*builtin_readers(), *readers])
        source = file.name
        if file.is_dir():
            rows = _folder_rows(file, by_suffix, kind)
        else:
            rows = _rows(file, by_suffix, kind)
    return kind.of(
        rows,
        text_field=text_field,
        id_field=id_field,
        skip_invalid=skip_invalid,
        source=source,
    )


def _existing(path: str | Path) -> Path:
    try:
        file = Path(path).expanduser()
        if file.exists():
            return file
        absolute = file.is_absolute()
    except (OSError, RuntimeError, ValueError):  # a text given as a path is no possible name
        absolute = True
    shown = str(path) if len(str(path)) <= 80 else str(path)[:77] + "..."
    raise UsageError(
        f"There is no file {shown!r}.",
        why=None if absolute else f"Looked in {Path.cwd()}.",
        fix="Check the path. To give a text directly, pipe it to the option with - for the file.",
    )


def _by_suffix(readers: Iterable[Reader]) -> dict[str, Reader]:
    return {suffix: reader for reader in readers for suffix in reader.suffixes}


def _folder_rows(folder: Path, by_suffix: dict[str, Reader], kind: type[Texts]) -> list[Row]:
    found = sorted(file for file in folder.rglob("*") if _is_wanted(file, folder, by_suffix))
    if not found:
        raise InputError(
            f"The folder {folder.name!r} holds no file that can be read.",
            why=f"Readable are: {', '.join(sorted(by_suffix))}.",
        )
    return [
        _named_within(folder, file, row) for file in found for row in _rows(file, by_suffix, kind)
    ]


def _is_wanted(file: Path, folder: Path, by_suffix: dict[str, Reader]) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    readable = file.suffix.lower() in by_suffix and file.is_file()
    return readable and not hidden and file.stem.upper() != "README"


def _named_within(folder: Path, file: Path, row: Row) -> Row:
    """The row, its id made of the file's place in the folder where it is made of its name."""
    own = row.get("id")
    if file.parent == folder or not isinstance(own, str):
        return row
    if own != file.name and not own.startswith(f"{file.name}:"):
        return row
    return {**row, "id": f"{file.parent.relative_to(folder).as_posix()}/{own}"}


def _rows(path: Path, by_suffix: dict[str, Reader], kind: type[Texts]) -> list[Row]:
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


def _stdin_rows(kind: type[Texts]) -> Iterator[Row]:
    """Standard input is JSON lines if it starts like an object, else text."""
    raw = sys.stdin.buffer.read()
    if raw.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{":
        yield from json_lines(raw, "stdin")
    elif issubclass(kind, Documents):
        yield {"id": "stdin", "text": decode(raw, "stdin")}
    else:
        yield from text_lines(raw, "stdin")
