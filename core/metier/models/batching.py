"""The batching planner: which token sequences are computed together. No torch in here."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from metier.errors import ErrorPosition, ModelError
from metier.progress import Progress

Tokens = npt.NDArray[np.int32]
"""Token ids of one input, (length,) int32."""

Made = TypeVar("Made")
One = TypeVar("One")

Compute = Callable[[list[Tokens], list[int]], Made]
"""(sequences of a batch, what a text of each is called) -> what is computed of it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Upper bounds of one batch.

    Attributes:
        texts: most sequences in a batch.
        tokens: most tokens in a batch.
        padded: whether padding counts: sequences times the longest of them.
    """

    texts: int = 64
    tokens: int = 8192
    padded: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """Distinct sequences cut into batches, with the way back to the order of the texts.

    Attributes:
        first: for each distinct sequence, the index of the first text that has it.
        place: for each text, the place of its sequence in `first`.
        batches: places in `first`, longest sequences first; each place in exactly one batch.
    """

    first: tuple[int, ...]
    place: tuple[int, ...]
    batches: tuple[tuple[int, ...], ...]


PREFIX_COST = 8
"""A prefix's token costs a copy of its keys and values: an eighth of what an own token takes."""


def plan_batches(sequences: Sequence[Tokens], budget: Budget, *, prefix: int = 0) -> Plan:
    """Group sequences of similar length under a budget; identical ones are computed once.

    Args:
        sequences: what to group.
        budget: bounds of a batch.
        prefix: tokens that stand before every sequence and are already computed.

    A sequence that alone is over the token budget gets a batch of its own. The longest come first,
    so a machine with too little memory says so at once and not at the end.
    """
    first: list[int] = []
    place: list[int] = []
    seen: dict[bytes, int] = {}
    for index, sequence in enumerate(sequences):
        key = sequence.tobytes()
        if key not in seen:
            seen[key] = len(first)
            first.append(index)
        place.append(seen[key])
    lengths = [len(sequences[index]) + prefix // PREFIX_COST for index in first]
    return Plan(tuple(first), tuple(place), tuple(_cut(lengths, budget)))


def _cut(lengths: Sequence[int], budget: Budget) -> list[tuple[int, ...]]:
    order = sorted(range(len(lengths)), key=lambda item: -lengths[item])
    batches: list[tuple[int, ...]] = []
    batch: list[int] = []
    used = 0
    for item in order:
        # Sorted: the first of a batch is its longest, so it sets the padded width.
        cost = lengths[batch[0]] if batch and budget.padded else lengths[item]
        if batch and (len(batch) == budget.texts or used + cost > budget.tokens):
            batches.append(tuple(batch))
            batch, used, cost = [], 0, lengths[item]
        batch.append(item)
        used += cost
    if batch:
        batches.append(tuple(batch))
    return batches


def run_batches(
    sequences: Sequence[Tokens],
    compute: Compute[npt.NDArray[np.float32]],
    *,
    width: int,
    budget: Budget,
    progress: Progress,
    prefix: int = 0,
    names: Sequence[int] | None = None,
) -> npt.NDArray[np.float32]:
    """Compute a row of numbers for every sequence, batch by batch, in the order they came.

    Args:
        sequences: n token sequences.
        compute: makes (batch, width) rows.
        width: numbers per row.
        budget: bounds of a batch.
        prefix: see `plan_batches`.
        names: what the caller calls each sequence, for errors; None for their places.
        progress: advanced by the texts a batch answers, repeated texts included.

    Returns:
        (n, width) float32.
    """
    plan = plan_batches(sequences, budget, prefix=prefix)
    rows = np.empty((len(plan.first), width), dtype=np.float32)
    for batch, made in _run(plan, sequences, compute, budget, progress, names):
        rows[list(batch)] = made
    if len(plan.first) == len(plan.place):
        return rows
    return rows[list(plan.place)]


def run_each(
    sequences: Sequence[Tokens],
    compute: Compute[Sequence[One]],
    *,
    budget: Budget,
    progress: Progress,
    names: Sequence[int] | None = None,
) -> list[One]:
    """As `run_batches`, where what is computed of a sequence is no row of a fixed width."""
    plan = plan_batches(sequences, budget)
    found: dict[int, One] = {}
    for batch, made in _run(plan, sequences, compute, budget, progress, names):
        found.update(zip(batch, made, strict=True))
    return [found[place] for place in plan.place]


def _run(
    plan: Plan,
    sequences: Sequence[Tokens],
    compute: Compute[Made],
    budget: Budget,
    progress: Progress,
    names: Sequence[int] | None,
) -> Iterator[tuple[tuple[int, ...], Made]]:
    """Places in `plan.first`, and what was computed of them; halved where memory runs out."""
    called = range(len(sequences)) if names is None else names
    repeats = Counter(plan.place)
    waiting = deque(plan.batches)
    most = budget.tokens  # fewer once memory has run out
    while waiting:
        batch = waiting.popleft()
        texts = [plan.first[place] for place in batch]
        used = sum(len(sequences[text]) for text in texts)
        made = None
        if used <= most or len(batch) == 1:
            made = _computed(sequences, texts, compute, called)
            if made is None:
                most = used // 2
        if made is None:
            half = len(batch) // 2
            waiting.extendleft((batch[half:], batch[:half]))
            continue
        yield batch, made
        progress.advance(sum(repeats[place] for place in batch))


def _computed(
    sequences: Sequence[Tokens], texts: list[int], compute: Compute[Made], names: Sequence[int]
) -> Made | None:
    """What is computed of a batch; None where the device has too little memory for it."""
    try:
        return compute([sequences[text] for text in texts], [names[text] for text in texts])
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        if len(texts) == 1:
            raise ModelError(
                f"$position with its {len(sequences[texts[0]])} tokens needs more memory than "
                "there is.",
                position=ErrorPosition(index=names[texts[0]]),
                fix="Divide the text, use a smaller model, or free memory on the device.",
            ) from error
    return None  # outside the handler, where the failed batch's tensors are free again


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device or the system ran out of memory, as torch words it on each of them."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    words = str(error).lower()
    signs = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
    return any(sign in words for sign in signs)
