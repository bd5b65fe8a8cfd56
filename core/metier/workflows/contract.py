"""The @workflow contract: a typed function becomes something Python, the CLI and HTTP can run."""

from __future__ import annotations

import copy
import functools
import inspect
import time
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    Literal,
    ParamSpec,
    Protocol,
    TypeVar,
    overload,
)

from metier.close_names import did_you_mean
from metier.engine.ledger import Ledger
from metier.errors import MetierError, ParameterError, PluginError
from metier.results.group import ResultGroup
from metier.results.input_names import ID, TEXT, input_names
from metier.results.own_columns import own_columns_of
from metier.results.record import (
    InputUse,
    RunRecord,
    choices_of,
    library_versions,
    outcome_of,
    processor_name,
    recorded,
    torch_threads,
    utc_now,
)
from metier.results.result import Result
from metier.texts.rows import NO_KEYS
from metier.texts.texts import UNNAMED, Texts
from metier.workflows.parameter import Parameter, read_parameters

if TYPE_CHECKING:
    from metier.engine.engine import Engine
    from metier.registry.domain import Domain, WorkflowSpec
    from metier.registry.registry import Registry

P = ParamSpec("P")
R = TypeVar("R", bound=Result)


class Provider(Protocol):
    """A plugin, as far as a run record names it."""

    @property
    def origin(self) -> str: ...


class WorkflowHost(Protocol):
    """A plugin host, as far as running a workflow takes it."""

    def workflows(self) -> Mapping[str, tuple[WorkflowSpec, Provider]]: ...
    def run_finished(self, record: RunRecord) -> None: ...


class WorkflowRuntime(Protocol):
    """A Runtime, as far as running and recording a workflow takes it."""

    @property
    def engine(self) -> Engine: ...
    @property
    def plugins(self) -> WorkflowHost: ...
    @property
    def domains(self) -> Mapping[str, Domain]: ...
    @property
    def workflows(self) -> Mapping[str, WorkflowSpec]: ...
    @property
    def instructions(self) -> Registry: ...
    def with_engine(self, engine: Engine) -> WorkflowRuntime: ...


class Workflow(Generic[R]):
    """A workflow: call it with a Runtime, or run it by id with `Runtime.run`.

    Attributes:
        id: `domain/name`.
        instruction: id of the instruction it uses by default; None for none.
        summary: first line of its docstring.
    """

    def __init__(
        self, function: Callable[Concatenate[Any, ...], R], id: str, instruction: str | None
    ) -> None:
        self.id = id
        self.instruction = instruction
        self.summary = (inspect.getdoc(function) or "").partition("\n")[0]
        self._function = function
        self._call: Callable[..., Any] = function
        functools.update_wrapper(self, function)

    def wrapped_in(self, wrapper: Callable[..., R]) -> Workflow[R]:
        """This workflow with a function around its own: validated and recorded as before.

        Args:
            wrapper: takes the workflow's function, the Runtime and the parameters by name.
        """
        clone = copy.copy(self)
        clone._call = functools.partial(wrapper, self._call)
        return clone

    @functools.cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it takes besides the Runtime, in order."""
        return read_parameters(self._function, self.id)

    @functools.cached_property
    def result_types(self) -> tuple[type[Result], ...]:
        """The results that its annotation names, those of a list or mapping included."""
        annotation = typing.get_type_hints(self._function).get("return")
        types = [annotation, *typing.get_args(annotation)]
        return tuple(kind for kind in types if isinstance(kind, type) and issubclass(kind, Result))

    def __call__(self, rt: WorkflowRuntime, /, *args: Any, **kwargs: Any) -> R:
        """Validate the arguments, run, and attach the run record.

        Raises:
            ParameterError: an argument is missing, unknown or of the wrong kind.
            PluginError: the function's signature cannot be read, or it returned no results.
        """
        values = self._validated(args, kwargs)
        ledger, started, clock = Ledger(), utc_now(), time.perf_counter()
        returned = self._call(rt.with_engine(rt.engine.recording(ledger)), **values)
        result = _one_result(returned, self.id)
        seconds = time.perf_counter() - clock
        record = self._record(rt, values, ledger, started, seconds, result)
        sources = result.sources or self._sources_of(values)
        if not result.names_sources:
            record, sources = record.without_names_of_files(), ()
        names = result.input_names or _input_names(result, values)
        finished: R = result.model_copy(
            update={"record": record, "sources": sources, "input_names": names}
        )
        rt.plugins.run_finished(record)
        return finished

    def _validated(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        names = [parameter.name for parameter in self.parameters]
        for name in kwargs:
            if name not in names:
                raise ParameterError(
                    f"{self.id} has no parameter {name!r}.",
                    why=did_you_mean(name, names) or _parameters_are(names),
                    parameter=name,
                )
        try:
            bound = inspect.signature(self._function).bind(None, *args, **kwargs)
        except TypeError as error:
            raise ParameterError(f"{self.id}: {error}.", why=_parameters_are(names)) from None
        bound.apply_defaults()
        return {
            parameter.name: parameter.validate(bound.arguments[parameter.name], self.id)
            for parameter in self.parameters
        }

    def _sources_of(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Names, without folders, of the files and folders that the inputs were read from.

        Paths that may be left out are parameters, such as a vault or a folder to save in.
        """
        inputs = [value for value in values.values() if isinstance(value, Texts)]
        texts = [Path(texts.source).name for texts in inputs if texts.source != UNNAMED]
        required = [values[parameter.name] for parameter in self.parameters if parameter.required]
        several = (value if isinstance(value, tuple | list) else [value] for value in required)
        paths = [
            part.resolve().name for parts in several for part in parts if isinstance(part, Path)
        ]
        return tuple(dict.fromkeys(name for name in (*texts, *paths) if name))

    def recorded(self, rt: WorkflowRuntime, name: str, value: Any) -> Any:
        """A parameter as run records hold it: no text that a person may have written.

        Args:
            rt: knows the ids that are names of the program, and no texts.
            name: of the parameter.
            value: as `Parameter.validate` returns it.
        """
        annotation = next(
            parameter.annotation for parameter in self.parameters if parameter.name == name
        )
        choices = choices_of(annotation)
        return recorded(value, lambda text: text in choices or _is_known_id(rt, text))

    def _record(
        self,
        rt: WorkflowRuntime,
        values: dict[str, Any],
        ledger: Ledger,
        started: str,
        seconds: float,
        result: Result,
    ) -> RunRecord:
        inputs = {name: value for name, value in values.items() if isinstance(value, Texts)}
        seed = values.get("seed")
        return RunRecord(
            workflow=self.id,
            provider=_provider_of(rt, self.id),
            intended_use=_safety(rt, self.id, "intended_use"),
            not_for=_safety(rt, self.id, "not_for"),
            parameters={
                name: self.recorded(rt, name, value)
                for name, value in values.items()
                if name not in inputs
            },
            seed=seed if isinstance(seed, int) else None,
            inputs={name: InputUse.of(texts) for name, texts in inputs.items()},
            instructions=tuple(ledger.instructions),
            models=tuple(ledger.models.values()),
            texts_embedded=ledger.texts_embedded,
            texts_recalled=ledger.texts_recalled,
            cached=ledger.cached,
            texts_reranked=ledger.texts_reranked,
            texts_truncated=ledger.texts_truncated,
            texts_divided=ledger.texts_divided,
            text_parts=ledger.text_parts,
            skipped=len(result.skipped),
            seconds=round(seconds, 3),
            started=started,
            versions=library_versions(),
            processor=processor_name(),
            threads=torch_threads(),
            result=outcome_of(result),
        )


