"""What texts must be before they are used or shown."""

from __future__ import annotations

import json
import unicodedata

import pytest

from metier.errors import InputError
from metier.texts.checks import printable, printable_json
from metier.texts.texts import Texts

CHARACTERS = [chr(code) for code in range(0x110000)]
BIDIRECTIONAL = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
ACTED_ON = [
    letter
    for letter in CHARACTERS
    if unicodedata.category(letter) in ("Cc", "Zl", "Zp")
    or unicodedata.bidirectional(letter) in BIDIRECTIONAL
    or letter in "\u061c\u200e\u200f"
]


def test_what_a_terminal_acts_on_is_replaced_but_for_tabs_and_line_feeds():
    assert len(ACTED_ON) == 65 + 2 + 9 + 3
    for control in ACTED_ON:
        kept = control in "\t\n"
        assert printable(f"a{control}b") == (f"a{control}b" if kept else "a\ufffdb")
        assert printable(f"a{control}b", "") == (f"a{control}b" if kept else "ab")


def test_other_characters_stay():
    text = "naïve\u00a0\u200b 東京 🙂"
    assert printable(text) == text


def test_json_escapes_what_a_terminal_acts_on_and_decodes_to_the_same():
    text = "".join(ACTED_ON) + "naïve \u200d 東京 🙂"
    for ensure_ascii in (True, False):
        written = printable_json(json.dumps([text], ensure_ascii=ensure_ascii, indent=2))
        assert not set(written) & set(ACTED_ON) - {"\n"}
        assert json.loads(written) == [text]
    assert "naïve \u200d 東京 🙂" in written


def test_equal_ids_are_explained_by_what_ids_are_for():
    rows = [{"id": 1, "text": "a"}, {"id": 1, "text": "b"}]
    with pytest.raises(InputError, match=r"row 2 .* same id as row 1") as refused:
        Texts.of(rows)
    assert "names a text by its id" in str(refused.value)
    assert "embedding" not in str(refused.value)
    assert "id_field=..." in str(refused.value)
    with pytest.raises(InputError, match="2 of 3 texts") as refused:
        Texts.of([*rows, {"id": 2, "text": " "}])
    assert "names a text by its id" in str(refused.value)
    assert "An embedding of an empty" in str(refused.value)
