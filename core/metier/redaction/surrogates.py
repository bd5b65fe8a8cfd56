"""Realistic replacements of identifiers: of the same form, and the same for the same text."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence

from metier.redaction.identifier_file import SurrogateForm
from metier.redaction.name_lists import load_name_lists
from metier.redaction.name_words import PARTICLES
from metier.redaction.written_dates import shifted

_TITLE = re.compile(r"(?:mr|mrs|ms|miss|dr|prof|jr|sr|ii|iii|iv|md)\.?", re.IGNORECASE)

_LONGEST_SHIFT = 365
"""Days by which dates are moved at most."""


class Surrogates:
    """Replacements that follow from a key: equal texts get equal ones, and no other key gives them.

    Without the key nobody can tell what a replacement stands for. Names are replaced word by word,
    so that `Mr. Smith`, `SMITH, JOHN A.` and `John Smith` are one person still.

    Args:
        key: at least 16 bytes at random.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._words = load_name_lists()
        self._first_names = self._words.first_names
        self._small_zips = frozenset(self._words.small_zips)

    def days(self, person: str) -> int:
        """By how many days the dates of a person are moved: the same for all, never 0."""
        number = self._number("days", person)
        days = 1 + number % _LONGEST_SHIFT
        return days if number // _LONGEST_SHIFT % 2 else -days

    def replace(
        self,
        form: SurrogateForm,
        text: str,
        *,
        person: str,
        day_first: bool = False,
        first_names: Mapping[str, str] | None = None,
    ) -> str | None:
        """The replacement of an identifier; None where none of its form can be made.

        Args:
            form: how replacements of its kind are made.
            text: the identifier.
            person: whose dates are moved alike.
            day_first: whether 03/04 is the 3rd of April.
            first_names: for the initial of a first name and a surname, `j smith`, that name.
        """
        if form == "date":
            return shifted(text, self.days(person), day_first=day_first)
        if form == "name":
            return self._name(text, first_names or {})
        if form == "age":
            return "90+"
        makers = {
            "phone": self._phone,
            "email": self._email,
            "url": self._url,
            "ip": self._ip,
            "address": self._address,
            "place": self._town,
            "postal": self._postal,
            "ssn": self._ssn,
        }
        return makers.get(form, self._code)(text)

    # names -------------------------------------------------------------------------------------

    def _name(self, text: str, first_names: Mapping[str, str]) -> str:
        pieces = re.split(r"([\s,^\"()\u201c\u201d]+)", text)
        words = [word for word in pieces[::2] if word]
        turned = re.match(r"[^,^]+[,^]", text) is not None
        before = re.split(r"[,^]", text)[0].split()
        last = set(before) if turned else set(words[-1:])
        if not turned and len(words) > 1 and _TITLE.fullmatch(words[-1]):
            last = set(words[-2:-1])
        surname = " ".join(word for word in words if word in last)
        replaced = []
        for index, word in enumerate(pieces):
            if index % 2 or not word or _TITLE.fullmatch(word) or word.lower() in PARTICLES:
                replaced.append(word)
            else:
                replaced.append(self._name_word(word, word in last, surname, first_names))
        return "".join(replaced)

    def _name_word(
        self, word: str, is_last: bool, surname: str, first_names: Mapping[str, str]
    ) -> str:
        ending = re.search(r"(?:['\u2019]s)?[.,;:]*$", word)
        tail = ending[0] if ending else ""
        stem = word[: len(word) - len(tail)]
        if len(re.sub(r"\W", "", stem)) <= 1 or re.fullmatch(r"(?:[A-Z]\.)+[A-Z]?", stem):
            known = first_names.get(f"{stem[:1].lower()} {surname.lower()}", stem)
            return self.name_word(known)[:1].upper() + stem[1:] + tail
        is_first = stem.lower() in self._first_names or not is_last
        return _cased(stem, self.name_word(stem, is_first=is_first)) + tail

    def name_word(self, word: str, *, is_first: bool | None = None) -> str:
        """The replacement of a word of a name, written with a capital letter.

        Args:
            word: of a name; its case does not count.
            is_first: whether it is a first name; known ones are, whatever this says.
        """
        lowered = word.lower()
        return self._new_name(lowered, is_first if lowered not in self._first_names else True)

    def _new_name(self, word: str, is_first: bool | None) -> str:
        words = self._words
        for attempt in range(4):
            number = self._number("name", f"{attempt} {word}")
            female = {name.lower() for name in words.female}
            if word in female:
                surrogate = words.female[number % len(words.female)]
            elif word in self._first_names:
                surrogate = words.male[number % len(words.male)]
            elif is_first:
                either = words.female + words.male
                surrogate = either[number % len(either)]
            else:
                beginnings, endings = words.surname_beginnings, words.surname_endings
                surrogate = (
                    beginnings[number % len(beginnings)]
                    + endings[number // len(beginnings) % len(endings)]
                )
            if surrogate.lower() != word:
                break
        return surrogate

    # numbers and codes -------------------------------------------------------------------------

    def _code(self, text: str) -> str:
        """Each digit and letter replaced by another; what stands between them stays."""
        stream = self._stream("code", re.sub(r"\W", "", text).upper())
        surrogate = []
        for position, letter in enumerate(text):
            number = next(stream)
            if letter.isdigit():
                first = 1 if letter != "0" and not any(c.isdigit() for c in text[:position]) else 0
                surrogate.append(str(first + number % (10 - first)))
            elif letter.isalpha():
                surrogate.append(chr((65 if letter.isupper() else 97) + number % 26))
            else:
                surrogate.append(letter)
        return "".join(surrogate)

    def _ssn(self, text: str) -> str:
        """A number of the area 9xx, which is never issued."""
        surrogate = self._code(text)
        digits = [position for position, letter in enumerate(surrogate) if letter.isdigit()]
        if len(digits) < 9:
            return surrogate
        return f"{surrogate[: digits[0]]}9{surrogate[digits[0] + 1 :]}"

    def _phone(self, text: str) -> str:
        """A number of the same form; of a North American one, of the exchange 555."""
        stream = self._stream("phone", re.sub(r"\D", "", text)[-10:])
        digits = [position for position, letter in enumerate(text) if letter.isdigit()]
        letters = list(text)
        prefix = 0
        if text.startswith("+"):
            leading = re.match(r"\+\d{1,3}(?=\D)", text)
            prefix = len(re.sub(r"\D", "", leading[0])) if leading else 1
        elif len(digits) == 11 and text.lstrip("(")[:1] == "1":
            prefix = 1
        for order, position in enumerate(digits):
            number = next(stream)
            if order < prefix or (order == prefix and letters[position] == "0"):
                continue
            letters[position] = str(2 + number % 8 if order == prefix else number % 10)
        if len(digits) - prefix == 10 and letters[digits[prefix]] != "0":
            for position, digit in zip(digits[prefix + 3 : prefix + 6], "555", strict=True):
                letters[position] = digit
        surrogate = "".join(letters)
        return re.sub(r"[A-Z]", lambda letter: chr(65 + next(stream) % 26), surrogate)

    def _postal(self, text: str) -> str:
        """The first three digits of a ZIP code, 000 where few people live; of others, a code."""
        if not re.fullmatch(r"\d{5}(?:-\d{4})?", text):
            return self._code(text)
        return "000**" if text[:3] in self._small_zips else f"{text[:3]}**"

    # addresses ---------------------------------------------------------------------------------

    def _address(self, text: str) -> str:
        number = self._number("address", re.sub(r"\W", "", text).upper())
        street = self._words.streets[number % len(self._words.streets)]
        match = re.match(r"(\d+[A-Za-z]?(?:-\d+)?)(\W+)(.+?)(\s[A-Za-z.]+)(\W.*)?$", text)
        if match is None:
            return (
                self._code(re.sub(r"[a-z]+", "", text)) if text[:1].isdigit() else self._box(text)
            )
        tail = self._code(match[5]) if match[5] and re.search(r"\d", match[5]) else match[5] or ""
        tail = re.sub(r"^(\W+)\w+", lambda unit: match[5][: unit.end()], tail) if match[5] else tail
        return f"{self._code(match[1])}{match[2]}{street}{match[4]}{tail}"

    def _box(self, text: str) -> str:
        return re.sub(r"\d+", lambda number: self._code(number[0]), text)

    def _town(self, text: str) -> str:
        number = self._number("place", text.lower())
        surrogate = self._words.towns[number % len(self._words.towns)]
        return surrogate.upper() if text.isupper() else surrogate

    # networks ----------------------------------------------------------------------------------

    def _email(self, text: str) -> str:
        number = self._number("email", text.lower())
        first = (self._words.female + self._words.male)[number % 300]
        return f"{first.lower()}{number // 300 % 10_000:04}@example.org"

    def _url(self, text: str) -> str:
        scheme = re.match(r"[a-z]+://", text, re.IGNORECASE)
        host = "www.example.org" if text.lower().startswith("www.") else "example.org"
        return f"{scheme[0] if scheme else ''}{host}/{self._number('url', text.lower()):08x}"[:60]

    def _ip(self, text: str) -> str:
        """An address of the ranges for documentation, RFC 5737 and RFC 3849."""
        number = self._number("ip", text.lower())
        if ":" in text:
            return str(ipaddress.IPv6Address((0x20010DB8 << 96) + number % (1 << 64)))
        network = ("192.0.2", "198.51.100", "203.0.113")[number % 3]
        return f"{network}.{1 + number // 3 % 254}"

    # the key -----------------------------------------------------------------------------------

    def _number(self, purpose: str, text: str) -> int:
        return int.from_bytes(self.digest(purpose, text)[:12], "big")

    def _stream(self, purpose: str, text: str) -> Iterator[int]:
        for block in range(1_000_000):
            yield from self.digest(f"{purpose} {block}", text)

    def digest(self, purpose: str, text: str) -> bytes:
        """Bytes that follow from the key, what they are for and a text."""
        return hmac.new(self._key, f"{purpose}\0{text}".encode(), hashlib.sha256).digest()


def _cased(old: str, new: str) -> str:
    if len(old) > 1 and old.isupper():
        return new.upper()
    return new.lower() if old.islower() else new


def initials_of(names: Sequence[str]) -> dict[str, str]:
    """For an initial and a surname, `j smith`, the first name that it stands for in some names."""
    known: dict[str, str] = {}
    for name in names:
        words = [word.strip(".,") for word in re.split(r"[\s,^]+", name)]
        words = [word for word in words if len(word) > 1 and not _TITLE.fullmatch(word)]
        if len(words) < 2:
            continue
        turned = re.match(r"[^,^]+[,^]", name) is not None
        first, last = (words[1], words[0]) if turned else (words[0], words[-1])
        known.setdefault(f"{first[0].lower()} {last.lower()}", first)
    return known
