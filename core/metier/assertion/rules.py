"""`AssertionRules`: the rules of a language and a domain, ready to judge texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

from metier.assertion.assertion import Assertion
from metier.assertion.reading import TextReading, read_sentence
from metier.assertion.rule_file import AssertionRule as Rule
from metier.assertion.rule_file import AssertionRuleFile as RuleFile
from metier.close_names import did_you_mean, known_names
from metier.datafiles.loader import read_source, validate
from metier.datafiles.parsed_file import ParsedFile
from metier.datafiles.problems import problem_in, raise_problems
from metier.errors import ParameterError, Problem
from metier.folders import expand_home
from metier.texts.phrase_patterns import PatternError, expand_pattern
from metier.texts.phrases import Phrases, PhraseTrie
from metier.texts.sentences import Span, sentences

LONGEST_SENTENCE = 4_000
"""Characters of the longest sentence that is read whole; time grows with the square of them."""


class AssertionRules:
    """Rules that say of a target in a sentence whether it is affirmed.

    They are words with a status, a direction and a scope, as of ConText (Harkema et al. 2009,
    doi:10.1016/j.jbi.2009.05.002), which extends NegEx (Chapman et al. 2001,
    doi:10.1006/jbin.2001.1029). An object does not change, and threads may share it.

    Attributes:
        language: of the texts.
        rules: all that count, by id.
    """

    def __init__(self, rule_files: Sequence[RuleFile]) -> None:
        self._build([(rule_file, None) for rule_file in rule_files])

    @classmethod
    def load(cls, language: str, *paths: str | Path) -> AssertionRules:
        """The general rules of a language, changed by files such as those of a domain or a user.

        Args:
            language: one of `languages()`.
            paths: files in YAML or TOML, the strongest last.

        Raises:
            ParameterError: there are no rules of that language.
            PackError: a file cannot be read or breaks the schema; it names the line and column.
        """
        known = cls.languages()
        if language not in known:
            raise ParameterError(
                f"There are no rules of assertion for the language {language!r}.",
                why=did_you_mean(language, known) or known_names(known),
                fix="Pass one of them as $language, or make rules with AssertionRules([...]).",
                parameters={"language": known[0]},
                parameter="language",
            )
        sources = [read_source(_folder() / f"{language}.yaml")]
        sources += [read_source(expand_home(path)) for path in paths]
        rules = cls.__new__(cls)
        rules._build([(validate(source, RuleFile), source) for source in sources])
        return rules

    @staticmethod
    def languages() -> list[str]:
        """Languages that have general rules."""
        return sorted(path.stem for path in _folder().glob("*.yaml"))

    def judge(self, sentence: str, terms: Phrases | None = None) -> Assertion:
        """The status of a sentence.

        That is the status of the term in it that is ruled out least: of "I never missed a payment,
        but was late once" that of `late`. Where it holds no term, its clauses count instead, of
        which a status has to cover the greater part.

        Args:
            sentence: a sentence, or a few.
            terms: what to look for; None for the clauses.
        """
        return self._read(sentence).judge(terms)

    def judge_each(self, text: str, terms: Phrases) -> list[Assertion]:
        """The status of every term in a text, in its order.

        Args:
            text: any number of sentences.
            terms: what to look for.
        """
        return self._read(text).judge_each(terms)

    def _read(self, text: str) -> TextReading:
        """Read a text, to judge it for several terms without reading it again.

        Args:
            text: any number of sentences.
        """
        parts = [part for sentence in sentences(text) for part in _parts(sentence)]
        return TextReading(text, tuple(read_sentence(self._trie, text, part) for part in parts))

    def judge_span(self, text: str, start: int, end: int) -> Assertion:
        """The status of a part of a text, such as a concept that another program found.

        Args:
            text: any number of sentences.
            start: offset of its first character.
            end: offset after its last one.

        Raises:
            ParameterError: that is no part of the text.
        """
        if not 0 <= start < end <= len(text):
            raise ParameterError(
                f"There is no span from {start} to {end} in a text of {len(text)} characters.",
                parameter="start",
            )
        around = [span for span in sentences(text) if span.start < end and start < span.end]
        first = min([start, *(span.start for span in around)])
        last = max([end, *(span.end for span in around)])
        first, last = max(first, start - LONGEST_SENTENCE), min(last, end + LONGEST_SENTENCE)
        reading = read_sentence(self._trie, text, Span(first, last, text[first:last]))
        return reading.judge_characters(start, end)

    def _build(self, rule_files: Sequence[tuple[RuleFile, ParsedFile | None]]) -> None:
        if not rule_files:
            raise ParameterError("Rules need at least one file.", parameter="rule_files")
        self.language = rule_files[0][0].language
        self.rules: dict[str, Rule] = {}
        removed: set[str] = set()
        words: dict[str, tuple[str, ...]] = {}
        origins: dict[str, tuple[int, int]] = {}  # rule to its file and its position there
        for number, (rule_file, source) in enumerate(rule_files):
            _require_language(rule_file, source, self.language)
            _require_known(rule_file, source, self.rules)
            removed.update(rule_file.remove_patterns)
            for name in rule_file.remove:
                del self.rules[name]
            for name, phrases in rule_file.words.items():
                words[name] = (*words.get(name, ()), *phrases)
            for index, rule in enumerate(rule_file.rules):
                self.rules[rule.id] = rule
                origins[rule.id] = number, index
                removed.difference_update(rule.patterns)
        raise_problems(
            [problem for entry in rule_files for problem in _problems_of_words(*entry)],
            "These rules",
        )
        self._trie: PhraseTrie[Rule] = PhraseTrie(words)
        problems = []
        for name, rule in self.rules.items():
            number, index = origins[name]
            for entry, pattern in enumerate(rule.patterns):
                try:
                    if pattern not in removed:
                        self._trie.add(pattern, rule)
                except PatternError as error:
                    path = ("rules", index, "patterns", entry)
                    problems.append(
                        problem_in(rule_files[number][1], path, f"{pattern!r}: {error}.")
                    )
        raise_problems(problems, "These rules")

    def __repr__(self) -> str:
        return f"AssertionRules(language={self.language!r}, {len(self.rules)} rules)"


def _parts(sentence: Span) -> Iterable[Span]:
    """A sentence, or a text without ends of sentences in parts that are divided at spaces."""
    start, content = sentence.start, sentence.text
    while len(content) > LONGEST_SENTENCE:
        cut = content.rfind(" ", 1, LONGEST_SENTENCE) + 1 or LONGEST_SENTENCE
        yield Span(start, start + cut, content[:cut])
        start, content = start + cut, content[cut:]
    if content:
        yield Span(start, start + len(content), content)


def _folder() -> Path:
    return Path(str(files("metier") / "assertion" / "rules"))


def _require_language(rule_file: RuleFile, source: ParsedFile | None, language: str) -> None:
    if rule_file.language != language:
        what = f"its language is {rule_file.language!r}, that of the other rules {language!r}."
        raise_problems([problem_in(source, ("language",), what)], "These rules")


def _require_known(rule_file: RuleFile, source: ParsedFile | None, rules: dict[str, Rule]) -> None:
    """Raise where a file removes what is not there."""
    problems = []
    for index, name in enumerate(rule_file.remove):
        if name not in rules:
            hint = did_you_mean(name, rules) or known_names(list(rules), limit=8)
            what = f"there is no rule {name!r} to remove. {hint}"
            problems.append(problem_in(source, ("remove", index), what))
    known = {pattern for rule in rules.values() for pattern in rule.patterns}
    for index, pattern in enumerate(rule_file.remove_patterns):
        if pattern not in known:
            hint = did_you_mean(pattern, known) or "Write it as the rule has it."
            what = f"there is no pattern {pattern!r} to remove. {hint}"
            problems.append(problem_in(source, ("remove_patterns", index), what))
    raise_problems(problems, "These rules")


def _problems_of_words(rule_file: RuleFile, source: ParsedFile | None) -> Iterable[Problem]:
    for name, phrases in rule_file.words.items():
        for index, pattern in enumerate(phrases):
            try:
                expand_pattern(pattern)
            except PatternError as error:
                path = ("words", name, index)
                yield problem_in(source, path, f"{pattern!r}: {error}.")
