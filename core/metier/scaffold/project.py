"""The project of a new plugin: its names, and the files of `template/` filled in with them."""

from __future__ import annotations

import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from metier import __version__
from metier.close_names import suggest
from metier.errors import UsageError
from metier.folders import not_written
from metier.plugins.compatibility import APIS
from metier.plugins.discovery import OWN_DOMAIN, discover, names_of
from metier.registry.ids import NAME_PATTERN

LONGEST = 40
"""Most characters of a name, so that generated lines fit the linter's width."""

_PREFIX = "metier-"
_RULE = (
    "Names are lower-case words of letters and digits, joined by single hyphens, and begin with a "
    f"letter; here they have at most {LONGEST} characters."
)

_SUFFIX = ".tmpl"
"""Ends the name of every file of the template, so that no tool takes one for its own."""

_TITLE = range(3, 81)
"""Lengths that the schema of domains allows."""


@dataclass(frozen=True, slots=True)
class PluginNames:
    """Names of a plugin.

    Attributes:
        domain: its domain, as in `acme-insurance/find-notes`, and its entry point.
    """

    domain: str

    @property
    def distribution(self) -> str:
        """Name of the distribution: `metier-acme-insurance`."""
        return _PREFIX + self.domain

    @property
    def package(self) -> str:
        """Name of the package: `metier_acme_insurance`."""
        return self.distribution.replace("-", "_")

    @property
    def words(self) -> str:
        """Name in sentences: `acme insurance`."""
        return self.domain.replace("-", " ")


@dataclass(frozen=True, slots=True)
class NewPlugin:
    """A project that was written.

    Attributes:
        names: of the plugin.
        folder: of the project.
        files: their paths inside the folder, sorted.
    """

    names: PluginNames
    folder: Path
    files: tuple[str, ...]


def new_plugin(name: str, into: Path, *, title: str | None = None) -> NewPlugin:
    """Write the project `metier-NAME`: a plugin that works, as a start for one's own.

    The folder is written with all of its files, or not at all.

    Args:
        name: of the domain, such as `acme-insurance`.
        into: the folder to write the project's folder into.
        title: of the domain, for people; None makes one of the name.

    Raises:
        UsageError: the name or the title cannot be used, the folder exists, or it cannot be
            written.
    """
    names = name_plugin(name)
    shown = _checked(title) if title is not None else f"About {names.words}"
    folder = into / names.distribution
    if os.path.lexists(folder):
        raise UsageError(
            f"{str(folder)!r} is there already.",
            fix="Move it away, or name another folder: $into",
            parameters={"into": ...},
        )
    if not os.path.isdir(into):  # Path.is_dir() raises if a part of the path cannot be read
        raise UsageError(f"There is no folder {str(into)!r}.", fix="Make it, or name another one.")
    content = dict(_rendered(names, shown))
    try:
        _write(folder, content)
    except OSError as error:
        raise not_written(folder, error) from None
    return NewPlugin(names, folder, tuple(sorted(content)))


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


def _checked(title: str) -> str:
    text = title.strip()
    if not text.isprintable() or len(text) not in _TITLE:
        raise UsageError(
            f"{title!r} is not a title.",
            why=f"A title is one line of {_TITLE.start} to {_TITLE.stop - 1} characters.",
        )
    return text


def _rendered(names: PluginNames, title: str) -> Iterator[tuple[str, str]]:
    """The path of each file and its text."""
    values = _values(names, title)
    root = Path(str(files("metier.scaffold") / "template"))
    for source in root.rglob(f"*{_SUFFIX}"):
        path = source.relative_to(root).as_posix().removesuffix(_SUFFIX)
        text = source.read_text(encoding="utf-8")
        yield Template(path).substitute(values), Template(text).substitute(values)


def _values(names: PluginNames, title: str) -> Mapping[str, str]:
    """Values of `$name` in a template."""
    return {
        "domain": names.domain,
        "distribution": names.distribution,
        "package": names.package,
        "words": names.words,
        "title": title,
        # a string of JSON is one of YAML and TOML, too
        "quoted_title": json.dumps(title, ensure_ascii=False),
        "quoted_description": json.dumps(f"{title}: a domain for metier", ensure_ascii=False),
        "metier": ".".join(__version__.split(".")[:2]),
        "api": APIS[-1],
    }


def _write(folder: Path, content: Mapping[str, str]) -> None:
    # written beside it, then renamed: nobody sees half of it
    with tempfile.TemporaryDirectory(prefix=".metier-", dir=folder.parent) as aside:
        project = Path(aside) / folder.name
        for path, text in content.items():
            file = project / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        project.rename(folder)


def _refuse_installed(names: PluginNames) -> None:
    for plugin in discover():
        if plugin.module == names.package or names_of(plugin) & {names.domain, names.distribution}:
            raise UsageError(
                f"{names.domain!r} is the name of a plugin that is installed: {plugin.origin}.",
                fix="Choose another name. Instructions of your own for its domain need no plugin, "
                "only a pack.",
                code="plugin-name-taken",
                parameters={"domain": names.domain},
            )


def _did_you_mean(name: str) -> str | None:
    meant = _meant(name)
    is_name = re.fullmatch(NAME_PATTERN, meant) and len(meant) <= LONGEST
    return suggest([meant] if is_name else [])


def _meant(name: str) -> str:
    """The name that is nearest to what was typed: `Acme Insurance`, `acmeInsurance`, `3d-acme`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain)
    words: list[str] = re.findall(r"[a-z0-9]+", apart.lower())
    if words[:1] == [_PREFIX.rstrip("-")]:
        del words[0]
    first = next((index for index, word in enumerate(words) if word[0].isalpha()), None)
    if first is None:
        return "-".join(words).lstrip("0123456789-")
    return "-".join([*words[first:], *words[:first]])
