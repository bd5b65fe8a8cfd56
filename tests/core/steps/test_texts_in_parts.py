"""Groups, labels and flags of texts longer than the model reads: all of them count."""

from __future__ import annotations

import numpy as np
import pytest

from metier import MetierWarning, Runtime, Texts
from metier.errors import ParameterError
from metier.testing import FakeEmbedder

FILLER = "It was bought in a shop in the old town and wrapped in blue paper. "
BEARS = "A brown teddy bear with soft fur. "
TRAINS = "A fast steam train that runs on rails. "
LONG = [FILLER * 17 + BEARS * 34, FILLER * 17 + TRAINS * 34]
"""The model reads 256 tokens, and the first 256 of both are the same."""

LABELS = ("bear: a soft animal to hug", "train: a railway with carriages and rails")
SIGNS = {"signs": ("The wheel is broken off.",), "contrasts": ("Nothing is broken.",)}
UNPUNCTUATED = " ".join(
    [*["the toy is made of wood and painted blue"] * 40, *["its wheel is broken off"] * 20]
    + ["the box is made of paper and painted red"] * 40
)
"""One sentence of some seven hundred tokens."""


def test_the_end_of_a_text_decides_on_its_label(rt):
    whole = rt.run("core/classify", LONG, labels=LABELS)
    assert [item.label for item in whole.items] == ["bear", "train"]
    cut = rt.run("core/classify", LONG, labels=LABELS, long_texts="cut")
    assert cut.items[0].scores == cut.items[1].scores


def test_examples_are_read_whole_as_well(rt):
    examples = [
        {"text": text, "label": label} for text, label in zip(LONG * 2, "btbt", strict=True)
    ]
    learned = rt.run("core/classify", [BEARS, TRAINS], examples=examples)
    assert [item.label for item in learned.items] == ["b", "t"]
    assert (learned.record.texts_divided, learned.record.texts_truncated) == (4, 0)


def test_the_end_of_a_text_decides_on_its_group(rt):
    long = [FILLER * 17 + kind * (30 + number) for kind in (BEARS, TRAINS) for number in range(5)]
    short = [kind * (1 + number) for kind in (BEARS, TRAINS) for number in range(5)]
    report = rt.run("core/cluster", [*long, *short], min_cluster_size=4)
    of_kind = [{member.label for member in report.members[start : start + 5]} for start in (0, 5)]
    assert of_kind[0] != of_kind[1]
    assert all(len(labels) == 1 for labels in of_kind)
    cut = rt.run("core/cluster", [*long, *short], min_cluster_size=4, long_texts="cut")
    assert len({member.label for member in cut.members[:10]}) == 1


@pytest.mark.parametrize(
    ("workflow", "options"),
    [
        ("core/cluster", {}),
        ("core/classify", {"labels": LABELS}),
        ("finance/flag-loans", {}),
        ("core/flag", SIGNS),
        ("core/match", {"right": ["It is red."]}),
        ("healthcare/cluster-notes", {}),
    ],
)
def test_a_result_says_how_many_texts_were_read_in_parts(rt, workflow, options):
    """A text without a full stop is long as a text and as a sentence."""
    texts = [UNPUNCTUATED, "It is blue.", "The box is red."]
    whole = rt.run(workflow, texts, **options)
    cut = rt.run(workflow, texts, **options, long_texts="cut")
    assert (whole.record.texts_divided, whole.record.texts_truncated) == (1, 0)
    assert whole.record.text_parts >= 3
    assert whole.record.parameters["long_texts"] == "pool"
    note = next(note for note in whole.notes() if "longer than the model reads" in note)
    assert note.startswith("1 sentence was" if "flag" in workflow else "1 text was")
    assert f"read in parts ({whole.record.text_parts} in all)" in note
    assert note in whole.to_html()
    assert cut.record.texts_divided == 0
    assert cut.record.parameters["long_texts"] == "cut"
    assert any(
        "labels and queries included, was longer than it reads and was cut" in note
        for note in cut.notes()
    )


def test_nothing_is_said_where_every_text_fits(rt):
    report = rt.run("core/classify", ["A bear."], labels=LABELS)
    assert report.notes() == []
    assert (report.record.texts_divided, report.record.text_parts) == (0, 0)


