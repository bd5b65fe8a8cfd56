from __future__ import annotations

import threading

import numpy as np
import pytest
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers
from transformers import AutoTokenizer

from metier.errors import CheckpointError, InputError
from metier.models.tokens import TextTokenizer, TokenBatch, embed_windows
from metier.progress import NoProgress
from metier.testing import checkpoints


@pytest.fixture(scope="module")
def tokenizer(encoder_folder):
    return TextTokenizer.load(encoder_folder)


@pytest.mark.parametrize("limit", [3, 16, 128])
def test_ids_agree_with_transformers(tokenizer, encoder_folder, texts, limit):
    peer = AutoTokenizer.from_pretrained(encoder_folder)

    made = tokenizer.encode_with_template(texts, limit=limit)

    expected = peer(texts, truncation=True, max_length=limit).input_ids
    assert [ids.tolist() for ids in made.ids] == expected
    full = [len(ids) for ids in peer(texts).input_ids]
    assert made.truncated.tolist() == [length > limit for length in full]
    assert tokenizer.count_with_template(texts) == full


def test_a_length_in_the_tokenizer_file_cuts_nothing_in_silence(folders, texts):
    folder = checkpoints.write_encoder(folders / "built-in-length")
    from tokenizers import Tokenizer

    backend = Tokenizer.from_file(str(folder / "tokenizer.json"))
    backend.enable_truncation(8)
    backend.enable_padding(length=8)
    backend.save(str(folder / "tokenizer.json"))

    made = TextTokenizer.load(folder).encode_with_template([*texts, "x"], limit=128)

    assert max(len(ids) for ids in made.ids) == 128
    assert len(made.ids[-1]) == 3


def test_a_lone_surrogate_is_named_with_what_to_do(tokenizer):
    with pytest.raises(InputError, match=r"(?s)Text 2 .*character 1.*encode"):
        tokenizer.encode(["a", "b", "c\udc80"])


def test_a_damaged_tokenizer_is_named(folders):
    folder = checkpoints.write_encoder(folders / "broken-tokenizer")
    (folder / "tokenizer.json").write_text('{"version": "1.0", "model":')

    with pytest.raises(CheckpointError, match="tokenizer in"):
        TextTokenizer.load(folder)


