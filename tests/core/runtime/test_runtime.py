"""Runtime: workflows, packs and plugins as a user sees them."""

from __future__ import annotations

import threading

import pytest

from metier import Documents, Runtime, Texts
from metier.errors import PackError, UnknownNameError, UsageError


def test_a_workflow_run_by_id_is_the_function_called(installed, rt):
    installed.add("toys")
    toys = Runtime(rt.embedder, progress=False)
    by_id = toys.run("toys/count", ["a bear", "a train"], top_k=5)
    called = toys.plugins.load_workflow("toys/count")(toys, texts=["a bear", "a train"], top_k=5)
    assert by_id.model_dump(exclude={"record"}) == called.model_dump(exclude={"record"})
    changing = {"seconds", "started"}
    one, two = (each.record.model_dump(exclude=changing) for each in (by_id, called))
    assert one == two
    assert by_id.record.provider == "metier-toys 1.0"
    assert by_id.record.not_for == "Eating."
    assert [use.id for use in by_id.record.instructions] == ["toys/sort@1", "toys/find@1"]
    assert by_id.notes() == []


def test_workflows_and_domains_are_seen_and_not_changed(installed):
    installed.add("toys")
    rt = Runtime("embedded", progress=False)
    assert [name for name in rt.workflows if not name.startswith("core/")] == ["toys/count"]
    assert sorted(rt.domains) == ["core", "toys"]
    assert rt.instructions.get("toys/seek").id == "find"
    assert [one.name for one in rt.plugins.plugins] == ["toys"]
    assert {"text", "csv", "jsonl", "parquet"} <= {one.name for one in rt.plugins.readers()}
    with pytest.raises(TypeError):
        rt.workflows["toys/more"] = None


READER = """
import metier

def rows(path):
    yield {"id": path.stem, "text": path.read_text().upper(), "shelf": "toys"}

@metier.hookimpl
def metier_readers():
    return [metier.Reader("loud", (".loud",), rows)]
"""


def test_files_are_read_with_the_readers_of_plugins(installed, tmp_path):
    installed.add("toys", code=READER)
    folder = tmp_path / "toys"
    folder.mkdir()
    (folder / "bear.loud").write_text("a bear\nof wood")
    (folder / "train.txt").write_text("a train\na box")
    rt = Runtime("embedded", progress=False)
    assert rt.read(folder).strings == ["A BEAR\nOF WOOD", "a train", "a box"]
    documents = rt.read(folder, Documents)
    assert isinstance(documents, Documents)
    assert documents.strings == ["A BEAR\nOF WOOD", "a train\na box"]
    assert rt.read(folder / "bear.loud", text_field="shelf").strings == ["toys"]
    with pytest.raises(UsageError, match="loud"):
        Texts.read(folder / "bear.loud")


def test_the_former_way_to_the_readers_still_works_with_a_warning():
    rt = Runtime("embedded", plugins=[], progress=False)
    with pytest.warns(DeprecationWarning, match=r"plugins\.readers\(\)"):
        assert [reader.name for reader in rt.readers()] == [
            reader.name for reader in rt.plugins.readers()
        ]


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
