"""From texts to token ids, one window ahead of the model; cut texts are marked.

Control tokens, such as `<|endoftext|>`, `<think>` or `[SEP]`, come from templates only. Spelled out
in a text they are ordinary characters.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer
from tokenizers.normalizers import Lowercase
from tokenizers.normalizers import Sequence as NormalizerSequence

from metier.errors import CheckpointError
from metier.models.batching import Tokens
from metier.models.bert_tokenizer import TokenizerFiles, read_plain_bert_tokenizer
from metier.models.embedder import Embeddings
from metier.models.transformers_loading import quiet_transformers
from metier.progress import Progress
from metier.texts.checks import require_unicode

_CHUNK = 1024
"""Texts tokenized at once: enough for all cores, few enough that offsets fit into memory."""

NO_LIMIT = 1_000_000
"""transformers writes a `model_max_length` above this where there is no limit."""


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Token ids of n texts.

    Attributes:
        ids: n arrays of int32, cut to the limit.
        truncated: (n,) bool, whether a text was cut.
        spans: n arrays (tokens, 2) of int32, start and end of each token as characters of the text;
            0 and 0 for tokens of the template. Empty unless asked for.
    """

    ids: list[Tokens]
    truncated: npt.NDArray[np.bool_]
    spans: list[npt.NDArray[np.int32]] = field(default_factory=list)


_CONTROL = re.compile(r"<[^<>\s]+>|\[[^\[\]\s]+\]")
"""Spellings of control tokens that a tokenizer does not call special, such as Qwen3's `<think>`.
Other added tokens, such as words or runs of spaces, are part of the vocabulary of texts."""


