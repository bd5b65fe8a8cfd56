"""Hooks: who is asked in which order, guards of what is sent, observers of runs."""

from __future__ import annotations

import sys
import warnings

import pytest
from tests.core.plugins.sources import FAMILY, GUARD, OBSERVER, READER, guard, status

from metier.errors import MetierWarning, PluginError
from metier.plugins.host import PluginHost
from metier.results.record import InputUse, RunRecord


def test_families_of_plugins_come_before_the_built_in_ones_in_the_order_of_names(installed):
    for name in ("zoo", "art"):
        installed.add(name, code=FAMILY.format(name=name))
    families = [family.name for family in PluginHost().model_families()]
    assert families[:2] == ["of-art", "of-zoo"]
    assert "qwen3" in families[2:]


def test_of_readers_for_one_suffix_the_first_plugin_by_name_wins(installed):
    for name in ("zoo", "art"):
        installed.add(name, code=READER.format(name=name).replace('(".', '(".txt", ".'))
    host = PluginHost()
    with pytest.warns(MetierWarning, match="in place of"):
        readers = host.readers()
    winners = {suffix: reader.name for reader in readers for suffix in reader.suffixes}
    assert (winners[".txt"], winners[".zoo"], winners[".csv"]) == ("art", "zoo", "csv")


def test_a_reader_that_takes_over_a_suffix_is_told_once_with_its_plugin(installed):
    installed.add("toys", code=READER.format(name="toys").replace('(".', '(".csv", ".'))
    host = PluginHost()
    with pytest.warns(MetierWarning) as told:
        host.readers()
    host.readers()  # a second warning would fail the test
    (warning,) = told
    assert str(warning.message).startswith(
        "The plugin 'toys' reads .csv files with its reader 'toys', in place of the reader 'csv' "
        "of metier."
    )


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        ("['.csv']", "returned a str, not a metier.Reader"),
        ("'csv'", "returned a str, not a metier.Reader"),
        ("{'.csv': print}", "returned a str, not a metier.Reader"),
        ("[None]", "returned a NoneType, not a metier.Reader"),
        ("5", "TypeError: 'int' object is not iterable"),
        ("[metier.Reader('x', '.csv', print)]", r"suffixes are '\.csv', not a tuple"),
        ("[metier.Reader('x', (), print)]", r"suffixes are \(\), not a tuple"),
        ("[metier.Reader('x', ('csv',), print)]", "suffix 'csv' is not a dot and an ending"),
        ("[metier.Reader('x', ('.CSV',), print)]", r"suffix '\.CSV' is not a dot and an ending"),
        ("[metier.Reader('x', (5,), print)]", "suffix 5 is not a dot and an ending"),
        ("[metier.Reader('', ('.x',), print)]", "which has no name"),
        ("[metier.Reader('x', ('.x',), None)]", "whose read is not a function"),
    ],
)
def test_a_plugin_that_returns_no_readers_is_named_and_left_out(installed, returned, problem):
    code = f"import metier\n@metier.hookimpl\ndef metier_readers(): return {returned}\n"
    installed.add("bad", code=code)
    host = PluginHost()
    with pytest.warns(MetierWarning, match=rf"'bad' \(metier-bad 1\.0\) is left out: .*{problem}"):
        assert len(host.readers()) == len(PluginHost([]).readers())
    assert status(host, "bad")[0] == "broken"
    with pytest.raises(PluginError, match="'bad'"):
        PluginHost(strict=True).readers()


@pytest.mark.parametrize("returned", ["['qwen3']", "'qwen3'", "[None]", "[object]", "5"])
def test_a_plugin_that_returns_no_model_families_is_named_and_left_out(installed, returned):
    code = f"import metier\n@metier.hookimpl\ndef metier_model_families(): return {returned}\n"
    installed.add("bad", code=code)
    host = PluginHost()
    with pytest.warns(MetierWarning, match=r"'bad' \(metier-bad 1\.0\) is left out"):
        assert len(host.model_families()) == len(PluginHost([]).model_families())
    assert status(host, "bad")[0] == "broken"


@pytest.mark.parametrize(
    "change",
    [
        "record.parameters['top_k'] = 99",
        "record.parameters['labels'].append('more')",
        "record.inputs.clear()",
        "record.__dict__['workflow'] = 'other/run'",
        "object.__setattr__(record, 'seconds', 0.0)",
    ],
)
def test_an_observer_cannot_change_the_record_of_a_run_nor_what_others_see(installed, change):
    for name, code in {
        "art": OBSERVER.replace("    seen", f"    {change}\n    seen"),
        "zoo": OBSERVER,
    }.items():
        installed.add(name, code=code.replace("record.workflow)", "record)"))
    record = RunRecord(
        workflow="toys/count",
        parameters={"top_k": 3, "labels": ["a"]},
        inputs={"texts": InputUse(texts=1, skipped=(), digest="00")},
        seconds=1.5,
    )
    before = record.model_dump_json()
    PluginHost().run_finished(record)
    assert record.model_dump_json() == before
    (seen,) = sys.modules["toy_zoo"].seen
    assert seen.model_dump_json() == before


def test_a_hook_may_have_nothing_to_give(installed):
    installed.add("toys", code="import metier\n@metier.hookimpl\ndef metier_readers(): ...\n")
    assert len(PluginHost().readers()) == len(PluginHost([]).readers())


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


def test_a_plugin_that_guards_and_observes_does_both(installed):
    installed.add("toys", code=GUARD.format(name="toys") + OBSERVER.partition("\n")[2])
    host = PluginHost()
    assert host.before_send(["a"], "there") == ["a toys@there"]
    host.run_finished(RunRecord(workflow="toys/count"))
    assert sys.modules["toy_toys"].seen == ["toys/count"]
