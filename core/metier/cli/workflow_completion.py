"""Completion of the options of a workflow, whose signature is read and not imported."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import typer

from metier.cli.command_classes import PlainCommand
from metier.workflows.parameter import REQUIRED, Parameter

ASKED = ("query", "queries")
"""Parameters of a search that a shell asks for, and has no options of."""


class RunCommand(PlainCommand):
    """`metier run`, whose completions after a workflow are those of the workflow."""

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """As PlainCommand, and with the options of the workflow that stands before."""
        workflow = ctx.params.get("workflow")
        if not workflow:
            return list(super().shell_complete(ctx, incomplete))
        is_shell = ctx.info_name == "shell"
        command = _command_of(workflow, without=ASKED if is_shell else ())
        # the module is part of click, or of the copy of click that newer Typers bring
        module = importlib.import_module(type(ctx).__module__.replace(".core", ".shell_completion"))
        completer = module.get_completion_class("bash")(command, {}, ctx.command_path, "")
        completions: list[Any] = completer.get_completions([*ctx.args], incomplete)
        return completions


def _command_of(workflow: str, *, without: Collection[str]) -> Any:
    """The command of a workflow, made from its source, without some of its parameters."""
    from metier.cli.commands.run import app_of_parameters
    from metier.plugins.host import PluginHost

    spec, _ = PluginHost().workflows()[workflow]
    module, _, function = spec.call.partition(":")
    source = _source_of(module)
    parameters = () if source is None else parameters_in(source.read_text("utf-8"), function)
    known = [parameter for parameter in parameters if parameter.name not in without]
    return typer.main.get_command(app_of_parameters(known))


def _source_of(module: str) -> Path | None:
    """The file of a module; of its packages only the outermost is looked for, none is imported."""
    top, *inner = module.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or spec.origin is None:
        return None
    if not inner:
        return Path(spec.origin)
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    files = (
        folder.joinpath(*inner[:-1], *last)
        for folder in folders
        for last in ((f"{inner[-1]}.py",), (inner[-1], "__init__.py"))
    )
    return next((file for file in files if file.is_file()), None)


def parameters_in(source: str, function: str) -> tuple[Parameter, ...]:
    """The parameters of a workflow as its source has them, without their limits.

    Args:
        source: of its module.
        function: its name.
    """
    tree = ast.parse(source)
    functions = (
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function
    )
    definition = next(functions, None)
    if definition is None:
        return ()
    arguments = definition.args
    ordered = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(ordered) - len(arguments.defaults))
    pairs = [
        *zip(ordered, [*defaults, *arguments.defaults], strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return tuple(_parameter(argument, default) for argument, default in pairs[1:])


def _parameter(argument: ast.arg, default: ast.expr | None) -> Parameter:
    annotation = _type(argument.annotation)
    return Parameter(
        argument.arg, annotation, annotation, REQUIRED if default is None else None, ""
    )


def _type(annotation: ast.expr | None) -> Any:
    """A type that is read as the annotated one is; `str` for one that is not known by its name."""
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            is_none = isinstance(left, ast.Constant) and left.value is None
            return _type(right if is_none else left)
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[first, *_])):
            return _type(first)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=values):
            texts = values.elts if isinstance(values, ast.Tuple) else [values]
            words = tuple(str(text.value) for text in texts if isinstance(text, ast.Constant))
            return Literal[words] if words else str
        case ast.Subscript(value=ast.Name(id="list" | "Sequence" | "tuple"), slice=item):
            first = item.elts[0] if isinstance(item, ast.Tuple) else item
            return list[_type(first)]  # type: ignore[misc]  # a type made at run time
        case ast.Name(id=name):
            kind = _named_types().get(name, str)
            return get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return str


def _named_types() -> dict[str, Any]:
    from metier.steps import parameters as shared
    from metier.texts.texts import Documents, Texts

    own: dict[str, Any] = {
        kind.__name__: kind for kind in (str, int, float, bool, Path, Texts, Documents)
    }
    return {**vars(shared), **own}
