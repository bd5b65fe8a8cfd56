"""The text of sources, whatever they are written in, with lines as editors count them."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier import Runtime
from metier.testing import FakeEmbedder
from metier_code.parsing.definitions import parse
from metier_code.trees.decoding import NoTextError, decode_source

RUSSIAN = "# Возвращает сумму всех заказов, которые были сделаны за этот день и не отменены\n"
JAPANESE = (
    "# 注文の合計金額を計算してから、お客様にメールを送信します。ひらがなとカタカナの文です。\n"
)
CHINESE = "# 计算所有订单的总金额、然后把结果发送给客户。这是一个用来测试的中文注释、我们的系统。\n"
FRENCH = "# Une façon de créer l'élève déjà présent dans la première liste, où même très tôt\n"


@pytest.mark.parametrize(
    ("raw", "text", "encoding"),
    [
        ("a = 'é'\r\n".encode(), "a = 'é'\r\n", "utf-8"),
        (b"\xef\xbb\xbfa = 1\n", "a = 1\n", "utf-8-sig"),
        (b"\xef\xbb\xbf# coding: latin-1\n\xc3\xa9", "# coding: latin-1\né", "utf-8-sig"),
        ("a = 'é'\n".encode("utf-16"), "a = 'é'\n", "utf-16"),
        (b"\x00\x00\xfe\xff" + "a = 'é'".encode("utf-32-be"), "a = 'é'", "utf-32"),
        (b"# -*- coding: latin-1 -*-\na = '\xe9'\n", "# -*- coding: latin-1 -*-\na = 'é'\n",
         "iso8859-1"),
        (b"#!/usr/bin/python\r# vim: set fileencoding=cp1251 :\r\xcf",
         "#!/usr/bin/python\r# vim: set fileencoding=cp1251 :\rП", "cp1251"),
        ("# encoding: Shift_JIS\nputs '日本'\n".encode("cp932"),
         "# encoding: Shift_JIS\nputs '日本'\n", "shift_jis"),
        ("/* -*- mode: c; coding: euc-jp-unix -*- */\nchar *a = \"日本\";\n".encode("euc_jp"),
         "/* -*- mode: c; coding: euc-jp-unix -*- */\nchar *a = \"日本\";\n", "euc_jp"),
        (b"a = 1\n\n# coding: latin-1\n# \xc3\xa9", "a = 1\n\n# coding: latin-1\n# é", "utf-8"),
    ],
)  # fmt: skip
def test_what_a_source_declares_is_followed(raw: bytes, text: str, encoding: str) -> None:
    source = decode_source(raw)

    assert (source.text, source.encoding, source.guessed) == (text, encoding, "")


@pytest.mark.parametrize(
    ("raw", "text", "guessed"),
    [
        (b"char *a = \"caf\xe9\"; \x93b\x94\n", 'char *a = "café"; “b”\n', "cp1252"),
        (RUSSIAN.encode("cp1251"), RUSSIAN, "cp1251"),
        (JAPANESE.encode("cp932"), JAPANESE, "cp932"),
        (CHINESE.encode("gb18030"), CHINESE, "gb18030"),
        (FRENCH.encode("cp1252"), FRENCH, "cp1252"),
        ("int a = 1; // é\n".encode("utf-16-le"), "int a = 1; // é\n", "utf-16-le"),
        (b"# coding: utf-8\n# caf\xe9\n", "# coding: utf-8\n# café\n", "though it declares utf-8"),
        (b"# coding: rot13\n# caf\xe9\n", "# coding: rot13\n# café\n", "cp1252"),
        ("# né à Orléans, très tôt\n".encode() + b"\xff\n", "# né à Orléans, très tôt\n\ufffd\n",
         "read as utf-8, of which 1 byte is not"),
    ],
)  # fmt: skip
def test_what_nothing_declares_is_recognized_and_said(raw: bytes, text: str, guessed: str) -> None:
    source = decode_source(raw)

    assert source.text == text
    assert guessed in source.guessed


@pytest.mark.parametrize(
    "raw", [b"\x7fELF\x02\x01\x01\0\0", b"\xff\xfea", b"\x89PNG\r\n\x1a\n\x01\x02\xff", b"a\0b\n"]
)
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(NoTextError):
        decode_source(raw)


def test_lines_are_those_of_editors(tmp_path: Path) -> None:
    for newline in ("\n", "\r\n", "\r"):
        source = newline.join(
            ["a = '\u2028 \x85 \x1c \x0b'", "\x0c", "", "def pay(cart):", "    return '\u2029'", ""]
        )
        raw = source.encode()
        (pay,) = [
            item
            for item in parse(decode_source(raw).normalized, "Python").definitions
            if item.name == "pay"
        ]
        assert (pay.line, pay.end_line) == (4, 5)
        assert pay.text.rstrip("\n") == "def pay(cart):\n    return '\u2029'"


def test_a_guess_is_said_with_the_result(tmp_path: Path) -> None:
    for name in ("a.py", "b.py", "c.py", "d.py"):
        (tmp_path / name).write_bytes(b"def pay():\n    return 'caf\xe9'\n")
    (tmp_path / "e.py").write_bytes(b"# coding: cp1252\ndef go():\n    return 'caf\xe9'\n")
    rt = Runtime(FakeEmbedder(), plugins=["code"], progress=False)

    result = rt.run("code/search", tmp_path, "pay")

    note = "a.py, b.py, c.py and 1 more: read as cp1252, which is a guess"
    assert note in result.notes()
    assert note in rt.run("code/similar", tmp_path, min_lines=1, min_tokens=1).notes()
    assert any("café" in hit.text for hit in result.hits)
