"""Results of models kept between runs, and a comparison with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from metier import __version__
from metier.diagnosis.checks import (
    PLAIN,
    PROBES,
    QUESTION,
    Check,
    computed_in,
    largest_angle,
    largest_difference,
    make_check,
    record_tolerance,
    score_tolerance,
)
from metier.folders import expand_home, user_folder, write_atomically
from metier.models.embedder import Embedder
from metier.models.machine import library_versions
from metier.models.reranker import Reranker
from metier.progress import NoProgress
from metier.settings import configured


def data_home() -> Path:
    """Folder for what metier keeps between runs: METIER_HOME, else one among the user's data.

    Raises:
        UsageError: the home folder of the user is not known.
    """
    folder = configured("home")
    return expand_home(folder) if folder else user_folder("data")


_TEXTS = (*PLAIN, *(text for text in PROBES if text))
_DIGITS = 6
_RECORD_AGAIN = "If the change is wanted, record the results again."

Rows = Mapping[str, list[list[float]]]
"""Vectors or scores under a name, as they stand in a record."""

_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)
"""Errors of reading a record that is missing, cut off, or has other content."""

_Array = npt.NDArray[np.float64]
Distance = Callable[[_Array, _Array], float]
"""(earlier, now) -> how far apart the furthest two rows are."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is recorded, how it is compared, and how much two number formats may differ."""

    name: str
    distance: Distance
    tolerance: Callable[[str, str], float]


_VECTORS = _Kind("recorded vectors", largest_angle, record_tolerance)
_SCORES = _Kind("recorded scores", largest_difference, score_tolerance)


@dataclass(frozen=True, slots=True)
class _Records:
    """The folder of records, for the model of one name."""

    home: Path
    name: str

    def path(self, fingerprint: str) -> Path:
        """The record of a fingerprint."""
        return self.home / "golden" / f"{fingerprint}.json"

    def fingerprint(self, kind: _Kind) -> str | None:
        """The fingerprint that the name had when it was last recorded; None if unknown."""
        try:
            entry = json.loads(self._name_path(kind).read_text(encoding="utf-8"))
            return str(entry["fingerprint"])
        except _UNREADABLE:
            return None

    def remember(self, kind: _Kind, fingerprint: str) -> None:
        """Write down the fingerprint of the name. Raises OSError if nothing can be written."""
        content = {"name": self.name, "fingerprint": fingerprint}
        _write(self._name_path(kind), content)

    def _name_path(self, kind: _Kind) -> Path:
        # One file for each name, so that two runs that end together lose nothing of each other.
        digest = hashlib.sha256(f"{kind.name}\0{self.name}".encode()).hexdigest()[:16]
        return self.home / "golden" / "names" / f"{digest}.json"


def recorded_vector_check(embedder: Embedder, home: Path, *, name: str, record: bool) -> Check:
    """Compare an embedder's vectors of fixed texts with those of an earlier run.

    Args:
        embedder: the model.
        home: folder of the records.
        name: of the model, the same from every working directory.
        record: take the results of this run as right from now on.
    """
    vectors = {}
    dim = embedder.profile.dim
    for side in ("document", "query"):
        prompt = embedder.prompt(None, side)
        embedded = embedder.embed(_TEXTS, prompt=prompt, dim=dim, progress=NoProgress())
        vectors[side] = embedded.vectors
    return _check(_VECTORS, embedder, _rounded(vectors), _Records(home, name), record)


def recorded_score_check(reranker: Reranker, home: Path, *, name: str, record: bool) -> Check:
    """Compare a reranker's scores of fixed pairs with those of an earlier run.

    The arguments are those of `recorded_vector_check`.
    """
    scores = reranker.score(QUESTION, _TEXTS, task=None, progress=NoProgress()).scores
    rows = _rounded({"scores": scores[:, None]})
    return _check(_SCORES, reranker, rows, _Records(home, name), record)


