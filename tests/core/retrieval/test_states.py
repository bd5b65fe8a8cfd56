"""Token states in memory: each computed once, bounded in bytes, the longest unused let go."""

from __future__ import annotations

import threading

import numpy as np

from metier.models.embedder import TokenStates
from metier.retrieval.token_state_cache import StateMemory


def states(tokens: int) -> TokenStates:
    return TokenStates(np.zeros((tokens, 2), np.int32), np.zeros((tokens, 8), np.float16))


ONE = states(10).bytes


class Counted:
    """Makes states of ten tokens, and remembers for which places it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, places: list[int]) -> list[TokenStates]:
        self.asked.append(places)
        return [states(10) for _ in places]


def test_what_is_kept_is_not_computed_again():
    memory, compute = StateMemory(), Counted()
    first = memory.get(["a", "b"], compute)
    again = memory.get(["b", "c", "a"], compute)
    assert compute.asked == [[0, 1], [1]]
    assert (again[0], again[2]) == (first[1], first[0])
    assert memory.bytes == 3 * ONE


def test_the_limit_is_kept_and_the_longest_unused_go_first():
    memory, compute = StateMemory(limit=2 * ONE), Counted()
    memory.get(["a", "b"], compute)
    memory.get(["a"], compute)
    memory.get(["c"], compute)
    memory.get(["a"], compute)
    memory.get(["b"], compute)
    assert compute.asked == [[0, 1], [0], [0]]
    assert memory.bytes == 2 * ONE


def test_more_than_there_is_room_for_is_answered_all_the_same():
    memory, compute = StateMemory(limit=ONE), Counted()
    assert len(memory.get(["a", "b", "c"], compute)) == 3
    assert memory.bytes <= ONE


def test_what_is_offered_is_kept_while_there_is_room_and_lets_nothing_go():
    memory, compute = StateMemory(limit=2 * ONE), Counted()
    assert memory.offer("a", states(10))
    assert memory.offer("b", states(10))
    assert not memory.offer("c", states(10))
    memory.get(["a", "b"], compute)
    assert compute.asked == []
    memory.get(["c"], compute)
    assert compute.asked == [[0]]
    assert memory.bytes == 2 * ONE


def test_equal_keys_are_computed_once():
    memory, compute = StateMemory(), Counted()
    first, other, again = memory.get(["a", "b", "a"], compute)
    assert compute.asked == [[0, 1]]
    assert first is again is not other
    assert memory.bytes == 2 * ONE


def test_threads_may_share_one():
    memory = StateMemory(limit=5 * ONE)

    def work(number: int) -> None:
        for step in range(200):
            memory.get([f"{(number + step) % 11}", f"{step % 7} again"], Counted())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < memory.bytes <= 5 * ONE
