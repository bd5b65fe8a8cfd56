"""`metier demo`."""

from __future__ import annotations

import json
import re

from tests.core.cli.fake import MANIFEST, WORKFLOWS, install

OF_THE_CORE = {
    "assign", "classify", "cluster", "fit", "flag", "match", "predict", "search", "update",
}  # fmt: skip


def test_the_demo_runs_what_brings_samples_and_writes_one_report(metier, monkeypatch, tmp_path):
    """It computes in float32 whatever the processor."""
    monkeypatch.delenv("METIER_DTYPE")
    code, out, err = metier("demo", "--out", "seen")
    assert code == 0
    assert re.match(r"(\d+) workflows run on the samples of their plugins, about \d+ s", err)
    assert "toy/count" in out
    assert "toy/fail" not in out
    assert re.search(r"Ran (\d+) of \1 workflows", out)
    page = tmp_path / "seen/report.html"
    assert f"Open it in a browser: {page.as_uri()}" in out
    assert re.search(r"^  metier run toy/count FILE --model \S+ +the same on a table", out, re.M)
    report = page.read_text()
    assert "2 texts [bold]counted[/bold]" in report
    assert not re.search(r"<(script|link|iframe)[^>]*(src|href)=", report)
    assert "instruction core/text-flagging@1" in report
    assert (tmp_path / "seen/toy/count/result.json").is_file()
    record = json.loads((tmp_path / "seen/core/search/run.json").read_text())
    assert [model["dtype"] for model in record["models"]] == ["float32"]


def test_the_demo_prints_what_it_ran_as_json(metier, tmp_path):
    code, out, err = metier("demo", "--out", "seen", "--json")
    assert code == 0
    answer = json.loads(out)
    assert answer["report"] == "seen/report.html"
    assert "toy/count" in answer["workflows"]
    assert answer["failures"] == {}
    assert re.search(r"Ran (\d+) of \1 workflows", err)


def test_without_plugins_the_core_runs_and_it_says_what_to_install(metier, only, tmp_path):
    only(tmp_path)
    code, out, err = metier("demo")
    assert code == 0
    assert re.search(r"Ran (\d+) of \1 workflows", out)
    assert "pip install -e plugins/finance" in err
    assert {path.name for path in (tmp_path / "metier-demo/core").iterdir()} == OF_THE_CORE


BROKEN = {
    "file": ("{texts: samples/none.csv}", "'samples/none.csv' is not in its package"),
    "parameter": ("{text: samples/toys.csv}", "no parameter 'text'"),
    "value": ("{texts: samples/toys.csv, share: many}", "share='many'"),
}


def test_broken_demos_fail_and_the_others_run(metier, only, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    install(site, "toy", MANIFEST, workflows=WORKFLOWS)
    for name, (demo, _) in BROKEN.items():
        manifest = (
            MANIFEST.replace("domain: toy", f"domain: {name}")
            .replace("fake_toy", f"fake_{name}")
            .replace("{texts: samples/toys.csv, unit: words, folder: samples}", demo)
        )
        install(site, name, manifest, workflows=WORKFLOWS.replace('"toy/', f'"{name}/'))
    only(site)
    code, out, err = metier("demo", "--out", "seen")
    assert code == 1
    for _, said in BROKEN.values():
        assert said in err
    assert f"failed: {', '.join(f'{name}/count' for name in BROKEN)}" in err
    ran = len(OF_THE_CORE) + 1
    assert f"Ran {ran} of {ran + len(BROKEN)} workflows" in out
    assert (tmp_path / "seen/report.html").is_file()
