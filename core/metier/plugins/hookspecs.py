"""The hooks a plugin may implement: their specifications, how they are checked and called.

Each returns typed objects; none takes a callback.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from metier.close_names import close_names, known_names, suggest
from metier.errors import MetierError, PluginError
from metier.plugins.discovery import Plugin
from metier.plugins.importing import on_stderr

if TYPE_CHECKING:
    from metier.models.family import ModelFamily
    from metier.registry.domain import Domain
    from metier.results.record import RunRecord
    from metier.retrieval.stages.stage import SearchStage
    from metier.texts.reader import Reader

T = TypeVar("T")

PROJECT = "metier"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class HookSpecs:
    """Specifications: a plugin module implements any of them, marked with `metier.hookimpl`.

    Plugins are asked in the order of their names, metier itself last.
    """

    @hookspec
    def metier_domains(self) -> Iterable[Domain]:  # type: ignore[empty-body]
        """Domains made in code.

        Called when plugins are found, and only of a plugin without a `domain.yaml`, whose code is
        imported for it.
        """

    @hookspec
    def metier_model_families(self) -> Iterable[ModelFamily]:  # type: ignore[empty-body]
        """New kinds of models.

        The first family that locates a name or recognizes a folder runs the model, and those of
        plugins are asked before the built-in ones.
        """

    @hookspec
    def metier_readers(self) -> Iterable[Reader]:  # type: ignore[empty-body]
        """Kinds of files that workflows can take as input.

        For one suffix, the reader of a plugin takes precedence over the built-in one, and among
        plugins the first by name. A `MetierWarning` names the plugin whose reader does so. A reader
        that `recognizes` files by how they begin takes precedence for these files only, without
        a warning.
        """

    @hookspec
    def metier_search_stages(self) -> Iterable[SearchStage]:  # type: ignore[empty-body]
        """Stages of searches, each of which scores candidates by its own method.

        Each counts by the weight that the `retrieval` settings of a domain give its name under
        `stages`. They run after the built-in stages of their phase, in the order of the plugins'
        names. A plugin is asked once, at the first search. A name that another stage has is an
        error at every search.
        """

    @hookspec
    def metier_before_send(  # type: ignore[empty-body]
        self, texts: Sequence[str], destination: str
    ) -> Sequence[str]:
        """A guard of texts that are about to leave the machine: returns as many texts, changed.

        It takes the `texts` and their `destination`, and raises a `MetierError` to stop them.
        Guards run in turn, each on the texts that the previous one returned. Nothing is sent
        while a plugin that is not disabled cannot be used, as it may be a guard. Model servers
        get no other texts, and `rt.plugins.before_send(texts, destination)` calls it directly.
        """

    @hookspec
    def metier_run_finished(self, record: RunRecord) -> None:
        """An observer of runs that ended well; returns nothing.

        It takes a copy of the `record` of the run, which holds no texts. If it raises, the result
        of the run is kept, and a `MetierWarning` says so.
        """


_PREFIX = "metier_"
_SUFFIX = re.compile(r"\.[^\s/\\A-Z]+")
_DOMAINS = "metier_domains"
"""Called before there is a manager, so that its mark is not checked."""


def check_hooks(manager: pluggy.PluginManager, module: ModuleType, plugin: Plugin) -> None:
    """Refuse what would never be called: misspelled hooks, hooks without a mark, wrappers.

    Raises:
        PluginError: with the hook that was meant.
    """
    known = [name for name in vars(HookSpecs) if name.startswith(_PREFIX)]
    for name in dir(module):
        marked = manager.parse_hookimpl_opts(module, name)
        if marked is None:
            if name in known and name != _DOMAINS and callable(getattr(module, name)):
                raise PluginError(
                    f"{name}() of {plugin.origin} has no mark, so metier would never call it.",
                    fix="Write @metier.hookimpl above it.",
                )
            continue
        hook = marked.get("specname") or name
        if hook not in known and not marked.get("optionalhook"):
            raise PluginError(
                f"{plugin.origin} implements {hook}(), which is no hook of metier.",
                why=_meant(hook, known),
            )
        if marked.get("wrapper") or marked.get("hookwrapper"):
            raise PluginError(
                f"{name}() of {plugin.origin} is a wrapper, and metier calls none.",
                fix="Mark it with @metier.hookimpl alone.",
            )


def _meant(hook: str, known: list[str]) -> str:
    # without their common prefix, which would make all of them similar
    tails = {name.removeprefix(_PREFIX): name for name in known}
    close = close_names(hook.removeprefix(_PREFIX), tails, limit=1)
    return suggest([tails[tail] for tail in close]) or known_names(known)


def implementations_of(
    manager: pluggy.PluginManager, hook: str
) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Plugins that implement a hook, with their functions, in pluggy's order of calling."""
    for implementation in reversed(getattr(manager.hook, hook).get_hookimpls()):

        def call(implementation: Any = implementation, **offered: Any) -> Any:
            return implementation.function(*(offered[name] for name in implementation.argnames))

        yield implementation.plugin_name, call


