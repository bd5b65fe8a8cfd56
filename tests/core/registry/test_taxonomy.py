"""Taxonomies as data: risks are added, changed and removed by files."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier.datafiles.loader import read_source, validate
from metier.errors import PackError, ParameterError
from metier.registry.layers import with_packs
from metier.registry.pack import load_domain
from metier.registry.registry import Registry
from metier.registry.taxonomy import Risk, Taxonomy, TaxonomyChanges, changed_taxonomy

TOYS = Taxonomy(
    risks=(
        Risk(id="torn", title="Torn", instruction="toys/find", signs=("An arm is off.",),
             contrasts=("It is whole.",), threshold=0.7),
        Risk(id="lost", title="Lost", instruction="toys/find", signs=("We cannot find it.",)),
    ),
    neutral=("It is red.", "It is blue.", "It is new.", "It is old.", "It is here."),
)  # fmt: skip


def changed(tmp_path: Path, content: str) -> Taxonomy:
    path = tmp_path / "ours.yaml"
    path.write_text(content)
    source = read_source(path)
    return changed_taxonomy(TOYS, validate(source, TaxonomyChanges), source)


def test_risks_are_added_changed_and_removed_in_one_file(tmp_path):
    taxonomy = changed(
        tmp_path,
        "risks:\n"
        "  - {id: torn, threshold: 0.4, add_signs: [The seam is open.]}\n"
        "  - {id: dirty, title: Dirty, signs: [It is full of mud.], terms: ['mud*']}\n"
        "remove: [lost]\n"
        "neutral: [It is round.]\n",
    )
    torn, dirty = taxonomy.risks
    assert (torn.id, torn.title, torn.threshold) == ("torn", "Torn", 0.4)
    assert torn.signs == ("An arm is off.", "The seam is open.")
    assert torn.contrasts == ("It is whole.",)
    assert (dirty.id, dirty.instruction, dirty.terms) == ("dirty", "toys/find", ("mud*",))
    assert taxonomy.neutral == (*TOYS.neutral, "It is round.")


def test_signs_that_are_given_take_the_place_of_those_there(tmp_path):
    taxonomy = changed(tmp_path, "risks: [{id: torn, signs: [A leg is off.], contrasts: []}]")
    assert taxonomy.risks[0].signs == ("A leg is off.",)
    assert taxonomy.risks[0].contrasts == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("remove: [tron]", r"ours.yaml, line 1, column 10: there is no risk 'tron' to remove. "
                           r"Did you mean 'torn'\?"),
        ("remove: [noise]", "to remove. Known: torn, lost"),
        ("risks: [{id: lots, threshold: 0.3}]",
         r"the risk 'lots' is new and has no title and no signs. Did you mean 'lost'\?"),
        ("remove: [torn, lost]", "it leaves no risk"),
        ("remove: [torn]\nrisks: [{id: torn}]", "risk torn is both changed and removed"),
        ("risks: [{id: torn, sings: []}]", "unknown key 'sings'. Did you mean 'signs'"),
        ("risks: [{id: torn, threshold: 2}]", "less than or equal to 1"),
        ("risks: [{id: torn, terms: ['(mud']}]", r"'\(mud' cannot be read"),
        ("risks: [{id: torn, rules_out: [denied]}]", "'negated'"),
        ("risks: [{id: torn, add_signs: [' ']}]", "it is empty"),
        ("risks: [{id: torn, title: lost}]",
         r"line 1, column 20: the risk 'torn' would have the title 'lost', "
         r"which is a name of the risk 'lost'.\n"
         r"Use another title, or change 'lost' itself: write id: lost\."),
        ("risks: [{id: bent, title: LOST, signs: [It is bent.]}]",
         "the risk 'bent' would have the title 'LOST'"),
    ],
)  # fmt: skip
def test_changes_that_cannot_be_name_the_line_and_what_to_do(tmp_path, content, message):
    with pytest.raises(PackError, match=message):
        changed(tmp_path, content)


def test_one_threshold_takes_the_place_of_those_of_risks():
    assert [risk.threshold for risk in TOYS.with_one_threshold().risks] == [None, None]


def test_a_term_that_cannot_be_read_is_refused_in_code():
    with pytest.raises(ParameterError, match="cannot be read"):
        Risk(id="torn", title="Torn", instruction="toys/find", signs=("Off.",), terms=("(a",))


def pack(path: Path, head: str, taxonomy: str) -> Path:
    path.write_text(f"schema: 1\n{head}\ntitle: Toys\ntaxonomy: {taxonomy}\n")
    return path


def test_packs_of_a_domain_and_those_that_extend_it_change_its_taxonomy(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    own = pack(tmp_path / "own.yaml", "domain: toys", "{remove: [torn]}")
    below = pack(tmp_path / "shop.yaml", "domain: shop\nextends: toys", "{remove: [lost]}")
    registry = Registry(with_packs([], [own, below]))
    changes = registry.taxonomy_changes("toys")
    assert [locate(()).source for locate, _ in changes] == ["own.yaml", "shop.yaml"]
    assert [change.remove for _, change in changes] == [("torn",), ("lost",)]
    assert registry.taxonomy_changes("games") == []


def test_a_plugin_ships_its_taxonomy_itself(tmp_path):
    path = pack(tmp_path / "domain.yaml", "domain: toys", "{remove: [torn]}")
    with pytest.raises(PackError, match="'taxonomy' is a key of instruction packs"):
        load_domain(path)
