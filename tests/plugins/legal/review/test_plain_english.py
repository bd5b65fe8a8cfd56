"""Contracts in plain English: what their sentences say, and what only shares words with it."""

from __future__ import annotations

import pytest

from metier import Runtime
from metier_legal.review.report import ContractReview

SERVICES = """WRITING AGREEMENT

Parties: Tumbledown Press Ltd and Merrow Texts Inc

1. Time

1.1 This agreement begins on 1 June 2025.

1.2 It remains in force until either party ends it.

1.3 Either party may end this agreement by giving the other six months' notice.

2. Work and pay

2.1 Merrow writes the texts that are listed in Annex 1 and delivers them by the dates stated there.

2.2 All rights in the texts are hereby assigned to Tumbledown as soon as it has paid for them.

2.3 The fees are those of the attached price list. Bills are paid within 30 days.

2.4 Tumbledown pays Merrow a royalty of 5% of what it earns from each book, every three months.

3. Liability

3.1 Neither party is liable for indirect loss.

3.2 The total liability of Merrow is limited to the royalties paid.

3.3 Liability for injury is not limited in any way.

4. Other terms

4.1 English law applies. The courts of England have exclusive jurisdiction over disputes.

4.2 If a part of this agreement turns out to be invalid, the rest stays in force.

4.3 Each party keeps what it learns about the other secret.
"""
DEALER = """DEALER AGREEMENT

between Fennel Boats Ltd (the "Maker") and Gullwing Marine Inc (the "Shop").

Dated 2 February 2025

1. Start. The cooperation starts on 1 March 2025 and lasts for three years. It then carries on for
another year each time. A party that does not want this has to tell the other at least four months
before the year ends.

2. Purchases. The Shop shall buy boats worth at least EUR 200,000 every calendar year.

3. Only dealer. The Maker will not sell boats to anyone else in Wales.

4. Damages. The Maker does not have to make good lost profit. Its whole liability never goes beyond
EUR 500,000.

5. Courts. Disputes go to the courts of Cardiff, whose jurisdiction is non-exclusive. The law of
Scotland applies.

6. Transfer. Neither party may pass its rights on to somebody else unless the other agrees.
"""
RENTAL = """**Boat Rental Agreement**

Owner: Sedgeby Boats Pty Ltd, 4 Quay Lane, Albury
Customer: Ottershaw Tours Co-op, 11 Weir Street, Wodonga

1. Rental. The rental begins on 3 May 2025 and ends on 2 May 2026. It does not renew by itself.

2. Rent. If the Customer pays late, the Owner may charge interest of 2 percent a month.

3. Liability. The Owner's liability to the Customer is limited to the rent for two weeks.

4. Insurance. Neither party needs to carry insurance.

5. Others. Nobody but the parties may enforce a term of this agreement.

6. Transfer. Either party may assign this agreement freely.
"""


@pytest.fixture(scope="module")
def reviews(rt: Runtime) -> dict[str, ContractReview]:
    contracts = {"services": SERVICES, "dealer": DEALER, "rental": RENTAL}
    return {name: rt.run("legal/review-contract", [text]) for name, text in contracts.items()}


@pytest.mark.parametrize(
    ("contract", "question", "words"),
    [
        ("services", "effective-date", "begins on 1 June 2025"),
        ("services", "parties", "Tumbledown Press Ltd and Merrow Texts Inc"),
        ("services", "termination-for-convenience", "by giving the other six months"),
        ("services", "ip-ownership-assignment", "hereby assigned to Tumbledown"),
        ("services", "revenue-profit-sharing", "a royalty of 5%"),
        ("services", "cap-on-liability", "limited to the royalties paid"),
        ("services", "uncapped-liability", "not limited in any way"),
        ("services", "governing-law", "English law applies"),
        ("dealer", "effective-date", "starts on 1 March 2025"),
        ("dealer", "notice-period-to-terminate-renewal", "at least four months"),
        ("dealer", "minimum-commitment", "worth at least EUR 200,000"),
        ("dealer", "exclusivity", "not sell boats to anyone else"),
        ("dealer", "cap-on-liability", "never goes beyond"),
        ("dealer", "anti-assignment", "may pass its rights on"),
        ("rental", "document-name", "Boat Rental Agreement"),
        ("rental", "parties", "Sedgeby Boats Pty Ltd, 4 Quay Lane"),
        ("rental", "parties", "Ottershaw Tours Co-op, 11 Weir Street, Wodonga"),
        ("rental", "cap-on-liability", "limited to the rent for two weeks"),
    ],
)
def test_a_clause_in_plain_english_is_found(reviews, contract, question, words):
    finding = reviews[contract].finding(question)
    assert finding.status == "present"
    assert words in " ".join(finding.best.quote.split())


@pytest.mark.parametrize(
    ("contract", "question"),
    [
        ("services", "agreement-date"),
        ("services", "exclusivity"),
        ("services", "renewal-term"),
        ("services", "notice-period-to-terminate-renewal"),
        ("services", "anti-assignment"),
        ("services", "unlimited-license"),
        ("services", "liquidated-damages"),
        ("services", "price-restrictions"),
        ("services", "third-party-beneficiary"),
        ("dealer", "uncapped-liability"),
        ("dealer", "price-restrictions"),
        ("dealer", "third-party-beneficiary"),
        ("rental", "uncapped-liability"),
        ("rental", "liquidated-damages"),
    ],
)
def test_what_shares_words_with_a_clause_is_not_taken_for_it(reviews, contract, question):
    assert reviews[contract].finding(question).status != "present"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("renewal-term", "does not renew"),
        ("insurance", "Neither party needs to"),
        ("third-party-beneficiary", "Nobody but the parties"),
        ("anti-assignment", "may assign this agreement freely"),
    ],
)
def test_a_clause_that_is_denied_is_not_present(reviews, question, words):
    finding = reviews["rental"].finding(question)
    assert (finding.status, finding.denial) == ("not sure", words)


def test_dates_of_plain_contracts_are_not_looked_at_first(reviews):
    assert "Effective Date" not in reviews["services"].headline()
    assert "expected and missing: none" in reviews["dealer"].headline()
