"""Texts without what identifies a person, with the columns of their rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from numbers import Integral, Real
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from metier.close_names import did_you_mean, known_names
from metier.errors import ParameterError
from metier.redaction.column_values import digits_of, spaced_name, without_file
from metier.redaction.identifiers import Identifiers
from metier.redaction.redactor import RedactionMode, Redactor
from metier.redaction.vault import Vault
from metier.results.own_columns import (
    OwnFields,
    hidden_cells,
    hidden_columns,
    own_names,
    rows_beside,
)
from metier.results.result import Result
from metier.results.table import Column, Excerpt, Table, counted, shorten
from metier.texts.rows import Item
from metier.texts.texts import Texts

R = TypeVar("R", bound=Result)


class DeidentifiedText(BaseModel):
    """A text without its identifiers.

    Attributes:
        fields: the other fields of its row in the input, treated as the text.
        identifiers: how many the text had.
        kinds: how many of each kind, such as `name 2, date 1`.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    fields: OwnFields = Field(default_factory=dict)
    identifiers: int
    kinds: str


class KindCount(BaseModel):
    """How many identifiers there were of a kind.

    Attributes:
        kind: its title.
        texts: in how many texts.
        in_texts: how many in texts.
        in_columns: how many in columns of the input.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    texts: int
    in_texts: int
    in_columns: int


class RedactionReport(Result):
    """Texts without their identifiers, in input order.

    Attributes:
        noun: what the texts are, for people.
        mode: what became of identifiers.
        items: in input order.
        kinds: what there was, in the order of the kinds.
        treated_columns: columns of the input that held identifiers.
        kept_key: whether the replacements will be the same in another run.
    """

    names_sources: ClassVar[bool] = False

    noun: str
    mode: RedactionMode
    items: tuple[DeidentifiedText, ...]
    kinds: tuple[KindCount, ...]
    treated_columns: tuple[str, ...]
    kept_key: bool

    def title(self) -> str:
        return f"De-identified {self.noun}"

    def headline(self) -> str:
        total = counted(sum(kind.in_texts + kind.in_columns for kind in self.kinds), "identifier")
        texts = counted(len(self.items), self.noun.removesuffix("s"))
        return f"{texts}: {total} {'masked' if self.mode == 'mask' else 'replaced'}"

    def tables(self) -> list[Table]:
        own = hidden_columns([item.fields for item in self.items])
        kinds = [(kind.kind, kind.texts, kind.in_texts, kind.in_columns) for kind in self.kinds]
        rows = [
            (
                item.id,
                item.identifiers,
                item.kinds,
                Excerpt(item.text),
                *hidden_cells(item.fields, own),
            )
            for item in self.items
        ]
        columns: tuple[str | Column, ...] = (
            "id",
            "identifiers",
            "kinds",
            Column("text", main=True),
            *own,
        )
        return [
            Table("Identifiers by kind", ("kind", self.noun, "in texts", "in columns"), kinds),
            Table(self.title(), columns, rows, head=10, main=True),
        ]

    def notes(self) -> list[str]:
        notes = [
            "Identifiers are found by their forms and labels, and some are missed: a person has to "
            "review the texts before others get them. This is no expert determination."
        ]
        if self.treated_columns:
            notes.append(f"Columns that held identifiers: {', '.join(self.treated_columns)}.")
        if self.mode == "surrogate" and not self.kept_key:
            notes.append("The key was not kept: another run replaces the same names by others.")
        return [*notes, *super().notes()]

    def rows(self) -> list[dict[str, Any]]:
        rows = [
            {
                "id": item.id,
                "text": item.text,
                "identifiers": item.identifiers,
                "kinds": item.kinds,
            }
            for item in self.items
        ]
        return rows_beside(rows, [item.fields for item in self.items])


def redact_texts(
    texts: Texts,
    *,
    identifiers: Identifiers,
    noun: str = "texts",
    mode: RedactionMode = "surrogate",
    vault: Path | None = None,
    reversible: bool = False,
    person: str | None = None,
    keep_kinds: Collection[str] = (),
) -> RedactionReport:
    """Replace or mask what identifies a person, in texts and in the columns of their rows.

    Args:
        texts: with the other fields of their rows.
        identifiers: what to look for.
        noun: what the texts are, for people.
        mode: what becomes of it; `strict` raises if there is anything.
        vault: file with the key of replacements, made if missing; None for a key that is not kept.
        reversible: of a new vault, whether it keeps what replacements stand for.
        person: column that says whom a text is about; each text is about another one, by default.
        keep_kinds: kinds of identifiers that stay.

    Raises:
        ParameterError: the input has no such column, or there is no such kind.
        InputError: in strict mode, there are identifiers; or the vault cannot be used.
    """
    _require_column(texts, person)
    _require_vault_of_use(mode, vault, reversible)
    opened = None if vault is None else Vault.open(vault, reversible=reversible)
    run = _Run(Redactor(identifiers, mode=mode, keep_kinds=keep_kinds, vault=opened), texts, person)
    items = [run.deidentified(item) for item in texts]
    run.redactor.refuse(run.in_texts + run.in_columns, "Nothing was returned")
    run.redactor.close()
    return RedactionReport(
        noun=noun,
        mode=mode,
        items=tuple(items),
        kinds=run.kinds(),
        treated_columns=tuple(run.treated),
        kept_key=opened is not None,
    )


class _Run:
    """The texts of one call."""

    def __init__(self, redactor: Redactor, texts: Texts, person: str | None) -> None:
        self.redactor = redactor
        self.in_texts: Counter[str] = Counter()
        self.in_columns: Counter[str] = Counter()
        self.texts_with: Counter[str] = Counter()
        self.treated: dict[str, None] = {}
        self._id_column = texts.keys.id or "id"
        self._column = person
        self._ids: set[str] = set()
        self._files = {file.name: number for number, file in enumerate(texts.files, start=1)}
        self._names: dict[str, list[str]] = defaultdict(list)
        for item in texts:
            self._names[self._person(item)] += self._names_of(item)

    def deidentified(self, item: Item) -> DeidentifiedText:
        """A text and the fields of its row."""
        person = self._person(item)
        redacted = self.redactor.redact(item.text, person=person, names=self._names[person])
        counts = redacted.counts
        self.in_texts += counts
        self.texts_with.update(counts.keys())
        fields = {
            name: self._person_code(name, value)
            if name == self._column and value is not None
            else self._value(name, value, person, name)
            for name, value in item.fields.items()
        }
        return DeidentifiedText(
            id=self._id(item, person),
            text=redacted.text,
            fields=fields,
            identifiers=counts.total(),
            kinds=self.redactor.listed(counts),
        )

    def kinds(self) -> tuple[KindCount, ...]:
        """What the texts and the columns had."""
        return tuple(
            KindCount(
                kind=self.redactor.identifiers.title(kind),
                texts=self.texts_with[kind],
                in_texts=self.in_texts[kind],
                in_columns=self.in_columns[kind],
            )
            for kind in self.redactor.identifiers.kinds
            if self.in_texts[kind] or self.in_columns[kind]
        )

    def _person(self, item: Item) -> str:
        value = None if self._column is None else item.fields.get(self._column)
        return f"text {item.id}" if value is None else f"person {value}"

    def _names_of(self, item: Item) -> list[str]:
        """The names that a text and the columns beside it state."""
        probes = (item.text, *_probes(item.fields))
        return [name for probe in probes for name in self.redactor.names_in(probe)]

    def _id(self, item: Item, person: str) -> str:
        own = without_file(item.id, self._files)
        replaced = str(self._value(self._id_column, own, person, self._id_column))
        identity, number = replaced, 1
        while identity in self._ids:
            number += 1
            identity = f"{replaced}-{number}"
        self._ids.add(identity)
        return identity

    def _person_code(self, name: str, value: object) -> object:
        if self.redactor.mode == "strict":
            return value
        self.treated[name] = None
        return "[person]" if self.redactor.mode == "mask" else self.redactor.code_of(str(value))

    def _value(self, name: str, value: Any, person: str, column: str) -> Any:
        """A value of a column without identifiers; the column's name counts as a label."""
        if isinstance(value, Mapping):
            return self._mapping(value, person, column)
        if isinstance(value, list | tuple):
            return [self._value(name, element, person, column) for element in value]
        if isinstance(value, date):
            return self._date(value, person, column)
        if isinstance(value, bytes):  # a file, which nobody has read
            self.treated[column] = None
            return value if self.redactor.mode == "strict" else "[bytes]"
        if isinstance(value, bool) or not isinstance(value, str | Real | Decimal):
            return value
        written = value if isinstance(value, str) else digits_of(value)
        replaced = self._written(f"{spaced_name(name)}: ", written, person, column)
        if replaced == written:
            return value
        if isinstance(value, str) or not replaced.isdecimal():
            return replaced
        return int(replaced) if isinstance(value, Integral) else float(replaced)

    def _mapping(self, value: Mapping[Any, Any], person: str, column: str) -> dict[str, Any]:
        """A nested value; its keys may be identifiers, too, and stay different."""
        replaced: dict[str, Any] = {}
        for key, content in value.items():
            name = first = self._written("", str(key), person, column)
            number = 1
            while name in replaced:
                number += 1
                name = f"{first}-{number}"
            replaced[name] = self._value(str(key), content, person, column)
        return replaced

    def _written(self, label: str, written: str, person: str, column: str) -> str:
        """What is written in a column, without identifiers; what it is called is a label."""
        names = self._names[person]
        spans = [
            span for span in self.redactor.find(label + written, names) if span.start >= len(label)
        ]
        if not spans:
            return written
        self.treated[column] = None
        self.in_columns.update(span.kind for span in spans)
        return self.redactor.redact(label + written, person=person, names=names).text[len(label) :]

    def _date(self, value: date, person: str, column: str) -> object:
        kind = next(
            (k.id for k in self.redactor.identifiers.kinds.values() if k.surrogate == "date"), None
        )
        if kind is None or not self.redactor.find("on 2001-02-03"):
            return value
        self.treated[column] = None
        self.in_columns[kind] += 1
        if self.redactor.mode == "mask":
            return f"[{self.redactor.identifiers.title(kind)}]"
        if self.redactor.mode == "strict":
            return value
        return value + timedelta(days=self.redactor.days(person))


