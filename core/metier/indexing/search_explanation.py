"""The explanation of what a search would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.indexing.search_results import SearchExplanation, VectorSearch
from metier.retrieval.stages.table import describe_stages

if TYPE_CHECKING:
    from metier.engine.engine import Engine
    from metier.indexing.search import SearchPlan
    from metier.indexing.store import Store
    from metier.models.embedder import ModelProfile
    from metier.registry.retrieval_settings import RerankChoice


def explain_search(
    store: Store, engine: Engine, plan: SearchPlan, choice: RerankChoice
) -> SearchExplanation:
    """What a search with this plan would do.

    Args:
        store: of the index.
        engine: that would embed the query.
        plan: of the search.
        choice: why the reranker reads the best, or why not.
    """
    manifest, options = store.manifest, plan.options
    dim = manifest.provenance.dim
    near = VectorSearch.of(manifest, options.dim, options.top_k)
    settings = plan.settings.of_model(reads_tokens=engine.token_embedder is not None)
    has_reranker = engine.reranker is not None
    return SearchExplanation(
        instruction=None if plan.instruction is None else plan.instruction.full_id,
        dim=dim,
        dim_reason=_of_size(dim, engine.embedder.profile),
        compared=near.compared,
        rotated=near.rotated,
        shortlist=near.shortlist,
        nearness=near.sentence,
        search=describe_stages(settings, plan.stages, has_headings=store.has_headings()),
        rerank=plan.rerank,
        rerank_reason=choice.reason if has_reranker or not choice.wanted else "there is none",
    )


def _of_size(dim: int, profile: ModelProfile) -> str:
    if dim == profile.dim:
        return "all dimensions that the model gives"
    trained = "" if profile.mrl else ", for which it was not trained (no MRL)"
    return f"the first of the {profile.dim} dimensions that the model gives{trained}"
