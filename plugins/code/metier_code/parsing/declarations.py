"""Which nodes of a syntax tree declare functions and types, and the names they give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier_code.parsing.callbacks import CALLS, FUNCTION_VALUES, callback_of

if TYPE_CHECKING:
    from tree_sitter import Node

_FUNCTIONS = frozenset(
    {
        "function_declaration",  # JavaScript, TypeScript, Go, Kotlin
        "generator_function_declaration",
        "method_definition",
        "method_declaration",  # Java, Go, PHP
        "constructor_declaration",
        "compact_constructor_declaration",
        "function_definition",  # C, C++, PHP
        "function_item",  # Rust
        "operator_declaration",  # C#, and the next
        "conversion_operator_declaration",
        "destructor_declaration",
    }
)
_WITHOUT_BODY_FIELD = frozenset(
    {
        "macro_definition",  # Rust
        "method",  # Ruby, and the next
        "singleton_method",
        "preproc_function_def",  # C
        "secondary_constructor",  # Kotlin
    }
)
_PROPERTIES = frozenset(
    {"event_declaration", "indexer_declaration", "property_declaration"}  # C#, Kotlin
)
_ACCESSORS = frozenset({"accessor_declaration", "getter", "setter"})
NAMED_VALUES = {
    "variable_declarator": ("name", "value"),
    "assignment": ("left", "right"),  # Ruby, Python
    "assignment_expression": ("left", "right"),
    "const_item": ("name", "value"),  # Rust
    "field_definition": ("property", "value"),
    "init_declarator": ("declarator", "value"),  # C++
    "keyed_element": ("key", "value"),  # Go
    "public_field_definition": ("name", "value"),
    "pair": ("key", "value"),
    "export_statement": ("", "value"),
    "static_item": ("name", "value"),
    "var_spec": ("name", "value"),  # Go
}
"""Nodes that give a function value a name: fields of the name and of the value."""
WRAPPERS = frozenset(
    {
        "declaration",
        "decorated_definition",
        "export_statement",
        "expression_statement",
        "field_declaration",
        "lexical_declaration",
        "template_declaration",
        "var_declaration",
        "variable_declaration",
    }
)
TYPES = frozenset(
    {
        "abstract_class_declaration",
        "class",
        "class_declaration",
        "class_definition",  # Python
        "class_specifier",
        "enum_declaration",
        "impl_item",
        "interface_declaration",
        "module",
        "object_declaration",  # Kotlin
        "record_declaration",
        "struct_declaration",
        "struct_specifier",
        "trait_declaration",
        "trait_item",
        "union_specifier",
    }
)


def is_function(node: Node) -> bool:
    """Whether a node declares a function that has a body, or names a function value."""
    if node.type in _FUNCTIONS:
        return node.child_by_field_name("body") is not None or any(
            child.type == "function_body" for child in node.children
        )
    if node.type in _WITHOUT_BODY_FIELD:
        return True
    if node.type in _PROPERTIES and _has_accessor(node):
        return True
    return (value := _value(node)) is not None and value.type in FUNCTION_VALUES


def holds_functions(callback: Node) -> bool:
    """Whether functions are declared right inside of one, or it only registers others.

    Such is the function of a group of routes, or one that waits for a page to be ready.
    """
    body = callback.child_by_field_name("body")
    if body is None:
        return False
    statements = [child for child in body.named_children if "comment" not in child.type]
    calls = [
        child.named_children[0] if child.type == "expression_statement" else child
        for child in statements
        if child.named_children
    ]
    if calls and all(call.type in CALLS and callback_of(call) is not None for call in calls):
        return True
    return any(
        is_function(inner) or inner.type in TYPES
        for child in statements
        for inner in (child, *(child.named_children if child.type in WRAPPERS else ()))
    )


def text_of(node: Node) -> str:
    """The source of a node."""
    return (node.text or b"").decode("utf-8", "replace")


def name_of(node: Node) -> str:
    """The declared name; C and C++ hide it inside declarators."""
    fields = NAMED_VALUES.get(node.type)
    if fields is not None:
        named = node.child_by_field_name(fields[0]) if fields[0] else None
        return text_of(named).strip("\"'`") if named is not None else "default"
    if node.type == "indexer_declaration":
        return "this[]"
    if node.type == "secondary_constructor":
        return "constructor"
    if node.type == "destructor_declaration":
        named = node.child_by_field_name("name")
        return f"~{text_of(named)}" if named is not None else "~"
    if node.type.endswith("operator_declaration"):
        signature = text_of(node).partition("(")[0]
        return signature[max(signature.find("operator"), 0) :].strip()
    return _macro_name(node) or _declared_name(node)


def macro_name(macro: str, arguments: list[str]) -> str:
    """The function that the call of a macro defines: `TEST(Cart, adds)`, `DEFINE(read, int)`."""
    if not arguments:
        return macro
    return ".".join(arguments[:2]) if "TEST" in macro else arguments[0]


def _declared_name(node: Node) -> str:
    inner: Node | None = node
    while inner is not None:
        named = inner.child_by_field_name("name")
        if named is not None and inner.type != "qualified_identifier":
            return text_of(named)
        if inner.type.endswith(("identifier", "_name")):
            return text_of(inner)
        if inner.type == "operator_cast":
            return text_of(inner).partition("(")[0]
        inner = (
            inner.child_by_field_name("declarator")
            or next(
                (
                    child
                    for child in inner.named_children
                    if child.type.endswith("declarator") or child.type == "variable_declaration"
                ),
                None,
            )
            or (inner.named_children[0] if inner.type == "variable_declaration" else None)
        )
    return "default"


def _macro_name(node: Node) -> str:
    """The name given to a macro whose call C++ takes for a function without a type; else none."""
    if node.type != "function_definition" or node.child_by_field_name("type") is not None:
        return ""
    declarator = node.child_by_field_name("declarator")
    parameters = declarator.child_by_field_name("parameters") if declarator is not None else None
    if declarator is None or parameters is None:
        return ""
    macro = text_of(declarator).partition("(")[0].strip()
    is_macro = macro.isupper() and len(macro) > 2 and macro.isidentifier()
    in_type = node.parent is not None and node.parent.type == "field_declaration_list"
    arguments = [text_of(child) for child in parameters.named_children]
    return macro_name(macro, arguments) if is_macro and not in_type and arguments else ""


def _value(node: Node) -> Node | None:
    """The value that a node names: the arrow function of `const total = (cart) => ...`."""
    fields = NAMED_VALUES.get(node.type)
    value = node.child_by_field_name(fields[1]) if fields else None
    if fields and value is None and node.type == "variable_declarator" and node.named_child_count:
        value = node.named_children[-1]  # in C#
    if node.type == "property_declaration":
        return next((part for part in node.named_children if part.type in FUNCTION_VALUES), None)
    inner = ("expression_list", "literal_element")
    if value is not None and value.type in inner and value.named_child_count == 1:
        return value.named_children[0]
    return value


def _has_accessor(node: Node) -> bool:
    """Whether a property computes its value: it has an accessor with a body, or an arrow."""
    accessors = node.child_by_field_name("accessors")
    parts = [*node.named_children, *(accessors.named_children if accessors is not None else ())]
    return any(
        part.type == "arrow_expression_clause"
        or (
            part.type in _ACCESSORS
            and (
                part.child_by_field_name("body") is not None
                or any(child.type == "function_body" for child in part.children)
            )
        )
        for part in parts
    )
