"""The conformance suite as tests: one for each check, under the check's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import pytest

from metier.errors import UsageError
from metier.runtime.runtime import Runtime
from metier.settings import reproducible_dtype
from metier.testing.conformance.check import Check, Verdict
from metier.testing.conformance.subject import Subject
from metier.testing.conformance.suite import CHECKS, examine

if TYPE_CHECKING:
    from pathlib import Path

    from metier.models.embedder import Embedder

_KEPT = frozenset({"setup_class", "test_conforms", "_verdicts"})


class PluginConformance:
    """Tests that a plugin conforms. Subclass it in a test file and say which plugin:

        class TestConformance(PluginConformance):
            plugin = "acme-insurance"

    A check that the plugin excuses in its domain.yaml is an expected failure, and one that had
    nothing to look at is skipped; both say why.

    Attributes:
        plugin: name of the plugin, of its distribution or of a domain it brings.
        model: what vector sizes are measured with; None to leave that out.
    """

    plugin: ClassVar[str] = ""
    model: ClassVar[str | Path | Embedder | None] = None

    _verdicts: ClassVar[Mapping[str, Verdict]]

    def __init_subclass__(cls) -> None:
        """Refuse a subclass with tests of its own under the suite's names.

        Raises:
            UsageError: checks would be left out, and nobody would see it.
        """
        for name in _KEPT & vars(cls).keys():
            raise UsageError(
                f"{cls.__name__} has a {name} of its own, so that checks may be left out.",
                fix="Excuse a check, with the reason, under conformance: in domain.yaml.",
            )

    @classmethod
    def setup_class(cls) -> None:
        """Make all checks at once, so that what they share is made once."""
        if not cls.plugin:
            raise UsageError(
                f"{cls.__name__} does not say which plugin it is about.",
                fix='Write plugin = "..." in it, with the name of the plugin.',
            )
        embedder = None
        if cls.model is not None:
            embedder = Runtime(cls.model, dtype=reproducible_dtype(), progress=False).embedder
        verdicts = examine(Subject.named(cls.plugin, embedder=embedder))
        cls._verdicts = {verdict.check.name: verdict for verdict in verdicts}

    @pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
    def test_conforms(self, check: Check) -> None:
        """The plugin passes one check, or says why it cannot."""
        verdict = self._verdicts[check.name]
        if verdict.status == "excused":
            pytest.xfail(str(verdict))
        if verdict.status == "not run":
            pytest.skip(f"{check.name}: {verdict.lines[0]}")
        if verdict.status == "failed":
            pytest.fail(str(verdict), pytrace=False)
