"""The JSON Schema of packs."""

from __future__ import annotations

import json
from importlib.resources import files

from metier.registry.domain import OF_PLUGINS, Domain
from metier.registry.pack import FILE, pack_schema


def test_the_file_that_ships_is_the_schema_of_the_code():
    shipped = (files("metier.registry") / FILE).read_text(encoding="utf-8")
    assert json.loads(shipped) == pack_schema(), f"write it anew: metier pack schema > {FILE}"


def test_the_schema_has_the_keys_of_a_pack_and_no_other():
    schema = pack_schema()
    keys = {field.alias or name for name, field in Domain.model_fields.items()}
    assert set(schema["properties"]) == keys - {*OF_PLUGINS}
    assert "domain" not in schema["$defs"]["Instruction"]["properties"]
    for part in (schema, *schema["$defs"].values()):
        assert part["additionalProperties"] is False
        assert all("description" in field for field in part["properties"].values())


def test_aliases_have_a_short_and_a_long_form():
    items = pack_schema()["$defs"]["Instruction"]["properties"]["aliases"]["items"]
    assert [sorted(one)[0] for one in items["anyOf"]] == ["maxLength", "$ref"]
