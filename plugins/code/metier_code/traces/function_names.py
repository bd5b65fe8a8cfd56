"""Names of functions as stack traces write them, as names of their sources."""

from __future__ import annotations

import re

_LONGEST = 400
"""Characters of a name that are read."""
_MANGLED = re.compile(r"_?_ZN?K?(?=\d)")
_LENGTH = re.compile(r"\d{1,3}")
_RECEIVER = re.compile(r"\(\*?([\w.\[\]]+)\)")  # Go: (*Cart).Total
_AS_TRAIT = re.compile(r"<([\w:]+)(?:<[^<>]*+>)? as [^>]*+>+")  # Rust: <Cart as Total>::total
_STATE_MACHINE = re.compile(r"<+([\w$]*+)>+(?:[a-z]__)?+([A-Za-z]\w*+)?\|?[\w]*+(?:\.MoveNext)?+")
_LAMBDA_OF = re.compile(r"lambda\$([\w$]+?)\$\d++")  # Java: lambda$total$0
_ALIAS = re.compile(r" \[as [^\]]*+\]")
_BEFORE = re.compile(
    r"^(?:async[ *]|new |bound |static |block (?:\(\d++ levels\) )?+in |rescue in |ensure in "
    r"|anonymous fn/\d++ in |-\[|\+\[)++"
)
_ARGUMENTS = re.compile(r"\([^()]*+(?:\([^()]*+\)[^()]*+)*+\)?+.*$", re.DOTALL)
_TYPES = re.compile(r"<[^<>]*+>|\[[^\[\]]*+\]|`\d++|/\d++$")
_NO_NAME = re.compile(r"^(?:func\d++|locals|h[0-9a-f]{16}|MoveNext)$")
_CLOSURE = re.compile(r"\{{1,2}(?:closure|main)[^}]*+\}{1,2}")
_BREAK = re.compile(r"::|->|[.#\\$/]|\{|\}|`| ")
_NAME = re.compile(r"^[^\W\d][\w?!=~]*$")


def name_parts(function: str) -> tuple[str, ...]:
    """The names in the name of a function: modules and types it stands in, and its own at the end.

    Closures, lambdas and comprehensions have the name of the function that holds them. Empty where
    nothing in the name is one that a person gave, as of `<module>`.

    Args:
        function: as a trace writes it, such as `shop::Cart::total::{{closure}}`,
            `com.acme.Cart.lambda$total$0` or `_ZN4shop4Cart5totalEv`.
    """
    name = function.strip()[:_LONGEST]
    if name.endswith("\\{closure}"):  # PHP names the namespace alone
        return ()
    if mangled := _MANGLED.match(name):
        return tuple(_demangled(name, mangled.end()))
    name = _BEFORE.sub("", _ALIAS.sub("", _CLOSURE.sub("", name)))
    name = _LAMBDA_OF.sub(r"\1", _RECEIVER.sub(r"\1", _AS_TRAIT.sub(r"\1", name)))
    if "d__" in name or "b__" in name or "g__" in name:
        name = _STATE_MACHINE.sub(_of_state_machine, name)
    name = _ARGUMENTS.sub("", name)
    for _ in range(4):  # types may hold types
        name = _TYPES.sub("", name)
    parts = [part.strip("()~*&<>|@\"'") for part in _BREAK.split(name)]
    return tuple(part for part in parts if _NAME.match(part) and not _NO_NAME.match(part))


def agree(names: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether two names may be of one function: the last are equal."""
    return bool(names and others) and names[-1].casefold() == others[-1].casefold()


def shared_ending(names: tuple[str, ...], others: tuple[str, ...]) -> int:
    """How many names at the end are equal."""
    count = 0
    for mine, theirs in zip(reversed(names), reversed(others), strict=False):
        if mine.casefold() != theirs.casefold():
            break
        count += 1
    return count


def _of_state_machine(match: re.Match[str]) -> str:
    """The method of what a C# compiler made of it: `<TotalAsync>d__3`, `<Main>g__price|0_0`."""
    outer, inner = match[1], match[2] or ""
    own = "" if inner.startswith(("d__", "b__")) else inner.removeprefix("g__")
    return f"{outer}.{own}" if own else outer


def _demangled(name: str, start: int) -> list[str]:
    """The names in a mangled name of C++ or Rust, each of which follows its length."""
    parts = []
    while match := _LENGTH.match(name, start):
        end = match.end() + int(match.group())
        parts.append(name[match.end() : end])
        start = end
    return [part for part in parts if not _NO_NAME.match(part)]
