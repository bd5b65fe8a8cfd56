"""How much of a text a model can read, and states that indexes share."""

from __future__ import annotations

import numpy as np
import pytest

from metier.engine.engine import Engine
from metier.models.embedder import TokenStates
from metier.retrieval.token_reading import LEGIBLE, legibility


def read(*spans: tuple[int, int]) -> TokenStates:
    return TokenStates(
        np.array(spans, dtype=np.int32).reshape(-1, 2), np.zeros((len(spans), 4), np.float16)
    )


@pytest.mark.parametrize(
    ("text", "spans", "share"),
    [
        ("steam train", [(0, 5), (6, 11)], 1.0),
        ("a train", [(0, 1), (2, 7)], 1.0),
        ("train \u0436\u0436", [(0, 5), (6, 7), (7, 8)], 5 / 7),
        ("\u0436\u0436\u0436", [(0, 1), (1, 2), (2, 3)], 0.0),
        ("\u5317\u4eac", [(0, 1), (1, 2)], 1.0),
        ("\u5317\u4eac", [(0, 1)], 0.5),
        ("\u5317\u4eac", [], 0.0),
        ("steam", [(0, 5), (6, 11)], 1.0),  # the beginning of what was read
        ("1,000 + 2", [], 1.0),
        ("", [], 1.0),
    ],
)
def test_the_share_of_letters_that_are_read(text, spans, share):
    assert legibility(text, read(*spans)) == pytest.approx(share)


@pytest.mark.parametrize(
    ("text", "legible"),
    [
        ("What may a buyer claim when the goods are late?", True),
        ("def parse_url(x): return x.y", True),
        ("SKU X-771/b 30 mm", True),
        ("Lieferverz\u00f6gerung bei Unwetter", True),
        ("\u4ec0\u9ebc\u662f\u5ef6\u9072\u4ea4\u8ca8", False),
        ("\u0437\u0430\u0434\u0435\u0440\u0436\u043a\u0430", False),
        ("\ubc30\uc1a1 \uc9c0\uc5f0", False),
    ],
)
def test_an_english_model_reads_what_is_written_in_latin_letters(rt, text, legible):
    embedder = rt.embedder
    (states,) = embedder.token_states(
        [text], prompt=embedder.prompt(None, "query"), progress=rt.engine.progress
    )
    assert (legibility(text, states) >= LEGIBLE) is legible


def test_an_index_that_is_opened_again_reads_no_chunk_again(rt, tmp_path):
    fresh = rt.with_engine(Engine(rt.engine.models, rt.engine.progress))
    texts = ["the fox and the grapes", "the hare and the tortoise", "a crow with a cheese"]
    fresh.index(texts, at=tmp_path / "tales").search("a race")
    kept = fresh.engine.token_states.bytes
    again = rt.with_engine(Engine(rt.engine.models, rt.engine.progress))
    first, second = (again.index(at=tmp_path / "tales").search("a race") for _ in range(2))
    assert again.engine.token_states.bytes == kept > 0
    assert [hit.score for hit in first] == [hit.score for hit in second]
