"""Tiny checkpoints with random weights: Qwen3 embedder and reranker, and a BERT encoder.

Their tokenizers have small vocabularies, and otherwise work as the real ones do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CORPUS = (
    "Given a web search query, retrieve relevant passages that answer the query",
    "Judge whether the Document meets the requirements based on the Query and the Instruct.",
    "Instruct: find the loan applications at risk\nQuery: which payments were missed? yes or no",
    "The capital of China is Beijing. Gravity is a force that attracts two bodies.",
    "def add(a, b):\n    return a + b  # 12345",
    "中国的首都是北京。Столица России — Москва. 東京は日本の首都です。",
)
"""What the tokenizers of the tiny models are trained on."""

QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""The pre-tokenizer of Qwen2 and Qwen3, from their tokenizer.json."""

QWEN_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
QWEN_ADDED = ("<think>", "</think>")  # one token each, but not special


def qwen_tokenizer() -> Tokenizer:
    """A byte-level BPE of some 600 tokens with Qwen's normalizer, splits and special tokens."""
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        trainers,
    )

    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=640,
        min_frequency=1,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    # Repeated, so that the answers are merged into single tokens before the vocabulary is full.
    tokenizer.train_from_iterator([*CORPUS, *["yes no"] * 50], trainer)
    tokenizer.add_special_tokens(list(QWEN_SPECIAL))
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in QWEN_ADDED])
    return tokenizer


def end_with(tokenizer: Tokenizer, token: str) -> None:
    """Give a tokenizer the template that ends each text with a special token."""
    from tokenizers import processors

    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {token}",
        pair=f"$A $B {token}",
        special_tokens=[(token, tokenizer.token_to_id(token))],
    )


