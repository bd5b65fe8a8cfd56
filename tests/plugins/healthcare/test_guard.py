"""What of a patient is masked before a text leaves the machine, and what is left alone."""

from __future__ import annotations

import functools
import re
import warnings
from string import ascii_letters, digits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier import MetierWarning, Runtime
from metier.errors import InputError, ParameterError
from metier_healthcare.guard import metier_before_send

GAPS = [
    "",
    " ",
    ": ",
    " #: ",
    "# ",
    " - ",
    "=",
    " is ",
    " number: ",
    " no. ",
    ":\n",
    " | ",
    '": "',
    " (",
    " \u2013 ",
]
NUMBER_LABELS = {
    "record number": (
        "MRN", "mrn", "M.R.N.", "MR#", "MR no.", "Medical Record #", "medical_record_number",
        "Med Rec #", "Patient ID", "patientId", "Hospital no", "Chart number", "Encounter ID",
        "Visit number", "NHS number",
    ),
    "account number": ("Acct #", "Account number"),
    "health plan number": ("Medicare ID", "Member ID", "Policy no.", "Insurance number"),
    "license number": ("Passport number", "Driver's license no"),
}  # fmt: skip
BIRTH_LABELS = ["DOB", "dob", "D.O.B.", "Date of birth", "birth date", "birthDate", "birthday"]
SECURITY_LABELS = ["SSN", "ssn", "S.S.N.", "SS#", "Social Security Number", "Soc. Sec. No."]
PHONE_LABELS = [
    "Tel.",
    "Telephone",
    "phone",
    "Phone number",
    "Mobile",
    "cell phone",
    "Pager",
]


def joined(groups: st.SearchStrategy[str], least: int, most: int) -> st.SearchStrategy[str]:
    """Groups of an identifier, joined as people and programs join them."""
    joints = st.sampled_from(["", " ", "-", ".", "/", "\u2011", "\u2013"])
    return st.lists(groups, min_size=least, max_size=most).flatmap(
        lambda parts: joints.map(lambda joint: joint.join(parts))
    )


def assert_masked(label: str, gap: str, value: str, kind: str) -> None:
    """The digits of the value are gone, and what stands around it is there still."""
    if gap == "" and value[0] in ascii_letters:
        gap = " "  # MRNAB123 is one word
    guarded, _ = sent(f"Seen today. {label}{gap}{value}, alert and well.")
    assert f"[{kind}]" in guarded
    assert not re.search(r"\d", guarded)
    assert guarded.startswith(f"Seen today. {label}")
    assert guarded.endswith(", alert and well.")


