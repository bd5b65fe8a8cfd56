from __future__ import annotations

from collections import Counter

from metier import Runtime
from metier_finance.flag_loans import shipped_taxonomy as taxonomy


def test_no_sentence_stands_on_two_sides() -> None:
    sentences = Counter(taxonomy().neutral)
    for risk in taxonomy().risks:
        sentences.update((*risk.signs, *risk.contrasts))

    assert [sentence for sentence, times in sentences.items() if times > 1] == []


def test_every_risk_has_an_instruction_of_the_domain_and_a_denial(rt: Runtime) -> None:
    known = {instruction.full_id for instruction in rt.instructions.list("finance")}

    for risk in taxonomy().risks:
        assert rt.instructions.get(risk.instruction).full_id in known
        assert risk.contrasts
