"""Token states are kept in memory within a limit."""

from __future__ import annotations

import threading

import numpy as np

from metier.models.embedder import TokenStates
from metier.models.token_state_cache import TokenStateCache


def states(tokens: int) -> TokenStates:
    return TokenStates(np.zeros((tokens, 2), np.int32), np.zeros((tokens, 8), np.float16))


ONE = states(10).bytes


class Counted:
    """Makes states of ten tokens, and remembers for which positions it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, positions: list[int]) -> list[TokenStates]:
        self.asked.append(positions)
        return [states(10) for _ in positions]


def test_what_is_kept_is_not_computed_again():
    cache, compute = TokenStateCache(), Counted()
    first = cache.get(["a", "b"], compute)
    again = cache.get(["b", "c", "a"], compute)
    assert compute.asked == [[0, 1], [1]]
    assert (again[0], again[2]) == (first[1], first[0])
    assert cache.bytes == 3 * ONE


def test_the_limit_is_kept_and_the_longest_unused_go_first():
    cache, compute = TokenStateCache(limit=2 * ONE), Counted()
    cache.get(["a", "b"], compute)
    cache.get(["a"], compute)
    cache.get(["c"], compute)
    cache.get(["a"], compute)
    cache.get(["b"], compute)
    assert compute.asked == [[0, 1], [0], [0]]
    assert cache.bytes == 2 * ONE


def test_more_than_there_is_room_for_is_answered_all_the_same():
    cache, compute = TokenStateCache(limit=ONE), Counted()
    assert len(cache.get(["a", "b", "c"], compute)) == 3
    assert cache.bytes <= ONE


def test_what_is_offered_is_kept_while_there_is_room_and_lets_nothing_go():
    cache, compute = TokenStateCache(limit=2 * ONE), Counted()
    assert cache.offer("a", states(10))
    assert cache.offer("b", states(10))
    assert not cache.offer("c", states(10))
    cache.get(["a", "b"], compute)
    assert compute.asked == []
    cache.get(["c"], compute)
    assert compute.asked == [[0]]
    assert cache.bytes == 2 * ONE


def test_equal_keys_are_computed_once():
    cache, compute = TokenStateCache(), Counted()
    first, other, again = cache.get(["a", "b", "a"], compute)
    assert compute.asked == [[0, 1]]
    assert first is again is not other
    assert cache.bytes == 2 * ONE


def test_threads_may_share_one():
    cache = TokenStateCache(limit=5 * ONE)

    def work(number: int) -> None:
        for step in range(200):
            cache.get([f"{(number + step) % 11}", f"{step % 7} again"], Counted())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < cache.bytes <= 5 * ONE
