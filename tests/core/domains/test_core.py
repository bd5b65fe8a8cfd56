"""The domain `core`: generic workflows that run under the instructions of anyone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from metier import Runtime
from metier.errors import InputError, MetierError, PackError, ParameterError, UnknownNameError
from metier.plugins.samples import demo_arguments

PACK = """\
schema: 1
domain: toys
title: Toys
instructions:
  - {id: find, task: "Given a wish, retrieve the toy that grants it", kind: retrieval}
  - {id: group, task: Group toys by their kind, kind: clustering, sides: both}
  - {id: sort, task: Classify a toy by its kind, kind: classification}
  - {id: broken, task: Identify statements that a toy is broken, kind: flagging}
"""

TAXONOMY = """\
risks:
  - id: broken
    title: A broken toy
    instruction: toys/broken
    signs: [One wheel of the train came off., The bear lost an arm.]
    contrasts: [Nothing has broken so far.]
  - id: late
    title: Late delivery
    instruction: core/text-flagging
    signs: [The parcel came three weeks late., We waited a month for it.]
neutral:
  - The box is blue.
  - It was a present.
  - We have two of them.
  - It is made of wood.
  - I bought it in town.
"""

TOYS = [
    {"id": "t1", "title": "Teddy", "text": "A soft animal to hug"},
    {"id": "t2", "title": "Locomotive", "text": "Runs on steel rails"},
    {"id": "t3", "text": "A box of wooden blocks"},
]
REVIEWS = [
    "We love the colors. The left wheel broke off on the first day.",
    "It is a nice present for children.",
]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packs") / "toys.yaml"
    path.write_text(PACK)
    return path


@pytest.fixture(scope="module")
def toys(rt: Runtime, pack: Path) -> Runtime:
    """A Runtime with a pack and no plugin; the embedded model is the one that is loaded."""
    return Runtime(rt.embedder, plugins=[], packs=[pack], progress=False)


def test_generic_workflows_are_there_without_any_plugin(toys):
    names = ["assign", "classify", "cluster", "fit", "flag", "match", "predict", "search", "update"]
    assert list(toys.workflows) == [f"core/{name}" for name in names]
    for name in toys.workflows:
        assert toys.plugins.workflows()[name][1].origin.startswith("metier ")
        assert toys.plugins.load_workflow(name).instruction in toys.instructions


def test_a_search_runs_under_the_instruction_of_a_pack(toys):
    found = toys.run("core/search", TOYS, "something to cuddle", instruction="toys/find", top_k=2)
    assert found.hits[0].id == "t1"
    assert [use.id for use in found.record.instructions] == ["toys/find@1"]
    assert len(found.hits) == 2


def test_a_title_is_read_with_its_text_and_shown(toys):
    found = toys.run("core/search", TOYS, "locomotive", top_k=1)
    (hit,) = found.hits
    assert (hit.location, hit.text) == ("t2, Locomotive", "Runs on steel rails")
    assert found.rows()[0]["title"] == "Locomotive"
    bare = toys.run("core/search", [TOYS[1]["text"]], "locomotive", top_k=1)
    assert hit.scores["dense"] > bare.hits[0].scores["dense"]


def test_a_search_may_use_a_reranker(qwen3_rt):
    reranked = qwen3_rt.run("core/search", ["a bear", "a train"], "a toy")
    assert all("rerank" in hit.scores for hit in reranked.hits)
    alone = qwen3_rt.run("core/search", ["a bear", "a train"], "a toy", rerank=False)
    assert all("rerank" not in hit.scores for hit in alone.hits)


def test_texts_are_grouped_under_the_instruction_of_a_pack(toys):
    bears = [f"A {one} teddy bear with soft fur" for one in ("red", "blue", "white", "grey")]
    trains = [f"A {one} train that runs on rails" for one in ("fast", "slow", "long", "old")]
    report = toys.run("core/cluster", bears + trains, instruction="toys/group", min_cluster_size=3)
    labels = [member.label for member in report.members]
    assert labels in ([0] * 4 + [1] * 4, [1] * 4 + [0] * 4)
    assert [use.id for use in report.record.instructions] == ["toys/group@1"]


def test_labels_may_have_descriptions(toys):
    report = toys.run(
        "core/classify",
        ["The parcel has not arrived yet", "The wheel came off"],
        labels=["late: The delivery takes too long", "broken: The toy has a fault"],
        instruction="toys/sort",
    )
    assert report.labels == ("late", "broken")
    assert [item.label for item in report.items] == ["late", "broken"]


def test_labels_are_learned_from_a_field_of_examples(toys):
    examples = [
        {"text": f"The {thing} {fault}", "kind": kind}
        for thing in ("bear", "train", "ball")
        for fault, kind in (("is late, where is it?", 1.0), ("is broken and has a hole", 2.0))
    ]
    options = {"examples": examples, "label_field": "kind", "seed": 7}
    report = toys.run("core/classify", ["My doll is broken", "Where is my doll?"], **options)
    assert report.labels == ("1", "2")
    assert [item.label for item in report.items] == ["2", "1"]
    assert report.accuracy == 1.0
    again = toys.run("core/classify", ["My doll is broken", "Where is my doll?"], **options)
    assert again.items == report.items
    assert report.record.parameters["seed"] == 7


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({}, ParameterError, "got neither"),
        ({"labels": ["a", "b"], "examples": ["a"]}, ParameterError, "got both"),
        ({"labels": ["a"]}, ParameterError, "two are the fewest"),
        ({"labels": ["a: one", "a: two"]}, ParameterError, "The label 'a' is given twice"),
        ({"labels": ["a", " "]}, ParameterError, "at least 1 character"),
        ({"labels": ["a", "b"], "threshold": 2}, ParameterError, "threshold=2"),
        (
            {"examples": [{"text": "a", "kind": "b"}]},
            InputError,
            "1 of 1 examples have no 'label': 1.\nTheir fields are: kind.",
        ),
        (
            {"examples": [{"text": "a", "lable": "b"}]},
            InputError,
            "Did you mean 'lable'?",
        ),
        (
            {"examples": [{"text": "a", "label": "b"}, {"text": "c", "label": None}]},
            InputError,
            "1 of 2 examples have no 'label': 2.",
        ),
        ({"labels": ["a", "b"], "instruction": "toys/srot"}, UnknownNameError, "'toys/sort'"),
    ],
)
def test_a_classification_that_cannot_be_is_refused_with_what_to_do(toys, options, kind, said):
    with pytest.raises(MetierError) as refused:
        toys.run("core/classify", ["A text"], **options)
    assert type(refused.value) is kind
    assert said in str(refused.value)


def test_a_sign_is_described_by_sentences_and_found_with_its_evidence(toys):
    report = toys.run(
        "core/flag",
        REVIEWS,
        signs=["A part came off.", "It broke after two days."],
        contrasts=["Nothing has broken so far."],
        instruction="toys/broken",
    )
    (flagged,) = report.flagged
    assert flagged.id == "1"
    evidence = flagged.scores[0].evidence
    assert evidence.sentence == "The left wheel broke off on the first day."
    assert flagged.text[evidence.start : evidence.end] == evidence.sentence
    assert [use.id for use in report.record.instructions] == ["toys/broken@1"]
    assert "wheel" not in report.record.model_dump_json()


def test_ordinary_sentences_of_the_field_take_the_place_of_those_of_none(toys):
    sign = {"signs": ["A part came off."], "contrasts": ["Nothing has broken so far."]}
    near = ["The wheels are red.", "The bear has two arms.", "The parts are made of wood.",
            "It has six parts.", "You put the parts together."]  # fmt: skip
    text = ["It comes in three parts."]
    usual = toys.run("core/flag", text, **sign).items[0].scores[0].score
    told = toys.run("core/flag", text, **sign, neutral=near).items[0].scores[0].score
    assert told < usual


def test_a_taxonomy_names_several_signs_and_their_instructions(toys, tmp_path):
    path = tmp_path / "signs.yaml"
    path.write_text(TAXONOMY)
    report = toys.run("core/flag", REVIEWS, taxonomy=path)
    assert report.titles == {"broken": "A broken toy", "late": "Late delivery"}
    assert {flag.risk for flag in report.items[0].flags} == {"broken"}
    used = {use.id for use in report.record.instructions}
    assert used == {"toys/broken@1", "core/text-flagging@1"}
    other = toys.run("core/flag", REVIEWS, taxonomy=path, instruction="toys/broken")
    assert [use.id for use in other.record.instructions] == ["toys/broken@1"]


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({}, ParameterError, "no sign to look for"),
        ({"contrasts": ["Nothing broke."]}, ParameterError, "no sign to look for"),
        ({"signs": [""]}, ParameterError, "at least 1 character"),
        ({"signs": ["a"], "neutral": ["b"]}, ParameterError, "1 neutral sentences are too few"),
        ({"signs": ["It broke."], "taxonomy": "signs.yaml"}, ParameterError, "got both"),
        ({"taxonomy": "nowhere.yaml"}, PackError, "nowhere.yaml cannot be read"),
    ],
)
def test_flags_that_cannot_be_are_refused_with_what_to_do(toys, options, kind, said):
    with pytest.raises(MetierError) as refused:
        toys.run("core/flag", REVIEWS, **options)
    assert type(refused.value) is kind
    assert said in str(refused.value)


@pytest.fixture
def shown(rt):
    """Run a workflow of the core on the samples that `metier demo` shows it on."""
    core = Runtime(rt.embedder, plugins=[], progress=False)

    def run(name: str):
        spec, plugin = core.plugins.workflows()[name]
        return core.run(name, **demo_arguments(core.plugins.load_workflow(name), spec, plugin))

    return run


def test_the_samples_show_what_each_workflow_finds(shown):
    rooms = {f"m{number}" for number in range(13, 19)}
    assert {hit.id for hit in shown("core/search").hits[:5]} < rooms
    labels = {item.id: item.label for item in shown("core/classify").items}
    assert {name for name, label in labels.items() if label == "rooms"} == rooms
    grouped = shown("core/cluster")
    assert len(grouped.clusters) == 4
    assert all(
        len({labels[member.id] for member in grouped.members if member.label == one.label}) == 1
        for one in grouped.clusters
    )
    flags = {item.id: [flag.risk for flag in item.flags] for item in shown("core/flag").flagged}
    assert (flags["m08"], flags["m15"]) == (["damage"], ["complaint"])


def test_what_the_core_is_not_for_is_said_with_its_results(shown):
    about = dict(shown("core/search").section().about)
    assert about["Not for"].startswith("Deciding about a person")
    assert about["For"].startswith("Help people find")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("core/search", {"query": "a bear"}),
        ("core/cluster", {}),
        ("core/classify", {"labels": ["bear", "train"]}),
        ("core/flag", {"signs": ["It is broken."]}),
    ],
)
def test_every_generic_workflow_shows_itself_in_all_ways(toys, name, options, tmp_path):
    report = toys.run(name, [one["text"] for one in TOYS], **options)
    assert len(report.to_frame()) == len(report.rows()) >= 3
    assert report.headline() in report.to_html()
    assert type(report).model_validate_json(report.to_json()) == report
    saved = {path.name for path in report.save(tmp_path / "out")}
    assert saved >= {"result.json", "rows.csv", "report.html", "run.json"}
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["workflow"] == name


def test_stop_words_are_those_named_and_those_of_a_file(toys, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("Wagon  # of a train\nrails, steel\n", encoding="utf-8")
    texts = [f"a {kind} wagon on steel rails" for kind in ("fast", "slow", "long", "toy")] * 2
    report = toys.run("core/cluster", texts, groups=1, stop_words=("fast,slow", str(path)))
    assert report.clusters[0].keywords == ("toy",)


def test_a_file_of_stop_words_that_is_not_there_is_refused(toys):
    with pytest.raises(InputError, match=r"'gone\.txt' cannot be read: No such file"):
        toys.run("core/cluster", ["a bear"], stop_words="gone.txt")
