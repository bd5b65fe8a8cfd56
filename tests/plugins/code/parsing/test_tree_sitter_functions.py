from __future__ import annotations

from collections.abc import Callable

import pytest

from metier_code.parsing.definition import Definition, ParsedSource
from metier_code.parsing.definitions import parse
from metier_code.parsing.languages import languages

Parse = Callable[[str, str | bytes], ParsedSource]
Read = Callable[[str, str | bytes], list[Definition]]


@pytest.mark.parametrize(
    ("suffix", "source", "found"),
    [
        (
            ".js",
            """
            import x from "y";

            /** Adds. */
            export function add(a, b) { return a + (() => b)(); }

            const total = (cart) => {
              return cart.length;
            };
            exports.run = function () {};
            class Cart {
              #lines = [];
              handle = (event) => event;
              // counts
              get size() { return 1; }
              static async make() {}
            }
            const routes = { home() {}, about: async () => 1 };
            export default () => 2;
            """,
            [
                ("add", 3),
                ("total", 6),
                ("exports.run", 9),
                ("Cart.handle", 12),
                ("Cart.size", 13),
                ("Cart.make", 15),
                ("routes.home", 17),
                ("routes.about", 17),
                ("default", 18),
            ],
        ),
        (
            ".ts",
            """
            function over(a: string): void;
            function over(a: unknown): void {}
            export abstract class Store<T> {
              @log()
              run(x: T): void {}
              private pick = (): T | null => null;
              abstract load(): void;
            }
            namespace N { export function deep() {} }
            interface Shape { area(): number; }
            """,
            [("over", 2), ("Store.run", 4), ("Store.pick", 6), ("N.deep", 9)],
        ),
        (
            ".tsx",
            "export const Price = ({ cents }: Props) => <b>{cents}</b>;",
            [("Price", 1)],
        ),
        (
            ".java",
            """
            class Cart<T> {
              int size; // lines

              /** Makes one. */
              Cart() {}
              @Override
              public <K> K pick(K key) { return key; }
              enum Kind { A { int rank() { return 1; } } }
            }
            interface Priced { int price(); default int twice() { return 2 * price(); } }
            record Line(int cents) { Line { if (cents < 0) throw new Error(); } }
            """,
            [
                ("Cart.Cart", 4),
                ("Cart.pick", 6),
                ("Cart.Kind.rank", 8),
                ("Priced.twice", 10),
                ("Line.Line", 11),
            ],
        ),
        (
            ".go",
            """
            package shop

            // Run serves.
            func (s *Server[T]) Run(x int) error { return nil }

            func Map[K any](x K) K { return x }
            func (Cart) Size() int { return 0 }
            """,
            [("Server.Run", 3), ("Map", 6), ("Cart.Size", 7)],
        ),
        (
            ".rs",
            """
            /// Adds.
            #[inline]
            fn add(a: u8) -> u8 { a }

            // not attached

            impl<T: Clone> fmt::Display for Cart<T> {
                pub async fn fmt(&self) {}
            }
            trait Priced { fn price(&self); fn twice(&self) {} }
            mod tests { fn checks() {} }
            """,
            [("add", 1), ("Cart.fmt", 8), ("Priced.twice", 10), ("tests.checks", 11)],
        ),
        (
            ".rb",
            """
            module Shop
              class Cart < Base
                # Counts.
                def size = @lines.size
                def self.make
                  new
                end
                def empty!; end
              end
            end
            """,
            [("Shop.Cart.size", 3), ("Shop.Cart.make", 5), ("Shop.Cart.empty!", 8)],
        ),
        (
            ".php",
            """
            <?php
            /** Adds. */
            #[Pure]
            function add($a) { return $a; }
            abstract class Cart { abstract function load(); public static function size() {} }
            trait Counts { function count() {} }
            $twice = fn($x) => 2 * $x;
            """,
            [("add", 2), ("Cart.size", 5), ("Counts.count", 6), ("$twice", 7)],
        ),
        (
            ".c",
            """
            int limit = 3; /* of lines */
            static int *first(int a) { return 0; }
            int declared(void);
            void (*hook(int x))(int) { return 0; }
            """,
            [("first", 2), ("hook", 4)],
        ),
        (
            ".cpp",
            """
            namespace shop {
            // Reads.
            template <typename T>
            T& Cart<T>::at(int x) const { return lines[x]; }
            class Line : Base {
             public:
              Line() : cents(1) {}
              ~Line() {}
              Line& operator=(const Line& other) { return *this; }
              operator bool() const { return true; }
              virtual int price() = 0;
            };
            }
            """,
            [
                ("shop.Cart.at", 2),
                ("shop.Line.Line", 7),
                ("shop.Line.~Line", 8),
                ("shop.Line.operator=", 9),
                ("shop.Line.operator bool", 10),
            ],
        ),
        (
            ".cs",
            """
            namespace Shop;
            /// Counts.
            public class Cart {
              public Cart() { }
              [Pure]
              public int Size(int a) { return a + 1; }
              int Twice() => 2;
              public static Cart operator +(Cart a, Cart b) { return a; }
              struct Line { void Ship() { } }
            }
            interface IPriced { int Price(); }
            """,
            [
                ("Shop.Cart.Cart", 4),
                ("Shop.Cart.Size", 5),
                ("Shop.Cart.Twice", 7),
                ("Shop.Cart.operator +", 8),
                ("Shop.Cart.Line.Ship", 9),
            ],
        ),
        (
            ".kt",
            """
            class Cart {
              fun size(a: Int): Int { return a + 1 }
            }
            object Shop {
              fun open() = true
            }
            fun String.twice() = this + this
            """,
            [("Cart.size", 2), ("Shop.open", 5), ("String.twice", 7)],
        ),
        (
            ".sh",
            """
            # Tries again.
            again() {
              "$@" || "$@"
            }
            function stop { exit 1; }
            """,
            [("again", 1), ("stop", 5)],
        ),
        (
            ".sql",
            """
            -- Adds.
            CREATE FUNCTION shop.add(a int) RETURNS int AS $$ SELECT a + 1 $$ LANGUAGE sql;
            SELECT 1;
            """,
            [("shop.add", 1)],
        ),
        (".h", "#pragma once\nstruct Cart { int size() { return 1; } };\n", [("Cart.size", 2)]),
    ],
)
def test_functions_with_a_body_are_found_where_they_start(
    read: Read, suffix: str, source: str, found: list[tuple[str, int]]
) -> None:
    assert [(one.name, one.line) for one in read(suffix, source)] == found