def _rounded(arrays: Mapping[str, npt.NDArray[np.float32]]) -> Rows:
    return {name: np.round(rows.astype(float), _DIGITS).tolist() for name, rows in arrays.items()}


def _check(
    kind: _Kind, model: Embedder | Reranker, rows: Rows, records: _Records, record: bool
) -> Check:
    path = records.path(model.fingerprint)
    before = records.fingerprint(kind)
    if before not in (None, model.fingerprint) and not record:
        return _changed_model(kind, model, rows, records, str(before))
    if record or not path.exists():
        return _new_record(kind, model, rows, records)
    if before is None:
        with suppress(OSError):  # the comparison stands; a change of name goes unnoticed
            records.remember(kind, model.fingerprint)
    try:
        earlier = json.loads(path.read_text(encoding="utf-8"))
        difference = _difference(earlier["numbers"], rows, kind.distance)
        dtype = str(earlier["dtype"])
    except _UNREADABLE as error:
        why = f"the record cannot be read: {path}: {type(error).__name__}: {error}"
        return Check(kind.name, "golden", "warn", why, "Record the results again.", "record")
    allowed = kind.tolerance(dtype, computed_in(model))
    in_dtype = "" if dtype == "unknown" else f" in {dtype}"
    return make_check(
        kind.name,
        "golden",
        difference <= allowed,
        f"differs from the record{in_dtype} by {difference:.1e} (allowed {allowed:.0e}): {path}",
        fix=f"Weights or libraries have changed ({_versions(earlier)} then). {_RECORD_AGAIN}",
        remedy="record",
    )


def _changed_model(
    kind: _Kind, model: Embedder | Reranker, rows: Rows, records: _Records, before: str
) -> Check:
    """The name has another fingerprint: a warning, as the files may have changed on purpose."""
    detail = f"{records.name} has the fingerprint {model.fingerprint}, and had {before}"
    then = ""
    with suppress(*_UNREADABLE):
        earlier = json.loads(records.path(before).read_text(encoding="utf-8"))
        difference = _difference(earlier["numbers"], rows, kind.distance)
        detail += f"; it differs from the record of that by {difference:.1e}"
        then = f" ({_versions(earlier)} then)"
    fix = f"Its weights, tokenizer, config or template have changed{then}. {_RECORD_AGAIN}"
    return Check(kind.name, "golden", "warn", detail, fix, "record")


def _new_record(kind: _Kind, model: Embedder | Reranker, rows: Rows, records: _Records) -> Check:
    path = records.path(model.fingerprint)
    content = {
        "fingerprint": model.fingerprint,
        "dtype": computed_in(model),
        "versions": {"metier": __version__, **dict(library_versions())},
        "texts": _TEXTS,
        "numbers": rows,
    }
    try:
        _write(path, content)
        records.remember(kind, model.fingerprint)
    except OSError as error:
        why = f"nothing can be recorded at {path}: {error.strerror or error}"
        return Check(kind.name, "golden", "skip", why)
    return Check(kind.name, "golden", "skip", f"recorded now, later runs compare: {path}")


def _write(path: Path, content: Mapping[str, Any]) -> None:
    write_atomically(path.parent, {path.name: json.dumps(content, ensure_ascii=True)})


def _difference(earlier: Mapping[str, Any], now: Rows, distance: Distance) -> float:
    """The largest distance of two parts of the same name.

    Raises:
        ValueError: the record has other parts or another shape.
    """
    if earlier.keys() != now.keys():
        raise ValueError("it has other parts")
    pairs = [(np.array(earlier[name], dtype=float), np.array(now[name])) for name in now]
    if any(recorded.shape != current.shape for recorded, current in pairs):
        raise ValueError("it has another number of texts or dimensions")
    return max(distance(recorded, current) for recorded, current in pairs)


def _versions(record: Mapping[str, Any]) -> str:
    versions = record.get("versions")
    items = versions.items() if isinstance(versions, dict) else ()
    return ", ".join(f"{name} {version}" for name, version in items) or "versions unknown"
