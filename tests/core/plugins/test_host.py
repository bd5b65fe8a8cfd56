"""The host: plugins that fail leave the others working, and hooks are asked in order."""

from __future__ import annotations

import sys
import threading
import warnings

import pytest

from metier.errors import (
    MetierWarning,
    PluginError,
    UnknownNameError,
    UsageError,
)
from metier.plugins.host import PluginHost
from metier.plugins.output import on_stderr
from metier.workflows.record import RunRecord

FAMILY = """\
import metier
from metier.models.family import ModelFamily

@metier.hookimpl
def metier_model_families():
    yield ModelFamily("of-{name}", lambda source: None, None, None)
"""
READER = """\
import metier

@metier.hookimpl
def metier_readers():
    return [metier.Reader("{name}", (".txt", ".{name}"), lambda path: iter([]))]
"""
GUARD = """\
import metier

@metier.hookimpl
def metier_before_send(texts, destination):
    return [f"{{text}} {name}@{{destination}}" for text in texts]
"""
OBSERVER = """\
import metier

seen = []

@metier.hookimpl
def metier_run_finished(record):
    seen.append(record.workflow)
"""
IN_CODE = """\
import metier

def domain(name):
    return metier.Domain(
        schema=1, domain=name, title="Made in code", instructions=(
            metier.Instruction(id="find", task="Find what was made", kind="retrieval"),
        ),
        workflows=(
            {{"id": "count", "call": "{package}.work:count", "summary": "Count the texts"}},
        ),
    )

@metier.hookimpl
def metier_domains():
    return [domain("{domain}")]
"""


def status(host: PluginHost, name: str) -> tuple[str, str]:
    return next((one.status, one.reason) for one in host.plugins if one.name == name)


def guard(body: str) -> str:
    return (
        "import metier\n\n@metier.hookimpl\ndef metier_before_send(texts, destination):\n"
        f"    {body}\n"
    )


def test_no_plugin_code_is_imported_before_it_is_needed(installed):
    installed.add("toys")
    host = PluginHost()
    assert [one.origin for one in host.provided()][1:] == ["metier-toys 1.0"]
    assert "toys/count" in host.workflows()
    assert not any(name.startswith("toy_") for name in sys.modules)
    host.load_workflow("toys/count")
    assert "toy_toys.work" in sys.modules


def test_a_plugin_nobody_installed_cannot_be_selected(installed):
    installed.add("toys")
    with pytest.raises(UnknownNameError, match=r"no plugin 'tyos'\.\nDid you mean 'toys'"):
        PluginHost(["tyos"])


def test_one_name_is_no_list_of_names(installed):
    installed.add("toys")
    with pytest.raises(UsageError, match=r"Write plugins=\['toys'\]"):
        PluginHost("toys")


def test_a_selected_plugin_that_cannot_be_used_is_refused_with_the_reason(installed):
    installed.add("toys", manifest="schema: 2\n")
    installed.add("zoo")
    PluginHost(["zoo"])
    with pytest.raises(PluginError, match=r"(?s)'toys'.* is broken.*schema: Input should be 1"):
        PluginHost(["toys"])


def test_an_unknown_workflow_is_refused_with_close_names(installed):
    installed.add("toys")
    with pytest.raises(UnknownNameError, match="Did you mean 'toys/count'"):
        PluginHost().load_workflow("toys/cuont")


@pytest.mark.parametrize(
    ("manifest", "select", "said"),
    [("schema: 2\n", "all", "is broken"), (None, ["zoo"], "is disabled")],
)
def test_a_workflow_of_a_plugin_that_is_not_active_says_why(installed, manifest, select, said):
    installed.add("toys", **({"manifest": manifest} if manifest else {}))
    installed.add("zoo")
    with pytest.raises(UsageError, match=f"'toys/count' cannot run: .*metier-toys 1.0.* {said}"):
        PluginHost(select).load_workflow("toys/count")


def test_a_workflow_outside_its_plugins_package_is_refused(installed):
    folder = installed.add("toys")
    manifest = (folder / "domain.yaml").read_text()
    (folder / "domain.yaml").write_text(manifest.replace("toy_toys.work:", "os:"))
    with pytest.raises(PluginError, match=r"(?s)points at 'os:count'.*own package 'toy_toys'"):
        PluginHost().load_workflow("toys/count")


