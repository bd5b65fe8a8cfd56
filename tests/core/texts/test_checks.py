"""What texts must be before they are used or shown."""

from __future__ import annotations

import unicodedata

from metier.texts.checks import printable


def test_every_control_character_but_tabs_and_line_feeds_is_replaced():
    controls = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cc"]
    for control in controls:
        kept = control in "\t\n"
        assert printable(f"a{control}b") == (f"a{control}b" if kept else "a\ufffdb")
        assert printable(f"a{control}b", "") == (f"a{control}b" if kept else "ab")


def test_other_characters_stay():
    text = "naïve\u00a0\u200b 東京 🙂"
    assert printable(text) == text
