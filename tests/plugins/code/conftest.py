"""Sources written on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from metier_code.function import Function
from metier_code.functions import functions_of

Read = Callable[[str, str | bytes], list[Function]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The functions of a source: `read(".py", source)`."""

    def functions(suffix: str, source: str | bytes) -> list[Function]:
        path = tmp_path / f"source{suffix}"
        raw = source if isinstance(source, bytes) else dedent(source).lstrip("\n").encode()
        path.write_bytes(raw)
        return functions_of(path)

    return functions
