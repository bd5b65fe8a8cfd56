"""The taxonomy that a flagging workflow reads: its own, changed by packs and by a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from metier.datafiles.loader import read_source, validate
from metier.registry.taxonomy import Taxonomy, TaxonomyChanges, changed_taxonomy

if TYPE_CHECKING:
    from metier.runtime.runtime import Runtime


def domain_taxonomy(
    rt: Runtime, domain: str, taxonomy: Taxonomy, path: Path | None = None
) -> Taxonomy:
    """A taxonomy as packs of its domain and a file of the user change it, the file last.

    Args:
        rt: the Runtime, with its packs.
        domain: of the workflow.
        taxonomy: that the domain ships.
        path: YAML or TOML file of changes: `risks` to add or to change by id, `remove`, `neutral`.

    Raises:
        PackError: the file cannot be read, or it or a pack changes what is not there.
    """
    for origin, changes in rt.instructions.taxonomy_changes(domain):
        taxonomy = changed_taxonomy(taxonomy, changes, origin)
    if path is None:
        return taxonomy
    source = read_source(path)
    return changed_taxonomy(taxonomy, validate(source, TaxonomyChanges), source)
