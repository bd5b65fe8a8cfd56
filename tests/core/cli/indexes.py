"""What tests of `metier index` share."""

from __future__ import annotations

import json
from typing import Any

from tests.core.cli.conftest import Finished


def found(finished: Finished) -> Any:
    """What a command that succeeded printed as JSON."""
    assert finished.code == 0, finished.err
    return json.loads(finished.out)
