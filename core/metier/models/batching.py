"""Which token sequences are computed together, and what happens where memory runs out. No torch."""

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

Result = TypeVar("Result")
Output = TypeVar("Output")

Compute = Callable[[list[Tokens], list[int]], Result]
"""(sequences of a batch, index of a text for each of them) -> the result of the batch."""


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
        positions: for each text, the position of its sequence in `first`.
        batches: positions in `first`, longest sequences first; each in exactly one batch.
    """

    first: tuple[int, ...]
    positions: tuple[int, ...]
    batches: tuple[tuple[int, ...], ...]


PREFIX_COST = 8
"""How many tokens of a prefix cost as much as one token of a sequence: their keys and values are
only copied."""


def plan_batches(sequences: Sequence[Tokens], budget: Budget, *, prefix: int = 0) -> Plan:
    """Group sequences of similar length under a budget; identical ones are computed once.

    Args:
        sequences: what to group.
        budget: bounds of a batch.
        prefix: tokens that stand before every sequence and are already computed.

    A sequence that is over the token budget by itself gets a batch of its own. The longest come
    first, so that a machine with too little memory fails at once and not at the end.
    """
    first: list[int] = []
    positions: list[int] = []
    seen: dict[bytes, int] = {}
    for index, sequence in enumerate(sequences):
        key = sequence.tobytes()
        if key not in seen:
            seen[key] = len(first)
            first.append(index)
        positions.append(seen[key])
    lengths = [len(sequences[index]) + prefix // PREFIX_COST for index in first]
    return Plan(tuple(first), tuple(positions), tuple(_cut(lengths, budget)))


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
    """Compute a row for every sequence, batch by batch, in the order of the sequences.

    Args:
        sequences: n token sequences.
        compute: makes (batch, width) rows.
        width: elements of a row.
        budget: bounds of a batch.
        prefix: see `plan_batches`.
        names: the caller's index of each sequence, for errors; None for their own.
        progress: advanced by the texts of a batch, repeated texts included.

    Returns:
        (n, width) float32.
    """
    plan = plan_batches(sequences, budget, prefix=prefix)
    rows = np.empty((len(plan.first), width), dtype=np.float32)
    for batch, batch_rows in _run(plan, sequences, compute, budget, progress, names):
        rows[list(batch)] = batch_rows
    if len(plan.first) == len(plan.positions):
        return rows
    return rows[list(plan.positions)]


def run_each(
    sequences: Sequence[Tokens],
    compute: Compute[Sequence[Output]],
    *,
    budget: Budget,
    progress: Progress,
    names: Sequence[int] | None = None,
) -> list[Output]:
    """As `run_batches`, for results that are no rows of a fixed width."""
    plan = plan_batches(sequences, budget)
    outputs: dict[int, Output] = {}
    for batch, batch_outputs in _run(plan, sequences, compute, budget, progress, names):
        outputs.update(zip(batch, batch_outputs, strict=True))
    return [outputs[position] for position in plan.positions]


def _run(
    plan: Plan,
    sequences: Sequence[Tokens],
    compute: Compute[Result],
    budget: Budget,
    progress: Progress,
    names: Sequence[int] | None,
) -> Iterator[tuple[tuple[int, ...], Result]]:
    """Yield each batch, as positions in `plan.first`, with its result.

    A batch that needs more memory than there is gets halved.
    """
    names = range(len(sequences)) if names is None else names
    repeats = Counter(plan.positions)
    waiting = deque(plan.batches)
    token_limit = budget.tokens  # lower once memory has run out
    while waiting:
        batch = waiting.popleft()
        texts = [plan.first[position] for position in batch]
        used = sum(len(sequences[text]) for text in texts)
        if len(batch) > 1 and used > token_limit:
            waiting.extendleft(_halves(batch))
            continue
        try:
            result = compute([sequences[text] for text in texts], [names[text] for text in texts])
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if len(batch) == 1:
                raise ModelError(
                    f"$position with its {used} tokens needs more memory than there is.",
                    position=ErrorPosition(index=names[texts[0]]),
                    fix="Divide the text, use a smaller model, or free memory on the device.",
                ) from error
            token_limit = used // 2
            waiting.extendleft(_halves(batch))
            continue  # leaves the handler, so that the tensors of the failed batch are freed
        yield batch, result
        progress.advance(sum(repeats[position] for position in batch))


def _halves(batch: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The second and the first half of a batch, as a deque is extended on its left."""
    half = len(batch) // 2
    return batch[half:], batch[:half]


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device or the system ran out of memory, by the messages of torch."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    message = str(error).lower()
    signs = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
    return any(sign in message for sign in signs)
