"""How well code/locate finds what fixes changed, and what raised errors.

python -m benchmarks.locating histories REPOSITORY.git...
python -m benchmarks.locating traces PACKAGE...
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.histories import MOST_FUNCTIONS, fixes, write_tree
from metier import Hit, Runtime
from metier.plugin import Item
from metier.retrieval.bm25 import Bm25
from metier.retrieval.terms import Analyzer
from metier_code.ranking_of_reports import ReportRanking
from metier_code.trees.tree_index import TreeIndex, open_tree_index

_INSTRUCTION = "code/bug-report-to-code"
_WIDEST = 200
"""Functions below which a relevant one counts as not found."""
_CALL = """
import importlib, sys
function = importlib.import_module(sys.argv[1])
for name in sys.argv[2].split("."):
    function = getattr(function, name)
function(*[object()] * int(sys.argv[3]))
"""
_Key = tuple[str, int]
"""Path and first line of a function."""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["histories", "traces"])
    parser.add_argument("names", nargs="+", help="git folders, or importable packages")
    parser.add_argument("--most", type=int, default=18, help="fixes of a repository, or traces")
    parser.add_argument("--cache", action="store_true", help="keep vectors between runs")
    arguments = parser.parse_args()
    rt = Runtime("embedded", cache=arguments.cache, progress=False)
    measure = measure_histories if arguments.what == "histories" else measure_traces
    for name in arguments.names:
        for row in measure(rt, name, arguments.most):
            print(row, flush=True)


def measure_histories(rt: Runtime, repository: str, most: int) -> list[str]:
    """Ranks of the functions that fixes changed: half of the fixes chose the weights."""
    ranks: dict[str, list[list[int]]] = {}
    for fix in fixes(Path(repository), most):
        with tempfile.TemporaryDirectory() as folder:
            write_tree(Path(repository), fix.parent, Path(folder))
            index = open_tree_index(rt, [Path(folder)], keep=False)
            changed = {
                (definition.path, definition.line)
                for definition in index.definitions().definitions
                if fix.changes(definition.path, definition.line, definition.end_line)
            }
            if not 1 <= len(changed) <= MOST_FUNCTIONS:
                continue
            for way, find in _ways(rt, index).items():
                ranks.setdefault(way, []).append(_ranks(find(fix.text), changed))
    name = Path(repository).parent.name
    return [
        f"{name} {half} {way:10} {_figures(lists[start::2])}"
        for way, lists in ranks.items()
        for start, half in ((0, "chosen on"), (1, "others   "))
    ]


def _ways(rt: Runtime, index: TreeIndex) -> dict[str, Callable[[str], list[_Key]]]:
    """The ways of finding functions that are compared."""
    definitions = index.definitions().definitions
    analyzer = Analyzer(rt.instructions.retrieval("code"))
    ranking = ReportRanking(rt, index, instruction=_INSTRUCTION)
    lexical = Bm25(analyzer.names(f"{item.path} {item.name}\n{item.text}") for item in definitions)

    def by_terms(text: str) -> list[_Key]:
        order = np.argsort(-lexical.scores(analyzer.names(text)), kind="stable")
        return [(definitions[row].path, definitions[row].line) for row in order[:_WIDEST]]

    def by_search(text: str) -> list[_Key]:
        hits = index.search(rt, [text], instruction=_INSTRUCTION, top_k=_WIDEST)[0]
        return [_key(hit) for hit in hits]

    def by_locate(text: str) -> list[_Key]:
        located = ranking.located(Item("1", text, {}), _WIDEST)
        passages = [function.passage for function in located.functions]
        return [(passage.path, passage.line) for passage in passages]

    return {"BM25": by_terms, "search": by_search, "locate": by_locate}


def _key(hit: Hit) -> _Key:
    return hit.document_id, int(str(hit.fields["line"]))


def _ranks(order: Sequence[_Key], changed: set[_Key]) -> list[int]:
    return [rank for rank, key in enumerate(order, start=1) if key in changed]


def _figures(ranks: Sequence[Sequence[int]]) -> str:
    """Hits among the first 1, 5 and 10, and the mean reciprocal rank of the first."""
    best = [min(found, default=_WIDEST * 1000) for found in ranks]
    if not best:
        return "no fixes"
    hits = [f"{np.mean([rank <= top for rank in best]):.2f}" for top in (1, 5, 10)]
    mean = np.mean([1 / rank for rank in best])
    return f"hit@1/5/10 {' '.join(hits)}  MRR {mean:.2f}  n={len(best)}"


def measure_traces(rt: Runtime, package: str, most: int) -> list[str]:
    """How often the function that raised comes first, for calls with wrong arguments.

    The sources are also shifted by lines at the top of each file, as in another version.
    """
    root = Path(str(importlib.import_module(package).__file__)).parent
    traces = [trace for trace in _failures(package) if str(root) in trace][:most]
    rows = []
    for shift in (0, 40):
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder) / package
            _copy(root, tree, shift)
            moved = [trace.replace(str(root), f"/srv/{package}") for trace in traces]
            index = open_tree_index(rt, [tree], keep=False)
            ranking = ReportRanking(rt, index, instruction=_INSTRUCTION)
            first = sum(_is_first(ranking, trace) for trace in moved)
        rows.append(f"{package} shifted by {shift} lines: {first} of {len(traces)} first")
    return rows


def _failures(package: str) -> list[str]:
    """What Python prints where functions of a package are called with arguments of no use."""
    failures = []
    module = importlib.import_module(package)
    parts = [f"{package}.{entry.name}" for entry in pkgutil.iter_modules(module.__path__)]
    for name in (package, *parts):
        try:
            content = importlib.import_module(name)
        except Exception:  # a part of the package that needs what is not installed
            continue
        for function, value in sorted(vars(content).items()):
            if function.startswith("_") or getattr(value, "__module__", "") != name:
                continue
            for count in ("1", "2"):
                command = [sys.executable, "-c", _CALL, name, function, count]
                output = subprocess.run(command, capture_output=True, text=True, check=False)
                failures.append(output.stderr)
    return [failure for failure in failures if "Traceback" in failure]


def _copy(root: Path, tree: Path, shift: int) -> None:
    for file in root.rglob("*.py"):
        target = tree / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("#\n" * shift + file.read_text("utf-8", "replace"), "utf-8")


def _is_first(ranking: ReportRanking, trace: str) -> bool:
    """Whether the first function is the one of the last frame of a trace that is in the tree."""
    report = ranking.located(Item("1", trace, {}), 1)
    inside = [frame for frame in report.frames if frame.functions]
    if not inside or not report.functions:
        return False
    passage = report.functions[0].passage
    written = inside[0].written.partition(" (")[0]
    return passage.name.rpartition(".")[2] == written or written.startswith("<")


if __name__ == "__main__":
    main()
