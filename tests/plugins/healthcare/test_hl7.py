"""HL7 version 2 as texts: reports, escapes, encodings, batches, and messages that are broken."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hl7 as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

import metier
from metier.errors import InputError
from metier.texts.texts import Documents, Texts
from metier_healthcare.hl7 import HL7, HL7_TEXT
from metier_healthcare.hl7_messages import Delimiters, Segment

SAMPLES = Path(__file__).parents[3] / "plugins/healthcare/metier_healthcare/samples"
Write = Callable[..., Path]


def header(number: int = 1, *, charset: str = "", kind: str = "ORU^R01") -> str:
    return rf"MSH|^~\&|A|B|C|D|202405010800||{kind}|M{number}|P|2.5||||||{charset}"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write segments, each ended as given."""

    def write_segments(
        *segments: str, name: str = "a.hl7", end: str = "\r", encoding: str = "utf-8"
    ) -> Path:
        path = tmp_path / name
        raw = "".join(f"{segment}{end}" for segment in segments).encode(encoding)
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    return write_segments


def read(path: Path, **options: Any) -> Texts:
    return Texts.read(path, readers=[HL7, HL7_TEXT], **options)


def report(*observations: str, **options: Any) -> list[str]:
    return [header(**options), "OBR|1||F1|11^Report", *observations]


def test_the_samples_are_read_in_any_runtime_as_another_parser_reads_them():
    path = SAMPLES / "messages.hl7"
    texts = metier.Runtime(model="embedded", plugins=["healthcare"]).read(path)
    assert [(item.id, item.text.splitlines()[0]) for item in texts] == [
        ("MSG0001-1", "Findings:"),
        ("MSG0001-2", "Hemoglobin: 9.1 g/dL (L)"),
        ("MSG0003", "Admitted with heart failure."),
    ]
    assert texts[0].text == (
        "Findings:\nConsolidation of the left lower lobe.\nHeart size is normal\nNo effusion.\n\n"
        "Impression:\nPneumonia of the left lower lobe.\nCalled to the ward at 10:20."
    )
    assert texts[0].fields == {
        "message": "ORU^R01",
        "patient": "P-1001",
        "encounter": "V-77",
        "date": "2024-03-02T09:30:00",
        "author": "Invented, Oscar",
        "type": "Chest X-ray 2 views",
        "type_code": "36643-5",
        "category": "RAD",
        "status": "F",
        "order": "RAD-5",
        "converted_from": "hl7",
    }
    assert texts[1].fields["measurements"][0] == {
        "code": "718-7",
        "name": "Hemoglobin",
        "value": 9.1,
        "unit": "g/dL",
        "text": "9.1 g/dL",
        "range": "12-16",
        "flag": "L",
    }
    assert texts.skipped == (
        "messages.hl7, line 13: an observation deleted",
        "messages.hl7, without a text: 1 ADT^A01",
    )
    whole = " ".join(texts.strings)
    for raw in path.read_bytes().decode().split("\rMSH"):
        message = oracle.parse(raw if raw.startswith("MSH") else f"MSH{raw}")
        for segment in message:
            if str(segment[0]) == "OBX" and str(segment[11]) != "D":
                value = message.unescape(str(segment[5]), {".br": "\r"})
                assert all(line in whole for line in value.split("\r"))


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("name", ["a.hl7", "a.txt", "a.hl7.gz"])
def test_line_ends_of_every_system_and_names_are_read(write, end, name):
    path = write(*report("OBX|1|TX|1^X||one", "OBX|2|TX|1^X||two"), name=name, end=end)
    for kind in (Texts, Documents):
        (item,) = kind.read(path, readers=[HL7, HL7_TEXT])
        assert (item.id, item.text) == ("M1", "one\ntwo")


def test_a_text_file_of_another_kind_stays_what_it_is(write):
    assert read(write("MSH is short for a header", name="a.txt", end="\n")).strings == [
        "MSH is short for a header"
    ]
    with pytest.raises(InputError, match=r"a\.hl7 is not HL7 version 2"):
        read(write("<ORU_R01/>"))


