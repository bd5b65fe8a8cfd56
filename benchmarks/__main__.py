"""Measure metier in comparison with what people use today."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.cases import CASES, Case
from benchmarks.options import FULL_LAYERS, FULL_ROUNDS, Options
from benchmarks.report import table, write_json


def main() -> None:
    """Measure, print a table, and leave the same as JSON."""
    parser = _parser()
    arguments = parser.parse_args()
    cases, folders = _cases(arguments.cases, parser)
    _isolate(arguments.threads)
    import torch
    from transformers.utils.logging import disable_progress_bar

    from benchmarks.machine import chosen_dtype, describe

    disable_progress_bar()  # the rounds show what goes on
    torch.set_num_threads(arguments.threads)
    options = Options(
        rounds=arguments.pairs,
        layers=arguments.layers,
        scale=arguments.scale,
        dtype=chosen_dtype(arguments.dtype, arguments.device),
        threads=arguments.threads,
        device=arguments.device,
        folders=folders,
    )
    machine = describe(arguments.device)
    console = Console(width=150)
    console.print_json(data=machine)
    rows = []
    for case in cases:
        rows += case.run(options)
        write_json(arguments.json, rows, options, machine)  # after each: a long run may be stopped
    console.print(table(rows, options))
    console.print(f"Written to {arguments.json}", soft_wrap=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="Cases: " + "; ".join(f"{case.name}: {case.summary}" for case in CASES.values()),
    )
    parser.add_argument(
        "cases",
        nargs="*",
        metavar="CASE",
        help="all that need no test collection if none is named; "
        "what follows `quality` are folders with test collections; with `searches` each after the "
        "domain, or the instruction, that it is searched under: legal=FOLDER",
    )
    parser.add_argument(
        "--pairs",
        type=_positive,
        default=FULL_ROUNDS,
        help="rounds, in each of which every contestant runs once (default %(default)s)",
    )
    parser.add_argument(
        "--layers",
        type=_positive,
        default=FULL_LAYERS,
        help="layers of the 0.6B shape (default %(default)s, all)",
    )
    parser.add_argument(
        "--scale", type=float, default=1.0, help="share of each case's texts (default 1)"
    )
    parser.add_argument("--dtype", choices=["auto", "float32", "bfloat16"], default="auto")
    parser.add_argument("--threads", type=_positive, default=2, help="(default %(default)s)")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--json", type=Path, default=Path("build/benchmarks.json"))
    return parser


def _cases(
    words: Sequence[str], parser: argparse.ArgumentParser
) -> tuple[list[Case], tuple[str, ...]]:
    """Return the named cases, and the folders after a case that needs folders."""
    named: list[Case] = []
    for index, word in enumerate(words):
        case = CASES.get(word)
        if case is None:
            parser.error(f"no case {word!r}; known: {', '.join(CASES)}")
        named.append(case)
        if case.needs_folders:
            folders = tuple(words[index + 1 :])
            paths = [Path(folder.partition("=")[2] or folder) for folder in folders]
            missing = [path for path in paths if not (path / "qrels.tsv").is_file()]
            if not folders or missing:
                parser.error(f"{word} needs folders with corpus.jsonl, queries.jsonl, qrels.tsv")
            return named, folders
    return named or [case for case in CASES.values() if not case.needs_folders], ()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _isolate(threads: int) -> None:
    """Make this process and its children independent of settings and of the network."""
    for name in list(os.environ):
        if name.startswith("METIER_"):
            del os.environ[name]
    os.environ |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": str(threads)}


if __name__ == "__main__":
    main()
