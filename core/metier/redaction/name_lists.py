"""Names of people, towns and streets that metier knows."""

from __future__ import annotations

from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path

from pydantic import ConfigDict, Field

from metier.datafiles.data_model import DataModel
from metier.datafiles.loader import SchemaVersion, load_data


class NameLists(DataModel):
    """Names of people, towns and streets; see rules/surrogates.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    version: SchemaVersion = Field(alias="schema")
    female: tuple[str, ...]
    male: tuple[str, ...]
    surname_beginnings: tuple[str, ...]
    surname_endings: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[str, ...]
    small_zips: tuple[str, ...]

    @cached_property
    def first_names(self) -> frozenset[str]:
        """First names that many people have, in small letters."""
        return frozenset(name.lower() for name in self.female + self.male)


@lru_cache(maxsize=1)
def load_name_lists() -> NameLists:
    """The lists that come with metier."""
    return load_data(
        Path(str(files("metier") / "redaction" / "rules" / "surrogates.yaml")), NameLists
    )
