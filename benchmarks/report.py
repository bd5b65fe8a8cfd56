"""The table and the JSON of a run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from benchmarks.options import Options
from benchmarks.rows import Row


def table(rows: Sequence[Row], options: Options) -> Table:
    """Return the table of values and targets; a small run is marked in title and rows."""
    title = f"SMALL RUN, not the full cases: {options.small}" if options.small else None
    result = Table(title=title, title_style="bold", show_lines=True)
    for name in ("case", "measured", "median", "min to max", "target", "", "from"):
        result.add_column(name, overflow="fold")
    for row in rows:
        verdict = {None: "", True: "met", False: "missed"}[row.met]
        result.add_row(
            row.case,
            row.measured,
            _number(row.value),
            f"{_number(row.low)} to {_number(row.high)}" if row.low is not None else "",
            "" if row.target is None else str(row.target),
            f"{verdict} (small)" if verdict and options.small else verdict,
            row.detail,
        )
    return result


def write_json(
    path: Path, rows: Sequence[Row], options: Options, machine: dict[str, object]
) -> None:
    """Write the rows of the table with the machine and the options as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": machine,
        "options": asdict(options),
        "small": options.small or None,
        "rows": [asdict(row) | {"met": row.met} for row in rows],
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
