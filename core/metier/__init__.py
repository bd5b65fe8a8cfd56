"""metier runs one embedding model for many domains.

Everything public is importable from here and loaded when first touched, so `import metier` stays
cheap: no torch, no transformers, no plugin code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.lazy_names import lazy_names

if TYPE_CHECKING:
    from metier.analysis.clusters import Clusters
    from metier.analysis.term_counts import TermCounts
    from metier.caching.vector_cache import CachedModel, CacheInfo, VectorCache
    from metier.chunking.chunk import Chunk
    from metier.chunking.chunking import chunk, chunk_each
    from metier.chunking.token_counts import TokenCounter
    from metier.clusterings.assignment import Assignment
    from metier.clusterings.clustering import Clustering, ClusteringOptions, SavedGroup
    from metier.datafiles.remote import Remote
    from metier.engine.engine import Engine, RerankedDocument
    from metier.engine.ledger import InstructionUse, Ledger, ModelUse
    from metier.engine.long_texts import LongTextMode
    from metier.engine.model_loading import Models
    from metier.errors import MetierError, MetierWarning
    from metier.heads.calibration_curve import CurvePoint
    from metier.heads.head import Head
    from metier.heads.head_options import HeadOptions
    from metier.heads.head_prediction import HeadPrediction
    from metier.heads.head_report import ClassQuality, ConformalQuality, GroupQuality, HeadReport
    from metier.heads.inputs import HeadInputs
    from metier.heads.model_card import HeadCard, MemberUse
    from metier.heads.resampling import Estimate
    from metier.heads.score_curve import CurvePosition, ScoreCurve
    from metier.heads.thresholds import HeadThreshold, ThresholdGoal
    from metier.indexing.conditions import Condition, Field, field
    from metier.indexing.field_values import Value
    from metier.indexing.index import Index
    from metier.indexing.info import IndexInfo
    from metier.indexing.manifest import Manifest
    from metier.indexing.search_options import SearchKeywords, SearchOptions
    from metier.indexing.search_results import Hit, SearchExplanation
    from metier.indexing.verification import IndexDamage, VerificationReport
    from metier.indexing.writing import WriteReport
    from metier.models.embedder import (
        Embedder,
        Embeddings,
        ModelProfile,
        Prompt,
        Side,
        TokenStateEmbedder,
        TokenStates,
        TokenStateSink,
    )
    from metier.models.family import ModelFamily, ModelSource
    from metier.models.reranker import Reranker, RerankScores
    from metier.plugins.hookspecs import hookimpl
    from metier.progress import Progress
    from metier.registry.dims import DimChoice
    from metier.registry.domain import Conformance, Domain, EvaluationSet, Safety, WorkflowSpec
    from metier.registry.ids import Alias, AliasStatus
    from metier.registry.instruction import Instruction, Kind
    from metier.registry.instruction_search import InstructionMatch
    from metier.registry.lint import Alike, Finding, Rule, lint
    from metier.registry.pack import load_pack
    from metier.registry.provenance import Provenance, require_comparable
    from metier.registry.registry import Candidate, EmbeddingPlan, Layer, Registry, Resolution
    from metier.registry.retrieval_settings import Aspect, Language, RetrievalSettings
    from metier.registry.taxonomy import RiskChange, RulingOut, TaxonomyChanges
    from metier.results.record import FieldUse, InputUse, Numbers, RunRecord
    from metier.results.result import Result
    from metier.results.table import Table
    from metier.retrieval.funnel import Funnel
    from metier.retrieval.snippet import Snippet, SnippetLine
    from metier.retrieval.vectors import Vectors
    from metier.runtime.config import RuntimeConfig
    from metier.runtime.explanation import Explanation, LayerView, PromptView
    from metier.runtime.runtime import Runtime
    from metier.steps.flag_report import NearestExample, RuledOut
    from metier.steps.learning import apply_head, fit_head
    from metier.steps.suggested_thresholds import SuggestedThreshold
    from metier.texts.files import read_texts, stream_texts
    from metier.texts.reader import Fault, LeftOut, Reader, SheetRow
    from metier.texts.rows import InputRow, Item
    from metier.texts.splitter import Section, Splitter, undivided
    from metier.texts.stream import TextStream
    from metier.texts.texts import Documents, Texts
    from metier.workflows.comparison import (
        Difference,
        environment_differences,
        input_differences,
        model_differences,
        parameter_differences,
        run_differences,
    )
    from metier.workflows.contract import (
        Provider,
        Workflow,
        WorkflowHost,
        WorkflowRuntime,
        workflow,
    )
    from metier.workflows.parameter import Parameter

__version__ = "0.1.0"

_HOMES = {
    "Alias": "metier.registry.ids",
    "AliasStatus": "metier.registry.ids",
    "Alike": "metier.registry.lint",
    "Aspect": "metier.registry.retrieval_settings",
    "Assignment": "metier.clusterings.assignment",
    "CacheInfo": "metier.caching.vector_cache",
    "CachedModel": "metier.caching.vector_cache",
    "Candidate": "metier.registry.registry",
    "Chunk": "metier.chunking.chunk",
    "ClassQuality": "metier.heads.head_report",
    "Clustering": "metier.clusterings.clustering",
    "ClusteringOptions": "metier.clusterings.clustering",
    "Clusters": "metier.analysis.clusters",
    "Condition": "metier.indexing.conditions",
    "ConformalQuality": "metier.heads.head_report",
    "Conformance": "metier.registry.domain",
    "CurvePoint": "metier.heads.calibration_curve",
    "CurvePosition": "metier.heads.score_curve",
    "Difference": "metier.workflows.comparison",
    "DimChoice": "metier.registry.dims",
    "Documents": "metier.texts.texts",
    "Domain": "metier.registry.domain",
    "Embedder": "metier.models.embedder",
    "EmbeddingPlan": "metier.registry.registry",
    "Embeddings": "metier.models.embedder",
    "Engine": "metier.engine.engine",
    "Estimate": "metier.heads.resampling",
    "EvaluationSet": "metier.registry.domain",
    "Explanation": "metier.runtime.explanation",
    "Fault": "metier.texts.reader",
    "Field": "metier.indexing.conditions",
    "FieldUse": "metier.results.record",
    "Finding": "metier.registry.lint",
    "Funnel": "metier.retrieval.funnel",
    "GroupQuality": "metier.heads.head_report",
    "Head": "metier.heads.head",
    "HeadCard": "metier.heads.model_card",
    "HeadInputs": "metier.heads.inputs",
    "HeadOptions": "metier.heads.head_options",
    "HeadPrediction": "metier.heads.head_prediction",
    "HeadReport": "metier.heads.head_report",
    "HeadThreshold": "metier.heads.thresholds",
    "Hit": "metier.indexing.search_results",
    "Index": "metier.indexing.index",
    "IndexDamage": "metier.indexing.verification",
    "IndexInfo": "metier.indexing.info",
    "InputRow": "metier.texts.rows",
    "InputUse": "metier.results.record",
    "Instruction": "metier.registry.instruction",
    "InstructionMatch": "metier.registry.instruction_search",
    "InstructionUse": "metier.engine.ledger",
    "Item": "metier.texts.rows",
    "Kind": "metier.registry.instruction",
    "Language": "metier.registry.retrieval_settings",
    "Layer": "metier.registry.registry",
    "LayerView": "metier.runtime.explanation",
    "Ledger": "metier.engine.ledger",
    "LeftOut": "metier.texts.reader",
    "LongTextMode": "metier.engine.long_texts",
    "Manifest": "metier.indexing.manifest",
    "MemberUse": "metier.heads.model_card",
    "MetierError": "metier.errors",
    "MetierWarning": "metier.errors",
    "ModelFamily": "metier.models.family",
    "ModelProfile": "metier.models.embedder",
    "ModelSource": "metier.models.family",
    "ModelUse": "metier.engine.ledger",
    "Models": "metier.engine.model_loading",
    "NearestExample": "metier.steps.flag_report",
    "Numbers": "metier.results.record",
    "Parameter": "metier.workflows.parameter",
    "Progress": "metier.progress",
    "Prompt": "metier.models.embedder",
    "PromptView": "metier.runtime.explanation",
    "Provenance": "metier.registry.provenance",
    "Provider": "metier.workflows.contract",
    "Reader": "metier.texts.reader",
    "Registry": "metier.registry.registry",
    "Remote": "metier.datafiles.remote",
    "RerankScores": "metier.models.reranker",
    "RerankedDocument": "metier.engine.engine",
    "Reranker": "metier.models.reranker",
    "Resolution": "metier.registry.registry",
    "Result": "metier.results.result",
    "RetrievalSettings": "metier.registry.retrieval_settings",
    "RiskChange": "metier.registry.taxonomy",
    "Rule": "metier.registry.lint",
    "RuledOut": "metier.steps.flag_report",
    "RulingOut": "metier.registry.taxonomy",
    "RunRecord": "metier.results.record",
    "Runtime": "metier.runtime.runtime",
    "RuntimeConfig": "metier.runtime.config",
    "Safety": "metier.registry.domain",
    "SavedGroup": "metier.clusterings.clustering",
    "ScoreCurve": "metier.heads.score_curve",
    "SearchExplanation": "metier.indexing.search_results",
    "SearchKeywords": "metier.indexing.search_options",
    "SearchOptions": "metier.indexing.search_options",
    "Section": "metier.texts.splitter",
    "SheetRow": "metier.texts.reader",
    "Side": "metier.models.embedder",
    "Snippet": "metier.retrieval.snippet",
    "SnippetLine": "metier.retrieval.snippet",
    "Splitter": "metier.texts.splitter",
    "SuggestedThreshold": "metier.steps.suggested_thresholds",
    "Table": "metier.results.table",
    "TaxonomyChanges": "metier.registry.taxonomy",
    "TermCounts": "metier.analysis.term_counts",
    "TextStream": "metier.texts.stream",
    "Texts": "metier.texts.texts",
    "ThresholdGoal": "metier.heads.thresholds",
    "TokenCounter": "metier.chunking.token_counts",
    "TokenStateEmbedder": "metier.models.embedder",
    "TokenStateSink": "metier.models.embedder",
    "TokenStates": "metier.models.embedder",
    "Value": "metier.indexing.field_values",
    "VectorCache": "metier.caching.vector_cache",
    "Vectors": "metier.retrieval.vectors",
    "VerificationReport": "metier.indexing.verification",
    "Workflow": "metier.workflows.contract",
    "WorkflowHost": "metier.workflows.contract",
    "WorkflowRuntime": "metier.workflows.contract",
    "WorkflowSpec": "metier.registry.domain",
    "WriteReport": "metier.indexing.writing",
    "apply_head": "metier.steps.learning",
    "chunk": "metier.chunking.chunking",
    "chunk_each": "metier.chunking.chunking",
    "environment_differences": "metier.workflows.comparison",
    "field": "metier.indexing.conditions",
    "fit_head": "metier.steps.learning",
    "hookimpl": "metier.plugins.hookspecs",
    "input_differences": "metier.workflows.comparison",
    "lint": "metier.registry.lint",
    "load_pack": "metier.registry.pack",
    "model_differences": "metier.workflows.comparison",
    "parameter_differences": "metier.workflows.comparison",
    "read_texts": "metier.texts.files",
    "require_comparable": "metier.registry.provenance",
    "run_differences": "metier.workflows.comparison",
    "stream_texts": "metier.texts.files",
    "undivided": "metier.texts.splitter",
    "workflow": "metier.workflows.contract",
}

__all__ = [
    "Alias", "AliasStatus", "Alike", "Aspect", "Assignment", "CacheInfo", "CachedModel",
    "Candidate", "Chunk", "ClassQuality", "Clustering", "ClusteringOptions", "Clusters",
    "Condition", "ConformalQuality", "Conformance", "CurvePoint", "CurvePosition", "Difference",
    "DimChoice", "Documents", "Domain", "Embedder", "EmbeddingPlan", "Embeddings", "Engine",
    "Estimate", "EvaluationSet", "Explanation", "Fault", "Field", "FieldUse", "Finding",
    "Funnel", "GroupQuality", "Head", "HeadCard", "HeadInputs", "HeadOptions", "HeadPrediction",
    "HeadReport", "HeadThreshold", "Hit", "Index", "IndexDamage", "IndexInfo", "InputRow",
    "InputUse", "Instruction", "InstructionMatch", "InstructionUse", "Item", "Kind", "Language",
    "Layer", "LayerView", "Ledger", "LeftOut", "LongTextMode", "Manifest", "MemberUse",
    "MetierError", "MetierWarning", "ModelFamily", "ModelProfile", "ModelSource", "ModelUse",
    "Models", "NearestExample", "Numbers", "Parameter", "Progress", "Prompt", "PromptView",
    "Provenance", "Provider", "Reader", "Registry", "Remote", "RerankScores",
    "RerankedDocument", "Reranker", "Resolution", "Result", "RetrievalSettings", "RiskChange",
    "Rule", "RuledOut", "RulingOut", "RunRecord", "Runtime", "RuntimeConfig", "Safety",
    "SavedGroup", "ScoreCurve", "SearchExplanation", "SearchKeywords", "SearchOptions",
    "Section", "SheetRow", "Side", "Snippet", "SnippetLine", "Splitter", "SuggestedThreshold",
    "Table", "TaxonomyChanges", "TermCounts", "TextStream", "Texts", "ThresholdGoal",
    "TokenCounter", "TokenStateEmbedder", "TokenStateSink", "TokenStates", "Value",
    "VectorCache", "Vectors", "VerificationReport", "Workflow", "WorkflowHost",
    "WorkflowRuntime", "WorkflowSpec", "WriteReport", "__version__", "apply_head", "chunk",
    "chunk_each", "environment_differences", "field", "fit_head", "hookimpl",
    "input_differences", "lint", "load_pack", "model_differences", "parameter_differences",
    "read_texts", "require_comparable", "run_differences", "stream_texts", "undivided",
    "workflow",
]  # fmt: skip

_RENAMED = {"Encoded": "Embeddings", "Ranked": "RerankedDocument", "Scored": "RerankScores"}

__getattr__, __dir__ = lazy_names(__name__, _HOMES, _RENAMED)
