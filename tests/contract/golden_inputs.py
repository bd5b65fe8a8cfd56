"""What the golden record is made of: texts, searches, workflow runs and evaluation sets."""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import metier

TEXTS = (
    "port",
    "The borrower missed two payments in spring and asks for a longer term.",
    "def retry(call, attempts=3):\n    for attempt in range(attempts):\n        return call()",
    "中国的首都是北京。東京は日本の首都です。",
    "Столица России — Москва; ποια είναι η πρωτεύουσα;",
    "تأخرت الشحنة بسبب العاصفة  🌧️ ราคาเท่าไหร่ naïve ﬁnance \uff21\uff11",
    "The carrier is liable for goods that arrive damaged. " * 12,
    "Pump 40 runs at 1,450 rpm; replace seal kit X-771 every 90 days. " * 20,  # is cut
    "The borrower missed two payments in spring and asks for a longer term.",  # a repeated text
)

INSTRUCTIONS = (
    "finance/delinquency-risk",
    "healthcare/note-grouping",
    "legal/force-majeure",
)


def shipped(domain: str, *parts: str) -> Path:
    """A file or folder that a domain ships, such as `samples`."""
    if domain == "core":
        root = importlib.resources.files("metier").joinpath("domains", "core")
    else:
        root = importlib.resources.files(f"metier_{domain}")
    return Path(str(root.joinpath(*parts)))


@dataclass(frozen=True)
class Search:
    """Searches in one index.

    Attributes:
        documents: what is indexed; gets the Runtime.
        queries: the first is searched in every way, the others with the domain's settings.
        condition: for the first query.
        all_stages: settings in which every stage has a weight.
    """

    domain: str
    instruction: str
    documents: Callable[[metier.Runtime], Any]
    queries: Sequence[str]
    condition: metier.Condition
    all_stages: Mapping[str, Any]
    model: str = "embedded"


def searches() -> dict[str, Search]:
    """Searches in the samples of every domain, and one with an instruction-aware model."""
    shop = shipped("code", "samples", "shop")
    core = Search(
        "core",
        "core/passage-search",
        lambda rt: _titled_messages(),
        ["when do you close before a holiday?", "a room for a group", "torn pages"],
        (metier.field("title") == "Desk") | ~(metier.field("number") < 12),
        _all_stages("words", asked=("when", "how long"), words="opening hours and dates"),
    )
    return {
        "core": core,
        "core, qwen3": Search(
            "core",
            "core/passage-search",
            core.documents,
            core.queries,
            core.condition,
            core.all_stages,
            model="qwen3",
        ),
        "finance": Search(
            "finance",
            "finance/filings-search",
            lambda rt: list(_texts("finance", "applications.csv"))[:14],
            [
                "missed payments and credit cards at the limit",
                "exports to a country at war",
                "roof",
            ],
            (metier.field("amount") >= 9000) & ~metier.field("term_months").is_in([60]),
            _all_stages("phrases", asked=("missed", "late"), words="arrears and default"),
        ),
        "healthcare": Search(
            "healthcare",
            "healthcare/literature-search",
            lambda rt: list(_texts("healthcare", "notes.jsonl"))[:16],
            ["how is a wrist fracture treated?", "what causes chest pain", "kidney stones"],
            metier.field("service").is_present() & (metier.field("service") != "Urology"),
            _all_stages("words", asked=("treat",), words="treatment, therapy, management"),
        ),
        "code": Search(
            "code",
            "code/function-search",
            lambda rt: list(metier.Documents.read(shop, readers=rt.plugins.readers()))[-4:],
            ["try again after a failure and wait longer", "check a password", "ship an order"],
            ~metier.field("language").is_in(["none"]),
            _all_stages("identifiers", asked=("try", "wait"), words="retry with backoff"),
        ),
        "legal": Search(
            "legal",
            "legal/clause-search",
            lambda rt: _ends_of_contracts(),
            ["what happens in a strike or a flood", "ending the contract early", "invoices"],
            ~(metier.field("court") == "Lyon"),
            _all_stages("words", asked=("what happens",), words="consequences of an event"),
        ),
    }


