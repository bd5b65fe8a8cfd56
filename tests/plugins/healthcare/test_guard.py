"""What of a patient is masked before a text leaves the machine, and what is left alone."""

from __future__ import annotations

import warnings

import pytest

from metier import MetierWarning, Runtime


def sent(text: str) -> tuple[str, list[str]]:
    """A text as it leaves the machine with the plugin active, and what was said about it."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        (guarded,) = Runtime(plugins=["healthcare"]).plugins.before_send([text], "example.org")
    return guarded, [str(one.message) for one in said if one.category is MetierWarning]


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("Write to j.doe+ward@clinic.example.org.", "Write to [e-mail address]."),
        ("Call (555) 010-4477 today", "Call [phone number] today"),
        ("Call 555-010-4477, ext 3", "Call [phone number], ext 3"),
        ("at +44 20 7946 0958 or", "at [phone number] or"),
        ("Tel: 030 1234567.", "Tel: [phone number]."),
        ("MRN 00482-119 admitted", "MRN [record number] admitted"),
        ("mrn: AB123456", "mrn: [record number]"),
        ("Patient ID is 7731, stable", "Patient ID is [record number], stable"),
        ("NHS number 943 476 5919", "NHS number [record number]"),
        ("DOB: 03/09/1961, male", "DOB: [date of birth], male"),
        ("born 4th of March 1958 in", "born [date of birth] in"),
        ("Date of birth 1970-12-31", "Date of birth [date of birth]"),
        ("born on March 4, 1958", "born on [date of birth]"),
        ("SSN 078-05-1120", "SSN [social security number]"),
    ],
)
def test_an_identifier_is_masked_and_the_rest_stays(text, guarded):
    found, said = sent(text)
    assert found == guarded
    (warning,) = said
    kind = guarded.partition("[")[2].partition("]")[0]
    assert warning.startswith(f"Masked before texts went to example.org: {kind}.")


@pytest.mark.parametrize(
    "text",
    [
        "Blood pressure 120/80, heart rate 72, temperature 38.4 on 03/09/2021.",
        "Metformin 500 mg twice daily for 10 days; HbA1c 7.2 %.",
        "Seen on 2021-03-04 at 14:30. Follow-up in 6-8 weeks.",
        "The patient number of visits rose; she was born at term.",
        "Trial NCT01234567 enrolled 1500 people at 3 sites, 1.5.2020 to 1.5.2021.",
        "ratio 0.123456789 and 1234567890123",
        "a @ b, @mention, user@localhost",
        "",
    ],
)
def test_what_is_no_identifier_leaves_as_it_is(text):
    assert sent(text) == (text, [])


def test_every_text_is_guarded_and_all_kinds_are_named_once():
    rt = Runtime(plugins=["healthcare"])
    texts = ["DOB 1.2.1950, MRN 12345", "nothing", "MRN 999, a@b.org"]
    with pytest.warns(MetierWarning, match="date of birth, e-mail address, record number") as said:
        guarded = rt.plugins.before_send(texts, "example.org")
    assert guarded == [
        "DOB [date of birth], MRN [record number]",
        "nothing",
        "MRN [record number], [e-mail address]",
    ]
    assert len(said) == 1


def test_texts_stay_as_they_are_where_the_plugin_is_not_active():
    rt = Runtime(block_plugins=["healthcare"])
    assert rt.plugins.before_send(["MRN 12345"], "example.org") == ["MRN 12345"]


@pytest.mark.parametrize("piece", ["1 ", "a.", "a@", "+1", "555-", "born ", "mrn 1-", "((", "1/"])
def test_no_text_makes_the_search_long(piece):
    text = piece * 50_000  # a quadratic search would not end within the limit of a test
    guarded, _ = sent(text)
    assert len(guarded) <= len(text) * 12
