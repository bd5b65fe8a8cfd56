from __future__ import annotations

import pytest

from metier.errors import UsageError
from metier.scaffold.project import LONGEST, name_plugin


def test_everything_is_named_after_the_domain(metier_host):
    names = name_plugin("acme-insurance")
    assert names.distribution == "metier-acme-insurance"
    assert names.package == "metier_acme_insurance"
    assert names.words == "acme insurance"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Acme", "acme"),
        ("acme insurance", "acme-insurance"),
        ("acme_insurance", "acme-insurance"),
        ("AcmeInsurance", "acme-insurance"),
        ("-acme--insurance-", "acme-insurance"),
        ("Société", "societe"),
        ("3d-acme", "acme-3d"),
        ("24acme", "acme"),
        ("metier-acme", "acme"),
        ("metier_acme", "acme"),
        ("acme/insurance", "acme-insurance"),
        ("../acme", "acme"),
        ("acme\n", "acme"),
    ],
)
def test_a_bad_name_is_refused_with_the_one_that_was_meant(metier_host, name, meant):
    with pytest.raises(UsageError) as caught:
        name_plugin(name)
    assert repr(name) in caught.value.what
    assert caught.value.why
    assert caught.value.fix == f"Did you mean {meant!r}?"
    assert name_plugin(meant).domain == meant


@pytest.mark.parametrize("name", ["", "24", "保险", "a" * (LONGEST + 1)])
def test_a_name_that_is_near_to_none_is_refused_with_the_rule(metier_host, name):
    with pytest.raises(UsageError, match="lower-case words") as caught:
        name_plugin(name)
    assert caught.value.fix is None


@pytest.mark.parametrize("name", ["core", "metier"])
def test_what_metier_calls_its_own_is_refused(metier_host, name):
    with pytest.raises(UsageError, match=f"'{name}' is metier's own"):
        name_plugin(name)


@pytest.mark.parametrize("name", ["toys", "wooden-toys"])
def test_a_name_that_an_installed_plugin_has_is_refused(metier_plugin, name):
    # the plugin `wooden-toys` brings the domain `toys`
    manifest = "schema: 1\ndomain: toys\ntitle: Toys of wood\n"
    metier_plugin("wooden-toys", manifest=manifest, version="2.3")
    with pytest.raises(UsageError, match=r"installed: metier-wooden-toys 2\.3") as caught:
        name_plugin(name)
    assert "only a pack" in str(caught.value.fix)
    assert caught.value.parameters == {"domain": name}
