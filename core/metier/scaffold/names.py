"""Names of a new plugin: one is given, and the others follow from it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from metier.errors import UsageError
from metier.plugins.discovery import OWN_DOMAIN, discover, names_of
from metier.registry.ids import NAME_PATTERN

LONGEST = 40
"""Characters of a name: the lines that hold it stay within the width of the project's linter."""

_PREFIX = "metier-"
_RULE = (
    "Names are lower-case words of letters and digits, joined by single hyphens, and begin with a "
    f"letter; here they have at most {LONGEST} characters."
)


@dataclass(frozen=True, slots=True)
class PluginNames:
    """What a plugin is called, by whom.

    Attributes:
        domain: by those who use it, as in `acme-insurance/find-notes`; its entry point as well.
    """

    domain: str

    @property
    def distribution(self) -> str:
        """By pip: `metier-acme-insurance`."""
        return _PREFIX + self.domain

    @property
    def package(self) -> str:
        """By Python: `metier_acme_insurance`."""
        return self.distribution.replace("-", "_")

    @property
    def words(self) -> str:
        """In sentences: `acme insurance`."""
        return self.domain.replace("-", " ")


def name_plugin(name: str) -> PluginNames:
    """The names of a plugin that is to bring the domain `name`.

    Raises:
        UsageError: `name` is no name of a domain, or an installed plugin has it.
    """
    if not re.fullmatch(NAME_PATTERN, name) or len(name) > LONGEST:
        raise UsageError(
            f"{name!r} is not a name for a plugin.", why=_RULE, fix=_did_you_mean(name)
        )
    if name.startswith(_PREFIX):
        raise UsageError(
            f"{name!r} is the name of a distribution.",
            why=f"A plugin is named after its domain, and {_PREFIX!r} is put before it.",
            fix=_did_you_mean(name),
        )
    if name in (OWN_DOMAIN, "metier"):
        raise UsageError(f"{name!r} is metier's own.", fix="Choose another name.")
    names = PluginNames(name)
    _refuse_installed(names)
    return names


def _refuse_installed(names: PluginNames) -> None:
    for plugin in discover():
        if plugin.module == names.package or names_of(plugin) & {names.domain, names.distribution}:
            raise UsageError(
                f"{names.domain!r} is the name of a plugin that is installed: {plugin.origin}.",
                fix="Choose another name. Instructions of your own for its domain need no plugin: "
                f"metier pack new NAME --extends {names.domain}",
            )


def _did_you_mean(name: str) -> str | None:
    meant = _meant(name)
    is_name = re.fullmatch(NAME_PATTERN, meant) and len(meant) <= LONGEST
    return f"Did you mean {meant!r}?" if is_name else None


def _meant(name: str) -> str:
    """The name that is nearest to what was typed: `Acme Insurance`, `acmeInsurance`, `3d-acme`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain)
    words: list[str] = re.findall(r"[a-z0-9]+", apart.lower())
    if words[:1] == [_PREFIX.rstrip("-")]:
        del words[0]
    first = next((at for at, word in enumerate(words) if word[0].isalpha()), None)
    if first is None:
        return "-".join(words).lstrip("0123456789-")
    return "-".join([*words[first:], *words[:first]])
