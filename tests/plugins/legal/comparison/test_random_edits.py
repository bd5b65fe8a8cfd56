"""Random edits of an agreement are all found, and nothing else is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plugins.legal.agreements import STYLES, as_text
from tests.plugins.legal.comparison.drafts import FIRST, Draft, Provision, written

from metier import Item
from metier_legal.comparison.comparison import compare
from metier_legal.comparison.comparison_report import ContractComparison
from metier_legal.structure import read_contract

NESTED = [style for style in STYLES if style.inner is not None]
NAMES = [
    provision.name
    for section in FIRST.sections[1:-1]
    for provision in section.provisions
    if provision.name not in ("cap", "recipes", "fraud")  # references lead to or from them
]
ADDED = "Visitors number {} keep to the gravel path and close the gate behind them."
EDITS = st.sampled_from(["deleted", "added", "negated", "numbered", "moved", "new words"])


def edited(draft: Draft, name: str, edit: str) -> Draft:
    text = draft.provision(name).text
    if edit == "deleted":
        return draft.with_provision(name)
    if edit == "added":
        return draft.after(name, Provision(f"{name} added", ADDED.format(name)))
    if edit == "moved":
        provision = draft.provision(name)
        return draft.with_provision(name).after("whole", provision)
    first, rest = text.split(" ", 1)
    new = {
        "negated": f"{first} not {rest}",
        "numbered": f"{text[:-1]} 17.",
        "new words": f"{text} Gravel is raked on Fridays.",
    }
    return draft.with_provision(name, Provision(name, new[edit]))


def compared(left: str, right: str) -> ContractComparison:
    """By text and by words alone."""
    contracts = (read_contract(Item(name, text)) for name, text in (("a", left), ("b", right)))
    return compare(*contracts, lambda *_: [])


@settings(max_examples=20)
@given(st.dictionaries(st.sampled_from(NAMES), EDITS, max_size=9), st.sampled_from(NESTED))
def test_random_edits_are_all_found_and_nothing_else(edits, style) -> None:
    draft = FIRST
    for name, edit in edits.items():
        draft = edited(draft, name, edit)
    left, right = as_text(written(FIRST, style)), as_text(written(draft, style))
    result = compared(left, right)

    names = {
        " ".join(provision.text.split()[1:6]): name
        for name, provision in ((item.name, item) for item in FIRST.provisions())
    }

    def name_of(text: str) -> str:
        line = " ".join(text.split())
        return next((name for words, name in names.items() if words in line), "added")

    found = {}
    for clause in result.changes:
        text = (clause.left or clause.right)[0].text
        also = "moved" if clause.moved else clause.status
        # the heading of a section without provisions goes with them
        kinds = tuple(kind for kind in clause.kinds if kind != "heading")
        if also != "changed" or kinds:
            found[name_of(text)] = (also, kinds[:1])
    expected = {
        "deleted": ("only left", ()),
        "negated": ("changed", ("negation",)),
        "numbered": ("changed", ("number",)),
        "new words": ("changed", ("wording",)),
        "moved": ("moved", ()),
    }
    assert {name: seen for name, seen in found.items() if name != "added"} == {
        name: expected[edit] for name, edit in edits.items() if edit != "added"
    }
    added = [clause for clause in result.clauses if clause.status == "only right"]
    assert len(added) == list(edits.values()).count("added")
    mirrored = compared(right, left)
    assert mirrored.counts["only left"] == len(added)
    assert mirrored.counts["only right"] == result.counts["only left"]
