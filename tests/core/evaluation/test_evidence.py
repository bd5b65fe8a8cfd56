"""Evidence beside a pack: found by its name, and refused where it speaks of what is not so."""

from __future__ import annotations

import pytest
from tests.core.evaluation.folders import PACK, write_backed_pack, write_collection
from tests.core.testing.conforming import NAME, install_conforming

from metier import Runtime
from metier.evaluation.evidence import evidence_beside, problems_of, write_evidence
from metier.evaluation.grid import Axes
from metier.evaluation.settings_sweep import sweep
from metier.registry.layers import user_packs
from metier.registry.pack import load_pack
from metier.registry.registry import Registry
from metier.testing import FakeEmbedder
from metier.testing.conformance.subject import Subject
from metier.testing.conformance.suite import CHECKS, judge

(CHECK,) = (check for check in CHECKS if check.name == "evidence")


@pytest.fixture
def pack(tmp_path):
    path = tmp_path / "sea.yaml"
    path.write_text(PACK)
    return path


@pytest.fixture
def backed(tmp_path):
    return write_backed_pack(tmp_path)


def problems(pack):
    registry = Runtime(FakeEmbedder(), plugins=[], packs=[pack]).instructions
    (path,) = evidence_beside(pack)
    return list(problems_of(path, [load_pack(pack).domain], registry))


@pytest.mark.parametrize(
    "change",
    [
        ("", ""),
        ("lexical: 0.5", "lexical: 0.25"),
        ("terms: words}", "terms: words, evidence: Measured on questions about ships.}"),
        ("title: Seafaring", "title: Ships and harbours"),
    ],
    ids=["as it was", "the other weight that was tried", "words about it", "another title"],
)
def test_evidence_holds_while_what_was_measured_is_what_is_there(backed, change):
    backed.write_text(PACK.replace(*change))
    assert problems(backed) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("answers a question", "answers it"), "sea/ask@1 was measured with another content"),
        (("dim: 64", "dim: 128"), "sea/ask@1 was measured with another content"),
        (("task: Find", "version: 2, task: Find again"), "another content than sea/ask@2 has"),
        (("id: ask", "id: question"), "sea/ask@1 was measured, and there is no such instruction"),
        (("lexical: 0.5", "lexical: 0.75"), "nothing was measured with the searches of today"),
        (("terms: words", "close_look: 20"), "nothing was measured with the searches of today"),
        (("terms: words", "terms: phrases"), "nothing was measured with the searches of today"),
        (("domain: sea", "domain: land"), "is about the domain 'sea', and not about 'land'"),
    ],
)
def test_evidence_of_what_is_not_so_any_more_is_stale(backed, change, said):
    backed.write_text(PACK.replace(*change))
    (problem,) = problems(backed)
    assert problem.startswith("sea.evidence.yaml")
    assert said in problem


def test_evidence_is_of_the_pack_whose_name_it_begins_with(pack):
    names = ["sea.evidence.yaml", "sea.deep.evidence.yaml", "seaside.evidence.yaml"]
    for name in names:
        pack.with_name(name).touch()
    assert [one.name for one in evidence_beside(pack)] == sorted(names[:2])
    pack.with_name("sea.deep.toml").touch()
    assert [one.name for one in evidence_beside(pack)] == names[:1]


def test_evidence_among_the_packs_of_a_user_is_no_pack(backed, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    user_packs().mkdir(parents=True)
    for name in ("sea.yaml", "sea.evidence.yaml"):
        (user_packs() / name).write_bytes(backed.with_name(name).read_bytes())
    rt = Runtime(FakeEmbedder(), plugins=[])
    assert "sea/ask@1" in rt.instructions


def test_the_conformance_suite_reads_the_evidence_of_a_plugin(installed, tmp_path):
    folder = install_conforming(installed)
    assert judge(CHECK, Subject.named(NAME)).status == "not run"
    subject = Subject.named(NAME)
    data = write_collection(tmp_path / "wishes")
    axes = Axes(dims=[64], weights={"lexical": [0.25]})
    swept = sweep(subject.rt, data, NAME, axes=axes, resamples=100)
    write_evidence(swept.evidence, folder / "toys.evidence.yaml")
    assert judge(CHECK, Subject.named(NAME)).status == "passed"
    declared = folder / "domain.yaml"
    declared.write_text(declared.read_text().replace("Given a wish", "Given any wish"))
    found = judge(CHECK, Subject.named(NAME))
    assert found.status == "failed"
    assert "toys.evidence.yaml: acme-toys/find@1 was measured with another" in found.lines[0]
    assert found.fix is not None
    assert "Run the sweep again" in found.fix


def test_a_registry_without_the_domain_of_evidence_says_so(backed):
    path = backed.with_name("sea.evidence.yaml")
    (said,) = problems_of(path, [], Registry([]))
    assert "'sea', and not about any that is here" in said
