"""Elements of FHIR resources as plain values: strings, lists, concepts, references, quantities.

Shapes of R4 (4.0.1) and R5 (5.0.0), https://hl7.org/fhir/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Element = Mapping[str, Any]

_KINDS: dict[type, str] = {
    str: "a string",
    list: "an array",
    dict: "an object",
    bool: "true or false",
    type(None): "null",
}


class MalformedElementError(ValueError):
    """An element that is not of the type that FHIR gives it.

    Args:
        path: of the element in its resource (`content[2].attachment`).
        expected: what FHIR has there (`an object`).
        value: what is there; only its type is named.
    """

    def __init__(self, path: str, expected: str, value: object) -> None:
        super().__init__(f"{path} is {_KINDS.get(type(value), 'a number')}, not {expected}")


def element_of(parent: Element, name: str, path: str = "") -> Element:
    """The object in a field; empty where there is none.

    Raises:
        MalformedElementError: it is no object.
    """
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MalformedElementError(_joined(path, name), "an object", value)
    return value


def elements_of(parent: Element, name: str, path: str = "") -> list[Element]:
    """The objects in the list of a field; empty where there is none.

    Raises:
        MalformedElementError: it is no list, or not all in it are objects.
    """
    value = parent.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedElementError(_joined(path, name), "an array", value)
    for number, element in enumerate(value, start=1):
        if not isinstance(element, dict):
            raise MalformedElementError(f"{_joined(path, name)}[{number}]", "an object", element)
    return value


def string_of(parent: Element, name: str, path: str = "") -> str:
    """The string in a field; empty where there is none.

    Raises:
        MalformedElementError: it is no string.
    """
    value = parent.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedElementError(_joined(path, name), "a string", value)
    return value


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def objects_in(value: object) -> list[Element]:
    """The objects of a field that is an object in one version of FHIR and a list in another."""
    if isinstance(value, dict):
        return [value]
    elements = value if isinstance(value, list) else ()
    return [element for element in elements if isinstance(element, dict)]


def concept_text(concept: object) -> str:
    """A CodeableConcept, a CodeableReference of R5 or a code in words; empty for anything else."""
    if isinstance(concept, str):
        return concept
    if not isinstance(concept, dict):
        return ""
    if isinstance(concept.get("concept"), dict):
        return concept_text(concept["concept"])
    codings = objects_in(concept.get("coding"))
    references = (concept, *objects_in(concept.get("reference")))
    names = [
        concept.get("text"),
        *(coding.get("display") for coding in codings),
        *(coding.get("code") for coding in codings),
        *(reference.get("display") for reference in references),
    ]
    return next((" ".join(name.split()) for name in names if isinstance(name, str) and name), "")


def concept_code(concept: object) -> str:
    """The first code of a CodeableConcept; empty where it has none."""
    if not isinstance(concept, dict):
        return ""
    if isinstance(concept.get("concept"), dict):
        return concept_code(concept["concept"])
    codes = (coding.get("code") for coding in objects_in(concept.get("coding")))
    return next((code for code in codes if isinstance(code, str)), "")


def reference_text(reference: object) -> str:
    """What a Reference names: `Patient/7`, else an identifier, else a name for people."""
    if not isinstance(reference, dict):
        return ""
    identifier = reference.get("identifier")
    names = (
        reference.get("reference"),
        identifier.get("value") if isinstance(identifier, dict) else None,
        reference.get("display"),
    )
    return next((name for name in names if isinstance(name, str) and name), "")


def values_of(parent: Element) -> Iterator[tuple[str, object]]:
    """The `value[x]` of an Observation or a component: its type (`Quantity`) and the value."""
    for name, value in parent.items():
        if name.startswith("value") and len(name) > len("value") and value is not None:
            yield name.removeprefix("value"), value


def value_text(kind: str, value: object) -> str:
    """A `value[x]` as people write it: `120 mmHg`, `positive`; empty where it cannot be written."""
    if kind == "Quantity" and isinstance(value, dict):
        return quantity_text(value)
    if kind == "CodeableConcept":
        return concept_text(value)
    if kind == "Range" and isinstance(value, dict):
        return _between(value, "low", "high", " to ")
    if kind == "Ratio" and isinstance(value, dict):
        return _between(value, "numerator", "denominator", " / ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int | float) else ""


def _between(value: Element, first: str, second: str, sign: str) -> str:
    ends = [quantity_text(end) for end in (value.get(first), value.get(second))]
    return sign.join(filter(None, ends))


def quantity_text(quantity: object) -> str:
    """A Quantity as people write it: `< 5 mg/L`."""
    if not isinstance(quantity, dict) or not is_number(quantity.get("value")):
        return ""
    unit = quantity.get("unit") or quantity.get("code")
    parts = (quantity.get("comparator"), f"{quantity['value']:.15g}", unit)
    return " ".join(part for part in parts if isinstance(part, str) and part)


def is_number(value: object) -> bool:
    """Whether a value of JSON is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def first_text(resource: Element, names: Sequence[str]) -> str:
    """The first of several fields that is a string which is not empty."""
    values = (resource.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), "")
