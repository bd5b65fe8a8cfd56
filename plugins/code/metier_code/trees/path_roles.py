"""What sources are for, by their paths: tests and examples beside the code of a program."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_TEST_FOLDERS = frozenset(
    {"test", "tests", "testing", "__tests__", "spec", "specs", "e2e", "fixtures"}
)
_TEST_FILE = re.compile(r"(?i)^test_|[_.-](?:test|tests|spec)\.\w+$|^(?:test|tests|conftest)\.\w+$")
_CAMEL_TEST_FILE = re.compile(r"[A-Za-z0-9](?:Tests?|Spec)\.\w+$|[a-z0-9]IT\.\w+$")
_EXAMPLE_FOLDERS = frozenset({"example", "examples", "benchmark", "benchmarks"})


def is_test(path: str) -> bool:
    """Whether a source is a test or belongs to tests, by the names of its folders and its own.

    Args:
        path: below the tree, with slashes.
    """
    *folders, name = PurePosixPath(path).parts
    return (
        any(folder.lower() in _TEST_FOLDERS for folder in folders)
        or _TEST_FILE.search(name) is not None
        or _CAMEL_TEST_FILE.search(name) is not None
    )


def is_example(path: str) -> bool:
    """Whether a source is an example or a benchmark, by the names of its folders.

    Args:
        path: below the tree, with slashes.
    """
    folders = PurePosixPath(path).parts[:-1]
    return any(folder.lower() in _EXAMPLE_FOLDERS for folder in folders)