@pytest.mark.parametrize(
    "source",
    [
        "count = print\n",
        "counts = 1\n",
        "import metier\n@metier.workflow('toys/other')\ndef count(rt): ...\n",
    ],
)
def test_what_is_not_the_workflow_of_that_id_is_refused(installed, source):
    installed.add("toys", work=source)
    with pytest.raises(PluginError, match="is not the workflow 'toys/count'"):
        PluginHost().load_workflow("toys/count")


def test_workflow_code_that_cannot_be_imported_is_said_with_its_line(installed):
    folder = installed.add("toys", work="x = 1\nimport a_package_nobody_has\n")
    with pytest.raises(
        PluginError, match=r"metier-toys 1\.0.*No module named 'a_package"
    ) as refused:
        PluginHost().load_workflow("toys/count")
    assert f"({folder / 'work.py'}:2)" in str(refused.value)
    assert "pip uninstall metier-toys" in str(refused.value)


def test_a_module_that_is_missing_is_said_without_a_line_of_python_itself(installed):
    installed.add("toys", code="", other="")
    with pytest.raises(PluginError, match=r"No module named 'toy_toys\.work'") as refused:
        PluginHost().load_workflow("toys/count")
    assert "importlib" not in str(refused.value)


@pytest.mark.parametrize(
    "code", ["1 / 0", "import a_package_nobody_has", "def f(:", "raise SystemExit(3)"]
)
def test_a_plugin_whose_code_fails_leaves_the_others_working(installed, code):
    installed.add("bad", code=f"{code}\n")
    installed.add("good", code=READER.format(name="good"))
    host = PluginHost()
    with pytest.warns(MetierWarning, match=r"'bad' \(metier-bad 1\.0\) is left out: The code of"):
        assert "good" in [reader.name for reader in host.readers()]
    assert status(host, "good") == ("active", "")
    kind, why = status(host, "bad")
    assert kind == "broken"
    assert "metier-bad 1.0 cannot be imported" in why


def test_code_that_is_no_python_is_said_with_its_line(installed):
    folder = installed.add("bad", code="x = 1\ndef f(:\n")
    host = PluginHost()
    with pytest.warns(MetierWarning, match="left out"):
        host.activate()
    assert f"SyntaxError: invalid syntax ({folder / '__init__.py'}:2)" in status(host, "bad")[1]


def test_a_hook_that_metier_does_not_have_breaks_its_plugin(installed):
    source = "import metier\n@metier.hookimpl\ndef metier_raeders(): ...\n"
    installed.add("bad", code=source)
    installed.add("good", code=READER.format(name="good"))
    host = PluginHost()
    with pytest.warns(MetierWarning, match="left out"):
        assert "good" in [reader.name for reader in host.readers()]
    assert status(host, "bad") == (
        "broken",
        "metier-bad 1.0 implements metier_raeders(), which is no hook of metier.\n"
        "Did you mean 'metier_readers'?",
    )


def test_a_hook_without_its_mark_breaks_its_plugin_rather_than_never_being_called(installed):
    installed.add("bad", code=guard("return []").replace("@metier.hookimpl\n", ""))
    host = PluginHost()
    with pytest.warns(
        MetierWarning, match=r"metier_before_send\(\) of metier-bad 1\.0 has no mark"
    ):
        host.activate()
    with pytest.raises(PluginError, match="may be a guard"):
        host.before_send(["a"], "there")


def test_a_hook_with_an_argument_that_metier_does_not_give_breaks_its_plugin(installed):
    source = "import metier\n@metier.hookimpl\ndef metier_before_send(texts, where): ...\n"
    installed.add("bad", code=source)
    host = PluginHost()
    with pytest.warns(MetierWarning, match="left out"):
        host.activate()
    assert "'where'" in status(host, "bad")[1]


@pytest.mark.parametrize("mark", ["wrapper", "hookwrapper"])
def test_a_wrapper_breaks_its_plugin(installed, mark):
    source = f"import metier\n@metier.hookimpl({mark}=True)\ndef metier_readers():\n    yield\n"
    installed.add("bad", code=source)
    installed.add("good", code=READER.format(name="good"))
    host = PluginHost()
    with pytest.warns(MetierWarning, match="left out"):
        assert "good" in [reader.name for reader in host.readers()]
    kind, why = status(host, "bad")
    assert kind == "broken"
    assert "metier_readers() of metier-bad 1.0 is a wrapper" in why
    with pytest.raises(PluginError, match="may be a guard"):
        host.before_send(["a"], "there")


