"""Languages beside those that `test_function_kinds.py` has: five sources of each."""

from __future__ import annotations

from textwrap import dedent

import pytest

from metier_code.parsing.definitions import parse

SCALA = [
    (
        """
        package shop.orders

        import scala.concurrent.Future

        /** Orders of a customer. */
        object Orders {
          private val Limit = 10

          /** What they cost. */
          def total(orders: Seq[Order])(implicit rates: Rates): BigDecimal =
            orders.map(_.price).sum

          val byDate: Order => Long = order => order.date
          implicit class RichOrder(order: Order) { def isOld: Boolean = order.age > 30 }
        }
        """,
        ["Orders", "Orders.total", "Orders.byDate", "Orders.RichOrder", "Orders.RichOrder.isOld"],
    ),
    (
        """
        trait Store[F[_]] {
          def find(id: Long): F[Option[Order]]
          def exists(id: Long)(using F: Functor[F]): F[Boolean] = F.map(find(id))(_.isDefined)
        }
        final case class Order(id: Long, price: BigDecimal) extends Ordered[Order] {
          override def compare(that: Order): Int = id.compare(that.id)
          def +(that: Order): Order = copy(price = price + that.price)
        }
        """,
        ["Store", "Store.exists", "Order", "Order.compare", "Order.+"],
    ),
    (
        """
        enum Color(val rgb: Int):
          case Red extends Color(0xff0000)
          def hex: String = rgb.toHexString

        extension (text: String)
          def shout: String = text.toUpperCase

        given Ordering[Order] with
          def compare(a: Order, b: Order): Int = a.id.compare(b.id)

        @main def run(): Unit =
          println("started")
        """,
        ["Color", "Color.hex", "String.shout", "Ordering[Order]", "Ordering[Order].compare", "run"],
    ),
    (
        """
        class CartSpec extends AnyFlatSpec {
          "A cart" should "add items" in {
            assert(new Cart().add(1).size == 1)
          }
          it should "start empty" in { assert(new Cart().size == 0) }
        }
        """,
        ["CartSpec", "CartSpec.A cart should add items", "CartSpec.it should start empty"],
    ),
    (
        """
        class CartSuite extends FunSuite {
          test("adds a line") {
            assertEquals(1 + 1, 2)
          }
          describe("a full cart") {
            it("refuses more") {
              assert(cart.isFull)
            }
          }
        }
        """,
        ["CartSuite", "CartSuite.adds a line", "CartSuite.a full cart refuses more"],
    ),
]
SWIFT = [
    (
        """
        import Foundation

        /// Lines that somebody will buy.
        public struct Cart<Item: Priced>: Codable {
            private var items: [Item] = []

            /// What they cost.
            var total: Double {
                items.reduce(0) { $0 + $1.price }
            }

            init(items: [Item]) { self.items = items }

            @discardableResult
            public mutating func add(_ item: Item, count: Int = 1) async throws -> Bool {
                items.append(item)
                return true
            }
        }
        """,
        ["Cart", "Cart.total", "Cart.init", "Cart.add"],
    ),
    (
        """
        extension Cart where Item == Book {
            func titles() -> [String] { items.map(\\.title) }
            static func == (left: Cart, right: Cart) -> Bool { left.total == right.total }
            subscript(index: Int) -> Item { items[index] }
        }
        extension Array.Index { func next() -> Int { 1 } }
        """,
        ["Cart.titles", "Cart.==", "Cart.subscript", "Array.Index.next"],
    ),
    (
        """
        final class CartController: UIViewController {
            lazy var formatter: NumberFormatter = {
                let made = NumberFormatter()
                return made
            }()
            var count = 0 {
                didSet { refresh() }
            }
            override func viewDidLoad() {
                super.viewDidLoad()
            }
            deinit { stop() }
            enum Section { case lines; func title() -> String { "Lines" } }
        }
        """,
        [
            "CartController",
            "CartController.formatter",
            "CartController.count",
            "CartController.viewDidLoad",
            "CartController.deinit",
            "CartController.Section",
            "CartController.Section.title",
        ],
    ),
    (
        """
        protocol Priced {
            var price: Double { get }
            func discounted(by rate: Double) -> Double
        }
        actor Store { func put(_ item: Item) async { items.append(item) } }
        func free<T>(_ value: T) -> T { value }
        let twice: (Int) -> Int = { value in
            value * 2
        }
        """,
        ["Priced", "Store", "Store.put", "free", "twice"],
    ),
    (
        """
        describe("a cart") {
            it("adds a line") {
                expect(cart.count) == 1
            }
        }
        app.get("carts", ":id") { request in
            return try await find(request)
        }
        """,
        ["a cart adds a line", "app.get carts"],
    ),
]
LUA = [
    (
        """
        local M = {}

        --- Adds two prices.
        -- @param a the first
        function M.util.add(a, b)
          return a + b
        end

        function M:total()
          return self.sum
        end

        return M
        """,
        ["M.util.add", "M.total"],
    ),
    (
        """
        local function round(price) return math.floor(price + 0.5) end
        local twice = function(price) return 2 * price end
        M.scale = function(price, by)
          return price * by
        end
        function main() end
        """,
        ["round", "twice", "M.scale", "main"],
    ),
    (
        """
        local mt = {
          __index = function(t, key) return rawget(t, key) end,
          ["to text"] = function(t) return t.name end,
        }
        local Cart = { lines = {} }
        Cart.handlers = { add = function(line) table.insert(Cart.lines, line) end }
        """,
        ["mt.__index", "mt.to text", "Cart.handlers.add"],
    ),
    (
        """
        describe("a cart", function()
          before_each(function()
            cart = Cart.new()
          end)
          it("adds a line", function()
            assert.equals(1, cart:add(1))
          end)
        end)
        """,
        ["a cart before_each", "a cart adds a line"],
    ),
    (
        """
        app:get("/carts", function(self)
          return { json = carts }
        end)
        vim.api.nvim_create_user_command("Cart", function(opts)
          print(opts.args)
        end, {})
        """,
        ["app:get /carts", "vim.api.nvim_create_user_command Cart"],
    ),
]
DART = [
    (
        """
        import 'package:flutter/material.dart';

        /// Lines that somebody will buy.
        class Cart<T extends Item> extends Base with Logged {
          final List<T> items;

          /// Starts with some.
          Cart(this.items) : super() {
            check();
          }
          Cart.empty() : items = [] {
            check();
          }
          factory Cart.fromJson(Map<String, dynamic> json) {
            return Cart(json['items']);
          }
        }
        """,
        ["Cart", "Cart.Cart", "Cart.empty", "Cart.fromJson"],
    ),
    (
        """
        class Cart {
          double get total => items.fold(0, (sum, item) => sum + item.price);
          set size(int value) {
            _size = value;
          }
          @override
          Future<void> add(Item item, {int count = 1}) async {
            items.add(item);
          }
          bool operator ==(Object other) => other is Cart && other.id == id;
          static Cart of(BuildContext context) => context.read<Cart>();
          void draw();
        }
        """,
        ["Cart", "Cart.total", "Cart.size", "Cart.add", "Cart.==", "Cart.of"],
    ),
    (
        """
        mixin Counted on Cart {
          int count() => items.length;
        }
        extension CartText on Cart {
          String text() {
            return '$items';
          }
        }
        enum Color {
          red, blue;
          String hex() => name;
        }
        extension type Id(int value) {
          int next() => value + 1;
        }
        """,
        [
            "Counted",
            "Counted.count",
            "CartText",
            "CartText.text",
            "Color",
            "Color.hex",
            "Id",
            "Id.next",
        ],
    ),
    (
        """
        int twice(int value) => value * 2;
        int get answer => 42;
        final handler = (Request request) {
          return Response.ok('');
        };
        Future<void> load() async {
          await fetch();
        }
        """,
        ["twice", "answer", "handler", "load"],
    ),
    (
        """
        void main() {
          setUp(() {
            cart = Cart();
          });
          group('a cart', () {
            test('adds a line', () {
              expect(cart.add(1), 1);
            });
            testWidgets('is shown', (tester) async {
              await tester.pumpWidget(CartView());
            });
          });
        }
        """,
        ["setUp", "a cart adds a line", "a cart is shown"],
    ),
]
ELIXIR = [
    (
        '''
        defmodule Shop.Cart do
          @moduledoc """
          Lines that somebody will buy.
          """
          use GenServer

          defstruct lines: []

          @doc """
          What they cost.
          """
          @spec total(t()) :: integer()
          def total(%__MODULE__{lines: lines}) when is_list(lines) do
            Enum.sum(lines)
          end

          defp round(price), do: trunc(price)
        end
        ''',
        ["Shop.Cart", "Shop.Cart.total", "Shop.Cart.round"],
    ),
    (
        """
        defmodule Shop.Price do
          def sum([]), do: 0
          def sum([first | rest]), do: first + sum(rest)

          defmacro debug(value) do
            quote do: IO.inspect(unquote(value))
          end

          defguard is_free(price) when price == 0
          defdelegate round(price), to: Shop.Rounding
          def a <~> b, do: a + b
          def zero, do: 0
        end
        """,
        [
            "Shop.Price",
            "Shop.Price.sum",
            "Shop.Price.debug",
            "Shop.Price.is_free",
            "Shop.Price.round",
            "Shop.Price.<~>",
            "Shop.Price.zero",
        ],
    ),
    (
        """
        defprotocol Shop.Priced do
          @doc "The price"
          def price(item)
        end

        defimpl Shop.Priced, for: Shop.Book do
          def price(book), do: book.cents
        end
        """,
        ["Shop.Priced", "Shop.Priced.Shop.Book", "Shop.Priced.Shop.Book.price"],
    ),
    (
        """
        defmodule Shop.CartTest do
          use ExUnit.Case, async: true

          setup do
            {:ok, cart: Cart.new()}
          end

          describe "total" do
            test "sums the lines", %{cart: cart} do
              assert Cart.total(cart) == 0
            end
          end

          test "starts empty" do
            assert Cart.new().lines == []
          end
        end
        """,
        [
            "Shop.CartTest",
            "Shop.CartTest.setup",
            "Shop.CartTest.total sums the lines",
            "Shop.CartTest.starts empty",
        ],
    ),
    (
        """
        defmodule Shop.Server do
          use Plug.Router

          get "/carts" do
            send_resp(conn, 200, "[]")
          end

          @impl true
          def handle_call(:total, _from, state) do
            {:reply, state, state}
          end

          defmodule State do
            def new, do: %{}
          end
        end
        """,
        [
            "Shop.Server",
            "Shop.Server.get /carts",
            "Shop.Server.handle_call",
            "Shop.Server.State",
            "Shop.Server.State.new",
        ],
    ),
]
R = [
    (
        """
        library(dplyr)

        #' What a cart costs
        #'
        #' @param items prices
        #' @export
        cart_total <- function(items, tax = 0.2) {
          sum(items) * (1 + tax)
        }
        add = function(a, b) a + b
        square <- \\(x) x^2
        counter <<- function() 1
        """,
        ["cart_total", "add", "square", "counter"],
    ),
    (
        """
        print.cart <- function(x, ...) {
          cat("a cart")
        }
        `%+%` <- function(a, b) paste0(a, b)
        "names<-" <- function(x, value) x
        cart$add <- function(line) c(cart$lines, line)
        """,
        ["print.cart", "%+%", "names<-", "cart.add"],
    ),
    (
        """
        setClass("Circle", representation(radius = "numeric"))
        setGeneric("area", function(shape) standardGeneric("area"))
        setMethod("area", "Circle", function(shape) {
          pi * shape@radius^2
        })
        setMethod("show", signature(object = "Circle"), function(object) {
          cat("a circle")
        })
        """,
        ["Circle", "area", "Circle.area", "Circle.show"],
    ),
    (
        """
        Stack <- R6Class("Stack",
          public = list(
            items = NULL,
            initialize = function(...) {
              self$items <- list(...)
            },
            push = function(x) self$items <- c(self$items, x)
          ),
          active = list(size = function(value) length(self$items))
        )
        Account <- setRefClass("Account", fields = list(balance = "numeric"), methods = list(
          pay = function(x) {
            balance <<- balance + x
          }
        ))
        """,
        ["Stack", "Stack.initialize", "Stack.push", "Stack.size", "Account", "Account.pay"],
    ),
    (
        """
        test_that("totals are rounded", {
          expect_equal(cart_total(1), 1.2)
        })
        describe("a cart", {
          it("adds a line", {
            expect_true(TRUE)
          })
        })
        shinyServer(function(input, output) {
          output$plot <- renderPlot(plot(1))
        })
        """,
        ["totals are rounded", "a cart adds a line", "shinyServer"],
    ),
]
POWERSHELL = [
    (
        """
        <#
        .SYNOPSIS
        What a cart costs.
        #>
        function Get-CartTotal {
            [CmdletBinding()]
            param([Parameter(Mandatory)][int[]]$Items)
            process { $Items | Measure-Object -Sum }
        }
        """,
        ["Get-CartTotal"],
    ),
    ("function script:Add($a, $b) { $a + $b }\nfilter Twice { 2 * $_ }\n", ["script.Add", "Twice"]),
    (
        """
        class Cart : Base {
            [int]$Size
            Cart([int]$size) { $this.Size = $size }
            [int] Total([int]$tax) { return $this.Size + $tax }
            static [Cart] Make() { return [Cart]::new(1) }
        }
        enum Color { Red; Blue }
        """,
        ["Cart", "Cart.Cart", "Cart.Total", "Cart.Make", "Color"],
    ),
    (
        """
        param([string]$Path)
        Import-Module Shop
        function Read-Cart {
            try { Get-Content $Path } catch { throw }
        }
        Read-Cart | ForEach-Object { $_.Name }
        """,
        ["Read-Cart"],
    ),
    ("function Outer {\n    function Inner { 1 }\n    Inner\n}\n", ["Outer"]),
]
PERL = [
    (
        """
        package Shop::Cart;
        use strict;

        # What they cost.
        sub total {
            my ($self, %options) = @_;
            return $self->{total};
        }
        sub size($self) { scalar @{ $self->{lines} } }
        1;
        """,
        ["Shop.Cart.total", "Shop.Cart.size"],
    ),
    (
        """
        my $twice = sub { return 2 * shift };
        sub Other::Package::add { 1 }
        package Shop::Price { sub round { int(shift) } }
        """,
        ["twice", "Other.Package.add", "Shop.Price.round"],
    ),
    (
        """
        use Moose;
        has 'lines' => (is => 'ro', default => sub { [] });
        around 'add' => sub {
            my ($original, $self) = @_;
            $self->$original;
        };
        """,
        ["around add"],
    ),
    (
        """
        subtest 'adds a line' => sub {
            is(Cart->new->add(1), 1);
        };
        get '/carts' => sub {
            my $c = shift;
            $c->render(json => []);
        };
        """,
        ["adds a line", "get /carts"],
    ),
    ("package A;\nsub f { 1 }\npackage B;\nsub f { 2 }\n__END__\nsub no { 1 }\n", ["A.f", "B.f"]),
]
HASKELL = [
    (
        """
        module Shop.Cart (total) where

        import Data.List (foldl')

        -- | What they cost.
        total :: [Item] -> Double
        total [] = 0
        total (item : rest) = price item + total rest

        main :: IO ()
        main = do
          print (total [])
        """,
        ["total", "main"],
    ),
    (
        """
        data Cart = Cart { lines :: [Line], owner :: String } deriving (Show, Eq)
        newtype Id = Id Int
        class Priced a where
          price :: a -> Double
          price _ = 0
        instance Priced Line where
          price (Line cents) = cents / 100
        """,
        ["Cart", "Id", "Priced", "Priced.price", "Priced.Line.price"],
    ),
    (
        """
        (<+>) :: Cart -> Cart -> Cart
        a <+> b = a { lines = lines a ++ lines b }

        grade x
          | x > 10 = "many"
          | otherwise = "few"
          where limit = 10
        """,
        ["<+>", "grade"],
    ),
    ("twice = (* 2)\n\nthree :: Int\nthree = 3\n", ["twice", "three"]),
    (
        """
        spec :: Spec
        spec = describe "a cart" $ do
          it "adds a line" $ add 1 `shouldBe` 1
        """,
        ["spec"],
    ),
]
OCAML = [
    (
        """
        open Base

        type t = { lines : int list }

        (** What they cost. *)
        let total cart = List.fold cart.lines ~init:0 ~f:( + )

        let rec even n = n = 0 || odd (n - 1)
        and odd n = n <> 0 && even (n - 1)
        """,
        ["t", "total", "even", "odd"],
    ),
    (
        """
        module Price = struct
          let round price = Float.round price
          module Tax = struct let add price = price *. 1.2 end
        end
        module Make (S : Store) : Cart = struct let size t = S.count t end
        """,
        ["Price.round", "Price.Tax.add", "Make.size"],
    ),
    (
        """
        let twice = fun x -> 2 * x
        let name = function 0 -> "none" | _ -> "some"
        let ( +% ) a b = a + b
        let limit = 10
        let () = print_endline name
        """,
        ["twice", "name", "( +% )"],
    ),
    (
        """
        class cart = object (self)
          val mutable lines = []
          method add line = lines <- line :: lines
          method private size = List.length lines
        end
        """,
        ["cart", "cart.add", "cart.size"],
    ),
    (
        """
        let%test "adds a line" = add 1 = 1
        let%expect_test "prints" =
          print_string "x";
          [%expect {| x |}]
        """,
        ["adds a line", "prints"],
    ),
]
JULIA = [
    (
        '''
        module Shop
        using Statistics

        """
            total(items)

        What they cost.
        """
        function total(items::Vector{T}; tax = 0.2) where {T <: Real}
            sum(items) * (1 + tax)
        end
        end
        ''',
        ["Shop.total"],
    ),
    (
        """
        size(cart::Cart) = length(cart.items)
        Base.show(io::IO, cart::Cart) = print(io, "a cart")
        area(shape)::Float64 = shape.width * shape.height
        twice = x -> 2x
        +(a::Cart, b::Cart) = Cart([a.items; b.items])
        """,
        ["size", "Base.show", "area", "twice", "+"],
    ),
    (
        """
        struct Cart{T} <: Base
            items::Vector{T}
            Cart(items) = new(items)
        end
        mutable struct Line
            price::Int
        end
        macro debug(value)
            quote
                println($value)
            end
        end
        """,
        ["Cart", "Cart.Cart", "Line", "debug"],
    ),
    (
        """
        @inline fast(x) = x
        @testset "a cart" begin
            @test total([1]) == 1.2
        end
        """,
        ["fast", "a cart"],
    ),
    (
        "function Base.length(cart::Cart)\n    1\nend\nfunction hook end\nconst limit = 10\n",
        ["Base.length", "hook"],
    ),
]
ZIG = [
    (
        """
        const std = @import("std");

        /// Lines that somebody will buy.
        pub const Cart = struct {
            lines: []u8,

            /// What they cost.
            pub fn total(self: *Cart) !u32 {
                return self.lines.len;
            }
        };
        """,
        ["Cart", "Cart.total"],
    ),
    ("fn add(a: i32, b: i32) i32 {\n    return a + b;\n}\nextern fn outside() void;\n", ["add"]),
    (
        """
        pub fn Stack(comptime T: type) type {
            return struct {
                items: []T,
                pub fn push(self: *@This(), item: T) void {
                    _ = item;
                }
            };
        }
        """,
        ["Stack", "Stack.push"],
    ),
    ('test "adds a line" {\n    try std.testing.expect(true);\n}\n', ["adds a line"]),
    (
        "const Color = enum {\n    red,\n    pub fn hex(self: Color) u32 { return 1; }\n};\n",
        ["Color", "Color.hex"],
    ),
]
OBJECTIVE_C = [
    (
        """
        #import "Cart.h"

        @implementation Cart
        /// What they cost.
        - (int)totalWithTax:(int)tax rounded:(BOOL)rounded {
            return tax;
        }
        + (instancetype)cart { return [[self alloc] init]; }
        @end
        """,
        ["Cart", "Cart.totalWithTax:rounded:", "Cart.cart"],
    ),
    (
        """
        @interface Cart : NSObject <NSCopying>
        @property (nonatomic) int size;
        - (int)total;
        @end
        @protocol Priced <NSObject>
        - (int)price;
        @end
        """,
        ["Cart", "Priced"],
    ),
    ("@implementation Cart (Text)\n- (NSString *)text { return @\"\"; }\n@end\n",
     ["Cart", "Cart.text"]),
    ("static int add(int a, int b) {\n    return a + b;\n}\n", ["add"]),
    ("NSString *NameOf(Cart *cart) {\n    return cart.name;\n}\nint counter = 0;\n", ["NameOf"]),
]  # fmt: skip
FORTRAN = [
    (
        """
        !> Carts.
        module cart_mod
          implicit none
          type, extends(base) :: cart
            integer :: size
          end type cart
        contains
          !> What they cost.
          pure function cart_total(self, tax) result(total)
            class(cart), intent(in) :: self
            total = 1.0
          end function cart_total
          subroutine add(self)
            class(cart) :: self
          end subroutine add
        end module cart_mod
        """,
        ["cart_mod.cart", "cart_mod.cart_total", "cart_mod.add"],
    ),
    ("      SUBROUTINE OLD(A, B)\n      REAL A, B\n      A = B\n      END\n", ["OLD"]),
    (
        """
        program main
          print *, twice(1)
        contains
          integer function twice(x)
            integer :: x
            twice = 2 * x
          end function twice
        end program main
        """,
        ["twice"],
    ),
    (
        """
        submodule (cart_mod) details
        contains
          module procedure go
          end procedure go
        end submodule details
        """,
        ["details.go"],
    ),
    ("function area(r) result(a)\n  real :: r, a\n  a = r**2\nend function\n", ["area"]),
]
TERRAFORM = [
    (
        """
        # Where logs go.
        resource "aws_s3_bucket" "logs" {
          bucket = "logs"
          lifecycle {
            prevent_destroy = true
          }
        }
        """,
        ["resource.aws_s3_bucket.logs"],
    ),
    ('variable "region" {\n  default = "eu"\n}\n', ["variable.region"]),
    ('locals {\n  name = "shop"\n}\n', ["locals"]),
    ('module "vpc" {\n  source = "./vpc"\n}\noutput "id" {\n  value = module.vpc.id\n}\n',
     ["module.vpc", "output.id"]),
    ('data "aws_iam_policy" "read" {\n  arn = "x"\n}\n', ["data.aws_iam_policy.read"]),
]  # fmt: skip
SOLIDITY = [
    (
        """
        // SPDX-License-Identifier: MIT
        pragma solidity ^0.8.0;

        /// @title A token
        contract Token is ERC20 {
            mapping(address => uint) balances;
            constructor(uint supply) { total = supply; }
            /// @notice Sends some.
            function transfer(address to, uint value) public returns (bool) { return true; }
            modifier onlyOwner() { require(msg.sender == owner); _; }
            receive() external payable { }
        }
        """,
        ["Token", "Token.constructor", "Token.transfer", "Token.onlyOwner", "Token.receive"],
    ),
    ("interface Priced { function price() external; }\n", ["Priced"]),
    ("library Prices { function add(uint a) internal pure returns (uint) { return a; } }\n",
     ["Prices", "Prices.add"]),
    ("function free(uint x) pure returns (uint) { return x; }\n", ["free"]),
    ("abstract contract Base { function f() external virtual; function g() public { } }\n",
     ["Base", "Base.g"]),
]  # fmt: skip
CASES = {
    "Dart": DART,
    "Elixir": ELIXIR,
    "Fortran": FORTRAN,
    "Haskell": HASKELL,
    "Julia": JULIA,
    "Lua": LUA,
    "OCaml": OCAML,
    "Objective-C": OBJECTIVE_C,
    "Perl": PERL,
    "PowerShell": POWERSHELL,
    "R": R,
    "Scala": SCALA,
    "Solidity": SOLIDITY,
    "Swift": SWIFT,
    "Terraform": TERRAFORM,
    "Zig": ZIG,
}


@pytest.mark.parametrize(
    ("language", "source", "names"),
    [
        pytest.param(language, source, names, id=f"{language}-{number}")
        for language, cases in CASES.items()
        for number, (source, names) in enumerate(cases, 1)
    ],
)
def test_what_a_source_defines_is_found_under_its_name(
    language: str, source: str, names: list[str]
) -> None:
    parsed = parse(dedent(source).lstrip("\n"), language)
    assert [
        definition.name for definition in parsed.definitions if definition.kind != "module"
    ] == names
    assert parsed.faults == ()
