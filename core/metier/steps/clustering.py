"""Clustering of texts: the step of every clustering workflow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from metier.engine.long_texts import LongTextMode
from metier.progress import working
from metier.registry.instruction import Instruction
from metier.steps.cluster_report import (
    Cluster,
    ClusterReport,
    Member,
    MergedGroups,
    Representative,
)
from metier.steps.group_shares import likeliest_groups
from metier.steps.periods import Period, with_periods
from metier.texts.sentences import sentences
from metier.texts.texts import Texts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.analysis.clusters import Clusters
    from metier.analysis.memberships import Memberships
    from metier.clusterings.clustering import Clustering, ClusteringOptions
    from metier.runtime.runtime import Runtime

_DIM = 256
"""Vector size for a task in words: what clustering instructions of domains have."""

_SHORT = 160
"""Characters of a text that is shown whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Texts that were embedded and grouped.

    Attributes:
        texts: n of them.
        vectors: (n, dim) of the texts.
        clusters: of the vectors.
        belonging: of each text to the clusters.
        is_outlier: (n,) which texts fit no cluster, also where these were reassigned.
        keywords: of each cluster.
        instruction: that the texts were embedded under.
        options: how they were grouped.
    """

    texts: Texts
    vectors: npt.NDArray[np.float32]
    clusters: Clusters
    belonging: Memberships
    is_outlier: npt.NDArray[np.bool_]
    keywords: list[list[str]]
    instruction: Instruction
    options: ClusteringOptions

    def clustering(self) -> Clustering:
        """The groups in a form that is kept."""
        from metier.clusterings.clustering import Clustering

        return Clustering.of(
            self.vectors,
            self.clusters,
            self.texts.strings,
            keywords=self.keywords,
            options=self.options,
            instruction=self.instruction,
        )


def cluster_texts(
    rt: Runtime,
    texts: Texts,
    *,
    instruction: str | Instruction,
    noun: str = "texts",
    min_cluster_size: int | None = None,
    groups: int | None = None,
    seed: int = 0,
    dim: int | None = None,
    stop_words: Collection[str] = (),
    long_texts: LongTextMode = "pool",
    reassign_outliers: bool = False,
    vectors: npt.NDArray[np.float32] | None = None,
    named_by: Sequence[str] | None = None,
    save: Path | None = None,
    date_column: str | None = None,
    period: Period = "month",
) -> ClusterReport:
    """Group texts as `group_texts` does, name the groups and draw a map.

    Args:
        rt: the Runtime.
        texts: what to group.
        instruction: as of `group_texts`, as are the parameters after it up to `named_by`.
        save: folder that the groups are saved in; None to save nothing.
        date_column: column of dates by which the groups are counted; None for no such table.
        period: that is counted by.
    """
    column = ""
    if date_column is not None:
        texts, column = with_periods(texts, date_column, period)
    grouping = group_texts(
        rt,
        texts,
        instruction=instruction,
        noun=noun,
        min_cluster_size=min_cluster_size,
        groups=groups,
        seed=seed,
        dim=dim,
        stop_words=stop_words,
        long_texts=long_texts,
        reassign_outliers=reassign_outliers,
        vectors=vectors,
        named_by=named_by,
    )
    report = _report(grouping, groups=groups, save=save)
    return report.add_cross_table(column) if column else report


def _report(grouping: Grouping, *, groups: int | None, save: Path | None) -> ClusterReport:
    from metier.analysis.clusters import default_min_cluster_size
    from metier.analysis.group_hierarchy import group_hierarchy
    from metier.analysis.projection import project

    coordinates, laid_out = project(grouping.vectors)
    smallest = grouping.options.min_cluster_size
    if smallest is None:
        smallest = default_min_cluster_size(len(grouping.texts)) if groups is None else 1
    described = _clusters(grouping)
    return ClusterReport(
        noun=grouping.options.noun,
        min_cluster_size=smallest,
        clusters=described,
        members=_members(grouping, described, coordinates),
        laid_out=laid_out,
        folder="" if save is None else str(grouping.clustering().save(save)),
        hierarchy=tuple(
            MergedGroups(
                groups=merge.groups,
                first=merge.first,
                second=merge.second,
                distance=merge.distance,
            )
            for merge in group_hierarchy(grouping.vectors, grouping.clusters.labels)
        ),
    )


def group_texts(
    rt: Runtime,
    texts: Texts,
    *,
    instruction: str | Instruction,
    noun: str = "texts",
    min_cluster_size: int | None = None,
    groups: int | None = None,
    seed: int = 0,
    dim: int | None = None,
    stop_words: Collection[str] = (),
    long_texts: LongTextMode = "pool",
    reassign_outliers: bool = False,
    vectors: npt.NDArray[np.float32] | None = None,
    named_by: Sequence[str] | None = None,
) -> Grouping:
    """Embed texts under an instruction, group them, and find keywords of the groups.

    Args:
        rt: the Runtime.
        texts: what to group.
        instruction: as of `clustering_instruction`.
        noun: what the texts are, for people.
        min_cluster_size: as of `cluster`, as is `groups`.
        seed: of what is drawn at random to find the groups.
        dim: vector size; None for the instruction's.
        stop_words: words that name no group in this field.
        long_texts: whether the vector of a long text is the mean of its parts' or of its beginning.
        reassign_outliers: whether outliers are put into the likeliest group.
        vectors: (texts, dim) that were embedded before; None to embed the texts.
        named_by: texts whose words name the groups, one for each; None for the texts.
    """
    from metier.analysis.clusters import cluster
    from metier.analysis.keywords import keywords
    from metier.analysis.memberships import memberships, reassign_noise
    from metier.clusterings.clustering import ClusteringOptions

    known = rt.instructions.resolve(clustering_instruction(instruction)).instruction
    ignored = tuple(sorted({word.lower() for word in stop_words}))
    if vectors is None:
        vectors = embedded(rt, texts, instruction=known, dim=dim, long_texts=long_texts)
    options = ClusteringOptions(noun, min_cluster_size, seed, ignored, long_texts)
    with working(rt.engine.progress, "clustering", 1) as bar:
        terms, size = _terms(rt, texts, known), min_cluster_size
        clusters = cluster(vectors, min_cluster_size=size, groups=groups, seed=seed, terms=terms)
        belonging, is_outlier = memberships(vectors, clusters), clusters.labels < 0
        clusters = reassign_noise(clusters, belonging) if reassign_outliers else clusters
        words = keywords(named_by or texts.strings, clusters.labels, stop_words=ignored)
        bar.advance()
    return Grouping(texts, vectors, clusters, belonging, is_outlier, words, known, options)


def clustering_instruction(instruction: str | Instruction) -> str | Instruction:
    """Return what texts are grouped under: a task in words as a clustering instruction of 256
    dimensions, which stands before every text; anything else as it is.

    Raises:
        UsageError: the task is too long, or not on one line.
    """
    ad_hoc = Instruction.ad_hoc(instruction) if isinstance(instruction, str) else None
    if ad_hoc is None:
        return instruction
    return ad_hoc.model_copy(update={"kind": "clustering", "sides": "both", "dim": _DIM})


def _terms(rt: Runtime, texts: Texts, instruction: Instruction) -> list[list[str]]:
    """Return the terms of each text as searches of the instruction's domain know them, in pairs."""
    from metier.retrieval.terms import Analyzer

    settings = rt.instructions.retrieval(instruction.domain)
    if settings.terms == "words":
        settings = settings.model_copy(update={"terms": "phrases"})
    analyzer = Analyzer(settings)
    return [analyzer.names(string) for string in texts.strings]