def test_what_a_plugin_prints_goes_to_standard_error(installed, capsys):
    source = GUARD.format(name="toys").replace("    return", "    print('asked')\n    return")
    installed.add("toys", code="print('imported')\n" + source)
    PluginHost().before_send(["a"], "there")
    sys.stdout.write("result\n")
    said = capsys.readouterr()
    assert said.out == "result\n"
    assert said.err == "imported\nasked\n"


def test_standard_output_is_itself_again_after_hooks_in_two_threads():
    before = sys.stdout
    inside, leave = threading.Event(), threading.Event()

    def first() -> None:
        with on_stderr():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    with on_stderr():
        leave.set()
        thread.join()
        assert sys.stdout is sys.stderr
    assert sys.stdout is before


def test_two_plugins_in_one_module_are_one_plugin_too_many(installed):
    installed.add("toys", entry_points="[metier.plugins]\na = {package}\nb = {package}\n",
                  manifest=None, code=READER.format(name="toys"))  # fmt: skip
    host = PluginHost()
    with pytest.warns(MetierWarning, match="left out"):
        assert [reader.name for reader in host.readers()].count("toys") == 1
    assert sorted(plugin.status for plugin in host.plugins) == ["active", "broken"]


def test_a_plugin_named_as_metier_itself_takes_nothing_from_it(installed):
    installed.add("metier", code="1 / 0\n")
    with pytest.warns(MetierWarning, match="left out"):
        assert "csv" in [reader.name for reader in PluginHost().readers()]


def test_families_of_plugins_come_before_the_built_in_ones_in_the_order_of_names(installed):
    for name in ("zoo", "art"):
        installed.add(name, code=FAMILY.format(name=name))
    families = [family.name for family in PluginHost().model_families()]
    assert families[:2] == ["of-art", "of-zoo"]
    assert "qwen3" in families[2:]


def test_of_readers_for_one_suffix_the_first_plugin_by_name_wins(installed):
    for name in ("zoo", "art"):
        installed.add(name, code=READER.format(name=name))
    winners = {suffix: one.name for one in PluginHost().readers() for suffix in one.suffixes}
    assert (winners[".txt"], winners[".zoo"], winners[".csv"]) == ("art", "zoo", "csv")


def test_a_hook_may_have_nothing_to_give(installed):
    installed.add("toys", code="import metier\n@metier.hookimpl\ndef metier_readers(): ...\n")
    assert len(PluginHost().readers()) == 4


def test_a_plugin_whose_hook_fails_is_broken_from_then_on_and_the_others_are_used(installed):
    installed.add("bad", code="import metier\n@metier.hookimpl\ndef metier_readers(): 1 / 0\n")
    installed.add("good", code=READER.format(name="good"))
    host = PluginHost()
    with pytest.warns(MetierWarning, match=r"metier_readers\(\) failed: .* ZeroDivisionError"):
        assert "good" in [reader.name for reader in host.readers()]
    assert status(host, "bad")[0] == "broken"
    assert "good" in [reader.name for reader in host.readers()]
    with pytest.raises(PluginError, match="may be a guard"):
        host.before_send(["a"], "there")


def test_one_hook_that_fails_is_an_error_where_that_was_asked_for(installed):
    installed.add("bad", code="import metier\n@metier.hookimpl\ndef metier_readers(): 1 / 0\n")
    with pytest.raises(PluginError, match="The plugin 'bad' failed: ZeroDivisionError"):
        PluginHost(strict=True).readers()


def test_guards_change_what_is_sent_one_after_the_other(installed):
    for name in ("zoo", "art"):
        installed.add(name, code=GUARD.format(name=name))
    sent = PluginHost().before_send(["a", "b"], "there")
    assert sent == ["a art@there zoo@there", "b art@there zoo@there"]


def test_without_guards_texts_are_sent_as_they_are(installed):
    assert PluginHost().before_send(("a", "b"), "there") == ["a", "b"]


