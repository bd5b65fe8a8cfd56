"""The tokenizer of a plain BERT without transformers, whose import takes long."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

_TOKENS = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}
"""The special tokens of BERT, by their names in the files of a tokenizer."""

_CLASSES = ("BertTokenizer", "BertTokenizerFast")

_WITHOUT_EFFECT = frozenset(
    {
        "added_tokens_decoder", "backend", "clean_up_tokenization_spaces", "do_basic_tokenize",
        "is_local", "max_length", "model_max_length", "name_or_path", "never_split",
        "pad_to_multiple_of", "pad_token_type_id", "padding_side", "special_tokens_map_file",
        "stride", "tokenizer_class", "tokenizer_file", "truncation_side", "truncation_strategy",
    }
)  # fmt: skip
"""Keys of tokenizer_config.json that change no token id, or are compared with tokenizer.json."""

_OPTIONS = {"do_lower_case": True, "tokenize_chinese_chars": True, "strip_accents": None}
"""Options of BERT's tokenizer in tokenizer_config.json, with their defaults."""

_FLAGS = ("single_word", "lstrip", "rstrip", "normalized")


@dataclass(frozen=True, slots=True)
class TokenizerFiles:
    """What the files of a tokenizer say.

    Attributes:
        backend: the tokenizer of tokenizer.json.
        limit: longest input, None where the files do not say.
        special_ids: ids of the special tokens.
        spellings: as of `TextTokenizer`.
    """

    backend: Tokenizer
    limit: int | None
    special_ids: list[int]
    spellings: tuple[str, ...] = ()


def read_plain_bert_tokenizer(folder: Path) -> TokenizerFiles | None:
    """Read the tokenizer of a folder, if transformers would read exactly the same one.

    Returns:
        None where the files say anything that a plain BERT's do not, or cannot be read: then
        transformers is asked.
    """
    try:
        settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        text = (folder / "tokenizer.json").read_text(encoding="utf-8")
        layout = json.loads(text)
        mapped = folder / "special_tokens_map.json"
        named = json.loads(mapped.read_text(encoding="utf-8")) if mapped.is_file() else {}
        if (folder / "added_tokens.json").exists() or not _is_plain(settings, layout, named):
            return None
        limit = settings.get("model_max_length")
        vocabulary = layout["model"]["vocab"]
        return TokenizerFiles(
            Tokenizer.from_str(text),
            None if limit is None else int(limit),
            [int(vocabulary[token]) for token in _TOKENS.values()],
            tuple(_TOKENS.values()),
        )
    except Exception:  # whatever is wrong with the files, transformers is asked and says it
        return None


def _is_plain(settings: dict[str, Any], layout: dict[str, Any], named: dict[str, Any]) -> bool:
    options = {key: settings.get(key, default) for key, default in _OPTIONS.items()}
    limit = settings.get("model_max_length", 1)
    cls_id, sep_id = (layout["model"]["vocab"][_TOKENS[key]] for key in ("cls_token", "sep_token"))
    return (
        settings.keys() <= _WITHOUT_EFFECT | _OPTIONS.keys() | _TOKENS.keys()
        and settings.get("tokenizer_class") in _CLASSES
        and type(limit) in (int, float)
        and limit > 0
        and named.keys() <= _TOKENS.keys()
        and all(
            _is_token(source.get(key, token), token)
            for source in (settings, named)
            for key, token in _TOKENS.items()
        )
        and _are_specials(settings.get("added_tokens_decoder", {}), layout)
        and layout["normalizer"]
        == {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": options["tokenize_chinese_chars"],
            "strip_accents": options["strip_accents"],
            "lowercase": options["do_lower_case"],
        }
        and layout["pre_tokenizer"] == {"type": "BertPreTokenizer"}
        and _closes_with(layout["post_processor"], cls_id, sep_id)
        and {key: value for key, value in layout["model"].items() if key != "vocab"}
        == {
            "type": "WordPiece",
            "unk_token": _TOKENS["unk_token"],
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
        }
    )


def _is_token(value: Any, token: str) -> bool:
    if isinstance(value, dict):
        return value.get("content") == token and not any(value.get(flag) for flag in _FLAGS)
    return bool(value == token)


def _are_specials(declared: dict[str, Any], layout: dict[str, Any]) -> bool:
    """Whether all added tokens are BERT's special ones, under the ids of the vocabulary."""
    vocabulary = layout["model"]["vocab"]
    entries = [*layout["added_tokens"]]
    entries += [{"id": int(number), **token} for number, token in declared.items()]
    return {entry["content"] for entry in layout["added_tokens"]} == set(_TOKENS.values()) and all(
        entry["special"]
        and entry["content"] in _TOKENS.values()
        and _is_token(entry, entry["content"])
        and vocabulary.get(entry["content"]) == entry["id"]
        for entry in entries
    )


def _closes_with(processor: dict[str, Any], cls_id: int, sep_id: int) -> bool:
    """Whether a text is read as `[CLS] text [SEP]`."""
    cls_token, sep_token = _TOKENS["cls_token"], _TOKENS["sep_token"]
    if processor["type"] != "TemplateProcessing":
        return False
    specials = processor["special_tokens"]
    return bool(
        processor["single"]
        == [
            {"SpecialToken": {"id": cls_token, "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": sep_token, "type_id": 0}},
        ]
        and specials[cls_token]["ids"] == [cls_id]
        and specials[sep_token]["ids"] == [sep_id]
    )
