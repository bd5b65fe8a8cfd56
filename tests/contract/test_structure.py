"""The structure of the code gets no worse: no count of it rises above its ceiling."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.contract.pages import ROOT
from tests.contract.structure import COUNTS, read_ceilings
from tests.contract.wording import NAME_WORDS, words_to_avoid

ARCHITECTURE = """
| layer | packages | what they hold |
|---|---|---|
| 2 | `search/`, `runtime.py` | the top |
| 1 | `core/metier/models/` | below |
"""

SEARCH = '''"""Analyses a colour."""
from typing import TYPE_CHECKING
from metier import Model
if TYPE_CHECKING:
    from metier.runtime import Runtime

class Wanted:
    place: str

class ModelNotFoundError(Exception):
    """Not counted."""

def normalise(texts, place):
    found = [one for one in texts]
    for thing in found:
        yield thing
    raise ValueError("Name it with --name, as metier run does: pip install --user x")

def refuse(texts):
    raise ValueError(f"Leave --{texts} out, see metier run.", "--name")
'''

MODELS = """from metier.search.words import normalise

class Model:
    pass
"""

README = """
`metier.models.embedder.Model`, `metier.models.Model` and:

    from metier.search.words import (
        Wanted,
        normalise as shorter,
    )
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    files = {
        "docs/architecture.md": ARCHITECTURE,
        "docs/reference/commands.md": "## metier run\n",
        "README.md": README,
        "core/metier/__init__.py": "from metier.models.model import Model\n",
        "core/metier/runtime.py": "from metier.cli import app\n",
        "core/metier/search/words.py": SEARCH,
        "core/metier/models/model.py": MODELS,
        "core/metier/models/words.py": "\n" * 401,
        "core/metier/cli/words.py": 'HELP = "Give --name, see metier run."\n',
        "plugins/math/metier_math/__init__.py": "def long():\n" + "    pass\n" * 50,
        "plugins/math/metier_math/samples/keys.py": "class Held: ...\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", read_ceilings())
def test_no_count_rises_above_its_ceiling(name):
    locations, ceiling = COUNTS[name](ROOT), read_ceilings()[name]
    assert len(locations) <= ceiling, "\n".join(
        [
            f"{name}: {len(locations)}, and {ceiling} at most. {COUNTS[name].__doc__}",
            *map(str, locations),
            "A count that fell gets a lower ceiling: python -m tests.contract.structure --lower",
        ]
    )


EXPECTED = {
    "upward imports": [
        "core/metier/models/model.py:1: metier.models.model imports metier.search.words.normalise",
        "core/metier/runtime.py:1: metier.runtime imports metier.cli.app",
    ],
    "upward type-only imports": [
        "core/metier/search/words.py:5: metier.search.words imports metier.runtime.Runtime"
    ],
    "repeated base names": ["core/metier/cli/words.py:1: words.py: cli, models, search"],
    "single-importer modules": [
        "core/metier/runtime.py:1: 1 lines, imported by metier.search.words",
        "core/metier/search/words.py:1: 20 lines, imported by metier.models.model",
    ],
    "participle classes": ["core/metier/search/words.py:7: class Wanted"],
    "for one in": ["core/metier/search/words.py:14: for one in"],
    "vague loop variables": ["core/metier/search/words.py:15: for thing in"],
    "vague variables": [
        "core/metier/search/words.py:8: place = ...",
        "core/metier/search/words.py:14: found = ...",
    ],
    "long dotted names": [
        "README.md:4: metier.search.words.Wanted",
        "README.md:4: metier.search.words.normalise",
        "README.md:2: metier.models.embedder.Model",
    ],
    "options in messages": ["core/metier/search/words.py:20: Leave --{} out, see metier run."],
    "commands in messages": ["core/metier/search/words.py:20: Leave --{} out, see metier run."],
    "long functions": ["plugins/math/metier_math/__init__.py:1: long: 51 lines"],
    "long modules": ["core/metier/models/words.py:1: 401 lines"],
    "modules to avoid": [
        f"core/metier/{folder}/words.py:1: words.py" for folder in ("cli", "models", "search")
    ],
    "words to avoid": [
        "core/metier/search/words.py:7: class Wanted",
        "core/metier/search/words.py:13: parameter place",
    ],
    "British names": ["core/metier/search/words.py:13: def normalise"],
    "British prose": [
        "README.md:6: normalise",
        "core/metier/search/words.py:1: colour",
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_count_lists_what_its_docstring_says_and_nothing_else(name, checkout):
    assert [str(location) for location in COUNTS[name](checkout)] == EXPECTED[name]


def test_all_python_files_of_the_core_are_counted_and_short_ones_listed(checkout):
    assert len(COUNTS["files of core"](checkout)) == 6
    assert len(COUNTS["short modules"](checkout)) == 4


def test_names_avoid_the_words_of_the_glossary():
    assert {"place", "likeness", "found", "rooms"} <= NAME_WORDS
    assert words_to_avoid("placeOfThings") == {"place", "things"}
    assert words_to_avoid("ModelNotFoundError") == frozenset()
