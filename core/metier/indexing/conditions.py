"""Conditions on the fields of documents: `field("year") >= 2020`.

A comparison is false for a document that lacks the field, so its negation is true. Strings are
compared with strings and numbers with numbers. True and False count as 1 and 0. A string that
spells a number or a boolean, as in CSV files, is compared with numbers as well.
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
    value: Value

    def names(self) -> set[str]:
        return {self.name}

    def holds(self, fields: Mapping[str, Value]) -> bool:
        value = fields.get(self.name)
        if value is not None and not isinstance(self.value, str):
            value = as_number(value)
        elif not isinstance(value, str):
            value = None
        return value is not None and _COMPARE[self.operator](value, self.value)


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
    values: tuple[Value, ...]

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

    def _value(self, operand: object) -> Value:
        value = value_of(operand)
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
