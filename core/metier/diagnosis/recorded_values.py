"""Where first results of models are kept, as the environment says."""

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
    judged,
    moved,
    of_records,
    of_scores,
    turned,
)
from metier.folders import expanded, user_folder, write_whole
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
    return expanded(folder) if folder else user_folder("data")


_TEXTS = (*PLAIN, *(text for text in PROBES if text))
_DIGITS = 6
_ANEW = "If the change is wanted, record anew: metier doctor --record"

Numbers = Mapping[str, list[list[float]]]
"""Rows of numbers under a name, as they stand in the file."""

_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)
"""What reading a record raises that is not there, cut off, or of something else."""

_Array = npt.NDArray[np.float64]
Distance = Callable[[_Array, _Array], float]
"""How far apart the furthest two rows of two arrays are."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is recorded, how it is compared, and what two number formats may differ by."""

    name: str
    distance: Distance
    tolerance: Callable[[str, str], float]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where records are kept, and the name of the model that is looked at."""

    home: Path
    called: str

    def record(self, fingerprint: str) -> Path:
        return self.home / "golden" / f"{fingerprint}.json"

    def fingerprint(self, kind: _Kind) -> str | None:
        """What the name stood for when it was last recorded; None where that is not known."""
        try:
            known = json.loads(self._index(kind).read_text(encoding="utf-8"))
            return str(known["fingerprint"])
        except _UNREADABLE:
            return None

    def remember(self, kind: _Kind, fingerprint: str) -> None:
        """Raises OSError where nothing can be written."""
        content = {"name": self.called, "fingerprint": fingerprint}
        _write(self._index(kind), content)

    def _index(self, kind: _Kind) -> Path:
        """One file for each name: two runs that end together lose nothing of each other."""
        digest = hashlib.sha256(f"{kind.name}\0{self.called}".encode()).hexdigest()[:16]
        return self.home / "golden" / "names" / f"{digest}.json"


def recorded_vector_check(embedder: Embedder, home: Path, *, called: str, record: bool) -> Check:
    """An embedder's vectors of fixed texts against those of an earlier run.

    Args:
        embedder: the model.
        home: folder records are kept in.
        called: the name it was found by, the same from every working directory.
        record: take what is found now as right from here on.
    """
    found = {}
    for side in ("document", "query"):
        prompt = embedder.prompt(None, side)
        dim = embedder.profile.dim
        found[side] = embedder.embed(_TEXTS, prompt=prompt, dim=dim, progress=NoProgress()).vectors
    return _check(_VECTORS, embedder, _rows(found), _Place(home, called), record)


def recorded_score_check(reranker: Reranker, home: Path, *, called: str, record: bool) -> Check:
    """A reranker's scores of fixed pairs against those of an earlier run; see the vectors."""
    scores = reranker.score(QUESTION, _TEXTS, task=None, progress=NoProgress()).scores
    return _check(
        _SCORES, reranker, _rows({"scores": scores[:, None]}), _Place(home, called), record
    )


def _rows(found: Mapping[str, npt.NDArray[np.float32]]) -> Numbers:
    return {name: np.round(rows.astype(float), _DIGITS).tolist() for name, rows in found.items()}


def _check(
    kind: _Kind, model: Embedder | Reranker, numbers: Numbers, place: _Place, record: bool
) -> Check:
    path = place.record(model.fingerprint)
    before = place.fingerprint(kind)
    if before not in (None, model.fingerprint) and not record:
        return _another(kind, model, numbers, place, str(before))
    if record or not path.exists():
        return _recorded(kind, model, numbers, place)
    if before is None:
        with suppress(OSError):  # the comparison stands; a change of name goes unnoticed
            place.remember(kind, model.fingerprint)
    try:
        earlier = json.loads(path.read_text(encoding="utf-8"))
        difference = _difference(earlier["numbers"], numbers, kind.distance)
        dtype = str(earlier["dtype"])
    except _UNREADABLE as error:
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


def _another(
    kind: _Kind, model: Embedder | Reranker, numbers: Numbers, place: _Place, before: str
) -> Check:
    """Other files under a name: not wrong by itself, and never to pass for the same model."""
    seen = f"{place.called} has the fingerprint {model.fingerprint}, and had {before}"
    then = ""
    with suppress(*_UNREADABLE):
        earlier = json.loads(place.record(before).read_text(encoding="utf-8"))
        difference = _difference(earlier["numbers"], numbers, kind.distance)
        seen += f"; it differs from the record of that by {difference:.1e}"
        then = f" ({_versions(earlier)} then)"
    fix = f"Its weights, tokenizer, config or template have changed{then}. {_ANEW}"
    return Check(kind.name, "golden", "warn", seen, fix)


def _recorded(kind: _Kind, model: Embedder | Reranker, numbers: Numbers, place: _Place) -> Check:
    path = place.record(model.fingerprint)
    content = {
        "fingerprint": model.fingerprint,
        "dtype": model.dtype,
        "versions": {"metier": __version__, **dict(library_versions())},
        "texts": _TEXTS,
        "numbers": numbers,
    }
    try:
        _write(path, content)
        place.remember(kind, model.fingerprint)
    except OSError as error:
        why = f"nothing can be recorded at {path}: {error.strerror or error}"
        return Check(kind.name, "golden", "skip", why)
    return Check(kind.name, "golden", "skip", f"recorded now, later runs compare: {path}")


def _write(path: Path, content: Mapping[str, Any]) -> None:
    write_whole(path.parent, {path.name: json.dumps(content, ensure_ascii=True)})


_VECTORS = _Kind("recorded vectors", turned, of_records)
_SCORES = _Kind("recorded scores", moved, of_scores)


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
