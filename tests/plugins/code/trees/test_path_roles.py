"""What sources are for, by their paths."""

from __future__ import annotations

import pytest

from metier_code.trees.path_roles import is_example, is_test


@pytest.mark.parametrize(
    "path",
    [
        "tests/cart.py",
        "app/__tests__/cart.js",
        "e2e/checkout.ts",
        "tests/fixtures/cart.py",
        "test_cart.py",
        "conftest.py",
        "cart_test.go",
        "src/cart.spec.ts",
        "src/CartTest.java",
        "src/URLTests.kt",
        "src/CartIT.java",
    ],
)
def test_tests_are_known_by_their_folders_and_names(path: str) -> None:
    assert is_test(path)
    assert not is_example(path)


@pytest.mark.parametrize(
    "path", ["shop/cart.py", "contest.py", "src/latest/a.go", "src/Latest.java", "src/SUBMIT.java"]
)
def test_a_name_that_only_ends_alike_is_none(path: str) -> None:
    assert not is_test(path)
    assert not is_example(path)


def test_examples_and_benchmarks_are_no_tests() -> None:
    assert is_example("examples/cart.py")
    assert is_example("core/benchmark/speed.rs")
    assert not is_test("examples/cart.py")
