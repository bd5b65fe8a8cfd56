"""Stages that read what a query is about: aspects, values of fields that it names, titles."""

from __future__ import annotations

import pytest

from metier.registry.retrieval_settings import (
    Aspect,
    NamedField,
    NamedValue,
    RetrievalSettings,
)

CLAUSES = [
    {"id": "pay", "text": "The buyer pays within thirty days of the invoice."},
    {"id": "storm", "text": "Neither party answers for delays. Storms excuse them."},
]


def test_what_is_asked_of_the_subject_draws_up_what_is_about_that(rt):
    leaflets = rt.index(
        [
            {"id": "causes", "text": "Hay fever comes from pollen in spring."},
            {"id": "treatment", "text": "Hay fever: take one tablet a day, or use a nasal spray."},
        ]
    )
    asked = Aspect(asked=("treat",), words="therapy, medication, drugs")
    settings = RetrievalSettings(dense=1, lexical=0, interaction=0, aspect=2, aspects=(asked,))
    first, second = leaflets.search("how to treat hay fever", retrieval=settings)
    assert first.document_id == "treatment"
    assert first.scores["aspect"] > second.scores["aspect"]
    other = leaflets.search("where does hay fever come from", retrieval=settings)
    assert all("aspect" not in hit.scores for hit in other)


LANGUAGES = NamedField(
    field="language",
    values=(
        NamedValue(values=("Go",), words=("golang",), unclear=("go",)),
        NamedValue(values=("Rust",), words=("rust",)),
    ),
)


@pytest.mark.parametrize("is_on_disk", [False, True])
def test_documents_with_a_value_that_the_query_names_move_up(rt, tmp_path, is_on_disk):
    functions = rt.index(
        [
            {"id": "go", "text": "open a file and read it", "language": "Go"},
            {"id": "rust", "text": "open a file and read it", "language": "Rust"},
            {"id": "unknown", "text": "open a file and read it"},
        ],
        at=tmp_path / "functions" if is_on_disk else None,
    )
    settings = RetrievalSettings(
        dense=1,
        lexical=1,
        interaction=1,
        named=0.5,
        named_fields=(LANGUAGES,),
        requests=("how to",),
    )

    def scores(query: str) -> dict[str, float | None]:
        hits = functions.search(query, retrieval=settings)
        return {hit.document_id: hit.scores.get("named") for hit in hits}

    named = scores("how to read a file in rust")
    assert next(iter(named)) == "rust"
    assert named == {"rust": 1.0, "go": 0.0, "unknown": 0.0}
    assert scores("how to read a file") == {"go": None, "rust": None, "unknown": None}
    plain = functions.search("read a file", retrieval=settings)[0]
    asked = functions.search("how to read a file", retrieval=settings)[0]
    for stage in ("dense", "lexical"):
        assert asked.scores[stage] == pytest.approx(plain.scores[stage], abs=1e-5)
    assert "named 0.5 (language)" in functions.explain(retrieval=settings).search


def test_a_passage_nearer_to_what_else_could_be_asked_moves_down(rt):
    leaflets = rt.index(
        [
            {"id": "both", "text": "Hay fever: causes, pollen, therapy, drugs, causes."},
            {"id": "treatment", "text": "Hay fever: therapy and drugs."},
        ]
    )
    causes = Aspect(asked=("cause",), words="causes, pollen")
    therapy = Aspect(asked=("treat",), words="therapy, drugs")
    alone, beside = (
        RetrievalSettings(dense=1, lexical=0, interaction=0, aspect=2, aspects=aspects)
        for aspects in ((therapy,), (therapy, causes))
    )

    def scores(settings: RetrievalSettings) -> dict[str, float]:
        hits = leaflets.search("how to treat hay fever", retrieval=settings)
        return {hit.document_id: hit.scores["aspect"] for hit in hits}

    lost = {name: score - scores(beside)[name] for name, score in scores(alone).items()}
    assert lost["both"] > lost["treatment"]
    assert scores(beside)["treatment"] > scores(beside)["both"]


def test_answers_of_an_aspect_are_compared_beside_its_name(rt):
    leaflets = rt.index(
        [
            {"id": "tablet", "text": "Take one tablet with water."},
            {"id": "other", "text": "Pollen is in the air in spring."},
        ]
    )
    named = Aspect(asked=("treat",), words="therapy")
    answered = Aspect(asked=("treat",), words="therapy", answers=("Take one tablet with water.",))
    scores = []
    for aspect in (named, answered):
        settings = RetrievalSettings(lexical=0, interaction=0, aspect=1, aspects=(aspect,))
        hits = leaflets.search("how is it treated", retrieval=settings)
        scores.append({hit.document_id: hit.scores["aspect"] for hit in hits})
    assert scores[1]["tablet"] > scores[0]["tablet"]
    assert scores[1]["tablet"] - scores[1]["other"] > 0.3


def test_a_title_counts_by_itself_where_a_document_has_one(rt):
    offers = rt.index(
        [
            {"id": "lamp", "title": "Desk lamp", "text": "It comes with a mouse mat as a gift."},
            {"id": "mouse", "title": "Wireless mouse", "text": "Two keys, a wheel, grey."},
            {"id": "plain", "text": "A wireless mouse mat."},
        ]
    )
    settings = RetrievalSettings(dense=1, lexical=0, interaction=0, heading=3)
    hits = {hit.document_id: hit for hit in offers.search("wireless mouse", retrieval=settings)}
    query, title = (
        rt.embed_queries(["wireless mouse"])[0],
        rt.embed_documents(["Wireless mouse"])[0],
    )
    assert hits["mouse"].scores["heading"] == pytest.approx(float(query @ title), abs=1e-5)
    assert hits["plain"].scores["heading"] == hits["plain"].scores["dense"]
    for hit in hits.values():
        dense, heading = hit.scores["dense"], hit.scores["heading"]
        assert hit.score == pytest.approx((dense + 3 * heading) / 4, abs=1e-5)


@pytest.mark.parametrize("on_disk", [False, True])
def test_that_titles_count_is_explained_where_there_are_any(words_rt, tmp_path, on_disk):
    settings = RetrievalSettings(dense=1, lexical=0, interaction=0, heading=3)
    index = words_rt.index(CLAUSES, at=tmp_path / "index" if on_disk else None)
    assert index.explain(retrieval=settings).search == "dense 1"
    index.add([{"id": "mouse", "title": "Wireless mouse", "text": "Two keys, a wheel."}])
    assert index.explain(retrieval=settings).search == "dense 1, heading 3"


def test_without_titles_nothing_is_said_of_them(rt):
    settings = RetrievalSettings(dense=1, lexical=0, interaction=0, heading=3)
    for hit in rt.index(CLAUSES).search("storms", retrieval=settings):
        assert hit.scores.keys() == {"dense", "fused"}
        assert hit.score == pytest.approx(hit.scores["dense"], abs=1e-5)
