"""Text files in other encodings than UTF-8: named, marked, recognized, or refused."""

from __future__ import annotations

import codecs
import gzip
import json
import warnings

import pytest

from metier.errors import InputError, MetierWarning, UnknownNameError
from metier.texts.files import stream_texts
from metier.texts.texts import Documents, Texts

FRENCH = "Le café est fermé à midi, et je n\N{RIGHT SINGLE QUOTATION MARK}ai pas reçu ma carte"
GERMAN = "Ich möchte mein Geld zurück, die Gebühr ist für mich nicht in Ordnung"
ICELANDIC = "Ég hef ekki fengið kortið og þið eruð með peningana til að greiða"
ENGLISH = (
    "I didn\N{RIGHT SINGLE QUOTATION MARK}t get the card and was charged \N{EURO SIGN}50 for it"
)
POLISH = "Dlaczego została pobrana podwójna opłata za kartę, i nie mogę się zalogować"
CZECH = "Prosím o vrácení poplatku za účet, je to příliš a na kartě se to neukáže"
TURKISH = "Kartım gelmedi, lütfen bu ücreti iade edin, çok teşekkürler ve iyi günler"
RUSSIAN = "Почему с меня взяли комиссию, и что мне делать за это"
GREEK = "Γιατί δεν ήρθε η κάρτα μου και με χρέωσαν για το ταξίδι"
JAPANESE = "カードがまだ届いていません。手数料を返してください。"
CHINESE = "我的信用卡还没有收到，请退还这个月的手续费，我不会在国外使用。"
TAIWANESE = "我的信用卡還沒有收到，請退還這個月的手續費，我不會在國外使用。"
KOREAN = "카드를 아직 받지 못했습니다. 수수료는 이번 달에 환불해 주시고 주소도 변경하고 싶어요."

RECOGNIZED = [
    (FRENCH, "cp1252", "cp1252"),
    (GERMAN, "latin-1", "cp1252"),
    (ICELANDIC, "latin-1", "cp1252"),
    (ENGLISH, "cp1252", "cp1252"),
    (GERMAN, "mac_roman", "mac_roman"),
    (GERMAN, "cp850", "cp850"),
    (POLISH, "cp1250", "cp1250"),
    (CZECH, "cp1250", "cp1250"),
    (TURKISH, "cp1254", "cp1254"),
    (RUSSIAN, "cp1251", "cp1251"),
    (RUSSIAN, "koi8_r", "koi8_r"),
    (GREEK, "cp1253", "cp1253"),
    (JAPANESE, "shift_jis", "cp932"),
    (JAPANESE, "euc_jp", "euc_jp"),
    (JAPANESE, "iso2022_jp", "iso2022_jp"),
    (CHINESE, "gbk", "gb18030"),
    (TAIWANESE, "big5", "big5"),
    (KOREAN, "euc_kr", "cp949"),
    (ENGLISH, "utf-16-le", "utf-16-le"),
    (ENGLISH, "utf-16-be", "utf-16-be"),
    (CHINESE, "utf-16-le", "utf-16-le"),
    (RUSSIAN, "utf-16-be", "utf-16-be"),
]


MIXED = "\n".join(
    [FRENCH, GERMAN, "The fee for the card is £5", "El señor pagó y no me llegó la carta"]
)


def read_quietly(path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return Texts.read(path, **options)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "txt", "md"])
@pytest.mark.parametrize(("text", "written", "named"), RECOGNIZED)
def test_an_encoding_is_recognized_and_told(tmp_path, text, written, named, suffix):
    path = tmp_path / f"a.{suffix}"
    content = {
        "csv": f'id,text\n1,"{text}"\n',
        "tsv": f"id\ttext\n1\t{text}\n",
        "jsonl": json.dumps({"text": text}, ensure_ascii=False),
    }.get(suffix, text)
    path.write_bytes(content.encode(written))
    with pytest.warns(MetierWarning, match=rf"a\.{suffix} is read as {named}, by what it holds"):
        texts = Texts.read(path)
    assert texts.strings == [text]


