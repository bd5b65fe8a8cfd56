from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.errors import PackError, ParameterError
from metier.texts.abbreviations import Abbreviation, AbbreviationFile, Abbreviations

TRADE = AbbreviationFile(
    schema=1,
    abbreviations=(
        Abbreviation(short=("chrg-off", "chg off"), full="charge-off"),
        Abbreviation(short=("acct",), full="account"),
        Abbreviation(short=("bk7",), full="chapter 7 bankruptcy"),
        Abbreviation(short=("disch",), full="discharged"),
        Abbreviation(short=("dpd",), full="days past due"),
        Abbreviation(short=("exp.",), full="expenses"),
        Abbreviation(short=("s/p",), full="status post"),
        Abbreviation(short=("hx of",), full="history of"),
        Abbreviation(short=("hx",), full="history"),
        Abbreviation(short=("cc",), full="credit card"),
        Abbreviation(short=("w/",), full="with"),
        Abbreviation(short=("DM",), full="diabetes mellitus", exact=True),
        Abbreviation(short=("dm",), full="direct message"),
        Abbreviation(short=("{number} mo",), full="months"),
        Abbreviation(short=("ch 7",), full="chapter 7"),
    ),
)
ABBREVIATIONS = Abbreviations([TRADE])

CASES = [
    ("Chrg-off", "Charge-off"),
    ("CHRG-OFF", "charge-off"),
    ("a chrg  off and a chg-off", "a charge-off and a charge-off"),
    ("90 DPD", "90 days past due"),
    ("90dpd", "90 days past due"),
    ("BK7 disch. 2012", "chapter 7 bankruptcy discharged 2012"),
    ("BK-7, bk 7", "chapter 7 bankruptcy, chapter 7 bankruptcy"),
    ("BK77", "BK77"),
    ("My acct. It is old.", "My account. It is old."),
    ("My acct. is old.", "My account is old."),
    ("My acct., which", "My account, which"),
    ("on my acct.", "on my account."),
    ("on my acct.\nNext", "on my account.\nNext"),
    ("exp. of 5, exp of 5", "expenses of 5, exp of 5"),
    ("s/p fall, S/P fall", "status post fall, status post fall"),
    ("his/p", "his/p"),
    ("Hx of gout; hx: gout", "History of gout; history: gout"),
    ("DM, dm, Dm", "diabetes mellitus, direct message, Direct message"),
    ("w/pain and w/ pain", "with pain and with pain"),
    ("6 mo, six mo, mo", "6 months, six mo, mo"),
    ("Ch. 7 and Ch 7, Mr. Ch, ch", "Ch. 7 and Chapter 7, Mr. Ch, ch"),
    ("acct@bank.com www.acct.com http://x/acct c:\\acct my_acct acct.id", None),
    ("accts account bacct acct2 cc'd", None),
    ("acct's cc", "account's credit card"),
    ("(acct) \u201cacct\u201d acct/cc", "(account) \u201caccount\u201d account/credit card"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_abbreviations_are_written_in_full(text: str, expected: str | None):
    assert ABBREVIATIONS.expand(text).text == (text if expected is None else expected)


def test_parts_lead_back_to_the_original():
    expanded = ABBREVIATIONS.expand("My acct is 90dpd, BK7 disch. 2012.")
    assert expanded.text == "My account is 90 days past due, chapter 7 bankruptcy discharged 2012."
    for part, original in [
        ("My", "My"),
        ("account", "acct"),
        ("count is", "acct is"),
        ("is 90", "is 90"),
        ("past", "dpd"),
        ("bankruptcy discharged 2012", "BK7 disch. 2012"),
        ("2012.", "2012."),
        (expanded.text, expanded.original),
    ]:
        start = expanded.text.index(part)
        first, last = expanded.original_span(start, start + len(part))
        assert expanded.original[first:last] == original, part
    assert [(found.short, found.full.strip()) for found in expanded.expansions] == [
        ("acct", "account"),
        ("dpd", "days past due"),
        ("BK7", "chapter 7 bankruptcy"),
        ("disch.", "discharged"),
    ]


@given(
    st.lists(
        st.sampled_from(
            ["acct", "BK7", "disch.", "90dpd", "Hx of", "not", ".", "\n", "w/", "\u4e0d", "A"]
        ),
        max_size=10,
    ),
    st.sampled_from([" ", "", "/"]),
)
def test_what_is_not_abbreviated_stays_with_its_offsets(words: list[str], space: str):
    text = space.join(words)
    expanded = ABBREVIATIONS.expand(text)
    assert expanded.original == text
    assert expanded.original_span(0, len(expanded.text)) == (0, len(text))
    position, shift = 0, 0
    for found in expanded.expansions:
        assert position <= found.start < found.end
        assert text[found.start : found.end] == found.short
        plain = text[position : found.start]
        assert expanded.text[position + shift : found.start + shift] == plain
        for offset in range(position + 1, found.start):
            assert expanded.original_span(offset + shift, offset + shift) == (offset, offset)
        inside = found.start + shift, found.start + shift + len(found.full)
        assert expanded.text[slice(*inside)] == found.full
        assert expanded.original_span(*inside) == (found.start, found.end)
        shift += len(found.full) - len(found.short)
        position = found.end
    assert expanded.text[position + shift :] == text[position:]


@given(st.text(max_size=60))
def test_any_text_can_be_written_in_full(text: str):
    expanded = ABBREVIATIONS.expand(text)
    assert expanded.original_span(0, len(expanded.text)) == (0, len(text))


# --- files ----------------------------------------------------------------------------------------


def write(folder: Path, content: str) -> Path:
    path = folder / "trade.yaml"
    path.write_text(f"schema: 1\n{content}", encoding="utf-8")
    return path


def test_a_later_file_replaces_and_removes(tmp_path):
    first = write(tmp_path, "abbreviations: [{short: [a-b, cd], full: first}]")
    second = tmp_path / "own.toml"
    second.write_text(
        'schema = 1\nremove = ["CD"]\n[[abbreviations]]\nshort = ["a b"]\nfull = "second"\n',
        encoding="utf-8",
    )
    assert Abbreviations.load(first).expand("a-b cd").text == "first first"
    assert Abbreviations.load(first, second).expand("a-b cd").text == "second cd"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("abbreviations: [{short: [x]}]", "trade.yaml, line 2, column 17: full is missing."),
        ("abbreviations: [{short: ['(x'], full: y}]", "line 2, column 26: '(x': '(' is not closed"),
        ("abbreviations: [{shrt: [x], full: y}]", "Did you mean 'short'?"),
        ("remove: [pymt]", "line 2, column 10: there is no abbreviation 'pymt' to remove."),
        ("abbreviations: [{short: [], full: y}]", "short"),
    ],
)
def test_mistakes_in_a_file_are_named_with_their_position(tmp_path, content, message):
    with pytest.raises(PackError) as caught:
        Abbreviations.load(write(tmp_path, content))
    assert message in str(caught.value)


def test_mistakes_in_code_are_named():
    with pytest.raises(ParameterError, match="These abbreviations cannot be used"):
        Abbreviations([AbbreviationFile(schema=1, remove=("x",))])
