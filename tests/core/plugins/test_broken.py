"""Plugins whose code cannot be used: each is left out with the reason, and the others work."""

from __future__ import annotations

import pytest
from tests.core.plugins.sources import READER, guard, status

from metier.errors import MetierWarning, PluginError
from metier.plugins.host import PluginHost


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


def test_what_to_do_about_code_that_fails_is_said_to_its_user_and_to_its_author(installed):
    installed.add("bad", code="1 / 0\n")
    installed.add("torn", manifest=None, code="def metier_domains(): 1 / 0\n")
    host = PluginHost()
    with pytest.warns(MetierWarning, match="left out"):
        host.activate()
    assert "METIER_BLOCK_PLUGINS=bad" in status(host, "bad")[1]
    assert 'python -c "import toy_bad"' in status(host, "bad")[1]
    assert "METIER_BLOCK_PLUGINS=torn" in status(host, "torn")[1]
    assert "If it is yours, run its conformance checks." in status(host, "torn")[1]


def test_the_warning_names_the_line_outside_that_led_to_it(installed, monkeypatch):
    installed.add("bad", code="1 / 0\n")
    host = PluginHost()
    with pytest.warns(MetierWarning, match="left out") as left_out:
        host.readers()
    monkeypatch.setenv("METIER_BLOCK_PLUGINS", "badd")
    with pytest.warns(MetierWarning, match="'badd'") as doubted:
        host.refresh()
    assert [one.filename for one in (*left_out, *doubted)] == [__file__, __file__]


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


@pytest.mark.parametrize(
    ("code", "said"), [("1 / 0", "ZeroDivisionError"), ("raise SystemExit(0)", "SystemExit: 0")]
)
def test_a_plugin_whose_hook_fails_is_broken_from_then_on_and_the_others_are_used(
    installed, code, said
):
    installed.add("bad", code=f"import metier\n@metier.hookimpl\ndef metier_readers(): {code}\n")
    installed.add("good", code=READER.format(name="good"))
    host = PluginHost()
    with pytest.warns(MetierWarning, match=rf"metier_readers\(\) failed: .* {said}"):
        assert "good" in [reader.name for reader in host.readers()]
    assert status(host, "bad")[0] == "broken"
    assert "good" in [reader.name for reader in host.readers()]
    with pytest.raises(PluginError, match="may be a guard"):
        host.before_send(["a"], "there")
