"""The law that a sentence of a contract names: `Spain` of `Spanish law governs this Agreement`."""

from __future__ import annotations

import re

_PLACE = r"[A-Z][\w'\u2019-]+(?:\s+(?:and\s+|of\s+(?:the\s+)?)?[A-Z][\w'\u2019-]+){0,4}"
_LAW_OF = re.compile(
    rf"\b[Ll]aws?\s+(?:\w+\s+){{0,4}}?(?:of|in)\s+(?:the\s+)?(?P<place>{_PLACE})"
    rf"(?P<whole>,\s+{_PLACE}(?=[.;]?\s*\Z|[.;,]\s))?"
)
_ADJECTIVE_LAW = re.compile(rf"\b(?P<place>{_PLACE})\s+(?:\w+\s+)?[Ll]aws?\b")
_KIND = re.compile(
    r"\A(?:(?:The|Federal|State|Commonwealth|Province|Republic|Kingdom|Canton|Emirate|District|of"
    r"|the)\s+)+"
)
_NO_PLACE = frozenset({
    "the", "this", "that", "applicable", "all", "any", "such", "agreement",
    "state", "states", "country", "republic", "commonwealth", "province", "kingdom", "court",
})  # fmt: skip
_ADJECTIVES_TEXT = """
american:united states, argentine:argentina, australian:australia, austrian:austria,
belgian:belgium, brazilian:brazil, british:united kingdom, bulgarian:bulgaria,
californian:california, canadian:canada, chilean:chile, chinese:china, croatian:croatia,
czech:czech republic,
danish:denmark, dutch:netherlands, english:england, estonian:estonia, finnish:finland,
french:france, german:germany, greek:greece, hungarian:hungary, indian:india,
indonesian:indonesia, irish:ireland, israeli:israel, italian:italy, japanese:japan,
korean:korea, latvian:latvia, lithuanian:lithuania, luxembourgish:luxembourg,
malaysian:malaysia, mexican:mexico, norwegian:norway, polish:poland, portuguese:portugal,
romanian:romania, russian:russia, scots:scotland, scottish:scotland, singaporean:singapore,
slovak:slovakia, slovenian:slovenia, spanish:spain, swedish:sweden, swiss:switzerland,
texan:texas, turkish:turkey, uk:united kingdom, ukrainian:ukraine, us:united states,
usa:united states, welsh:wales
"""
_COUNTRIES = dict(pair.strip().split(":") for pair in _ADJECTIVES_TEXT.split(","))


def governing_law(text: str) -> str:
    """The place whose law a sentence names, as it has it; empty where it names none.

    Args:
        text: a sentence; the seat of a court or of an arbitration is no law.
    """
    for pattern in (_LAW_OF, _ADJECTIVE_LAW):
        for match in pattern.finditer(text):
            country = _KIND.sub("", match["place"])
            if not country or country.split()[0].casefold() in _NO_PLACE:
                continue
            around = match["whole"] or "" if pattern is _LAW_OF else ""
            return _COUNTRIES.get(country.casefold(), "").title() or country + around
    return ""


def is_same_law(first: str, second: str) -> bool:
    """Whether two places are one, or one of them is named with the country it is in."""
    words = [frozenset(re.findall(r"\w{2,}", name.casefold())) - {"and", "of", "the"}
             for name in (first, second)]  # fmt: skip
    return words[0] <= words[1] or words[1] <= words[0]
