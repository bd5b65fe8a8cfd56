"""Domains that are made in code: asked for at once, held to the rules of manifests."""

from __future__ import annotations

import pytest
from tests.core.plugins.sources import IN_CODE, status

from metier.plugins.host import PluginHost


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
