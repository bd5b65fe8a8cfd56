"""Stack traces of programs that were written for these tests, and their sources.

Those of Node, Java, gdb, AddressSanitizer and Rust were recorded, with the paths of another machine and
fewer frames of libraries. The others are written as the languages document them.
"""

# ruff: noqa: E501

SOURCES = {
    "node/src/cart.js": r"""class Cart {
  constructor(lines) { this.lines = lines; }
  total() {
    return this.lines.map((line) => priceOf(line)).reduce((a, b) => a + b, 0);
  }
}
function priceOf(line) {
  if (!line.price) throw new TypeError(`no price for ${line.sku}`);
  return line.price;
}
module.exports = { Cart, priceOf };
""",
    "node/src/checkout.js": r"""const { Cart } = require('./cart');
async function checkout(lines) {
  await null;
  try {
    return new Cart(lines).total();
  } catch (error) {
    throw new Error('checkout failed', { cause: error });
  }
}
module.exports = { checkout };
""",
    "node/src/main.js": r"""const { checkout } = require('./checkout');
async function main() { await checkout([{ sku: 'A1' }]); }
main();
""",
    "java/src/com/acme/shop/Cart.java": r"""package com.acme.shop;

import java.util.List;

public class Cart {
    private final List<String> lines;

    Cart(List<String> lines) {
        this.lines = lines;
    }

    int total() {
        return lines.stream().mapToInt(line -> priceOf(line)).sum();
    }

    static int priceOf(String line) {
        return Integer.parseInt(line.split(":")[1]);
    }

    static class Checkout {
        void run(Cart cart) {
            try {
                cart.total();
            } catch (RuntimeException error) {
                throw new IllegalStateException("cannot check out the cart", error);
            }
        }
    }

    public static void main(String[] args) {
        new Checkout().run(new Cart(List.of("a:1", "b:x")));
    }
}
""",
    "c/cart.c": r"""#include <stdlib.h>
#include <string.h>

struct line { const char *sku; int price; };

static int price_of(struct line *line) {
    return line->price + (int)strlen(line->sku);
}

int cart_total(struct line **lines, int count) {
    int total = 0;
    for (int i = 0; i < count; i++)
        total += price_of(lines[i]);
    return total;
}

int main(void) {
    struct line *lines[2] = {0};
    return cart_total(lines, 2);
}
""",
    "rust/src/main.rs": r"""struct Cart {
    lines: Vec<(String, Option<u32>)>,
}

impl Cart {
    fn total(&self) -> u32 {
        self.lines.iter().map(|line| price_of(line)).sum()
    }
}

fn price_of(line: &(String, Option<u32>)) -> u32 {
    line.1.expect("a line needs a price")
}

fn main() {
    let cart = Cart { lines: vec![("a".into(), None)] };
    println!("{}", cart.total());
}
""",
}
"""Sources of the recorded programs, by their paths."""