def test_a_guard_may_take_fewer_arguments(installed):
    source = "import metier\n@metier.hookimpl\ndef metier_before_send(texts): return texts[::-1]\n"
    installed.add("toys", code=source)
    assert PluginHost().before_send(["a", "b"], "there") == ["b", "a"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return texts[1:]", "returned 1 texts"),
        ("return [*texts, 'more']", "returned 3 texts"),
        ("return [1, 2]", "returned 2 texts, or what is none"),
        ("return 'ab'", "no list of texts but a str"),
        ("return None", "no list of texts but a NoneType"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_guard_that_does_not_do_its_work_stops_what_is_sent(installed, body, said):
    installed.add("toys", code=guard(body))
    with pytest.raises(PluginError, match=said):
        PluginHost().before_send(["a", "b"], "there")


def test_a_guard_may_stop_what_is_sent(installed):
    installed.add("toys", code=guard("raise metier.MetierError('There is a name in it.')"))
    with pytest.raises(Exception, match="There is a name in it"):
        PluginHost().before_send(["a"], "there")


@pytest.mark.parametrize("how", ["code", "manifest"])
def test_nothing_is_sent_past_a_plugin_that_could_be_a_guard_but_is_broken(installed, how):
    installed.add("bad", **{how: "1 / 0\n"})
    installed.add("good")
    with (
        warnings.catch_warnings(action="ignore", category=MetierWarning),
        pytest.raises(PluginError, match=r"Nothing was sent to there: metier-bad 1\.0"),
    ):
        PluginHost().before_send(["a"], "there")
    assert PluginHost(block=["bad"]).before_send(["a"], "there") == ["a"]
    assert PluginHost(["good"]).before_send(["a"], "there") == ["a"]


def test_every_observer_hears_of_a_run_even_if_one_fails(installed):
    failing = OBSERVER.replace("    seen", "    1 / 0\n    seen")
    for name, code in {"art": OBSERVER, "bad": failing, "zoo": OBSERVER}.items():
        installed.add(name, code=code)
    host = PluginHost()
    with pytest.warns(MetierWarning, match="The plugin 'bad' failed: ZeroDivisionError"):
        host.run_finished(RunRecord(workflow="toys/count"))
    for name in ("art", "zoo"):
        assert sys.modules[f"toy_{name}"].seen == ["toys/count"]


def test_a_plugin_without_a_manifest_is_asked_for_its_domains(installed):
    names = {"domain": "toys", "package": "toy_toys"}
    installed.add("toys", manifest=None, code=IN_CODE.format(**names))
    host = PluginHost()
    _, provided = host.provided()
    assert (provided.domain.domain, provided.origin) == ("toys", "metier-toys 1.0")
    assert host.load_workflow("toys/count").id == "toys/count"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", r"cannot be imported: ZeroDivisionError: division by zero \(.*__init__.py:1\)"),
        ("def metier_domains(): 1 / 0", r"failed: ZeroDivisionError: .*__init__.py:1"),
        ("def metier_domains(): return ['toys']", "returned something of type str"),
        ("def metier_domains(): return 5", "failed: TypeError"),
    ],
)
def test_domains_in_code_that_fail_break_their_plugin_alone(installed, code, said):
    installed.add("bad", manifest=None, code=f"{code}\n")
    installed.add("good")
    host = PluginHost()
    assert [one.domain.domain for one in host.provided()] == ["core", "good"]
    kind, why = status(host, "bad")
    assert kind == "broken"
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(why)


def test_a_domain_made_in_code_is_in_conflict_with_the_same_in_a_manifest(installed):
    names = {"domain": "games", "package": "toy_toys"}
    installed.add("toys", manifest=None, code=IN_CODE.format(**names))
    installed.add("fun", domain="games")
    host = PluginHost()
    assert [one.domain.domain for one in host.provided()] == ["core"]
    assert status(host, "toys")[0] == status(host, "fun")[0] == "conflict"
    assert "metier-fun 1.0" in status(host, "toys")[1]


def test_two_hosts_do_not_see_each_other(installed):
    installed.add("toys", code=READER.format(name="toys"))
    both = PluginHost(), PluginHost([])
    assert [len(host.readers()) for host in both] == [5, 4]


