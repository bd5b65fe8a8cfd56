"""Conditions on the fields of documents, as values: `field("year") >= 2020`.

A document that lacks a field meets no comparison with it, and so meets the negation of one.
Texts are compared with texts and numbers with numbers; true and false are the numbers 1 and 0, and
a text that spells one of these, as those of CSV files do, is compared with numbers as well.
"""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING, Any, Literal

from metier.errors import ParameterError
from metier.indexing.field_values import as_number, value_of
from metier.texts.checks import lone_surrogate

if TYPE_CHECKING:
    from metier.indexing.field_values import Value

Operator = Literal["==", "<", "<=", ">", ">="]

_COMPARE: Mapping[Operator, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


MOST_DEEP = 10
"""Groups of conditions inside each other; LanceDB reads some 15."""


class Condition(ABC):
    """What the fields of a document have to be; joined by `&`, `|` and `~`."""

    __slots__ = ()

    @abstractmethod
    def holds(self, fields: Mapping[str, Value]) -> bool:
        """Whether a document with these fields meets it."""

    @abstractmethod
    def names(self) -> set[str]:
        """The fields it asks about."""

    def __and__(self, other: Condition) -> Condition:
        return AllOf((*_parts(self, AllOf), *_parts(require_condition(other), AllOf)))

    def __or__(self, other: Condition) -> Condition:
        return AnyOf((*_parts(self, AnyOf), *_parts(require_condition(other), AnyOf)))

    def __invert__(self) -> Condition:
        return self.one if isinstance(self, Not) else Not(self)

    def __bool__(self) -> bool:
        raise ParameterError(
            "A condition is neither true nor false by itself.",
            why="`and`, `or`, `not` and chained comparisons ask it to be.",
            fix="Join conditions with &, | and ~, and put each in parentheses.",
        )


@dataclass(frozen=True, slots=True)
class Comparison(Condition):
    """A field compared with a value."""

    name: str
    operator: Operator
    value: Value

    def names(self) -> set[str]:
        return {self.name}

    def holds(self, fields: Mapping[str, Value]) -> bool:
        found = fields.get(self.name)
        if found is not None and not isinstance(self.value, str):
            found = as_number(found)
        elif not isinstance(found, str):
            found = None
        return found is not None and _COMPARE[self.operator](found, self.value)


@dataclass(frozen=True, slots=True)
class FieldPresence(Condition):
    """A document has the field."""

    name: str

    def names(self) -> set[str]:
        return {self.name}

    def holds(self, fields: Mapping[str, Value]) -> bool:
        return self.name in fields


@dataclass(frozen=True, slots=True)
class OneOf(Condition):
    """A field is one of several values."""

    name: str
    values: tuple[Value, ...]

    def names(self) -> set[str]:
        return {self.name}

    def holds(self, fields: Mapping[str, Value]) -> bool:
        return any(Comparison(self.name, "==", value).holds(fields) for value in self.values)


@dataclass(frozen=True, slots=True)
class Group(Condition):
    """Several conditions together.

    Attributes:
        parts: the conditions; groups of the same kind are part of this one, not in it.
        depth: how many groups stand inside each other.
    """

    parts: tuple[Condition, ...]
    depth: int = dataclass_field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        depth = 1 + max((_depth(one) for one in self.parts), default=0)
        if depth > MOST_DEEP:
            raise ParameterError(
                f"Conditions with & and | stand {depth} deep inside each other.",
                why=f"Stores read up to {MOST_DEEP}; any number of them may stand side by side.",
                fix="Write it with fewer parentheses, or use is_in([...]).",
            )
        object.__setattr__(self, "depth", depth)

    def names(self) -> set[str]:
        return {name for one in self.parts for name in one.names()}


@dataclass(frozen=True, slots=True)
class AllOf(Group):
    """Every one of several conditions is met."""

    def holds(self, fields: Mapping[str, Value]) -> bool:
        return all(one.holds(fields) for one in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf(Group):
    """At least one of several conditions is met."""

    def holds(self, fields: Mapping[str, Value]) -> bool:
        return any(one.holds(fields) for one in self.parts)


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """A condition is not met."""

    one: Condition

    def names(self) -> set[str]:
        return self.one.names()

    def holds(self, fields: Mapping[str, Value]) -> bool:
        return not self.one.holds(fields)


class Field:
    """A field of documents by name; compared with a value it gives a condition."""

    __slots__ = ("name",)
    __hash__ = None  # type: ignore[assignment]  # `==` gives a condition

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise ParameterError(f"field({name!r}) names no field.", fix="Give its name.")
        self.name = name

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]
        return Comparison(self.name, "==", self._value(other))

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]
        return Not(self == other)

    def __lt__(self, other: object) -> Condition:
        return Comparison(self.name, "<", self._value(other))

    def __le__(self, other: object) -> Condition:
        return Comparison(self.name, "<=", self._value(other))

    def __gt__(self, other: object) -> Condition:
        return Comparison(self.name, ">", self._value(other))

    def __ge__(self, other: object) -> Condition:
        return Comparison(self.name, ">=", self._value(other))

    def is_in(self, values: Iterable[object]) -> Condition:
        """One of several values; of none, no document meets it."""
        if isinstance(values, str):
            raise ParameterError(
                f"is_in({values!r}) was given one text.", fix="Put it in a list: [text]."
            )
        return OneOf(self.name, tuple(self._value(value) for value in values))

    def is_present(self) -> Condition:
        """The document has the field; `~` for one that lacks it."""
        return FieldPresence(self.name)

    def _value(self, given: object) -> Value:
        value = value_of(given)
        if value is None:
            raise ParameterError(
                f"field({self.name!r}) cannot be compared with {given!r}.",
                fix="To ask whether a document has the field, use is_present().",
            )
        if isinstance(value, str) and lone_surrogate(value) is not None:
            raise ParameterError(
                f"field({self.name!r}) cannot be compared with {value!r}.",
                why="It is not valid Unicode, and no index holds such a text.",
                fix="Write it in UTF-8.",
            )
        return value


def field(name: str) -> Field:
    """A field of documents, for conditions: `field("year") >= 2020`.

    Raises:
        ParameterError: the name is empty.
    """
    return Field(name)


def require_condition(given: object) -> Condition:
    """The condition itself.

    Raises:
        ParameterError: it is none, such as a text with SQL in it.
    """
    if isinstance(given, Condition):
        return given
    raise ParameterError(
        f"where={given!r} is of type {type(given).__name__}, not a condition.",
        why="Conditions are made of fields, never of query language.",
        fix='Write metier.field("year") >= 2020, and join several with & and |.',
    )


def _parts(one: Condition, kind: type[Group]) -> tuple[Condition, ...]:
    return one.parts if isinstance(one, kind) else (one,)


def _depth(one: Condition) -> int:
    inner = one.one if isinstance(one, Not) else one
    return inner.depth if isinstance(inner, Group) else 0
