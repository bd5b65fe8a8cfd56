"""Words that a shell completes: ids, names and choices. No model library, no plugin code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

COMPLETING = "_METIER_COMPLETE"
"""Variable with which a shell asks for completions."""

Completion = Callable[[str], list[tuple[str, str]]]


def is_completing() -> bool:
    """Whether a shell asks for completions, and nobody reads messages."""
    return COMPLETING in os.environ


def _beginning(incomplete: str, words: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(word, about) for word, about in words if word.startswith(incomplete)]


def choices(*words: str) -> Completion:
    """Complete one of these words."""

    def complete(incomplete: str) -> list[tuple[str, str]]:
        return _beginning(incomplete, ((word, "") for word in words))

    return complete


def complete_workflow(incomplete: str) -> list[tuple[str, str]]:
    """Complete the id of a workflow."""
    workflows = _host().workflows()
    return _beginning(incomplete, ((id, spec.summary) for id, (spec, _) in workflows.items()))


def complete_instruction(incomplete: str) -> list[tuple[str, str]]:
    """Complete the id of an instruction, of plugins and of the packs in use."""
    from metier.cli.options import CommonOptions

    known = CommonOptions().runtime().instructions.list()
    return _beginning(incomplete, ((f"{entry.domain}/{entry.id}", entry.task) for entry in known))


def complete_domain(incomplete: str) -> list[tuple[str, str]]:
    """Complete the name of a domain."""
    from metier.cli.options import CommonOptions

    domains = CommonOptions().runtime().domains
    return _beginning(incomplete, ((name, domain.title) for name, domain in domains.items()))


def complete_plugin(incomplete: str) -> list[tuple[str, str]]:
    """Complete the name of a plugin."""
    return _beginning(incomplete, ((plugin.name, plugin.origin) for plugin in _host().plugins))


def complete_model(incomplete: str) -> list[tuple[str, str]]:
    """Complete the name of an embedding model: the embedded one, a profile, or a known one."""
    return _beginning(incomplete, [("embedded", "comes with metier"), *_models("embedder")])


def complete_reranker(incomplete: str) -> list[tuple[str, str]]:
    """Complete the name of a reranker."""
    return _beginning(incomplete, _models("reranker"))


def complete_encoding(incomplete: str) -> list[tuple[str, str]]:
    """Complete the name of an encoding."""
    from metier.texts.encodings import KNOWN

    return choices(*KNOWN)(incomplete)


def complete_format(incomplete: str) -> list[tuple[str, str]]:
    """Complete the ending of files that can be read without a plugin."""
    from metier.texts.readers import builtin_readers

    suffixes = sorted(suffix[1:] for reader in builtin_readers() for suffix in reader.suffixes)
    return choices(*suffixes)(incomplete)


def _models(role: str) -> list[tuple[str, str]]:
    from metier.datafiles.project_file import read_project
    from metier.models.catalog import CATALOG

    servers = [(name, server.url) for name, server in read_project().profiles.items()]
    return [*servers, *((model.id, model.license) for model in CATALOG if model.role == role)]


def _host() -> Any:
    from metier.plugins.host import PluginHost

    return PluginHost()
