"""The conformance suite as tests: one for each check, under the check's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from metier.errors import UsageError
from metier.runtime import Runtime
from metier.testing.conformance.check import Check
from metier.testing.conformance.subject import Subject
from metier.testing.conformance.suite import CHECKS, judge

if TYPE_CHECKING:
    from pathlib import Path

    from metier.models.embedder import Embedder


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

    _subject: ClassVar[Subject]

    @classmethod
    def setup_class(cls) -> None:
        """Find the plugin once, so that its demos run once for all checks."""
        if not cls.plugin:
            raise UsageError(
                f"{cls.__name__} does not say which plugin it is about.",
                fix='Write plugin = "..." in it, with the name of the plugin.',
            )
        embedder = None if cls.model is None else Runtime(cls.model, progress=False).embedder
        cls._subject = Subject.named(cls.plugin, embedder=embedder)

    @pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
    def test_conforms(self, check: Check) -> None:
        """The plugin passes one check, or says why it cannot."""
        verdict = judge(check, self._subject)
        if verdict.status == "excused":
            pytest.xfail(str(verdict))
        if verdict.status == "not run":
            pytest.skip(f"{check.name}: {verdict.found[0]}")
        if verdict.status == "failed":
            pytest.fail(str(verdict), pytrace=False)