def test_the_text_reaches_from_the_first_comment_to_the_end(read: Read) -> None:
    source = """
        const LIMIT = 3; // of lines
        // Adds.
        // Never subtracts.
        export const add = (a, b) => {
          return a + b;
        };
    """

    (function,) = read(".js", source)

    assert function.text == (
        "// Adds.\n// Never subtracts.\nexport const add = (a, b) => {\n  return a + b;\n};"
    )


def test_functions_on_one_line_are_told_apart_by_column(read: Read) -> None:
    first, second = read(".js", 'var é = "é"; function a() {} function b() {}')

    assert (first.text, first.column) == ("function a() {}", 14)
    assert (second.text, second.column) == ("function b() {}", 30)


def test_what_stands_apart_from_a_fault_is_found(read: Read) -> None:
    source = "function good() { return 1; }\n\nclass { ((( \n"

    assert [one.name for one in read(".js", source)] == ["good"]


JUNK = [b"\x00\x01", b"(" * 100_000, b"f(" * 9_000, b"if(a){" * 2_000]


@pytest.mark.parametrize(
    "language", sorted(name for name, entry in languages().items() if not entry.parts)
)
def test_junk_has_no_functions_and_a_fault(language: str) -> None:
    assert parse(b"", language).definitions == ()
    for junk in JUNK:
        parsed = parse(junk, language)
        assert not [one for one in parsed.definitions if one.kind in ("function", "method")]
        is_text = language in ("Perl", "SQL") or (language == "PHP" and junk[-1:] in (b"(", b"{"))
        assert is_text or parsed.faults[0][0] == 1


