"""legal/obligations: who must do what by when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from metier.plugin import Documents, ParameterError, Runtime, workflow
from metier_legal.duties.duty import Duty
from metier_legal.duties.parties import EACH, label_of, names_of
from metier_legal.duties.reading import read_duties
from metier_legal.duties.report import ObligationsReport
from metier_legal.duties.rules import Modality
from metier_legal.searching.filters import as_tuple, fits
from metier_legal.structure import Contract, read_contract
from metier_legal.structure.cited import cited_contract
from metier_legal.structure.parties import PRONOUNS

DueChoice = Literal["date", "period", "event", "recurring", "prompt", "any", "none"]

Parties = Annotated[
    tuple[str, ...],
    BeforeValidator(as_tuple),
    Field(description="Only duties of these parties, by any of their names; may be given again."),
]
Modalities = Annotated[
    tuple[Modality, ...],
    BeforeValidator(as_tuple),
    Field(description="Only these; may be given again."),
]
DueChoices = Annotated[
    tuple[DueChoice, ...],
    BeforeValidator(as_tuple),
    Field(description="Only what is due so: `any` time, or `none`; may be given again."),
]


@workflow("legal/obligations")
def obligations(
    rt: Runtime,
    contracts: Annotated[
        Documents, Field(description="Contracts: a folder, files, or rows of a table.")
    ],
    *,
    party: Parties = (),
    modality: Modalities = (),
    due: DueChoices = (),
) -> ObligationsReport:
    """List who must, must not or may do what, by when and on what condition.

    Each sentence that lays down an obligation, a prohibition, a right or a condition is a row, with
    the party as the contract calls it, and with times, conditions and amounts marked; so is each
    item of a list after "shall:". What has a time and an amount comes first, what nearly every
    contract has comes last. No model reads the contracts, so the same ones give the same rows
    everywhere. Duties of each party are those of every party that is asked for.
    """
    read = {document.id: read_contract(document) for document in contracts}
    fields = {document.id: dict(document.fields) for document in contracts}
    duties = [
        duty.model_copy(update={"fields": fields[id]})
        for id, contract in read.items()
        for duty in read_duties(contract)
    ]
    names = _names_of(read)
    wanted = _chosen_parties(duties, names, party)
    chosen = [
        duty
        for duty in duties
        if (not party or any((duty.contract, label) in wanted for label in duty.parties))
        and (not modality or duty.modality in modality)
        and _is_due(duty, due)
    ]
    chosen.sort(key=lambda duty: -duty.points)
    without = [id for id in read if all(duty.contract != id for duty in duties)]
    return ObligationsReport(
        contracts=tuple(read),
        duties=tuple(chosen),
        read=len(duties),
        cited_documents=tuple(cited_contract(read[item.id], item) for item in contracts),
        remarks=(f"No duties are found in {', '.join(without)}.",) if without else (),
    )


def _is_due(duty: Duty, choices: tuple[DueChoice, ...]) -> bool:
    kinds: set[str] = {*duty.due_kinds, "any"} if duty.due_kinds else {"none"}
    return not choices or bool(kinds & set(choices))


def _names_of(contracts: dict[str, Contract]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Every name of each party by its contract and what duties call it."""
    return {
        (id, label_of(party)): names_of(party)
        for id, contract in contracts.items()
        for party in contract.parties
    }


def _is_name(words: str, names: tuple[str, ...]) -> bool:
    """Whether words are one of the names: pronouns as they are, others also in part."""
    if words.casefold() in PRONOUNS:
        return words.casefold() in (name.casefold() for name in names)
    return any(fits(words, name) for name in names if name.casefold() not in PRONOUNS)


def _chosen_parties(
    duties: list[Duty], names: dict[tuple[str, str], tuple[str, ...]], chosen: tuple[str, ...]
) -> set[tuple[str, str]]:
    """Contract and name of the parties that words fit, with those of every party.

    Raises:
        ParameterError: no party fits some words.
    """
    known = dict.fromkeys((duty.contract, label) for duty in duties for label in duty.parties)
    wanted = {(contract, label) for contract, label in known if label == EACH}
    for words in chosen:
        fitting = {key for key in known if _is_name(words, (key[1], *names.get(key, ())))}
        if not fitting:
            labels = ", ".join(dict.fromkeys(label for _, label in known)) or "none"
            raise ParameterError(
                f"No party fits {words!r}.",
                why=f"The contracts lay down duties of: {labels}.",
                fix="Give a role or a name, as $party",
                parameter="party",
                parameters={"party": ...},
            )
        wanted |= fitting
    return wanted
