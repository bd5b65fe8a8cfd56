import threading

import numpy as np
import pytest
from transformers import AutoTokenizer

from metier.errors import CheckpointError, InputError
from metier.models.tokens import TextTokenizer
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
