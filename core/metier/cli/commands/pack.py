"""`metier pack`: write an instruction pack, check it, and see what it changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.options import MODEL, CommonOptions, DeviceOption, DtypeOption, JsonOption
from metier.errors import MetierError, PackError, Problem, UsageError
from metier.folders import not_written

if TYPE_CHECKING:
    from metier.registry.domain import Domain
    from metier.registry.lint import Finding
    from metier.registry.pack import Pack
    from metier.registry.pack_diff import Difference
    from metier.registry.registry import Registry
    from metier.runtime.runtime import Runtime

app = typer.Typer(
    no_args_is_help=True, help="Write an instruction pack, check it, see what it changes."
)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A pack, YAML or TOML.")]
_SIGNS = {"added": "+", "changed": "~", "removed": "-", "same": ""}


@app.command("new")
def write_pack(
    domain: Annotated[
        str, typer.Argument(metavar="DOMAIN", help="Its domain: the prefix of its ids.")
    ],
    extends: Annotated[
        str | None, typer.Option("--extends", metavar="DOMAIN", help="A domain to build on.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to; DOMAIN.yaml. TOML by its suffix."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write a pack to begin with; nothing is overwritten."""
    from metier.cli import terminal
    from metier.registry.pack_template import new_pack

    path = out or Path(f"{domain}.yaml")
    text = new_pack(domain, extends=extends, toml=path.suffix.lower() == ".toml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            f"{str(path)!r} is there already.", fix="Name another file with --out."
        ) from None
    except OSError as error:
        path.unlink(missing_ok=True)  # it was begun here: what was there would not be opened
        raise not_written(path, error) from None
    terminal.aside(f"wrote {path}")
    if json:
        terminal.print_json({"file": str(path)})


@app.command("check")
def check_packs(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Packs, YAML or TOML.")],
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="Find repeated instructions by meaning, with this model: embedded, a Hugging Face "
            "id or a folder. Without it by words, and no model is loaded.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    json: JsonOption = False,
) -> int:
    """Check packs, the evidence beside them, and their instructions; 1 if one is refused."""
    from metier.cli import terminal
    from metier.cli.errors import show_failure
    from metier.registry.pack import EVIDENCE

    packs = [path for path in files if not path.name.endswith(EVIDENCE)]  # *.yaml gives both
    if not packs:
        raise UsageError(
            f"{files[0].name} is evidence, not a pack.", fix="Name the pack: both are checked."
        )
    rt = CommonOptions(model=model, device=device, dtype=dtype).runtime() if model else None
    reports = []
    for path in packs:
        try:
            reports.append(_check(path, rt))
        except MetierError as error:
            reports.append(_refusal(path, error))
            if not json:
                show_failure(error)
            continue
        if not json:
            for finding in reports[-1]["findings"]:
                where = f"line {finding['line']}, column {finding['column']}"
                terminal.note(
                    f"{path.name}, {where}: {finding['instruction']}: {finding['problem']} "
                    f"{finding['reason']}"
                )
            terminal.output().print(f"{path.name}: good", soft_wrap=True)
    if json:
        terminal.print_json(reports)
    return 0 if all(report["good"] for report in reports) else 1


@app.command("show")
def show_pack(file: FileArgument, json: JsonOption = False) -> None:
    """Show the instructions of a pack, with those of the domain that it extends."""
    from metier.cli import terminal
    from metier.registry.domain import OF_PLUGINS

    pack, domain, _ = _load(file)
    own = {instruction.id for instruction in pack.domain.instructions}
    if json:
        content = domain.model_dump(mode="json", by_alias=True, exclude={*OF_PLUGINS})
        for instruction, fields in zip(domain.instructions, content["instructions"], strict=True):
            fields |= {"digest": instruction.digest, "own": instruction.id in own}
        terminal.print_json(content)
        return
    console = terminal.output()
    facts = [
        ("domain", domain.domain),
        ("title", domain.title),
        ("extends", domain.extends),
        ("default dim", domain.default_dim),
        ("not for", domain.safety.not_for if domain.safety else None),
    ]
    console.print(terminal.facts(facts))
    table = terminal.listing("id", "kind", "dim", "sides", "task", "from")
    for instruction in domain.instructions:
        origin = "this pack" if instruction.id in own else domain.extends
        cells = (instruction.full_id, instruction.kind, instruction.dim, instruction.sides)
        terminal.row(table, *cells, instruction.task, origin)
    console.print(table)


