"""Run the benchmarks: python -m benchmarks [CASE ...] [--pairs N] [--json FILE]."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.cases import CASES
from benchmarks.machine import describe


def main() -> None:
    """Measure, print a table, and leave the same as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="all cases if none is named")
    parser.add_argument("--pairs", type=int, default=5, help="runs of each side (default 5)")
    parser.add_argument("--json", type=Path, default=Path("build/benchmarks.json"))
    asked = parser.parse_args()
    known = {case.name: case for case in CASES}
    unknown = set(asked.cases) - set(known)
    if unknown:
        parser.error(f"no case {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    machine = describe()
    console = Console(width=110)
    console.print_json(data=machine)
    rows = []
    for name in asked.cases or known:
        console.print(f"running {name}: {known[name].summary} ...")
        rows += known[name].run(asked.pairs)
    table = Table("case", "measured", "value", "ours / peer")
    for row in rows:
        table.add_row(row.case, row.measured, f"{row.value:.2f}", row.detail)
    console.print(table)
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}))


if __name__ == "__main__":
    main()
