import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.errors import ModelError
from metier.models.batching import Budget, plan_batches, run_batches
from metier.progress import NoProgress

sequences = st.lists(
    st.lists(st.integers(0, 3), max_size=30).map(lambda ids: np.array(ids, dtype=np.int32)),
    max_size=40,
)
budgets = st.builds(Budget, texts=st.integers(1, 8), tokens=st.integers(1, 60))


@given(sequences, budgets)
def test_every_distinct_sequence_is_in_exactly_one_batch(sequences, budget):
    plan = plan_batches(sequences, budget)

    placed = sorted(place for batch in plan.batches for place in batch)
    assert placed == list(range(len(plan.first)))
    assert len(plan.first) == len({tuple(ids) for ids in sequences})
    assert all(
        np.array_equal(sequences[plan.first[place]], ids)
        for place, ids in zip(plan.positions, sequences, strict=True)
    )


@given(sequences, budgets)
def test_the_budget_is_kept_but_by_a_single_sequence_too_long_for_it(sequences, budget):
    plan = plan_batches(sequences, budget)

    for batch in plan.batches:
        longest = max(len(sequences[plan.first[place]]) for place in batch)
        assert len(batch) <= budget.texts
        assert len(batch) == 1 or longest * len(batch) <= budget.tokens


@given(sequences, st.integers(1, 8), st.integers(1, 60))
def test_without_padding_only_tokens_count(sequences, texts, tokens):
    plan = plan_batches(sequences, Budget(texts, tokens, padded=False))

    for batch in plan.batches:
        used = sum(len(sequences[plan.first[place]]) for place in batch)
        assert len(batch) <= texts
        assert len(batch) == 1 or used <= tokens


@given(sequences, budgets)
def test_longer_sequences_come_first(sequences, budget):
    plan = plan_batches(sequences, budget)

    lengths = [len(sequences[plan.first[place]]) for batch in plan.batches for place in batch]
    assert lengths == sorted(lengths, reverse=True)


@given(sequences, budgets)
def test_rows_come_back_in_the_order_of_the_texts(sequences, budget):
    def first_and_sum(batch, texts):
        assert [len(sequences[text]) for text in texts] == [len(ids) for ids in batch]
        return np.array([[len(ids), ids.sum()] for ids in batch], dtype=np.float32)

    made = run_batches(sequences, first_and_sum, width=2, budget=budget, progress=NoProgress())

    expected = [[len(ids), ids.sum()] for ids in sequences]
    assert made.shape == (len(sequences), 2)
    assert made.tolist() == expected


def test_progress_counts_repeated_texts(counted):
    same = np.array([1, 2], dtype=np.int32)
    other = np.array([3], dtype=np.int32)

    run_batches(
        [same, other, same, same],
        lambda batch, texts: np.zeros((len(batch), 1), dtype=np.float32),
        width=1,
        budget=Budget(texts=1),
        progress=counted,
    )

    assert counted.items == 4


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_a_batch_too_big_for_the_memory_is_halved_until_it_fits(error):
    sizes = []

    def at_most_two(batch, texts):
        sizes.append(len(batch))
        if len(batch) > 2:
            raise error
        return np.array([[ids[0]] for ids in batch], dtype=np.float32)

    made = run_batches(
        [np.array([number], dtype=np.int32) for number in range(7)],
        at_most_two,
        width=1,
        budget=Budget(),
        progress=NoProgress(),
    )

    assert made[:, 0].tolist() == list(range(7))
    assert sizes[0] == 7


def test_later_batches_are_as_small_as_the_memory_turned_out_to_be():
    sizes = []

    def at_most_ten_tokens(batch, texts):
        sizes.append(len(batch))
        if sum(len(ids) for ids in batch) > 10:
            raise MemoryError
        return np.array([[text] for text in texts], dtype=np.float32)

    made = run_batches(
        [np.array([number] * 4, dtype=np.int32) for number in range(20)],
        at_most_ten_tokens,
        width=1,
        budget=Budget(texts=100, tokens=16, padded=False),
        progress=NoProgress(),
    )

    assert made[:, 0].tolist() == list(range(20))
    assert sizes == [4, *[2] * 10], "memory runs out once, not once a batch"


def test_a_single_text_too_big_for_the_memory_is_named():
    def never(batch, texts):
        raise MemoryError

    with pytest.raises(ModelError, match="Text 0 with its 3 tokens"):
        run_batches(
            [np.array([1, 2, 3], dtype=np.int32)],
            never,
            width=1,
            budget=Budget(),
            progress=NoProgress(),
        )


def test_texts_go_by_the_names_their_caller_has_for_them():
    named = {}

    def noted(batch, texts):
        named.update({text: ids.tolist() for text, ids in zip(texts, batch, strict=True)})
        return np.zeros((len(batch), 1), dtype=np.float32)

    run_batches(
        [np.array(ids, dtype=np.int32) for ids in ([1], [2, 3], [1], [4])],
        noted,
        width=1,
        budget=Budget(texts=2),
        names=[40, 17, 8, 23],
        progress=NoProgress(),
    )

    assert named == {40: [1], 17: [2, 3], 23: [4]}


def test_a_text_too_big_for_the_memory_goes_by_its_name_after_halving():
    def not_the_second(batch, texts):
        if any(ids[0] == 2 for ids in batch):
            raise MemoryError
        return np.zeros((len(batch), 1), dtype=np.float32)

    with pytest.raises(ModelError, match="Text 17 with its 3 tokens"):
        run_batches(
            [np.array(ids, dtype=np.int32) for ids in ([1] * 4, [2] * 3, [3] * 2, [4])],
            not_the_second,
            width=1,
            budget=Budget(),
            names=range(16, 20),
            progress=NoProgress(),
        )


def test_another_failure_is_not_taken_for_lack_of_memory():
    def broken(batch, texts):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes"):
        run_batches(
            [np.array([1], dtype=np.int32), np.array([2], dtype=np.int32)],
            broken,
            width=1,
            budget=Budget(),
            progress=NoProgress(),
        )


def test_a_long_shared_prefix_makes_batches_smaller():
    sequences = [np.array([number], dtype=np.int32) for number in range(40)]
    budget = Budget(texts=100, tokens=100, padded=False)

    assert len(plan_batches(sequences, budget).batches) == 1
    assert len(plan_batches(sequences, budget, prefix=4000).batches) == 40
