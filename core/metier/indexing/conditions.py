"""Conditions on the fields of documents: `field("year") >= 2020`.

A comparison is false for a document that lacks the field, so its negation is true. The value that
a field is compared with says what is compared:

- a string: strings, character by character.
- a number, `Decimal` or boolean: numbers, without rounding. True and False count as 1 and 0.
- a date: dates. Where the field or the condition has no time, the calendar days are compared, so
  that a date equals every time of its day. A time without an offset is taken for one in UTC.
- a time of day, or a time difference: the same.

A string of a document that spells a number, boolean, date, time or duration is compared as one; a
string such as `09:30:00` as a time or as a duration, as the condition has it.
"""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, time, timedelta
from decimal import Decimal
from numbers import Integral
from typing import TYPE_CHECKING, Literal

from metier.errors import ParameterError
from metier.indexing.comparable_values import (
    Duration,
    Moment,
    Number,
    TimeOfDay,
    duration_of,
    moment_of,
    number_of,
    order,
    time_of,
)
from metier.indexing.field_values import value_of
from metier.texts.checks import lone_surrogate

if TYPE_CHECKING:
    from metier.indexing.comparable_values import Operand
    from metier.indexing.field_values import Value

Operator = Literal["==", "<", "<=", ">", ">="]

COMPARE: Mapping[Operator, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


_OPERANDS = (Number, Moment, TimeOfDay, Duration)

MAX_DEPTH = 10
"""Largest nesting depth of groups; LanceDB parses about 15 levels."""


class Condition(ABC):
    """A test on the fields of a document; combine conditions with `&`, `|` and `~`."""

    __slots__ = ()

    @abstractmethod
    def holds(self, fields: Mapping[str, Value]) -> bool:
        """Return whether a document with these fields meets the condition."""

    @abstractmethod
    def names(self) -> set[str]:
        """Return the names of the fields that the condition tests."""

    def __and__(self, other: Condition) -> Condition:
        return AllOf((*_parts(self, AllOf), *_parts(require_condition(other), AllOf)))

    def __or__(self, other: Condition) -> Condition:
        return AnyOf((*_parts(self, AnyOf), *_parts(require_condition(other), AnyOf)))

    def __invert__(self) -> Condition:
        return self.condition if isinstance(self, Not) else Not(self)

    def __bool__(self) -> bool:
        raise ParameterError(
            "A condition is neither true nor false by itself.",
            why="`and`, `or`, `not` and chained comparisons need a truth value.",
            fix="Join conditions with &, | and ~, and put each in parentheses.",
        )


@dataclass(frozen=True, slots=True)
class Comparison(Condition):
    """Compares a field with a value."""

    name: str
    operator: Operator
    value: Operand

    def names(self) -> set[str]:
        return {self.name}

    def holds(self, fields: Mapping[str, Value]) -> bool:
        value = fields.get(self.name)
        sign = None if value is None else order(value, self.value)
        return sign is not None and COMPARE[self.operator](sign, 0)


@dataclass(frozen=True, slots=True)
class FieldPresence(Condition):
    """Tests whether a document has a field."""

    name: str

    def names(self) -> set[str]:
        return {self.name}

    def holds(self, fields: Mapping[str, Value]) -> bool:
        return self.name in fields


@dataclass(frozen=True, slots=True)
class OneOf(Condition):
    """Tests whether a field equals one of several values."""

    name: str
    values: tuple[Operand, ...]

    def names(self) -> set[str]:
        return {self.name}

    def holds(self, fields: Mapping[str, Value]) -> bool:
        return any(Comparison(self.name, "==", value).holds(fields) for value in self.values)


@dataclass(frozen=True, slots=True)
class Group(Condition):
    """Several conditions joined by one operator.

    Attributes:
        parts: the conditions. Groups of the same kind are merged into this one, not nested.
        depth: nesting depth of groups, 1 for a group without groups inside.
    """

    parts: tuple[Condition, ...]
    depth: int = dataclass_field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        depth = 1 + max((_depth(part) for part in self.parts), default=0)
        if depth > MAX_DEPTH:
            raise ParameterError(
                f"Conditions with & and | are nested {depth} levels deep.",
                why=f"Stores support up to {MAX_DEPTH} levels, of any width.",
                fix="Use fewer parentheses, or is_in([...]).",
            )
        object.__setattr__(self, "depth", depth)

    def names(self) -> set[str]:
        return {name for part in self.parts for name in part.names()}


@dataclass(frozen=True, slots=True)
class AllOf(Group):
    """Tests whether all of several conditions are met."""

    def holds(self, fields: Mapping[str, Value]) -> bool:
        return all(part.holds(fields) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf(Group):
    """Tests whether at least one of several conditions is met."""

    def holds(self, fields: Mapping[str, Value]) -> bool:
        return any(part.holds(fields) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """Tests whether a condition is not met."""

    condition: Condition

    def names(self) -> set[str]:
        return self.condition.names()

    def holds(self, fields: Mapping[str, Value]) -> bool:
        return not self.condition.holds(fields)


class Field:
    """A field of documents, by name. Comparing it with a value gives a condition."""

    __slots__ = ("name",)
    __hash__ = None  # type: ignore[assignment]  # `==` gives a condition
    __array_ufunc__ = None  # a value of numpy on the left leaves the comparison to this class

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise ParameterError(f"field({name!r}) names no field.", fix="Give the name of one.")
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
        """Return the condition that the field equals one of these values.

        No document meets it if `values` is empty.

        Raises:
            ParameterError: `values` is a string, or a value that no field can have.
        """
        if isinstance(values, str):
            raise ParameterError(
                f"is_in({values!r}) got a string instead of a list.",
                fix="Put it in a list: [text].",
            )
        return OneOf(self.name, tuple(self._value(value) for value in values))

    def is_present(self) -> Condition:
        """Return the condition that a document has the field; negate it with `~`."""
        return FieldPresence(self.name)

    def _value(self, operand: object) -> Operand:
        try:
            value = operand_of(operand)
        except TypeError as error:
            raise ParameterError(
                f"field({self.name!r}) cannot be compared with a {type(operand).__name__}.",
                why=str(error),
                fix="Compare it with a string, a number or a time.",
            ) from None
        if value is None:
            raise ParameterError(
                f"field({self.name!r}) cannot be compared with {operand!r}.",
                fix="To test whether a document has the field, use is_present().",
            )
        if isinstance(value, str) and lone_surrogate(value) is not None:
            raise ParameterError(
                f"field({self.name!r}) cannot be compared with {value!r}.",
                why="It is not valid Unicode, and an index holds valid Unicode only.",
                fix="Write it in UTF-8.",
            )
        return value


def operand_of(raw: object) -> Operand | None:
    """Convert a value to what fields are compared with; None for missing values.

    Numbers too large for a float are None as well.
    """
    if type(raw) in _OPERANDS:
        return raw  # type: ignore[return-value]
    value = value_of(raw)
    if value is None:
        return None
    kind = type(raw).__name__
    if isinstance(raw, timedelta) or kind == "timedelta64":
        return duration_of(str(value))
    if isinstance(raw, date) or kind == "datetime64":
        return moment_of(str(value))
    if isinstance(raw, time):
        return time_of(str(value))
    if isinstance(value, str) and not isinstance(raw, Integral | Decimal):
        return value
    return number_of(value)


def field(name: str) -> Field:
    """Return a field of documents, to build conditions with: `field("year") >= 2020`.

    Raises:
        ParameterError: the name is empty or not a string.
    """
    return Field(name)


def require_condition(where: object) -> Condition:
    """Return `where` if it is a condition.

    Raises:
        ParameterError: it is something else, such as a string of SQL.
    """
    if isinstance(where, Condition):
        return where
    raise ParameterError(
        f"where={where!r} is of type {type(where).__name__}, not a condition.",
        why="Conditions are built from fields, not written in a query language.",
        fix='Write metier.field("year") >= 2020, and join several with & and |.',
        parameter="where",
    )


def _parts(condition: Condition, kind: type[Group]) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, kind) else (condition,)


def _depth(condition: Condition) -> int:
    inner = condition.condition if isinstance(condition, Not) else condition
    return inner.depth if isinstance(inner, Group) else 0
