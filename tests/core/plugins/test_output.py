"""What plugins print: standard output is for results."""

from __future__ import annotations

import sys
import threading

from tests.core.plugins.sources import GUARD

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
