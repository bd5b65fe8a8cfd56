"""Differences of two run records."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from metier.engine.ledger import ModelUse
from metier.results.record import FieldUse, InputUse, RunRecord


class Difference(NamedTuple):
    """A value that differs from the recorded one.

    Attributes:
        what: its name, such as `result hits[].score`.
        recorded: its value in the record.
        now: its value now.
    """

    what: str
    recorded: str
    now: str


def input_differences(
    recorded: Mapping[str, InputUse], now: Mapping[str, InputUse]
) -> list[Difference]:
    """Inputs that do not have the same ids and texts in the same order."""
    differences = []
    for name in sorted(recorded.keys() | now.keys()):
        old, new = recorded.get(name), now.get(name)
        if old is None or new is None or old.digest != new.digest:
            differences.append(Difference(f"input {name}", _input(old), _input(new)))
    return differences


def parameter_differences(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Parameters with another value; both as a record has them."""
    return [
        Difference(f"parameter {name}", str(recorded.get(name)), str(value))
        for name, value in now.items()
        if recorded.get(name) != value
    ]


def model_differences(recorded: ModelUse, fingerprint: str) -> list[Difference]:
    """A difference if the model is another one, whose results cannot be compared."""
    if recorded.fingerprint == fingerprint:
        return []
    was = f"{recorded.id}, fingerprint {recorded.fingerprint}"
    return [Difference(recorded.role, was, f"fingerprint {fingerprint}")]


def environment_differences(recorded: RunRecord, now: RunRecord) -> list[Difference]:
    """Differences that may change the last digits of a result. If there are none, the same run
    gives the same digits."""
    differences = [
        Difference(name, recorded.versions.get(name, "none"), now.versions.get(name, "none"))
        for name in sorted(recorded.versions.keys() | now.versions.keys())
        if recorded.versions.get(name) != now.versions.get(name)
    ]
    values = [
        ("plugin", recorded.provider, now.provider),
        ("processor", recorded.processor, now.processor),
        ("threads", recorded.threads, now.threads),
        ("vectors from the cache", recorded.texts_recalled, now.texts_recalled),
    ]
    old, new = ({model.role: model for model in record.models} for record in (recorded, now))
    for role in sorted(old.keys() & new.keys()):
        values.append((f"device of the {role}", old[role].device, new[role].device))
        values.append((f"dtype of the {role}", old[role].dtype, new[role].dtype))
    return differences + [Difference(name, str(a), str(b)) for name, a, b in values if a != b]


_COUNTS = ("texts_embedded", "texts_reranked", "texts_truncated", "texts_divided", "text_parts")


def run_differences(recorded: RunRecord, now: RunRecord, tolerance: float) -> list[Difference]:
    """Differences in what two runs on the same inputs used and returned.

    Args:
        recorded: record of the first run.
        now: record of the second run.
        tolerance: largest difference of decimal numbers in the results, absolute up to 1 and
            relative above; 0 for exact equality.
    """
    differences = _instruction_differences(recorded, now)
    for name in _COUNTS:
        was, now_is = getattr(recorded, name), getattr(now, name)
        if was != now_is:
            differences.append(Difference(name.replace("_", " "), str(was), str(now_is)))
    for path in sorted(recorded.result.keys() | now.result.keys()):
        old_field, new_field = recorded.result.get(path), now.result.get(path)
        if not _same_field(old_field, new_field, tolerance):
            was, now_is = _field(old_field), _field(new_field)
            differences.append(Difference(f"result {path}", was, now_is))
    return differences


def _instruction_differences(recorded: RunRecord, now: RunRecord) -> list[Difference]:
    # one instruction may embed at some size and rerank, which has none
    old, new = (
        {(used.id, used.dim): used.digest for used in record.instructions}
        for record in (recorded, now)
    )
    return [
        Difference(
            f"instruction {name}" + (f", dim {dim}" if dim else ""),
            old.get((name, dim), "not used"),
            new.get((name, dim), "not used"),
        )
        for name, dim in {**old, **new}
        if old.get((name, dim)) != new.get((name, dim))
    ]


def _same_field(old: FieldUse | None, new: FieldUse | None, tolerance: float) -> bool:
    if old is None or new is None or old == new or tolerance == 0.0:
        return old == new
    before, after = old.numbers, new.numbers
    if before is None or after is None:
        return False
    if (before.form, before.count) != (after.form, after.count):
        return False
    pairs = ((before.mean, after.mean), (before.low, after.low), (before.high, after.high))
    return all(math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance) for a, b in pairs)


def _field(used: FieldUse | None) -> str:
    if used is None:
        return "none"
    numbers = used.numbers
    if numbers is None:
        return used.digest
    spread = f"mean {numbers.mean:.9g}, from {numbers.low:.9g} to {numbers.high:.9g}"
    return f"{numbers.count} numbers, {spread}, {used.digest}"


def _input(used: InputUse | None) -> str:
    if used is None:
        return "none"
    left_out = f", {len(used.skipped)} left out" if used.skipped else ""
    return f"{used.texts} texts{left_out}, {used.digest}"
