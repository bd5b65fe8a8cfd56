"""Stretches that a grammar does not understand, and what stands between methods."""

from __future__ import annotations

from textwrap import dedent

import pytest

from metier_code.parsing.definitions import parse


@pytest.mark.parametrize(
    ("language", "source", "names"),
    [
        (  # a constructor on a line of its own, which the grammar does not know
            "Kotlin",
            """
            actual open class Cart
            internal actual constructor(
              internal actual val lines: List<Line>,
            ) : Serializable {
              actual fun total(): Int = lines.size

              actual fun clear() {
                lines.clear()
              }
            }
            """,
            ["Cart", "total", "clear"],
        ),
        (  # the body begins in one branch of the preprocessor
            "C",
            """
            int first(void) { return 1; }
            GENERATED(fields,
              {{{ not C at all;
              )) either (((
              nor this {
            static int second(int a)
            {
              return a;
            }
            """,
            ["first", "second"],
        ),
    ],
)
def test_what_follows_something_unknown_is_found(
    language: str, source: str, names: list[str]
) -> None:
    parsed = parse(dedent(source).lstrip("\n"), language)
    assert [definition.name for definition in parsed.definitions if definition.name] == names
    assert parsed.faults


def test_a_definition_after_something_unknown_has_its_position_in_the_file() -> None:
    source = (
        "class A\ninternal actual constructor(\n  val ä: Int,\n) : B {\n\n  fun f(): Int = 1\n}\n"
    )
    f = next(item for item in parse(source, "Kotlin").definitions if item.name.endswith("f"))
    assert (f.line, f.end_line, f.text) == (6, 6, "  fun f(): Int = 1")
    assert source[f.start : f.end] == f.text


def test_declarations_between_methods_stand_under_the_name_of_their_class() -> None:
    source = dedent(
        """
        abstract class Cart {
          int total() { return 1; }

          /** What is added to each price where the goods are sent to. */
          abstract int tax(String country, String region, int cents, boolean isReduced);

          abstract void send(String street, String city, String country) throws Unreachable;

          void clear() { }
        }
        """
    ).lstrip()
    found = [(item.kind, item.name, item.line) for item in parse(source, "Java").definitions]
    assert found == [
        ("class", "Cart", 1),
        ("method", "Cart.total", 2),
        ("class", "Cart", 5),
        ("method", "Cart.clear", 9),
    ]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("language", "piece"),
    [("Kotlin", "fun (\n"), ("C", "int f( {\n"), ("C++", "class { ((( \n"), ("Swift", "func (\n")],
)
def test_no_source_makes_its_recovery_long(language: str, piece: str) -> None:
    assert parse(piece * 5_000, language).faults