def _all_stages(terms: str, *, asked: Sequence[str], words: str) -> dict[str, Any]:
    return {
        "terms": terms,
        "dense": 0.7,
        "lexical": 0.6,
        "interaction": 0.9,
        "emphasis": "even",
        "heading": 0.4,
        "feedback": 0.5,
        "aspect": 0.3,
        "aspects": ({"asked": tuple(asked), "words": words},),
    }


def _texts(domain: str, name: str) -> metier.Texts:
    return metier.Texts.read(shipped(domain, "samples", name))


def _ends_of_contracts() -> list[dict[str, str]]:
    """The last 4,000 characters of each contract: enough clauses for several chunks."""
    contracts = metier.Documents.read(shipped("legal", "samples"))
    return [{"id": contract.id, "text": contract.text[-4000:]} for contract in contracts]


def _titled_messages() -> list[dict[str, Any]]:
    """The messages of the core's samples; every third has a title, all have a number."""
    return [
        {"id": message.id, "text": message.text, "number": number}
        | ({"title": ("Desk", "Opening hours")[number % 2]} if number % 3 == 0 else {})
        for number, message in enumerate(_texts("core", "messages.csv"))
    ]


@dataclass(frozen=True)
class Run:
    """One run of a workflow.

    Attributes:
        kind: of the result: `flag`, `group`, `classify` or `search`.
        inputs: reads what the workflow gets by position.
    """

    kind: str
    workflow: str
    inputs: Callable[[], Sequence[Any]]
    parameters: Mapping[str, Any] = field(default_factory=dict)


def runs() -> dict[str, Run]:
    """The workflows of every domain on its samples."""

    def texts(domain: str, name: str) -> Callable[[], Sequence[Any]]:
        return lambda: [_texts(domain, name)]

    def contracts() -> Sequence[Any]:
        return [
            metier.Documents.read(shipped("legal", "samples")),
            "what happens when an event beyond our control stops delivery",
        ]

    def sources() -> Sequence[Any]:
        return [
            shipped("code", "samples", "shop"),
            "wait longer after each failed attempt and try again",
        ]

    def messages() -> Sequence[Any]:
        return [
            metier.Documents.read(shipped("core", "samples", "messages.csv")),
            "a room for a meeting of several people",
        ]

    desk = texts("core", "messages.csv")
    labels = ("hours: when the library is open", "room: booking a room", "damage: a damaged book")
    examples = _texts("core", "labeled.csv")
    signs = {
        "signs": ("Pages of the book are torn.", "The cover of the book is stained."),
        "contrasts": ("The book is as good as new.",),
    }
    return {
        "flag loans": Run("flag", "finance/flag-loans", texts("finance", "applications.csv")),
        "flag by taxonomy": Run(
            "flag", "core/flag", desk, {"taxonomy": shipped("core", "samples", "signs.yaml")}
        ),
        "flag by sentences": Run("flag", "core/flag", desk, signs),
        "group notes": Run("group", "healthcare/cluster-notes", texts("healthcare", "notes.jsonl")),
        "group messages": Run("group", "core/cluster", desk, {"min_cluster_size": 4}),
        "classify by labels": Run("classify", "core/classify", desk, {"labels": labels}),
        "classify by examples": Run("classify", "core/classify", desk, {"examples": examples}),
        "search messages": Run("search", "core/search", messages),
        "search code": Run("search", "code/search", sources, {"keep_index": False}),
        "search clauses": Run("search", "legal/search-clauses", contracts),
    }


EVALUATIONS: Sequence[tuple[str, str, Sequence[str]]] = (
    ("passage-search", "core", ()),
    ("topics", "core", ("--kind", "clustering")),
    ("topics", "core", ("--kind", "classification")),
    ("filings-search", "finance", ()),
    ("intent-classification", "finance", ("--kind", "classification")),
    ("literature-search", "healthcare", ()),
    ("note-grouping", "healthcare", ("--kind", "clustering")),
    ("function-search", "code", ()),
    ("clause-search", "legal", ()),
    ("clause-classification", "legal", ("--kind", "classification")),
)
"""Folder, domain and options of `metier eval`."""