def bert_tokenizer() -> Tokenizer:
    """An uncased WordPiece tokenizer with the special tokens of BERT."""
    from tokenizers import (
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    tokenizer = Tokenizer(models.WordPiece(_bert_vocabulary(), unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def _bert_vocabulary() -> dict[str, int]:
    # Not trained: the WordPiece trainer breaks ties at random, and fingerprints should not.
    text = " ".join(CORPUS).lower()
    characters = sorted(set(text) - {" ", "\n"})
    words = sorted({word for word in text.split() if word.isalpha() and len(word) > 1})
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*special, *characters, *(f"##{character}" for character in characters), *words]
    return {piece: index for index, piece in enumerate(pieces)}


Pooling = Literal["mean", "cls", "lasttoken", "max", "weightedmean"]

_QWEN_PROMPTS = {
    "query": "Instruct: Given a web search query, retrieve relevant passages that answer the query"
    "\nQuery:",
    "document": "",
}
_LEGACY_POOLING_KEYS = {
    "cls": "pooling_mode_cls_token",
    "mean": "pooling_mode_mean_tokens",
    "max": "pooling_mode_max_tokens",
    "weightedmean": "pooling_mode_weightedmean_tokens",
    "lasttoken": "pooling_mode_lasttoken",
}


def write_qwen3_embedder(
    folder: Path,
    *,
    end_token_template: bool = True,
    sentence_transformers: bool = True,
    max_positions: int = 2048,
    seed: int = 0,
    dim: int = 64,
) -> Path:
    """Write a Qwen3-Embedding checkpoint of 4 layers.

    Args:
        folder: created, with its parents.
        end_token_template: whether the tokenizer ends each text with `<|endoftext|>`, as it does
            in the released models since June 2025 and did not before.
        sentence_transformers: whether modules.json and what it names are written.
        max_positions: longest input.
        seed: of the random weights.
        dim: size of its vectors.

    Returns:
        `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = qwen_tokenizer()
    if end_token_template:
        end_with(tokenizer, "<|endoftext|>")
    _save_qwen_tokenizer(tokenizer, folder, max_positions)
    _save_qwen_model(tokenizer, folder, "Qwen3Model", True, max_positions, seed, dim)
    if sentence_transformers:
        _save_layout(folder, "lasttoken", dim, normalize=True, include_prompt=True, prompts=None)
        _dump(
            folder / "config_sentence_transformers.json",
            {
                "prompts": _QWEN_PROMPTS,
                "default_prompt_name": None,
                "similarity_fn_name": "cosine",
            },
        )
    return folder


def write_qwen3_reranker(
    folder: Path, *, tied: bool = True, max_positions: int = 2048, seed: int = 0
) -> Path:
    """Write a Qwen3-Reranker checkpoint: a causal language model that knows `yes` and `no`.

    Args:
        folder: created, with its parents.
        tied: whether the output head shares the input embeddings, as in the 0.6B and 4B models, or
            has weights of its own, as in the 8B model.
        max_positions: longest input.
        seed: of the random weights.

    Returns:
        `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = qwen_tokenizer()
    _save_qwen_tokenizer(tokenizer, folder, max_positions)
    _save_qwen_model(tokenizer, folder, "Qwen3ForCausalLM", tied, max_positions, seed)
    return folder


def write_encoder(
    folder: Path,
    *,
    pooling: Pooling | Sequence[Pooling] = "mean",
    normalize: bool = True,
    include_prompt: bool = True,
    prompts: Mapping[str, str] | None = None,
    default_prompt_name: str | None = None,
    max_seq_length: int | None = 128,
    legacy_keys: bool = True,
    seed: int = 0,
) -> Path:
    """Write a BERT encoder of 32 dimensions and 2 layers in sentence-transformers layout.

    Args:
        folder: created, with its parents.
        pooling: how token states become a vector, in sentence-transformers' words.
        normalize: whether a Normalize step follows.
        include_prompt: whether the prompt's tokens are pooled.
        prompts: named prompts.
        default_prompt_name: the one used where a side has none.
        max_seq_length: longest input; None leaves it to tokenizer and config.
        legacy_keys: spell the pooling with one boolean for each mode, as versions up to 5 did.
        seed: of the random weights.

    Returns:
        `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _save_bert(folder, seed)
    _save_layout(
        folder,
        pooling,
        32,
        normalize=normalize,
        include_prompt=include_prompt,
        prompts=prompts,
        default_prompt_name=default_prompt_name,
        legacy_keys=legacy_keys,
    )
    if max_seq_length is not None:
        _dump(
            folder / "sentence_bert_config.json",
            {"max_seq_length": max_seq_length, "do_lower_case": False},
        )
    return folder


def _save_qwen_tokenizer(tokenizer: Tokenizer, folder: Path, max_positions: int) -> None:
    tokenizer.save(str(folder / "tokenizer.json"))
    _dump(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "Qwen2Tokenizer",
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "unk_token": None,
            "bos_token": None,
            "model_max_length": max_positions,
            "add_prefix_space": False,
            "clean_up_tokenization_spaces": False,
        },
    )


def _save_qwen_model(
    tokenizer: Tokenizer,
    folder: Path,
    architecture: str,
    tied: bool,
    positions: int,
    seed: int,
    dim: int = 64,
) -> None:
    import torch
    import transformers

    config = transformers.Qwen3Config(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=dim,
        intermediate_size=128,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=positions,
        tie_word_embeddings=tied,
        initializer_range=0.2,  # large, so that a wrong token changes the vector visibly
        bos_token_id=tokenizer.token_to_id("<|endoftext|>"),
        eos_token_id=tokenizer.token_to_id("<|im_end|>"),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _save_pretrained(getattr(transformers, architecture)(config), folder)


def _save_bert(folder: Path, seed: int) -> None:
    import torch
    from transformers import BertConfig, BertModel

    tokenizer = bert_tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {name: f"[{name[:-6].upper()}]" for name in ("unk_token", "sep_token", "pad_token")}
    special |= {"cls_token": "[CLS]", "mask_token": "[MASK]"}
    _dump(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "BertTokenizer", "model_max_length": 160, **special},
    )
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=160,
        pad_token_id=tokenizer.token_to_id("[PAD]"),
        initializer_range=0.2,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _save_pretrained(BertModel(config), folder)


def _save_pretrained(model: Any, folder: Path) -> None:
    from metier.models.transformers_loading import quiet_transformers

    with quiet_transformers():
        model.save_pretrained(folder)


def _save_layout(
    folder: Path,
    pooling: str | Sequence[str],
    dim: int,
    *,
    normalize: bool,
    include_prompt: bool,
    prompts: Mapping[str, str] | None,
    default_prompt_name: str | None = None,
    legacy_keys: bool = True,
) -> None:
    steps = [("", "Transformer"), ("1_Pooling", "Pooling")]
    steps += [("2_Normalize", "Normalize")] if normalize else []
    _dump(
        folder / "modules.json",
        [
            {
                "idx": index,
                "name": str(index),
                "path": path,
                "type": f"sentence_transformers.models.{kind}",
            }
            for index, (path, kind) in enumerate(steps)
        ],
    )
    modes = [pooling] if isinstance(pooling, str) else list(pooling)
    spelled: dict[str, Any] = {"pooling_mode": modes[0] if len(modes) == 1 else modes}
    if legacy_keys:
        spelled = {key: mode in modes for mode, key in _LEGACY_POOLING_KEYS.items()}
    size = "word_embedding_dimension" if legacy_keys else "embedding_dimension"
    (folder / "1_Pooling").mkdir(exist_ok=True)
    _dump(
        folder / "1_Pooling" / "config.json",
        {size: dim, "include_prompt": include_prompt, **spelled},
    )
    if prompts is not None:
        _dump(
            folder / "config_sentence_transformers.json",
            {"prompts": dict(prompts), "default_prompt_name": default_prompt_name},
        )


def _dump(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")
