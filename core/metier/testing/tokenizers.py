"""The tokenizers of the tiny models: small vocabularies, and otherwise as the real ones work."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
"""The pre-tokeniser of Qwen2 and Qwen3, from their tokenizer.json."""

QWEN_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
QWEN_ADDED = ("<think>", "</think>")  # one token each, but not special


def qwen_tokenizer() -> Tokenizer:
    """A byte-level BPE of some 600 tokens with Qwen's normaliser, splits and special tokens."""
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