class TextTokenizer:
    """A fast tokenizer that neither pads nor truncates by itself and does not change once loaded.

    It may be called from several threads.

    Attributes:
        max_tokens: longest input by the tokenizer's own files, None where they do not say.
        special_ids: ids that transformers calls special.
        control_ids: ids that only a template may give: special ones, and other added tokens in
            angle or square brackets.
        size: the highest id, plus one.

    Args:
        backend: reads texts.
        max_tokens: see above.
        special_ids: see above.
        spellings: all control tokens, if they are matched in texts as they are spelled and not
            otherwise. A text without any of them then needs no second reading.
    """

    def __init__(
        self,
        backend: Tokenizer,
        *,
        max_tokens: int | None,
        special_ids: Sequence[int],
        spellings: Sequence[str] = (),
    ) -> None:
        # tokenizer.json may set a padding and a length, by which texts would be cut unnoticed.
        backend.no_padding()
        backend.no_truncation()
        self._backend = backend
        self.max_tokens = max_tokens
        self.special_ids = frozenset(special_ids)
        self.control_ids = self.special_ids | {
            token_id
            for token_id, token in backend.get_added_tokens_decoder().items()
            if token.special or _CONTROL.fullmatch(token.content)
        }
        self.size = max(backend.get_vocab(with_added_tokens=True).values(), default=-1) + 1
        self._spellings = tuple(spellings)
        self._is_control = np.zeros(self.size, dtype=np.bool_)
        self._is_control[sorted(self.control_ids)] = True
        self._lock = threading.Lock()
        self._characters: Tokenizer | None = None  # made for the first text that needs it

    @classmethod
    def load(cls, folder: Path, *, lower_case: bool = False) -> TextTokenizer:
        """Read the tokenizer of a model folder. No code from the folder is run.

        Raises:
            CheckpointError: it cannot be read, or has no fast version.
        """
        plain = read_plain_bert_tokenizer(folder)
        files = _read_with_transformers(folder) if plain is None else plain
        backend, limit = files.backend, files.limit
        if lower_case:
            steps = [Lowercase()] + ([backend.normalizer] if backend.normalizer else [])
            backend.normalizer = NormalizerSequence(steps)
        return cls(
            backend,
            max_tokens=limit if limit and limit < NO_LIMIT else None,
            special_ids=files.special_ids,
            spellings=files.spellings,
        )

    def id_of(self, token: str) -> int | None:
        """The id of a token by its exact spelling, None where the vocabulary lacks it."""
        token_id: int | None = self._backend.token_to_id(token)
        return token_id

    def ends_texts_with(self, token_id: int) -> bool:
        """Whether the tokenizer's template closes every text with a token."""
        return self._backend.encode("x").ids[-1:] == [token_id]

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """Token ids of each text alone, all of it read as characters.

        Raises:
            InputError: a text is not valid Unicode.
        """
        return [ids for _, ids in self._encodings(texts)]

    def encode_control(self, template: str) -> Tokens:
        """Token ids of a text of a template, with the control tokens that it spells out."""
        return _ids(self._backend.encode(template, add_special_tokens=False))

    def encode_with_template(
        self, texts: Sequence[str], *, limit: int, spans: bool = False, prompt: str = ""
    ) -> TokenBatch:
        """Token ids with the special tokens of the template, at most `limit` in all.

        Texts are cut on the right; the special tokens are never cut.

        Args:
            texts: n strings.
            limit: most tokens of a text.
            spans: whether to return spans, which takes longer.
            prompt: the beginning of every text that the model's folder wrote. Control tokens
                spelled out in it are kept.

        Raises:
            InputError: a text is not valid Unicode.
        """
        text_limit = limit - self._backend.num_special_tokens_to_add(False)
        batch_ids: list[Tokens] = []
        text_spans: list[npt.NDArray[np.int32]] = []
        truncated = np.zeros(len(texts), dtype=np.bool_)
        encodings = self._encodings(texts, spans=spans, prompt=prompt)
        for index, (encoding, ids) in enumerate(encodings):
            if len(ids) > text_limit:
                encoding.truncate(text_limit)
                truncated[index] = True
            complete = self._backend.post_process(encoding, None, True)
            batch_ids.append(_ids(complete))
            if spans:
                text_spans.append(np.array(complete.offsets, dtype=np.int32).reshape(-1, 2))
        return TokenBatch(batch_ids, truncated, text_spans)

    def count_with_template(self, texts: Sequence[str], *, prompt: str = "") -> list[int]:
        """Tokens of each text with the template's special tokens, before any cut."""
        special = self._backend.num_special_tokens_to_add(False)
        return [len(ids) + special for _, ids in self._encodings(texts, prompt=prompt)]

    def _encodings(
        self, texts: Sequence[str], *, spans: bool = False, prompt: str = ""
    ) -> Iterator[tuple[Encoding, Tokens]]:
        """The tokens of each text. `prompt` stands before all of them and keeps its own."""
        require_unicode(texts)
        encode = self._backend.encode_batch if spans else self._backend.encode_batch_fast
        head, kept = self._control_part(prompt)
        for start in range(0, len(texts), _CHUNK):
            chunk = list(texts[start : start + _CHUNK])
            for text, encoding in zip(chunk, encode(chunk, add_special_tokens=False), strict=True):
                ids = _ids(encoding)
                has_control = np.count_nonzero(self._is_control[ids]) > kept
                if has_control and (head or self._may_spell_control(text)):
                    encoding = self._read_characters(text, head)
                    ids = _ids(encoding)
                yield encoding, ids

    def _control_part(self, prompt: str) -> tuple[str, int]:
        """The prompt up to its last control token, and how many control tokens it has."""
        if not prompt:
            return "", 0
        encoding = self._backend.encode(prompt, add_special_tokens=False)
        control = np.flatnonzero(self._is_control[_ids(encoding)])
        end = encoding.offsets[control[-1]][1] if len(control) else 0
        return prompt[:end], len(control)

    def _may_spell_control(self, text: str) -> bool:
        """Whether control tokens of a text may stand in it, and not for unknown characters."""
        return not self._spellings or any(spelling in text for spelling in self._spellings)

    def _read_characters(self, text: str, head: str) -> Encoding:
        """The tokens of a text with control tokens in `head`, its beginning, and nowhere else."""
        with self._lock:
            if self._characters is None:
                self._characters = _without_control_tokens(self._backend, self.control_ids)
        rest = self._characters.encode(text[len(head) :], add_special_tokens=False)
        if not head:
            return rest
        return Encoding.merge([self._backend.encode(head, add_special_tokens=False), rest], True)


def _read_with_transformers(folder: Path) -> TokenizerFiles:
    from transformers import AutoTokenizer

    try:
        with quiet_transformers():
            loaded = AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
    except Exception as error:
        # tokenizers raises bare Exception, and nothing but files are read here.
        raise CheckpointError(
            f"The tokenizer in '{folder}' cannot be read.",
            why=f"{type(error).__name__}: {error}",
            fix="Copy tokenizer.json and tokenizer_config.json again.",
        ) from error
    backend = getattr(loaded, "backend_tokenizer", None)
    if not isinstance(backend, Tokenizer):
        raise CheckpointError(
            f"The tokenizer in '{folder}' has no fast version (tokenizer.json).",
            fix="Convert it once with transformers and save it with save_pretrained(...).",
        )
    limit = loaded.model_max_length
    return TokenizerFiles(backend, int(limit) if limit else None, loaded.all_special_ids)


