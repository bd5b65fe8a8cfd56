"""Settings of a domain's searches, and whether a search reranks."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from metier.errors import PackError, ParameterError, UsageError
from metier.registry.domain import Domain
from metier.registry.instruction import Instruction
from metier.registry.layers import with_packs
from metier.registry.registry import ProvidedDomain, Registry
from metier.registry.retrieval_settings import RetrievalSettings, choose_rerank
from metier.steps.searching import Passage, search_passages

TOYS = Domain(
    schema=1,
    domain="toys",
    title="Toys",
    retrieval=RetrievalSettings(terms="identifiers", lexical=0.7, rerank=False),
)
PACK = """\
schema: 1
domain: {domain}
title: Ours
{rest}
"""


def registry(tmp_path: Path, domain: str, rest: str) -> Registry:
    path = tmp_path / "pack.yaml"
    path.write_text(PACK.format(domain=domain, rest=rest))
    return Registry(with_packs([ProvidedDomain(TOYS, "plugin", "metier-toys 1")], [path]))


def test_a_domain_without_the_key_searches_by_the_defaults(tmp_path):
    known = registry(tmp_path, "ours", "")
    assert known.retrieval("ours") == known.retrieval("unheard-of") == RetrievalSettings()
    assert known.retrieval("toys").lexical == 0.7


def test_the_strongest_layer_that_says_it_wins(tmp_path):
    known = registry(tmp_path, "toys", "retrieval: {lexical: 2, language: german}")
    said = known.retrieval("toys")
    assert (said.lexical, said.language, said.terms) == (2.0, "german", "words")
    assert registry(tmp_path, "toys", "").retrieval("toys") == TOYS.retrieval


def test_a_pack_that_extends_a_domain_searches_as_it_does(tmp_path):
    assert registry(tmp_path, "ours", "extends: toys").retrieval("ours") == TOYS.retrieval
    own = registry(tmp_path, "ours", "extends: toys\nretrieval: {dense: 3}")
    assert own.retrieval("ours") == RetrievalSettings(dense=3)


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("retrieval: {named: 1}", "named needs named_fields"),
        (
            "retrieval: {named_fields: [{field: language, values: [{values: [Go]}]}]}",
            "words and unclear are both empty",
        ),
        ("retrieval: {lexical: -1}", "greater than or equal to 0"),
        ("retrieval: {dense: 0, lexical: 0}", "find nothing"),
        ("retrieval: {language: klingon}", "language"),
        ("retrieval: {lexcal: 1}", "lexcal"),
        ("retrieval: {lexical: .nan}", "number"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(tmp_path, rest, message):
    with pytest.raises(PackError, match=r"pack\.yaml, line 4") as told:
        registry(tmp_path, "ours", rest)
    assert message in str(told.value)


def test_weights_are_numbers():
    with pytest.raises(ValidationError):
        RetrievalSettings.model_validate({"dense": "much"})


def test_a_domain_decides_on_the_reranker_where_call_and_instruction_do_not():
    said = choose_rerank(requested=None, declared=None, domain=False)
    assert (said.wanted, said.required, said.source) == (False, False, "domain")
    assert choose_rerank(requested=None, declared=True, domain=False).wanted
    assert choose_rerank(requested=True, declared=None, domain=False).required


def test_a_model_without_tokens_has_the_weight_of_interaction_in_its_vectors():
    said = RetrievalSettings(dense=1, lexical=0.5, interaction=2)
    assert said.of_model(reads_tokens=True) == said
    alone = said.of_model(reads_tokens=False)
    assert (alone.dense, alone.lexical, alone.interaction) == (3.0, 0.5, 0.0)


PRICED = RetrievalSettings.model_validate_json(
    """{"aspect": 1, "aspects": [
        {"asked": ["price", "how much"], "words": "price and cost"},
        {"asked": ["c++", "size"], "words": "dimensions"}
    ]}"""
)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("What PRICES are there?", "price and cost"),
        ("how much is a bear", "price and cost"),
        ("how  much,\nhow\nmuch is it", "price and cost"),
        ("what size, and at what price?", "price and cost"),
        ("a bear in size 5", "dimensions"),
        ("written in c++", "dimensions"),
        ("is it reprized", None),
        ("oversized bears", None),
    ],
)
def test_the_first_aspect_whose_words_begin_so_is_what_is_asked(query, words):
    assert PRICED.aspect_of(query) == words


def test_an_aspect_needs_a_weight_and_a_weight_an_aspect():
    with pytest.raises(ParameterError, match="go together"):
        RetrievalSettings(aspect=1)
    with pytest.raises(ParameterError, match="go together"):
        RetrievalSettings(aspects=PRICED.aspects)
    assert RetrievalSettings().aspect_of("what price") is None


def test_weights_of_the_stages_of_plugins_stand_beside_those_of_metier():
    settings = RetrievalSettings(stages={"recency": 0.3})
    assert settings.weights == {**RetrievalSettings().weights, "recency": 0.3}
    assert hash(settings) != hash(RetrievalSettings())
    with pytest.raises(ParameterError, match="greater than or equal to 0"):
        RetrievalSettings(stages={"recency": -1.0})


def test_other_weights_are_given_by_the_names_of_the_stages():
    settings = PRICED.weighted({"lexical": 0.25, "recency": 0.3, "aspect": 0.0})
    assert (settings.lexical, settings.stages, settings.aspects) == (0.25, {"recency": 0.3}, ())
    assert PRICED.weighted({}) == PRICED
    with pytest.raises(ParameterError, match="cannot be weighted with lexical -1"):
        PRICED.weighted({"lexical": -1.0})


PASSAGES = [Passage(name, f"a {name}", name) for name in ("bear", "train", "kite")]


def find(rerank: bool | None) -> Instruction:
    return Instruction(id="find", task="Find the toy", kind="retrieval", rerank=rerank)


@pytest.mark.parametrize(
    ("requested", "declared", "is_wanted", "required", "source"),
    [
        (True, False, True, True, "call"),
        (False, True, False, False, "call"),
        (None, True, True, False, "instruction"),
        (None, False, False, False, "instruction"),
        (None, None, True, False, "default"),
    ],
)
def test_the_first_that_speaks_decides(requested, declared, is_wanted, required, source):
    choice = choose_rerank(requested=requested, declared=declared)
    assert (choice.wanted, choice.required, choice.source) == (is_wanted, required, source)
    assert choice.reason


@pytest.mark.parametrize(
    ("declared", "requested", "reranked"),
    [(None, None, True), (False, None, False), (False, True, True), (True, False, False)],
)
def test_a_search_does_as_the_call_or_its_instruction_says(qwen3_rt, declared, requested, reranked):
    result = search_passages(
        qwen3_rt, "a bear", PASSAGES, instruction=find(declared), rerank=requested
    )
    assert ["rerank" in hit.scores for hit in result.hits] == [reranked] * 3


def test_only_a_call_may_demand_a_reranker_that_is_not_there(rt):
    hits = search_passages(rt, "a bear", PASSAGES, instruction=find(True)).hits
    assert all("rerank" not in hit.scores for hit in hits)
    with pytest.raises(UsageError, match="no reranker"):
        search_passages(rt, "a bear", PASSAGES, instruction=find(None), rerank=True)


def test_whether_a_reranker_follows_changes_no_vector():
    assert find(True).digest == find(False).digest == find(None).digest
