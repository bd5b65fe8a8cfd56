"""A Runtime with the methods of a SentenceTransformer.

from metier.adapters import SentenceTransformerAdapter

model = SentenceTransformerAdapter("Qwen/Qwen3-Embedding-0.6B", "legal/clause-search")
vectors = model.encode(texts, output_dimension=256)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Unpack

from metier.adapters.encode_options import (
    EncodeOptions,
    ModelCardData,
    check_options,
    encoded,
    one_size,
    tensor,
)
from metier.adapters.runtime_source import RuntimeSource
from metier.adapters.vectorizer import Vectorizer
from metier.errors import MissingExtraError, UnknownNameError, UsageError, warn_caller

if TYPE_CHECKING:
    import torch

    from metier.adapters.encode_options import Encoded, Floats
    from metier.models.embedder import Side
    from metier.registry.instruction import Instruction


class SentenceTransformerAdapter:
    """Embeds as a SentenceTransformer of the same model does, with the Runtime's instructions.

    `encode` embeds texts bare, or under an instruction that is for both sides; `encode_query` and
    `encode_document` embed queries and documents. Rows are of unit length. A text that begins with
    `Instruct:` gets no second instruction.

    Args:
        rt: a Runtime, or the model of a new one.
        instruction: id or task in words; None for the model's own prompts.
        dim: vector size; None for the instruction's default.
        prompts: texts by name, which `prompt_name` puts before inputs; `query` and `document`
            replace those of the model.
        default_prompt_name: the prompt of `encode`; None for none.
        truncate_dim: the same as `dim`.
    """

    def __init__(
        self,
        rt: RuntimeSource = None,
        instruction: str | Instruction | None = None,
        dim: int | None = None,
        *,
        prompts: Mapping[str, str] | None = None,
        default_prompt_name: str | None = None,
        truncate_dim: int | None = None,
    ) -> None:
        self._vectorizer = Vectorizer(rt, instruction, one_size(dim=dim, truncate_dim=truncate_dim))
        self._own_prompts = dict(prompts or {})
        self.default_prompt_name = default_prompt_name
        self.model_card_data = ModelCardData()

    def encode(
        self,
        inputs: str | Sequence[str],
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        **options: Unpack[EncodeOptions],
    ) -> Encoded:
        """Embed texts that are compared with their like.

        Args:
            inputs: a string, or strings in a list, an array or a column.
            prompt_name: a name in `prompts`, or an instruction: its id or a task in words.
            prompt: text that is put before every input as it is, in place of any other.
            batch_size: accepted; batches are made by tokens.
            show_progress_bar: True for a bar, False for none; None as the Runtime.
            options: vector size, form of the result and more: see `EncodeOptions`.

        Returns:
            (n, dim) float32 unit rows, or (dim,) for a string; a tensor or a list of tensors where
            the options ask for it.

        Raises:
            DimError: the size is more than the model has.
            InputError: a text is empty or not valid Unicode.
            ParameterError: an option cannot be as it is given.
            UnknownNameError: there is no such prompt or instruction.
        """
        if "task_metadata" in options:
            return self._mteb_model().encode(inputs, batch_size=batch_size, **options)
        return self._encode(
            None, inputs, prompt_name, prompt, (batch_size, show_progress_bar), options
        )

    def encode_query(
        self,
        inputs: str | Sequence[str],
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        **options: Unpack[EncodeOptions],
    ) -> Encoded:
        """Embed queries under the instruction, or the model's own prompt for queries.

        Arguments, result and errors are those of `encode`.
        """
        return self._encode(
            "query", inputs, prompt_name, prompt, (batch_size, show_progress_bar), options
        )

    def encode_document(
        self,
        inputs: str | Sequence[str],
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        **options: Unpack[EncodeOptions],
    ) -> Encoded:
        """Embed documents: bare, unless the model or the instruction has a prompt for them.

        Arguments, result and errors are those of `encode`.
        """
        return self._encode(
            "document", inputs, prompt_name, prompt, (batch_size, show_progress_bar), options
        )

    def similarity(self, embeddings1: Any, embeddings2: Any) -> torch.Tensor:
        """(n, m) cosines of every row with every row."""
        return _unit_rows(embeddings1) @ _unit_rows(embeddings2).T

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> torch.Tensor:
        """(n,) cosines of rows at the same position."""
        return (_unit_rows(embeddings1) * _unit_rows(embeddings2)).sum(dim=1)

    @property
    def similarity_fn_name(self) -> Literal["cosine"]:
        """How vectors are compared, in the words of sentence-transformers."""
        return "cosine"

    def evaluate(self, evaluator: Callable[..., Any], output_path: str | None = None) -> Any:
        """The result of an evaluator of sentence-transformers."""
        return evaluator(self, output_path)

    def get_embedding_dimension(self) -> int:
        """Numbers of a vector."""
        return self._vectorizer.size

    def get_sentence_embedding_dimension(self) -> int:
        """Numbers of a vector."""
        return self._vectorizer.size

    def get_max_seq_length(self) -> int:
        """Longest input in tokens."""
        return self.max_seq_length

    @property
    def max_seq_length(self) -> int:
        """Longest input in tokens; longer ones are cut, with a warning."""
        return self._vectorizer.embedder.profile.max_tokens

    @max_seq_length.setter
    def max_seq_length(self, tokens: int) -> None:
        longest = self.max_seq_length
        if tokens < longest:
            warn_caller(
                f"max_seq_length={tokens} changes nothing: texts are read up to {longest} tokens."
            )

    @property
    def device(self) -> torch.device:
        """Where the model runs; `cpu` for a model server."""
        import torch

        name = self._vectorizer.embedder.device
        return torch.device("cpu" if name == "remote" else name)

    @property
    def truncate_dim(self) -> int | None:
        """Vector size of calls that name none; None for the instruction's default."""
        return self._vectorizer.dim

    @truncate_dim.setter
    def truncate_dim(self, dim: int | None) -> None:
        self._vectorizer.dim = dim

    @contextmanager
    def truncate_embeddings(self, truncate_dim: int | None) -> Iterator[None]:
        """Use another vector size inside a `with`."""
        before = self.truncate_dim
        self.truncate_dim = truncate_dim
        try:
            yield
        finally:
            self.truncate_dim = before

    @property
    def prompts(self) -> dict[str, str]:
        """Texts before inputs by name; of `query` and `document` what the model reads."""
        return self._read_prompts() | self._own_prompts

    @prompts.setter
    def prompts(self, prompts: Mapping[str, str]) -> None:
        read = self._read_prompts()
        self._own_prompts = {
            name: prompt for name, prompt in prompts.items() if read.get(name) != prompt
        }

    @property
    def mteb_model_meta(self) -> Any:
        """What mteb writes into its results."""
        return self._mteb_model().mteb_model_meta

    def _mteb_model(self) -> Any:
        """What mteb makes of a SentenceTransformer."""
        try:
            from mteb.models import SentenceTransformerEncoderWrapper
        except ImportError as error:
            raise MissingExtraError("An evaluation by mteb", "eval", "mteb") from error
        embedder = self._vectorizer.embedder
        self.model_card_data.model_name = f"metier/{embedder.profile.id.rpartition('/')[2]}"
        self.model_card_data.base_model_revision = embedder.fingerprint
        model: Any = self
        return SentenceTransformerEncoderWrapper(model)

    def _read_prompts(self) -> dict[str, str]:
        sides: tuple[Side, ...] = ("query", "document")
        return {side: self._vectorizer.prompt(side) for side in sides}

    def _encode(
        self,
        side: Side | None,
        inputs: str | Sequence[str],
        prompt_name: str | None,
        prompt: str | None,
        batches: tuple[int, bool | None],
        options: EncodeOptions,
    ) -> Encoded:
        batch_size, bar = batches
        check_options(options, batch_size, self._vectorizer.embedder.device)
        dim = one_size(
            truncate_dim=options.get("truncate_dim"),
            output_dimension=options.get("output_dimension"),
            dim=options.get("dim"),
        )
        name = prompt_name or (self.default_prompt_name if side is None else side)
        if prompt is None and name is not None:
            prompt = self._own_prompts.get(name)
        embed = self._embed_function(side, name) if prompt is None else self._after(prompt)
        return encoded(partial(embed, dim=dim, progress=bar), inputs, options)

    def _embed_function(self, side: Side | None, name: str | None) -> Callable[..., Floats]:
        """What embeds a side under a prompt that the model family writes."""
        vectorizer = self._vectorizer
        if name == "query":
            return vectorizer.queries
        if name == "document":
            return vectorizer.documents
        if name is None:
            return vectorizer.alike
        self._require_instruction(name)
        embed = vectorizer.documents if side == "document" else vectorizer.queries
        return partial(embed, instruction=name)

    def _require_instruction(self, name: str) -> None:
        instructions = self._vectorizer.rt.instructions
        try:
            instructions.resolve(name)
        except UsageError as error:
            known = [known.full_id.partition("@")[0] for known in instructions]
            raise UnknownNameError(
                "prompt",
                str(name),
                [*self.prompts, *known],
                fix="Give a name in prompts, the id of an instruction, or a task in words.",
                parameter="prompt_name",
            ) from error

    def _after(self, prompt: str) -> Callable[..., Floats]:
        return partial(self._vectorizer.prompted, prompt=prompt)


def _unit_rows(embeddings: Any) -> torch.Tensor:
    import torch

    rows = tensor(embeddings)
    return torch.nn.functional.normalize(rows if rows.ndim > 1 else rows[None], dim=1)
