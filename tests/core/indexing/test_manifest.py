"""The manifest of an index as plain data."""

from __future__ import annotations

import json

from metier.indexing.manifest import Manifest
from metier.registry.provenance import Provenance

MANIFEST = Manifest(Provenance("tiny", "f00d", 8), "0", "core", {"max_tokens": 99})


def test_a_manifest_is_read_as_it_was_written():
    assert Manifest.from_dict(json.loads(json.dumps(MANIFEST.to_dict()))) == MANIFEST


def test_a_manifest_with_the_former_key_of_the_provenance_is_read():
    content = MANIFEST.to_dict()
    content["mark"] = content.pop("provenance")
    assert Manifest.from_dict(content) == MANIFEST
