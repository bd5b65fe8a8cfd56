"""`metier rerank`: a file's texts in the order in which they answer a query."""

from __future__ import annotations

import json


def test_texts_are_ordered_as_the_runtime_orders_them(metier, toys, reranker_folder, qwen3_rt):
    given = ("rerank", str(toys), "--query", "a bear", "--reranker", str(reranker_folder))
    given += ("--dtype", "float32")
    code, out, err = metier(*given, "--json")
    assert (code, err) == (0, "")
    rows = json.loads(out)
    expected = qwen3_rt.rerank("a bear", ["a bear", "a train of wood"])
    assert [row["text"] for row in rows] == [one.text for one in expected]
    assert [row["id"] for row in rows] == ["ab"[one.index] for one in expected]
    assert [row["rank"] for row in rows] == [1, 2]
    assert [row["score"] for row in rows] == [round(one.score, 6) for one in expected]
    table = metier(*given, "--top-k", "1").out
    assert expected[0].text in table
    assert expected[1].text not in table


def test_texts_may_come_from_a_pipe(metier, reranker_folder):
    given = ("rerank", "-", "-q", "a bear", "--reranker", str(reranker_folder), "--json")
    rows = json.loads(metier(*given, stdin="one\ntwo\nthree\n").out)
    assert sorted(row["text"] for row in rows) == ["one", "three", "two"]


def test_without_a_reranker_the_error_says_so(metier, toys):
    code, _, err = metier("rerank", str(toys), "--query", "a bear")
    assert code == 2
    assert err.startswith("error: There is no reranker.\n  Name one: --reranker Qwen/")