def call_hook(plugin: str, implementation: Callable[..., T], **offered: Any) -> T:
    """Call a hook of a plugin; what it prints goes to standard error.

    Args:
        plugin: its name.
        implementation: from `implementations_of`.
        offered: all arguments of the hook.

    Raises:
        MetierError: the hook raised it.
        PluginError: the hook raised anything else.
    """
    try:
        with on_stderr():
            return implementation(**offered)
    except (MetierError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise PluginError(
            f"The plugin {plugin!r} failed: {type(error).__name__}: {error}.",
            fix="Report it to the plugin's authors, or leave it out with block_plugins=[...].",
        ) from error


def check_answer(hook: str, answer: Sequence[object], plugin: str) -> None:
    """Refuse objects that a hook may not return, before anything relies on them.

    Raises:
        PluginError: naming the plugin and the first such object.
    """
    for element in answer:
        problem = _problem_of(hook, element)
        if problem:
            raise PluginError(
                f"The plugin {plugin!r} returned {_described(element)}, {problem}.",
                fix="Report it to the plugin's authors, or leave it out with block_plugins=[...].",
            )


def _problem_of(hook: str, element: Any) -> str:
    """What is wrong with an object that a hook returned; empty if nothing is."""
    if hook == "metier_readers":
        from metier.texts.reader import Reader  # here: listings need none

        if not isinstance(element, Reader):
            return "not a metier.Reader"
        return _problem_of_reader(element)
    if hook == "metier_model_families":
        from metier.models.family import ModelFamily

        return "" if isinstance(element, ModelFamily) else "not a metier.ModelFamily"
    return ""


def _problem_of_reader(reader: Reader) -> str:
    suffixes: object = reader.suffixes
    if not isinstance(suffixes, tuple | list) or not suffixes:
        return f"whose suffixes are {suffixes!r}, not a tuple such as ('.csv',)"
    for suffix in suffixes:
        if not isinstance(suffix, str) or not _SUFFIX.fullmatch(suffix):
            return f"whose suffix {suffix!r} is not a dot and an ending in lower case"
    if not isinstance(reader.name, str) or not reader.name:
        return "which has no name"
    if not callable(reader.read):
        return "whose read is not a function"
    is_function = reader.recognizes is None or callable(reader.recognizes)
    return "" if is_function else "whose recognizes is not a function"


def _described(element: object) -> str:
    name = getattr(element, "name", None)
    named = f" {name!r}" if isinstance(name, str) else ""
    return f"a {type(element).__name__}{named}"


def replaced_readers(answers: Mapping[str, Sequence[Reader]]) -> Iterator[str]:
    """Warnings about readers that take precedence over another one for a suffix.

    Args:
        answers: readers by plugin, the plugin that takes precedence first.
    """
    owners: dict[str, tuple[str, Reader]] = {}
    for plugin, readers in answers.items():
        for reader in readers:
            for suffix in reader.suffixes if reader.recognizes is None else ():
                winner, winning = owners.setdefault(suffix, (plugin, reader))
                if winner != plugin:
                    whose = "metier" if plugin.startswith("=") else f"the plugin {plugin!r}"
                    yield (
                        f"The plugin {winner!r} reads {suffix} files with its reader "
                        f"{winning.name!r}, in place of the reader {reader.name!r} of {whose}. "
                        "Block it with block_plugins=[...] if that is not meant."
                    )
