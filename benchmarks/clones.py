"""What code/similar finds of clones that are made of real functions, beside other tools.

    python -m benchmarks.clones [--javascript node_modules] [--compare 30 [--jscpd PROGRAM]]

The functions are those of installed packages under permissive licenses; they stay in memory, but
for a temporary folder that other tools read.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import random
import re
import subprocess
import tempfile
import textwrap
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks.clone_mutations import EDITS, Mutator
from metier_code.clones.clone_search import CloneSearch
from metier_code.clones.definitions import definition_tokens
from metier_code.clones.sequences import TokenSequences
from metier_code.parsing.definitions import parse

_PACKAGES = (
    "pandas", "scikit-learn", "scipy", "networkx", "pydantic", "rich", "sphinx", "torch",
    "transformers", "sympy",
)  # fmt: skip
_LICENSE = re.compile(r"MIT|BSD|Apache", re.IGNORECASE)
_FILES = 200
"""Files of a package, chosen by lot."""
_PER_FILE = 4
_ORIGINALS = {"Python": 300, "JavaScript": 200}
_OTHERS = {"Python": 1_500, "JavaScript": 1_000}
_SHARES = (0.1, 0.2, 0.3, 0.5)
_MIN_TOKENS = 50
_MIN_STATEMENTS = 4
_ENDINGS = {"Python": ".py", "JavaScript": ".js"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A function of the set.

    Attributes:
        language: Python or JavaScript.
        origin: file and name of the function that it is, or was made of.
        kind: `original`, `other` for one that no clone is made of, or what was done, such as
            `3 inserted 0.2`.
        text: its source.
    """

    language: str
    origin: str
    kind: str
    text: str

    @property
    def is_made(self) -> bool:
        """Whether it is a clone that was made."""
        return self.kind not in ("original", "other")

    @property
    def half(self) -> int:
        """0 for the half that thresholds were chosen on, 1 for the one that is reported."""
        return int(hashlib.sha256(self.origin.encode()).hexdigest(), 16) % 2


def python_files(rng: random.Random) -> list[Path]:
    """Sources of the installed packages whose license is permissive."""
    files: list[Path] = []
    for name in _PACKAGES:
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        licenses = [
            text
            for field in ("License-Expression", "License", "Classifier")
            for text in package.metadata.get_all(field) or []
        ]
        if not any(_LICENSE.search(text) for text in licenses):
            continue
        listed = sorted(str(file) for file in package.files or [] if file.suffix == ".py")
        chosen = rng.sample(listed, min(_FILES, len(listed)))
        files += [Path(str(package.locate_file(file))) for file in chosen]
    return files


def javascript_files(folder: Path) -> list[Path]:
    """Sources of the packages of a `node_modules` whose license is permissive."""
    files: list[Path] = []
    for manifest in sorted(folder.glob("*/package.json")):
        license_name = str(json.loads(manifest.read_text("utf-8")).get("license", ""))
        if _LICENSE.search(license_name) or license_name == "ISC":
            sources = sorted(manifest.parent.rglob("*.js"))
            files += [file for file in sources if _is_source(file.relative_to(manifest.parent))]
    return files


def _is_source(path: Path) -> bool:
    built = {"dist", "node_modules", "cjs", "umd", "bin"}
    return built.isdisjoint(path.parts) and ".min." not in path.name


def functions_of(files: Sequence[Path], language: str, rng: random.Random) -> list[Sample]:
    """A few functions of each file that are long enough, in an order by lot."""
    samples: dict[str, Sample] = {}
    for file in files:
        try:
            source = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        definitions = [
            item
            for item in parse(source, language).definitions
            if item.kind in ("function", "method") and item.end_line - item.line >= _MIN_STATEMENTS
        ]
        for item in rng.sample(definitions, min(_PER_FILE, len(definitions))):
            text = textwrap.dedent(item.text)
            if len(definition_tokens(text, language)) >= _MIN_TOKENS:
                origin = f"{file.parent.name}/{file.name}:{item.line} {item.name}"
                samples[text] = Sample(language, origin, "other", text)
    shuffled = list(samples.values())
    rng.shuffle(shuffled)
    return shuffled


