"""Abbreviations of a trade written in full, with the way back to the original text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from metier.close_names import did_you_mean, known_names
from metier.datafiles.data_model import DataModel
from metier.datafiles.loader import SchemaVersion, read_source, validate
from metier.datafiles.parsed_file import ParsedFile
from metier.datafiles.problems import problem_in, raise_problems
from metier.folders import expand_home
from metier.texts.phrase_patterns import NUMBER, PatternError, expand_pattern
from metier.texts.phrase_tokens import Tokens
from metier.texts.phrases import PhraseMatch, PhraseTrie

_AFTER_NUMBER = f"{{{NUMBER}}} "

_ADDRESS = re.compile(r"://|@|\\|www\.|_")
"""Signs of addresses, paths and names of variables, which stay as they are."""

_WORD_END = re.compile(r"\s")

_LONGEST_ADDRESS = 200
"""Characters before and after a form that are searched for signs of an address."""

_GOES_ON = re.compile(r"\.(?:[ \t]+[^\W_A-Z]|[ \t]*[,;:)\]/-])")
"""A dot that belongs to an abbreviation, since the sentence goes on after it."""

_PAST = re.compile(r"['\u2019]d\b", re.IGNORECASE)

Text = Annotated[str, Field(min_length=1, max_length=200)]


class Abbreviation(DataModel):
    """Short forms of the same words.

    Attributes:
        short: how they are written, such as `chrg-off`. Case and hyphens make no difference, and
            neither does a dot after the form; a form that ends in one is found with it alone. A
            form may be several words, and one that begins with `{number}` is found after a number.
        full: what they stand for.
        exact: whether case counts, as for `DM`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    short: tuple[Text, ...] = Field(min_length=1)
    full: Text
    exact: bool = False


class AbbreviationFile(DataModel):
    """A file of abbreviations.

    Attributes:
        version: of the schema.
        abbreviations: in any order; a later file replaces those of the same short form.
        remove: short forms of earlier files that stay as they are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    version: SchemaVersion = Field(alias="schema")
    abbreviations: tuple[Abbreviation, ...] = ()
    remove: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Expansion:
    """An abbreviation in a text: `short == original[start:end]`; `full` is written in its place."""

    start: int
    end: int
    short: str
    full: str


@dataclass(frozen=True)
class ExpandedText:
    """A text with its abbreviations in full.

    Attributes:
        original: as it was.
        text: with the abbreviations in full.
        expansions: what was written in full, in order.
    """

    original: str
    text: str
    expansions: tuple[Expansion, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of a part of the expanded text.

        A part of an abbreviation is the whole of it.

        Args:
            start: offset of its first character.
            end: offset after its last one.
        """
        return self._original(start, is_end=False), self._original(end, is_end=True)

    def _original(self, offset: int, *, is_end: bool) -> int:
        shift = 0
        for expansion in self.expansions:
            first = expansion.start + shift
            last = first + len(expansion.full)
            if offset < first or (offset == first and is_end):
                break
            if offset < last or (offset == last and is_end):
                return expansion.end if is_end else expansion.start
            shift += len(expansion.full) - (expansion.end - expansion.start)
        return offset - shift


@dataclass(frozen=True, slots=True)
class _Form:
    """A short form: what it stands for, and how it has to be written."""

    short: str
    full: str
    exact: bool

    @property
    def after_number(self) -> bool:
        return self.short.startswith(_AFTER_NUMBER)


