"""What is found of identifiers in generated notes, by kind: a third of the templates kept apart."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.options import Options
from benchmarks.rows import Row
from benchmarks.targets import at_least
from metier.redaction.identifiers import Identifiers

CASE = "identifiers"

_TEMPLATES = Path(__file__).with_name("identifier_templates.yaml")
_IN_SIGHT = 10
"""Templates of each kind that rules were written with in sight; the others are kept apart."""

_NOTES = 60
"""Notes that are generated from each template."""

_BEFORE = "Vital signs are stable. Lungs are clear, no edema. "
_AFTER = " Continue metoprolol 25 mg twice daily and return in 6 weeks."
_TARGET = 0.98


@dataclass(frozen=True, slots=True)
class Note:
    """A generated note, and where its identifiers are.

    Attributes:
        spans: of its kind.
        outside: of other kinds, which count in neither figure.
    """

    text: str
    kind: str
    is_kept_apart: bool
    spans: tuple[tuple[int, int], ...]
    outside: tuple[
        tuple[int, int], ...
    ]  # identifiers of other kinds, which count in neither figure


def identifiers_case(options: Options) -> list[Row]:
    """Recall by kind on the templates kept apart and on the others, and precision."""
    identifiers = Identifiers(Path("plugins/healthcare/metier_healthcare/identifiers.yaml"))
    notes = list(generated_notes(max(1, round(_NOTES * options.scale))))
    rows = []
    for is_kept_apart in (True, False):
        half = [note for note in notes if note.is_kept_apart == is_kept_apart]
        name = "templates kept apart" if is_kept_apart else "templates in sight"
        found, marked = _recall(identifiers, half)
        for kind in marked:
            rows.append(
                Row(
                    CASE,
                    f"{name}: recall of {kind}",
                    found[kind] / marked[kind],
                    target=at_least(_TARGET) if is_kept_apart else None,
                    detail=f"{found[kind]} of {marked[kind]}",
                )
            )
        rows.append(Row(CASE, f"{name}: precision", _precision(identifiers, half)))
    return rows


def generated_notes(count: int, seed: int = 7) -> Iterator[Note]:
    """Notes of every template, the same under a seed."""
    values = Values(seed)
    for kind, templates in yaml.safe_load(_TEMPLATES.read_text(encoding="utf-8")).items():
        for index, template in enumerate(templates):
            for _ in range(count):
                yield _note(values, kind, template, is_kept_apart=index >= _IN_SIGHT)


def _note(values: Values, kind: str, template: str, *, is_kept_apart: bool) -> Note:
    text, spans, outside = _BEFORE, [], []
    for part in re.split(r"(<\w+>)", template):
        form = part[1:-1]
        if part.startswith("<"):
            value = values.make(form)
            span = (len(text), len(text) + len(value))
            if form in ("title", "state", "state_name"):
                pass
            elif form.endswith("_outside"):
                outside.append(span)
            else:
                spans.append(span)
            text += value
        else:
            text += part
    end = "" if template.endswith("RN") else _AFTER
    separator = "" if re.search(r"[.!]$", template) else "\n"
    return Note(text + separator + end, kind, is_kept_apart, tuple(spans), tuple(outside))


def _recall(
    identifiers: Identifiers, notes: list[Note]
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """How many identifiers of each kind are covered whole, by whatever kind, and how many are."""
    found: dict[str, int] = defaultdict(int)
    marked: dict[str, int] = defaultdict(int)
    for note in notes:
        covered = {
            position
            for identifier in identifiers.find(note.text)
            for position in range(identifier.start, identifier.end)
        }
        for start, end in note.spans:
            needed = {at for at in range(start, end) if note.text[at].isalnum()}
            marked[note.kind] += 1
            found[note.kind] += needed <= covered
    return found, marked


def _precision(identifiers: Identifiers, notes: list[Note]) -> float:
    """Share of what is found that overlaps an identifier."""
    right = total = 0
    for note in notes:
        real = (*note.spans, *note.outside)
        for identifier in identifiers.find(note.text):
            total += 1
            right += any(start < identifier.end and identifier.start < end for start, end in real)
    return right / total


class Values:
    """Values of identifiers in the forms that templates name."""

    def __init__(self, seed: int) -> None:
        from faker import Faker

        self._faker = Faker("en_US")
        self._uk = Faker("en_GB")
        for faker in (self._faker, self._uk):
            faker.seed_instance(seed)
        self._random = random.Random(seed)

    def make(self, form: str) -> str:
        """A value of a form."""
        makers = {**self._people(), **self._dates(), **self._numbers(), **self._networks()}
        return makers[form]()

    def _people(self) -> dict[str, Callable[[], str]]:
        fake = self._faker
        return {
            "title": lambda: self._random.choice(["Mr.", "Mrs.", "Ms."]),
            "full": lambda: f"{fake.first_name()} {fake.last_name()}",
            "first": fake.first_name,
            "last": fake.last_name,
            "turned": lambda: f"{fake.last_name()}, {fake.first_name()}",
            "turned_capitals": lambda: (
                f"{fake.last_name()}, {fake.first_name()} {fake.random_uppercase_letter()}.".upper()
            ),
            "street": lambda: re.split(r" (?:Apt|Suite)", fake.street_address())[0],
            "unit": lambda: f"Apt {self._random.randint(1, 99)}",
            "box": lambda: f"P.O. Box {self._random.randint(10, 9999)}",
            "city": fake.city,
            "city_outside": fake.city,
            "state": fake.state_abbr,
            "state_name": fake.state,
            "zip": fake.zipcode,
            "zip_outside": fake.zipcode,
            "zip4": fake.zipcode_plus4,
            "uk": self._uk.postcode,
            "old": lambda: str(self._random.randint(90, 109)),
        }

    def _dates(self) -> dict[str, Callable[[], str]]:
        def written(form: str) -> Callable[[], str]:
            return lambda: self._faker.date_between("-80y", "-1y").strftime(form)

        def ordinal(form: str) -> Callable[[], str]:
            def make() -> str:
                day = self._faker.date_between("-80y", "-1y")
                ending = {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
                ending = "th" if day.day in (11, 12, 13) else ending
                return day.strftime(form).replace("%", f"{day.day}{ending}")

            return make

        return {
            "us": written("%m/%d/%Y"),
            "short_us": written("%m/%d/%y"),
            "iso": written("%Y-%m-%d"),
            "long": written("%B %d, %Y"),
            "month_day": written("%B %d"),
            "month_year": written("%B %Y"),
            "dashed": written("%d-%b-%Y"),
            "dotted": written("%d.%m.%Y"),
            "compact": written("%m%d%Y"),
            "ordinal": ordinal("%B %%"),
            "ordinal_year": ordinal("%B %%, %Y"),
        }

    def _numbers(self) -> dict[str, Callable[[], str]]:
        digits = self._faker.numerify
        both = self._faker.bothify
        return {
            "us_paren": lambda: digits("(%##) 555-####"),
            "us_dash": lambda: digits("%##-555-####"),
            "us_dot": lambda: digits("%##.555.####"),
            "us_plain": lambda: digits("%##555####"),
            "us_1": lambda: digits("1-%##-555-####"),
            "uk_phone": lambda: digits(self._random.choice(["020 7946 0###", "0161 496 0###"])),
            "intl": lambda: digits("+44 20 7946 0###"),
            "ext": lambda: digits("%##"),
            "ssn": self._faker.ssn,
            "ssn_plain": lambda: self._faker.ssn().replace("-", ""),
            "ssn_spaced": lambda: self._faker.ssn().replace("-", " "),
            "digits6": lambda: digits("%#####"),
            "digits7": lambda: digits("%######"),
            "digits8": lambda: digits("%#######"),
            "alnum": lambda: both("??######").upper(),
            "dashed_id": lambda: digits("%##-##-##"),
            "nhs": lambda: digits("%## ### ####"),
            "mbi": lambda: both("%?#%-?#%-??##", "ACDEFGHJKMNPQRTUVWXY"),
            "card": lambda: self._faker.credit_card_number("visa16"),
            "iban": self._uk.iban,
            "license": lambda: both("?#######").upper(),
            "dea": lambda: both("A?#######").upper(),
            "npi": lambda: digits("1#########"),
            "passport": lambda: digits("%########"),
            "vin": self._faker.vin
            if hasattr(self._faker, "vin")
            else lambda: both("1HG?#######???###"),
            "plate": self._faker.license_plate,
            "serial": lambda: both("?##-#####").upper(),
            "udi": lambda: digits("(01)00############(21)####"),
            "photo": lambda: digits("IMG_####.jpg"),
        }

    def _networks(self) -> dict[str, Callable[[], str]]:
        return {
            "email": self._faker.email,
            "url": self._faker.url,
            "www": lambda: f"www.{self._faker.domain_name()}",
            "domain": self._faker.domain_name,
            "ipv4": self._faker.ipv4,
            "ipv6": self._faker.ipv6,
        }
