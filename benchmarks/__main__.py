"""Run the benchmarks: python -m benchmarks [CASE ...] [--pairs N] [--layers N] [--scale X]."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.cases import CASES
from benchmarks.machine import chosen_dtype, describe
from benchmarks.options import Options


def main() -> None:
    """Measure, print a table, and leave the same as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="all cases if none is named")
    parser.add_argument("--pairs", type=int, default=5, help="runs of each side (default 5)")
    parser.add_argument("--layers", type=int, default=28, help="layers of the 0.6B shape's 28")
    parser.add_argument("--scale", type=float, default=1.0, help="share of each case's texts")
    parser.add_argument("--dtype", choices=["auto", "float32", "bfloat16"], default="auto")
    parser.add_argument("--json", type=Path, default=Path("build/benchmarks.json"))
    asked = parser.parse_args()
    known = {case.name: case for case in CASES}
    unknown = set(asked.cases) - set(known)
    if unknown:
        parser.error(f"no case {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    if asked.pairs < 1:
        parser.error("--pairs is at least 1")
    options = Options(asked.pairs, asked.layers, asked.scale, chosen_dtype(asked.dtype))
    machine = describe()
    console = Console(width=110)
    console.print_json(data=machine)
    rows = []
    for name in asked.cases or known:
        console.print(f"running {name}: {known[name].summary} ...")
        rows += known[name].run(options)
    table = Table("case", "measured", "value", "ours / peer")
    for row in rows:
        table.add_row(row.case, row.measured, f"{row.value:.2f}", row.detail)
    console.print(table)
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(
        json.dumps(
            {
                "machine": machine,
                "options": asdict(options),
                "rows": [asdict(row) for row in rows],
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
