"""healthcare/deidentify: texts, columns, persons, files, and what must not leave."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import urllib.request
from datetime import datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from metier import Runtime
from metier.cli.app import app
from metier.errors import InputError, ParameterError
from metier.plugin import Vault

ROWS = [
    {
        "note_id": "a", "patient_id": "P-204816", "name": "John Abara", "dob": "1958-03-04",
        "service": "Cardiology",
        "text": "Mr. Abara, MRN 4471902, was seen on 03/04/2019 by Dr. Ines Haugen. Call "
        "617-555-0134.",
    },
    {
        "note_id": "b", "patient_id": "P-204816", "name": "ABARA, JOHN A.", "dob": "1958-03-04",
        "service": "Cardiology",
        "text": "J. Abara returned on March 18, 2019 from Springfield, IL 62704. John feels well.",
    },
    {
        "note_id": "c", "patient_id": "P-831155", "name": "Wu, Lin", "dob": "1931-12-24",
        "service": "Neurology",
        "text": "Patient: Wu, Lin. No fever. Ms. Wu is 93 years old.",
    },
]  # fmt: skip
SECRETS = [
    "Abara", "ABARA", "John", "JOHN", "4471902", "617-555-0134", "Haugen", "Springfield", "62704",
    "03/04/2019", "March 18", "204816", "831155", "1958-03-04", "1931-12-24", "93 years",
]  # fmt: skip


@pytest.fixture(scope="module")
def rt() -> Runtime:
    return Runtime(model="embedded", plugins=["healthcare"], progress=False)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whose key is known, so that replacements are the same in every run."""
    path = tmp_path_factory.mktemp("vault") / "known.vault"
    Vault.open(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE vault SET key = ?", (b"k" * 32,))
    connection.close()
    return path


def test_texts_and_columns_are_replaced_and_the_rest_stays(rt, vault):
    report = rt.run("healthcare/deidentify", ROWS, person="patient_id", vault=vault)
    rows = report.rows()
    written = json.dumps(rows)
    assert not [secret for secret in SECRETS if secret in written]
    assert [row["service"] for row in rows] == ["Cardiology", "Cardiology", "Neurology"]
    assert set(report.treated_columns) == {"patient_id", "name", "dob"}
    assert "Columns that held identifiers: patient_id, name, dob." in report.notes()
    assert rows[0]["dob"] == rows[1]["dob"]
    assert rows[0]["patient_id"] == rows[1]["patient_id"] != rows[2]["patient_id"]
    counts = {kind.kind: kind.in_texts for kind in report.kinds}
    assert counts["name"] == 6
    assert counts["age over 89"] == 1
    assert "is 90+ years old" in rows[2]["text"]


@pytest.mark.parametrize("mode", ["mask", "surrogate"])
def test_numbers_with_a_point_nested_keys_and_bytes_hold_no_identifiers(rt, mode):
    row = {
        "text": "Patient: Mary Okonkwo.",
        "mrn": 48213907.0,  # of a table with gaps
        "patient_age": Decimal("93.0"),
        "values": {"Mary Okonkwo": [{"phone": 6175550134.0}], "Mr. Okonkwo": 1.5},
        "scan": b"Mary Okonkwo",
        "weight": 61.5,
    }
    fields = rt.run("healthcare/deidentify", [row], mode=mode).items[0].fields
    written = repr(fields)
    for secret in ("48213907", "93.0", "Okonkwo", "6175550134"):
        assert secret not in written
    assert fields["weight"] == 61.5
    assert len(fields["values"]) == 2
    assert isinstance(fields["mrn"], float if mode == "surrogate" else str)


def test_one_person_keeps_one_surrogate_over_three_files(rt, vault, tmp_path):
    texts = []
    for number, note in enumerate(
        ["Patient: John Abara. Well.", "Mr. Abara is here.", "Name: ABARA, JOHN\nWell."]
    ):
        path = tmp_path / f"{number}.jsonl"
        path.write_text(json.dumps({"text": note}))
        report = rt.run("healthcare/deidentify", rt.read(path), vault=vault)
        texts.append(report.items[0].text)
    first, last = texts[0].removeprefix("Patient: ").partition(".")[0].split()
    assert "Abara" not in last
    assert texts[1] == f"Mr. {last} is here."
    assert texts[2] == f"Name: {last.upper()}, {first.upper()}\nWell."


def test_dates_of_a_person_keep_their_distance_over_notes(rt, vault):
    report = rt.run("healthcare/deidentify", [
        {"text": "Seen 03/04/2019.", "patient": "x"}, {"text": "Seen 03/14/2019.", "patient": "x"},
    ], person="patient", vault=vault)  # fmt: skip
    first, second = (datetime.strptime(item.text, "Seen %m/%d/%Y.") for item in report.items)
    assert (second - first).days == 10
    assert first != datetime(2019, 3, 4)


def test_the_strict_mode_says_kinds_and_counts_and_no_text(rt):
    with pytest.raises(InputError) as refused:
        rt.run("healthcare/deidentify", ROWS, mode="strict")
    message = str(refused.value)
    assert "name 9" in message
    assert not [secret for secret in SECRETS if secret in message]
    clean = rt.run("healthcare/deidentify", ["No fever, no cough."], mode="strict")
    assert clean.items[0].text == "No fever, no cough."


def test_parameters_that_cannot_be_used_are_refused(rt, tmp_path):
    with pytest.raises(ParameterError, match="Did you mean 'patient_id'"):
        rt.run("healthcare/deidentify", ROWS, person="patientid")
    with pytest.raises(ParameterError, match="of no use in the mode 'mask'"):
        rt.run("healthcare/deidentify", ROWS, mode="mask", vault=tmp_path / "v")
    with pytest.raises(ParameterError, match="there is no kind of identifier 'dates'"):
        rt.run("healthcare/deidentify", ROWS, keep_kinds=["dates"])
    with pytest.raises(ParameterError, match="is kept in a vault, and none is named"):
        rt.run("healthcare/deidentify", ROWS, reversible=True)


def test_nothing_of_an_identifier_is_in_a_request_in_logs_or_in_records(rt, vault, caplog, recwarn):
    bodies: list[bytes] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    caplog.set_level(logging.DEBUG)
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        # a first name that nothing states as one cannot be told
        texts = [row["text"].replace("John feels", "He feels") for row in ROWS]
        sent = rt.plugins.before_send(texts, address)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(address, json.dumps(sent).encode(), method="POST")
        opener.open(request, timeout=20).close()
    finally:
        server.shutdown()
        server.server_close()
    report = rt.run("healthcare/deidentify", ROWS, person="patient_id", vault=vault)
    record = report.record.model_dump_json()
    body = bodies[0].decode()
    warned = " ".join(str(warning.message) for warning in recwarn)
    assert "[name]" in body
    assert "Masked before texts went" in warned
    for written in (body, caplog.text, record, warned):
        assert not [secret for secret in SECRETS if secret in written]


@pytest.mark.parametrize(
    "name", ["notes.csv", "notes.xlsx", "notes.html", "notes.json", "notes.md"]
)
def test_no_format_of_a_result_holds_an_identifier(rt, vault, tmp_path, name):
    report = rt.run("healthcare/deidentify", ROWS, person="patient_id", vault=vault)
    report.save(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    assert not [secret for secret in SECRETS if secret.encode() in content]
    assert (
        rt.run("healthcare/deidentify", rt.read(tmp_path / "notes.csv"))
        if name == "notes.csv"
        else True
    )


def test_no_name_of_a_file_is_in_a_result(rt, tmp_path):
    folder = tmp_path / "Okonkwo-files"
    folder.mkdir()
    (folder / "Mary Okonkwo 48213907.txt").write_text("Patient: Mary Okonkwo. MRN 48213907.")
    (folder / "Okonkwo empty.txt").write_text("")
    notes = rt.read(folder, skip_invalid=True)
    report = rt.run("healthcare/deidentify", notes, mode="mask")
    for name in ("notes.json", "notes.html"):
        report.save(tmp_path / name)
        content = (tmp_path / name).read_text()
        assert "Okonkwo" not in content
        assert "48213907" not in content
    assert len(report.record.inputs["notes"].skipped) == 1


def test_the_command_line_masks_files_and_keeps_kinds(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("notes.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in ROWS))
    result = CliRunner().invoke(
        app,
        ["run", "healthcare/deidentify", "notes.jsonl", "--mode", "mask", "--keep-kinds",
         "date,date of birth", "--id-field", "note_id", "--out", "masked.jsonl"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in Path("masked.jsonl").read_text().splitlines()]
    assert rows[0]["text"] == (
        "Mr. [name], MRN [record number], was seen on 03/04/2019 by Dr. [name]. "
        "Call [phone number]."
    )
    assert rows[0]["dob"] == "1958-03-04"
    assert rows[0]["name"] == "[name]"
    assert rows[1]["note_id"] == "b"


def test_accession_numbers_need_no_colon(rt):
    notes = ["Accession 4471-22, chest film.", "Accession to 400 beds."]
    report = rt.run("healthcare/deidentify", notes, mode="mask")
    assert [item.text for item in report.items] == [
        "Accession [record number], chest film.",
        "Accession to 400 beds.",
    ]


def test_a_result_whose_texts_hold_identifiers_says_so_and_other_results_do_not(rt):
    notes = [f"Mr. Abara has cough number {number} since 3/4/2019." for number in range(6)]
    (note,) = rt.run("healthcare/cluster-notes", notes).remarks
    assert note == (
        "6 of the 6 texts hold what may identify a person (name, date): protect the result as you "
        "protect them."
    )
    assert rt.run("healthcare/cluster-notes", ["cough", "fever", "a cold"]).remarks == ()


@pytest.mark.parametrize(
    ("workflow", "inputs"),
    [
        ("healthcare/assign-notes", {"earlier": ["cough", "fever", "a cold"]}),
        ("healthcare/update-notes", {"earlier": ["cough", "fever", "a cold"]}),
        ("healthcare/divide-notes", {}),
        ("healthcare/find-findings", {}),
        ("healthcare/match-trials", {"trials": ["Inclusion: age over 18"]}),
    ],
)
def test_every_result_that_quotes_notes_says_whether_they_hold_identifiers(
    rt, samples, workflow, inputs
):
    if workflow == "healthcare/find-findings":
        inputs = {"dictionary": samples("metier_healthcare") / "dictionary.csv"}
    notes = ["Patient: Ann Smith, seen on 3/4/2021 for a cough."]
    assert "protect the result" in rt.run(workflow, notes, **inputs).remarks[-1]
    assert "identify a person" not in str(rt.run(workflow, ["A cough."], **inputs).notes())
