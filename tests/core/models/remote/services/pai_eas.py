"""A deployment on PAI-EAS: vLLM behind a gateway that wants a token and a path of its own."""

from __future__ import annotations

from collections.abc import Mapping

from ..model_server import Answer, Response
from .openai_service import VllmService

BASE = "/api/predict/qwen3"


class EasService(VllmService):
    """The paths of vLLM under that of the service; the token is sent as it is."""

    key = "eas-token"
    owner = "vllm"

    def routes(self) -> Mapping[tuple[str, str], Answer]:
        return {
            (method, BASE + path): answer for (method, path), answer in super().routes().items()
        }

    def refused_key(self) -> Response:
        return Response(b"Unauthorized", 401, {"Content-Type": "text/plain"})
