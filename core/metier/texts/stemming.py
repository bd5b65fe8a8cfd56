"""The words of an instruction that carry its meaning, brought to a common stem. No model."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+")

_COMMON = """
a about above after all also an and any are as at be because been below between by can could do does
each every for from get given had has have how i if in into is it its look may me my no not of on
one or other our out over say says see show so some such than that the their them then there these
they this those to under up us use used was we were what when where which who whose why will with
without you your find identify retrieve search
"""
_ENDINGS = """
es ies ed ied e y ing ings er ers or ors al ally ly ment ments ity ities ion ions ation ations
ify ifies ified ifying ification ifications ize izes ized izing ization izations
ate ates ated ating ance ances ence ences
"""
_LEFT_OUT = frozenset(_COMMON.split())
"""Words that say nothing of what an instruction is about; so do the verbs that most begin with."""
_LONGEST_FIRST = tuple(sorted(_ENDINGS.split(), key=len, reverse=True))
_SHORTEST_STEM = 4


def stems(text: str) -> list[str]:
    """Stems of the words of a text in order, common words left out.

    English endings are cut off, so that `indemnity` and `indemnifies` are one; what is left is
    compared and never shown.
    """
    return [stem(word) for word in _WORD.findall(text.lower()) if word not in _LEFT_OUT]


def stem(word: str) -> str:
    """A word in lower case without its ending."""
    for ending in _LONGEST_FIRST:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    is_plural = len(word) > 3 and word[-1] == "s" and word[-2] not in "isu"
    return word[:-1] if is_plural else word
