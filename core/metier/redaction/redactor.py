"""`Redactor`: texts without what identifies a person."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from metier.errors import InputError
from metier.redaction.identifiers import Identifier, Identifiers
from metier.redaction.plain_text import PlainText
from metier.redaction.surrogates import Surrogates, initials_of
from metier.redaction.vault import Vault
from metier.redaction.written_dates import is_day_first

RedactionMode = Literal["surrogate", "mask", "strict"]
"""What becomes of identifiers: a realistic replacement, their kind in brackets, or an error."""


@dataclass(frozen=True, slots=True)
class RedactedText:
    """A text without its identifiers.

    Attributes:
        text: what is left and what stands in their places.
        identifiers: where the text that was passed had them.
    """

    text: str
    identifiers: tuple[Identifier, ...]

    @property
    def counts(self) -> Counter[str]:
        """How many there were of each kind."""
        return Counter(identifier.kind for identifier in self.identifiers)


class Redactor:
    """Replaces identifiers in texts, or masks them.

    Args:
        identifiers: what to look for.
        mode: what becomes of it; see `RedactionMode`.
        keep_kinds: kinds that stay.
        vault: with the key of replacements; None for a key at random, which is not kept.
    """

    def __init__(
        self,
        identifiers: Identifiers,
        *,
        mode: RedactionMode = "surrogate",
        keep_kinds: Collection[str] = (),
        vault: Vault | None = None,
    ) -> None:
        self.identifiers = identifiers
        self.mode = mode
        self._kept = identifiers.require_kinds(keep_kinds, "keep_kinds")
        self._vault = vault
        self._surrogates = Surrogates(secrets.token_bytes(32) if vault is None else vault.key)
        self._replaced: set[tuple[str, str, str]] = set()

    def find(self, text: str, names: Iterable[str] = ()) -> list[Identifier]:
        """The identifiers of a text but those that stay.

        Args:
            text: any text.
            names: of persons, that are known.
        """
        spans = self.identifiers.find(text, names)
        return [identifier for identifier in spans if identifier.kind not in self._kept]

    def names_in(self, text: str) -> list[str]:
        """The names of persons that a text states."""
        kinds = self.identifiers.kinds
        return [
            PlainText.of(text[span.start : span.end]).text
            for span in self.find(text)
            if kinds[span.kind].surrogate == "name"
        ]

    def redact(self, text: str, *, person: str = "", names: Collection[str] = ()) -> RedactedText:
        """A text without its identifiers; in strict mode they are in it still, for `refuse`.

        Args:
            text: any text.
            person: whom it is about: dates of one person are moved by the same number of days.
            names: of persons that it may be about, each as it is written.
        """
        spans = self.find(text, names)
        if self.mode == "strict" or not spans:
            return RedactedText(text, tuple(spans))
        is_name = {kind.id for kind in self.identifiers.kinds.values() if kind.surrogate == "name"}
        values = [PlainText.of(text[span.start : span.end]).text for span in spans]
        written = [v for v, span in zip(values, spans, strict=True) if span.kind in is_name]
        context = _Context(
            person,
            is_day_first(PlainText.of(text).text),
            initials_of([*names, *written]),
            self._is_old(spans),
        )
        parts: list[str] = []
        position = 0
        for span, value in zip(spans, values, strict=True):
            parts += (text[position : span.start], self._replacement(span.kind, value, context))
            position = span.end
        return RedactedText("".join((*parts, text[position:])), tuple(spans))

    def _replacement(self, kind: str, original: str, context: _Context | None = None) -> str:
        """What stands in the place of an identifier.

        Args:
            kind: id of its kind.
            original: the identifier.
            context: of the text that it is in.
        """
        title = f"[{self.identifiers.title(kind)}]"
        context = context or _Context("", False, {}, False)
        # of those over 89 the year of birth says the age
        if self.mode == "mask" or (context.is_old and kind == "date-of-birth"):
            return title
        surrogate = self._surrogates.replace(
            self.identifiers.kinds[kind].surrogate,
            original,
            person=context.person,
            day_first=context.day_first,
            first_names=context.first_names,
        )
        if surrogate is None:
            return title
        if self._vault is not None and self._vault.is_reversible:
            self._replaced.add((kind, surrogate, original))
        return surrogate

    def code_of(self, value: str) -> str:
        """What stands for whom a text is about, where a column says that."""
        return f"person-{self._surrogates.digest('person', value)[:6].hex()}"

    def days(self, person: str) -> int:
        """By how many days the dates of a person are moved."""
        return self._surrogates.days(person)

    def close(self) -> None:
        """Keep in the vault what the replacements stand for, if it keeps that."""
        if self._vault is not None and self._replaced:
            self._vault.remember(sorted(self._replaced))
            self._replaced.clear()

    def refuse(self, counts: Mapping[str, int], what: str) -> None:
        """Raise in strict mode if there are identifiers; the error holds no text.

        Args:
            counts: how many there are of each kind.
            what: was refused, at the beginning of a sentence: `Nothing was sent`.

        Raises:
            InputError: there are some.
        """
        if self.mode == "strict" and any(counts.values()):
            raise InputError(
                f"{what}: the texts hold identifiers ({self.listed(counts)}).",
                why="The strict mode refuses them.",
                fix="Remove them, or let them be masked or replaced.",
                code="identifiers-found",
            )

    def listed(self, counts: Mapping[str, int]) -> str:
        """Kinds with their counts, in the order of reports: `name 3, date 2`."""
        kinds = self.identifiers.kinds
        return ", ".join(
            f"{kinds[kind].shown} {counts[kind]}" for kind in kinds if counts.get(kind)
        )

    def _is_old(self, spans: Iterable[Identifier]) -> bool:
        kinds = self.identifiers.kinds
        return any(kinds[identifier.kind].surrogate == "age" for identifier in spans)


@dataclass(frozen=True, slots=True)
class _Context:
    """What the replacements of a text depend on.

    Attributes:
        person: whom it is about.
        day_first: whether 03/04 is the 3rd of April in it.
        first_names: see `initials_of`.
        is_old: whether it states an age over 89.
    """

    person: str
    day_first: bool
    first_names: Mapping[str, str]
    is_old: bool
