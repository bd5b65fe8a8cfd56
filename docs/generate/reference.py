"""The pages of the reference by the name of their file."""

from __future__ import annotations

from pathlib import Path

from docs.generate.commands import commands_page
from docs.generate.errors import errors_page
from docs.generate.hooks import hooks_page
from docs.generate.keys import keys_page
from docs.generate.page import Page
from docs.generate.settings import settings_page

FOLDER = Path(__file__).parents[1] / "reference"


def reference() -> dict[str, Page]:
    """Every page, as the code has it now."""
    return {
        "commands.md": commands_page(),
        "settings.md": settings_page(),
        "keys.md": keys_page(),
        "hooks.md": hooks_page(),
        "errors.md": errors_page(),
    }
