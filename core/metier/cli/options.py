"""Options that several commands share, and the Runtime they describe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

from metier.cli.completion import choices, complete_model, complete_reranker
from metier.errors import ParameterError
from metier.settings import DEFAULT_MODEL, DTYPES, configured

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metier.results.result import Result
    from metier.runtime.config import RuntimeConfig
    from metier.runtime.runtime import Runtime
    from metier.texts.texts import Texts
    from metier.workflows.contract import Workflow

AnyResult = TypeVar("AnyResult", bound="Result")

MODEL = "Model"
OUTPUT = "Output"
INPUT = "Input"

ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="embedded, a Hugging Face id, a local folder, or the profile or address of a model "
        f"server; else METIER_MODEL, else {DEFAULT_MODEL}.",
        rich_help_panel=MODEL,
        autocompletion=complete_model,
    ),
]
RerankerOption = Annotated[
    str | None,
    typer.Option(
        "--reranker",
        metavar="MODEL",
        help="A Hugging Face id, a local folder, or the profile or address of a model server; "
        "else METIER_RERANKER, else none.",
        rich_help_panel=MODEL,
        autocompletion=complete_reranker,
    ),
]
DeviceOption = Annotated[
    str | None,
    typer.Option(
        "--device",
        metavar="DEVICE",
        help="auto, cpu, cuda, cuda:1 or mps; else METIER_DEVICE, else auto.",
        rich_help_panel=MODEL,
        autocompletion=choices("auto", "cpu", "cuda", "mps"),
    ),
]
DtypeOption = Annotated[
    str | None,
    typer.Option(
        "--dtype",
        metavar="DTYPE",
        help="auto, float32, bfloat16, float16 or int8; else METIER_DTYPE, else auto.",
        rich_help_panel=MODEL,
        autocompletion=choices(*DTYPES),
    ),
]
NoCacheOption = Annotated[
    bool,
    typer.Option(
        "--no-cache",
        help="Neither read nor keep vectors of earlier runs; else METIER_CACHE, else they are.",
        rich_help_panel=MODEL,
    ),
]
PackOption = Annotated[
    list[str] | None,
    typer.Option(
        "--pack",
        metavar="FILE",
        help="Instruction pack to use; may be given again, the last is the strongest.",
        rich_help_panel=MODEL,
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Print JSON and nothing else.", rich_help_panel=OUTPUT),
]
OutOption = Annotated[
    str | None,  # as it is written: a slash at its end names a folder
    typer.Option(
        "--out",
        metavar="PATH",
        help="Also write the result: to a file whose name ends in .xlsx, .html, .csv, .parquet, "
        ".jsonl, .json, .md or .docx, or to a folder.",
        rich_help_panel=OUTPUT,
    ),
]
KeepOption = Annotated[
    list[str] | None,
    typer.Option(
        "--keep",
        metavar="COLUMN",
        help="Column of the input to show beside the result, may be given again; else all.",
        rich_help_panel=OUTPUT,
    ),
]
DropOption = Annotated[
    list[str] | None,
    typer.Option(
        "--drop",
        metavar="COLUMN",
        help="Column of the input to leave out of the result; may be given again.",
        rich_help_panel=OUTPUT,
    ),
]
CrossOption = Annotated[
    list[str] | None,
    typer.Option(
        "--cross",
        metavar="COLUMN",
        help="Column of the input to set the groups of the result against, in a cross table; may "
        "be given again.",
        rich_help_panel=OUTPUT,
    ),
]


@dataclass(frozen=True, slots=True)
class CommonOptions:
    """What every run can be told. The types are the options `metier run` takes."""

    model: ModelOption = None
    reranker: RerankerOption = None
    device: DeviceOption = None
    dtype: DtypeOption = None
    no_cache: NoCacheOption = False
    pack: PackOption = None
    json: JsonOption = False
    out: OutOption = None
    keep: KeepOption = None
    drop: DropOption = None
    cross: CrossOption = None

    def or_else(self, weaker: CommonOptions) -> CommonOptions:
        """These options, and those of `weaker` where there is none; packs of both."""
        return CommonOptions(
            model=self.model or weaker.model,
            reranker=self.reranker or weaker.reranker,
            device=self.device or weaker.device,
            dtype=self.dtype or weaker.dtype,
            no_cache=self.no_cache or weaker.no_cache,
            pack=[*(weaker.pack or ()), *(self.pack or ())],
            json=self.json or weaker.json,
            out=self.out or weaker.out,
            keep=self.keep or weaker.keep,
            drop=self.drop or weaker.drop,
            cross=self.cross or weaker.cross,
        )

    def require_groups(self, workflow: Workflow[Any]) -> None:
        """Refuse cross tables of a workflow whose results never group texts.

        Raises:
            ParameterError: it is one.
        """
        from metier.results.cross_table import no_groups
        from metier.results.result import Result

        kinds = workflow.result_types
        if (
            self.cross
            and kinds
            and not any(kind is Result or kind.may_have_groups() for kind in kinds)
        ):
            raise no_groups(workflow.id, self.cross[0])

    def require_columns(self, workflow: Workflow[Any], inputs: Iterable[Texts]) -> None:
        """Refuse columns that no input has, before the work begins.

        Columns to keep or to drop are checked where results have those of the input alone, as
        results that group texts do; a search also has what it knows of its passages.

        Raises:
            ParameterError: there is one, or a cross table is wanted of a column that is dropped.
        """
        from metier.results.cross_table import require_known
        from metier.results.own_columns import own_names
        from metier.results.result import Result

        for column in self.cross or ():
            if column in (self.drop or ()):
                raise ParameterError(
                    f"The column {column!r} is dropped and set against groups: $drop, $cross.",
                    fix="Leave one of them out.",
                    parameters={"drop": ..., "cross": ...},
                )
        texts = list(inputs)
        if not texts:
            return
        kinds = workflow.result_types
        has_own_alone = bool(kinds) and all(
            kind is not Result and kind.may_have_groups() for kind in kinds
        )
        known = own_names(item.fields for items in texts for item in items)
        for column in self.cross or ():
            require_known(column, known)
        if has_own_alone:
            for parameter, names in (("keep", self.keep), ("drop", self.drop)):
                for column in names or ():
                    require_known(column, known, parameter)

    def keep_columns(self, result: AnyResult) -> AnyResult:
        """The result with the columns of the input that these options keep.

        A column that groups are set against is kept.
        """
        if self.keep or self.drop:
            groups = result.columns_by_group().values()
            known = {name for texts in groups for fields in texts for name in fields}
            crossed = [column for column in self.cross or () if column in known]
            keep = [*self.keep, *crossed] if self.keep else None
            return result.select_columns(keep=keep, drop=self.drop or ())
        return result

    def select_columns(self, result: AnyResult) -> AnyResult:
        """The result with the columns of the input that these options keep or set it against."""
        result = self.keep_columns(result)
        for column in self.cross or ():
            result = result.add_cross_table(column)
        return result

    def config(self, *, cached: bool | Path = False) -> RuntimeConfig:
        """What these options say of a Runtime.

        Args:
            cached: vectors are kept between runs, unless an option or METIER_CACHE says otherwise;
                a folder to keep them there whatever they say.
        """
        from metier.runtime.config import RuntimeConfig

        cache: Path | bool | None = cached
        if cached is True:
            cache = not self.no_cache and (None if configured("cache") else True)
        return RuntimeConfig(
            self.model, self.reranker, self.device, self.dtype, cache, packs=self.pack or ()
        )

    def runtime(self, *, cached: bool | Path = False) -> Runtime:
        """A Runtime as these options say; no model is loaded yet. `cached` is that of `config`."""
        from metier.runtime.runtime import Runtime

        return Runtime.from_config(self.config(cached=cached))


def common_options() -> dict[str, Any]:
    """The options of `CommonOptions` by name, each a type with its `typer.Option`."""
    return get_type_hints(CommonOptions, include_extras=True)
