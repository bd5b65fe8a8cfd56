"""Rules for instructions, each with the reason for it. No model is used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from metier.registry.instruction import Instruction
from metier.registry.instruction_search import share_words
from metier.texts.stemming import COMMON_WORDS

Rule = Literal["imperative", "english", "length", "query", "prompt", "duplicate"]

RULES: Mapping[Rule, str] = MappingProxyType(
    {
        "imperative": "Models were trained on tasks that say what to do: 'Retrieve clauses that "
        "...', or 'Given a question, retrieve ...'.",
        "english": "Models were trained on English tasks, whatever language the texts are in.",
        "length": "A task is read with every query, and a long one weighs more than a short query.",
        "query": "An instruction is the same for all queries; the model gets each query beside it.",
        "prompt": "Model families put their own template round a task; a second one misleads them.",
        "duplicate": "Two names for one task make two sets of vectors that nobody can tell apart.",
    }
)
"""Every rule, with the reason for it."""

MOST_TOKENS = 60

Alike = Callable[[str, str], bool]
"""Whether two tasks mean the same."""

_VERBS = """
analyze answer arrange assess assign associate categorize check choose classify cluster collect
compare decide describe detect determine discover discriminate distinguish estimate evaluate extract
fetch filter find flag gather get group identify judge label link list locate look map match measure
order organize pair pick predict produce rank rate recognize recommend rerank retrieve return score
search select separate show sort spot suggest summarize tag tell trace track verify
"""
_FOREIGN = """
aus auf avec che como con cual cuales dans das dem den der des desde die donde dos ein eine einen
einer el en est et finde gli il je la las le les los mit nach nicht oder para per por pour pro que
qui quels sind sich sobre sont sul sur um una und une uno van vom voor von wie y zu zum
"""
_IMPERATIVES = frozenset(_VERBS.split())
_FOREIGN_WORDS = frozenset(_FOREIGN.split())
_CONDITION = re.compile(r"(?:given|for|from|in|if|with|among)\b", re.I)
_AFTER_COMMA = re.compile(r",\s*(\w+)")
_WORD = re.compile(r"[^\W\d_]+")
_PIECE = re.compile(r"\w{1,9}|[^\w\s]")
_TEMPLATE = re.compile(
    r"<\|\w+\|>|</?\w+>|\b(?:instruct(?:ion)?|query|document|passage|task)\s*:", re.I
)
_PLACEHOLDER = re.compile(r"\{[^}]*\}|\[[A-Za-z_ ]+\]|<[A-Za-z_ ]+>|\$\{?\w+|%s|\.\.\.|…")
_QUOTED = re.compile(r"[\"“„«][^\"”“»]+[\"”“»]|(?<!\w)'[^']+'(?!\w)")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to improve in an instruction.

    Attributes:
        rule: which of `RULES`.
        instruction: its full id.
        problem: what is wrong, one sentence.
    """

    rule: Rule
    instruction: str
    problem: str

    @property
    def reason(self) -> str:
        """Why the rule is there."""
        return RULES[self.rule]


def lint(
    instructions: Sequence[Instruction],
    others: Iterable[Instruction] = (),
    *,
    alike: Alike = share_words,
) -> list[Finding]:
    """What the rules find in instructions, in their order.

    Args:
        instructions: that are examined.
        others: that they may not repeat; those of the same id are left out.
        alike: how two tasks of one kind are compared; by their words if not given.
    """
    known = [*instructions, *others]
    findings = []
    for instruction in instructions:
        for rule in get_args(Rule):
            problem = (
                _duplicate(instruction, known, alike)
                if rule == "duplicate"
                else _OF_TASK[rule](instruction.task)
            )
            if problem:
                findings.append(Finding(rule, instruction.full_id, problem))
    return findings


def estimated_tokens(task: str) -> int:
    """Tokens of a task in English, estimated: one for a word or a mark, more for long words."""
    return len(_PIECE.findall(task))


def _imperative(task: str) -> str:
    after = _AFTER_COMMA.findall(task) if _CONDITION.match(task) else []
    words = after or _WORD.findall(task)[:1]
    verbs = {word.lower() for word in words}
    if not _IMPERATIVES.isdisjoint(verbs | {re.sub("se$", "ze", verb) for verb in verbs}):
        return ""  # either spelling
    if after:
        return "No verb after its condition says what to do."
    return f"It begins with {''.join(words)!r}, where a verb should say what to do."


def _english(task: str) -> str:
    words = [word.lower() for word in _WORD.findall(task)]
    letters = "".join(words)
    if sum(not letter.isascii() for letter in letters) * 5 > len(letters):
        return "Most of its letters are not those of English."
    foreign = [word for word in words if word in _FOREIGN_WORDS]
    if len(foreign) > sum(word in COMMON_WORDS for word in words):
        return f"It reads as no English: {', '.join(dict.fromkeys(foreign))}."
    return ""


def _length(task: str) -> str:
    tokens = estimated_tokens(task)
    return f"It has about {tokens} tokens, more than {MOST_TOKENS}." if tokens > MOST_TOKENS else ""


def _query(task: str) -> str:
    if _TEMPLATE.search(task):
        return ""  # said by the rule for prompts
    placeholder = _PLACEHOLDER.search(task)
    if placeholder:
        return f"It holds {placeholder[0]!r}, and nothing is put in there."
    quoted = _QUOTED.search(task)
    if quoted:
        return f"It holds {quoted[0]}, which looks like one query among many."
    if "?" in task:
        return "It asks a question, which looks like one query among many."
    return ""


def _prompt(task: str) -> str:
    template = _TEMPLATE.search(task)
    return f"It holds {template[0]!r}, which is part of a template." if template else ""


def _duplicate(instruction: Instruction, known: Sequence[Instruction], alike: Alike) -> str:
    for other in known:
        if (other.domain, other.id) == (instruction.domain, instruction.id):
            continue
        if other.kind != instruction.kind:
            continue
        if alike(instruction.task, other.task):
            return f"It says nearly the same as {other.full_id}: {other.task!r}."
    return ""


_OF_TASK: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "imperative": _imperative,
        "english": _english,
        "length": _length,
        "query": _query,
        "prompt": _prompt,
    }
)
