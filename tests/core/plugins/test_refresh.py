"""A Runtime that looks again: what was installed meanwhile is there, and loaded models stay."""

from __future__ import annotations

from metier import Runtime


def test_a_plugin_installed_while_a_runtime_lives_is_used_with_the_model_it_has(
    installed, qwen3_folder, one_thread
):
    installed.add("toys")
    rt = Runtime(qwen3_folder, device="cpu", dtype="float32", progress=False)
    embedder = rt.embedder
    installed.add("zoo")
    assert "zoo" not in rt.domains
    rt.refresh()
    assert rt.embedder is embedder
    assert rt.instructions.get("zoo/find").full_id == "zoo/find@1"
    assert rt.run("zoo/count", ["a bear", "a train"]).count == 2


def test_a_plugin_uninstalled_meanwhile_is_gone_and_packs_stay(installed, tmp_path):
    installed.add("toys")
    pack = tmp_path / "mine.yaml"
    pack.write_text(
        "schema: 1\ndomain: mine\ntitle: My own\n"
        "instructions: [{id: find, task: Find what is mine, kind: retrieval}]\n"
    )
    rt = Runtime(packs=[pack])
    (installed.folder / "metier_toys-1.0.dist-info" / "entry_points.txt").unlink()
    rt.refresh()
    assert "toys" not in rt.domains
    assert rt.instructions.get("mine/find").task == "Find what is mine"
