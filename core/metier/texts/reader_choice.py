"""Which reader reads a file: by the ending of its name, and by how the file begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from metier.errors import MetierError, PluginError, UnknownNameError
from metier.texts.conversions import first_bytes, inner_path
from metier.texts.paths import printable_name
from metier.texts.reader import Reader


class ReaderChoice:
    """Readers, and which of them reads a file.

    Of readers with the same suffix the last one reads its files. Before it, those that share the
    suffix and recognize files by how they begin are asked, the last one first.

    Args:
        readers: those that take precedence last.

    Attributes:
        readers: all of them, each once.
    """

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._by_suffix: dict[str, Reader] = {}
        self._recognizing: dict[str, list[Reader]] = {}
        for reader in readers:
            for suffix in reader.suffixes:
                if reader.recognizes is None:
                    self._by_suffix[suffix] = reader
                else:
                    self._recognizing.setdefault(suffix, []).insert(0, reader)
        self.readers = list(dict.fromkeys(readers))

    @property
    def suffixes(self) -> list[str]:
        """The endings of files that can be read, in the order of the alphabet."""
        return sorted({*self._by_suffix, *self._recognizing})

    def of_file(self, file: Path, suffix: str | None = None) -> Reader | None:
        """The reader of a file; None where there is none.

        Args:
            file: perhaps packed.
            suffix: of its format; None for that of its name.

        Raises:
            PluginError: a reader failed when it was asked.
        """
        suffix = inner_path(file).suffix.lower() if suffix is None else suffix
        recognizing = self._recognizing.get(suffix)
        if recognizing and file.is_file():
            beginning = first_bytes(file)
            for reader in recognizing:
                if _recognizes(reader, beginning, file):
                    return reader
        return self._by_suffix.get(suffix)

    def suffix_of_format(self, format: str) -> str:
        """The suffix that a format stands for: `.csv` for `csv`.

        Raises:
            UnknownNameError: no reader has it.
        """
        suffix = f".{format.lower().removeprefix('.')}"
        if suffix not in self.suffixes:
            raise UnknownNameError("format", format, [known[1:] for known in self.suffixes])
        return suffix


def _recognizes(reader: Reader, beginning: bytes, file: Path) -> bool:
    recognizes: Callable[[bytes], bool] | None = reader.recognizes
    assert recognizes is not None  # it is one of those that have it
    try:
        return bool(recognizes(beginning))
    except MetierError:
        raise
    except Exception as error:  # of a plugin's code: it may be any
        raise PluginError(
            f"The reader {reader.name!r} failed on the beginning of "
            f"{printable_name(file.name)}: {type(error).__name__}.",
            fix="Report it to the authors of the plugin that brings it, or block the plugin.",
        ) from error
