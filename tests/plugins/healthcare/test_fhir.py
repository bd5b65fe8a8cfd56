"""FHIR as text: shapes of R4 and R5, attachments, what is left out, and files that are broken."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from fhir.resources import get_fhir_model_class as r5_model
from fhir.resources.R4B import get_fhir_model_class as r4_model

import metier
from metier.errors import InputError, MetierError
from metier.texts.texts import Texts
from metier_healthcare.fhir import FHIR, begins_like_fhir, resource_rows

Write = Callable[..., Path]
CODE = {"text": "Finding"}
SAMPLES = Path(__file__).parents[3] / "plugins/healthcare/metier_healthcare/samples"


def attachment(raw: str | bytes, kind: str, **more: Any) -> dict[str, Any]:
    raw = raw if isinstance(raw, bytes) else raw.encode()
    return {"contentType": kind, "data": base64.b64encode(raw).decode(), **more}


def document(*attachments: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    content = [{"attachment": entry} for entry in attachments]
    return {"resourceType": "DocumentReference", "status": "current", "content": content, **more}


def text(resource: Mapping[str, Any]) -> str:
    """The text of a resource that is valid FHIR."""
    (row,) = resource_rows([resource])
    return str(row["text"])


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write resources one a line."""

    def write_lines(*resources: object, name: str = "export.ndjson") -> Path:
        path = tmp_path / name
        lines = (line if isinstance(line, str) else json.dumps(line) for line in resources)
        raw = "\n".join(lines).encode()
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    return write_lines


def read(path: Path, **options: Any) -> Texts:
    return Texts.read(path, readers=[FHIR], **options)


def test_the_samples_are_valid_fhir_and_read_in_any_runtime():
    rt = metier.Runtime(model="embedded", plugins=["healthcare"])
    lines = (SAMPLES / "records.ndjson").read_text().splitlines()
    for resource in map(json.loads, lines):
        r4_model(resource["resourceType"]).model_validate(resource)
    r5_model("Bundle").model_validate(json.loads((SAMPLES / "bundle.json").read_text()))
    records = rt.read(SAMPLES / "records.ndjson")
    names = ("DocumentReference/n1", "DocumentReference/n2", "DiagnosticReport/r1",
             "Observation/o1", "Condition/c1", "MedicationStatement/m1")  # fmt: skip
    assert tuple(item.id for item in records) == names
    assert records.skipped == (
        "records.ndjson, line 4, DocumentReference/n3 "
        "(content[1]: only an address, and nothing is fetched)",
        "records.ndjson, line 8, Observation/o3 (entered in error)",
        "records.ndjson, 2 resources without words of a person: 1 Observation, 1 Patient",
    )
    bundle = rt.read(SAMPLES / "bundle.json", metier.Documents)
    assert [item.title for item in bundle] == ["Discharge summary", None]
    assert bundle[0].text.startswith("# Hospital course\n\nHip replaced")
    assert "# Medications\n\n## Started\n\n- Enoxaparin" in bundle[0].text
    assert bundle[1].text.startswith("Posterior approach.")  # from the Binary it refers to


def test_fields_say_who_when_and_what_in_r4_and_r5():
    shared = {
        "id": "n",
        "type": {"coding": [{"system": "http://loinc.org", "code": "34117-2"}], "text": "History"},
        "category": [{"text": "Clinical note"}],
        "subject": {"reference": "Patient/7"},
        "date": "2024-05-01T08:00:00Z",
        "author": [{"reference": "Practitioner/1"}, {"display": "A nurse"}],
    }
    r4 = document(
        attachment("Cough.", "text/plain"),
        context={"encounter": [{"reference": "Encounter/3"}]},
        **shared,
    )
    r5 = document(
        attachment("Cough.", "text/plain"), context=[{"reference": "Encounter/3"}], **shared
    )
    r4_model("DocumentReference").model_validate(r4)
    r5_model("DocumentReference").model_validate(r5)
    for resource in (r4, r5):
        (row,) = resource_rows([resource])
        assert row == {
            "id": "DocumentReference/n",
            "text": "Cough.",
            "resourceType": "DocumentReference",
            "patient": "Patient/7",
            "encounter": "Encounter/3",
            "date": "2024-05-01T08:00:00Z",
            "author": "Practitioner/1, A nurse",
            "type": "History",
            "type_code": "34117-2",
            "category": "Clinical note",
            "status": "current",
            "converted_from": "fhir",
        }


