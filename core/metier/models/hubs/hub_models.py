"""Models of a hub: how they are named, and which of their files are fetched. No torch in here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from metier.errors import UnknownNameError, UsageError
from metier.settings import configured

HubName = Literal["huggingface", "modelscope"]

DOWNLOADED = ["*.json", "*.txt", "*.model", "*.safetensors"]
"""Configuration, vocabularies and weights. Python code and pickles are never fetched."""

LEFT_OUT = ["onnx/*", "openvino/*", "*/onnx/*", "*/openvino/*", "original/*"]
"""The same weights, exported for other engines."""

TOKENIZER_FILES = ["*.json", "*.txt", "*.model"]

_HOSTS: Mapping[str, HubName] = MappingProxyType(
    {
        "huggingface.co": "huggingface",
        "hf.co": "huggingface",
        "modelscope.cn": "modelscope",
        "www.modelscope.cn": "modelscope",
    }
)

HUB_NAMES: tuple[HubName, ...] = ("huggingface", "modelscope")

_NAME = r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*"
_HUB_ID = re.compile(rf"(?P<repo>{_NAME})(@(?P<revision>(?!.*\.\.)[\w.-][\w./-]*))?", re.ASCII)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_PAGES = re.compile(r"(/summary|/files)?/?([?#].*)?")
"""What the address of a model's page has after the name of the model."""

_TAG = re.compile(
    r"[\w.-]+(/[\w.-]+)*:(latest|[\d.]+b([-_.]\w+)*|(i?q|b?f|fp)\d\w*)",
    re.ASCII | re.IGNORECASE,
)
"""A model as Ollama names it, `NAME:TAG`, where the tag is a size or a number format."""


@dataclass(frozen=True, slots=True)
class HubId:
    """A model of a hub.

    Attributes:
        hub: `huggingface` or `modelscope`.
        repo: organization and name.
        revision: a branch, tag or commit; None for the newest.
    """

    hub: HubName
    repo: str
    revision: str | None = None

    @property
    def title(self) -> str:
        """Repository and revision, as the hub's own tools write them."""
        return self.repo if self.revision is None else f"{self.repo}@{self.revision}"

    @property
    def name(self) -> str:
        """The name that leads to this hub under the default setting, too: the hub, if it is not
        the Hugging Face hub, then repository and revision."""
        is_plain = self.hub == "huggingface" and default_hub() == "huggingface"
        return self.title if is_plain else f"{self.hub}:{self.title}"


def default_hub() -> HubName:
    """The hub of models that are named without one, from METIER_HUB.

    Raises:
        UnknownNameError: the variable names no hub.
    """
    name = configured("hub")
    for hub in HUB_NAMES:
        if hub == name:
            return hub
    raise UnknownNameError("hub", str(name), HUB_NAMES, fix="Change METIER_HUB.")


def is_on_hub_site(spec: str) -> bool:
    """Whether a name begins with the host of a hub, with `https://` before it or without."""
    host = _SCHEME.sub("", spec, count=1).partition("/")[0]
    return host.lower() in _HOSTS


def read_hub_id(spec: str) -> HubId | None:
    """The model of a hub that a name means; None for the name of anything else.

    Args:
        spec: `org/name`, `hub:org/name`, or the address of the model's page on the hub, with or
            without https://, and each with or without `@revision`.

    Raises:
        UnknownNameError: METIER_HUB, which applies to `org/name`, names no hub.
    """
    hub, path = _divide(spec)
    match = _HUB_ID.fullmatch(path)
    if match is None:
        return None
    return HubId(hub or default_hub(), match["repo"], match["revision"])


def _divide(spec: str) -> tuple[HubName | None, str]:
    """The hub that a name names, and the rest."""
    for hub in HUB_NAMES:
        if spec.startswith(f"{hub}:"):
            return hub, spec.removeprefix(f"{hub}:")
    if not is_on_hub_site(spec):
        return None, spec
    is_page = _SCHEME.match(spec) is not None
    host, _, path = _SCHEME.sub("", spec, count=1).partition("/")
    path = path.removeprefix("models/") if path.count("/") > 1 else path
    if is_page:
        match = re.match(_NAME, path, re.ASCII)
        rest = path[match.end() :] if match else path
        path = match[0] if match and _PAGES.fullmatch(rest) else path
    return _HOSTS[host.lower()], path


def refuse_gguf(spec: str) -> None:
    """Raise UsageError for the name of a model in GGUF, which a model server has to run."""
    hub, path = _divide(spec)
    repo, _, tag = path.partition(":")
    is_file = path.lower().endswith(".gguf")
    is_repo = re.fullmatch(_NAME, repo, re.ASCII) is not None
    is_gguf_repo = is_repo and repo.lower().endswith("-gguf")
    if not (is_file or is_gguf_repo or _TAG.fullmatch(path)):
        return
    fix = "Run it in Ollama or llama.cpp, and name the address of the server"
    if is_file:
        fix += ": llama-server --embedding --pooling last -m FILE, then http://localhost:8080."
    else:
        site = "modelscope.cn/" if (hub or default_hub()) == "modelscope" else "hf.co/"
        name = f"{site}{repo}:{tag or 'latest'}" if is_repo else path
        fix += f": ollama pull {name}, then http://localhost:11434#{name}."
    if is_gguf_repo:
        fix += f" Or name the model with safetensors weights, such as {repo[:-5]}."
    raise UsageError(
        f"{spec!r} is a model in GGUF, which runs in a model server.",
        why="metier itself reads safetensors weights.",
        fix=fix,
    )
