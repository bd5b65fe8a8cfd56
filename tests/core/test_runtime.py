"""Runtime: vectors, reranking, workflows and explanations as a user sees them."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier import Runtime, Texts
from metier.errors import (
    DimError,
    InputError,
    MetierError,
    MetierWarning,
    ModelNotFoundError,
    PackError,
    ParameterError,
    UnknownNameError,
    UsageError,
)
from metier.registry.instruction import Instruction
from metier.workflows.ledger import Ledger

PACK = """\
schema: 1
domain: toys
title: Toys of my own
instructions:
  - id: find
    task: {task}
    kind: retrieval
    dim: 4096
"""
QUERY_TASK = Instruction(id="find", task="Find the toy of that name", kind="retrieval", dim=48)
BOTH_TASK = Instruction(id="sort", task="Sort toys by kind", kind="clustering", sides="both")
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    str.strip
)


@pytest.fixture
def pack(tmp_path):
    """Write a pack with this task."""

    def write(task: str, name: str = "mine.yaml"):
        path = tmp_path / name
        path.write_text(PACK.format(task=task))
        return path

    return write


def check_vectors(vectors: np.ndarray, shape: tuple[int, int]) -> None:
    assert vectors.shape == shape
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_vectors_are_unit_rows_in_the_order_of_the_texts(rt):
    texts = ["a bear", "a steam train", "a bear"]
    vectors = rt.embed_documents(texts)
    check_vectors(vectors, (3, 384))
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-6)
    assert vectors[0] @ vectors[1] < 0.9
    check_vectors(rt.embed_queries(["a bear"]), (1, 384))


@settings(max_examples=15)
@given(st.lists(ANY_TEXT, max_size=4))
def test_any_unicode_has_a_vector(rt, texts):
    check_vectors(rt.embed_documents(texts), (len(texts), 384))


def test_no_texts_have_no_vectors(rt, qwen3_rt):
    assert rt.embed_documents([]).shape == (0, 384)
    assert qwen3_rt.embed_queries([]).shape == (0, 64)


@pytest.mark.parametrize(
    "texts", [Texts.of(["a", "b"]), ("a", "b"), np.array(["a", "b"]), (t for t in "ab")]
)
def test_texts_may_come_in_any_collection_of_strings(rt, texts):
    np.testing.assert_allclose(rt.embed_documents(texts), rt.embed_documents(["a", "b"]), atol=1e-6)


@pytest.mark.parametrize("method", ["embed_documents", "embed_queries"])
@pytest.mark.parametrize(
    ("texts", "error", "said"),
    [
        ("a bear", UsageError, r"texts is one string\.\nPut it in a list"),
        (b"a bear", UsageError, "one string"),
        ({"text": "a bear"}, UsageError, "of type dict"),
        (None, UsageError, "of type NoneType"),
        ([7], InputError, "Text 0 is of type int"),
        (["a", None], InputError, "Text 1 is of type NoneType"),
        (["a", "b\ud800"], InputError, "Text 1 holds a lone surrogate at character 1"),
        (["a", "", " "], InputError, "Text 1 is empty"),
        (["a", "\n\t"], InputError, "Text 1 is empty"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(rt, method, texts, error, said):
    with pytest.raises(error, match=said):
        getattr(rt, method)(texts)


def test_a_size_above_the_models_own_is_refused(rt):
    with pytest.raises(DimError, match=r"dim=385 is more than 'embedded' has.*\n.*at most 384"):
        rt.embed_documents(["a bear"], dim=385)


def test_a_size_below_that_of_a_model_without_mrl_is_used_with_a_warning(rt):
    with pytest.warns(MetierWarning, match="no MRL") as warned:
        vectors = rt.embed_documents(["a bear"], dim=64)
    check_vectors(vectors, (1, 64))
    assert warned[0].filename == __file__
    full = rt.embed_documents(["a bear"], dim=384)[0, :64]
    np.testing.assert_allclose(vectors[0], full / np.linalg.norm(full), atol=1e-5)


def test_a_size_a_model_is_trained_for_is_used_in_silence(qwen3_rt):
    check_vectors(qwen3_rt.embed_documents(["a bear"], dim=32), (1, 32))
    check_vectors(qwen3_rt.embed_queries(["a bear"], instruction=QUERY_TASK), (1, 48))
    check_vectors(qwen3_rt.embed_queries(["a bear"], instruction=QUERY_TASK, dim=40), (1, 40))


def test_cut_texts_are_warned_of_where_the_call_stands(rt):
    with pytest.warns(MetierWarning, match="1 of 2 texts were longer than") as warned:
        rt.embed_queries(["a", "word " * 300])
    assert warned[0].filename == __file__


def test_an_instruction_reaches_the_sides_it_is_for(qwen3_rt):
    bare = qwen3_rt.embed_documents(["a bear"])
    assert (qwen3_rt.embed_documents(["a bear"], instruction=QUERY_TASK, dim=64) == bare).all()
    assert not np.allclose(qwen3_rt.embed_documents(["a bear"], instruction=BOTH_TASK), bare)
    asked = qwen3_rt.embed_queries(["a bear"], instruction=QUERY_TASK, dim=64)
    assert not np.allclose(asked, qwen3_rt.embed_queries(["a bear"]))


def test_an_unknown_instruction_is_refused_before_anything_is_embedded(installed):
    installed.add("toys")
    rt = Runtime("no/such-model", progress=False)
    with pytest.raises(UnknownNameError, match="Did you mean 'toys/find'"):
        rt.embed_queries(["a"], instruction="toys/fnid")


def test_reranking_gives_every_document_once_best_first(qwen3_rt):
    documents = ["a bear", "a train", "a box", "a bear"]
    ranked = qwen3_rt.rerank("a bear", documents)
    assert sorted(one.index for one in ranked) == [0, 1, 2, 3]
    assert all(one.text == documents[one.index] for one in ranked)
    scores = [one.score for one in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    places = [one.index for one in ranked]
    assert places.index(0) < places.index(3)


def test_reranking_may_give_only_the_best(qwen3_rt):
    documents = Texts.of(["a bear", "a train", "a box"])
    every = qwen3_rt.rerank("a bear", documents, instruction=QUERY_TASK)
    assert qwen3_rt.rerank("a bear", documents, instruction=QUERY_TASK, top_k=2) == every[:2]
    assert qwen3_rt.rerank("a bear", []) == []


@pytest.mark.parametrize(
    ("query", "documents", "options", "error", "said"),
    [
        ("a", "one string", {}, UsageError, "documents is one string"),
        ("a", ["b"], {"top_k": 0}, ParameterError, "top_k=0 is less than 1"),
        (["a"], ["b"], {}, InputError, "of type list"),
        ("a\udc00", ["b"], {}, InputError, "lone surrogate"),
        ("a", ["b", None], {}, InputError, "Text 1 is of type NoneType"),
        ("a", ["b", ""], {}, InputError, "Text 1 is empty"),
        (" ", ["b"], {}, InputError, "The query is empty"),
        ("a", ["b"], {"instruction": "toys/find"}, UnknownNameError, "no instruction"),
    ],
)
def test_what_cannot_be_reranked_is_refused(qwen3_rt, query, documents, options, error, said):
    with pytest.raises(error, match=said):
        qwen3_rt.rerank(query, documents, **options)


def test_a_runtime_without_a_reranker_says_how_to_get_one(rt):
    assert rt.reranker is None
    with pytest.raises(UsageError, match=r"no reranker\.\nMake it with one: Runtime\("):
        rt.rerank("a", ["b"])


def test_a_workflow_run_by_id_is_the_function_called(installed, rt):
    installed.add("toys")
    toys = Runtime(rt.embedder, progress=False)
    by_id = toys.run("toys/count", ["a bear", "a train"], top_k=5)
    called = toys.workflow("toys/count")(toys, texts=["a bear", "a train"], top_k=5)
    assert by_id.model_dump(exclude={"record"}) == called.model_dump(exclude={"record"})
    changing = {"seconds", "started"}
    one, two = (each.record.model_dump(exclude=changing) for each in (by_id, called))
    assert one == two
    assert by_id.record.provider == "metier-toys 1.0"
    assert by_id.record.not_for == "Eating."
    assert [use.id for use in by_id.record.instructions] == ["toys/sort@1", "toys/find@1"]
    assert by_id.notes() == ["Not for: Eating."]


def test_workflows_and_domains_are_seen_and_not_changed(installed):
    installed.add("toys")
    rt = Runtime("embedded", progress=False)
    assert [name for name in rt.workflows if not name.startswith("core/")] == ["toys/count"]
    assert sorted(rt.domains) == ["core", "toys"]
    assert rt.instructions.get("toys/seek").id == "find"
    assert [one.name for one in rt.plugins.plugins] == ["toys"]
    assert {"text", "csv", "jsonl", "parquet"} <= {one.name for one in rt.readers()}
    with pytest.raises(TypeError):
        rt.workflows["toys/more"] = None
    assert (rt.provider_of("toys/more"), rt.not_for("zoo/count")) == ("", "")


def test_an_unknown_workflow_is_refused_with_close_names(installed):
    installed.add("toys")
    with pytest.raises(UnknownNameError, match="Did you mean 'toys/count'"):
        Runtime("embedded", progress=False).run("toys/cuont", ["a"])


def test_observers_hear_of_each_run_once(installed, rt):
    code = "import metier\nseen = []\n@metier.hookimpl\ndef metier_run_finished(record):\n"
    installed.add("toys", code=code + "    seen.append(record)\n")
    toys = Runtime(rt.embedder, progress=False)
    result = toys.run("toys/count", ["a bear"])
    import toy_toys

    assert toy_toys.seen == [result.record]


def test_a_plugins_model_family_runs_the_folders_it_knows(installed, qwen3_folder, rt):
    code = """