@pytest.mark.parametrize(
    ("mark", "encoding", "named"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
        (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32"),
    ],
)
def test_a_byte_order_mark_wins_over_what_is_named(tmp_path, mark, encoding, named):
    path = tmp_path / "a.csv"
    path.write_bytes(mark + f"id,text\n1,{GREEK}\n".encode(encoding))
    for given in (None, "cp1252"):
        with pytest.warns(MetierWarning, match=f"as {named}, as its byte order mark says"):
            assert Texts.read(path, encoding=given).strings == [GREEK]
    assert read_quietly(path, encoding=named).strings == [GREEK]


def test_the_lines_of_a_file_may_be_in_several_languages(tmp_path):
    (tmp_path / "a.txt").write_bytes(MIXED.encode("cp1252"))
    with pytest.warns(MetierWarning, match="as cp1252"):
        assert Texts.read(tmp_path / "a.txt").strings == MIXED.split("\n")


def test_utf_8_is_read_without_a_word_with_and_without_its_mark(tmp_path):
    path = tmp_path / "a.txt"
    for mark in (b"", codecs.BOM_UTF8):
        path.write_bytes(mark + JAPANESE.encode())
        assert read_quietly(path).strings == [JAPANESE]
    with pytest.warns(MetierWarning, match="as utf-8-sig, as its byte order mark says"):
        assert Texts.read(path, encoding="cp1252").strings == [JAPANESE]


@pytest.mark.parametrize("kind", [Texts, Documents])
def test_a_named_encoding_is_taken_without_a_word(tmp_path, kind):
    (tmp_path / "a.txt").write_bytes("tr\N{LATIN SMALL LETTER C WITH CARON}s".encode("cp1250"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        texts = kind.read(tmp_path / "a.txt", encoding="cp1250")
    assert texts.strings == ["tr\N{LATIN SMALL LETTER C WITH CARON}s"]


@pytest.mark.parametrize(
    ("raw", "candidates"),
    [
        ("très".encode("cp1252"), ["cp1252 (très)", "cp1250 (trčs)"]),
        ("你好".encode("gbk"), ["gb18030 (你好)", "big5"]),
        ("住所を変更".encode("shift_jis"), ["cp932 (住所を変更)", "gb18030"]),
    ],
)
def test_a_short_file_is_refused_with_the_encodings_it_may_have(tmp_path, raw, candidates):
    (tmp_path / "a.txt").write_bytes(raw)
    with pytest.raises(InputError, match="is not UTF-8") as refused:
        Texts.read(tmp_path / "a.txt")
    for candidate in candidates:
        assert candidate in str(refused.value)
    assert "encoding=..." in str(refused.value)
    assert refused.value.code == "wrong-encoding"


@pytest.mark.parametrize("text", ["שלום, לא קיבלתי את הכרטיס", "สวัสดีครับ ยังไม่ได้รับบัตร"])
def test_an_encoding_that_is_not_looked_for_is_never_taken_for_another(tmp_path, text):
    encoding = "cp1255" if text < "ก" else "cp874"
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    with pytest.raises(InputError, match="is not UTF-8"):
        Texts.read(tmp_path / "a.txt")
    assert read_quietly(tmp_path / "a.txt", encoding=encoding).strings == [text]


def test_damaged_utf_8_is_not_taken_for_another_encoding(tmp_path):
    (tmp_path / "a.txt").write_bytes(FRENCH.encode() + b"\nla fin \xff\n")
    with pytest.raises(InputError, match=r"a.txt is not UTF-8: byte \d+ \(line 2\)") as refused:
        Texts.read(tmp_path / "a.txt")
    assert "perhaps" not in str(refused.value)


@pytest.mark.parametrize(
    ("encoding", "raw", "byte", "line"),
    [
        ("utf-8", b"one\ntw\xf6", 6, 2),
        ("cp1252", b"one\ntwo \x81", 8, 2),
        ("utf-16-le", "one\ntwo".encode("utf-16-le") + b"\x00\xd8", 14, 2),
        ("shift_jis", b"one\n\ntwo\xff", 8, 3),
        ("ascii", "é".encode(), 0, 1),
    ],
)
def test_a_wrong_encoding_is_refused_at_the_byte_that_is_none_of_it(
    tmp_path, encoding, raw, byte, line
):
    (tmp_path / "a.txt").write_bytes(raw)
    with pytest.raises(InputError, match=rf"byte {byte} \(line {line}\)") as refused:
        Texts.read(tmp_path / "a.txt", encoding=encoding)
    assert refused.value.position.line == line
    assert refused.value.code == "wrong-encoding"


def test_the_position_of_a_wrong_byte_is_counted_over_the_whole_file(tmp_path):
    lines = 200_000
    (tmp_path / "a.txt").write_bytes(b"a line\n" * lines + b"\x81")
    with pytest.raises(InputError, match=rf"byte {7 * lines} \(line {lines + 1}\)"):
        Texts.read(tmp_path / "a.txt", encoding="cp1252")


@pytest.mark.parametrize("name", ["cp12522", "klingon", "base64", "a\0b"])
def test_an_unknown_encoding_is_refused(tmp_path, name):
    (tmp_path / "a.txt").write_text("one")
    with pytest.raises(UnknownNameError, match="There is no encoding") as refused:
        Texts.read(tmp_path / "a.txt", encoding=name)
    assert ("'cp1252'" in str(refused.value)) == (name == "cp12522")


def test_lines_and_line_ends_are_those_of_the_file(tmp_path):
    (tmp_path / "a.txt").write_bytes(f"{GERMAN}\r\n\r\nzweite\rdritte\n".encode("cp1252"))
    with pytest.warns(MetierWarning):
        document = Documents.read(tmp_path / "a.txt")[0]
    assert document.text == f"{GERMAN}\r\n\r\nzweite\rdritte\n"
    with pytest.warns(MetierWarning):
        assert [item.id for item in Texts.read(tmp_path / "a.txt")][:2] == ["a.txt:1", "a.txt:3"]


def test_each_file_of_a_folder_has_its_own_encoding_and_is_told_once(tmp_path):
    for name in "abcd":
        (tmp_path / f"{name}.txt").write_bytes(f"{GERMAN} {name}".encode("cp1252"))
    (tmp_path / "e.txt").write_text(JAPANESE)
    with pytest.warns(MetierWarning) as told:
        texts = [item.text for item in stream_texts(tmp_path, Texts)]
    assert texts == [*(f"{GERMAN} {name}" for name in "abcd"), JAPANESE]
    (message,) = [str(warning.message) for warning in told]
    assert message.startswith("a.txt, b.txt, c.txt and 1 more are read as cp1252")


def test_a_page_that_names_no_encoding_is_read_in_the_one_that_is_given(tmp_path):
    (tmp_path / "a.html").write_bytes(f"<p>{RUSSIAN}</p>".encode("koi8_r"))
    assert read_quietly(tmp_path / "a.html", encoding="koi8-r").strings == [RUSSIAN]


def test_a_packed_file_is_recognized_as_an_unpacked_one(tmp_path):
    with gzip.open(tmp_path / "a.csv.gz", "wb") as file:
        file.write(f"text\tid\n{POLISH}\t1\n".encode("cp1250"))
    with pytest.warns(MetierWarning, match=r"a.csv.gz is read as cp1250"):
        assert [item.text for item in stream_texts(tmp_path / "a.csv.gz", Texts)] == [POLISH]


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_byte_order_mark_is_read_in_the_order_that_gives_a_text(tmp_path, order):
    path = tmp_path / "a.csv"
    path.write_bytes(f"id,text\n1,{ENGLISH}\n".encode(order))
    assert Texts.read(path, encoding="utf-16").strings == [ENGLISH]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize("content", [b"id,text\n1,a bear\n", b"\xff"])
def test_a_file_whose_order_of_bytes_is_not_known_is_refused_with_what_to_name(
    tmp_path, encoding, content
):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"a.csv is not {encoding}") as caught:
        Texts.read(path, encoding=encoding)
    assert caught.value.code == "wrong-encoding"


@pytest.mark.parametrize("name", ["idna", "punycode", "unicode-escape", "raw_unicode_escape"])
def test_a_codec_in_which_no_file_is_written_is_no_encoding(name):
    with pytest.raises(UnknownNameError, match=f"encoding '{name}'"):
        Texts.read(__file__, encoding=name)