def test_a_fault_without_any_function_is_said_with_its_line(parse_file: Parse) -> None:
    ((line, message),) = parse_file(".go", "package shop\n\nfunc (((\n").faults
    assert (line, message) == (3, "line 3 is not understood")


@pytest.mark.timeout(60)
def test_any_number_of_functions_of_one_declaration_are_found(read: Read) -> None:
    source = "var " + ",".join(f"é{number}=()=>0" for number in range(20_000))

    found = read(".js", source)

    assert [one.name for one in found] == [f"é{number}" for number in range(20_000)]
    assert {one.line for one in found} == {1}
    assert (found[-1].text, found[-1].column) == ("é19999=()=>0", source.index("é19999") + 1)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("between", ["", "const limit = 3;\n"])
def test_any_number_of_comment_lines_belongs_to_a_function(read: Read, between: str) -> None:
    comments = "//\n" * 50_000

    (function,) = read(".js", f"{comments}{between}function f() {{}}\n")

    text = "function f() {}" if between else f"{comments}function f() {{}}"
    assert function.text == text
    assert function.line == (50_002 if between else 1)


@pytest.mark.timeout(60)
def test_any_number_of_functions_has_its_lines(read: Read) -> None:
    found = read(".go", "package a\n" + "func f() {}\n\n\n\n" * 20_000)

    assert [one.line for one in found] == list(range(2, 80_002, 4))


def test_a_fault_that_is_no_node_is_told_as_any_other(parse_file: Parse) -> None:
    assert [line for line, _ in parse_file(".go", b"null\x00character").faults] == [1]


@pytest.mark.parametrize(
    ("suffix", "source", "found"),
    [
        (
            ".js",
            'app.get("/carts", async (req, res) => {\n  res.json([]);\n});',
            ["app.get /carts"],
        ),
        (".js", 'process.on("exit", function onExit() { log(); });', ["onExit"]),
        (".jsx", "const Line = memo(({ cents }) => {\n  return <b>{cents}</b>;\n});", ["Line"]),
        (".ts", "export const Row = memo(forwardRef(function Row(p) { return p; }));", ["Row"]),
        (".js", "load().then((cart) => {\n  show(cart);\n}).catch((e) => {\n  log(e);\n});", 1),
        (
            ".js",
            """
            describe("shop", () => {
              beforeEach(() => { open(); });
              describe("cart", () => {
                it("adds", () => { add(); });
                test("removes", function () { remove(); });
              });
            });
            """,
            ["shop beforeEach", "shop cart adds", "shop cart removes"],
        ),
        (".js", "define(function () {\n  function a() {}\n  const b = () => 1;\n});", ["a", "b"]),
        (".js", "const ids = rows.map((row) => row.id);", []),
        (".php", '<?php\nRoute::get("/carts", function () { return 1; });', ["Route::get /carts"]),
        (".go", "package a\n\nvar serve = func(w W) {\n\tw.Write(nil)\n}\n", ["serve"]),
        (
            ".go",
            'package a\n\nvar _ = Handle("/carts", func(w W) {\n\tw.Write(nil)\n})\n',
            ["Handle /carts"],
        ),
    ],
)
def test_a_function_given_to_a_call_is_found_under_what_it_is_given_to(
    read: Read, suffix: str, source: str, found: list[str] | int
) -> None:
    names = [function.name for function in read(suffix, source)]
    assert (names if isinstance(found, list) else len(names)) == found


def test_a_callback_is_read_with_its_whole_statement(read: Read) -> None:
    source = '// Lists.\napp.get("/carts", (req, res) => {\n  res.json([]);\n});\nstart();\n'

    (function,) = read(".js", source)

    assert function.text == source.removesuffix("\nstart();\n")
    assert function.line == 1


def test_a_function_that_a_macro_defines_has_the_name_given_to_it(read: Read) -> None:
    source = "/* Reads. */\nDEFINE_CALL2(fetch, int, fd, char *, to)\n{\n  return get(fd, to);\n}\n"

    (function,) = read(".c", source)

    assert (function.name, function.line) == ("fetch", 1)
    assert function.text == source.rstrip()