def _without_control_tokens(backend: Tokenizer, control: Set[int]) -> Tokenizer:
    """A copy of a tokenizer that gives no control token, whatever a text spells out."""
    layout = json.loads(backend.to_str())
    layout["post_processor"] = None
    suffix = f"\0{secrets.token_hex(8)}"  # no text can spell it out

    def spelled(piece: str, token_id: int) -> str:
        return piece + suffix if token_id in control else piece

    model = layout["model"]
    # Models but BPE, whose merges never give one, also look for the control tokens they list.
    if isinstance(model["vocab"], list):  # Unigram
        model["vocab"] = [
            [spelled(piece, token_id), score]
            for token_id, (piece, score) in enumerate(model["vocab"])
        ]
    elif model["type"] != "BPE":
        unknown = model["vocab"].get(model["unk_token"], -1)
        model["unk_token"] = spelled(model["unk_token"], unknown)
        model["vocab"] = {
            spelled(piece, token_id): token_id for piece, token_id in model["vocab"].items()
        }
    for token in layout["added_tokens"]:
        if token["id"] in control:
            token["special"] = True  # so that `encode_special_tokens` is about it
            if model["type"] != "BPE":
                token["content"] += suffix
    copy = Tokenizer.from_str(json.dumps(layout))
    copy.encode_special_tokens = True
    return copy


def _ids(encoding: Encoding) -> Tokens:
    return np.array(encoding.ids, dtype=np.int32)


WINDOW = 1024
"""Texts planned together: enough for batches of like lengths, few enough to begin soon."""

Tokenize = Callable[[Sequence[str]], TokenBatch]

ComputeVectors = Callable[[TokenBatch, Sequence[int]], npt.NDArray[np.float32]]
"""(tokens of a window, index of each text in the call) -> one row per text."""


def embed_windows(
    texts: Sequence[str],
    tokenize: Tokenize,
    compute: ComputeVectors,
    *,
    dim: int,
    progress: Progress,
    window: int = WINDOW,
) -> Embeddings:
    """Tokenize texts and compute their vectors window by window; equal texts once.

    Args:
        texts: n strings.
        tokenize: tokenizes a window; called from another thread, one window ahead.
        compute: computes the vectors of a window, and reports its texts to `progress`.
        dim: dimensions of a vector.
        progress: advanced by repeated texts, which are not computed.
        window: texts at a time.

    Returns:
        Vectors (n, dim), token counts (n,) and truncation flags (n,), in the order of the texts.
    """
    first: dict[str, int] = {}
    for index, text in enumerate(texts):
        first.setdefault(text, index)
    distinct, names = list(first), list(first.values())
    vectors = np.empty((len(distinct), dim), dtype=np.float32)
    tokens = np.empty(len(distinct), dtype=np.int32)
    truncated = np.zeros(len(distinct), dtype=np.bool_)
    for part, tokenized in _tokenize_ahead(distinct, tokenize, window):
        vectors[part] = compute(tokenized, names[part])
        tokens[part] = [len(ids) for ids in tokenized.ids]
        truncated[part] = tokenized.truncated
    if len(distinct) == len(texts):
        return Embeddings(vectors, tokens, truncated)
    progress.advance(len(texts) - len(distinct))
    row = {text: index for index, text in enumerate(distinct)}
    rows = [row[text] for text in texts]
    return Embeddings(vectors[rows], tokens[rows], truncated[rows])


def _tokenize_ahead(
    texts: Sequence[str], tokenize: Tokenize, window: int
) -> Iterator[tuple[slice, TokenBatch]]:
    parts = [
        slice(start, min(start + window, len(texts))) for start in range(0, len(texts), window)
    ]
    if len(parts) < 2:  # nothing to tokenize ahead, so no thread
        yield from ((part, tokenize(texts[part])) for part in parts)
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="metier-tokens") as thread:
        pending = thread.submit(tokenize, texts[parts[0]])
        for part, next_part in zip(parts, [*parts[1:], None], strict=True):
            tokenized = pending.result()
            if next_part is not None:
                pending = thread.submit(tokenize, texts[next_part])
            yield part, tokenized
