"""Read files, folders and standard input as texts."""

from __future__ import annotations

import codecs
import errno
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from metier.errors import InputError, MetierError, PluginError, UsageError
from metier.texts.checks import NO_TEXTS
from metier.texts.conversions import PACKED, Conversions, Spool, inner_path, is_empty, unpacked
from metier.texts.parts import Part, ReadOptions
from metier.texts.reader import MOST_BYTES, Reader, decode, is_utf16, too_long
from metier.texts.readers import builtin_readers
from metier.texts.readers.json_rows import JSON, json_rows, reason_without_rows
from metier.texts.readers.tables import begins_like_a_table, csv_rows
from metier.texts.readers.text_lines import text_lines
from metier.texts.rows import InputRow
from metier.texts.stream import TextStream
from metier.texts.texts import Documents, Texts

_TOOLS = frozenset({"node_modules", "site-packages", "__pycache__"})
_TOOL_FILES = ("CACHEDIR.TAG", "pyvenv.cfg")
"""Files that tools put into a folder whose content they can make again."""
_BLOCK = 100_000
_BROKEN_LINK = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""Error numbers of a link that leads to no file."""


def files_below(folder: Path, on_error: Callable[[OSError], None]) -> list[Path]:
    """Files of a folder and those below it, in the order of their paths.

    Hidden ones and readmes are left out, and folders that tools filled: dependencies, virtual
    environments, caches. Links to folders are not followed.

    Args:
        folder: where to look.
        on_error: called for a folder that cannot be listed, and for a file in one that cannot be
            entered; it may raise.
    """
    paths: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=on_error):
        below = Path(parent)
        if below != folder and any(name in names for name in _TOOL_FILES):
            folders.clear()
            continue
        folders[:] = [name for name in folders if _is_read(name)]
        paths += [below / name for name in names if _is_document(name)]
    return sorted(path for path in paths if _is_file(path, on_error))


def _is_read(folder: str) -> bool:
    return not folder.startswith(".") and folder not in _TOOLS


def _is_file(path: Path, on_error: Callable[[OSError], None]) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        if error.errno not in _BROKEN_LINK:
            on_error(error)
        return False


def _is_document(name: str) -> bool:
    return not name.startswith(".") and Path(name).stem.upper() != "README"


T = TypeVar("T", bound=Texts)

_INSTEAD = {
    **dict.fromkeys((".doc", ".odt", ".docm", ".pages"), "Save it as .docx."),
    **dict.fromkeys((".ppt", ".odp", ".key"), "Save it as .pptx."),
    **dict.fromkeys((".zip", ".tar", ".tgz", ".7z", ".bz2", ".xz", ".zst"), "Unpack it."),
    **dict.fromkeys((".eml", ".msg", ".mbox", ".epub"), "Save it as .html or .txt."),
    **dict.fromkeys((".yaml", ".yml", ".xml"), "Write its texts as .jsonl."),
    **dict.fromkeys((".numbers", ".feather", ".arrow"), "Save it as .csv or .parquet."),
}
"""What to do with files that many people have and nothing here reads."""
_MORE_READERS = "A plugin may read more; in Python read with it: rt.read(path)."


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
        path: a file, a folder, or `-` for standard input (JSON lines, a CSV table or one text a
            line). Of a
            folder, hidden files and readmes are left out, and so are dependencies, virtual
            environments and caches; files that no reader knows or that are empty are named in
            `skipped`. Tables of a folder that share an id get their file's name before each id.
        kind: `Texts`, or `Documents` where a plain-text file is one document.
        readers: readers beyond the built-in ones; they win for a suffix both know.
        text_field: see `Texts.of`.
        id_field: see `Texts.of`.
        skip_invalid: see `Texts.of`; rows and, of a folder, files that cannot be read are left
            out, too.

    Raises:
        UsageError: no such file, or no reader for its suffix.
        InputError: the content cannot be used.
        PluginError: the reader of a plugin failed.
    """
    options = ReadOptions(kind.max_characters, text_field, id_field, skip_invalid)
    files = _Files(path, kind, readers, options)
    parts = [replace(part, rows=cache(lambda rows=part.rows: list(rows()))) for part in files.parts]
    return kind.whole(TextStream(parts, options, source=files.source, left_out=files.left_out))