def _probes(fields: Mapping[str, Any]) -> list[str]:
    return [
        f"{spaced_name(name)}: {value}" for name, value in fields.items() if isinstance(value, str)
    ]


_LONGEST_NAME = 80
"""Characters of a name that a message quotes."""


def _require_column(texts: Texts, column: str | None) -> None:
    known = own_names([item.fields for item in texts])
    if column is not None and column not in known:
        raise ParameterError(
            f"$person: the input has no column {shorten(repr(column), _LONGEST_NAME)}.",
            why=did_you_mean(column, known)
            or (known and known_names(known))
            or "It has none besides text and id.",
            fix="Name the column that says whom a text is about.",
            parameters={"person": ...},
            parameter="person",
        )


def _require_vault_of_use(mode: RedactionMode, vault: Path | None, reversible: bool) -> None:
    if vault is not None and mode != "surrogate":
        raise ParameterError(
            f"A vault ($vault) is of no use in the mode {mode!r}, which replaces nothing.",
            fix="Leave it out, or use the mode 'surrogate' ($mode).",
            parameters={"vault": ..., "mode": "surrogate"},
            parameter="vault",
        )
    if reversible and vault is None:
        raise ParameterError(
            "What replacements stand for ($reversible) is kept in a vault, and none is named.",
            fix="Name a file with $vault.",
            parameters={"reversible": True, "vault": ...},
            parameter="reversible",
        )


_MOST_NOTED = 200
"""Texts that are read for a note: each takes about a millisecond."""


def note_identifiers(result: R, texts: Texts, identifiers: Identifiers) -> R:
    """The result with a note if its texts hold identifiers; they stay as they are.

    Args:
        result: that quotes the texts.
        texts: of which the first 200 are read.
        identifiers: what to look for.
    """
    read = texts[:_MOST_NOTED]
    counts: Counter[str] = Counter()
    holding = 0
    for item in read:
        kinds = {identifier.kind for identifier in identifiers.find(item.text)}
        counts.update(kinds)
        holding += bool(kinds)
    if not holding:
        return result
    order = list(identifiers.kinds)
    often = sorted(counts, key=lambda kind: (-counts[kind], order.index(kind)))
    titles = [identifiers.title(kind) for kind in often[:4]]
    which = "texts" if len(read) == len(texts) else "first texts"
    remark = (
        f"{holding} of the {len(read)} {which} hold what may identify a person "
        f"({', '.join(titles)}): protect the result as you protect them."
    )
    return result.model_copy(update={"remarks": (*result.remarks, remark)})
