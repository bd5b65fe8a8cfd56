"""The example packs: trades made of data alone, run from the command line with `core`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.contract.pages import ROOT

from metier import Runtime
from metier.cli.main import main
from metier.registry.pack import load_pack

PACKS = sorted((ROOT / "examples" / "packs").glob("*.yaml"))
COMMERCE, CHEMISTRY = (ROOT / "examples" / "packs" / f"{name}.yaml"
                       for name in ("commerce", "chemistry"))  # fmt: skip
VERBS = ("Identify", "Classify", "Group", "Given")

PRODUCTS = [
    {"_id": "p1", "title": "Optical mouse, 2.4 GHz", "text": "Works without a cable."},
    {"_id": "p2", "title": "Garden hose", "text": "Twenty metres, with a spray nozzle."},
    {"_id": "p3", "title": "Desk lamp", "text": "Bends to where light is needed."},
]
MOLECULES = [
    {"id": "m1", "text": "CCO ethanol, a simple alcohol and solvent"},
    {"id": "m2", "text": "OC(=O)c1ccccc1O salicylic acid, an anti-inflammatory benzoic acid"},
    {"id": "m3", "text": "CCCCCC hexane, a straight alkane"},
]


@pytest.fixture
def run(
    rt: Runtime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """Run a workflow by command line with the embedded model and no plugin; its result as data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("METIER_MODEL", "embedded")

    def call(name: str, rows: list[dict[str, str]], option: str, *arguments: str):
        (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
        code = main(["run", name, option, "rows.jsonl", *arguments, "--json"])
        said = capsys.readouterr()
        assert code == 0, said.err
        return json.loads(said.out)

    return call


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.name)
def test_a_pack_is_written_as_its_readers_are_told_to(path):
    pack = load_pack(path)
    assert pack.domain == path.stem
    assert pack.workflows == ()
    kinds = {one.kind for one in pack.instructions}
    assert {"retrieval", "similarity", "clustering", "classification"} <= kinds
    for one in pack.instructions:
        assert one.task.startswith(VERBS)
        assert one.task.isascii()
        assert not one.task.endswith(".")
        assert len(one.task.split()) <= 40
        assert one.dim is not None
        assert one.sides == ("both" if one.kind in ("similarity", "clustering") else "query")
    assert len({one.task for one in pack.instructions}) == len(pack.instructions)


def test_packs_live_side_by_side():
    rt = Runtime("embedded", plugins=[], packs=PACKS, progress=False)
    assert {"commerce", "chemistry", "core"} == set(rt.domains)
    assert rt.instructions.get("substitutes").full_id == "commerce/similar-items@1"
    assert rt.instructions.get("aspirin-analogues").domain == "chemistry"


def test_products_are_searched_with_a_pack_and_no_code(run):
    found = run(
        "core/search", PRODUCTS, "--documents", "--pack", str(COMMERCE),
        *("--instruction", "commerce/product-search", "--query", "wireless mouse"),
    )  # fmt: skip
    assert found["hits"][0]["id"] == "p1"
    assert found["record"]["provider"].startswith("metier ")
    (used,) = found["record"]["instructions"]
    assert used["id"] == "commerce/product-search@1"


def test_analogues_of_a_drug_are_searched_with_a_pack(run):
    found = run(
        "core/search", MOLECULES, "--documents", "--pack", str(CHEMISTRY),
        *("--instruction", "chemistry/anti-inflammatory-analogues"),
        *("--query", "aspirin CC(=O)Oc1ccccc1C(=O)O, against inflammation", "--top-k", "1"),
    )  # fmt: skip
    assert [hit["id"] for hit in found["hits"]] == ["m2"]


def test_products_are_classified_with_a_pack(run):
    found = run(
        "core/classify", PRODUCTS, "--texts", "--pack", str(COMMERCE), "--text-field", "title",
        *("--instruction", "commerce/category-classification"),
        *("--labels", "computers: keyboards and mice", "--labels", "garden: tools for plants"),
        *("--labels", "lighting: lamps and bulbs"),
    )  # fmt: skip
    assert [item["label"] for item in found["items"]] == ["computers", "garden", "lighting"]


def test_reviews_are_flagged_with_a_pack(run):
    reviews = [{"text": "The hose leaks at both ends."}, {"text": "A present for my garden."}]
    found = run(
        "core/flag", reviews, "--texts", "--pack", str(COMMERCE),
        *("--instruction", "commerce/review-faults", "--signs", "It leaks and drips."),
        *("--signs", "Water comes out at the joint.", "--contrasts", "It keeps dry."),
    )  # fmt: skip
    assert [item["scores"][0]["flagged"] for item in found["items"]] == [True, False]


def test_offers_are_grouped_with_a_pack(run):
    offers = [
        {"text": f"{brand} {thing}"}
        for thing in ("optical computer mouse", "hose for watering a garden")
        for brand in ("Ardent", "Brisk", "Calm", "Dapper")
    ]
    found = run(
        "core/cluster", offers, "--texts", "--pack", str(COMMERCE), "--min-cluster-size", "3",
        *("--instruction", "commerce/product-grouping"),
    )  # fmt: skip
    assert [member["label"] for member in found["members"]] == [0] * 4 + [1] * 4