import metier

class Fixed:
    profile = metier.ModelProfile("fixed", "fixed", "0", 8, False, 8, 99, False)

@metier.hookimpl
def metier_model_families():
    return [metier.ModelFamily("fixed", "For tests.", lambda source: True, lambda *_: Fixed())]
"""
    installed.add("toys", code=code)
    assert Runtime(qwen3_folder, device="cpu").embedder.profile.family == "fixed"
    assert Runtime(qwen3_folder, device="cpu", plugins=[]).embedder.profile.family == "qwen3"


def test_a_pack_wins_over_the_plugin_and_the_last_pack_over_the_first(installed, pack):
    installed.add("toys")
    packs = [pack("Find the toy as the first pack says", "one.yaml"),
             pack("Find the toy as the second pack says", "two.yaml")]  # fmt: skip
    assert Runtime("embedded").instructions.get("toys/find").task.startswith("Given a wish")
    found = Runtime("embedded", packs=packs).instructions.resolve("toys/find")
    assert found.instruction.task == "Find the toy as the second pack says"
    origins = [(one.layer, one.origin) for one in found.considered]
    assert origins == [
        ("argument", "two.yaml"),
        ("argument", "one.yaml"),
        ("plugin", "metier-toys 1.0"),
    ]


def test_two_runtimes_do_not_see_each_others_packs(pack):
    one = Runtime("embedded", plugins=[], packs=[pack("Find the toy", "one.yaml")])
    two = Runtime("embedded", plugins=[])
    assert "toys/find" in one.instructions
    assert "toys/find" not in two.instructions
    assert list(two.domains) == ["core"]


def test_a_pack_that_cannot_be_used_is_refused_when_the_runtime_is_made(tmp_path, pack):
    with pytest.raises(UsageError, match="There is no instruction pack"):
        Runtime("embedded", packs=[tmp_path / "gone.yaml"])
    path = pack("Find the toy")
    path.write_text(path.read_text().replace("kind", "knd"))
    with pytest.raises(PackError, match="Did you mean 'kind'"):
        Runtime("embedded", packs=[path])
    with pytest.raises(UsageError, match="is one path"):
        Runtime("embedded", packs=str(path))


def test_explain_says_that_a_model_follows_no_instructions(installed, rt):
    installed.add("toys")
    said = Runtime(rt.embedder, progress=False).explain("toys/find", "a bear")
    assert not said.instruction_used
    assert said.instruction_note == (
        "'embedded' is not trained to follow instructions, so it gets none"
    )
    assert said.rendered == "a bear"
    assert (said.tokens, said.tokens_added) == (4, 2)
    assert (said.instruction, said.model) == ("toys/find@1", "embedded")
    assert (said.dim, said.dim_reason) == (
        384,
        "the instruction declares 48, but 'embedded' has no MRL: its full 384 are used "
        "(pass dim=48 to cut all the same)",
    )
    (layer,) = said.layers
    assert (layer.layer, layer.origin, layer.chosen) == ("plugin", "metier-toys 1.0", True)


def test_explain_shows_the_prompt_exactly_as_the_model_reads_it(installed, qwen3_rt, pack):
    installed.add("toys")
    rt = Runtime(qwen3_rt.embedder, packs=[pack("Find the toy")], progress=False)
    said = rt.explain("toys/find", "a bear")
    assert said.instruction_used
    assert said.rendered == "Instruct: Find the toy\nQuery:a bear"
    assert said.instruction_note == "the instruction stands before the text"
    prompt = rt.embedder.prompt("Find the toy", "query")
    assert said.tokens == rt.embedder.count_tokens(["a bear"], prompt=prompt)[0]
    assert 0 < said.tokens_added < said.tokens
    assert (said.dim, said.dim_reason) == (
        64,
        "the instruction declares 4096, clamped to the model's 64",
    )
    assert said.reason == "the strongest layer that defines it (argument)"
    assert [(one.origin, one.chosen) for one in said.layers] == [
        ("mine.yaml", True),
        ("metier-toys 1.0", False),
    ]


def test_explain_follows_the_side(qwen3_rt):
    said = qwen3_rt.explain(QUERY_TASK, "a bear", side="document")
    assert (said.rendered, said.instruction_used) == ("a bear", False)
    assert said.instruction_note == "the instruction is for queries; documents stay bare"
    said = qwen3_rt.explain(BOTH_TASK, "a bear", side="document")
    assert said.instruction_used
    assert BOTH_TASK.task in said.rendered
    with pytest.raises(ParameterError, match="side='both'"):
        qwen3_rt.explain(BOTH_TASK, side="both")


def test_explain_knows_an_instruction_made_in_code_and_a_size_of_the_call(qwen3_rt):
    said = qwen3_rt.explain(QUERY_TASK, "word " * 3000, dim=16)
    assert (said.instruction, said.reason) == ("find@1", "given in the call")
    assert said.truncated
    assert said.dim == 16
    assert "expect lower quality" in said.dim_reason
    with pytest.raises(DimError):
        qwen3_rt.explain(QUERY_TASK, dim=65)
    with pytest.raises(InputError, match="lone surrogate"):
        qwen3_rt.explain(QUERY_TASK, "\ud800")


def test_an_explanation_is_shown_without_markup_of_its_texts(qwen3_rt):
    import io

    from rich.console import Console

    said = qwen3_rt.explain(QUERY_TASK, "[red]<b>a bear</b>[/red]")
    console = Console(file=io.StringIO(), width=200)
    console.print(said)
    assert "[red]<b>a bear</b>[/red]" in console.file.getvalue()
    assert "&lt;b&gt;a bear&lt;/b&gt;" in said._repr_html_()


def test_a_model_nobody_has_is_refused_when_it_is_needed_and_not_before(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    rt = Runtime("nobody/no-such-model", plugins=[], progress=False)
    with pytest.raises(ModelNotFoundError, match="nobody/no-such-model"):
        rt.embed_documents(["a"])


def test_settings_apply_where_the_call_names_nothing(monkeypatch, qwen3_folder, reranker_folder):
    monkeypatch.setenv("METIER_MODEL", str(qwen3_folder))
    monkeypatch.setenv("METIER_RERANKER", str(reranker_folder))
    monkeypatch.setenv("METIER_DEVICE", "cpu")
    monkeypatch.setenv("METIER_DTYPE", "float32")
    rt = Runtime(plugins=[], progress=False)
    assert (rt.embedder.profile.dim, rt.embedder.dtype) == (64, "float32")
    assert rt.reranker.device == "cpu"
    assert Runtime("embedded", plugins=[], device="cpu").embedder.profile.id == "embedded"


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        (
            {"device": "gpu"},
            ParameterError,
            r"device='gpu' is not a device\.\nDid you mean 'cuda' or 'mps'",
        ),
        ({"device": "Metal"}, ParameterError, "Did you mean 'mps'"),
        ({"device": "CPU"}, ParameterError, "Did you mean 'cpu'"),
        ({"device": "cuda0"}, ParameterError, "Did you mean 'cuda'"),
        ({"device": "auto:1"}, ParameterError, "is not a device"),
        ({"device": "cuda:one"}, ParameterError, "Use 'auto', 'cpu', 'cuda', 'cuda:1' or 'mps'"),
        ({"device": "cpu:"}, ParameterError, "is not a device"),
        ({"dtype": "fp16"}, UnknownNameError, "number format 'fp16'.*\n.*bfloat16, float16"),
        ({"dtype": "bf16"}, UnknownNameError, "'bfloat16'"),
    ],
)
def test_a_device_or_format_nobody_has_is_refused_before_any_model_is_asked_for(asked, error, said):
    with pytest.raises(error, match=said):
        Runtime("nobody/no-such-model", plugins=[], progress=False, **asked)


def test_a_device_of_the_environment_nobody_has_is_refused_by_the_name_of_its_variable(monkeypatch):
    monkeypatch.setenv("METIER_DEVICE", "gpu")
    with pytest.raises(ParameterError, match="METIER_DEVICE='gpu' is not a device"):
        Runtime(plugins=[])
    assert Runtime(plugins=[], device="cpu").asked.device == "cpu"


def test_vectors_that_are_to_be_kept_are_computed_once(qwen3_rt):
    rt = Runtime(qwen3_rt.embedder, plugins=[], progress=False)
    first, second = Ledger(), Ledger()
    signs = ["a bear", "a train", "a box"]

    full = rt.recording(first).embed_queries(signs, instruction=QUERY_TASK, dim=64, keep=True)
    again = rt.recording(second).embed_queries(signs[:2], instruction=QUERY_TASK, dim=32, keep=True)

    plain = qwen3_rt.embed_queries(signs, instruction=QUERY_TASK, dim=64)
    np.testing.assert_allclose(full, plain, atol=1e-6)
    np.testing.assert_allclose(
        again, qwen3_rt.embed_queries(signs[:2], instruction=QUERY_TASK, dim=32), atol=1e-6
    )
    assert (first.texts_recalled, second.texts_recalled) == (0, 2)


def test_vectors_are_kept_by_instruction_and_by_no_other_runtime(qwen3_rt):
    one, other = (Runtime(qwen3_rt.embedder, plugins=[], progress=False) for _ in range(2))
    one.embed_queries(["a bear"], instruction=QUERY_TASK, keep=True)
    ledger = Ledger()
    one.recording(ledger).embed_queries(["a bear"], instruction=BOTH_TASK, keep=True)
    other.recording(ledger).embed_queries(["a bear"], instruction=QUERY_TASK, keep=True)
    one.recording(ledger).embed_queries(["a bear"], instruction=QUERY_TASK)
    assert ledger.texts_recalled == 0


def test_threads_that_need_the_model_at_once_load_it_once(qwen3_folder):
    rt, found = Runtime(qwen3_folder, device="cpu", plugins=[], progress=False), []
    threads = [threading.Thread(target=lambda: found.append(rt.embedder)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(embedder) for embedder in found}) == 1


def test_vectors_say_what_they_were_made_with(qwen3_rt):
    documents = qwen3_rt.embed_documents(["a bear"], instruction=BOTH_TASK, dim=32)
    (streamed,) = qwen3_rt.stream_documents(["a bear"], instruction=BOTH_TASK, dim=32)
    assert documents.mark == streamed.mark
    assert (documents.mark.fingerprint, documents.mark.dim, documents.mark.digest) == (
        qwen3_rt.embedder.fingerprint,
        32,
        BOTH_TASK.digest,
    )
    queries = qwen3_rt.embed_queries(["a bear"], instruction=QUERY_TASK, dim=32)
    bare = qwen3_rt.embed_documents(["a bear"], dim=32)
    assert (queries @ bare.T).shape == (1, 1)
    with pytest.raises(UsageError, match=r"instruction: find@1 .* and sort@1"):
        queries @ documents.T


def test_vectors_of_two_models_are_not_compared(rt, qwen3_rt):
    with pytest.raises(UsageError, match=r"They differ in\n  model: .*\n  dim: 384 and 64"):
        rt.embed_queries(["a bear"]) @ qwen3_rt.embed_documents(["a bear"]).T


def test_a_model_that_follows_no_instruction_compares_under_any(rt):
    grouped = rt.embed_documents(["a bear"], instruction=BOTH_TASK)
    assert float((grouped @ rt.embed_documents(["a bear"]).T)[0, 0]) == pytest.approx(1.0)


def test_threads_make_and_use_runtimes_of_their_own(installed, rt, pack):
    installed.add("toys")
    paths = [pack(f"Find the toy number {n}", f"{n}.yaml") for n in range(6)]
    found, failed = {}, []

    def work(n: int) -> None:
        try:
            own = Runtime(rt.embedder, packs=[paths[n]], progress=False)
            own.run("toys/count", ["a bear"] * (n + 1))
            found[n] = own.instructions.get("toys/find").task
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert found == {n: f"Find the toy number {n}" for n in range(6)}


def test_a_frame_is_not_taken_for_its_column_names(rt):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"id": [1, 2], "text": ["one", "two"]})

    with pytest.raises(UsageError, match="DataFrame"):
        rt.embed_documents(frame)


def test_a_path_is_never_asked_for_on_the_hub(monkeypatch):
    asked = []
    monkeypatch.setattr("metier.models.hub.find_in_hub", lambda *name: asked.append(name))
    rt = Runtime(Path("models/mine"), plugins=[])

    with pytest.raises(MetierError, match="models/mine"):
        rt.embed_documents(["a"])

    assert not asked