def test_a_drug_is_named_by_r4_and_by_r5():
    r4 = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": {"reference": "Patient/1"},
        "medicationCodeableConcept": {"text": "Aspirin"},
        "dosage": [{"text": "100 mg daily"}],
    }
    r5 = {**r4, "status": "recorded", "medication": {"concept": {"text": "Aspirin"}}}
    del r5["medicationCodeableConcept"]
    r4_model("MedicationStatement").model_validate(r4)
    r5_model("MedicationStatement").model_validate(r5)
    assert text(r4) == text(r5) == "Aspirin\n100 mg daily"


RTF = rb"{\rtf1\ansi Fever since {\b Monday}.\par No rash.}"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (attachment("F\u00fc\u00dfe kalt", "text/plain"), "F\u00fc\u00dfe kalt"),
        (attachment("Füße".encode("latin-1"), "text/plain; charset=ISO-8859-1"), "Füße"),
        (attachment("Füße".encode("cp1252"), "text/plain"), "Füße"),
        (attachment("Füße".encode("utf-16"), "text/plain"), "Füße"),
        (attachment("\ufeffPain", "text/plain;charset=\"UTF-8\""), "Pain"),
        (attachment("<p>Pain<br>at rest</p>", "text/html"), "Pain\nat rest"),
        (attachment("<p>Größe</p>".encode("latin-1"), "text/html;charset=latin1"), "Größe"),
        (attachment(RTF, "text/rtf"), "Fever since Monday.\nNo rash."),
        (attachment(RTF, "application/octet-stream"), "Fever since Monday.\nNo rash."),
    ],
)  # fmt: skip
def test_an_attachment_is_read_by_its_type_and_encoding(entry, expected):
    assert text(document(entry)).replace("\n\n", "\n") == expected


def test_a_pdf_is_read_and_its_missing_pages_are_named(write):
    from fpdf import FPDF

    pdf = FPDF()
    pdf.set_font("helvetica")
    pdf.add_page()
    pdf.cell(text="Ejection fraction 35 percent.")
    pdf.add_page()
    pdf.rect(10, 10, 50, 50, style="F")
    texts = read(write(document(attachment(bytes(pdf.output()), "application/pdf"), id="n")))
    assert texts.strings == ["Ejection fraction 35 percent."]
    (skipped,) = texts.skipped
    assert skipped.startswith("export.ndjson, line 1, DocumentReference/n, content[1]: page 2")


def test_of_several_formats_of_a_document_the_best_is_read():
    formats = [
        attachment(b"\x89PNG", "image/png"),
        attachment("<p>As a page</p>", "text/html"),
        attachment("As it was written", "text/plain"),
    ]
    assert text(document(*formats)) == "As it was written"
    assert text(document(*formats[:2])) == "As a page"


def test_the_size_and_hash_of_an_attachment_are_checked(write):
    raw = "Größe".encode()
    sha1 = hashlib.sha1(raw)
    hashes = (base64.b64encode(sha1.digest()).decode(), sha1.hexdigest())
    for stated in hashes:
        for size in (len(raw), str(len(raw))):  # a number in R4, a string in R5
            assert text(document(attachment(raw, "text/plain", size=size, hash=stated))) == "Größe"
    good = document(attachment("Better.", "text/plain"), id="good")
    path = write(document(attachment(raw, "text/plain", size=3), id="n"), good)
    with pytest.raises(InputError, match=r"(?s)export.ndjson, line 1: DocumentReference/n: the "
                       r"data of content\[1\] has 7 bytes.*stated as 3"):  # fmt: skip
        read(path)
    path = write(good, document(attachment(raw, "text/plain", hash=hashes[0][::-1])))
    with pytest.raises(InputError, match=r"line 2: .* does not have the hash") as error:
        read(path)
    assert "Gr" not in str(error.value)
    assert read(path, skip_invalid=True).strings == ["Better."]


def test_an_observation_is_its_values_components_and_notes(write):
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "Smoking"}}
    valued = {**observation, "valueString": "Stopped in 2010", "note": [{"text": "Says his wife."}]}
    assert text(valued) == "Smoking: Stopped in 2010\n\nSays his wife."
    coded = {**observation, "valueCodeableConcept": {"coding": [{"display": "Former smoker"}]}}
    assert text(coded) == "Smoking: Former smoker"
    number = {"value": 150.0, "unit": "mmHg", "comparator": ">"}
    part = {
        "code": {"coding": [{"code": "8480-6", "display": "Systolic"}]},
        "valueQuantity": number,
    }
    panel = {**observation, "code": {"text": "Blood pressure"}, "component": [part]}
    r4_model("Observation").model_validate(panel)
    (row,) = resource_rows([panel])
    assert row["text"] == "Blood pressure\nSystolic: > 150 mmHg"
    assert row["measurements"] == [
        {"code": "8480-6", "name": "Systolic", "value": 150.0, "unit": "mmHg", "text": "> 150 mmHg"}
    ]
    assert not list(resource_rows([{**observation, "valueQuantity": number}]))


