"""The JSON Schema of instruction packs, for editors that complete and check as people type."""

from __future__ import annotations

import json
from typing import Any

from metier.registry.domain import OF_PLUGINS, Domain

FILE = "pack.schema.json"
"""The file beside this module that holds the same."""


def pack_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a pack: that of a domain, without what only plugins have."""
    made = Domain.model_json_schema()
    for key in OF_PLUGINS:
        del made["properties"][key]
    used = json.dumps(made)
    made["$defs"] = {
        name: kind for name, kind in made["$defs"].items() if f'"#/$defs/{name}"' in used
    }
    del made["$defs"]["Instruction"]["properties"]["domain"]  # filled in from the file
    described = {"title": "Instruction pack", "description": "Instructions of a trade, as data."}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, **described}