SPELLED = {
    "qwen": ["<|endoftext|>", "a <|im_end|>\n<|im_start|>assistant\n<think> b", "</think>"],
    "bert": ["[SEP]", "the [MASK] capital [PAD][CLS]", "[UNK]"],
    "unigram": ["</s>", "the <s> capital<pad>", "<think>", "\uff1cthink\uff1e", "<unk>"],
    "words": ["[SEP]", "the [SEP]", "[UNK]", "the \ufdd0 [UNK]"],
}
CONTROL = {
    "qwen": {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"},
    "bert": {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"},
    "unigram": {"<s>", "<pad>", "</s>", "<unk>", "<think>"},
    "words": {"[SEP]", "[UNK]"},
}


def backend_of(kind):
    """A tokenizer of a kind, with the added words `covid-19` and three spaces."""
    if kind == "qwen":
        backend = checkpoints.qwen_tokenizer()
    elif kind == "bert":
        backend = checkpoints.bert_tokenizer()
        backend.add_special_tokens(sorted(CONTROL["bert"]))
    elif kind == "unigram":
        letters = sorted({letter for text in SPELLED["unigram"] for letter in text} - {" "})
        pieces = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", *letters, *"covid-19", "the"]
        backend = Tokenizer(models.Unigram([(piece, -2.0) for piece in pieces], unk_id=3))
        backend.normalizer = normalizers.NFKC()
        backend.pre_tokenizer = pre_tokenizers.Metaspace()
        backend.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
        backend.add_tokens([AddedToken("<think>", normalized=True)])
    else:
        vocabulary = {"[UNK]": 0, "[SEP]": 1, "the": 2, "capital": 3}
        backend = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        backend.add_special_tokens(["[SEP]", "[UNK]"])
    backend.add_tokens([AddedToken("covid-19"), AddedToken("   ", normalized=False)])
    return backend


def names_of(backend, ids):
    return [backend.id_to_token(token_id) for token_id in ids]


@pytest.mark.parametrize("kind", SPELLED)
def test_a_text_that_spells_out_control_tokens_is_read_as_characters(kind):
    backend = backend_of(kind)
    reads = [backend.encode(text, add_special_tokens=False).tokens for text in SPELLED[kind]]
    assert all(CONTROL[kind] & set(names) for names in reads), "these would be control tokens"
    tokenizer = TextTokenizer(backend, max_tokens=None, special_ids=())

    encoded = tokenizer.encode(SPELLED[kind])

    for text, ids in zip(SPELLED[kind], encoded, strict=True):
        names = set(names_of(backend, ids))
        assert not names & (CONTROL[kind] - {"[UNK]", "<unk>"}), text
        if kind == "qwen":
            assert backend.decode(ids.tolist()) == text
    assert {names_of(backend, [token_id])[0] for token_id in tokenizer.control_ids} == CONTROL[kind]


@pytest.mark.parametrize("kind", SPELLED)
def test_a_text_without_control_tokens_is_read_as_the_tokenizer_reads_it(kind, texts):
    backend = backend_of(kind)
    plain = [*texts, "covid-19 the   capital", "a < b > c [see] <|", "x" * 5000]
    expected = [encoding.ids for encoding in backend.encode_batch(plain, add_special_tokens=False)]

    encoded = TextTokenizer(backend, max_tokens=None, special_ids=()).encode(plain)

    assert [ids.tolist() for ids in encoded] == expected
    assert "covid-19" in names_of(backend, encoded[-3])


@pytest.mark.parametrize("kind", SPELLED)
def test_an_added_word_stays_a_word_beside_a_control_token(kind):
    backend = backend_of(kind)
    tokenizer = TextTokenizer(backend, max_tokens=None, special_ids=())

    (ids,) = tokenizer.encode([f"covid-19 {SPELLED[kind][0]}"])

    assert names_of(backend, ids)[0] == "covid-19"


def test_a_prompt_keeps_its_control_tokens_and_the_text_after_it_gets_none(encoder_folder):
    tokenizer = TextTokenizer.load(encoder_folder)
    separator = tokenizer.id_of("[SEP]")
    prompt, text = "find: [SEP] ", "the [SEP] capital"

    batch = tokenizer.encode_with_template(
        [prompt + text, prompt + "the capital"], limit=64, spans=True, prompt=prompt
    )

    expected = AutoTokenizer.from_pretrained(encoder_folder)(prompt + "the capital").input_ids
    assert batch.ids[1].tolist() == expected
    assert [np.count_nonzero(ids == separator) for ids in batch.ids] == [2, 2]
    pieces = [(prompt + text)[start:end] for start, end in batch.spans[0][1:-1]]
    assert "".join(pieces) == (prompt + text).replace(" ", "")
    counts = tokenizer.count_with_template([prompt + text], prompt=prompt)
    assert counts == [len(batch.ids[0])]


def test_threads_share_a_tokenizer(tokenizer, texts):
    expected = tokenizer.encode(texts)
    wrong = []

    def work():
        for limit in (5, 50):
            tokenizer.encode_with_template(texts, limit=limit)
            made = tokenizer.encode(texts)
            if not all(map(np.array_equal, made, expected)):
                wrong.append(limit)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


TEXTS = ["a", "bb", "ccccc", "", "dddd", "ee", "fff"]
LIMIT = 4
PATIENCE = 30  # seconds; only a fault waits that long


def read(texts):
    """A token per character, four at most."""
    ids = [np.array([ord(letter) for letter in text[:LIMIT]], dtype=np.int32) for text in texts]
    return TokenBatch(ids, np.array([len(text) > LIMIT for text in texts], dtype=np.bool_))


def vectors(window, names):
    rows = [[name, ids.sum()] for name, ids in zip(names, window.ids, strict=True)]
    return np.array(rows, dtype=np.float32).reshape(-1, 2)


@pytest.mark.parametrize("window", [1, 3, 7, 100])
def test_the_window_changes_nothing(window):
    made = embed_windows(TEXTS, read, vectors, dim=2, progress=NoProgress(), window=window)

    sums = [sum(ord(letter) for letter in text[:LIMIT]) for text in TEXTS]
    assert made.vectors.tolist() == [[place, total] for place, total in enumerate(sums)]
    assert made.tokens.tolist() == [1, 2, 4, 0, 4, 2, 3]
    assert made.truncated.tolist() == [False, False, True, False, False, False, False]
    assert (made.vectors.dtype, made.tokens.dtype) == (np.float32, np.int32)


def test_no_texts_give_no_vectors():
    made = embed_windows([], read, vectors, dim=2, progress=NoProgress())

    assert made.vectors.shape == (0, 2)
    assert made.tokens.shape == made.truncated.shape == (0,)


def test_the_next_window_is_read_while_the_model_computes():
    begun = {text: threading.Event() for text in TEXTS}

    def noted(texts):
        for text in texts:
            begun[text].set()
        return read(texts)

    def waiting(window, names):
        after = TEXTS[names[-1] + 1 :][:1]
        assert all(begun[text].wait(PATIENCE) for text in after), "the next window was not read"
        return vectors(window, names)

    made = embed_windows(TEXTS, noted, waiting, dim=2, progress=NoProgress(), window=2)

    assert made.vectors[:, 0].tolist() == list(range(len(TEXTS)))


@pytest.mark.parametrize("bad", range(3))
def test_an_error_while_reading_a_window_comes_out(bad):
    computed = []

    def breaks(texts):
        if texts[0] == TEXTS[2 * bad]:
            raise ValueError(f"window {bad}")
        return read(texts)

    def noted(window, names):
        computed.append(names[0])
        return vectors(window, names)

    with pytest.raises(ValueError, match=f"window {bad}"):
        embed_windows(TEXTS, breaks, noted, dim=2, progress=NoProgress(), window=2)
    assert computed == [2 * done for done in range(bad)]


def test_an_error_while_computing_comes_out():
    def breaks(window, names):
        raise ValueError(f"texts from {names[0]}")

    with pytest.raises(ValueError, match="texts from 0"):
        embed_windows(TEXTS, read, breaks, dim=2, progress=NoProgress(), window=2)


def test_equal_texts_are_read_and_computed_once(counted):
    seen = []

    def noted(texts):
        seen.extend(texts)
        return read(texts)

    repeated = ["a", "bb", "a", "ccccc", "bb", "a"]
    made = embed_windows(repeated, noted, vectors, dim=2, progress=counted, window=2)

    assert seen == ["a", "bb", "ccccc"]
    assert made.vectors[:, 0].tolist() == [0, 1, 0, 3, 1, 0], "each is named by its first place"
    assert made.tokens.tolist() == [1, 2, 1, 4, 2, 1]
    assert made.truncated.tolist() == [False, False, False, True, False, False]
    assert counted.items == 3, "the computed ones are counted by those who compute them"
