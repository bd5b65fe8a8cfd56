"""Code of plugins: what it prints, the domains it makes, and code that cannot be used."""

from __future__ import annotations

import os
import sys
import threading

import numpy as np
import pytest
from tests.core.installed import MANIFEST
from tests.core.plugins.sources import GUARD, IN_CODE, READER, guard, status

from metier.cli.main import main
from metier.errors import MetierWarning, PluginError
from metier.plugins.host import PluginHost
from metier.plugins.importing import on_stderr


def test_what_a_plugin_prints_goes_to_standard_error(installed, capsys):
    source = GUARD.format(name="toys").replace("    return", "    print('asked')\n    return")
    installed.add("toys", code="print('imported')\n" + source)
    PluginHost().before_send(["a"], "there")
    sys.stdout.write("result\n")
    said = capsys.readouterr()
    assert said.out == "result\n"
    assert said.err == "imported\nasked\n"


def test_streams_that_a_plugin_puts_in_place_are_not_left_there(installed):
    before = sys.stdout, sys.stderr
    installed.add("toys", code="import io, sys\nsys.stdout = sys.stderr = io.StringIO()\n")
    PluginHost().activate()
    assert (sys.stdout, sys.stderr) == before


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import os; os.chdir(os.sep)", "the working directory"),
        ("import sys; sys.setrecursionlimit(5000)", "the recursion limit"),
        ("import numpy; numpy.seterr(all='raise')", "what numpy does at floating-point errors"),
        (
            "import torch; torch.set_default_dtype(torch.float64)",
            "the default number format of torch",
        ),
        ("import torch; torch.set_default_device('meta')", "the default device of torch"),
    ],
)
def test_what_the_import_of_a_plugin_changes_for_the_process_is_set_back(installed, code, name):
    torch = pytest.importorskip("torch")

    def state() -> list[object]:
        return [os.getcwd(), sys.getrecursionlimit(), np.geterr(), torch.zeros(1).dtype,
                torch.zeros(1).device]  # fmt: skip

    before = state()
    installed.add("toys", code=f"{code}\n{READER.format(name='toys')}")
    with pytest.warns(MetierWarning, match=rf"metier-toys 1.0 changed {name} for the whole"):
        PluginHost().activate()
    assert state() == before


def test_a_plugin_that_fails_leaves_the_working_directory_as_it_was(installed):
    before = os.getcwd()
    installed.add("toys", code="import os\nos.chdir(os.sep)\nraise ValueError('no')\n")
    with pytest.warns(MetierWarning) as warned:
        PluginHost().activate()
    told = "\n".join(str(warning.message) for warning in warned)
    assert "changed the working directory" in told
    assert "ValueError: no" in told
    assert os.getcwd() == before


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
        ("def metier_domains(): raise SystemExit(0)", r"failed: SystemExit: 0"),
        ("def metier_domains(): return ['toys']", "returned something of type str"),
        ("def metier_domains(): return 5", "failed: TypeError"),
        ("raise BaseException('out')", "cannot be imported: BaseException: out"),
        ("class Stop(BaseException): ...\nraise Stop", "cannot be imported: Stop"),
        ("def metier_domains(): raise GeneratorExit", "failed: GeneratorExit"),
        ("def __getattr__(name): raise BaseException(name)", "failed: BaseException"),
        ("", "brings nothing: its package 'toy_bad' holds no domain.yaml and no hook"),
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


def test_a_domain_that_only_code_tells_of_can_be_blocked(installed):
    names = {"domain": "games", "package": "toy_toys"}
    installed.add("toys", manifest=None, code=IN_CODE.format(**names))
    host = PluginHost(block=["games"])
    assert [one.domain.domain for one in host.provided()] == ["core"]
    assert status(host, "toys") == ("disabled", "'games' is blocked by block_plugins=[...]")
    assert "games/count" not in host.workflows()


@pytest.mark.parametrize(
    "code",
    [
        "1 / 0",
        "import a_package_nobody_has",
        "def f(:",
        "raise SystemExit(3)",
        "raise BaseException('out')",
        "raise GeneratorExit",
        "import asyncio; raise asyncio.CancelledError",
        "import pytest; pytest.skip('not here', allow_module_level=True)",
    ],
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


@pytest.mark.parametrize("manifest", [None, MANIFEST])
def test_interrupting_the_import_of_a_plugin_interrupts_the_program(installed, manifest):
    installed.add("toys", manifest=manifest, code="raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        PluginHost().readers()


def test_a_module_whose_attributes_raise_leaves_the_other_plugins_working(installed):
    code = "def __dir__(): raise BaseException('no names')\n"
    installed.add("bad", code=code)
    installed.add("good", code=READER.format(name="good"))
    host = PluginHost()
    with pytest.warns(MetierWarning, match="'bad' .* is left out: no names"):
        assert "good" in [reader.name for reader in host.readers()]


def test_a_plugin_of_hooks_alone_needs_no_manifest(installed):
    code = READER.format(name="toys")
    installed.add("toys", manifest=None, code=code)
    renamed = code.replace("hookimpl", "hookimpl(specname='metier_readers')", 1)
    installed.add("zoo", manifest=None, code=renamed.replace("def metier_readers", "def readers"))
    host = PluginHost(strict=True)
    assert [plugin.status for plugin in host.plugins] == ["active", "active"]


def test_a_wheel_without_its_manifest_is_refused_where_strictness_is_asked_for(installed):
    installed.add("toys", manifest=None)
    with pytest.raises(
        PluginError, match=r"metier-toys 1\.0: broken: metier-toys 1\.0 brings nothing"
    ):
        PluginHost(strict=True)


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
    ("code", "said"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("raise BaseException(1)", "BaseException: 1"),
    ],
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


@pytest.mark.parametrize("command", [["plugins", "--strict"], ["plugins", "check", "toys"]])
def test_commands_that_check_plugins_fail_where_one_brings_nothing(installed, command, capsys):
    installed.add("toys", manifest=None)
    assert main(command) == 1
    assert "brings nothing" in " ".join(capsys.readouterr().out.split())
