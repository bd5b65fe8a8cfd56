"""What a server computes of a query and a document: the tiny reranker in transformers alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import Qwen3ForCausalLM

DEFAULT = "Given a web search query, retrieve relevant passages that answer the query"
HEAD = (
    "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and "
    'the Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n'
    "<|im_start|>user\n<Instruct>: {task}\n<Query>: {query}\n"
)
TAIL = "<Document>: {document}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
"""The template that the authors of Qwen3-Reranker give for vLLM."""


class PairModel:
    """Scores pairs as vLLM does: both parts as tokens, one after the other, and the answer yes."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.model = Qwen3ForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.answers = [self.tokenizer.token_to_id(answer) for answer in ("no", "yes")]

    def tokens(self, query: str, document: str) -> list[int]:
        """Token ids of a pair as it is read."""
        parts = self.tokenizer.encode_batch([query, document], add_special_tokens=False)
        return [token for part in parts for token in part.ids]

    def score(self, query: str, document: str) -> float:
        """The probability of yes for a pair that is read as it stands."""
        with torch.inference_mode():
            logits = self.model(torch.tensor([self.tokens(query, document)])).logits[0, -1]
        return float(torch.softmax(logits[self.answers], 0)[1])


def rendered(query: str, documents: Sequence[str], task: str | None) -> tuple[str, list[str]]:
    """Both parts of the pairs under the template."""
    head = HEAD.format(task=task or DEFAULT, query=query)
    return head, [TAIL.format(document=document) for document in documents]
