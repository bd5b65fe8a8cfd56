"""`metier index search`: conditions, stages, one query and several."""

from __future__ import annotations

import json

import pytest
from tests.core.cli.indexes import found


def test_a_hit_says_where_and_why(index, tales):
    index("build", str(tales))
    code, out, _ = index("search", "sour grapes")
    assert code == 0
    assert "fox.md" in out
    hit = found(index("search", "sour grapes", "--json", "--top-k", "1"))[0]
    text = (tales / "fox.md").read_text()
    assert text[hit["start"] : hit["end"]] == hit["text"]
    assert hit["scores"]["dense"] <= 1


def test_conditions_are_all_to_be_met_and_never_sql(index, table):
    index("build", str(table))

    def ids(*conditions):
        given = [part for one in conditions for part in ("--where", one)]
        return {hit["document_id"] for hit in found(index("search", "tale", "--json", *given))}

    assert ids() == {"a", "b"}
    assert ids("year>=1700") == {"b"}
    assert ids("land=France", "year<1700") == {"a"}
    assert ids("land=France", "year>=1700") == set()
    assert ids('land in ["Greece", "Spain"]') == {"b"}
    assert ids("land=' OR 1=1 --") == set()
    code, _, err = index("search", "tale", "--where", "year is old")
    assert code == 2
    assert "'year is old' is not a condition" in err


def test_conditions_compare_what_tables_spell_true(index, tmp_path):
    path = tmp_path / "tales.csv"
    path.write_text("id,text,told\na,a hare lost,true\nb,an ant sang,FALSE\n")
    index("build", str(path))
    for condition, expected in [("told==true", "a"), ("told=False", "b"), ('told="true"', "a")]:
        hits = found(index("search", "tale", "--json", "--where", condition))
        assert [hit["document_id"] for hit in hits] == [expected]


def test_a_slip_in_a_condition_is_told(index, table):
    index("build", str(table))
    code, out, err = index("search", "tale", "--where", "laand=France")
    assert (code, out) == (0, "")
    assert "no document has the field 'laand'. Did you mean 'land'?" in err
    assert err.lower().count("nothing was found") == 1
    _, _, err = index("search", "tale", "--where", "land=Atlantis")
    assert "nothing was found" in err
    code, _, err = index("search", "tale", "--where", "year>>1700")
    assert (code, ">> is not an operator: write >" in err) == (2, True)


@pytest.mark.parametrize(
    ("condition", "form"),
    [
        ("filed>=01.03.2024", "2024-03-31"),
        ("filed=2024-13-01", "2024-03-31"),
        ("amount=1,5", "1234.5"),
    ],
)
def test_a_text_compared_with_dates_or_numbers_is_told_once(index, tmp_path, condition, form):
    path = tmp_path / "bills.csv"
    path.write_text("id,text,filed,amount\na,a bill,2024-03-01,1.5\nb,a bill,2024-02-01,20\n")
    index("build", str(path))
    _, _, err = index("search", "bill", "--where", condition)
    assert (err.count("is compared as a text"), err.count(form)) == (1, 1)
    for plain in ("filed>=2024-03-01", "amount=1.5", "id=a1"):
        _, _, err = index("search", "bill", "--where", plain)
        assert "compared as a text" not in err


def test_a_stage_is_weighed_for_one_search(index, table):
    index("build", str(table))
    (hit, *_) = found(index("search", "a hare lost", "--weight", "lexical=3", "--json"))
    dense, lexical = hit["scores"]["dense"], hit["scores"]["lexical"]
    assert hit["scores"]["fused"] == pytest.approx((2 * dense + 3 * lexical) / 5, abs=1e-5)
    code, _, err = index("search", "a hare", "--weight", "lexcal=3")
    assert code != 0
    assert "lexical" in err
    code, _, err = index("search", "a hare", "--weight", "lexical")
    assert code != 0
    assert "STAGE=W" in err


def test_several_queries_are_searched_for_at_once(index, table, tmp_path):
    index("build", str(table))
    (tmp_path / "asked.csv").write_text("id,text,who\nq1,a hare lost,Ann\nq2,an ant sang,Bob\n")
    batch = found(index("search", "--queries", "asked.csv", "--json"))
    assert [query["id"] for query in batch["queries"]] == ["q1", "q2"]
    assert batch["documents"] == ["a", "b"]
    (alone, *_) = found(index("search", "an ant sang", "--json"))
    assert batch["queries"][1]["hits"][0]["document_id"] == alone["document_id"]
    finished = index("search", "--queries", "asked.csv", "--out", "found.csv", "--drop", "who")
    assert finished.code == 0, finished.err
    header, *rows = (tmp_path / "found.csv").read_text().splitlines()
    assert "year" in header
    assert "who" not in header
    assert len(rows) == 4
    code, out, _ = index("search", "--queries", "-", stdin="a hare lost\nan ant sang\n")
    assert code == 0
    assert "Best match of each query" in out


@pytest.mark.parametrize("arguments", [(), ("a hare", "--queries", "asked.txt")])
def test_a_search_takes_a_query_or_several(index, table, tmp_path, arguments):
    index("build", str(table))
    (tmp_path / "asked.txt").write_text("an ant\n")
    code, _, err = index("search", *arguments)
    assert code == 2
    assert "QUERY" in err
    assert "--queries" in err
    assert "--query " not in err


def test_what_one_query_finds_is_written_too(index, table, tmp_path):
    index("build", str(table))
    finished = index("search", "an ant", "--out", "found.jsonl", "--keep", "land")
    assert finished.code == 0, finished.err
    rows = [json.loads(line) for line in (tmp_path / "found.jsonl").read_text().splitlines()]
    assert {row["land"] for row in rows} == {"France", "Greece"}
    assert "year" not in rows[0]