def sent(text: str) -> tuple[str, list[str]]:
    """A text as it leaves the machine with the plugin active, and what was said about it."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        (guarded,) = _runtime().plugins.before_send([text], "example.org")
    return guarded, [str(warning.message) for warning in said]


@functools.cache
def _runtime() -> Runtime:
    return Runtime(plugins=["healthcare"])


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
        ("Medical Record #: 20481632", "Medical Record #: [record number]"),
        ("MR# 83115, MR no. 83116", "MR# [record number], MR no. [record number]"),
        ("MRN (4471902) on file", "MRN ([record number]) on file"),
        ("NI number QQ 12 34 56 C.", "NI number [identifying number]."),
        ("Medicare ID 1EG4-TE5-MK73,", "Medicare ID [health plan number],"),
        (
            "the record number of the patient is 44810",
            "the record number of the patient is [record number]",
        ),
        (
            "SSN 219099999, SS# 219 09 9999",
            "SSN [social security number], SS# [social security number]",
        ),
        ("SSN ending in 9999", "SSN ending in [social security number]"),
        ("| SSN       | 219099999 |", "| SSN       | [social security number] |"),
        ("DOB 12071949", "DOB [date of birth]"),
        ("DOB (dd/mm/yyyy): 12 / 07 / 1949", "DOB (dd/mm/yyyy): [date of birth]"),
        ("D.O.B. 12JUL1949; born 12071949", "D.O.B. [date of birth]; born [date of birth]"),
        ('{"birthDate": "1949-07-12T00:00:00Z"}', '{"birthDate": "[date of birth]T00:00:00Z"}'),
        ("Date of birth: July of 1949", "Date of birth: [date of birth]"),
        ("her phone number is 0161 496 0712.", "her phone number is [phone number]."),
        ("Phone of his wife: 01614960712", "Phone of his wife: [phone number]"),
        ("Phone (home): (0161) 496 0712", "Phone (home): [phone number]"),
        ("Ring 1-888-555-0136 or 1 (888) 555-0136", "Ring [phone number] or [phone number]"),
        ("at (0161) 496 0712 or 00 44 161 496 0712", "at [phone number] or [phone number]"),
        ("ask.555-010-4477 555\u2013010\u20134477", "ask.[phone number] [phone number]"),
        ("Mail o'neil@ward.example, please", "Mail [e-mail address], please"),
        ("Mail o\u2019neil@ward.example", "Mail [e-mail address]"),
        ("'a@b.example' and *c@d.example*", "'[e-mail address]' and *[e-mail address]*"),
        ('"ann lee"@ward.example', "[e-mail address]"),
        ("renée@krankenhäuser.example", "[e-mail address]"),
        ("a/b&c@ward.example", "[e-mail address]"),
    ],
)
def test_an_identifier_is_masked_and_the_rest_stays(text, guarded):
    found, said = sent(text)
    assert found == guarded
    (warning,) = said
    kinds = re.findall(r"\[([A-Za-z -]+)\]", guarded)
    listed = warning.removeprefix("Masked before texts went to example.org: ").partition(".")[0]
    assert sorted(listed.split(", ")) == sorted({f"{kind} {kinds.count(kind)}" for kind in kinds})


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("MRNs: 2048163 and 8311599", "MRNs: # and #"),
        ("MRNs are 20481, 83115, and 44719.", "MRNs are #, #, and #."),
        ("Patient IDs 2048, 8311; 4471", "Patient IDs #, #; #"),
        ("Chart #s 20481, 83115", "Chart #s #, #"),
        ("Record nos. 20481 & 83115", "Record nos. # & #"),
        ("Account numbers:\n- 20481632\n- 83115994", "Account numbers:\n- #\n- #"),
        ("MRN: 2048163 (formerly 8311599)", "MRN: # (formerly #)"),
        ("MRN 2048163 or 8311599", "MRN # or #"),
        ("Phones: 0161 496 0712 / 0161 496 0713", "Phones: # / #"),
        ("Tel: 030 7654321 or 030 7654322", "Tel: # or #"),
        ("SSNs 219099999, 219099998", "SSNs #, #"),
        ("DOBs: 12/07/1949 and 01/02/1950", "DOBs: # and #"),
        ("Dates of birth: 12 Jul 1949, 1 Feb 1950", "Dates of birth: #, #"),
        ("Policy numbers QX20481 and QX83115", "Policy numbers # and #"),
        ("MRN is 2048163, age 67", "MRN is #, age 67"),
        ("MRN 2048163 and 500 mg daily", "MRN # and 500 mg daily"),
        ("MRNs 2048163 and 500 mg daily", "MRNs # and 500 mg daily"),
        ("DOB 12/07/1949, 05/06/2021 admitted", "DOB #, # admitted"),
        ("Phone 0161 496 0712, 120000 cells", "Phone #, 120000 cells"),
    ],
)
def test_a_list_after_a_label_is_masked_to_its_end(text, guarded):
    found, _ = sent(text)
    assert re.sub(r"\[[a-z -]+\]", "#", found) == guarded


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Claim number", "20481632"),
        ("Group no.", "0020481"),
        ("Certificate number:", "2048163"),
        ("Serial no.", "B20-4816"),
        ("Device ID", "SN20481632"),
        ("VIN:", "1ABCD23456E007890"),
        ("Vehicle identification number", "1ABCD23456E007890"),
        ("License plate:", "7XYZ204"),
        ("Driver's license:", "D2048163"),
        ("DL#", "D2048163"),
        ("Hosp No:", "K204816"),
        ("Accession:", "S21-20481"),
        ("Order number", "2048163"),
        ("Referral no", "2048163"),
        ("NPI", "2048163994"),
        ("DEA number", "AB2048163"),
        ("Aadhaar:", "2048 1632 8311"),
        ("IP address:", "192.0.2.24"),
        ("Pager", "20481"),
    ],
)
def test_a_value_labeled_as_an_identifier_is_masked(label, value):
    guarded, _ = sent(f"Seen. {label} {value}, well.")
    assert re.fullmatch(rf"Seen\. {re.escape(label)} \[[\w ]+\], well\.", guarded)


@settings(deadline=None, max_examples=80)
@given(
    st.sampled_from([(label, kind) for kind, labels in NUMBER_LABELS.items() for label in labels]),
    st.sampled_from(GAPS),
    st.text("ABCXYZ", max_size=4).flatmap(
        lambda letters: joined(st.text(digits, min_size=3, max_size=8), 1, 4).map(
            lambda number: letters + number
        )
    ),
)
def test_no_digit_of_a_labeled_number_leaves(labeled, gap, value):
    label, kind = labeled
    assert_masked(label, gap, value, kind)


@settings(deadline=None, max_examples=80)
@given(
    st.sampled_from(BIRTH_LABELS),
    st.sampled_from(GAPS),
    st.dates(),
    st.sampled_from(
        [
            "%d/%m/%Y", "%m-%d-%Y", "%Y-%m-%d", "%d.%m.%y", "%d%m%Y", "%Y%m%d", "%d%m%y",
            "%d / %m / %Y", "%d %m %Y", "%m/%Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%d%b%Y",
            "%dth of %B %Y", "%b. %d %Y", "%B %Y", "%d %B", "%d\u2013%m\u2013%Y",
        ]
    ),
)  # fmt: skip
def test_no_digit_of_a_labeled_date_of_birth_leaves(label, gap, day, form):
    value = day.replace(year=1900 + day.year % 120).strftime(form)
    assert_masked(label, gap, value, "date of birth")


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(SECURITY_LABELS),
    st.sampled_from(GAPS),
    st.from_regex(r"[0-9]{3}[ .\u2013-]?[0-9]{2}[ .\u2013-]?[0-9]{4}", fullmatch=True),
)
def test_no_digit_of_a_labeled_social_security_number_leaves(label, gap, value):
    assert_masked(label, gap, value, "social security number")


@settings(deadline=None, max_examples=80)
@given(
    st.sampled_from(PHONE_LABELS),
    st.sampled_from(GAPS),
    st.sampled_from(["", "+", "(020) ", "+44 (0)", "1-", "00 "]),
    joined(st.text(digits, min_size=3, max_size=4), 2, 3),
)
def test_no_digit_of_a_labeled_phone_number_leaves(label, gap, prefix, value):
    assert_masked(label, gap, prefix + value, "phone number")


@settings(deadline=None, max_examples=80)
@given(
    st.text(ascii_letters + digits + ".!#$%&'*+/=?^_`{|}~-\u2019é", min_size=1, max_size=80),
    st.from_regex(r"[a-zé0-9-]{1,20}(\.[a-z]{2,8}){1,9}", fullmatch=True),
)
def test_no_letter_of_an_e_mail_address_leaves(local, host):
    guarded, _ = sent(f"write to {local}@{host}, please")
    assert re.fullmatch(r"write to \W*\[e-mail address\], please", guarded)


@pytest.mark.parametrize(
    "label", ["MRN:", "Medical Record #:", "chart no.", "Patient ID is", "MRN"]
)
@pytest.mark.parametrize(
    "value", ["A123456", "A-123456", "A 123456", "AT99812", "IN-448812", "ON/123456", "IS4471"]
)
def test_no_letter_that_begins_a_number_leaves(label, value):
    assert sent(f"{label} {value}, alert")[0] == f"{label} [record number], alert"


@settings(deadline=None, max_examples=60)
@given(st.text(st.sampled_from("DOB MRN SSN tel a@b.c 12/-+()'[]:\n#"), max_size=60))
def test_a_text_that_was_masked_is_masked_no_further(text):
    guarded, _ = sent(text)
    assert sent(guarded) == (guarded, [])


@pytest.mark.parametrize(
    "text",
    [
        "Blood pressure 120/80, heart rate 72, temperature 38.4 in 2021.",
        "Metformin 500 mg twice daily for 10 days; HbA1c 7.2 %.",
        "Seen in 2021 at 14:30. Follow-up in 6-8 weeks; may return; strength 5/5, pain 7/10.",
        "The patient number of visits rose; she was born at term.",
        "Trial NCT01234567 enrolled 1500 people at 3 sites, 2020 to 2021.",
        "ratio 0.123456789 and 1234567890123",
        "a @ b, @mention, user@localhost",
        "Parkinson's disease, Crohn's disease; Foley catheter placed; Glasgow Coma Scale 15.",
        "Patient: Denies chest pain. Seen by Cardiology and Neurology. Per Radiology, no fracture.",
        "PAST MEDICAL HISTORY: Hypertension. MEDICATIONS: Lisinopril 10 mg, Tylenol, Coumadin.",
        "His father had Hodgkin lymphoma. Follow up with Orthopedics at Memorial Hospital.",
        "A 67-year-old woman from Mexico, who lives in Texas. 89 years old. 95 kg, SpO2 95%.",
        "Born at 38 5/7 weeks, born 38 5/7 weeks, born in the hospital in 2019.",
        "Case no 3 of 10; visit number 3; NHS 111; unit 5; pH: 7.35 7.38 7.41.",
        "ICD-10 E11.9, I10 and J45.909; CPT 99213, 99214; LOINC 4548-4; SNOMED 44054006.",
        "EudraCT 2019-001234-38, PMID 12345678, NCT 01234567; Lot 12345 of the vaccine.",
        "Age 67, 68 and 72; 67-year-old, 82 kg; GCS 15, Apgar 8, 9 and 10; T2N1M0.",
        "Order: 500 mg, 250 mg; device 12; claim no 12 of 40; group ids 1 and 2; NPI 3.4.",
        "VIN 2 and VIN 3 of the vulva; DL 120 mg; IP 3 days; records: 1200, 1300 and 1400 rows.",
        "Medical records: 1200 of 4500; phones 1200 people; pager answered 3 times in 2021.",
        "pH 7.35, pCO2 40; platelets 250000, 120000; 2 tablets at 08:00, 14:00 and 20:00.",
        "WBC cell count 120000. Contact 3 days after. A medical record of 2021.",
        "",
    ],
)
def test_what_is_no_identifier_leaves_as_it_is(text):
    assert sent(text) == (text, [])


def test_every_text_is_guarded_and_all_kinds_are_named_once():
    rt = Runtime(plugins=["healthcare"])
    texts = ["DOB 1.2.1950, MRN 12345", "nothing", "MRN 999, a@b.org"]
    with pytest.warns(
        MetierWarning, match="e-mail address 1, date of birth 1, record number 2"
    ) as said:
        guarded = rt.plugins.before_send(texts, "example.org")
    assert guarded == [
        "DOB [date of birth], MRN [record number]",
        "nothing",
        "MRN [record number], [e-mail address]",
    ]
    assert len(said) == 1


def test_names_addresses_dates_and_ages_are_masked():
    guarded, _ = sent(
        "Patient: Ruth Okafor, a 93-year-old, was seen by Dr. White on 3/14. Mrs. Okafor lives at "
        "12 Elm Street, Dayton, OH 45402; her son Emeka brought her. Fax: 937-555-0100."
    )
    assert guarded == (
        "Patient: [name], a [age over 89]-year-old, was seen by Dr. [name] on [date]. Mrs. [name] "
        "lives at [address], [place], OH [ZIP code]; her son [name] brought her. "
        "Fax: [fax number]."
    )


def test_strict_guards_refuse_texts_and_name_kinds_only(monkeypatch):
    monkeypatch.setenv("METIER_GUARD", "strict")
    with pytest.raises(InputError) as refused:
        _runtime().plugins.before_send(["MRN 4471902, seen by Dr. Okafor"], "example.org")
    assert refused.value.code == "identifiers-found"
    assert "name 1, record number 1" in str(refused.value)
    assert "4471902" not in str(refused.value)
    assert "Okafor" not in str(refused.value)
    assert _runtime().plugins.before_send(["no fever"], "example.org") == ["no fever"]


def test_a_guard_with_a_mode_that_does_not_exist_sends_nothing(monkeypatch):
    monkeypatch.setenv("METIER_GUARD", "loose")
    with pytest.raises(ParameterError, match="neither 'mask' nor 'strict'"):
        _runtime().plugins.before_send(["no fever"], "example.org")


def test_texts_stay_as_they_are_where_the_plugin_is_not_active():
    rt = Runtime(block_plugins=["healthcare"])
    assert rt.plugins.before_send(["MRN 12345"], "example.org") == ["MRN 12345"]


@pytest.mark.parametrize(
    "piece",
    [
        "1 ", "a.", "a@", "+1", "555-", "born ", "mrn 1-", "((", "1/", "'", "a'", '"a', "ssn x",
        "dob ", "phone is ", "mrn (a", "mrn a1 ", " ", "[a@", "0 0", "record no ",
        "mrns 12345 and ", "mrns 12345,", "dobs 1/2/1950 (", "numbers ", "ssns ", "Aa ", "A. ",
        "my mother ", "Smith, ", "1 Main ", "a:", "May 5 ", "lives in ", "www.a", "Mr. Ann ", "A^",
    ],
)  # fmt: skip
def test_no_text_makes_the_search_long(piece):
    text = piece * 4_000  # a quadratic search would not end within the limit of a test
    guarded, _ = sent(text)
    assert len(guarded) <= len(text) * 12


def test_an_age_with_a_hyphen_that_does_not_break_is_found():
    with pytest.warns(MetierWarning):
        masked = metier_before_send(["A 93\u2011year\u2011old man."], "a server")
    assert masked == ["A [age over 89]\u2011year\u2011old man."]
