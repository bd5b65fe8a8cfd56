"""Plugins as pip leaves them on disk: a package folder and a dist-info folder beside it."""

from __future__ import annotations

from pathlib import Path

MANIFEST = """\
schema: 1
domain: {domain}
title: A domain of toys
instructions:
  - id: find
    task: Given a wish, retrieve the toy that grants it
    kind: retrieval
    dim: 48
    aliases: [seek]
  - id: sort
    task: Sort toys by what they are made of
    kind: clustering
    sides: both
workflows:
  - id: count
    call: {package}.work:count
    summary: Count the texts of a box
safety: {{intended_use: Playing., not_for: Eating., data_handling: Stays here.}}
"""

WORK = '''\
from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier import Result, Runtime, Table, Texts, workflow


class Count(Result):
    count: int
    dim: int

    def headline(self):
        return f"{{self.count}} texts"

    def tables(self):
        return [Table("Count", ("texts",), [(self.count,)])]

    def rows(self):
        return [{{"texts": self.count}}]


@workflow("{domain}/count", instruction="{domain}/find")
def count(
    rt: Runtime,
    texts: Annotated[Texts, Field(description="What to count.")],
    query: Annotated[str, Field(description="What is wished for.")] = "a bear made of wood",
    *,
    top_k: Annotated[int, Field(ge=1, description="How many.")] = 3,
    others: Texts | None = None,
    folder: Path | None = None,
    labels: list[str] = [],
) -> Count:
    """Count the texts of a box."""
    vectors = rt.embed_documents(texts.strings, instruction="{domain}/sort")
    rt.embed_queries([query], instruction="{domain}/find")
    if rt.reranker is not None:
        rt.rerank(query, texts.strings, instruction="{domain}/find")
    return Count(count=len(texts), dim=vectors.shape[1])
'''


class Site:
    """A folder of installed distributions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(
        self,
        name: str,
        *,
        domain: str | None = None,
        manifest: str | None = MANIFEST,
        code: str = "",
        version: str = "1.0",
        distribution: str | None = None,
        package: str | None = None,
        metadata: str | None = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        entry_points: str = "[metier.plugins]\n{name} = {package}\n",
        **modules: str,
    ) -> Path:
        """Install a plugin.

        Args:
            name: of its entry point.
            domain: it brings; the name if not given.
            manifest: its domain.yaml; None for none.
            code: of the package's `__init__`; every other module is given by name.
            version: of the distribution.
            distribution: its name.
            package: its import name.
            metadata: the distribution's METADATA; None for none.
            entry_points: the distribution's entry_points.txt.
            modules: sources of the package's modules; without any there is `work`, a workflow.

        Returns:
            The package folder.
        """
        package = package or f"toy_{name.replace('-', '_')}"
        names = {"domain": domain or name, "package": package, "name": name}
        folder = self.folder / package
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").write_text(code)
        for module, source in (modules or {"work": WORK.format(**names)}).items():
            (folder / f"{module}.py").write_text(source)
        if manifest is not None:
            (folder / "domain.yaml").write_text(manifest.format(**names))
        distribution = distribution or f"metier-{name}"
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        if metadata is not None:
            (info / "METADATA").write_text(metadata.format(name=distribution, version=version))
        (info / "entry_points.txt").write_text(entry_points.format(**names))
        return folder
