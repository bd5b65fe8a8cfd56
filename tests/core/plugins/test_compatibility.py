"""Whether a plugin fits what is installed, judged by metadata on disk."""

from __future__ import annotations

import pytest

from metier.plugins.compatibility import InstalledDistributions

OWN = """\
Metadata-Version: 2.1
Name: metier
Version: 0.1.0
Requires-Dist: numpy
Provides-Extra: tables
Requires-Dist: a-package-nobody-has>=1; extra == "tables"
Provides-Extra: everything
Requires-Dist: metier[tables]; extra == "everything"
Provides-Extra: later
Requires-Dist: numpy>=99; extra == "later"
Provides-Extra: here
Requires-Dist: numpy>=1; extra == "here"
Requires-Dist: a-package-nobody-has; (python_version < "3") and extra == "here"
"""


@pytest.fixture
def metadata(installed):
    """Metadata of metier, found before the real one."""
    info = installed.folder / "metier-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(OWN)


@pytest.mark.parametrize(
    ("required", "said"),
    [
        ("metier[tables]>=0.1", "extra 'tables' of metier, of which is missing: a-package-nobody-"),
        ("Metier [Everything]", "extra 'everything' of metier, of which is missing: a-package-"),
        ("metier[later]", "missing: numpy>=99 (this is "),
        ("metier[nobody-wrote-it]", "has no such extra"),
        ("metier[here,tables]", "pip install 'metier[tables]'"),
    ],
)
def test_an_extra_that_is_not_installed_is_said_with_what_is_missing(metadata, required, said):
    assert said in InstalledDistributions().misfit((), [required])


@pytest.mark.parametrize(
    "required",
    [
        "metier>=0.1",
        "metier[here]",
        'metier[tables]; extra == "more"',
        'metier[tables]; python_version < "3"',
        "metier[tables",
        "metier-finance[tables]",
    ],
)
def test_what_is_installed_or_not_asked_for_is_no_misfit(metadata, required):
    assert InstalledDistributions().misfit((), [required]) == ""


def test_one_fitting_version_of_the_plugin_api_is_enough():
    assert InstalledDistributions().misfit(("1", "2"), ()) == ""
    assert InstalledDistributions().misfit((), ()) == ""
    assert "version 0 or 2 of the plugin API" in InstalledDistributions().misfit(("2", "0"), ())
