"""Names of devices and number formats, checked before there is torch to ask."""

from __future__ import annotations

from metier.errors import ParameterError, UnknownNameError, close_names

INT8 = "int8"
DTYPES = ("auto", "float32", "bfloat16", "float16", INT8)

_KINDS = ("auto", "cpu", "cuda", "mps")
_MEANT = {"gpu": ("cuda", "mps"), "nvidia": ("cuda",), "rocm": ("cuda",), "metal": ("mps",)}
"""What people call a device, where no spelling is close to it."""


def device_parts(name: str, *, given_as: str = "device") -> tuple[str, int | None]:
    """Kind and number of a device: `cuda:1` is `cuda` and 1; `auto` is a kind, too.

    Args:
        name: of the device.
        given_as: parameter or variable that named it.

    Raises:
        ParameterError: no machine has a device of that name.
    """
    kind, colon, number = name.partition(":")
    if kind in _KINDS and (not colon or (number.isdecimal() and kind != "auto")):
        return kind, int(number) if number else None
    close = _MEANT.get(kind.lower()) or close_names(name.lower(), _KINDS)
    raise ParameterError(
        f"{given_as}={name!r} is not a device.",
        why=f"Did you mean {' or '.join(map(repr, close))}?" if close else None,
        fix="Use 'auto', 'cpu', 'cuda', 'cuda:1' or 'mps'.",
    )


def check_dtype(name: str) -> None:
    """Raise UnknownNameError where there is no number format of that name."""
    if name not in DTYPES:
        raise UnknownNameError("number format", name, DTYPES)
