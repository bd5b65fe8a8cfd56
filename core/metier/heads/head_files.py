"""The files of a head: its numbers, its card, and checksums that a damaged file does not pass."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from metier.heads.calibration import restore_calibrator
from metier.heads.conformal import Conformal
from metier.heads.features import Arrays
from metier.heads.head import FittedHead, Head
from metier.heads.inputs import HeadInputs
from metier.heads.learning import FittedMembers
from metier.heads.members.candidates import SOURCES
from metier.heads.members.scorer import SCORERS
from metier.heads.model_card import HeadCard, write_card
from metier.heads.novelty import Novelty
from metier.heads.stacking import Pool
from metier.heads.thresholds import HeadThreshold
from metier.registry.instruction import Instruction
from metier.registry.provenance import Provenance
from metier.registry.saved_folder import DAMAGES, SavedFolder

_FOLDER = SavedFolder("head", schema=1, remedy="Fit and save it again", others=("README.md",))

_DAMAGES = (*DAMAGES, SafetensorError)


def write_head(head: Head, folder: str | Path) -> Path:
    """Write a head into a folder, which is created; one that has a head has this one then.

    Raises:
        UsageError: the folder has other files, or cannot be written.
    """
    require_head_folder(folder)
    arrays = save({name: np.ascontiguousarray(array) for name, array in _arrays(head).items()})
    return _FOLDER.write(folder, _facts(head), arrays, {"README.md": write_card(head)})


def require_head_folder(folder: str | Path) -> Path:
    """Return the path of a folder that a head may be written into.

    Raises:
        UsageError: it has other files, or is a file itself.
    """
    return _FOLDER.require_writable(folder)


def read_head(folder: str | Path) -> Head:
    """Read a head.

    Raises:
        InputError: there is none, a file is damaged, or a newer version of metier wrote it.
    """
    facts, raw = _FOLDER.read(folder)
    try:
        arrays = load(raw)
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise ValueError("an array has NaN")
        head = _restored(facts, arrays)
        _require_working(head)
    except _DAMAGES:
        raise _FOLDER.damaged(folder) from None
    return head


def _require_working(head: Head) -> None:
    """Predict a row of nothing, so that parts which do not fit are noticed now.

    Raises:
        ValueError: the result is none, or as parts that do not fit.
    """
    size = head._fitted.novelty.means.shape[1]
    vectors = head._fitted.members.features.get("vectors")
    inputs = HeadInputs(
        vectors=np.zeros((1, vectors.size if vectors is not None else max(size, 1))),
        texts=[""],
        columns={name: [None] for name in head.columns},
    )
    predicted = head.predict(inputs)
    if predicted.probabilities.shape != (1, len(head.classes)):
        raise ValueError("there are other numbers of labels and probabilities")
    if not np.isfinite(predicted.probabilities).all() or len(head.classes) < 2:
        raise ValueError("the probabilities are no numbers")


def _facts(head: Head) -> dict[str, Any]:
    instruction = head.instruction
    return {
        "classes": list(head.classes),
        "level": head.level,
        "unknown": head.unknown,
        "positive": head.positive,
        "threshold": head.threshold and head.threshold.model_dump(mode="json"),
        "calibration": head.calibration,
        "features": [
            {"kind": kind, "settings": features.settings()}
            for kind, features in head._fitted.members.features.items()
        ],
        "members": [
            {
                "name": name,
                "features": list(kinds),
                "kind": scorer.kind,
                "weight": head._fitted.pool.weights[name],
                "share": head._fitted.pool.shares[name],
            }
            for name, (kinds, scorer) in head._fitted.members.scorers.items()
        ],
        "loss": None if np.isnan(head._fitted.pool.loss) else head._fitted.pool.loss,
        "provenance": head.provenance and asdict(head.provenance),
        "instruction": instruction
        and {**instruction.model_dump(mode="json"), "domain": instruction.domain},
        "long_texts": head.long_texts,
        "card": head.card.model_dump(mode="json"),
    }


def _arrays(head: Head) -> dict[str, npt.NDArray[Any]]:
    conformal = {"classes": head._fitted.conformal.classes, "own": head._fitted.conformal.own}
    novelty = head._fitted.novelty
    parts: dict[str, Arrays] = {
        "pool": {"prior": head._fitted.pool.prior},
        "calibration": head._fitted.calibrator.arrays(),
        "conformal": conformal,
        "novelty": {"means": novelty.means, "nearest": novelty.nearest},
    }
    for position, features in enumerate(head._fitted.members.features.values()):
        parts[f"features.{position}"] = features.arrays()
    for position, (_, scorer) in enumerate(head._fitted.members.scorers.values()):
        parts[f"members.{position}"] = scorer.arrays()
    return {
        f"{part}.{name}": array for part, arrays in parts.items() for name, array in arrays.items()
    }


def _restored(facts: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Head:
    classes = tuple(facts["classes"])
    features = {
        entry["kind"]: SOURCES[entry["kind"]].restore(
            _part(arrays, f"features.{position}"), entry["settings"]
        )
        for position, entry in enumerate(facts["features"])
    }
    scorers = {
        entry["name"]: (
            tuple(entry["features"]),
            SCORERS[entry["kind"]].restore(_part(arrays, f"members.{position}")),
        )
        for position, entry in enumerate(facts["members"])
    }
    pool = Pool(
        weights={entry["name"]: float(entry["weight"]) for entry in facts["members"]},
        shares={entry["name"]: float(entry["share"]) for entry in facts["members"]},
        prior=arrays["pool.prior"],
        loss=float("nan") if facts["loss"] is None else float(facts["loss"]),
    )
    threshold, provenance, instruction = (
        facts[name] for name in ("threshold", "provenance", "instruction")
    )
    return Head(
        classes=classes,
        _fitted=FittedHead(
            FittedMembers(features, scorers),
            pool,
            restore_calibrator(facts["calibration"], _part(arrays, "calibration")),
            Conformal(arrays["conformal.classes"], arrays["conformal.own"], len(classes)),
            Novelty(arrays["novelty.means"], arrays["novelty.nearest"]),
        ),
        level=float(facts["level"]),
        unknown=float(facts["unknown"]),
        positive=facts["positive"],
        threshold=None if threshold is None else HeadThreshold.model_validate(threshold),
        card=HeadCard.model_validate(facts["card"]),
        provenance=None if provenance is None else Provenance(**provenance),
        instruction=None
        if instruction is None
        else Instruction.model_validate_json(json.dumps(instruction)),
        long_texts=facts["long_texts"],
    )


def _part(arrays: Mapping[str, npt.NDArray[Any]], part: str) -> dict[str, npt.NDArray[Any]]:
    start = f"{part}."
    return {
        name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)
    }
