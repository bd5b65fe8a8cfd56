"""Two runs side by side: what of a run record is not as it was."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from metier.engine.ledger import ModelUse
from metier.workflows.record import FieldUse, InputUse, RunRecord


class Difference(NamedTuple):
    """Something that is not as recorded.

    Attributes:
        what: where it stands, such as `result hits[].score`.
        recorded: as it was.
        now: as it is.
    """

    what: str
    recorded: str
    now: str


def input_differences(
    recorded: Mapping[str, InputUse], now: Mapping[str, InputUse]
) -> list[Difference]:
    """Inputs that do not have the same ids and texts in the same order."""
    found = []
    for name in sorted(recorded.keys() | now.keys()):
        old, new = recorded.get(name), now.get(name)
        if old is None or new is None or old.digest != new.digest:
            found.append(Difference(f"input {name}", _input(old), _input(new)))
    return found


def parameter_differences(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Parameters with another value; both as a record has them."""
    return [
        Difference(f"parameter {name}", str(recorded.get(name)), str(value))
        for name, value in now.items()
        if recorded.get(name) != value
    ]


def model_differences(recorded: ModelUse, fingerprint: str) -> list[Difference]:
    """Whether a model is another one: its results cannot be compared."""
    if recorded.fingerprint == fingerprint:
        return []
    was = f"{recorded.id}, fingerprint {recorded.fingerprint}"
    return [Difference(recorded.role, was, f"fingerprint {fingerprint}")]


def surroundings_differences(recorded: RunRecord, now: RunRecord) -> list[Difference]:
    """What may change the last digits of a result: with none of it a run repeats to the bit."""
    found = [
        Difference(name, recorded.versions.get(name, "none"), now.versions.get(name, "none"))
        for name in sorted(recorded.versions.keys() | now.versions.keys())
        if recorded.versions.get(name) != now.versions.get(name)
    ]
    places = [
        ("plugin", recorded.provider, now.provider),
        ("processor", recorded.processor, now.processor),
        ("threads", recorded.threads, now.threads),
        ("vectors from the cache", recorded.texts_recalled, now.texts_recalled),
    ]
    old, new = ({one.role: one for one in record.models} for record in (recorded, now))
    for role in sorted(old.keys() & new.keys()):
        places.append((f"device of the {role}", old[role].device, new[role].device))
        places.append((f"dtype of the {role}", old[role].dtype, new[role].dtype))
    return found + [Difference(what, str(a), str(b)) for what, a, b in places if a != b]


def run_differences(recorded: RunRecord, now: RunRecord, tolerance: float) -> list[Difference]:
    """What two runs on the same inputs used and found that is not the same.

    Args:
        recorded: of the first.
        now: of the second.
        tolerance: how far decimal numbers of the result may be apart, of 1 or of themselves where
            they are larger; 0 for not at all.
    """
    found = _instruction_differences(recorded, now)
    for name in ("texts_embedded", "texts_reranked", "texts_truncated"):
        was, now_is = getattr(recorded, name), getattr(now, name)
        if was != now_is:
            found.append(Difference(name.replace("_", " "), str(was), str(now_is)))
    for path in sorted(recorded.result.keys() | now.result.keys()):
        old_field, new_field = recorded.result.get(path), now.result.get(path)
        if not _same_field(old_field, new_field, tolerance):
            was, now_is = _field(old_field), _field(new_field)
            found.append(Difference(f"result {path}", was, now_is))
    return found


def _instruction_differences(recorded: RunRecord, now: RunRecord) -> list[Difference]:
    # one instruction may embed at some size and rerank, which has none
    old, new = (
        {(one.id, one.dim): one.digest for one in record.instructions} for record in (recorded, now)
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
    one, other = old.numbers, new.numbers
    if one is None or other is None or (one.form, one.count) != (other.form, other.count):
        return False
    pairs = ((one.mean, other.mean), (one.low, other.low), (one.high, other.high))
    return all(math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance) for a, b in pairs)


def _field(used: FieldUse | None) -> str:
    if used is None:
        return "none"
    some = used.numbers
    if some is None:
        return used.digest
    spread = f"mean {some.mean:.9g}, from {some.low:.9g} to {some.high:.9g}"
    return f"{some.count} numbers, {spread}, {used.digest}"


def _input(used: InputUse | None) -> str:
    if used is None:
        return "none"
    left_out = f", {len(used.skipped)} left out" if used.skipped else ""
    return f"{used.texts} texts{left_out}, {used.digest}"
