"""Text to token ids, tokenized a window ahead of the model, with every cut counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from metier.models.embedder import Embeddings
from metier.models.transformers_loading import quiet_transformers
from metier.progress import Progress
from metier.texts.checks import require_unicode

_CHUNK = 1024
"""Texts tokenized at once: enough for all cores, few enough that offsets do not fill the memory."""

NO_LIMIT = 1_000_000
"""Above this a `model_max_length` is transformers' way of saying that there is none."""


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Token ids of n texts.

    Attributes:
        ids: n arrays of int32, cut to the limit.
        truncated: (n,) bool, whether a text was cut.
        spans: n arrays (tokens, 2) of int32: first character of a token and the one after its last;
            0 and 0 for those of the template. Empty where nobody asked for them.
    """

    ids: list[Tokens]
    truncated: npt.NDArray[np.bool_]
    spans: list[npt.NDArray[np.int32]] = field(default_factory=list)


class TextTokenizer:
    """A fast tokenizer that never pads, never truncates by itself and never changes once loaded.

    Calls from several threads are safe because nothing is set between them.
    """

    def __init__(self, backend: Tokenizer, *, max_tokens: int | None, special_ids: Sequence[int]):
        # A tokenizer.json may carry a padding and a length of its own, which would cut in silence.
        backend.no_padding()
        backend.no_truncation()
        self._backend = backend
        self.max_tokens = max_tokens
        self.special_ids = frozenset(special_ids)
        self.size = max(backend.get_vocab(with_added_tokens=True).values(), default=-1) + 1

    @classmethod
    def load(cls, folder: Path, *, lower_case: bool = False) -> TextTokenizer:
        """Read the tokenizer of a model folder. No code from the folder is run.

        Raises:
            CheckpointError: it cannot be read, or has no fast version.
        """
        from transformers import AutoTokenizer

        try:
            with quiet_transformers():
                loaded = AutoTokenizer.from_pretrained(
                    folder, local_files_only=True, trust_remote_code=False
                )
        except Exception as error:
            # tokenizers raises bare Exception; nothing but the reading of files runs in here.
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
        if lower_case:
            steps = [Lowercase()] + ([backend.normalizer] if backend.normalizer else [])
            backend.normalizer = NormalizerSequence(steps)
        limit = loaded.model_max_length
        return cls(
            backend,
            max_tokens=int(limit) if limit and limit < NO_LIMIT else None,
            special_ids=loaded.all_special_ids,
        )

    def plain(self) -> TextTokenizer:
        """A copy that reads the spelling of a special token in a text as ordinary characters.

        So a text cannot end the turn it is quoted in by holding `<|im_end|>`.
        """
        copy = Tokenizer.from_str(self._backend.to_str())
        copy.encode_special_tokens = True
        return TextTokenizer(copy, max_tokens=self.max_tokens, special_ids=tuple(self.special_ids))

    def id_of(self, token: str) -> int | None:
        """The id of a token by its exact spelling, None where the vocabulary lacks it."""
        found: int | None = self._backend.token_to_id(token)
        return found

    def ends_texts_with(self, token_id: int) -> bool:
        """Whether the model's template closes every text with a token."""
        return self._backend.encode("x").ids[-1:] == [token_id]

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """Token ids of each text alone, without the special tokens of the model's template.

        Raises:
            InputError: a text is not valid Unicode.
        """
        return [_ids(encoding) for encoding in self._encodings(texts)]

    def encode_with_template(
        self, texts: Sequence[str], *, limit: int, spans: bool = False
    ) -> TokenBatch:
        """Token ids with the special tokens of the model's template, at most `limit` in all.

        Texts are cut on the right; the special tokens are never cut. Finding the spans takes time.

        Raises:
            InputError: a text is not valid Unicode.
        """
        room = limit - self._backend.num_special_tokens_to_add(False)
        ids: list[Tokens] = []
        found: list[npt.NDArray[np.int32]] = []
        truncated = np.zeros(len(texts), dtype=np.bool_)
        for index, encoding in enumerate(self._encodings(texts, spans=spans)):
            if len(encoding.ids) > room:
                encoding.truncate(room)
                truncated[index] = True
            whole = self._backend.post_process(encoding, None, True)
            ids.append(_ids(whole))
            if spans:
                found.append(np.array(whole.offsets, dtype=np.int32).reshape(-1, 2))
        return TokenBatch(ids, truncated, found)

    def count_with_template(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text with the template's special tokens, before any cut."""
        special = self._backend.num_special_tokens_to_add(False)
        return [len(encoding.ids) + special for encoding in self._encodings(texts)]

    def _encodings(self, texts: Sequence[str], *, spans: bool = False) -> Iterator[Encoding]:
        require_unicode(texts)
        encode = self._backend.encode_batch if spans else self._backend.encode_batch_fast
        for start in range(0, len(texts), _CHUNK):
            yield from encode(list(texts[start : start + _CHUNK]), add_special_tokens=False)


def _ids(encoding: Encoding) -> Tokens:
    return np.array(encoding.ids, dtype=np.int32)


WINDOW = 1024
"""Texts planned together: enough for batches of like lengths, few enough to be tokenized soon."""


Read = Callable[[Sequence[str]], TokenBatch]


Vectors = Callable[[TokenBatch, Sequence[int]], npt.NDArray[np.float32]]
"""(tokens of a window, the place of each text in the call) -> one row per text."""


def embed_windows(
    texts: Sequence[str],
    read: Read,
    vectors: Vectors,
    *,
    dim: int,
    progress: Progress,
    window: int = WINDOW,
) -> Embeddings:
    """Tokenize and compute texts of any number; equal ones once.

    Args:
        texts: n strings.
        read: tokenizes some of them; called from another thread, one window ahead.
        vectors: computes a window, and reports its texts to `progress`.
        dim: numbers per vector.
        progress: advanced by repeated texts, which nobody computes.
        window: texts at a time.
    """
    first: dict[str, int] = {}
    for place, text in enumerate(texts):
        first.setdefault(text, place)
    distinct, names = list(first), list(first.values())
    made = np.empty((len(distinct), dim), dtype=np.float32)
    tokens = np.empty(len(distinct), dtype=np.int32)
    truncated = np.zeros(len(distinct), dtype=np.bool_)
    for part, tokenized in _read_ahead(distinct, read, window):
        made[part] = vectors(tokenized, names[part])
        tokens[part] = [len(ids) for ids in tokenized.ids]
        truncated[part] = tokenized.truncated
    if len(distinct) == len(texts):
        return Embeddings(made, tokens, truncated)
    progress.advance(len(texts) - len(distinct))
    row = {text: number for number, text in enumerate(distinct)}
    rows = [row[text] for text in texts]
    return Embeddings(made[rows], tokens[rows], truncated[rows])


def _read_ahead(
    texts: Sequence[str], read: Read, window: int
) -> Iterator[tuple[slice, TokenBatch]]:
    parts = [
        slice(start, min(start + window, len(texts))) for start in range(0, len(texts), window)
    ]
    if len(parts) < 2:  # nothing to read ahead, so no thread
        yield from ((part, read(texts[part])) for part in parts)
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="metier-tokens") as thread:
        coming = thread.submit(read, texts[parts[0]])
        for part, after in zip(parts, [*parts[1:], None], strict=True):
            tokenized = coming.result()
            if after is not None:
                coming = thread.submit(read, texts[after])
            yield part, tokenized
