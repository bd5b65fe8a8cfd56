"""Everything that a plugin imports from metier.

Names are imported when first used. Other modules than this one and `metier` are private.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.lazy_names import lazy_names

if TYPE_CHECKING:
    from metier.analysis.function_words import main_language
    from metier.assertion.assertion import Assertion, AssertionStatus, Denial, Modifier
    from metier.assertion.rule_file import AssertionRule, AssertionRuleFile
    from metier.assertion.rules import AssertionRules
    from metier.caching.vector_cache import cache_folder
    from metier.chunking.chunk import content_of
    from metier.chunking.sections import sections_by_heading
    from metier.datafiles.loader import load_data
    from metier.errors import (
        ErrorPosition,
        InputError,
        MetierError,
        MetierWarning,
        ParameterError,
        PluginError,
        UsageError,
    )
    from metier.folders import write_atomically
    from metier.indexing.contents import IndexContents, IndexedChunk
    from metier.indexing.near_search import DocumentMatch, NearHits, NearRule, NearSearch
    from metier.models.embedder import (
        Embedder,
        Embeddings,
        ModelProfile,
        Prompt,
        Side,
        TokenStateEmbedder,
        TokenStates,
    )
    from metier.models.family import LoadOptions, ModelFamily, ModelSource
    from metier.models.reranker import Reranker, RerankScores
    from metier.plugins.discovery import Plugin, PluginStatus
    from metier.plugins.hookspecs import hookimpl
    from metier.plugins.host import PluginHost
    from metier.progress import Progress
    from metier.redaction.identifiers import Identifier, Identifiers
    from metier.redaction.outgoing import guard_texts
    from metier.redaction.redactor import RedactedText, RedactionMode, Redactor
    from metier.redaction.vault import Vault
    from metier.registry.checklist import (
        Checklist,
        ChecklistChanges,
        ChecklistQuestion,
        ChecklistQuestionChange,
    )
    from metier.registry.domain import Conformance, Domain, EvaluationSet, Safety, WorkflowSpec
    from metier.registry.instruction import Instruction
    from metier.registry.registry import ProvidedDomain
    from metier.registry.retrieval_settings import NamedField, NamedValue
    from metier.registry.taxonomy import Risk, Taxonomy
    from metier.results.document_position import DocumentPosition, MarkTone
    from metier.results.figure import Figure, Point, PointGroup
    from metier.results.file_position import FilePosition
    from metier.results.group import ResultGroup
    from metier.results.own_columns import OwnFields, hidden_cells, hidden_columns, rows_beside
    from metier.results.page import PageSection
    from metier.results.record import RunRecord
    from metier.results.result import Result
    from metier.results.result_document import DocumentHeading, ResultDocument
    from metier.results.table import Column, ColumnKind, Excerpt, Table
    from metier.retrieval.stages.known_question import KnownQuestion, KnownQuestionStage
    from metier.retrieval.stages.stage import (
        SearchCandidate,
        SearchContext,
        SearchEngine,
        SearchPhase,
        SearchStage,
    )
    from metier.retrieval.stages.table import Stages
    from metier.retrieval.terms import TermCache
    from metier.retrieval.token_reading import QueryTokens
    from metier.runtime.runtime import Runtime
    from metier.steps.assignment_report import AssignedText, AssignmentReport, KeptGroup
    from metier.steps.batch_result import BatchResult, Match, QueryResult
    from metier.steps.checklist_answers import ChecklistReader, DocumentAnswers
    from metier.steps.checklist_classifying import classify_by_checklist
    from metier.steps.checklists import change_checklist, domain_checklist, load_checklist
    from metier.steps.classifying import (
        ClassificationReport,
        ClassifiedText,
        LabelScore,
        classify_by_examples,
        classify_by_labels,
    )
    from metier.steps.cluster_report import (
        Cluster,
        ClusterReport,
        Member,
        MergedGroups,
        Representative,
    )
    from metier.steps.clustering import cluster_texts
    from metier.steps.drift import (
        BatchFlags,
        BatchScores,
        BatchText,
        DriftReport,
        RateDrift,
        ScoreDrift,
        compare_batches,
    )
    from metier.steps.fitting import (
        GoalFlags,
        GoalPrecision,
        GoalRecall,
        HeadColumns,
        HeadFolder,
        HeadLevel,
        Positive,
        Subgroup,
        fit_and_save,
    )
    from metier.steps.flag_report import Evidence, FlaggedText, FlagReport, RiskScore
    from metier.steps.flagging import flag_texts
    from metier.steps.group_shares import GroupShare
    from metier.steps.head_results import HeadResult
    from metier.steps.kept_groups import SaveFolder, assign_texts, load_groups, update_groups
    from metier.steps.labeled_examples import labels_of, named_labels
    from metier.steps.matching import MatchedText, MatchResult, Pair, match_texts
    from metier.steps.nearness import near_cosine
    from metier.steps.parameters import (
        AbbreviationsFile,
        DateColumn,
        Dim,
        FlagThreshold,
        Groups,
        InstructionId,
        LabelColumn,
        LongTexts,
        MinClusterSize,
        Paths,
        Queries,
        Query,
        ReassignOutliers,
        Rerank,
        RerankFlags,
        RulesFile,
        Seed,
        StopWords,
        Threshold,
        TopK,
    )
    from metier.steps.periods import Period, with_periods
    from metier.steps.prediction_report import PredictedText, PredictionReport
    from metier.steps.query_batches import (
        PassageSearch,
        search_index,
        search_one_or_many,
        search_queries,
    )
    from metier.steps.redacting import (
        DeidentifiedText,
        KindCount,
        RedactionReport,
        note_identifiers,
        redact_texts,
    )
    from metier.steps.repeated_search import kept_between_queries
    from metier.steps.searching import Passage, SearchResult, document_passages, search_passages
    from metier.steps.similar_cases import (
        CaseComparison,
        OutcomeShare,
        SimilarCase,
        SimilarCases,
        find_similar_cases,
    )
    from metier.steps.taxonomies import domain_taxonomy
    from metier.texts.abbreviations import (
        Abbreviation,
        AbbreviationFile,
        Abbreviations,
        ExpandedText,
        Expansion,
    )
    from metier.texts.encodings import recognized_encoding, require_encoding
    from metier.texts.paths import InputPath, find_inputs
    from metier.texts.phrases import Phrases
    from metier.texts.reader import (
        Fault,
        LeftOut,
        Reader,
        Row,
        SheetRow,
        decode,
        page_at,
        read_document_bytes,
    )
    from metier.texts.readers.html import html_text
    from metier.texts.rows import Item
    from metier.texts.sentences import Span, sentences
    from metier.texts.splitter import Section, Splitter, undivided
    from metier.texts.texts import Documents, Texts
    from metier.workflows.contract import Workflow, WorkflowDecorator, workflow

_HOMES = {
    "Abbreviation": "metier.texts.abbreviations",
    "AbbreviationFile": "metier.texts.abbreviations",
    "Abbreviations": "metier.texts.abbreviations",
    "AbbreviationsFile": "metier.steps.parameters",
    "Assertion": "metier.assertion.assertion",
    "AssertionRule": "metier.assertion.rule_file",
    "AssertionRuleFile": "metier.assertion.rule_file",
    "AssertionRules": "metier.assertion.rules",
    "AssertionStatus": "metier.assertion.assertion",
    "AssignedText": "metier.steps.assignment_report",
    "AssignmentReport": "metier.steps.assignment_report",
    "BatchFlags": "metier.steps.drift", "BatchResult": "metier.steps.batch_result",
    "BatchScores": "metier.steps.drift", "BatchText": "metier.steps.drift",
    "CaseComparison": "metier.steps.similar_cases",
    "Checklist": "metier.registry.checklist", "ChecklistChanges": "metier.registry.checklist",
    "ChecklistReader": "metier.steps.checklist_answers",
    "DocumentAnswers": "metier.steps.checklist_answers",
    "ChecklistQuestion": "metier.registry.checklist",
    "ChecklistQuestionChange": "metier.registry.checklist",
    "ClassificationReport": "metier.steps.classifying",
    "ClassifiedText": "metier.steps.classifying", "Cluster": "metier.steps.cluster_report",
    "ClusterReport": "metier.steps.cluster_report", "Column": "metier.results.table",
    "ColumnKind": "metier.results.table", "Conformance": "metier.registry.domain",
    "DateColumn": "metier.steps.parameters", "DeidentifiedText": "metier.steps.redacting",
    "Denial": "metier.assertion.assertion", "Dim": "metier.steps.parameters",
    "DocumentHeading": "metier.results.result_document",
    "DocumentMatch": "metier.indexing.near_search",
    "DocumentPosition": "metier.results.document_position",
    "Documents": "metier.texts.texts", "Domain": "metier.registry.domain",
    "DriftReport": "metier.steps.drift",
    "Embedder": "metier.models.embedder", "Embeddings": "metier.models.embedder",
    "ErrorPosition": "metier.errors",
    "EvaluationSet": "metier.registry.domain", "Evidence": "metier.steps.flag_report",
    "Excerpt": "metier.results.table", "ExpandedText": "metier.texts.abbreviations",
    "Expansion": "metier.texts.abbreviations",
    "Fault": "metier.texts.reader", "Figure": "metier.results.figure",
    "FilePosition": "metier.results.file_position",
    "FlagReport": "metier.steps.flag_report",
    "FlagThreshold": "metier.steps.parameters",
    "FlaggedText": "metier.steps.flag_report",
    "GoalFlags": "metier.steps.fitting", "GoalPrecision": "metier.steps.fitting",
    "GoalRecall": "metier.steps.fitting",
    "GroupShare": "metier.steps.group_shares", "Groups": "metier.steps.parameters",
    "HeadColumns": "metier.steps.fitting",
    "HeadFolder": "metier.steps.fitting", "HeadLevel": "metier.steps.fitting",
    "HeadResult": "metier.steps.head_results",
    "Identifier": "metier.redaction.identifiers", "Identifiers": "metier.redaction.identifiers",
    "IndexContents": "metier.indexing.contents", "IndexedChunk": "metier.indexing.contents",
    "InputError": "metier.errors", "InputPath": "metier.texts.paths",
    "Instruction": "metier.registry.instruction", "InstructionId": "metier.steps.parameters",
    "Item": "metier.texts.rows", "KeptGroup": "metier.steps.assignment_report",
    "KindCount": "metier.steps.redacting", "LabelColumn": "metier.steps.parameters",
    "KnownQuestion": "metier.retrieval.stages.known_question",
    "KnownQuestionStage": "metier.retrieval.stages.known_question",
    "LabelScore": "metier.steps.classifying", "LeftOut": "metier.texts.reader",
    "LoadOptions": "metier.models.family", "LongTexts": "metier.steps.parameters",
    "MarkTone": "metier.results.document_position", "Match": "metier.steps.batch_result",
    "MatchResult": "metier.steps.matching", "MatchedText": "metier.steps.matching",
    "Member": "metier.steps.cluster_report", "MergedGroups": "metier.steps.cluster_report",
    "MetierError": "metier.errors", "MetierWarning": "metier.errors",
    "MinClusterSize": "metier.steps.parameters",
    "ModelFamily": "metier.models.family",
    "ModelProfile": "metier.models.embedder",
    "ModelSource": "metier.models.family",
    "Modifier": "metier.assertion.assertion",
    "NamedField": "metier.registry.retrieval_settings",
    "NamedValue": "metier.registry.retrieval_settings",
    "NearHits": "metier.indexing.near_search",
    "NearRule": "metier.indexing.near_search",
    "NearSearch": "metier.indexing.near_search",
    "OutcomeShare": "metier.steps.similar_cases",
    "OwnFields": "metier.results.own_columns",
    "PageSection": "metier.results.page",
    "Pair": "metier.steps.matching", "ParameterError": "metier.errors",
    "Passage": "metier.steps.searching", "PassageSearch": "metier.steps.query_batches",
    "Paths": "metier.steps.parameters", "Period": "metier.steps.periods",
    "Phrases": "metier.texts.phrases", "Plugin": "metier.plugins.discovery",
    "PluginError": "metier.errors",
    "PluginHost": "metier.plugins.host",
    "PluginStatus": "metier.plugins.discovery",
    "Point": "metier.results.figure", "PointGroup": "metier.results.figure",
    "Positive": "metier.steps.fitting",
    "PredictedText": "metier.steps.prediction_report",
    "PredictionReport": "metier.steps.prediction_report",
    "Progress": "metier.progress",
    "Prompt": "metier.models.embedder",
    "ProvidedDomain": "metier.registry.registry",
    "Queries": "metier.steps.parameters",
    "Query": "metier.steps.parameters",
    "QueryResult": "metier.steps.batch_result",
    "QueryTokens": "metier.retrieval.token_reading",
    "RateDrift": "metier.steps.drift",
    "Reader": "metier.texts.reader",
    "ReassignOutliers": "metier.steps.parameters", "RedactedText": "metier.redaction.redactor",
    "RedactionMode": "metier.redaction.redactor", "RedactionReport": "metier.steps.redacting",
    "Redactor": "metier.redaction.redactor", "Representative": "metier.steps.cluster_report",
    "Rerank": "metier.steps.parameters", "RerankFlags": "metier.steps.parameters",
    "RerankScores": "metier.models.reranker", "Reranker": "metier.models.reranker",
    "Result": "metier.results.result", "ResultDocument": "metier.results.result_document",
    "ResultGroup": "metier.results.group",
    "Risk": "metier.registry.taxonomy", "RiskScore": "metier.steps.flag_report",
    "Row": "metier.texts.reader", "RulesFile": "metier.steps.parameters",
    "RunRecord": "metier.results.record", "Runtime": "metier.runtime.runtime",
    "Safety": "metier.registry.domain", "SaveFolder": "metier.steps.kept_groups",
    "ScoreDrift": "metier.steps.drift", "SearchCandidate": "metier.retrieval.stages.stage",
    "SearchContext": "metier.retrieval.stages.stage",
    "SearchEngine": "metier.retrieval.stages.stage",
    "SearchPhase": "metier.retrieval.stages.stage", "SearchResult": "metier.steps.searching",
    "SearchStage": "metier.retrieval.stages.stage", "Section": "metier.texts.splitter",
    "Seed": "metier.steps.parameters", "SheetRow": "metier.texts.reader",
    "Side": "metier.models.embedder", "SimilarCase": "metier.steps.similar_cases",
    "SimilarCases": "metier.steps.similar_cases", "Span": "metier.texts.sentences",
    "Splitter": "metier.texts.splitter", "Stages": "metier.retrieval.stages.table",
    "StopWords": "metier.steps.parameters", "Subgroup": "metier.steps.fitting",
    "Table": "metier.results.table", "Taxonomy": "metier.registry.taxonomy",
    "TermCache": "metier.retrieval.terms", "Texts": "metier.texts.texts",
    "Threshold": "metier.steps.parameters", "TokenStateEmbedder": "metier.models.embedder",
    "TokenStates": "metier.models.embedder", "TopK": "metier.steps.parameters",
    "UsageError": "metier.errors", "Vault": "metier.redaction.vault",
    "Workflow": "metier.workflows.contract", "WorkflowDecorator": "metier.workflows.contract",
    "WorkflowSpec": "metier.registry.domain", "assign_texts": "metier.steps.kept_groups",
    "cache_folder": "metier.caching.vector_cache", "change_checklist": "metier.steps.checklists",
    "classify_by_checklist": "metier.steps.checklist_classifying",
    "classify_by_examples": "metier.steps.classifying",
    "classify_by_labels": "metier.steps.classifying",
    "cluster_texts": "metier.steps.clustering", "compare_batches": "metier.steps.drift",
    "content_of": "metier.chunking.chunk",
    "decode": "metier.texts.reader", "document_passages": "metier.steps.searching",
    "domain_checklist": "metier.steps.checklists", "load_checklist": "metier.steps.checklists",
    "domain_taxonomy": "metier.steps.taxonomies", "find_inputs": "metier.texts.paths",
    "find_similar_cases": "metier.steps.similar_cases", "fit_and_save": "metier.steps.fitting",
    "flag_texts": "metier.steps.flagging", "guard_texts": "metier.redaction.outgoing",
    "hidden_cells": "metier.results.own_columns", "hidden_columns": "metier.results.own_columns",
    "hookimpl": "metier.plugins.hookspecs", "html_text": "metier.texts.readers.html",
    "kept_between_queries": "metier.steps.repeated_search",
    "labels_of": "metier.steps.labeled_examples", "load_data": "metier.datafiles.loader",
    "load_groups": "metier.steps.kept_groups", "match_texts": "metier.steps.matching",
    "named_labels": "metier.steps.labeled_examples", "near_cosine": "metier.steps.nearness",
    "note_identifiers": "metier.steps.redacting", "read_document_bytes": "metier.texts.reader",
    "page_at": "metier.texts.reader", "recognized_encoding": "metier.texts.encodings",
    "redact_texts": "metier.steps.redacting", "rows_beside": "metier.results.own_columns",
    "require_encoding": "metier.texts.encodings", "search_index": "metier.steps.query_batches",
    "search_one_or_many": "metier.steps.query_batches",
    "search_passages": "metier.steps.searching", "search_queries": "metier.steps.query_batches",
    "sections_by_heading": "metier.chunking.sections", "sentences": "metier.texts.sentences",
    "undivided": "metier.texts.splitter", "update_groups": "metier.steps.kept_groups",
    "with_periods": "metier.steps.periods", "workflow": "metier.workflows.contract",
    "write_atomically": "metier.folders", "main_language": "metier.analysis.function_words",
}  # fmt: skip

__all__ = [
    "Abbreviation", "AbbreviationFile", "Abbreviations", "AbbreviationsFile", "Assertion",
    "AssertionRule", "AssertionRuleFile", "AssertionRules", "AssertionStatus", "AssignedText",
    "AssignmentReport", "BatchFlags", "BatchResult", "BatchScores", "BatchText", "CaseComparison",
    "Checklist", "ChecklistChanges", "ChecklistQuestion", "ChecklistQuestionChange",
    "ChecklistReader", "ClassificationReport", "ClassifiedText", "Cluster", "ClusterReport",
    "Column", "ColumnKind", "Conformance", "DateColumn", "DeidentifiedText", "Denial", "Dim",
    "DocumentAnswers", "DocumentHeading", "DocumentMatch", "DocumentPosition", "Documents",
    "Domain", "DriftReport", "Embedder", "Embeddings", "ErrorPosition", "EvaluationSet", "Evidence",
    "Excerpt", "ExpandedText", "Expansion", "Fault", "Figure", "FilePosition", "FlagReport",
    "FlagThreshold", "FlaggedText", "GoalFlags", "GoalPrecision", "GoalRecall", "GroupShare",
    "Groups", "HeadColumns", "HeadFolder", "HeadLevel", "HeadResult", "Identifier", "Identifiers",
    "IndexContents", "IndexedChunk", "InputError", "InputPath", "Instruction", "InstructionId",
    "Item", "KeptGroup", "KindCount", "KnownQuestion", "KnownQuestionStage", "LabelColumn",
    "LabelScore", "LeftOut", "LoadOptions", "LongTexts", "MarkTone", "Match", "MatchResult",
    "MatchedText", "Member", "MergedGroups", "MetierError", "MetierWarning", "MinClusterSize",
    "ModelFamily", "ModelProfile", "ModelSource",
    "Modifier", "NamedField", "NamedValue", "NearHits", "NearRule", "NearSearch", "OutcomeShare",
    "OwnFields", "PageSection", "Pair", "ParameterError", "Passage", "PassageSearch", "Paths",
    "Period", "Phrases", "Plugin", "PluginError", "PluginHost", "PluginStatus", "Point",
    "PointGroup", "Positive", "PredictedText", "PredictionReport", "Progress", "Prompt",
    "ProvidedDomain", "Queries", "Query", "QueryResult", "QueryTokens", "RateDrift", "Reader",
    "ReassignOutliers", "RedactedText", "RedactionMode", "RedactionReport", "Redactor",
    "Representative", "Rerank", "RerankFlags", "RerankScores", "Reranker", "Result",
    "ResultDocument", "ResultGroup", "Risk", "RiskScore", "Row", "RulesFile", "RunRecord",
    "Runtime", "Safety", "SaveFolder", "ScoreDrift", "SearchCandidate", "SearchContext",
    "SearchEngine", "SearchPhase", "SearchResult", "SearchStage", "Section", "Seed", "SheetRow",
    "Side", "SimilarCase", "SimilarCases", "Span", "Splitter", "Stages", "StopWords", "Subgroup",
    "Table", "Taxonomy", "TermCache", "Texts", "Threshold", "TokenStateEmbedder", "TokenStates",
    "TopK", "UsageError", "Vault", "Workflow", "WorkflowDecorator", "WorkflowSpec", "assign_texts",
    "cache_folder", "change_checklist", "classify_by_checklist", "classify_by_examples",
    "classify_by_labels", "cluster_texts", "compare_batches", "content_of", "decode",
    "document_passages", "domain_checklist", "domain_taxonomy", "find_inputs", "find_similar_cases",
    "fit_and_save", "flag_texts", "guard_texts", "hidden_cells", "hidden_columns", "hookimpl",
    "html_text", "kept_between_queries", "labels_of", "load_checklist", "load_data", "load_groups",
    "main_language", "match_texts", "named_labels", "near_cosine", "note_identifiers", "page_at",
    "read_document_bytes", "recognized_encoding", "redact_texts", "require_encoding", "rows_beside",
    "search_index", "search_one_or_many", "search_passages", "search_queries",
    "sections_by_heading", "sentences", "undivided", "update_groups", "with_periods", "workflow",
    "write_atomically",
]  # fmt: skip

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