def test_threads_that_ask_at_once_activate_plugins_once(installed):
    installed.add("toys", code="import time\ntime.sleep(0.05)\n" + READER.format(name="toys"))
    host, counts = PluginHost(), []
    threads = [
        threading.Thread(target=lambda: counts.append(len(host.readers()))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [5] * 8


def test_strict_refuses_every_plugin_that_cannot_be_used_at_once(installed):
    installed.add("bad", code="1 / 0\n")
    installed.add("torn", manifest="schema: 2\n")
    installed.add("good")
    with pytest.raises(PluginError, match="2 plugins cannot be used") as refused:
        PluginHost(strict=True)
    assert "metier-bad 1.0: broken: The code of" in str(refused.value)
    assert "metier-torn 1.0: broken: domain.yaml, line 1" in str(refused.value)
    assert PluginHost(block=["bad", "torn"], strict=True).workflows()["good/count"]


def test_strict_can_be_asked_for_by_the_environment_and_by_the_project(
    installed, tmp_path, monkeypatch
):
    installed.add("torn", manifest="schema: 2\n")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "metier.toml").write_text("[plugins]\nstrict = true\n")
    with pytest.raises(PluginError, match="1 plugin cannot be used"):
        PluginHost()
    monkeypatch.setenv("METIER_STRICT", "0")
    assert status(PluginHost(), "torn")[0] == "broken"
    monkeypatch.setenv("METIER_STRICT", "1")
    with pytest.raises(PluginError, match="1 plugin cannot be used"):
        PluginHost()
    assert status(PluginHost(strict=False), "torn")[0] == "broken"


def test_an_observer_that_fails_is_an_error_where_that_was_asked_for(installed):
    installed.add("bad", code=OBSERVER.replace("    seen", "    1 / 0\n    seen"))
    with pytest.raises(PluginError, match="The plugin 'bad' failed"):
        PluginHost(strict=True).run_finished(RunRecord(workflow="toys/count"))


def test_a_plugin_that_guards_and_observes_does_both(installed):
    installed.add("toys", code=GUARD.format(name="toys") + OBSERVER.partition("\n")[2])
    host = PluginHost()
    assert host.before_send(["a"], "there") == ["a toys@there"]
    host.run_finished(RunRecord(workflow="toys/count"))
    assert sys.modules["toy_toys"].seen == ["toys/count"]


def test_a_plugin_installed_meanwhile_is_found_after_a_refresh(installed):
    installed.add("toys", code=READER.format(name="toys"))
    host = PluginHost()
    host.activate()
    installed.add("zoo", code=READER.format(name="zoo"))
    assert "zoo/count" not in host.workflows()
    host.refresh()
    assert host.load_workflow("zoo/count").id == "zoo/count"
    assert [one.name for one in host.readers()][-1:] == ["toys"]
    assert "zoo" in [one.name for one in host.readers()]


def test_a_refresh_that_fails_leaves_everything_as_it_was(installed):
    folder = installed.add("toys", code=READER.format(name="toys"))
    host = PluginHost(["toys"])
    (folder / "domain.yaml").write_text("schema: 2\n")
    with pytest.raises(PluginError, match="is broken"):
        host.refresh()
    assert status(host, "toys") == ("active", "")
    assert "toys/count" in host.workflows()
    assert "toys" in [one.name for one in host.readers()]


def test_a_plugin_mended_meanwhile_is_active_after_a_refresh(installed):
    folder = installed.add("toys", code="1 / 0\n")
    host = PluginHost()
    with pytest.warns(MetierWarning, match="left out"):
        host.activate()
    (folder / "__init__.py").write_text(READER.format(name="toys") + "# mended\n")
    host.refresh()
    assert "toys" in [one.name for one in host.readers()]
    assert status(host, "toys") == ("active", "")


def test_an_editable_installation_made_meanwhile_is_found_after_a_refresh(
    installed, tmp_path, monkeypatch
):
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    host = PluginHost()
    folder = installed.add("toys")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    folder.rename(checkout / folder.name)
    (site / "toys.pth").write_text(f"# made by an installer\nimport sys; 1 / 0\n{checkout}\n")
    host.refresh()
    assert status(host, "toys") == ("active", "")
    assert host.load_workflow("toys/count").id == "toys/count"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("[domain('toys'), domain('toys')]", "returned the domain 'toys' twice"),
        ("[domain('core')]", "'core', which is metier's own"),
        (
            "[domain('toys').model_copy(update={'instructions': domain('zoo').instructions})]",
            "registers zoo/find@1 in its domain 'toys'",
        ),
    ],
)
def test_a_domain_in_code_that_is_not_the_plugins_own_breaks_it(installed, code, said):
    source = IN_CODE.format(domain="toys", package="toy_toys")
    installed.add("toys", manifest=None, code=source.replace('[domain("toys")]', code))
    host = PluginHost()
    assert [one.domain.domain for one in host.provided()] == ["core"]
    kind, why = status(host, "toys")
    assert kind == "broken"
    assert said in why
