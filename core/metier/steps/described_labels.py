"""Labels that are only described or named, beside labels that are learned from a checklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metier.registry.checklist import Checklist
from metier.retrieval.terms import Analyzer
from metier.steps.learning import head_inputs
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.heads.description_scorer import ComparedTexts
    from metier.heads.inputs import Floats, HeadInputs
    from metier.runtime.runtime import Runtime


def add_described_labels(
    rt: Runtime,
    checklist: Checklist,
    texts: HeadInputs,
    probabilities: Floats,
    learned: Sequence[str],
    described: Mapping[str, str],
    options: Mapping[str, Any],
) -> Floats:
    """(n, l + k) probabilities of texts for labels that are learned and for k that are described.

    How much a description says is learned from the questions of the checklist; of a label that is
    no more than a name, how much their titles say.

    Args:
        rt: the Runtime.
        checklist: two questions or more.
        texts: n of them.
        probabilities: (n, l) for the labels that are learned.
        learned: titles, aliases or ids of questions; others, such as that of no label, count as
            ordinary passages.
        described: the name of each other label, and what is said of it: its name if nothing is.
        options: how texts are embedded, as of `head_inputs`.
    """
    from metier.heads.description_scorer import joined_probabilities

    if not described:
        return probabilities
    scorers = _Scorers(rt, checklist, learned, options)
    odds = np.empty((len(texts), len(described)))
    compared = scorers.compared(texts)
    for is_name in (False, True):
        columns = [
            column for column, (name, text) in enumerate(described.items())
            if (name == text) is is_name
        ]  # fmt: skip
        if columns:
            labels = [list(described.values())[column] for column in columns]
            odds[:, columns] = scorers.log_odds(compared, labels, by_name=is_name)
    return joined_probabilities(probabilities, odds)


class _Scorers:
    """What was learned from descriptions, and from titles.

    Args:
        rt: the Runtime.
        checklist: that is learned from.
        learned: labels, see `add_described_labels`.
        options: how texts are embedded.
    """

    def __init__(
        self,
        rt: Runtime,
        checklist: Checklist,
        learned: Sequence[str],
        options: Mapping[str, Any],
    ) -> None:
        from metier.heads.question_scorer import fit_words

        self._rt = rt
        self._options = options
        self._questions = questions = checklist.questions
        ids = [question.id for question in questions]
        named = [checklist.named(name) for name in learned]
        rivals = {ids.index(question.id) for question in named if question is not None}
        owned = [
            (text, number) for number, question in enumerate(questions)
            for text in question.examples
        ]  # fmt: skip
        owned += [(text, -1) for text in checklist.neutral]
        self._owner = np.array([number for _, number in owned])
        self._rivals = np.array(sorted(rivals))
        # passages that texts are not expected to be like would make descriptions too rare
        self._is_likely = np.isin(self._owner, [*rivals, *([-1] if None in named else [])])
        passages = [text for text, _ in owned]
        instruction = rt.instructions.resolve(options["instruction"]).instruction
        self._words = fit_words(
            passages, Analyzer(rt.instructions.retrieval(instruction.domain)).names
        )
        self._passages = self.compared(self._read(passages))

    def compared(self, texts: HeadInputs) -> ComparedTexts:
        from metier.heads.description_scorer import ComparedTexts

        return ComparedTexts(np.asarray(texts.vectors), self._words(texts.strings))

    def log_odds(self, texts: ComparedTexts, labels: Sequence[str], *, by_name: bool) -> Floats:
        """(n, k) log odds of texts for labels, by descriptions or by names alone."""
        from metier.heads.description_scorer import DescriptionScorer

        known = [
            question.title if by_name else f"{question.title}: {question.description}"
            for question in self._questions
        ]
        read = self._read([*known, *labels])
        count = np.arange(len(known) + len(labels))
        descriptions = self.compared(read.take(count[: len(known)]))
        scorer = DescriptionScorer(
            self._passages, self._owner, descriptions, self._rivals, self._is_likely
        )
        return scorer.log_odds(texts, self.compared(read.take(count[len(known) :])))

    def _read(self, texts: Sequence[str]) -> HeadInputs:
        return head_inputs(self._rt, Texts.of(texts), **self._options)
