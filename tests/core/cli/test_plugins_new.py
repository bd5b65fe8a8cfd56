"""`metier plugins new`."""

from __future__ import annotations

import json


def test_a_new_plugin_is_written_into_the_current_folder(metier, tmp_path):
    code, out, err = metier("plugins", "new", "acme-insurance")
    assert (code, out) == (0, "")
    written, following = err.splitlines()
    assert written == "wrote metier-acme-insurance"
    assert "pip install -e 'metier-acme-insurance[dev]'" in following
    assert following.endswith("metier plugins check acme-insurance")
    assert (tmp_path / "metier-acme-insurance" / "pyproject.toml").is_file()


def test_where_it_is_written_and_its_title_can_be_chosen(metier, tmp_path):
    (tmp_path / "mine").mkdir()
    done = metier("plugins", "new", "acme", "--into", "mine", "--title", "Acme's own", "--json")
    assert (done.code, done.err) == (0, "")
    said = json.loads(done.out)
    files = said.pop("files")
    assert said == {
        "folder": "mine/metier-acme",
        "domain": "acme",
        "distribution": "metier-acme",
        "package": "metier_acme",
    }
    assert all((tmp_path / "mine" / "metier-acme" / one).is_file() for one in files)
    manifest = tmp_path / "mine" / "metier-acme" / "metier_acme" / "domain.yaml"
    assert 'title: "Acme\'s own"' in manifest.read_text(encoding="utf-8")


def test_a_name_that_is_taken_is_a_wrong_call(metier, tmp_path):
    code, out, err = metier("plugins", "new", "toy")
    assert (code, out) == (2, "")
    assert "'toy' is the name of a plugin that is installed" in err
    assert list(tmp_path.glob("metier-*")) == []


def test_a_name_that_is_none_is_a_wrong_call_with_the_one_that_was_meant(metier):
    code, _, err = metier("plugins", "new", "Acme Insurance")
    assert code == 2
    assert "Did you mean 'acme-insurance'?" in err
