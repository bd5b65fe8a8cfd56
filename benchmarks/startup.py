"""The commands that must answer at once."""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.options import Options
from benchmarks.process import cpu_seconds
from benchmarks.rounds import repeated
from benchmarks.rows import Row, spread

CASE = "startup"
PLUGINS = 300
INSTRUCTIONS = 20


def startup_case(options: Options) -> list[Row]:
    """CPU seconds of a fresh interpreter."""
    commands = {
        "import metier": [sys.executable, "-c", "import metier"],
        "metier --help": [sys.executable, "-m", "metier", "--help"],
        "metier plugins": [sys.executable, "-m", "metier", "plugins"],
        "metier instructions list": [sys.executable, "-m", "metier", "instructions", "list"],
        "metier run --help": [sys.executable, "-m", "metier", "run", "--help"],
        "metier run legal/search-clauses --help": [
            sys.executable, "-m", "metier", "run", "legal/search-clauses", "--help"
        ],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        _install_many(Path(folder))
        read = {
            f"CPU seconds of {name}": partial(cpu_seconds, argv) for name, argv in commands.items()
        }
        read[f"CPU seconds of metier plugins, {PLUGINS} more plugins of {INSTRUCTIONS}"] = partial(
            cpu_seconds, commands["metier plugins"], PYTHONPATH=folder
        )
        figures = repeated(read, options.rounds, case=CASE)
    return [spread(CASE, name, seconds) for name, seconds in figures.items()]


def _install_many(site: Path) -> None:
    """Plugins whose code raises, so that a listing that imports one shows it."""
    instructions = "".join(
        f"  - id: find-{number}\n"
        f"    task: Given a question of kind {number}, retrieve the passages that answer it\n"
        "    kind: retrieval\n"
        "    dim: 128\n"
        for number in range(INSTRUCTIONS)
    )
    for number in range(PLUGINS):
        name, package = f"many-{number}", f"metier_many_{number}"
        info = site / f"{package}-1.0.dist-info"
        for folder in (info, site / package):
            folder.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: metier-{name}\nVersion: 1.0\nRequires-Dist: metier\n"
        )
        (info / "entry_points.txt").write_text(f"[metier.plugins]\n{name} = {package}\n")
        (site / package / "__init__.py").write_text("raise RuntimeError\n")
        (site / package / "domain.yaml").write_text(
            f"schema: 1\ndomain: {name}\ntitle: Domain {number}\ninstructions:\n{instructions}"
        )