def test_what_was_entered_in_error_is_left_out_and_named(write):
    mistake = {"coding": [{"code": "entered-in-error"}]}
    good = {"resourceType": "Condition", "id": "c", "code": {"text": "Gout"}}
    texts = read(
        write(
            good,
            {**good, "id": "d", "verificationStatus": mistake},
            document(attachment("Wrong chart.", "text/plain"), docStatus="entered-in-error"),
        )
    )
    assert texts.strings == ["Gout"]
    assert texts.skipped == (
        "export.ndjson, line 2, Condition/d (entered in error)",
        "export.ndjson, line 3, DocumentReference (entered in error)",
    )


def test_notes_and_narratives_of_other_kinds_are_read_unless_made_of_data():
    div = "<div xmlns='http://www.w3.org/1999/xhtml'>Wants to die <b>at home</b>.<br/>So be.</div>"
    plan = {"resourceType": "CarePlan", "text": {"status": "additional", "div": div}}
    assert text(plan) == "Wants to die at home.\nSo be."
    noted = {"resourceType": "Goal", "note": [{"text": "Walk."}, {"text": "Swim."}]}
    assert text(noted) == "Walk.\n\nSwim."
    person = {"resourceType": "Patient", "text": {"status": "generated", "div": div}}
    assert not list(resource_rows([person]))


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ndjson", "a.ndjson.gz"])
def test_fhir_is_read_under_each_name_it_has(write, name):
    goal = {"id": "1", "resourceType": "Goal", "note": [{"text": "Walk."}]}
    assert read(write(goal, name=name)).strings == ["Walk."]
    both = json.dumps([goal, goal | {"id": "2"}], indent=1)
    assert read(write(both, name=name)).strings == ["Walk.", "Walk."]
    bundle = {"type": "collection", "resourceType": "Bundle", "entry": [{"resource": goal}]}
    assert read(write(json.dumps(bundle, indent=2), name=name)).strings == ["Walk."]
    assert read(write(bundle, {**goal, "id": "2"}, name=name)).strings == ["Walk.", "Walk."]


@pytest.mark.parametrize(
    "rows",
    [
        [{"id": "1", "text": "one"}],
        [{"resourceType": "VirtualMachine", "text": "one"}],
        [{"resourceType": 7, "text": "one"}],
        [{"inner": {"resourceType": "Patient"}, "text": "one"}],
        [{"text": "one", "inner": [{"resourceType": "Patient"}]}],
        [{"text": "one"}, {"resourceType": "Patient", "text": "one"}],
        [{"text": "one", "quote": 'he wrote "resourceType": "Patient"'}],
    ],
)
def test_other_json_stays_what_it_is(write, rows):
    for path in (write(*rows), write(json.dumps(rows), name="a.json")):
        assert set(read(path).strings) == {"one"}
        assert list(read(path)) == list(Texts.read(path))


def test_a_long_beginning_is_recognized_though_it_is_cut():
    raw = b'{"id":"' + b'\\"x' * 100 + b'","resourceType":"Binary","data":"' + b"A" * 10_000
    assert begins_like_fhir(raw)
    assert begins_like_fhir(b"\xef\xbb\xbf \n" + raw)
    assert not begins_like_fhir(b"")
    assert not begins_like_fhir(b"resourceType: Patient")


def test_of_a_history_the_newest_version_counts(write):
    entries = [
        {"resource": {"resourceType": "Goal", "id": "g", "note": [{"text": words}]}}
        for words in ("Newest.", "Older.")
    ]
    bundle = {"resourceType": "Bundle", "type": "history", "entry": entries}
    texts = read(write(bundle))
    assert texts.strings == ["Newest."]
    assert texts.skipped == ("export.ndjson, line 1, entry 2, Goal/g (an earlier version)",)


