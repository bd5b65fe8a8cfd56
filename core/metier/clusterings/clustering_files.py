"""The files of a clustering: its vectors, its groups, and checksums of both."""

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

from metier.analysis.term_counts import TermCounts
from metier.clusterings.clustering import (
    OUTLIER,
    Clustering,
    ClusteringOptions,
    SavedGroup,
)
from metier.registry.instruction import Instruction
from metier.registry.provenance import Provenance
from metier.registry.saved_folder import DAMAGES, SavedFolder

_FOLDER = SavedFolder("clustering", schema=1, remedy="Group the texts and save them again")


def write_clustering(clustering: Clustering, folder: str | Path) -> Path:
    """Write a clustering into a folder, which is created; what it had is replaced.

    Raises:
        UsageError: the folder has other files, or cannot be written.
    """
    presence = clustering.terms.presence.tocsr()
    arrays = {
        "vectors": clustering.vectors,
        "labels": clustering.labels,
        "copies": clustering.copies,
        "terms.starts": presence.indptr.astype(np.int64),
        "terms.numbers": presence.indices.astype(np.int32),
    }
    raw = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    return _FOLDER.write(folder, _facts(clustering), raw)


def read_clustering(folder: str | Path) -> Clustering:
    """Read a clustering.

    Raises:
        InputError: there is none, a file is damaged, or a newer version of metier wrote it.
    """
    facts, raw = _FOLDER.read(folder)
    try:
        clustering = _restored(facts, load(raw))
        _require_fitting(clustering)
    except (*DAMAGES, SafetensorError):
        raise _FOLDER.damaged(folder) from None
    return clustering


def _require_fitting(clustering: Clustering) -> None:
    """Notice parts that do not fit each other now, not when texts are assigned.

    Raises:
        ValueError: they do not.
    """
    rows, labels = len(clustering.vectors), [group.label for group in clustering.groups]
    if not np.isfinite(clustering.vectors).all() or clustering.vectors.ndim != 2:
        raise ValueError("the vectors are no numbers")
    if not len(clustering.labels) == len(clustering.copies) == rows:
        raise ValueError("there are other numbers of labels and vectors")
    if clustering.terms.presence.shape[0] != rows or sorted(set(labels)) != labels:
        raise ValueError("terms or groups are of other texts")
    if not set(clustering.labels.tolist()) <= {OUTLIER, *labels}:
        raise ValueError("a label is of no group")
    if max(labels, default=-1) >= clustering.next_label or (clustering.copies < 1).any():
        raise ValueError("a label would be used again")


def _facts(clustering: Clustering) -> dict[str, Any]:
    instruction = clustering.instruction
    return {
        "groups": [asdict(group) for group in clustering.groups],
        "next_label": clustering.next_label,
        "texts": clustering.texts,
        "options": asdict(clustering.options),
        "terms": [[name, " ".join(stems)] for name, stems in
                  zip(clustering.terms.names, clustering.terms.stems, strict=True)],
        "provenance": clustering.provenance and asdict(clustering.provenance),
        "instruction": instruction
        and {**instruction.model_dump(mode="json"), "domain": instruction.domain},
    }  # fmt: skip


def _restored(facts: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Clustering:
    from scipy import sparse

    groups = [_group(group) for group in facts["groups"]]
    options = dict(facts["options"])
    names, stems = [entry[0] for entry in facts["terms"]], [entry[1] for entry in facts["terms"]]
    starts, numbers = arrays["terms.starts"], arrays["terms.numbers"]
    presence = sparse.csr_matrix(
        (np.ones(len(numbers)), numbers, starts), shape=(len(starts) - 1, len(names))
    )
    provenance, instruction = facts["provenance"], facts["instruction"]
    return Clustering(
        groups=tuple(groups),
        vectors=arrays["vectors"],
        labels=arrays["labels"],
        copies=arrays["copies"],
        terms=TermCounts(tuple(names), tuple(tuple(key.split(" ")) for key in stems), presence),
        next_label=int(facts["next_label"]),
        options=ClusteringOptions(**{**options, "stop_words": tuple(options["stop_words"])}),
        provenance=provenance and Provenance(**provenance),
        instruction=instruction and Instruction.model_validate_json(json.dumps(instruction)),
    )


def _group(facts: Mapping[str, Any]) -> SavedGroup:
    return SavedGroup(
        label=int(facts["label"]),
        name=facts["name"],
        size=int(facts["size"]),
        keywords=tuple(facts["keywords"]),
        renamed=bool(facts["renamed"]),
        merged=tuple(facts["merged"]),
    )
