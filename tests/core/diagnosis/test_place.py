"""Where first results are kept."""

from __future__ import annotations

import sys
from pathlib import Path

from metier.diagnosis.recorded_values import data_home


def test_what_is_kept_goes_where_the_user_says_else_among_the_users_data():
    assert data_home({"METIER_HOME": "kept", "XDG_DATA_HOME": "other"}) == Path("kept")
    variable = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_DATA_HOME"
    assert data_home({variable: "theirs"}) == Path("theirs") / "metier"
    assert data_home({}).is_relative_to(Path.home())
