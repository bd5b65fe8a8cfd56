"""Drafts of an agreement as data, so that an edited one is numbered anew when it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.plugins.legal.agreements import Agreement, Numbering, Paragraph

_REFERENCE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Provision:
    """A numbered sentence or two; other provisions refer to it as `{name}`."""

    name: str
    text: str


@dataclass(frozen=True)
class Section:
    """A heading with its provisions."""

    title: str
    provisions: tuple[Provision, ...]


@dataclass(frozen=True)
class Draft:
    """An agreement before it is numbered.

    Attributes:
        opening: the paragraph that names the parties.
        sections: in order.
        schedules: heading and text of each.
    """

    opening: str
    sections: tuple[Section, ...]
    schedules: tuple[tuple[str, str], ...]

    def section(self, title: str) -> Section:
        return next(section for section in self.sections if section.title == title)

    def with_section(self, title: str, *new: Section) -> Draft:
        """The draft with others in the place of a section."""
        sections: list[Section] = []
        for section in self.sections:
            sections += new if section.title == title else (section,)
        return replace(self, sections=tuple(sections))

    def with_provision(self, name: str, *new: Provision) -> Draft:
        """The draft with others in the place of a provision."""
        sections = []
        for section in self.sections:
            provisions: list[Provision] = []
            for provision in section.provisions:
                provisions += new if provision.name == name else (provision,)
            sections.append(replace(section, provisions=tuple(provisions)))
        return replace(self, sections=tuple(sections))

    def provision(self, name: str) -> Provision:
        (provision,) = (item for item in self.provisions() if item.name == name)
        return provision

    def edited(self, name: str, old: str, new: str) -> Draft:
        """The draft with other words in one provision."""
        text = self.provision(name).text
        assert old in text, (name, old)
        return self.with_provision(name, Provision(name, text.replace(old, new, 1)))

    def after(self, name: str, new: Provision) -> Draft:
        """The draft with a provision below another."""
        return self.with_provision(name, self.provision(name), new)

    def everywhere(self, old: str, new: str) -> Draft:
        """The draft with other words throughout."""
        sections = tuple(
            Section(
                section.title.replace(old, new),
                tuple(
                    Provision(item.name, item.text.replace(old, new)) for item in section.provisions
                ),
            )
            for section in self.sections
        )
        schedules = tuple((title, text.replace(old, new)) for title, text in self.schedules)
        return Draft(self.opening.replace(old, new), sections, schedules)

    def provisions(self) -> Iterable[Provision]:
        return [provision for section in self.sections for provision in section.provisions]


def written(draft: Draft, numbering: Numbering) -> Agreement:
    """The draft in a style of numbers, with references to the numbers that result."""
    assert numbering.inner is not None
    sections = [section for section in draft.sections if section.provisions]
    numbers = {
        provision.name: numbering.inner(count, below)
        for count, section in enumerate(sections, start=1)
        for below, provision in enumerate(section.provisions, start=1)
    }

    def resolved(text: str) -> str:
        return _REFERENCE.sub(
            lambda match: f"Section {numbers[match[1]].removeprefix('Section ')}", text
        )

    body: list[Paragraph] = []
    for count, section in enumerate(sections, start=1):
        title = section.title.upper() if numbering.capitals else section.title
        body.append(Paragraph("outer", title, numbering.outer(count)))
        body += [
            Paragraph("inner", resolved(provision.text), numbers[provision.name], level=1)
            for provision in section.provisions
        ]
    contents = [Paragraph("furniture", "TABLE OF CONTENTS")] + [
        Paragraph("furniture", f"{paragraph.line} ........ {page}")
        for page, paragraph in enumerate(body, start=2)
        if paragraph.kind == "outer"
    ]
    attached = [
        paragraph
        for title, text in draft.schedules
        for paragraph in (Paragraph("schedule", title), Paragraph("text", text))
    ]
    signatures = (
        Paragraph("text", "IN WITNESS WHEREOF, the parties have signed this agreement."),
        Paragraph("text", "By: ____________________"),
    )
    opening = (Paragraph("text", "ORCHARD AGREEMENT"), *contents, Paragraph("text", draft.opening))
    return Agreement(numbering, (*opening, *body, *signatures, *attached), ())


def section(title: str, **provisions: str) -> Section:
    return Section(title, tuple(Provision(name, text) for name, text in provisions.items()))


FIRST = Draft(
    "This agreement is made on 4 May 2026 between Pippin Lane Orchards Ltd (the \"Grower\") and "
    "Cobbler and Crust Bakeries Ltd (the \"Vendor\").",
    (
        section(
            "Definitions",
            apples='"Apples" means cooking apples of the grades that Schedule 1 lists.',
            season='"Season" means the months from August to December of each year.',
            crate='"Crate" means a wooden box that holds twenty kilograms.',
        ),
        section(
            "Supply",
            supply="The Grower shall deliver the Apples to the kitchen of the Vendor every Monday "
            "of the Season.",
            ripeness="No delivery may contain fruit that was picked more than five days before.",
            shortage="If hail or frost spoils the harvest the Grower shall share what is left "
            "among its customers in proportion to their orders.",
            inspection="The Vendor may open any Crate on arrival and refuse it within one day.",
        ),
        section(
            "Price",
            price="The price of each Crate is 32.50 ducats, which includes carriage.",
            invoice="The Grower shall send an invoice at the end of each month. The Vendor shall "
            "pay it within thirty days.",
            interest="Late sums bear interest at one per cent a month until they are paid.",
            rebate="A rebate of two ducats is due for every Crate that is returned clean.",
        ),
        section(
            "Trees",
            pruning="The Grower shall prune the old trees each winter. It shall keep a diary of "
            "the work that the Vendor may read.",
            bees="Hives stand at the north fence from April, and nobody may spray while they are "
            "open.",
            water="Water for the young trees comes from the mill stream as long as the council "
            "allows.",
        ),
        section(
            "Recipes",
            recipes="The Grower learns the recipes of the Vendor in confidence and shall not show "
            "them to others.",
            tasting="Tastings take place in the barn once a year, at the cost of both parties.",
        ),
        section(
            "Liability",
            cap="Neither party is liable for more than the price of the deliveries of one Season.",
            fraud="The limit of {cap} does not apply to fraud.",
            insurance="The Vendor shall insure the barn against fire during each tasting.",
        ),
        section(
            "Term",
            term="This agreement begins on 1 June 2026 and lasts for three years.",
            notice="Either party may end it by letter three months before a Season begins.",
            breach="A party that is in breach of {recipes} may be dismissed at once.",
        ),
        section(
            "General",
            letters="Letters go to the addresses that the parties have named to each other.",
            law="The law of Nowheria governs this agreement, and its courts decide.",
            whole="These pages are all that the parties have agreed.",
        ),
    ),
    (
        ("SCHEDULE 1 - GRADES", "Grade one is larger than 70 mm. Grade two is larger than 60 mm."),
        ("SCHEDULE 2 - ROUTES", "Vans come by the mill road and leave by the ford."),
    ),
)  # fmt: skip
"""An agreement of 25 provisions, all of them different."""


def second() -> Draft:
    """The agreement after 21 edits, which `CHANGES` of the tests lists."""
    words = {
        "crate": ("twenty kilograms", "eighteen kilograms"),
        "ripeness": ("five days", "nine days"),
        "inspection": ("may open", "may not open"),
        "price": ("32.50", "36.50"),
        "term": ("1 June 2026", "1 July 2026"),
        "insurance": ("shall insure", "may insure"),
        "shortage": (
            "share what is left among its customers in proportion to their orders",
            "serve the oldest customers first and tell all others by telephone",
        ),
        "bees": (", and nobody may spray while they are open", ""),
        "tasting": ("parties.", "parties. Children of the staff eat free of charge."),
        "law": ("Nowheria", "Mythland"),
        "breach": ("{recipes}", "{interest}"),
    }
    draft = FIRST
    for name, (old, new) in words.items():
        draft = draft.edited(name, old, new)
    pruning, diary = draft.provision("pruning").text.split(". ")
    draft = draft.with_provision(
        "pruning", Provision("pruning", f"{pruning}."), Provision("diary", diary)
    )
    joined = f"{draft.provision('letters').text} {draft.provision('law').text}"
    draft = draft.with_provision("letters", Provision("letters", joined)).with_provision("law")
    draft = draft.with_provision("rebate")
    ladders = "Ladders belong to the Grower, who checks every rung before the harvest."
    draft = draft.after("water", Provision("ladders", ladders))
    season = draft.provision("season")
    draft = draft.with_provision("season").after("whole", season)
    recipes = draft.section("Recipes")
    draft = draft.with_section("Recipes")
    draft = draft.with_section("Supply", draft.section("Supply"), recipes)
    limits = replace(draft.section("Liability"), title="Limits of Liability")
    draft = draft.with_section("Liability", limits)
    (grades, sizes), routes = draft.schedules
    draft = replace(draft, schedules=((grades, sizes.replace("60 mm", "55 mm")), routes))
    return draft.everywhere("Vendor", "Baker").everywhere("Pippin Lane", "Russet Hill")