@app.command("diff")
def diff_packs(
    file: FileArgument,
    other: Annotated[
        Path | None,
        typer.Argument(metavar="[OTHER]", help="A pack to compare it with: the newer one."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show what a pack changes, or how a newer pack differs from it."""
    from metier.cli import terminal
    from metier.registry.pack_diff import changes_of, differences, entry_changes, newest_of

    _, domain, registry = _load(file)
    if other is None:
        changes = [*changes_of(domain, registry), *entry_changes(None, domain)]
    else:
        newer = _load(other)[1]
        changes = differences(newest_of(domain), newest_of(newer))
        changes += entry_changes(domain, newer)
    if json:
        terminal.print_json([_to_json(change) for change in changes])
        return
    table = terminal.listing("", "id", "field", "before", "after")
    for change in changes:
        rows = [(name, *values) for name, values in change.fields.items()]
        for index, row in enumerate(rows or [(change.change, "", "")]):
            beginning = ("", "") if index else (_SIGNS[change.change], change.id)
            terminal.row(table, *beginning, *row)
    terminal.output().print(table)


@app.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of packs, for editors."""
    from metier.cli import terminal
    from metier.registry.pack import pack_schema

    terminal.print_json(pack_schema())


def _load(path: Path) -> tuple[Pack, Domain, Registry]:
    """A pack, its domain with what it extends, and a registry in which it is the strongest."""
    from metier.plugins.host import PluginHost
    from metier.registry.layers import with_packs
    from metier.registry.pack import read_pack
    from metier.registry.registry import Registry

    pack = read_pack(path)
    strongest, *weaker = with_packs(PluginHost().provided(), [path])
    return pack, strongest.domain, Registry([strongest, *weaker])


def _check(path: Path, rt: Runtime | None) -> dict[str, Any]:
    """The report of a pack that is good; a Runtime's model compares tasks by meaning."""
    from metier.cli.instruction_similarity import compare_by_similarity
    from metier.registry.instruction_search import share_words
    from metier.registry.lint import lint

    pack, domain, registry = _load(path)
    _require_evidence_that_holds(path, domain, registry)
    replaced = {
        (owner, name) for owner in (domain.extends, domain.domain) for name in domain.overrides
    }
    others = [
        instruction
        for instruction in registry
        if (instruction.domain, instruction.id) not in replaced
    ]
    own = pack.domain.instructions
    tasks = [instruction.task for instruction in (*own, *others)]
    alike = compare_by_similarity(rt, tasks) if rt is not None else share_words
    findings = lint(own, others, alike=alike)
    return {
        "file": str(path),
        "good": True,
        "domain": domain.domain,
        "instructions": [instruction.full_id for instruction in domain.instructions],
        "problems": [],
        "findings": [_locate(finding, pack) for finding in findings],
    }


def _require_evidence_that_holds(path: Path, domain: Domain, registry: Registry) -> None:
    """Refuse evidence beside a pack that is broken or outdated."""
    from metier.evaluation.evidence import AGAIN, evidence_beside, problems_of

    problems = [
        problem
        for file in evidence_beside(path)
        for problem in problems_of(file, [domain.domain], registry)
    ]
    if problems:
        raise PackError(
            "\n".join(problems),
            fix=AGAIN,
            code="outdated-evidence",
            problems=map(Problem, problems),
        )


def _refusal(path: Path, error: MetierError) -> dict[str, Any]:
    problems = [str(problem) for problem in error.problems] or [error.what]
    return {"file": str(path), "good": False, "problems": problems, "findings": []}


def _locate(finding: Finding, pack: Pack) -> dict[str, Any]:
    ids = [instruction.full_id for instruction in pack.domain.instructions]
    line, column = pack.source.position(("instructions", ids.index(finding.instruction), "task"))
    return {
        "rule": finding.rule,
        "instruction": finding.instruction,
        "line": line,
        "column": column,
        "problem": finding.problem,
        "reason": finding.reason,
    }


def _to_json(difference: Difference) -> dict[str, Any]:
    fields = {
        name: {"before": before, "after": after}
        for name, (before, after) in difference.fields.items()
    }
    return {"id": difference.id, "change": difference.change, "fields": fields}
