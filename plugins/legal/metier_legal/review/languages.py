"""Contracts in another language than the checklist: what is not found in them may be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from metier.plugin import Checklist, Item, main_language

_FEWEST_LETTERS = 40
"""Letters from which on the language of a text can be told."""


def language_remarks(
    documents: Iterable[Item],
    checklist: Checklist,
    *,
    name: str = "checklist",
    missing: str = "a clause that is reported missing",
) -> Iterator[str]:
    """A remark on each contract that is in no language of the examples of a checklist.

    Args:
        documents: contracts.
        checklist: that they are set against.
        name: what people call the checklist.
        missing: what is reported as not found.
    """
    known = {
        language
        for question in checklist.questions
        if (language := main_language(" ".join(question.examples)))
    }
    names = " and ".join(map(str.title, sorted(known)))
    for document in documents:
        language = main_language(document.text)
        if sum(map(str.isalpha, document.text)) < _FEWEST_LETTERS or language in known:
            continue
        what = f"is in {language.title()}" if language else f"is not in {names}"
        yield (
            f"{document.id} {what}, and the examples of the {name} are in {names}: {missing} "
            f"may be there. Add examples in its language to the {name}."
        )