def test_batches_and_messages_as_mllp_sends_them_are_read(write):
    batch = [r"FHS|^~\&|A", r"BHS|^~\&|A", *report("OBX|1|TX|1||one"),
             *report("OBX|1|TX|1||two", number=2), "BTS|2", "FTS|1"]  # fmt: skip
    assert read(write(*batch)).strings == ["one", "two"]
    path = write(*batch[:-2], "BTS|3", "FTS|1")
    with pytest.raises(InputError, match="line 9: the batch states 3 messages, and has 2"):
        read(path)
    assert read(path, skip_invalid=True).strings == ["one", "two"]
    framed = "".join(
        "\x0b" + "\r".join(report(f"OBX|1|TX|1||{word}", number=number)) + "\r\x1c\r"
        for number, word in enumerate(("one", "two"))
    )
    assert read(write(framed, end="")).strings == ["one", "two"]


def test_the_delimiters_are_those_of_the_message(write):
    segments = ["MSH$%*!@$A$B$C$D$20240501$$ORU%R01$M1$P$2.5", "OBR$1$$$1%Report",
                "OBX$1$CE$7%Name$$8%Gr!F!een@x", "OBX$2$TX$7$$a*b !R! c%d|e"]  # fmt: skip
    assert read(write(*segments)).strings == ["Name: Gr$een\na\nb * c%d|e"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f"),
        (r"one\.br\two\.sp2\three", "one\ntwo\n\nthree"),
        (r"\H\bold\N\ and\.sk3\far", "bold and   far"),
        (r"\X0D0A\next \XC3A9\t\X\e", "next \u00e9t\\X\\e"),
        (r"C:\temp 50\50 \q\F\ ", r"C:\temp 50\50 \q|"),
        (r"\.in+4\\.ti-2\\.fi\text\Zlocal\ \C2842\ ", "text"),
        (r"5^th & last", "5^th & last"),
        ("one~two", "one\ntwo"),
        ('""', None),
    ],
)
def test_escapes_are_read(write, written, expected):
    path = write(*report(f"OBX|1|FT|1||{written}", "OBX|2|TX|1||."))
    (item,) = read(path)
    assert item.text == ("." if expected is None else f"{expected}\n.")


@given(st.text(st.sampled_from("ab |^~\\&\u00e9FSTRE."), min_size=1))
def test_what_another_library_escapes_is_the_text_again(text):
    message = oracle.parse(header())
    written = message.escape(text)
    segment = Segment("OBX", ["OBX", written], 1, Delimiters(), "utf-8")
    if "\u00e9" not in text:  # which that library writes as code points, not as bytes
        assert segment.plain(written) == text
    assert "|" not in written


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("UNICODE UTF-8", "utf-8"), ("8859/1", "latin-1"), ("8859/15", "iso8859-15"),
        ("8859/9", "iso8859-9"), ("", "utf-8"), ("", "cp1252"), ("ASCII", "cp1252"),
        ("ISO-8859-1", "latin-1"), ("GB 18030-2000~ISO IR87", "gb18030"), ("", "utf-8-sig"),
    ],
)  # fmt: skip
def test_a_message_is_in_the_encoding_that_it_states(write, charset, encoding):
    words = "F\u00fc\u00dfe kalt, \u00f6dem"
    path = write(*report(f"OBX|1|TX|1||{words}", charset=charset), encoding=encoding)
    assert read(path).strings == [words]


def test_each_message_has_its_own_encoding(write):
    path = write(*report("OBX|1|TX|1||Größe", charset="8859/1"), encoding="latin-1")
    raw = path.read_bytes()
    second = "\r".join(report("OBX|1|TX|1||Größe", charset="UNICODE UTF-8", number=2))
    path.write_bytes(raw + second.encode())
    assert read(path).strings == ["Größe", "Größe"]


