"""Formulas of Word documents on one line: `(a+b)/2`, `x^2`. See ECMA-376 part 1, section 22.1."""

from __future__ import annotations

from typing import Any

from metier.texts.readers.docx_styles import W

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
"""Namespace of the elements and attributes of formulas."""
_VAL = f"{MATH}val"
_DELETED = frozenset({f"{W}del", f"{W}moveFrom"})


def math_text(element: Any) -> str:
    """The text of a formula or of a part of one.

    Args:
        element: `m:oMath`, or any element in it.
    """
    if element.tag == f"{MATH}t":
        return element.text or ""
    if element.tag in _DELETED:
        return ""
    kind = element.tag.removeprefix(MATH)
    if kind == "f":
        return f"{_grouped(_part(element, 'num'))}/{_grouped(_part(element, 'den'))}"
    if kind in ("sSup", "sSub", "sSubSup"):
        return _part(element, "e") + _raised(element)
    if kind == "sPre":
        return _raised(element) + _part(element, "e")
    if kind == "nary":
        sign = _character(element, "chr", "\N{INTEGRAL}")
        return sign + _raised(element) + _part(element, "e")
    if kind == "rad":
        return f"{_part(element, 'deg')}\N{SQUARE ROOT}{_grouped(_part(element, 'e'))}"
    if kind == "d":
        between = _character(element, "sepChr", "|")
        inner = between.join(map(math_text, element.iterchildren(f"{MATH}e")))
        return f"{_character(element, 'begChr', '(')}{inner}{_character(element, 'endChr', ')')}"
    between = {"m": "; ", "mr": ", ", "eqArr": "; ", "func": " "}.get(kind, "")
    children = [
        child
        for child in element.iterchildren("*")
        if not child.tag.endswith("Pr") and child.tag != f"{W}rPr"
    ]
    return between.join(map(math_text, children))


def _part(element: Any, name: str) -> str:
    child = element.find(f"{MATH}{name}")
    return "" if child is None else math_text(child)


def _grouped(text: str) -> str:
    return text if len(text) < 2 or text.isalnum() else f"({text})"


def _raised(element: Any) -> str:
    """What stands lowered and raised beside a part of a formula."""
    parts = {sign: _part(element, name) for sign, name in (("_", "sub"), ("^", "sup"))}
    return "".join(f"{sign}{_grouped(text)}" for sign, text in parts.items() if text)


def _character(element: Any, name: str, default: str) -> str:
    """A character that is a property of an element; a property without value is none."""
    property_ = element.find(f"{MATH}{element.tag.removeprefix(MATH)}Pr/{MATH}{name}")
    return default if property_ is None else property_.get(_VAL, "")
