"""The tokenizer of a plain BERT is the one transformers reads, and others are left to it."""

from __future__ import annotations

import json
import shutil

import pytest
from transformers import AutoTokenizer

from metier.models.bert_tokenizer import read_plain_bert_tokenizer
from metier.models.model_lookup import embedded_folder
from metier.models.tokens import TextTokenizer
from metier.testing import checkpoints

SPECIALS = ["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"]
HARD = [
    "Café NAÏVE — «İstanbul» ﬁne\u200b\x00\x07 中文と 🙂 x\U0010ffffy",
    "[SEP] [sep] [ MASK ] <s> ﹝CLS﹞ [UNK]",
    "🙂🙂 unknown characters alone",
    "", " ", "a" * 300,
]  # fmt: skip


@pytest.fixture(params=["embedded", "tiny"])
def folder(request, tmp_path):
    """A folder with the files of a plain BERT's tokenizer, to change."""
    if request.param == "embedded":
        for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
            shutil.copy(embedded_folder() / name, tmp_path)
        shutil.copy(embedded_folder() / "config.json", tmp_path)
    else:
        checkpoints.write_encoder(tmp_path)
        change(tmp_path, "tokenizer.json", add_specials)
    return tmp_path


def add_specials(layout):
    vocabulary = layout["model"]["vocab"]
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    layout["added_tokens"] = [
        {"id": vocabulary[token], "content": token, "special": True, **flags} for token in SPECIALS
    ]


def change(folder, name, edit):
    path = folder / name
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_it_is_the_tokenizer_that_transformers_reads(folder):
    plain = read_plain_bert_tokenizer(folder)
    peer = AutoTokenizer.from_pretrained(folder)

    assert plain is not None
    assert sorted(plain.special_ids) == sorted(peer.all_special_ids)
    assert plain.limit == peer.model_max_length
    ours = json.loads(plain.backend.to_str())
    theirs = json.loads(peer.backend_tokenizer.to_str())
    for part in ("normalizer", "pre_tokenizer", "model"):
        assert ours[part] == theirs[part]
    tokenizer = TextTokenizer.load(folder)
    peer.backend_tokenizer.no_truncation()
    for text in HARD:
        if "[SEP]" not in text:
            (ids,) = tokenizer.encode_with_template([text], limit=1000).ids
            assert ids.tolist() == peer(text).input_ids


def test_texts_with_unknown_characters_are_read_as_with_the_second_reading(folder):
    quick = TextTokenizer.load(folder)
    plain = read_plain_bert_tokenizer(folder)
    assert plain is not None
    careful = TextTokenizer(plain.backend, max_tokens=None, special_ids=plain.special_ids)

    for prompt in ("", "find 🙂: ", "find: [SEP] "):
        texts = [prompt + text for text in HARD]
        ours = quick.encode_with_template(texts, limit=64, spans=True, prompt=prompt)
        theirs = careful.encode_with_template(texts, limit=64, spans=True, prompt=prompt)
        assert [ids.tolist() for ids in ours.ids] == [ids.tolist() for ids in theirs.ids]
        assert [each.tolist() for each in ours.spans] == [each.tolist() for each in theirs.spans]


CHANGES = {
    "another class": (
        "tokenizer_config.json",
        lambda c: c.update(tokenizer_class="MPNetTokenizer"),
    ),
    "case by the config only": (
        "tokenizer_config.json",
        lambda c: c.update(do_lower_case=not c.get("do_lower_case", True)),
    ),
    "another special token": ("tokenizer_config.json", lambda c: c.update(sep_token="</s>")),
    "an extra special token": (
        "tokenizer_config.json",
        lambda c: c.update(additional_special_tokens=["<q>"]),
    ),
    "an unknown key": ("tokenizer_config.json", lambda c: c.update(add_bos_token=True)),
    "another normalizer": ("tokenizer.json", lambda c: c.update(normalizer={"type": "NFKC"})),
    "an added word": (
        "tokenizer.json",
        lambda c: c["added_tokens"].append({**c["added_tokens"][0], "content": "[Q]", "id": 7}),
    ),
    "a special token that takes spaces": (
        "tokenizer.json",
        lambda c: c["added_tokens"][0].update(lstrip=True),
    ),
    "another template": ("tokenizer.json", lambda c: c["post_processor"]["single"].pop()),
    "longer words": ("tokenizer.json", lambda c: c["model"].update(max_input_chars_per_word=9)),
}


@pytest.mark.parametrize("what", CHANGES)
def test_files_that_say_more_are_left_to_transformers(folder, what):
    change(folder, *CHANGES[what])
    assert read_plain_bert_tokenizer(folder) is None


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json"])
def test_missing_files_are_left_to_transformers(folder, name):
    (folder / name).unlink()
    assert read_plain_bert_tokenizer(folder) is None
