"""A model server as data: a table `[profiles.NAME]` of `metier.toml`, or `metier.Remote(...)`."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, ConfigDict, Field, PositiveInt, PrivateAttr, model_validator

from metier.datafiles.data_model import DataModel
from metier.errors import UsageError


def _check_url(url: str) -> str:
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        raise ValueError("an address has no spaces, line breaks or control characters")
    parts = urlsplit(url)  # a ValueError for brackets that do not close
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("the port of an address is a number from 1 to 65535")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address begins with http:// or https:// and names a host")
    if parts.username or parts.password:
        raise ValueError(
            "an address holds no name or password; name the environment variable of a key in "
            "key_env"
        )
    if parts.query or parts.fragment:
        raise ValueError("an address has neither ? nor #; name the model in model")
    return urlunsplit(parts).rstrip("/")


def _check_variable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError(
            "the name of an environment variable has letters, digits and _. The key itself belongs "
            "into that variable, not here"
        )
    return name


_Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class Remote(DataModel):
    """A model server, and what is known of it. It holds no key, only the name of its variable.

    What is left out is found by asking the server, or known for its kind. Field descriptions are
    shown in the reference of `metier.toml`.

    Raises:
        ParameterError: a value is missing, unknown or of the wrong kind.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    url: Annotated[str, AfterValidator(_check_url)] = Field(
        description="Address that the paths of the requests are appended to, such as "
        "`http://localhost:8000/v1`."
    )
    kind: Literal["openai", "dashscope", "pai-eas", "vllm", "tei", "ollama", "metier"] | None = (
        Field(default=None, description="What answers there; left out, the server is asked.")
    )
    model: str | None = Field(
        default=None,
        description="Name of the embedding model at the server; left out, the only one it lists.",
    )
    reranker: str | None = Field(
        default=None,
        description="Name of the reranking model at the server; left out, that of `model`.",
    )
    key_env: Annotated[str, AfterValidator(_check_variable)] | None = Field(
        default=None,
        description="Environment variable that holds the key. The key itself is written nowhere.",
    )
    auth: Literal["bearer", "raw"] | None = Field(
        default=None,
        description="Whether the header is `Authorization: Bearer KEY` or `Authorization: KEY`; "
        "left out, as the kind has it.",
    )
    dims: tuple[PositiveInt, ...] = Field(
        default=(),
        strict=False,
        description="Vector sizes that the server gives when asked; the largest is the full size.",
    )
    instructions: Literal["text", "parameter", "none"] | None = Field(
        default=None,
        description="How instructions are sent: `text` writes them before the text, `parameter` "
        "sends them beside it, `none` leaves them out. Left out, by the name of the model.",
    )
    query_prefix: str = Field(
        default="", description="Text before queries, for models such as E5: `query: `."
    )
    document_prefix: str = Field(
        default="", description="Text before documents, for models such as E5: `passage: `."
    )
    tokenizer: str | None = Field(
        default=None,
        description="Folder or hub id of a model with the same tokenizer, so that texts are "
        "counted and cut exactly. Left out, counts are estimated.",
    )
    compare_with: str | None = Field(
        default=None,
        description="Folder or hub id of the same model on this machine, whose vectors "
        "`metier doctor` compares with those of the server.",
    )
    max_tokens: PositiveInt | None = Field(
        default=None, description="Tokens of the longest text that the server reads."
    )
    max_rows: PositiveInt | None = Field(default=None, description="Texts of one request.")
    max_request_tokens: PositiveInt | None = Field(
        default=None, description="Tokens of all texts of one request."
    )
    rerank_url: Annotated[str, AfterValidator(_check_url)] | None = Field(
        default=None, description="Whole address of rerank requests, where the kind has another."
    )
    rerank_shape: (
        Literal["cohere", "tei", "sglang", "dashscope", "dashscope-compatible", "metier"] | None
    ) = Field(
        default=None, description="How rerank requests are written, where the kind has another."
    )
    rerank_template: bool = Field(
        default=True,
        description="Whether the server renders the chat template of the reranker. `false` sends "
        "the whole text of Qwen3-Reranker's template.",
    )
    concurrency: PositiveInt = Field(default=4, description="Requests at the same time.")
    requests_per_minute: PositiveInt | None = Field(
        default=None, description="Requests a minute that the server allows."
    )
    tokens_per_minute: PositiveInt | None = Field(
        default=None, description="Tokens a minute that the server allows."
    )
    timeout: _Seconds = Field(
        default=60.0, strict=False, description="Seconds in which a request is answered."
    )
    deadline: _Seconds = Field(
        default=300.0,
        strict=False,
        description="Seconds in which a request succeeds, with all its repetitions.",
    )
    retries: int = Field(
        default=6, ge=0, description="Times that a request is repeated which failed for a while."
    )
    check: bool = Field(
        default=True,
        description="Whether a few texts are embedded on connecting, to see that the vectors are "
        "plausible.",
    )
    ca_file: str | None = Field(
        default=None,
        description="File with the certificates that the server's is checked against, for a "
        "server inside a company.",
    )

    _folder: Path | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _check_rerank_host(self) -> Self:
        if self.rerank_url is not None and _host(self.rerank_url) != self.host:
            raise ValueError(
                f"rerank_url names another host than url, {_host(self.rerank_url)}, which the key "
                "and the guards of texts are not for. Write a profile of its own for the reranker"
            )
        return self

    @property
    def folder(self) -> Path | None:
        """The folder of the `metier.toml` that it is written in; None if it is made in code."""
        return self._folder

    @property
    def is_on_this_machine(self) -> bool:
        """Whether the address is one of loopback."""
        name = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return name == "localhost" or name.endswith(".localhost")

    @property
    def label(self) -> str:
        """What results and messages call it: the address and the model, without any key."""
        return self.url if self.model is None else f"{self.url}#{self.model}"

    @property
    def rerank_label(self) -> str:
        """The same with the reranking model."""
        return self.label if self.reranker is None else f"{self.url}#{self.reranker}"

    @property
    def host(self) -> str:
        """Scheme, host and port of the address."""
        return _host(self.url)

    def key(self) -> str | None:
        """The key from its environment variable; None where the profile names none.

        Raises:
            UsageError: the variable is not set.
        """
        if self.key_env is None:
            return None
        value = os.environ.get(self.key_env, "").strip()
        if not value:
            raise UsageError(
                f"The environment variable {self.key_env} is not set.",
                why=f"It holds the key of {self.host}.",
                fix=f"Set {self.key_env} to the key.",
                code="no-key",
            )
        if not re.fullmatch(r"[!-~]+", value):
            raise UsageError(
                f"The environment variable {self.key_env} does not hold a key.",
                why="It has spaces, line breaks or characters beyond ASCII, which no header can "
                "hold.",
                fix=f"Set {self.key_env} to the key alone.",
                code="no-key",
            )
        return value

    def with_usual_key(self, variable: str | None) -> Self:
        """The same server with a key from a variable, if that is set."""
        return self.model_copy(
            update={"key_env": variable if os.environ.get(variable or "") else None}
        )

    def relative_to(self, folder: Path) -> Self:
        """The same server, its relative paths taken from a folder."""
        changes = {}
        for name in ("tokenizer", "compare_with", "ca_file"):
            value = getattr(self, name)
            if value is not None and (value.startswith(".") or name == "ca_file"):
                path = folder / os.path.expanduser(value)
                changes[name] = str(path if path.is_absolute() else path.absolute())
        copy = self.model_copy(update=changes)
        copy._folder = folder
        return copy


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_address(name: str) -> bool:
    """Whether the name of a model is the address of a server."""
    return re.match(r"https?:", name, re.IGNORECASE) is not None


def remote_at(address: str) -> Remote:
    """The server at an address that a user named as a model, `URL` or `URL#MODEL`.

    Raises:
        ParameterError: it is no address.
    """
    url, _, model = address.partition("#")
    return Remote(url=url, model=model or None)