def stream_texts(
    path: str | Path,
    kind: type[Texts],
    *,
    readers: Sequence[Reader] = (),
    text_field: str | None = None,
    id_field: str | None = None,
    skip_invalid: bool = False,
    generate_id: Callable[[InputRow], str] | None = None,
) -> TextStream:
    """The texts that `read_texts` gives, however many: files are read as they are needed.

    They are read twice, once to see whether all can be used. What was converted from PDF and the
    like is kept on disk meanwhile, and so is standard input.

    Args:
        generate_id: makes the id of a row that has none; of rows with equal ones only the first
            counts. None numbers rows by their position.

    Other arguments and errors are those of `read_texts`.
    """
    options = ReadOptions(kind.max_characters, text_field, id_field, skip_invalid, generate_id)
    files = _Files(path, kind, readers, options)
    conversions = Conversions()
    parts = [
        part if part.is_table else replace(part, rows=conversions.once(part.rows))
        for part in files.parts
    ]
    return TextStream(parts, options, source=files.source, left_out=files.left_out)


class _Files:
    """What can be read at a path.

    Attributes:
        parts: what can be read, in order; nothing was read yet.
        source: for messages.
        left_out: paths in a folder of which nothing will be read.
    """

    def __init__(
        self,
        path: str | Path,
        kind: type[Texts],
        readers: Sequence[Reader],
        options: ReadOptions,
    ) -> None:
        self.left_out: list[str] = []
        if str(path) == "-":
            piped = _StandardInput(kind, options.text_field)
            self.source = "standard input"
            self.parts = [Part(self.source, piped.rows, is_table=piped.is_table)]
            return
        file = _existing(path)
        by_suffix = {
            suffix: reader
            for reader in (*builtin_readers(), *readers)
            for suffix in reader.suffixes
        }
        self.source = _printable(file.name)
        if file.is_dir():
            self.parts = list(self._of_folder(file, by_suffix, kind, options))
        else:
            self.parts = [_part(file, _reader_of(file, by_suffix), kind)]

    def _of_folder(
        self, folder: Path, readers: Mapping[str, Reader], kind: type[Texts], options: ReadOptions
    ) -> Iterator[Part]:
        def refuse(error: OSError) -> None:
            if not options.skip_invalid:
                raise _unreadable(str(error.filename), error)
            path = _printable(os.path.relpath(error.filename, folder))
            self.left_out.append(f"{path} (cannot be read)")

        chosen = {
            name: frozenset(_guarded(reader, folder, partial(reader.files, folder)))
            for name, reader in {reader.name: reader for reader in readers.values()}.items()
            if reader.files is not None
        }
        has_files = False
        for file in files_below(folder, refuse):
            reader = readers.get(inner_path(file).suffix.lower())
            path = _printable(file.relative_to(folder).as_posix())
            if reader is None:
                self.left_out.append(f"{path} (no reader)")
            elif file not in chosen.get(reader.name, (file,)):
                continue
            elif is_empty(file):
                has_files = True
                yield Part(path, tuple, path, is_table=False)
            elif reason := _reason_without_rows(file, reader, options.text_field):
                self.left_out.append(f"{path} ({reason})")
            else:
                has_files = True
                yield _part(file, reader, kind, folder)
        if not has_files:
            raise InputError(
                f"The folder {folder.name!r} holds no file that can be read.",
                why=f"{_left_out(self.left_out)}Readable are: {', '.join(sorted(readers))}.",
                fix=_MORE_READERS,
                code=NO_TEXTS,
            )


def _left_out(names: Sequence[str]) -> str:
    more = f", and {len(names) - 5} more" if len(names) > 5 else ""
    return f"Left out are: {', '.join(names[:5])}{more}. " if names else ""


def _reason_without_rows(file: Path, reader: Reader, text_field: str | None) -> str | None:
    """Why a file of a folder is left out though it has a reader; None if it is read."""
    if reader is not JSON:
        return None
    try:
        with unpacked(file) as plain:
            return reason_without_rows(plain, text_field)
    except (InputError, OSError):
        return None  # reading it says more


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


