"""Words that every contract has, and the others, which say what a clause is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

_NEGATIONS_TEXT = """
not no never neither nor none nobody nothing without unless except excluding cannot non
notwithstanding nicht kein keine keinen keiner nie ohne pas jamais sans aucun aucune nunca sin
ningun nao sem senza niet geen nooit zonder
"""
NEGATIONS = frozenset(_NEGATIONS_TEXT.split())
_DUTIES_TEXT = """
shall must may will should can might could would
"""
DUTIES = frozenset(_DUTIES_TEXT.split())
_NUMBERS_TEXT = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
thousand million billion half third quarter twice double triple dozen first second fourth fifth
sixth seventh eighth ninth tenth
"""
NUMBERS = frozenset(_NUMBERS_TEXT.split())
_UNITS_TEXT = """
percent per day days week weeks month months year years hour hours minute minutes business
working calendar
"""
UNITS = frozenset(_UNITS_TEXT.split())
_FRAME_TEXT = """
a about all also an and any are as at be been being both but by do does each either every for from
had has have he her hereby herein hereof hereto hereunder his if in into is it its itself make
makes of on once only or other others our out own same she so some such than that the their them
then there thereof these they this those through time to under until up upon us use was we were
what when where whether which while who whom whose within you your
party parties agreement contract clause section article paragraph schedule accordance pursuant
respect
"""
_FRAME = frozenset(_FRAME_TEXT.split())
_ALL = _FRAME | NEGATIONS | DUTIES | NUMBERS | UNITS
_ENDING = re.compile(r"(?<=[^\W\d_]{3})(?:ments?|ings?|ies|ied|ed|es|s|e|y)\Z")
_STEM = 6
_LEAST_SHARE = 0.3
_LEAST_CONTAINED = 0.5
"""Share of the words of both, and of the clause with fewer, that clauses on one subject share."""
_LEAST_OF_SENTENCE = 0.34


def content_stems(keys: Iterable[str], names: AbstractSet[str] = frozenset()) -> frozenset[str]:
    """The words that say what a clause is about, without their endings.

    Args:
        keys: words in lower case.
        names: words of the names of parties, which say nothing of it.
    """
    return frozenset(
        _ENDING.sub("", key)[:_STEM]
        for key in keys
        if key[:1].isalpha() and len(key) > 1 and key not in _ALL and key not in names
    )


def has_frame(keys: Iterable[str]) -> bool:
    """Whether words are of a language whose common words are known here."""
    return any(key in _FRAME for key in keys)


def is_same_subject(left: AbstractSet[str], right: AbstractSet[str]) -> bool:
    """Whether clauses share enough of their content for one to have become the other.

    True where one has no words that could tell.
    """
    if not left or not right:
        return True
    shared = len(left & right)
    least = min(len(left), len(right))
    return (
        2 * shared >= _LEAST_SHARE * (len(left) + len(right)) or shared >= _LEAST_CONTAINED * least
    )


def is_near_sentence(left: AbstractSet[str], right: AbstractSet[str]) -> bool:
    """Whether sentences share enough of their content to compare them word by word."""
    least = min(len(left), len(right))
    return least < 2 or len(left & right) >= _LEAST_OF_SENTENCE * least
