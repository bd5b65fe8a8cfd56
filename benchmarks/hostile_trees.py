"""What source trees that nobody vouches for cost: time and memory to list, read and parse them."""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp

FUNCTION = "def price_of_{number}(cart):\n    return sum(line.price for line in cart.lines)\n\n\n"


def many_files(root: Path, scale: float) -> None:
    """100,000 files in 1,000 folders."""
    for folder in range(round(1000 * scale)):
        (root / f"f{folder}").mkdir()
        for number in range(100):
            (root / f"f{folder}" / f"{number}.py").write_text(FUNCTION.format(number=number))


def tracked_files(root: Path, scale: float) -> None:
    """The same in a repository, all of them tracked."""
    many_files(root, scale)
    git(root, "init", "-q")
    git(root, "add", ".")


def one_folder(root: Path, scale: float) -> None:
    """100,000 files in one folder, with 200 patterns in its .gitignore."""
    for number in range(round(100_000 * scale)):
        (root / f"{number}.py").touch()
    (root / ".gitignore").write_text("".join(f"*{number}?.pyc\n" for number in range(200)))


def ignored_files(root: Path, scale: float) -> None:
    """100,000 files in folders that .gitignore names, and one source."""
    (root / "node_modules").mkdir()
    many_files(root / "node_modules", scale)
    (root / ".gitignore").write_text("node_modules/\n")
    (root / "a.py").write_text(FUNCTION)


def one_line(root: Path, scale: float) -> None:
    """1 MB of JavaScript on one line."""
    (root / "a.js").write_text("function f(a){return a.b(a.c,1)};" * round(31_000 * scale))


def one_line_named(root: Path, scale: float) -> None:
    """The same, given as a file, so that it is parsed."""
    one_line(root, scale)


def huge_file(root: Path, scale: float) -> None:
    """A file of 50 MB."""
    with (root / "a.py").open("w") as file:
        for number in range(round(620_000 * scale)):
            file.write(FUNCTION.format(number=number))


def large_file(root: Path, scale: float) -> None:
    """A source of 4.9 MB, the largest that is read: 56,000 functions."""
    with (root / "a.py").open("w") as file:
        for number in range(round(56_000 * scale)):
            file.write(FUNCTION.format(number=number))


def nested_code(root: Path, scale: float) -> None:
    """Calls within calls, 100,000 deep."""
    depth = round(100_000 * scale)
    (root / "a.py").write_text("x = " + "call(\n" * depth + ")\n" * depth + FUNCTION)


def damaged_code(root: Path, scale: float) -> None:
    """1 MB of braces, brackets and words in an order that no grammar knows."""
    (root / "a.cpp").write_text(
        "class { template < ( int } ) [ = struct ;\n" * round(25_000 * scale)
    )


def legacy_encodings(root: Path, scale: float) -> None:
    """1,000 files in Windows-1252 that do not say so."""
    for number in range(round(1000 * scale)):
        text = f"# Une façon de créer l'élève déjà présent\n{FUNCTION.format(number=number)}"
        (root / f"{number}.py").write_bytes(text.encode("cp1252"))


def deep_folders(root: Path, scale: float) -> None:
    """Folders within folders, 1,900 deep."""
    path = root
    for _ in range(round(1900 * scale)):
        path /= "d"
        os.mkdir(path)
        (path / "a.py").write_text(FUNCTION)


def circles(root: Path, scale: float) -> None:
    """1,000 folders with links to the tree and to each other."""
    for number in range(round(1000 * scale)):
        (root / f"f{number}").mkdir()
        (root / f"f{number}" / "up").symlink_to(root)
        (root / f"f{number}" / "next").symlink_to(root / f"f{number + 1}")


def repositories(root: Path, scale: float) -> None:
    """150 repositories in one."""
    git(root, "init", "-q")
    for number in range(round(150 * scale)):
        (root / f"r{number}").mkdir()
        git(root / f"r{number}", "init", "-q")
        (root / f"r{number}" / "a.py").write_text(FUNCTION)


CASES: tuple[Callable[[Path, float], None], ...] = (
    many_files, tracked_files, one_folder, ignored_files, one_line, one_line_named, huge_file,
    large_file, nested_code, damaged_code, legacy_encodings, deep_folders, circles, repositories,
)  # fmt: skip


def git(folder: Path, *words: str) -> None:
    """Run git."""
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def measure(root: Path) -> None:
    """Print what listing, reading and parsing a tree takes, in this process."""
    from metier.plugin import LeftOut
    from metier_code.parsing.definitions import parse
    from metier_code.trees.source_files import find_sources
    from metier_code.trees.source_texts import read_source

    parse("x = 1\n", "Python")  # the grammar is loaded once
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = [time.perf_counter()]
    tree = find_sources([root])
    seconds.append(time.perf_counter())
    texts = [(file, read_source(file)) for file in tree.files]
    seconds.append(time.perf_counter())
    definitions = read = 0
    for file, source in texts:
        if not isinstance(source, LeftOut):
            read += 1
            definitions += len(parse(source.normalized, file.language).definitions)
    seconds.append(time.perf_counter())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    listed, taken, parsed = (f"{after - begun:.2f}" for begun, after in pairwise(seconds))
    left_out = len(tree.left_out) + len(tree.files) - read
    print(f"{read:,} | {left_out:,} | {definitions:,} | {listed} | {taken} | {parsed} | "
          f"{peak / 1024:,.0f}")  # fmt: skip


def main() -> None:
    """Make each tree, and measure it in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help="names of functions of this module; all")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the files and sizes")
    parser.add_argument("--tree", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.tree:
        measure(options.tree)
        return
    print("| tree | read | left out | definitions | list, s | read, s | parse, s | MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for case in CASES:
        if options.cases and case.__name__ not in options.cases:
            continue
        root = Path(mkdtemp(prefix="hostile-"))
        case(root, options.scale)
        path = root / "a.js" if case is one_line_named else root
        command = [sys.executable, "-m", "benchmarks.hostile_trees", "--tree", str(path)]
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
        facts = run.stdout.strip() or f"failed: {run.stderr.strip().splitlines()[-1:]}"
        print(f"| {(case.__doc__ or '').rstrip('.')} | {facts} |", flush=True)
        subprocess.run(["rm", "-rf", str(root)], check=False)


if __name__ == "__main__":
    main()