def clone_set(functions: Sequence[Sample], language: str, rng: random.Random) -> Iterator[Sample]:
    """Originals, clones of each type that are made of them, and other functions."""
    donors = [sample.text for sample in functions[-300:]]
    mutator = Mutator(language, donors, seed=rng.randrange(2**32))
    valid = [sample for sample in functions if mutator.is_valid(sample.text)]
    counted = [item for item in valid if mutator.count_statements(item.text) >= _MIN_STATEMENTS]
    originals = counted[: _ORIGINALS[language]]
    origins = {sample.origin for sample in originals}
    for original in originals:
        yield Sample(language, original.origin, "original", original.text)
        for kind, text in _clones_of(mutator, original.text, rng):
            if text is not None and text != original.text:
                yield Sample(language, original.origin, kind, text)
    others = [sample for sample in valid if sample.origin not in origins]
    yield from others[: _OTHERS[language]]


def _clones_of(
    mutator: Mutator, source: str, rng: random.Random
) -> Iterator[tuple[str, str | None]]:
    yield "1", mutator.type1(source)
    yield "2 own names", mutator.type2(source)
    yield "2 all names", mutator.type2(source, everywhere=True)
    for edit in EDITS:
        share = rng.choice(_SHARES)
        yield f"3 {edit} {share}", mutator.type3(source, edit, share)
    edited = mutator.type3(source, "mixed", 0.2)
    yield "3 mixed 0.2, renamed", edited and mutator.type2(edited)


def found_pairs(samples: Sequence[Sample], least_similarity: float) -> set[tuple[int, int]]:
    """Pairs of samples that code/similar takes for clones."""
    sequences = TokenSequences()
    for sample in samples:
        sequences.add(definition_tokens(sample.text, sample.language))
    languages = [sample.language for sample in samples]
    search = CloneSearch(sequences, languages, least_similarity=least_similarity)
    return set(search.clone_pairs())


def report(
    samples: Sequence[Sample], pairs: set[tuple[int, int]], half: int | None
) -> dict[str, float]:
    """Recall by kind, and precision: pairs of different functions count as wrong, though some are
    clones that the packages hold.
    """
    chosen = [row for row, item in enumerate(samples) if half is None or item.half == half]
    kept = set(chosen)
    original = {samples[row].origin: row for row in chosen if samples[row].kind == "original"}
    hits_of: defaultdict[str, list[bool]] = defaultdict(list)
    for row in chosen:
        item = samples[row]
        if item.is_made:
            pair = (min(row, original[item.origin]), max(row, original[item.origin]))
            for name in (item.kind, item.kind[:1] if item.kind[0] in "12" else "3"):
                hits_of[name].append(pair in pairs)
    right = sum(sum(hits_of[name]) for name in "123")
    real = [
        (row, other)
        for row, other in pairs
        if row in kept and other in kept and samples[row].origin != samples[other].origin
        and not samples[row].is_made and not samples[other].is_made
    ]  # fmt: skip
    figures = {f"recall {kind}": float(np.mean(hits)) for kind, hits in sorted(hits_of.items())}
    return {**figures, "precision": right / max(1, right + len(real)), "wrong": float(len(real))}


# --- other tools ----------------------------------------------------------------------------------


def write_samples(samples: Sequence[Sample], folder: Path) -> None:
    """Each sample in a file of its own, named by its row."""
    for row, sample in enumerate(samples):
        (folder / f"{row}{_ENDINGS[sample.language]}").write_text(sample.text, "utf-8")


def jscpd_pairs(folder: Path, program: str) -> set[tuple[int, int]]:
    """Pairs of files that jscpd finds a copied stretch of 50 tokens and 5 lines in."""
    out = folder.parent / "jscpd"
    subprocess.run(
        [program, str(folder), "--min-tokens", "50", "--min-lines", "5", "--reporters", "json",
         "--output", str(out), "--silent"],
        check=False, capture_output=True,
    )  # fmt: skip
    duplicates = json.loads((out / "jscpd-report.json").read_text("utf-8"))["duplicates"]
    pairs = set()
    for entry in duplicates:
        rows = sorted(int(Path(entry[name]["name"]).stem) for name in ("firstFile", "secondFile"))
        if rows[0] != rows[1]:
            pairs.add((rows[0], rows[1]))
    return pairs


def copydetect_pairs(folder: Path, least: float = 0.5) -> set[tuple[int, int]]:
    """Pairs of files of which copydetect takes half of either for copied."""
    detector_class = importlib.import_module("copydetect").CopyDetector
    pairs = set()
    for ending in sorted({path.suffix[1:] for path in folder.iterdir()}):
        detector = detector_class(
            test_dirs=[str(folder)], extensions=[ending], noise_t=25, guarantee_t=25,
            display_t=least, silent=True, autoopen=False, disable_filtering=False,
        )  # fmt: skip
        detector.run()
        for entry in detector.get_copied_code_list():
            rows = sorted((int(Path(entry[2]).stem), int(Path(entry[3]).stem)))
            pairs.add((rows[0], rows[1]))
    return pairs