GOAL = {"resourceType": "Goal", "id": "g", "note": [{"text": "Walk."}]}


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ('{"resourceType": "Goal", "note": [}', r"line 2: not valid JSON \(Expecting value, col"),
        ("[1]", "line 2: no resource: it is no object with a resourceType"),
        ({"id": "x"}, "line 2: no resource"),
        ({"resourceType": "Goal", "note": "Secret"}, r"line 2: Goal: note is a string, not an arr"),
        ({"resourceType": "Goal", "id": "h", "note": ["Secret"]}, r"Goal/h: note\[1\] is a string"),
        (document(attachment("", "text/plain", data="?Secret?"), id="n"), "n: the data of .*64"),
        (
            {"resourceType": "DocumentReference", "content": {}},
            "content is an object, not an array",
        ),
        ({"resourceType": "Bundle", "entry": "Secret"}, "Bundle: entry is a string, not an array"),
        ({"resourceType": "Bundle", "entry": [{"resource": 7}]}, "entry 1: no resource"),
        ("[" * 100_000, "line 2: "),
    ],
)
def test_a_broken_line_is_an_error_with_its_position_and_loses_no_other(write, broken, message):
    path = write(GOAL, broken, {**GOAL, "id": "g2"})
    with pytest.raises(InputError, match=f"(?s)export.ndjson, .*{message}") as error:
        read(path)
    assert "Secret" not in str(error.value)
    assert error.value.position is not None
    assert error.value.position.line == 2
    texts = read(path, skip_invalid=True)
    assert [item.id for item in texts] == ["Goal/g", "Goal/g2"]
    assert texts.skipped[0].startswith("line 2")


def test_a_broken_document_is_located_by_line_and_column(write):
    path = write('{"resourceType": "Bundle",\n "entry": [\n  {"resource": Secret}]}', name="a.json")
    with pytest.raises(InputError, match=r"a\.json, line 3, column 16: not valid JSON") as error:
        read(path)
    assert "Secret" not in str(error.value)


def test_attachments_that_cannot_be_read_are_named_and_read_from_nowhere(write):
    unread = [
        {"contentType": "text/plain", "url": "http://127.0.0.1:9/secret"},
        {"contentType": "text/plain"},
        attachment(b"\x89PNG\x00", "image/png"),
        attachment(b"a\x00b", "text/plain"),
        attachment("Pain", "text/plain; charset=klingon"),
        attachment(b"no pdf", "application/pdf"),
        attachment("Füße".encode("cp1252"), "text/plain; charset=utf-8"),
    ]
    with warnings.catch_warnings(action="error"):
        texts = read(write(document(*unread, id="n"), GOAL))
    assert texts.strings == ["Walk."]
    reasons = texts.skipped[0].removeprefix("export.ndjson, line 1, DocumentReference/n (")
    shown = reasons.rstrip(")").split("; ")
    assert [reason.partition(":")[0] for reason in shown] == [
        f"content[{number}]" for number in (1, 2, 4, 5, 7, 6, 3)
    ]
    assert "image/png is not read" in shown[-1]
    assert "/tmp" not in texts.skipped[0]


def test_resources_in_memory_are_rows_for_any_index():
    with pytest.raises(MetierError, match="resource 2, Goal: note is a number"):
        list(resource_rows([GOAL, {"resourceType": "Goal", "note": 7}]))
    assert Texts.of(resource_rows([GOAL])).strings == ["Walk."]


def test_resources_inside_of_others_are_not_one_patient_and_versions_are() -> None:
    def patient(name: str, subject: str, *identifiers: str) -> str:
        values = [{"value": value} for value in identifiers]
        condition = {
            "resourceType": "Condition",
            "id": name,
            "contained": [{"resourceType": "Patient", "id": "p1", "identifier": values}],
            "subject": {"reference": subject},
            "code": {"text": "asthma"},
        }
        (row,) = resource_rows([condition])
        return str(row["patient"])

    assert patient("a", "#p1", "M-1") == patient("b", "#p1", "M-1") == "M-1"
    assert patient("a", "#p1") != patient("b", "#p1")
    assert patient("a", "Patient/1/_history/2") == "Patient/1"


def test_of_a_history_the_newest_file_is_read_and_nothing_that_was_deleted() -> None:
    entries = [
        {"request": {"method": "DELETE", "url": "DocumentReference/9"}},
        {
            "resource": {
                "resourceType": "Binary",
                "id": "1",
                **attachment("Corrected.", "text/plain"),
            }
        },
        {"resource": document({"contentType": "text/plain", "url": "Binary/1"}, id="2")},
        {"resource": {"resourceType": "Binary", "id": "1", **attachment("First.", "text/plain")}},
        {"resource": document(attachment("About somebody else.", "text/plain"), id="9")},
    ]
    rows = list(resource_rows([{"resourceType": "Bundle", "type": "history", "entry": entries}]))
    assert [row["text"] for row in rows] == ["Corrected."]
