"""What a model gave before: recorded at the first check of a checkpoint, compared at later ones."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from metier import __version__
from metier.diagnosis import tolerance
from metier.diagnosis.check import Check, judged
from metier.diagnosis.probes import PLAIN, PROBES, QUESTION
from metier.models.embedder import Embedder
from metier.models.machine import library_versions
from metier.models.reranker import Reranker
from metier.progress import Silent

_TEXTS = (*PLAIN, *(text for text in PROBES if text))
_DIGITS = 6
_ANEW = "If the change is wanted, record anew: metier doctor --record"

Numbers = Mapping[str, list[list[float]]]
"""Rows of numbers under a name, as they stand in the file."""

_Array = npt.NDArray[np.float64]
Distance = Callable[[_Array, _Array], float]
"""How far apart the furthest two rows of two arrays are."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is recorded, how it is compared, and what two number formats may differ by."""

    name: str
    distance: Distance
    tolerance: Callable[[str, str], float]


def recorded_vector_check(embedder: Embedder, home: Path, *, record: bool) -> Check:
    """An embedder's vectors of fixed texts against those of an earlier run.

    Args:
        embedder: the model.
        home: folder records are kept in.
        record: take what is found now as right from here on.
    """
    found = {}
    for side in ("document", "query"):
        prompt = embedder.prompt(None, side)
        dim = embedder.profile.dim
        found[side] = embedder.embed(_TEXTS, prompt=prompt, dim=dim, progress=Silent()).vectors
    return _check(_VECTORS, embedder, _rows(found), home, record)


def recorded_score_check(reranker: Reranker, home: Path, *, record: bool) -> Check:
    """A reranker's scores of fixed pairs against those of an earlier run; see the vectors."""
    scores = reranker.score(QUESTION, _TEXTS, task=None, progress=Silent()).scores
    return _check(_SCORES, reranker, _rows({"scores": scores[:, None]}), home, record)


def _rows(found: Mapping[str, npt.NDArray[np.float32]]) -> Numbers:
    return {name: np.round(rows.astype(float), _DIGITS).tolist() for name, rows in found.items()}


def _check(
    kind: _Kind, model: Embedder | Reranker, numbers: Numbers, home: Path, record: bool
) -> Check:
    path = home / "golden" / f"{model.fingerprint}.json"
    if record or not path.exists():
        return _recorded(kind.name, model, numbers, path)
    try:
        earlier = json.loads(path.read_text(encoding="utf-8"))
        difference = _difference(earlier["numbers"], numbers, kind.distance)
        dtype = str(earlier["dtype"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"the record cannot be read: {path}: {type(error).__name__}: {error}"
        return Check(kind.name, "golden", "warn", why, "Record anew: metier doctor --record")
    allowed = kind.tolerance(dtype, model.dtype)
    return judged(
        kind.name,
        "golden",
        difference <= allowed,
        f"differs from the record in {dtype} by {difference:.1e} (allowed {allowed:.0e}): {path}",
        fix=f"Weights or libraries have changed ({_versions(earlier)} then). {_ANEW}",
    )


def _recorded(name: str, model: Embedder | Reranker, numbers: Numbers, path: Path) -> Check:
    content = {
        "fingerprint": model.fingerprint,
        "dtype": model.dtype,
        "versions": {"metier": __version__, **dict(library_versions())},
        "texts": _TEXTS,
        "numbers": numbers,
    }
    try:
        _write_whole(path, json.dumps(content, ensure_ascii=True))
    except OSError as error:
        why = f"nothing can be recorded at {path}: {error.strerror or error}"
        return Check(name, "golden", "skip", why)
    return Check(name, "golden", "skip", f"recorded now, later runs compare: {path}")


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader finds the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _turned(earlier: _Array, now: _Array) -> float:
    """1 - cosine of unit rows: what a format changes in it does not depend on their length."""
    return float(np.abs(1 - np.einsum("ij,ij->i", earlier, now)).max())


def _moved(earlier: _Array, now: _Array) -> float:
    return float(np.abs(earlier - now).max())


_VECTORS = _Kind("recorded vectors", _turned, tolerance.of_vectors)
_SCORES = _Kind("recorded scores", _moved, tolerance.of_scores)


def _difference(earlier: Mapping[str, Any], now: Numbers, distance: Distance) -> float:
    """The largest one; ValueError where the record is of something else."""
    if earlier.keys() != now.keys():
        raise ValueError("it has other parts")
    pairs = [(np.array(earlier[name], dtype=float), np.array(now[name])) for name in now]
    if any(then.shape != found.shape for then, found in pairs):
        raise ValueError("it has another number of texts or numbers")
    return max(distance(then, found) for then, found in pairs)


def _versions(record: Mapping[str, Any]) -> str:
    versions = record.get("versions")
    known = versions.items() if isinstance(versions, dict) else ()
    return ", ".join(f"{name} {version}" for name, version in known) or "versions unknown"