NODE = r"""/home/ann/shop/src/checkout.js:7
    throw new Error('checkout failed', { cause: error });
          ^

Error: checkout failed
    at checkout (/home/ann/shop/src/checkout.js:7:11)
    at async main (/home/ann/shop/src/main.js:2:25) {
  [cause]: TypeError: no price for A1
      at priceOf (/home/ann/shop/src/cart.js:8:26)
      at /home/ann/shop/src/cart.js:4:37
      at Array.map (<anonymous>)
      at Cart.total (/home/ann/shop/src/cart.js:4:23)
      at checkout (/home/ann/shop/src/checkout.js:5:28)
      at async main (/home/ann/shop/src/main.js:2:25)
}

Node.js v20.20.2
"""
JAVA = r"""Exception in thread "main" java.lang.IllegalStateException: cannot check out the cart
	at com.acme.shop.Cart$Checkout.run(Cart.java:25)
	at com.acme.shop.Cart.main(Cart.java:31)
Caused by: java.lang.NumberFormatException: For input string: "x"
	at java.base/java.lang.NumberFormatException.forInputString(NumberFormatException.java:67)
	at java.base/java.lang.Integer.parseInt(Integer.java:668)
	at java.base/java.lang.Integer.parseInt(Integer.java:786)
	at com.acme.shop.Cart.priceOf(Cart.java:17)
	at com.acme.shop.Cart.lambda$total$0(Cart.java:13)
	at java.base/java.util.stream.ReferencePipeline$4$1.accept(ReferencePipeline.java:214)
	at java.base/java.util.stream.IntPipeline.sum(IntPipeline.java:473)
	at com.acme.shop.Cart.total(Cart.java:13)
	at com.acme.shop.Cart$Checkout.run(Cart.java:23)
	... 1 more
"""
GDB = r"""Program received signal SIGSEGV, Segmentation fault.
0x000055555555514a in price_of (line=0x0) at cart.c:7
7	    return line->price + (int)strlen(line->sku);
#0  0x000055555555514a in price_of (line=0x0) at cart.c:7
#1  0x00005555555551a2 in cart_total (lines=0x7fffffffe400, count=2) at cart.c:13
#2  0x00005555555551df in main () at cart.c:19
"""
ASAN = r"""AddressSanitizer:DEADLYSIGNAL
=================================================================
==31821==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000008 (pc 0x558ab869c1dd bp 0x7ffdef46e180 sp 0x7ffdef46e160 T0)
==31821==The signal is caused by a READ memory access.
==31821==Hint: address points to the zero page.
    #0 0x558ab869c1dd in price_of /home/ann/shop/cart.c:7
    #1 0x558ab869c275 in cart_total /home/ann/shop/cart.c:13
    #2 0x558ab869c33b in main /home/ann/shop/cart.c:19
    #3 0x7fcdfd0cb249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
    #4 0x7fcdfd0cb304 in __libc_start_main_impl ../csu/libc-start.c:360
    #5 0x558ab869c0d0 in _start (/home/ann/shop/cart_asan+0x10d0)

"""
RUST = r"""
thread 'main' (31825) panicked at src/main.rs:12:12:
a line needs a price
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/panicking.rs:689:5
   1: core::panicking::panic_fmt
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/panicking.rs:80:14
   4: core::option::Option<T>::expect
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/option.rs:971:21
   5: shop::price_of
             at ./src/main.rs:12:12
   6: shop::Cart::total::{{closure}}
             at ./src/main.rs:7:38
   7: core::iter::adapters::map::map_fold::{{closure}}
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/iter/adapters/map.rs:88:28
  12: shop::Cart::total
             at ./src/main.rs:7:54
  13: shop::main
             at ./src/main.rs:17:25
  14: core::ops::function::FnOnce::call_once
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/ops/function.rs:250:5
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
"""
GO = r"""panic: runtime error: index out of range [5] with length 3 [recovered]

goroutine 1 [running]:
example.com/shop/cart.(*Cart).Total(0xc000012345, {0x1, 0x2})
	/home/ann/shop/cart/cart.go:12 +0x1d
main.main()
	/home/ann/shop/main.go:7 +0x25

goroutine 7 [select]:
net/http.(*Server).Serve(...)
	/usr/local/go/src/net/http/server.go:3086 +0x9a
"""
CSHARP = r"""Unhandled exception. System.InvalidOperationException: cannot check out
 ---> System.ArgumentException: no price for A1
   at Acme.Shop.Cart.PriceOf(Line line) in C:\src\shop\Cart.cs:line 14
   at System.Linq.Enumerable.Sum[TSource](IEnumerable`1 source, Func`2 selector)
   --- End of inner exception stack trace ---
   at Acme.Shop.Checkout.<RunAsync>d__3.MoveNext() in C:\src\shop\Checkout.cs:line 9
--- End of stack trace from previous location ---
   at Acme.Shop.Program.Main(String[] args) in C:\src\shop\Program.cs:line 5
"""
RUBY = r"""cart.rb:8:in `price_of': no price for A1 (ArgumentError)
	from cart.rb:4:in `block in total'
	from main.rb:3:in `<main>'
"""
PHP = r"""PHP Fatal error:  Uncaught RuntimeException: No price for A1 in /app/src/Cart.php:14
Stack trace:
#0 /app/src/Cart.php(22): Shop\Cart->priceOf(Array)
#1 /app/src/Checkout.php(9): Shop\Cart->total()
#2 {main}
  thrown in /app/src/Cart.php on line 14
"""
LARAVEL = r"""[2024-03-01 10:00:00] local.ERROR: No price {"exception":"[object] (RuntimeException(code: 0): No price for A1 at /app/src/Cart.php:14)
[stacktrace]
#0 /app/src/Checkout.php(9): Shop\\Cart->priceOf()
#1 {main}
"}
"""
XDEBUG = r"""PHP Warning:  Undefined variable $price in /app/src/Cart.php on line 14
PHP Stack trace:
PHP   1. {main}() /app/index.php:0
PHP   2. Shop\Cart->total() /app/index.php:5
PHP   3. Shop\Cart->priceOf($line = []) /app/src/Cart.php:22
"""
ELIXIR = r"""** (ArgumentError) no price for A1
    (shop 0.1.0) lib/shop/cart.ex:12: Shop.Cart.price_of/1
    (elixir 1.15.0) lib/enum.ex:1693: Enum."-map/2-lists^map/1-1-"/2
"""
LUA = r"""lua: cart.lua:8: no price for A1
stack traceback:
	[C]: in function 'error'
	cart.lua:8: in upvalue 'price_of'
	cart.lua:4: in method 'total'
	main.lua:3: in main chunk
"""
DART = r"""Unhandled exception:
Invalid argument(s): no price
#0      priceOf (package:shop/cart.dart:8:5)
#1      Cart.total.<anonymous closure> (package:shop/cart.dart:4:37)
#2      ListMixin.fold (dart:collection/list.dart:12:5)
"""
SWIFT = r"""Shop/Cart.swift:8: Fatal error: no price
3   Shop     0x0000000104f2 Cart.total() + 44 (Cart.swift:12)
"""
R = r"""Error in price(line) (from cart.R#3) : no price
3: stop("no price") at cart.R#3
2: price(line) at cart.R#8
1: total(cart) at main.R#2
"""
FIREFOX = r"""total@http://localhost:3000/static/js/cart.js:4:37
async*global code@file:///home/ann/main.js:3:1
"""
PYTEST = r"""=================================== FAILURES ===================================
    def test_total():
>       assert total([{}]) == 0

test_cart.py:5:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _
cart.py:3: in total
    return sum(price(line) for line in lines)

    def price(line):
>           raise ValueError("no price")
E           ValueError: no price

cart.py:8: ValueError
"""
IPYTHON = r"""ValueError                                Traceback (most recent call last)
Cell In[3], line 2
      1 lines = [{}]
----> 2 total(lines)

File ~/shop/cart.py:3, in total(lines)
      2 def total(lines):
----> 3     return sum(price(line) for line in lines)

ValueError: no price
"""