def test_the_evidence_in_a_sentence_longer_than_the_model_reads_is_a_part_of_it(rt):
    before = "It is blue.  "
    texts = [before + UNPUNCTUATED + ". It is red."]
    report = rt.run("core/flag", texts, **SIGNS)
    (item,) = report.items
    evidence = item.scores[0].evidence
    assert evidence.sentence == item.text[evidence.start : evidence.end]
    assert "its wheel is broken off" in evidence.sentence
    assert rt.engine.count_tokens([evidence.sentence])[0] <= rt.embedder.profile.max_tokens
    assert evidence.start > len(before)
    cut = rt.run("core/flag", texts, **SIGNS, long_texts="cut")
    (item_of_cut,) = cut.items
    assert item.scores[0].score > item_of_cut.scores[0].score
    (row,) = report.rows()
    assert row["evidence"] == row["text"][row["start"] : row["end"]]


def test_texts_whose_sentences_fit_have_the_same_flags_either_way(rt):
    texts = [FILLER * 40 + "Its wheel is broken off.", "It is blue. The wheel is broken off."]
    whole = rt.run("core/flag", texts, **SIGNS)
    assert whole.items == rt.run("core/flag", texts, **SIGNS, long_texts="cut").items
    assert whole.record.texts_divided == 0


def test_parts_of_sentences_fit_under_the_longest_instruction_of_a_taxonomy(tmp_path):
    """Two risks, one with an instruction before every sentence: both score the same parts."""
    pack = tmp_path / "toys.yaml"
    pack.write_text(
        "schema: 1\ndomain: toys\ntitle: Toys\ninstructions:\n"
        "  - {id: find, task: Find the toy, kind: flagging}\n"
        "  - {id: sort, task: Sort the toys by what children do with them all day long, "
        "kind: flagging, sides: both}\n"
    )
    taxonomy = tmp_path / "risks.yaml"
    risk = "  - {{id: {0}, title: {0}, instruction: toys/{0}, signs: [The {0} is broken off.]}}"
    neutral = [f"The box is {color}." for color in ("red", "blue", "green", "grey", "black")]
    lines = ["risks:", risk.format("find"), risk.format("sort"), f"neutral: {neutral}"]
    taxonomy.write_text("\n".join(lines))
    model = FakeEmbedder(max_tokens=60)
    rt = Runtime(model, plugins=[], packs=[pack], progress=False)
    report = rt.run("core/flag", [UNPUNCTUATED], taxonomy=taxonomy)
    assert report.record.texts_truncated == 0
    assert report.record.texts_divided == 1
    for score in report.items[0].scores:
        evidence = score.evidence
        assert UNPUNCTUATED[evidence.start : evidence.end] == evidence.sentence


def test_the_end_of_a_text_decides_on_its_match(rt):
    report = rt.run("core/match", LONG, [BEARS, TRAINS], top_k=1)
    assert [(pair.left.id, pair.right.id) for pair in report.pairs if pair.mutual] in (
        [("1", "1"), ("2", "2")],
        [("2", "2"), ("1", "1")],
    )
    cut = rt.run("core/match", LONG, [BEARS, TRAINS], top_k=1, long_texts="cut")
    assert len({pair.right.id for pair in cut.pairs if pair.rank == 1}) == 1


def test_a_search_reads_all_of_a_long_query(rt):
    documents = [BEARS, TRAINS, "A box of wooden blocks. "]
    index = rt.index(Texts.of([{"id": text[:9], "text": text} for text in documents]))
    for query, kind in zip(LONG, (BEARS, TRAINS), strict=True):
        best = index.search(query, top_k=1)[0]
        assert best.text == kind.strip()
    dense = [index.search(query, top_k=3)[0].scores["dense"] for query in LONG]
    with pytest.warns(MetierWarning, match="were cut"):
        cut = np.asarray(rt.embed_queries(LONG))
    assert np.array_equal(cut[0], cut[1])
    assert dense == pytest.approx(
        [
            float(rt.embed_queries([query], long_texts="pool")[0] @ rt.embed_documents([kind])[0])
            for query, kind in zip(LONG, (BEARS.strip(), TRAINS.strip()), strict=True)
        ],
        abs=1e-4,
    )


def test_any_other_word_for_long_texts_is_refused(rt):
    with pytest.raises(ParameterError, match="long_texts='mean' cannot be used"):
        rt.run("core/cluster", ["a", "b"], long_texts="mean")
