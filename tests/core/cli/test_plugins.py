"""`metier plugins`: list, show, check and new."""

from __future__ import annotations

import json
import re

import pytest
from tests.core.installed import Site


@pytest.mark.parametrize("arguments", [("plugins",), ("plugins", "list")])
def test_every_plugin_is_listed_with_its_status_and_why(metier, arguments):
    code, out, err = metier(*arguments)
    assert (code, err) == (0, "")
    assert "fake-toy 1.0" in out
    assert "A toy trade" in out
    assert "active" in out
    assert "'workflow'" in out


@pytest.mark.parametrize("arguments", [("plugins", "--json"), ("plugins", "list", "--json")])
def test_the_list_as_json(metier, arguments):
    broken, toy = json.loads(metier(*arguments).out)
    assert toy["name"] == "toy"
    assert (toy["distribution"], toy["version"], toy["status"]) == ("fake-toy", "1.0", "active")
    assert (toy["instructions"], toy["workflows"]) == (2, 2)
    assert (broken["status"], broken["domain"]) == ("broken", None)


def test_one_plugin_is_shown_with_its_workflows_and_what_they_are_not_for(metier):
    code, out, _ = metier("plugins", "show", "toy")
    assert code == 0
    for part in ("toy/count", "Count the characters", "toy/sort-toys@1", "Counting anything"):
        assert part in out


def test_a_plugin_can_be_named_by_its_distribution(metier):
    shown = json.loads(metier("plugins", "show", "Fake_Toy", "--json").out)
    assert shown["name"] == "toy"
    assert [one["id"] for one in shown["workflows"]] == ["toy/count", "toy/fail"]
    assert shown["safety"]["not_for"] == "Counting anything that matters."


def test_a_broken_plugin_can_be_shown(metier):
    code, out, _ = metier("plugins", "show", "broken")
    assert code == 0
    assert "line 4" in out


def test_why_a_plugin_is_not_used_stands_below_the_list_with_its_name(metier):
    table, _, below = metier("plugins").out.rpartition("┘")
    assert "│ broken │" in " ".join(table.split())
    assert re.search(r"^broken +.*line 4", below, flags=re.MULTILINE)


def test_an_unknown_plugin_is_a_usage_error_with_close_names(metier):
    code, out, err = metier("plugins", "show", "toi")
    assert (code, out) == (2, "")
    assert "no plugin 'toi'" in err
    assert "'toy'" in err


def test_without_plugins_the_list_is_empty_and_says_so(metier, only, tmp_path):
    only(tmp_path)
    code, out, err = metier("plugins")
    assert (code, out) == (0, "")
    assert "no plugin is installed" in err
    assert json.loads(metier("plugins", "--json").out) == []


IN_CODE = """\
import metier

print("I am imported")

@metier.hookimpl
def metier_domains():
    for name in ("art", "zoo"):
        yield metier.Domain(
            schema=1, domain=name, title=f"The {name}",
            instructions=(
                metier.Instruction(id="find", task="Find what was made", kind="retrieval"),
            ),
        )
"""


def test_plugins_without_a_manifest_are_listed_as_what_their_code_says(metier, only, tmp_path):
    site = Site(tmp_path / "others")
    site.folder.mkdir()
    site.add("made", manifest=None, code=IN_CODE, package="made_in_code")
    site.add("torn", manifest=None, code="1 / 0", package="torn_in_code")
    only(site.folder)
    code, out, err = metier("plugins", "--json")
    assert (code, err) == (0, "I am imported\n")
    made, torn = json.loads(out)
    assert (made["status"], made["domain"], made["instructions"]) == ("active", "art, zoo", 2)
    assert torn["status"] == "broken"
    assert "ZeroDivisionError" in torn["reason"]
    shown = json.loads(metier("plugins", "show", "zoo", "--json").out)
    assert [one["id"] for one in shown["instructions"]] == ["art/find@1", "zoo/find@1"]
    assert shown["safety"] is None


def test_a_broken_plugin_is_shown_with_the_command_for_its_author(metier):
    code, out, err = metier("plugins", "show", "broken")
    assert code == 0
    assert "broken" in out
    assert err == "note: if it is yours: metier plugins check broken\n"


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
    answer = json.loads(done.out)
    files = answer.pop("files")
    assert answer == {
        "folder": "mine/metier-acme",
        "domain": "acme",
        "distribution": "metier-acme",
        "package": "metier_acme",
    }
    assert all((tmp_path / "mine" / "metier-acme" / name).is_file() for name in files)
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
