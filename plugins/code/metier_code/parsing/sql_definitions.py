"""Routines, tables, views and types of SQL scripts, in any of its dialects.

Grammars of SQL know one dialect each; what begins and ends a definition is alike in all of them.
"""

from __future__ import annotations

import re

from metier_code.parsing.definition import Definition, Kind, Source
from metier_code.parsing.documentation import one_line, plain_comment

_QUOTED = r"(?:\"[^\"\n]*\"|`[^`\n]*`|\[[^\]\n]*\]|[\w$#]+)"
_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<quoted>\bAS\s+'(?:[^']|'')*+(?:'|\Z)|(?<![\w$])(?P<tag>\$\w*\$).*?(?:(?P=tag)|\Z))"
    r"|'(?:[^']|'')*+(?:'|\Z)|\"[^\"\n]*\"|`[^`\n]*`"
    r"|(?P<batch>^[ \t]*(?:GO|/|//|DELIMITER\b[^\n]*)[ \t]*$)"
    r"|(?P<head>^[ \t]*(?:(?:CREATE|ALTER)\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?"
    r"(?:(?:DEFINER\s*=\s*\S+|EDITIONABLE|NONEDITIONABLE|TEMP|TEMPORARY|CONSTRAINT)\s+)*"
    r"(?:FUNCTION|PROCEDURE|PROC|TRIGGER)\s+(?:IF\s+NOT\s+EXISTS\s+)?|(?:FUNCTION|PROCEDURE)\s+)"
    rf"(?P<name>{_QUOTED}(?:\s*\.\s*{_QUOTED}){{0,3}}))"
    r"|(?P<table>^[ \t]*CREATE\s+(?:OR\s+REPLACE\s+)?"
    r"(?:(?:DEFINER\s*=\s*\S+|ALGORITHM\s*=\s*\w+|SQL\s+SECURITY\s+\w+|GLOBAL|LOCAL|TEMP|TEMPORARY"
    r"|UNLOGGED|EXTERNAL|FOREIGN|MATERIALIZED|RECURSIVE|VIRTUAL|TRANSIENT|FORCE|NOFORCE|EDITIONABLE"
    r"|NONEDITIONABLE)\s+)*"
    r"(?:TABLE|VIEW|TYPE(?!\s+BODY\b))\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"(?P<table_name>{_QUOTED}(?:\s*\.\s*{_QUOTED}){{0,3}}))"
    r"|\bBEGIN\s+(?:TRAN(?:SACTION)?|WORK)\b"
    r"|\b(?P<open>BEGIN|CASE)\b"
    r"|\bEND\s+(?:IF|LOOP|WHILE|REPEAT|FOR)\b"
    r"|\b(?P<close>END)\b(?:[ \t]+(?:CASE|TRY|CATCH)\b)?"
    r"|(?P<stop>;)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_COMMENTS = re.compile(r"(?:\s*+(?:--[^\n]*|/\*.*?\*/))*+\s*+", re.DOTALL)
_TABLE_SIGNATURE_END = re.compile(r"\s*\(|\bAS\b|\bUSING\b|;|\bSERVER\b", re.IGNORECASE)
_SIGNATURE_END = re.compile(r"\b(?:AS|IS|BEGIN)\b|\$\w*\$", re.IGNORECASE)
_AFTER_END = re.compile(r"(?:[ \t]+[\w\"]+)?[ \t]*;?")
_GOES_ON = re.compile(r"\s*;?\s*(?:BEGIN|ELSE)\b", re.IGNORECASE)
_BLOCK = re.compile(r"\b(?:AS|IS)\b", re.IGNORECASE)
_BODY = re.compile(r"\b(?:AS|IS|RETURN|FOR\s+EACH\s+ROW\s+(?!EXECUTE\b)\w+)\b", re.IGNORECASE)


