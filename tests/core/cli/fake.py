"""Plugins as pip leaves them on disk, with workflows that need no model."""

from __future__ import annotations

from pathlib import Path

MANIFEST = """\
schema: 1
domain: toy
title: A toy trade
default_dim: 64
instructions:
  - id: sort-toys
    task: Sort descriptions of toys by what they are made of
    kind: clustering
    dim: 64
    sides: both
    aliases: [order-toys]
  - id: find-toy
    task: Given a wish, retrieve the toy that grants it
    kind: retrieval
workflows:
  - id: count
    call: fake_toy.workflows:count
    summary: Count the characters of every text
    demo: {texts: samples/toys.csv, unit: words, folder: samples}
  - id: fail
    call: fake_toy.workflows:fail
    summary: Fail in the way it is asked to
safety:
  intended_use: For people who test a command line.
  not_for: Counting anything that matters.
  data_handling: Texts stay in this process.
"""

WORKFLOWS = '''\
import enum
import warnings
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from metier.errors import MetierWarning, ModelError
from metier.texts.texts import Documents, Texts
from metier.workflows.contract import workflow
from metier.results.result import Result
from metier.results.table import Table


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Counts(Result):
    counts: tuple[tuple[str, int], ...]
    settings: dict[str, Any]

    def headline(self):
        return f"{len(self.counts)} texts [bold]counted[/bold]"

    def tables(self):
        return [Table("Counts", ("id", "count"), self.counts)]

    def rows(self):
        return [{"id": name, "count": count} for name, count in self.counts]


@workflow("toy/count", instruction="toy/sort-toys")
def count(
    rt,
    texts: Annotated[Texts, Field(description="What to count")],
    *,
    others: Annotated[Documents | None, Field(description="More texts.")] = None,
    unit: Annotated[
        Literal["characters", "words"], Field(description="What is counted")
    ] = "characters",
    size: Literal[8, 16] = 8,
    color: Colour = Colour.RED,
    share: Annotated[float, Field(ge=0, le=1, description="A share [0, 1]")] = 0.5,
    limit: int | None = None,
    strict: bool = False,
    tags: list[str] = [],
    sizes: tuple[Literal[8, 16], ...] = (),
    weights: dict[str, float] | None = None,
    folder: Path | None = None,
    model: Annotated[str, Field(description="Not the model that embeds.")] = "of a toy",
    chatty: bool = False,
) -> Counts:
    """Count."""
    if chatty:
        print("a plugin prints")
        warnings.warn("toys may be\\nsmall", MetierWarning)
        warnings.warn("a library is chatty", UserWarning)
    found = [*texts, *(others or ())]
    settings = dict(
        unit=unit, size=size, color=color.name, share=share, limit=limit, strict=strict,
        tags=list(tags), sizes=list(sizes), weights=weights,
        folder=folder.name if folder else None, model=model,
    )
    of = (lambda text: len(text.split())) if unit == "words" else len
    return Counts(counts=tuple((one.id, of(one.text)) for one in found), settings=settings)


@workflow("toy/fail")
def fail(rt, *, how: Literal["known", "unknown", "interrupt"]) -> Counts:
    """Fail."""
    if how == "known":
        raise ModelError("The [red]model[/red] fell over.", why="It is a toy.", fix="Buy one.")
    if how == "interrupt":
        raise KeyboardInterrupt
    raise ZeroDivisionError("by nothing at all")
'''


SITECUSTOMIZE = '''\
"""Python imports this when it starts: only the distributions of this folder are installed."""
import importlib.metadata
from pathlib import Path

everything = importlib.metadata.distributions
importlib.metadata.distributions = lambda: everything(path=[str(Path(__file__).parent)])
'''


def install(site: Path, name: str, manifest: str, *, workflows: str = "") -> Path:
    """Put the distribution of a plugin into a folder."""
    (site / "sitecustomize.py").write_text(SITECUSTOMIZE)
    package = f"fake_{name}"
    folder = site / package
    (folder / "samples").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "workflows.py").write_text(workflows)
    (folder / "domain.yaml").write_text(manifest)
    (folder / "samples" / "toys.csv").write_text("id,text\na,a bear\nb,a train of wood\n")
    metadata = site / f"{package}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: fake-{name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[metier.plugins]\n{name} = {package}\n")
    return folder
