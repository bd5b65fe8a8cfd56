"""The folder of a head: what is written comes back, and nothing else does."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tests.core.heads.letters import letters, noisy

from metier import Head, HeadInputs, HeadOptions, Instruction, Provenance, ThresholdGoal, Vectors
from metier.errors import InputError, UsageError
from metier.heads.head import FittedHead
from metier.heads.members.scorer import KernelScorer
from metier.heads.model_card import write_card

TASK = Instruction(id="sort", task="Sort letters to a shop by subject", kind="classification")

PREDICT = """
import json, sys
import numpy as np
from metier import Head, HeadInputs
head = Head.load(sys.argv[1])
inputs = json.loads(sys.stdin.read())
predicted = head.predict(HeadInputs(np.array(inputs["vectors"]), inputs["texts"]))
print(json.dumps([predicted.probabilities.tolist(), predicted.sets.tolist()]))
"""


@pytest.fixture(scope="module")
def head() -> Head:
    inputs, labels = letters(60)
    vectors = np.asarray(inputs.vectors, dtype=np.float32)
    own = Provenance("tiny", "a" * 16, 24, TASK.full_id, TASK.digest)
    rows = HeadInputs(vectors=Vectors.of(vectors, own), texts=inputs.texts)
    return Head.fit(rows, labels, HeadOptions(min_texts=3), instruction=TASK, long_texts="cut")


@pytest.fixture
def folder(head: Head, tmp_path: Path) -> Path:
    return head.save(tmp_path / "letters")


def test_a_head_in_a_fresh_process_gives_the_same_scores(head, folder):
    rows, _ = letters(20, seed=2)
    predicted = head.predict(rows)
    inputs = {"vectors": np.asarray(rows.vectors).tolist(), "texts": list(rows.texts or ())}
    answer = subprocess.run(
        [sys.executable, "-c", PREDICT, str(folder)],
        input=json.dumps(inputs),
        capture_output=True,
        text=True,
        check=True,
    )
    probabilities, sets = json.loads(answer.stdout)
    assert np.array(probabilities) == pytest.approx(predicted.probabilities, abs=1e-9)
    assert np.array(sets).tolist() == predicted.sets.tolist()


def test_everything_that_a_head_says_of_itself_is_kept(head, folder):
    loaded = Head.load(folder)
    for name in ("classes", "level", "unknown", "positive", "threshold", "card", "provenance"):
        assert getattr(loaded, name) == getattr(head, name)
    assert (loaded.instruction, loaded.long_texts) == (TASK, "cut")
    assert (loaded.sources, loaded.columns) == (head.sources, head.columns)


@pytest.mark.parametrize("count", [40, 400])
def test_a_head_with_columns_and_a_threshold_is_kept(tmp_path, count):
    inputs, labels = noisy(count)
    amounts = [
        None if row % 9 == 0 else 5 * (label == "late") + row % 7
        for row, label in enumerate(labels)
    ]
    homes = [("own", "rent", None)[row % 3] for row in range(count)]
    rows = HeadInputs(vectors=inputs.vectors, columns={"amount": amounts, "home": homes})
    head = Head.fit(rows, labels, HeadOptions(goal=ThresholdGoal(rate=0.3)), groups={"home": homes})
    loaded = Head.load(head.save(tmp_path / "late"))
    assert loaded.threshold == head.threshold
    first, second = head.predict(rows), loaded.predict(rows)
    assert (first.probabilities == second.probabilities).all()
    assert (first.flags == second.flags).all()
    assert (first.p_values == second.p_values).all()


def test_the_folder_holds_arrays_json_and_a_card_and_no_text(head, folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "head.json",
        "head.safetensors",
    ]
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    texts = letters(60)[0].texts
    assert texts is not None
    assert not any(text.encode() in content for text in texts)
    assert load_file(folder / "head.safetensors")["conformal.own"].dtype == np.float64


def test_the_card_says_what_was_learned_and_how_well(head, folder):
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"`{head.card.digest}`" in card
    assert "| delivery | 20 |" in card
    assert "fingerprint `aaaaaaaaaaaaaaaa`, dim 24" in card
    assert f"sort@1 (content {TASK.digest})" in card
    assert "| macro-F1 | " in card
    assert f"| ROC-AUC | {head.card.report.metrics['roc_auc']} | 0.500 |" in card
    assert "- sure of `delivery`: " in card
    assert "Terms that occur in 3 texts or more are kept" in card


def test_the_card_shows_groups_below_four_fifths(tmp_path):
    inputs, labels = noisy(300)
    groups = {"office": ["north" if label == "late" else "south" for label in labels]}
    head = Head.fit(inputs, labels, groups=groups)
    head.save(tmp_path / "late")
    card = (tmp_path / "late" / "README.md").read_text(encoding="utf-8")
    assert "four-fifths rule" in card
    (line,) = [line for line in card.splitlines() if line.startswith("| office | south |")]
    assert line.endswith("flagged below four fifths |")
    (line,) = [line for line in card.splitlines() if line.startswith("| office | north |")]
    assert head.report is not None
    assert f"| 1.000 | {head.report.spared_ratios[0]:.3f} | " in line


@pytest.mark.parametrize("name", ["head.safetensors", "head.json"])
@pytest.mark.parametrize("position", [40, -40])
def test_a_changed_byte_is_noticed(folder, name, position):
    raw = bytearray((folder / name).read_bytes())
    raw[position] ^= 1
    (folder / name).write_bytes(raw)
    with pytest.raises(InputError, match="cannot be used") as refused:
        Head.load(folder)
    assert refused.value.code == "head-damaged"


def test_arrays_of_another_head_and_missing_ones_are_noticed(folder, tmp_path):
    other = Head.fit(*noisy(60)).save(tmp_path / "other")
    (folder / "head.safetensors").write_bytes((other / "head.safetensors").read_bytes())
    with pytest.raises(InputError, match="another checksum"):
        Head.load(folder)
    (folder / "head.safetensors").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        Head.load(folder)


def test_a_folder_without_a_head_and_a_newer_head_are_refused(folder, tmp_path):
    with pytest.raises(InputError, match="There is no head") as refused:
        Head.load(tmp_path)
    assert refused.value.code == "head-not-found"
    document = json.loads((folder / "head.json").read_text(encoding="utf-8"))
    (folder / "head.json").write_text(json.dumps(document | {"schema": 99}), encoding="utf-8")
    with pytest.raises(InputError, match="A newer version of metier"):
        Head.load(folder)


def test_a_folder_with_other_files_is_left_alone_and_a_head_is_replaced(head, folder, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"notes\.txt"):
        head.save(tmp_path)
    changed = dataclasses.replace(head, level=0.8)
    assert Head.load(changed.save(folder)).level == 0.8


EDITS = {
    "no members": lambda facts, arrays: facts.update(members=[]),
    "a member of other features": lambda facts, arrays: facts["members"][0].update(features=["x"]),
    "a threshold of nothing": lambda facts, arrays: facts.update(threshold={}),
    "another label": lambda facts, arrays: facts["classes"].append("praise"),
    "a positive label that is none": lambda facts, arrays: facts.update(positive="praise"),
    "fewer rows": lambda facts, arrays: arrays.update({"pool.prior": arrays["pool.prior"][:-1]}),
    "no number": lambda facts, arrays: arrays.update({"novelty.means": np.full((3, 24), np.nan)}),
    "another form": lambda facts, arrays: arrays.update({"novelty.means": np.zeros((2, 2, 2))}),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_parts_that_do_not_fit_are_refused_although_their_checksums_are_right(folder, edit):
    facts = json.loads((folder / "head.json").read_text(encoding="utf-8"))["head"]
    arrays = load_file(folder / "head.safetensors")
    edit(facts, arrays)
    save_file(arrays, folder / "head.safetensors")
    raw = (folder / "head.safetensors").read_bytes()
    facts["arrays"] = hashlib.sha256(raw).hexdigest()
    written = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    checksum = hashlib.sha256(written.encode()).hexdigest()
    document = {"schema": 1, "checksum": checksum, "head": facts}
    (folder / "head.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError, match="cannot be used") as refused:
        Head.load(folder)
    assert refused.value.code == "head-damaged"


@pytest.mark.parametrize("content", ["[" * 200_000, '{"schema": 1e999, "head": {}}', "null", ""])
def test_a_file_of_another_form_is_refused(folder, content):
    (folder / "head.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="has another form"):
        Head.load(folder)


def test_the_card_says_whether_it_keeps_what_single_examples_were_turned_into(head):
    plain = dataclasses.replace(head, _fitted=_without_kernels(head._fitted))
    assert not plain.keeps_examples
    assert "single examples" not in write_card(plain)
    vectors = np.asarray(letters(60)[0].vectors, dtype=np.float32)
    kernel = KernelScorer(vectors, np.zeros((60, 3), dtype=np.float32), 1.0)
    kept = _without_kernels(head._fitted)
    kept.members.scorers["kernel"] = (("vectors",), kernel)  # type: ignore[index]
    keeping = dataclasses.replace(head, _fitted=kept)
    assert "single examples were turned into" in write_card(keeping)


def _without_kernels(fitted: FittedHead) -> FittedHead:
    scorers = {
        name: pair for name, pair in fitted.members.scorers.items() if pair[1].kind != "kernel"
    }
    members = dataclasses.replace(fitted.members, scorers=scorers)
    return dataclasses.replace(fitted, members=members)
