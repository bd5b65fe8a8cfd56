"""Checks of a Qwen3 checkpoint and its tokenizer before a text is computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from metier.errors import CheckpointError
from metier.models.layout import read_modules
from metier.models.qwen3.templates import END_OF_TEXT
from metier.models.tokens import TextTokenizer

END_OF_TEXT_ID = 151643
"""Id of `<|endoftext|>` in the vocabulary of every released Qwen3 model."""


def end_of_text_id(tokenizer: TextTokenizer, folder: Path) -> int:
    """The id an embedding is read from, checked.

    Old copies of Qwen3-Embedding lack the template that ends every text with `<|endoftext|>`, and
    tokenizer options can replace it by `<|im_end|>`. The tokenizer is therefore asked for plain
    ids, and the embedder appends the token itself.

    Raises:
        CheckpointError: the vocabulary has no such token, has it under another id than released
            models do, or the tokenizer appends it to plain text.
    """
    token_id = tokenizer.id_of(END_OF_TEXT)
    if token_id is None:
        raise _misfit(folder, f"its vocabulary has no token {END_OF_TEXT!r}")
    if tokenizer.size > END_OF_TEXT_ID and token_id != END_OF_TEXT_ID:
        raise _misfit(folder, f"{END_OF_TEXT!r} has the id {token_id}, not {END_OF_TEXT_ID}")
    if np.any(tokenizer.encode(["x"])[0] == token_id):
        raise _misfit(folder, f"its tokenizer adds {END_OF_TEXT!r} to plain text")
    return token_id


def check_is_embedder(folder: Path, tokenizer: TextTokenizer, end_id: int) -> None:
    """Refuse a chat model or a reranker, which would give vectors that look right and are not.

    The modules.json of an embedder says how it pools, or its tokenizer closes every text with the
    token whose state is the vector. A reranker has a LogitScore module.

    Raises:
        CheckpointError: it is no embedder.
    """
    kinds = {module.kind for module in read_modules(folder)}
    if "LogitScore" in kinds or ("Pooling" not in kinds and not tokenizer.ends_texts_with(end_id)):
        raise CheckpointError(
            f"'{folder}' is a Qwen3 model but no embedder.",
            why="It has no modules.json that pools the last token, and its tokenizer does not "
            f"close texts with {END_OF_TEXT!r}: it is a chat model or a reranker.",
            fix="Give an embedder, e.g. Qwen/Qwen3-Embedding-0.6B. For an early copy of it, add "
            "the modules.json of its repository.",
        )


def check_is_reranker(folder: Path, tokenizer: TextTokenizer, end_id: int) -> None:
    """Refuse an embedder, whose `yes` and `no` are untrained.

    Raises:
        CheckpointError: the tokenizer closes texts as only an embedder's does.
    """
    if tokenizer.ends_texts_with(end_id):
        raise CheckpointError(
            f"'{folder}' is an embedding model and cannot rerank.",
            why=f"Its tokenizer closes texts with {END_OF_TEXT!r}; its yes and no are untrained.",
            fix="Give a reranker, e.g. Qwen/Qwen3-Reranker-0.6B.",
        )


def answer_ids(tokenizer: TextTokenizer, folder: Path) -> tuple[int, int]:
    """The ids of the answers `yes` and `no`.

    Raises:
        CheckpointError: one of them is not a single token.
    """
    yes, no = tokenizer.encode(["yes", "no"])
    if len(yes) != 1 or len(no) != 1 or yes[0] == no[0]:
        raise _misfit(folder, "its vocabulary has no single tokens 'yes' and 'no'")
    return int(yes[0]), int(no[0])


def check_vocabulary(tokenizer: TextTokenizer, rows: int, folder: Path) -> None:
    """Raise CheckpointError if the tokenizer knows ids the model has no embedding for."""
    if tokenizer.size > rows:
        raise _misfit(folder, f"its tokenizer has {tokenizer.size} ids and its model {rows}")


def cuts_before_colon(tokenizer: TextTokenizer) -> bool:
    """Whether text before and after the colon of `Query:` can be tokenized separately.

    It can with Qwen's own tokenizer. Other tokenizers are tried on texts that would show a token
    across the colon.
    """
    head = "Instruct: Find it\nQuery"
    probes = [
        "",
        "x",
        " x",
        "What",
        "/",
        "//",
        "(",
        ")",
        "\n",
        "\n\n",
        " \n",
        ":",
        "1",
        "中",
        "é",
        "👍",
        "\u0301",
    ]
    joint = tokenizer.encode([f"{head}:{probe}" for probe in probes])
    separate = tokenizer.encode([f":{probe}" for probe in probes])
    first = tokenizer.encode([head])[0]
    return all(
        np.array_equal(joint_ids, np.concatenate([first, rest_ids]))
        for joint_ids, rest_ids in zip(joint, separate, strict=True)
    )


def _misfit(folder: Path, what: str) -> CheckpointError:
    return CheckpointError(
        f"The tokenizer in '{folder}' does not fit a Qwen3 model: {what}.",
        why="Usually tokenizer files of another model were copied into the folder.",
        fix="Copy tokenizer.json and tokenizer_config.json from the model's own repository.",
    )
