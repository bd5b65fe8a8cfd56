"""The parameters of a workflow, read from its signature, for Python, the CLI and HTTP alike."""

from __future__ import annotations

import inspect
import reprlib
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic.fields import FieldInfo

from metier.errors import ParameterError, PluginError
from metier.folders import expand_home
from metier.texts.texts import Texts

REQUIRED = inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a workflow.

    Attributes:
        name: as in Python; the command line writes it with hyphens.
        annotation: with its metadata, as pydantic validates it.
        type: the annotation without metadata.
        default: `REQUIRED` where there is none.
        description: from `Field(description=...)`.
    """

    name: str
    annotation: Any
    type: Any
    default: Any
    description: str

    @property
    def input_kind(self) -> type[Texts] | None:
        """The kind of texts it takes (`Texts | None` counts too); None if it takes no texts."""
        choices = typing.get_args(self.type) if is_union(self.type) else (self.type,)
        for choice in choices:
            if isinstance(choice, type) and issubclass(choice, Texts):
                return choice
        return None

    @property
    def is_input(self) -> bool:
        """Whether it is texts, read from a file on the command line."""
        return self.input_kind is not None

    @property
    def is_path(self) -> bool:
        """Whether it takes the path of a file or folder, or several of them."""
        return bare_type(self.type) is Path or self.is_paths

    @property
    def is_paths(self) -> bool:
        """Whether it takes several paths of files or folders."""
        bare = bare_type(self.type)
        return typing.get_origin(bare) in (tuple, list) and typing.get_args(bare)[:1] == (Path,)

    @property
    def is_string(self) -> bool:
        """Whether it takes any string."""
        return bare_type(self.type) is str

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return self.default is REQUIRED

    def validate(self, value: Any, workflow: str) -> Any:
        """The value as the workflow gets it, of a path with its `~` resolved.

        Raises:
            ParameterError: it is not what the signature says.
            UsageError: the path begins with a home that is not there.
            PluginError: what the signature says is no type pydantic can check.
        """
        try:
            checked = TypeAdapter(self.annotation).validate_python(value)
        except PydanticUserError as error:
            raise PluginError(
                f"The type of {self.name!r} in {workflow} cannot be checked: "
                f"{error.message.splitlines()[0]}",
                fix="Use types of Python or pydantic, or metier.Texts.",
            ) from None
        except ValidationError as error:
            problems = "; ".join(problem["msg"] for problem in error.errors()[:3])
            raise ParameterError(
                f"{workflow}: {self.name}={_brief(value)} cannot be used: {problems}.",
                fix=self.description or None,
                parameter=self.name,
            ) from None
        if self.is_paths and checked is not None:
            return type(checked)(map(expand_home, checked))
        return expand_home(checked) if isinstance(checked, Path) else checked


def read_parameters(function: Callable[..., Any], workflow: str) -> tuple[Parameter, ...]:
    """Parameters after the Runtime, in order.

    Raises:
        PluginError: the signature cannot be read, or a parameter has no type.
    """
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception as error:  # a type hint can raise anything when evaluated
        raise PluginError(
            f"The signature of {workflow} cannot be read: {error}.",
            fix="Import the types it names at run time, not under TYPE_CHECKING.",
        ) from error
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return tuple(_read(parameter, hints, workflow) for parameter in parameters)


def _read(parameter: inspect.Parameter, hints: dict[str, Any], workflow: str) -> Parameter:
    variadic = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    if variadic or parameter.name not in hints:
        raise PluginError(
            f"{workflow}: parameter {parameter.name!r} has no type or stands for many.",
            fix="Give every parameter a name and a type.",
        )
    annotation = hints[parameter.name]
    bare = annotation.__origin__ if typing.get_origin(annotation) is Annotated else annotation
    description = ""
    for extra in getattr(annotation, "__metadata__", ()):
        if isinstance(extra, FieldInfo) and extra.description:
            description = extra.description
    return Parameter(parameter.name, annotation, bare, parameter.default, description)


def bare_type(annotation: Any) -> Any:
    """The type without `Annotated` and without `| None`."""
    while typing.get_origin(annotation) is Annotated:
        annotation = typing.get_args(annotation)[0]
    if is_union(annotation):
        rest = [option for option in typing.get_args(annotation) if option is not types.NoneType]
        if len(rest) == 1:
            return bare_type(rest[0])
    return annotation


def is_union(annotation: Any) -> bool:
    """Whether a type is `A | B` or `Optional[A]`."""
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _brief(value: object) -> str:
    text = reprlib.repr(value)  # which shortens long collections
    return text if len(text) <= 60 else text[:57] + "..."
