"""Clustering, measured against labels that the clusters never saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.evaluation.folder import Labelled
from metier.evaluation.measured import Outcome
from metier.evaluation.pipeline import Pipeline
from metier.workflows.clustering import ClusterReport, cluster_texts

if TYPE_CHECKING:
    from metier.runtime import Runtime


def measure_clustering(
    rt: Runtime, data: Labelled, pipeline: Pipeline, *, dim: int | None = None
) -> Outcome:
    """Metrics of a clustering.

    `v_measure`: the harmonic mean of homogeneity and completeness (Rosenberg and Hirschberg 2007).
    `ari`: the Rand index adjusted for chance (Hubert and Arabie 1985), 0 for a clustering at
    random. For both, texts that fit no cluster are a group of their own, so leaving hard texts out
    is no way to a better figure. `noise_share`: of these texts. `clusters`: how many there are.
    """
    import numpy as np
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    report = _report(rt, data, pipeline, dim)
    labels = np.array(data.labels)
    found = np.array([member.label for member in report.members])
    return Outcome(
        metrics={
            "v_measure": float(v_measure_score(labels, found)),
            "ari": float(adjusted_rand_score(labels, found)),
            "noise_share": len(report.outliers) / len(report.members),
            "clusters": len(report.clusters),
        },
        config={"texts": len(labels), "labels": len(set(data.labels))},
        cases=[item.id for item in data.texts],
        leading=lambda places: float(v_measure_score(labels[places], found[places])),
    )


def _report(rt: Runtime, data: Labelled, pipeline: Pipeline, dim: int | None) -> ClusterReport:
    """The domain's workflow where it runs under this instruction, else the step it stands on."""
    if pipeline.runs_as_it_is(rt):
        report: ClusterReport = pipeline.run(rt, data.texts, dim)
        return report
    assert pipeline.instruction is not None  # without a workflow there is one
    return cluster_texts(rt, data.texts, instruction=pipeline.instruction, dim=dim)
