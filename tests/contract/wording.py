"""Words that names and pages of the project do without, and how to tell them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.contract.pages import ROOT


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODULE_NAMES = _words(
    "place places words given looking taking meaning plain windows growing keys",
)
"""Names of modules that do not say what a module holds."""


def _glossary_words() -> frozenset[str]:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|[^|]+\|[^|]+\|([^|]+)\|$", page, re.MULTILINE)
    avoided = {word for cell in rows for word in re.findall(r"`([a-z]+)`", cell)}
    plurals = {f"{word}es" if word.endswith("s") else f"{word}s" for word in avoided}
    return frozenset(avoided | plurals)


NAME_WORDS = _glossary_words()
"""Words that names of classes, functions and parameters avoid: the glossary of CONTRIBUTING.md."""

LOOP_VARIABLES = _words(
    """thing things found made told said place places given held kept looked seen wanted it what
    this that each every same here there some own whole at then"""
)
"""Loop variables, besides `one`, that do not say what they hold."""

VARIABLES = _words("one thing things found made told said place places")
"""Other variables that do not say what they hold."""

_PARTICIPLES = _words(
    """Begun Bound Broken Brought Built Chosen Done Drawn Driven Fallen Fed Felt Found Given Gone
    Grown Heard Held Hidden Kept Known Laid Learnt Left Made Meant Met Overwritten Paid Proven Said
    Seen Sent Shown Sought Spent Swept Taken Taught Thought Told Understood Unknown Won Woven
    Written"""
)
"""Those that do not end in -ed, without those that are nouns as well, such as Run and Set."""

_ADJECTIVES = _words("All Common Dense Flat Ordinary Plain Present Silent Sparse Whole")
_NOUNS_IN_ED = _words("Bed Breed Embed Feed Need Seed Shed Sled Speed Thread Weed")

_VERBS_IN_ISE = _words(
    """anonym apolog author binar capital categor central character custom discret emphas equal
    external factor familiar final formal general harmon initial internal item jeopard legal local
    material maxim memor minim modern modular natural neutral normal optim organ parallel parametr
    parameter penal personal popular priorit pseudonym quant random real recogn regular serial
    special stabil standard summar symbol synchron token util vector visual"""
)
"""Beginnings of verbs that end in -ize in American spelling."""

_BRITISH = re.compile(
    rf"""
    (?:anal|catal|paral)ys(?:e[dr]?|ers|ing)(?-i:(?![a-z]))
    | (?:{"|".join(sorted(_VERBS_IN_ISE))})is(?:e[drs]?|ers|ing|ations?|able)(?-i:(?![a-z]))
    | (?:cancel|channel|label|level|marshal|model|signal|total|travel|tunnel)l(?:ed|ing|ers?)
    | (?:behavi|col|fav|flav|harb|hon|hum|lab|neighb|rum)our
    | (?:cent|fib|theat|calib)re(?-i:(?![a-z])) | centr(?:ed|ing)
    | (?:def|off|pret)ence(?-i:(?![a-z])) | (?:learn|spel|dream)t(?-i:(?![a-z]))
    | (?:catalogu|analogu)e | licence | (?:judg|acknowledg)ement | programme(?-i:(?![drs]))
    | artefact | (?<![a-z])grey | (?<![a-z])ageing | sceptic | whilst | amongst
    | fulfil(?-i:(?![a-z])) | practis(?:e[ds]?|ing)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def words_of(name: str) -> list[str]:
    """Words of a name in CamelCase or snake_case."""
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)


def words_to_avoid(name: str) -> frozenset[str]:
    """Words in a name that the project does without; "not found" is what everybody says."""
    return NAME_WORDS.intersection(
        word.lower() for word in words_of(re.sub(r"[Nn]ot_?[Ff]ound", "", name))
    )


def is_participle(name: str) -> bool:
    """Whether a class is named by a participle or an adjective, not by a noun."""
    last = (words_of(name) or [name])[-1]
    in_ed = last.endswith("ed") and last not in _NOUNS_IN_ED
    return in_ed or last in _PARTICIPLES or last in _ADJECTIVES


def british_words(text: str) -> Iterator[str]:
    """Words of a text in British spelling."""
    yield from (match[0] for match in _BRITISH.finditer(text))
