import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from metier.models.plan import Budget, plan_batches, run_batches
from metier.progress import Silent

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
        for place, ids in zip(plan.place, sequences, strict=True)
    )


@given(sequences, budgets)
def test_the_budget_is_kept_but_by_a_single_sequence_too_long_for_it(sequences, budget):
    plan = plan_batches(sequences, budget)

    for batch in plan.batches:
        longest = max(len(sequences[plan.first[place]]) for place in batch)
        assert len(batch) <= budget.texts
        assert len(batch) == 1 or longest * len(batch) <= budget.tokens


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

    made = run_batches(sequences, first_and_sum, width=2, budget=budget, progress=Silent())

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
