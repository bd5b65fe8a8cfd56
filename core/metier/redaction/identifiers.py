"""`Identifiers`: the kinds of a domain, ready to be found in texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from metier.close_names import did_you_mean, known_names
from metier.datafiles.loader import read_source, validate
from metier.datafiles.parsed_file import ParsedFile
from metier.datafiles.problems import problem_in, raise_problems
from metier.errors import ParameterError
from metier.folders import expand_home
from metier.redaction.checksums import CHECKS
from metier.redaction.identifier_file import IdentifierFile, IdentifierKind, IdentifierRule
from metier.redaction.name_words import NameWords
from metier.redaction.plain_text import PlainText
from metier.redaction.value_lists import ValueList

_FILLER = "\ue000"
"""Stands for each character of what is found already: no form has it."""

_FRAGMENT = re.compile(r"\{([a-z_]+)\}")

# an opening parenthesis stays, unless it is that of an area code: (020) 7946 0958
_OPENING = r"(?:\[|\((?!\+?\d{1,5}\)[ ]?\d))?+"


@dataclass(frozen=True, slots=True)
class Identifier:
    """Where a text holds an identifier: `text[start:end]`.

    Attributes:
        kind: id of its kind, such as `phone-number`.
        start: offset of the first character.
        end: offset after the last one.
    """

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Form:
    """A rule, compiled."""

    rule: IdentifierRule
    pattern: re.Pattern[str]
    values: ValueList | None


class Identifiers:
    """Kinds of identifiers and the forms in which texts have them.

    An object does not change, and threads may share it. What it finds is a matter of forms and
    labels, not of understanding: see `docs/deidentification.md`.

    Args:
        paths: files in YAML or TOML, such as a domain's, beside the general identifiers of English
            texts. The rules of a later one come first.

    Attributes:
        kinds: by id, in the order of reports.

    Raises:
        PackError: a file cannot be read or breaks the schema; it names the line and column.
    """

    def __init__(self, *paths: str | Path) -> None:
        sources = [read_source(Path(str(files("metier") / "redaction" / "rules" / "general.yaml")))]
        sources += [read_source(expand_home(path)) for path in paths]
        self._build([(validate(source, IdentifierFile), source) for source in sources])

    def find(self, text: str, names: Iterable[str] = ()) -> list[Identifier]:
        """The identifiers of a text, in its order; they do not overlap.

        A name that is stated once is found wherever the text has it again.

        Args:
            text: any text.
            names: words of names that are known, such as those of the person it is about.
        """
        original, identifiers = PlainText.of(text), list[Identifier]()
        text = working = original.text
        for form in self._forms:
            spans = list(self._spans(form, working))
            if spans:
                identifiers += (Identifier(form.rule.kind, start, end) for start, end in spans)
                working = _filled(working, spans)
        names = [PlainText.of(name).text for name in names]
        words = {word for name in names for word in self.names.repeatable(name)}
        for span in identifiers:
            if self.kinds[span.kind].surrogate == "name":
                words.update(self.names.repeatable(text[span.start : span.end]))
        if words and self._name_kind is not None:
            kind = self._name_kind
            identifiers += (Identifier(kind, *span) for span in self.names.mentions(working, words))
        identifiers.sort(key=lambda span: span.start)
        return [
            Identifier(span.kind, *original.original_span(span.start, span.end))
            for span in _merged(text, identifiers, self._name_kind)
        ]

    def require_kinds(self, kinds: Iterable[str], parameter: str) -> frozenset[str]:
        """Kinds by their ids or their titles.

        Raises:
            ParameterError: there is no such kind.
        """
        by_title = {kind.shown.lower(): kind.id for kind in self.kinds.values()}
        ids = set()
        for kind in kinds:
            known = by_title.get(kind.lower(), kind)
            if known not in self.kinds:
                raise ParameterError(
                    f"${parameter}: there is no kind of identifier {kind!r}.",
                    why=did_you_mean(kind, self.kinds) or known_names(list(self.kinds), limit=30),
                    parameters={parameter: ...},
                    parameter=parameter,
                )
            ids.add(known)
        return frozenset(ids)

    def title(self, kind: str) -> str:
        """A kind as people read it, such as `e-mail address`."""
        return self.kinds[kind].shown

    def _spans(self, form: _Form, text: str) -> Iterable[tuple[int, int]]:
        position = 0
        check = CHECKS[form.rule.check] if form.rule.check is not None else None
        while (match := form.pattern.search(text, position)) is not None:
            start, end = match.span("value")
            end = start + self._length(form.rule, text[start:end], text[end : end + 24])
            if end == start or (check is not None and not check(text[start:end])):
                position = max(position, match.start()) + 1
                continue
            yield start, end
            position = end
            if form.values is not None:
                first = text[start:end]
                for value in form.values.after(text, match["label"], first, position):
                    yield value
                    position = value[1]

    def _length(self, rule: IdentifierRule, value: str, following: str) -> int:
        """How much of a value counts: of a name, up to a word that is none."""
        surrogate = self.kinds[rule.kind].surrogate
        if surrogate == "name":
            return self.names.length(
                value, following, sure=rule.sure, least_words=rule.least_words, known=rule.known
            )
        return self.names.length_of_town(value) if surrogate == "place" else len(value)

    def _build(self, sources: Sequence[tuple[IdentifierFile, ParsedFile]]) -> None:
        kinds: dict[str, IdentifierKind] = {}
        fragments: dict[str, str] = {}
        for identifier_file, _ in sources:
            kinds |= {kind.id: kind for kind in identifier_file.kinds}
            fragments |= identifier_file.fragments
        self.kinds: Mapping[str, IdentifierKind] = MappingProxyType(kinds)
        self._name_kind = next((k.id for k in kinds.values() if k.surrogate == "name"), None)
        self.names = NameWords([identifier_file for identifier_file, _ in sources])
        forms, problems = [], []
        for identifier_file, source in reversed(sources):
            for index, rule in enumerate(identifier_file.rules):
                form = _form_of(rule, kinds, fragments)
                if isinstance(form, str):
                    problems.append(problem_in(source, ("rules", index), form))
                else:
                    forms.append(form)
        raise_problems(problems, "These identifiers")
        self._forms = tuple(forms)

    def __repr__(self) -> str:
        return f"Identifiers({len(self.kinds)} kinds, {len(self._forms)} rules)"


def _form_of(
    rule: IdentifierRule, kinds: Mapping[str, IdentifierKind], fragments: Mapping[str, str]
) -> _Form | str:
    """A rule, compiled; what is wrong with it where that is not possible."""
    if rule.kind not in kinds:
        hint = did_you_mean(rule.kind, kinds) or known_names(list(kinds))
        return f"there is no kind {rule.kind!r}. {hint}"
    try:
        value = _expanded(rule.value, fragments)
        if rule.labels:
            label = "|".join(_expanded(label, fragments) for label in rule.labels)
            between = _expanded("{between}", fragments)
            before = rf"(?P<label>(?<![a-z0-9])(?:{label})(?![a-z]){between}{_OPENING})"
            pattern = rf"{before}(?P<value>\(?(?:{value}))"
        else:
            before = _expanded(rule.before or "", fragments)
            pattern = rf"{before}(?P<value>{value})"
        if rule.after is not None:
            pattern += f"(?={_expanded(rule.after, fragments)})"
        flags = 0 if rule.case else re.IGNORECASE
        values = ValueList(value) if rule.lists else None
        return _Form(rule, re.compile(pattern, flags), values)
    except (KeyError, re.error) as error:
        reason = f"no fragment {error}" if isinstance(error, KeyError) else str(error)
        return f"a pattern of {rule.kind} cannot be used: {reason}."


def _expanded(pattern: str, fragments: Mapping[str, str], depth: int = 0) -> str:
    if depth > 20:
        raise re.error("fragments refer to themselves")
    return _FRAGMENT.sub(lambda name: _expanded(fragments[name[1]], fragments, depth + 1), pattern)


def _filled(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """A text of the same length, in which nothing is found again where something was."""
    parts: list[str] = []
    position = 0
    for start, end in spans:
        parts += (text[position:start], _FILLER * (end - start))
        position = end
    return "".join((*parts, text[position:]))


def _merged(text: str, spans: Sequence[Identifier], kind: str | None) -> list[Identifier]:
    """Names that stand side by side as one: a first name and a surname found each by itself."""
    merged: list[Identifier] = []
    for span in spans:
        last = merged[-1] if merged else None
        if last is not None and last.kind == span.kind == kind:
            gap = text[last.end : span.start]
            if len(gap) <= 4 and re.fullmatch(r"[ ]|[ ][A-Z]\.?[ ]|,[ ]?", gap):
                merged[-1] = Identifier(span.kind, last.start, span.end)
                continue
        merged.append(span)
    return merged
