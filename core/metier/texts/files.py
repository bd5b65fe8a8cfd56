"""Read files, folders and standard input as texts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from metier.errors import InputError, MetierError, PluginError, UsageError
from metier.texts.checks import NO_TEXTS
from metier.texts.conversions import PACKED, Conversions, inner_path, is_empty, unpacked
from metier.texts.encodings import Encodings, require_encoding
from metier.texts.parts import Part, ReadOptions
from metier.texts.paths import (
    STDIN,
    existing_path,
    files_below,
    find_inputs,
    is_pattern,
    name_input,
    printable_name,
)
from metier.texts.reader import LeftOut, Reader
from metier.texts.reader_choice import ReaderChoice
from metier.texts.readers import builtin_readers
from metier.texts.readers.json_rows import JSON, reason_without_rows
from metier.texts.rows import InputRow
from metier.texts.sheets import choose_rows, split_sheet
from metier.texts.stdin import StandardInput
from metier.texts.stream import TextStream
from metier.texts.texts import Documents, Texts

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
    path: str | Path | Sequence[str | Path],
    kind: type[T],
    *,
    readers: Sequence[Reader] = (),
    text_field: str | None = None,
    id_field: str | None = None,
    skip_invalid: bool = False,
    encoding: str | None = None,
    format: str | None = None,
) -> T:
    """Read files, every known file of folders, or standard input (`-`).

    Args:
        path: a file, a sheet of a workbook (`book.xlsx#North`), a folder, a pattern (`notes/*.txt`,
            `**` for any folders), or `-` for standard input, whose format its content shows; or
            several of them, which are one
            input. Of a folder, hidden files and readmes are left out, and so are dependencies,
            virtual environments and caches; files of a folder or pattern that no reader knows or
            that are empty are named in `skipped`. Tables that share an id get their file's name
            before each id.
        kind: `Texts`, or `Documents` where a plain-text file is one document.
        readers: readers beyond the built-in ones; they win for a suffix both know, and for files
            that they recognize.
        text_field: see `Texts.of`.
        id_field: see `Texts.of`.
        skip_invalid: see `Texts.of`; rows and, of several files, those that cannot be read are
            left out, too.
        encoding: of text files without a byte order mark; None to recognize it where it is not
            UTF-8.
        format: the ending whose reader reads standard input and single files, such as `csv`; None
            to take that of each file.

    Raises:
        UsageError: no such file, or no reader for its suffix.
        UnknownNameError: no such encoding or format.
        InputError: the content cannot be used.
        PluginError: the reader of a plugin failed.

    Warns:
        MetierWarning: a file is read in another encoding than UTF-8 that nobody has named.
    """
    options = ReadOptions(
        kind.max_characters, text_field, id_field, skip_invalid, text_fields=kind.text_fields
    )
    files = _Files(path, kind, readers, options, encoding, format)
    parts = [replace(part, rows=cache(lambda rows=part.rows: list(rows()))) for part in files.parts]
    texts = kind.whole(TextStream(parts, options, source=files.source, left_out=files.left_out))
    files.encodings.warn()
    return texts


def stream_texts(
    path: str | Path | Sequence[str | Path],
    kind: type[Texts],
    *,
    readers: Sequence[Reader] = (),
    text_field: str | None = None,
    id_field: str | None = None,
    skip_invalid: bool = False,
    generate_id: Callable[[InputRow], str] | None = None,
    encoding: str | None = None,
    format: str | None = None,
    may_be_empty: bool = False,
) -> TextStream:
    """The texts that `read_texts` gives, however many: files are read as they are needed.

    They are read twice, once to see whether all can be used. What was converted from PDF and the
    like is kept on disk meanwhile, and so is standard input.

    Args:
        generate_id: makes the id of a row that has none; of rows with equal ones only the first
            counts. None numbers rows by their position.
        may_be_empty: whether a folder among several paths may hold no file that can be read; the
            stream names it in `empty_origins`.

    Other arguments, errors and warnings are those of `read_texts`.
    """
    options = ReadOptions(
        kind.max_characters, text_field, id_field, skip_invalid, generate_id, kind.text_fields
    )
    files = _Files(path, kind, readers, options, encoding, format, may_be_empty=may_be_empty)
    conversions = Conversions()
    parts = [
        part if part.is_table else replace(part, rows=conversions.once(part.rows))
        for part in files.parts
    ]
    stream = TextStream(
        parts,
        options,
        source=files.source,
        left_out=files.left_out,
        empty_origins=files.empty_origins,
    )
    files.encodings.warn()
    return stream


class _Files:
    """What can be read at paths.

    Attributes:
        parts: what can be read, in order; nothing was read yet.
        source: for messages.
        left_out: paths of which nothing will be read.
        empty_origins: of several paths those that nothing can be read of.
        encodings: of the text files.
    """

    def __init__(
        self,
        path: str | Path | Sequence[str | Path],
        kind: type[Texts],
        readers: Sequence[Reader],
        options: ReadOptions,
        encoding: str | None,
        format: str | None,
        *,
        may_be_empty: bool = False,
    ) -> None:
        self.left_out: list[str] = []
        self.empty_origins: list[str] = []
        self._may_be_empty = may_be_empty
        self.encodings = Encodings(None if encoding is None else require_encoding(encoding))
        self._kind, self._options = kind, options
        self._readers = ReaderChoice([*builtin_readers(), *readers])
        self._format = None if format is None else self._readers.suffix_of_format(format)
        self.source = name_input(path)
        paths = [path] if isinstance(path, str | Path) else list(path)
        if len(paths) == 1 and not is_pattern(paths[0]):
            self.parts = list(self._parts_of(paths[0]))
            return
        parts: dict[str, Part] = {}  # a file in a folder may be named for itself, too
        has_parts: dict[str, bool] = {}
        for single in find_inputs(paths):
            has_parts.setdefault(single.origin, False)
            for part in self._parts_of(single.path, single.root, is_match=single.is_match):
                has_parts[single.origin] = True
                parts.setdefault(part.path, replace(part, origin=single.origin))
        self.parts = list(parts.values())
        self.empty_origins = [origin for origin, is_read in has_parts.items() if not is_read]
        if not parts:
            raise self._nothing(f"Nothing that {self.source} names can be read.")

    def _parts_of(
        self, path: str | Path, root: Path | None = None, *, is_match: bool = False
    ) -> Iterator[Part]:
        if str(path) == STDIN:
            yield self._of_standard_input(is_only=root is None)
            return
        path, sheet = split_sheet(path)
        file = existing_path(path)
        if file.is_dir():
            may_be_empty = is_match or (self._may_be_empty and root is not None)
            yield from self._of_folder(file, root, may_be_empty=may_be_empty)
        elif is_match and self._known_reader(file) is None:
            self.left_out.append(f"{_shown(file, root)} (no reader)")
        else:
            yield self._part(file, self._reader_of(file), root, sheet)

    def _of_standard_input(self, *, is_only: bool) -> Part:
        piped = self._piped = StandardInput()  # the copy is there as long as it is
        suffix = self._format
        if suffix is None:
            names = self._options.names_of_text
            suffix = f".{piped.format(text_fields=names, encoding=self.encodings.given)}"
        reader = self._readers.of_file(piped.path, suffix)
        if reader is None:
            raise UsageError(
                f"No reader recognizes standard input as {suffix[1:]}.",
                fix="Name another format with $format",
                parameters={"format": ...},
            )
        part = self._part(piped.path, reader, None)
        name = "standard input"
        return replace(part, name=name, path="" if is_only else name, file=None)

    def _of_folder(self, folder: Path, root: Path | None, *, may_be_empty: bool) -> Iterator[Part]:
        root = root or folder

        def refuse(error: OSError) -> None:
            if not self._options.skip_invalid:
                raise _unreadable(str(error.filename), error)
            path = printable_name(os.path.relpath(error.filename, root))
            self.left_out.append(f"{path} (cannot be read)")

        chosen = self._chosen_files(folder, root)
        has_files = False
        for file in files_below(folder, refuse):
            reader = self._readers.of_file(file)
            path = _shown(file, root)
            if reader is None:
                self.left_out.append(f"{path} (no reader)")
            elif file not in chosen.get(reader.name, (file,)):
                continue
            elif is_empty(file):
                has_files = True
                yield Part(path, tuple, path, is_table=False)
            elif reason := self._reason_without_rows(file, reader):
                self.left_out.append(f"{path} ({reason})")
            else:
                has_files = True
                yield self._part(file, reader, root)
        if not has_files and not may_be_empty:
            raise self._nothing(f"The folder {folder.name!r} holds no file that can be read.")

    def _chosen_files(self, folder: Path, root: Path) -> dict[str, set[Path]]:
        """The files of a folder that readers choose themselves, by the name of the reader."""
        chosen: dict[str, set[Path]] = {}
        for name, reader in {reader.name: reader for reader in self._readers.readers}.items():
            if reader.files is not None:
                chosen[name] = set()
                for file in _guarded(reader, folder, partial(reader.files, folder)):
                    if isinstance(file, LeftOut):
                        self.left_out.append(_below(file, folder, root))
                    elif isinstance(file, Path):
                        chosen[name].add(file)
        return chosen

    def _reason_without_rows(self, file: Path, reader: Reader) -> str | None:
        """Why a file of a folder is left out though it has a reader; None if it is read."""
        if reader is not JSON:
            return None
        try:
            with unpacked(file) as plain, self._readable(reader, plain, file) as readable:
                return reason_without_rows(readable, self._options.names_of_text)
        except (InputError, OSError):
            return None  # reading it says more

    def _nothing(self, what: str) -> InputError:
        names = self.left_out
        more = f", and {len(names) - 5} more" if len(names) > 5 else ""
        left_out = f"Left out are: {', '.join(names[:5])}{more}. " if names else ""
        return InputError(
            what,
            why=f"{left_out}Readable are: {', '.join(self._readers.suffixes)}.",
            fix=_MORE_READERS,
            code=NO_TEXTS,
        )

    def _known_reader(self, file: Path) -> Reader | None:
        """The reader of a file that the caller named, perhaps with its format."""
        return self._readers.of_file(file, self._format)

    def _reader_of(self, file: Path) -> Reader:
        reader = self._known_reader(file)
        if reader is None:
            _refuse_pipe(file)
            default = "Say how to read it with $format, or convert it."
            instead = _INSTEAD.get(file.suffix.lower(), default)
            raise UsageError(
                f"No reader for {file.name!r}.",
                why=f"Readable are: {', '.join(self._readers.suffixes)}, and each of them with "
                f"{PACKED}.",
                fix=f"{instead} {_MORE_READERS}",
                parameters={"format": ...},
            )
        return reader

    def _part(self, file: Path, reader: Reader, root: Path | None, sheet: str = "") -> Part:
        _refuse_pipe(file)
        path = "" if root is None else _shown(file, root) + (sheet and f"#{sheet}")
        return Part(
            name=path or printable_name(file.name),
            rows=partial(self._rows, file, reader, root, sheet),
            path=path,
            is_table=reader.read_document is None,
            file=file,
        )

    def _rows(self, file: Path, reader: Reader, root: Path | None, sheet: str) -> Iterator[object]:
        def read() -> Iterator[object]:
            with unpacked(file) as plain, self._readable(reader, plain, file) as readable:
                if issubclass(self._kind, Documents) and reader.read_document is not None:
                    yield reader.read_document(readable)
                else:
                    yield from reader.read(readable)

        rows = choose_rows(_guarded(reader, file, read), sheet, printable_name(file.name))
        named = inner_path(file)
        return rows if reader.read_document is None else (_named(row, named, root) for row in rows)

    def _readable(self, reader: Reader, plain: Path, file: Path) -> AbstractContextManager[Path]:
        """The file as its reader takes it: texts in UTF-8."""
        is_text = reader.text == "plain" or (reader.text == "marked" and self.encodings.given)
        return self.encodings.in_utf8(plain, file) if is_text else nullcontext(plain)


def _refuse_pipe(file: Path) -> None:
    """Refuse what can be read once only.

    Raises:
        UsageError: it is a pipe or a device.
    """
    if not file.is_file():
        raise UsageError(
            f"{printable_name(file.name)!r} is a pipe or a device, not a file.",
            why="A file is read twice: once to see whether all of it can be used.",
            fix="Pipe its content to the command, with - for the file and $format if its content "
            "does not show how to read it; or write it to a file.",
            parameters={"format": ...},
        )


def _shown(file: Path, root: Path | None) -> str:
    return printable_name(file.name if root is None else file.relative_to(root).as_posix())


def _below(left_out: LeftOut, folder: Path, root: Path) -> str:
    """What a reader leaves out of a folder, as `skipped` names it."""
    before = "" if folder == root else f"{_shown(folder, root)}/"
    return str(replace(left_out, location=f"{before}{printable_name(left_out.location)}"))


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
            f"The reader {reader.name!r} failed on {printable_name(path.name)}: "
            f"{type(error).__name__}: {error}.",
            fix="Report it to the authors of the plugin that brings it, or move the file away.",
        ) from error


def _unreadable(name: str, error: OSError) -> InputError:
    return InputError(
        f"{printable_name(name)} cannot be read: {error.strerror or error}.",
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
    return {**row, "id": printable_name(own)}