def sql_definitions(source: Source) -> list[Definition]:
    """Routines with a body, and as classes tables, views and types, in source order.

    A routine ends with its body: a quoted one, the last `END`, the first semicolon of a body
    without either, or the batch; the others end with a semicolon or the batch. Comments right above
    belong to them.
    """
    scan = _Scan(source.text)
    for match in _TOKEN.finditer(source.text):
        scan.read(match)
    scan.close(len(source.text))
    return [_definition(source, *declared) for declared in scan.declared]


def _definition(source: Source, name: str, kind: Kind, start: int, end: int) -> Definition:
    text = source.text[start:end]
    comments = _COMMENTS.match(text)
    after = comments.end() if comments else 0
    signature_end = _TABLE_SIGNATURE_END if kind == "class" else _SIGNATURE_END
    body = signature_end.search(text, after)
    return source.definition(
        start,
        end,
        name=name,
        kind=kind,
        signature=one_line(text[after : body.start() if body else len(text)]),
        doc=plain_comment(text[:after]),
    )


class _Scan:
    """One pass over the tokens of a script; `declared` has names, kinds and offsets."""

    def __init__(self, text: str) -> None:
        self.declared: list[tuple[str, Kind, int, int]] = []
        self._text = text
        self._name = ""  # of the definition that is open, if one is
        self._kind: Kind = "function"
        self._start = self._head = 0  # where it begins, and where its name ends
        self._depth = 0
        self._opened = self._quoted = False
        self._comments = (0, 0)  # start and end of the comments read last

    def read(self, match: re.Match[str]) -> None:
        """Read the next token."""
        if match["comment"]:
            start, end = self._comments
            self._comments = (start if self._touches(end, match) else match.start(), match.end())
        elif match["head"] and (self._depth <= 0 or self._kind == "class"):
            self.close(match.start())
            self._open(match, match["name"], "function")
        elif match["table"] and (not self._name or self._kind == "class"):
            self.close(match.start())
            self._open(match, match["table_name"], "class")
        elif not self._name:
            return
        elif self._kind == "class":
            if match["batch"] or match["stop"]:
                self.close(match.start() if match["batch"] else match.end())
        elif match["quoted"]:
            self._quoted = True
        elif match["open"]:
            self._opened = True
            self._depth += 1
        elif match["close"]:
            self._depth -= 1
            if self._depth <= 0 and self._opened and not _GOES_ON.match(self._text, match.end()):
                after = _AFTER_END.match(self._text, match.end())
                self.close(after.end() if after else match.end())
        elif match["batch"]:
            self.close(match.start())
        elif match["stop"] and self._depth <= 0 and not self._has_block(match.start()):
            self.close(match.end())

    def close(self, end: int) -> None:
        """End the definition that is open; a routine without a body is left out."""
        text = self._text[self._start : end].rstrip()
        body = self._text[self._head : end]
        is_whole = self._kind == "class" or self._opened or self._quoted or _BODY.search(body)
        if self._name and is_whole:
            self.declared.append((self._name, self._kind, self._start, self._start + len(text)))
        self._name, self._depth = "", 0

    def _open(self, match: re.Match[str], written: str, kind: Kind) -> None:
        self._kind = kind
        name = re.sub(r"\s*\.\s*", ".", written)
        self._name = re.sub(r"[\"`\[\]]", "", name)
        blanks = len(match[0]) - len(match[0].lstrip())
        start, end = self._comments
        self._start = start if self._touches(end, match) else match.start() + blanks
        self._head = match.end()
        self._opened = self._quoted = False

    def _touches(self, end: int, match: re.Match[str]) -> bool:
        """Whether only the end of a line stands between the comments before and a token."""
        between = self._text[end : match.start()]
        return end > 0 and not between.strip() and between.count("\n") <= 1

    def _has_block(self, end: int) -> bool:
        """Whether a block is still to come: after its variables, or to the end of the batch."""
        if self._opened or self._quoted:
            return False
        return _BLOCK.search(self._text, self._head, end) is not None