class Abbreviations:
    """Abbreviations of a trade, to write texts in full before they are compared or judged.

    An object does not change, and threads may share it.
    """

    def __init__(self, abbreviation_files: Sequence[AbbreviationFile]) -> None:
        self._build([(entry, None) for entry in abbreviation_files])

    @classmethod
    def load(cls, *paths: str | Path) -> Abbreviations:
        """Read files of abbreviations.

        Args:
            paths: files in YAML or TOML, the strongest last.

        Raises:
            PackError: a file cannot be read or breaks the schema; it names the line and column.
        """
        sources = [read_source(expand_home(path)) for path in paths]
        abbreviations = cls.__new__(cls)
        abbreviations._build([(validate(source, AbbreviationFile), source) for source in sources])
        return abbreviations

    def expand(self, text: str) -> ExpandedText:
        """Write the abbreviations of a text in full.

        What is in an address, a path or a longer word stays as it is.
        """
        tokens = Tokens.of(text)
        expansions = []
        for match in self._trie.matches(tokens):
            expansion = self._expansion(text, tokens, match)
            if expansion is not None:
                expansions.append(expansion)
        parts, position = [], 0
        for expansion in expansions:
            parts += [text[position : expansion.start], expansion.full]
            position = expansion.end
        return ExpandedText(text, "".join([*parts, text[position:]]), tuple(expansions))

    def _expansion(self, text: str, tokens: Tokens, match: PhraseMatch[_Form]) -> Expansion | None:
        """What a match stands for; None where it is no abbreviation."""
        for form in match.payloads:
            first = match.first + form.after_number
            start, end = tokens.starts[first], tokens.ends[match.last - 1]
            if form.short.endswith("."):
                end = tokens.ends[match.last - 2]
            short = form.short.removeprefix(_AFTER_NUMBER).rstrip(".")
            if form.exact and text[start:end] != short:
                continue
            if _is_part_of_more(text, start, end):
                continue
            if _GOES_ON.match(text, end):
                end += 1
            full = form.full
            if not form.exact and _is_capitalized(text[start:end]):
                full = full[:1].upper() + full[1:]
            before = " " if text[start - 1 : start].isalnum() else ""
            after = " " if text[end : end + 1].isalnum() else ""
            return Expansion(start, end, text[start:end], f"{before}{full}{after}")
        return None

    def _build(
        self, abbreviation_files: Sequence[tuple[AbbreviationFile, ParsedFile | None]]
    ) -> None:
        forms: dict[str, _Form] = {}
        problems = []
        for entry, source in abbreviation_files:
            for index, short in enumerate(entry.remove):
                if forms.pop(short, None) is None and forms.pop(_name(short), None) is None:
                    hint = did_you_mean(short, forms) or known_names(list(forms), limit=8)
                    what = f"there is no abbreviation {short!r} to remove. {hint}"
                    problems.append(problem_in(source, ("remove", index), what))
            for index, abbreviation in enumerate(entry.abbreviations):
                for number, short in enumerate(abbreviation.short):
                    path = ("abbreviations", index, "short", number)
                    try:
                        expand_pattern(short)
                    except PatternError as error:
                        problems.append(problem_in(source, path, f"{short!r}: {error}."))
                        continue
                    name = short if abbreviation.exact else _name(short)
                    forms[name] = _Form(short, abbreviation.full, abbreviation.exact)
        raise_problems(problems, "These abbreviations")
        self._trie: PhraseTrie[_Form] = PhraseTrie()
        # forms whose case counts come first, so that the others get what is written otherwise
        for form in sorted(forms.values(), key=lambda form: not form.exact):
            self._trie.add(form.short, form)


def _name(short: str) -> str:
    """A short form without what makes no difference."""
    return " ".join(Tokens.of(short).keys)


def _is_capitalized(short: str) -> bool:
    """Whether a form begins with a capital and goes on in small letters."""
    letters = [letter for letter in short if letter.isalpha()]
    return len(letters) > 1 and letters[0].isupper() and letters[1].islower()


def _is_part_of_more(text: str, start: int, end: int) -> bool:
    """Whether a form is part of an address, a path or a variable, or a verb such as `cc'd`."""
    before = text[max(start - _LONGEST_ADDRESS, 0) : start]
    after = text[end : end + _LONGEST_ADDRESS]
    around = _WORD_END.split(before)[-1], _WORD_END.split(after, maxsplit=1)[0]
    return (
        any(_ADDRESS.search(part) for part in around)
        or _PAST.match(text, end) is not None
        or (text[end : end + 1] == "." and text[end + 1 : end + 2].isalnum())
        or (text[start - 1 : start] == "." and text[start - 2 : start - 1].isalnum())
    )