def embedded(
    rt: Runtime,
    texts: Texts,
    *,
    instruction: str | Instruction | None,
    dim: int | None,
    long_texts: LongTextMode,
) -> npt.NDArray[np.float32]:
    """Return the vectors of the texts, which do not depend on their order.

    A batch of other texts may change the last bits of a vector, so texts are embedded in the order
    of their contents.
    """
    import numpy as np

    strings = texts.strings
    order = sorted(range(len(strings)), key=strings.__getitem__)
    vectors = rt.embed_documents(
        [strings[row] for row in order], instruction=instruction, dim=dim, long_texts=long_texts
    )
    back = np.empty(len(order), dtype=np.intp)
    back[order] = np.arange(len(order))
    ordered: npt.NDArray[np.float32] = vectors[back]
    return ordered


def _clusters(grouping: Grouping) -> tuple[Cluster, ...]:
    """Each cluster with its keywords and representatives, in the order of the labels."""
    from metier.analysis.representatives import representatives
    from metier.clusterings.clustering import free_name

    texts, clusters, words = grouping.texts, grouping.clusters, grouping.keywords
    represented = representatives(grouping.vectors, clusters.labels, clusters.medoids)
    names: list[str] = []
    for label, keywords in enumerate(words):
        names.append(free_name(keywords, label, names))
    return tuple(
        Cluster(
            label=label,
            name=names[label],
            size=int((clusters.labels == label).sum()),
            keywords=tuple(words[label]),
            central_id=texts[int(medoid)].id,
            central=texts[int(medoid)].text,
            representatives=tuple(
                Representative(
                    id=texts[row].id,
                    text=texts[row].text,
                    sentence=telling_sentence(texts[row].text, words[label]),
                )
                for row in represented[label]
            ),
        )
        for label, medoid in enumerate(clusters.medoids)
    )


def telling_sentence(text: str, keywords: Sequence[str]) -> str:
    """Return the sentence of a text that holds most of some keywords, the first of several such.

    Args:
        text: any; one of at most 160 characters is returned whole.
        keywords: in lower case, the best first, which count for more.
    """
    if len(text) <= _SHORT:
        return text
    weights = {
        word: 1.0 + 1.0 / (rank + 1.0)
        for rank, keyword in enumerate(keywords)
        for word in keyword.split()
    }

    def weigh(sentence: str) -> float:
        content = sentence.lower()
        return sum(weight for word, weight in weights.items() if word in content)

    return max((span.text for span in sentences(text)), key=weigh, default=text)


def _members(
    grouping: Grouping, described: Sequence[Cluster], coordinates: npt.NDArray[np.float64]
) -> tuple[Member, ...]:
    """Each text with its cluster and its coordinates (texts, 2), in input order."""
    clusters, belonging = grouping.clusters, grouping.belonging
    names = {cluster.label: cluster.name for cluster in described}
    return tuple(
        Member(
            id=item.id,
            text=item.text,
            fields=dict(item.fields),
            label=int(clusters.labels[index]),
            strength=round(float(clusters.strengths[index]), 4),
            x=round(float(coordinates[index, 0]), 3),
            y=round(float(coordinates[index, 1]), 3),
            distance=round(float(belonging.distances[index]), 4),
            groups=likeliest_groups(belonging.probabilities[index], names),
            reassigned=bool(grouping.is_outlier[index] and clusters.labels[index] >= 0),
        )
        for index, item in enumerate(grouping.texts)
    )