def pylint_pairs(folder: Path) -> set[tuple[int, int]]:
    """Pairs of files that pylint's duplicate-code finds 4 equal lines in, its default."""
    answer = subprocess.run(
        ["python", "-m", "pylint", "--disable=all", "--enable=duplicate-code", "--reports=no",
         "--output-format=json", *map(str, sorted(folder.glob("*.py")))],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    pairs = set()
    for message in json.loads(answer.stdout or "[]"):
        rows = sorted({int(row) for row in re.findall(r"==(\d+):\[", message["message"])})
        pairs |= set(combinations(rows, 2))
    return pairs


def compared_tools(
    samples: Sequence[Sample], jscpd: str | None
) -> Iterator[tuple[str, set[tuple[int, int]], float]]:
    """What each tool that is installed finds in the same functions, and its seconds."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "functions"
        folder.mkdir()
        write_samples(samples, folder)
        tools: list[tuple[str, Callable[[], set[tuple[int, int]]]]] = [
            ("code/similar", lambda: found_pairs(samples, 0.7)),
            ("copydetect", lambda: copydetect_pairs(folder)),
        ]
        if samples[0].language == "Python":
            tools.append(("pylint", lambda: pylint_pairs(folder)))
        if jscpd is not None:
            tools.append(("jscpd", lambda: jscpd_pairs(folder, jscpd)))
        for name, find in tools:
            started = time.perf_counter()
            try:
                pairs = find()
            except ImportError:
                print(f"{name}: not installed")
                continue
            yield name, pairs, time.perf_counter() - started


def _show(name: str, figures: dict[str, float]) -> None:
    shown = ", ".join(f"{key} {value:.3f}" for key, value in figures.items())
    print(f"{name}: {shown}", flush=True)


def main() -> None:
    """Make the set, measure on both halves, and compare with other tools on a part of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clones", description=__doc__)
    parser.add_argument("--javascript", type=Path, help="a node_modules with permissive packages")
    parser.add_argument("--jscpd", help="program of jscpd, to compare with")
    parser.add_argument("--compare", type=int, default=0, help="so many originals for other tools")
    parser.add_argument("--wrong", type=int, default=0, help="show so many pairs taken as wrong")
    parser.add_argument("--thresholds", type=float, nargs="+", default=[0.7])
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", SyntaxWarning)
    rng = random.Random(3)
    samples = list(clone_set(functions_of(python_files(rng), "Python", rng), "Python", rng))
    if arguments.javascript is not None:
        functions = functions_of(javascript_files(arguments.javascript), "JavaScript", rng)
        samples += clone_set(functions, "JavaScript", rng)
    print(f"{len(samples)} functions, {sum(sample.is_made for sample in samples)} of them made")
    for threshold in arguments.thresholds:
        pairs = found_pairs(samples, threshold)
        for half, name in enumerate(("chosen on", "reported")):
            _show(f"{threshold} {name}", report(samples, pairs, half))
        if arguments.wrong:
            _show_wrong(samples, pairs, arguments.wrong)
    if arguments.compare:
        for language in sorted({sample.language for sample in samples}):
            part = _part(samples, language, arguments.compare)
            for name, pairs, seconds in compared_tools(part, arguments.jscpd):
                figures = report(part, pairs, None)
                short = {key: value for key, value in figures.items() if len(key) < 10}
                _show(f"{language} {len(part)} functions, {name} ({seconds:.1f} s)", short)


def _part(samples: Sequence[Sample], language: str, originals: int) -> list[Sample]:
    """The first originals of a language with their clones, and three other functions for each."""
    own = [sample for sample in samples if sample.language == language]
    origins = [sample.origin for sample in own if sample.kind == "original"][:originals]
    others = [sample for sample in own if sample.kind == "other"][: 3 * originals]
    return [*(sample for sample in own if sample.origin in set(origins)), *others]


def _show_wrong(samples: Sequence[Sample], pairs: set[tuple[int, int]], count: int) -> None:
    """Some of the pairs of different real functions, to judge by hand."""
    real = [
        (row, other)
        for row, other in sorted(pairs)
        if not samples[row].is_made and not samples[other].is_made
    ]
    for row, other in random.Random(5).sample(real, min(count, len(real))):
        for shown in (samples[row], samples[other]):
            print(f"=== {shown.origin}\n{shown.text}")
        print("-" * 80)


if __name__ == "__main__":
    main()