def test_files_inside_of_messages_are_read(write):
    data = base64.b64encode("Größe <b>3</b>".encode()).decode()
    rtf = base64.b64encode(rb"{\rtf1 Fever.\par}").decode()
    path = write(
        *report(f"OBX|1|ED|1^Page||A^TEXT^HTML^Base64^{data}"),
        *report(f"OBX|1|ED|1^Letter||A^AP^RTF^Base64^{rtf}", number=2),
        *report("OBX|1|ED|1^Plain||^text^plain^A^as it is", number=3),
        *report("OBX|1|RP|1^Film||https://example.org/1", "OBX|2|TX|1||Seen.", number=4),
        *report("OBX|1|ED|1^Scan||A^IM^TIFF^Base64^AAAA", number=5),
    )
    texts = read(path)
    assert texts.strings == ["Größe 3", "Fever.", "as it is", "Seen."]
    assert texts.skipped == (
        "a.hl7, line 12: only an address, and nothing is fetched",
        "a.hl7, line 15 (line 16: im/tiff is not read)",
    )


def test_values_of_other_types_are_written_with_unit_and_flag(write):
    path = write(
        *report(
            "OBX|1|NM|1^Weight||81.50|kg",
            "OBX|2|SN|2^CRP||<^5|mg/L",
            "OBX|3|SN|3^Titer||^1^:^80",
            "OBX|4|CWE|4^Culture||3^Grown^L|||A",
            "OBX|5|DT|5^Taken||20240430",
        )
    )
    (item,) = read(path)
    assert item.text == (
        "Weight: 81.50 kg\nCRP: <5 mg/L\nTiter: 1:80\nCulture: Grown (A)\nTaken: 2024-04-30"
    )
    assert [entry["text"] for entry in item.fields["measurements"]] == ["81.50 kg", "<5 mg/L"]


def test_a_single_number_is_no_text_and_a_canceled_report_is_left_out(write):
    segments = report("OBX|1|NM|1^Weight||81|kg")
    canceled = ["OBR|2||F2|11^Report" + "|" * 21 + "X", "OBX|1|TX|1||Secret."]
    with pytest.raises(InputError, match=r"There is no text in a\.hl7") as error:
        read(write(*segments, *canceled))
    assert "line 4 (canceled)" in str(error.value)
    assert "without a text: 1 ORU^R01" in str(error.value)
    assert "Secret" not in str(error.value)


def test_lines_that_somebody_broke_go_on_with_their_text(write):
    path = write(*report("OBX|1|TX|1||one", "two, still|||F", "OBX|2|TX|1||three|||"), end="\n")
    assert read(path).strings == ["one\ntwo, still\nthree"]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (["MSH|Secret"], "line 4: MSH-2 does not name the characters"),
        ([header(2, charset="KLINGON"), "OBX|1|TX|1||Secret"], "line 4: the encoding 'KLINGON'"),
        ([header(2, charset="hex"), "OBX|1|TX|1||Secret"], "line 4: not written in hex"),
        ([header(2), "PID|1", "Secret words"], "line 6: no segment"),
        ([*report("OBX|1|ED|1||A^TEXT^plain^Base64^?Secret?", number=2)], "line 4: .*not base64"),
    ],
)
def test_a_broken_message_is_an_error_with_its_line_and_loses_no_other(write, broken, message):
    path = write(
        *report("OBX|1|TX|1||one"), *broken, *report("OBX|1|TX|1||three", number=3), end="\n"
    )
    with pytest.raises(InputError, match=f"a.hl7, {message}") as error:
        read(path)
    assert "Secret" not in str(error.value)
    texts = read(path, skip_invalid=True)
    assert texts.strings == ["one", "three"]
    assert texts.skipped[0].startswith("line ")


def test_a_file_longer_than_a_block_is_read_to_its_end(write):
    segments = [part for number in range(9) for part in report(
        f"OBX|1|TX|1||{'word ' * 40_000}{number}", number=number)]  # fmt: skip
    for end in ("\r\n", "\r"):
        texts = read(write(*segments, end=end))
        assert [item.text[-1] for item in texts] == list("012345678")
