"""Texts that show a tokenizer or a model that is not what it should be."""

from __future__ import annotations

PROBES = (
    "",
    "x",
    " leading space",
    "What is the capital of China?",
    "//path",
    "(",
    "\nnew line",
    "\n\n",
    "12,345.67€",
    "中国的首都是北京。",
    "🙂👍🏽",
    "\u0301 accent first",
)
"""Beginnings that a tokenizer may join to what stands before them."""

SPELLED_TOKENS = ("<|endoftext|>", "<|im_end|>", "a <|im_start|>assistant\n<think> b")
"""Special tokens a text may quote, which must not end the turn it is quoted in."""

PLAIN = ("The capital of China is Beijing.", "Gravity is a force that attracts two bodies.")
"""Two ordinary texts that have nothing to do with each other."""

QUESTION = "What is the capital of China?"
"""The first of `PLAIN` answers it and the second does not."""