def _provider_of(rt: WorkflowRuntime, workflow: str) -> str:
    """Distribution and version that bring a workflow; empty for one defined outside of plugins."""
    provided = rt.plugins.workflows().get(workflow)
    return provided[1].origin if provided else ""


def _one_result(returned: object, workflow: str) -> Any:
    """What a workflow returned as one result: a list or a mapping of results is a group.

    Raises:
        PluginError: it is something else, is empty, or has two parts of one name.
    """
    if isinstance(returned, Result):
        return returned
    fix = "Return a model that is derived from metier.Result, or a list or mapping of some."
    kind = type(returned).__name__
    if isinstance(returned, Mapping):
        parts = list(returned.items())
    elif isinstance(returned, Sequence) and not isinstance(returned, str | bytes):
        parts = list(enumerate(returned, start=1))
    else:
        raise PluginError(f"{workflow} returned something of type {kind}, not a Result.", fix=fix)
    if not parts:
        raise PluginError(f"{workflow} returned an empty {kind}, without any Result.", fix=fix)
    named: dict[str, Result] = {}
    for key, part in parts:
        name = str(key)
        if not isinstance(part, Result):
            raise PluginError(
                f"{workflow} returned a {kind} whose part {name!r} is of type "
                f"{type(part).__name__}, not a Result.",
                fix=fix,
            )
        if name in named:
            raise PluginError(
                f"{workflow} returned a {kind} with two parts that are named {name!r}.",
                why="Their keys are different, and read the same as texts.",
                fix="Use strings as keys.",
            )
        named[name] = part
    return ResultGroup(parts=named)


def _input_names(result: Result, values: Mapping[str, Any]) -> dict[str, str]:
    """The names that the first input has for its ids and texts, where it has names of its own."""
    texts = next((value for value in values.values() if isinstance(value, Texts)), None)
    if texts is None or texts.keys in (NO_KEYS, (TEXT, ID), (TEXT, None), (None, ID)):
        return {}
    return input_names(result.rows(), texts, own_columns_of(result))


def _safety(rt: WorkflowRuntime, workflow: str, field: Literal["intended_use", "not_for"]) -> str:
    """What the safety statement of a workflow's domain says; empty if it has none."""
    domain = rt.domains.get(workflow.partition("/")[0])
    if domain is None or domain.safety is None:
        return ""
    return str(getattr(domain.safety, field))


def _is_known_id(rt: WorkflowRuntime, text: str) -> bool:
    """Whether a string is `domain/name`, perhaps with a version, of what is registered."""
    if "/" not in text:
        return False
    if text in rt.workflows:
        return True
    try:
        rt.instructions.resolve(text)
    except MetierError:
        return False
    return True


def _parameters_are(names: Sequence[str]) -> str:
    return f"Its parameters: {', '.join(names) or 'none'}."


class WorkflowDecorator(Protocol):
    """What makes a function a workflow."""

    @overload
    def __call__(self, function: Callable[Concatenate[Any, P], R], /) -> Workflow[R]: ...
    @overload
    def __call__(
        self, function: Callable[Concatenate[Any, P], Sequence[Result] | Mapping[str, Result]], /
    ) -> Workflow[ResultGroup]: ...


def workflow(id: str, *, instruction: str | None = None) -> WorkflowDecorator:
    """Make a function a workflow.

    The function takes a Runtime first; every other parameter has a type, a description in
    `Annotated[..., Field(description=...)]`, and is all that Python, the command line and HTTP
    need to call it. It returns a `Result`, or a list or mapping of results.

    Args:
        id: `domain/name`, as in the plugin's `domain.yaml`.
        instruction: id of the instruction it uses by default.
    """

    def decorate(function: Callable[..., Any], /) -> Workflow[Any]:
        return Workflow(function, id, instruction)

    return decorate