def _reader_of(file: Path, readers: Mapping[str, Reader]) -> Reader:
    reader = readers.get(inner_path(file).suffix.lower())
    if reader is None:
        raise UsageError(
            f"No reader for {file.name!r}.",
            why=f"Readable are: {', '.join(sorted(readers))}, and each of them with {PACKED}.",
            fix=f"{_INSTEAD.get(file.suffix.lower(), 'Convert the file.')} {_MORE_READERS}",
        )
    if not file.is_file():
        raise UsageError(
            f"{file.name!r} is a pipe or a device, not a file.",
            fix="Pipe its content to the option with - for the file.",
        )
    return reader


def _part(file: Path, reader: Reader, kind: type[Texts], folder: Path | None = None) -> Part:
    path = "" if folder is None else _printable(file.relative_to(folder).as_posix())
    return Part(
        name=path or _printable(file.name),
        rows=partial(_rows, file, reader, kind, folder),
        path=path,
        is_table=reader.read_document is None,
    )


def _rows(file: Path, reader: Reader, kind: type[Texts], folder: Path | None) -> Iterator[object]:
    def read() -> Iterator[object]:
        with unpacked(file) as plain:
            if issubclass(kind, Documents) and reader.read_document is not None:
                yield reader.read_document(plain)
            else:
                yield from reader.read(plain)

    rows = _guarded(reader, file, read)
    named = inner_path(file)
    return rows if reader.read_document is None else (_named(row, named, folder) for row in rows)


def _guarded(reader: Reader, path: Path, read: Callable[[], Iterable[object]]) -> Iterator[object]:
    """The rows that a reader gives; its failures become errors of metier."""
    try:
        yield from read()
    except MetierError:
        raise
    except OSError as error:
        raise _unreadable(path.name, error) from None
    except Exception as error:  # of a plugin's code: it may be any
        raise PluginError(
            f"The reader {reader.name!r} failed on {_printable(path.name)}: "
            f"{type(error).__name__}: {error}.",
            fix="Report it to the authors of the plugin that brings it, or move the file away.",
        ) from error


def _unreadable(name: str, error: OSError) -> InputError:
    return InputError(
        f"{_printable(name)} cannot be read: {error.strerror or error}.",
        fix="Check the file's permissions.",
    )


def _named(row: object, file: Path, folder: Path | None) -> object:
    """The row; an id that is made of the file's name is made of its path in the folder."""
    if not isinstance(row, Mapping):
        return row
    own = row.get("id")
    if not isinstance(own, str) or not (own == file.name or own.startswith(f"{file.name}:")):
        return row
    if folder is not None and file.parent != folder:
        own = f"{file.parent.relative_to(folder).as_posix()}/{own}"
    return {**row, "id": _printable(own)}


def _printable(name: str) -> str:
    """A file's name as valid Unicode; other bytes are written out (`\\xff`)."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


class _StandardInput:
    """Standard input, copied to disk because it can be read once only.

    JSON lines if it starts like an object, a table if it starts with a header, else text.
    """

    def __init__(self, kind: type[Texts], text_field: str | None) -> None:
        self._kind = kind
        try:
            self._spool = Spool()
            shutil.copyfileobj(sys.stdin.buffer, self._spool.file)
        except OSError as error:
            raise InputError(
                f"Standard input cannot be kept on disk: {error.strerror or error}.",
                why="It is read twice: once to see whether all of it can be used.",
                fix="Make room in the folder for temporary files, or name another with TMPDIR.",
            ) from None
        self._size = self._spool.file.tell()
        beginning = self._beginning()
        self._is_json = beginning.startswith("{")
        self.is_table = self._is_json or begins_like_a_table(beginning, text_field)

    def rows(self) -> Iterable[object]:
        raw = self._spool.reader()
        if self.is_table:
            return json_rows(raw, "stdin") if self._is_json else csv_rows(raw, "stdin")
        if not issubclass(self._kind, Documents):
            return text_lines(raw, "stdin")
        if self._size > MOST_BYTES:
            raise too_long("stdin", f"{self._size / 1e6:,.0f} MB")
        return [{"id": "stdin", "text": decode(raw.read(), "stdin")}]

    def _beginning(self) -> str:
        """Up to a hundred thousand characters from the first that is not blank."""
        raw = self._spool.reader()
        block = raw.read(_BLOCK)
        if is_utf16(block):
            return block.decode("utf-16", "replace").lstrip()
        block = block.removeprefix(codecs.BOM_UTF8)
        while block and not block.strip():
            block = raw.read(_BLOCK)
        return block.lstrip().decode("utf-8", "replace")
