"""Addresses as people write them, and what servers say when they refuse."""

from __future__ import annotations

import json

import pytest

from metier import Remote
from metier.models.remote.connecting import open_connection
from metier.models.remote.refusals import read_refusal
from metier.models.remote.server_kinds import kind_of_host, request_url

HOST = "https://models.example:8443"
NATIVE = "/api/v1/services/embeddings/text-embedding/text-embedding"
RERANKS = "/compatible-api/v1/reranks"


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("", "/v1/embeddings", "/v1/embeddings"),
        ("/", "/v1/embeddings", "/v1/embeddings"),
        ("/v1", "/v1/embeddings", "/v1/embeddings"),
        ("/v1/", "/v1/rerank", "/v1/rerank"),
        ("/v1/embeddings", "/v1/embeddings", "/v1/embeddings"),
        ("/v1/embeddings/", "/v1/rerank", "/v1/rerank"),
        ("/v1/embeddings", "/v1/models", "/v1/models"),
        ("/v1/models", "/info", "/info"),
        ("/api/v3", "/v1/embeddings", "/api/v3/embeddings"),
        ("/api/predict/qwen3", "/v1/embeddings", "/api/predict/qwen3/v1/embeddings"),
        ("/api/predict/qwen3/v1", "/v1/embeddings", "/api/predict/qwen3/v1/embeddings"),
        ("/api/predict/rerank", "/rerank", "/api/predict/rerank/rerank"),
        ("/api/predict/embed", "/embed", "/api/predict/embed/embed"),
        ("", "/embed", "/embed"),
        ("/embed", "/embed", "/embed"),
        ("/embed", "/rerank", "/rerank"),
        ("/v1", "/embed", "/embed"),
        ("", "/api/embed", "/api/embed"),
        ("/api", "/api/embed", "/api/embed"),
        ("/v1", "/api/tags", "/api/tags"),
        ("/api/embed", "/api/show", "/api/show"),
        ("/api/embeddings", "/api/embed", "/api/embed"),
        ("/compatible-mode/v1", "/v1/embeddings", "/compatible-mode/v1/embeddings"),
        ("/compatible-mode/v1/embeddings", RERANKS, RERANKS),
        ("/compatible-mode/v1", RERANKS, RERANKS),
        ("/gateway/compatible-mode/v1", RERANKS, f"/gateway{RERANKS}"),
        ("", NATIVE, NATIVE),
        ("/api/v1", NATIVE, NATIVE),
        (NATIVE, "/api/v1/services/rerank/text-rerank/text-rerank",
         "/api/v1/services/rerank/text-rerank/text-rerank"),
    ],
)  # fmt: skip
def test_the_address_of_a_request(base: str, path: str, url: str) -> None:
    assert request_url(HOST + base, path) == HOST + url


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", "dashscope"),
        ("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "dashscope"),
        ("https://ws-1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", "dashscope"),
        ("http://123.cn-hangzhou.pai-eas.aliyuncs.com/api/predict/qwen3", "pai-eas"),
        ("https://api.openai.com/v1", "openai"),
        ("https://api.openai.com.example/v1", None),
        ("https://dashscope.aliyuncs.com.example", None),
        ("https://notdashscope.aliyuncs.com", None),
        ("http://localhost:11434", None),
    ],
)
def test_public_services_are_known_by_their_hosts(url: str, kind: str | None) -> None:
    assert kind_of_host(url) == kind


@pytest.mark.parametrize(
    ("settings", "authorization"),
    [
        ({"url": "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"}, "Bearer sk-studio"),
        ({"url": "http://dashscope-intl.aliyuncs.com/compatible-mode/v1"}, None),
        ({"url": "https://api.openai.com/v1"}, None),
        ({"url": "https://1.cn-hangzhou.pai-eas.aliyuncs.com/api/predict/q"}, None),
        ({"url": "https://example.com", "kind": "dashscope"}, None),
        ({"url": "https://example.com", "key_env": "OURS"}, "Bearer ours"),
        ({"url": "https://example.com", "key_env": "OURS", "auth": "raw"}, "ours"),
    ],
)
def test_keys_go_only_where_they_belong(
    settings: dict[str, str], authorization: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-studio")
    monkeypatch.setenv("OURS", "ours")
    connection = open_connection(Remote(**settings))
    assert connection._client.headers.get("Authorization") == authorization


def as_openai(message: str) -> dict[str, object]:
    return {"error": {"message": message, "type": "BadRequestError", "code": 400}}


OVER_OLLAMA = {
    "error": {
        "code": 400,
        "message": "request (2622 tokens) exceeds the available context size (512 tokens), "
        "try increasing it",
        "type": "exceed_context_size_error",
    }
}


@pytest.mark.parametrize(
    ("status", "body", "reason", "limit"),
    [
        # OpenAI
        (400, as_openai("Invalid 'input': array too long. Expected an array with maximum length "
         "2048, but got an array with length 2049 instead."), "rows", 2048),
        (400, as_openai("Requested 310000 tokens, max 300000 tokens per request"),
         "request-size", 300_000),
        (400, as_openai("This model's maximum context length is 8192 tokens, however you "
         "requested 9001 tokens (9001 in your prompt; 0 for the completion)."),
         "row-tokens", 8192),
        (404, as_openai("The model `x` does not exist"), "address", None),
        # Alibaba Model Studio
        (400, as_openai("<400> InternalError.Algo.InvalidParameter: Value error, batch size is "
         "invalid, it should not be larger than 10.: input.contents"), "rows", 10),
        (400, {"code": "InvalidParameter", "message": "<400> InternalError.Algo.InvalidParameter: "
         "Range of input length should be [1, 8192]"}, "row-tokens", 8192),
        (401, {"code": "InvalidApiKey", "message": "Invalid API-key provided."}, "key", None),
        # text-embeddings-inference
        (413, {"error": "batch size 64 > maximum allowed batch size 32",
         "error_type": "Validation"}, "rows", 32),
        (413, {"error": "`inputs` must have less than 512 tokens. Given: 700",
         "error_type": "Validation"}, "row-tokens", 511),
        (422, {"error": "batch size 64 > maximum allowed batch size 32",
         "error_type": "Validation"}, "rows", 32),
        (413, "Failed to buffer the request body: length limit exceeded", "request-size", None),
        # vLLM
        (400, as_openai('Model "x" does not support matryoshka representation, changing output '
         "dimensions will lead to poor results."), "dimensions", None),
        (400, as_openai('Model "x" only supports [256, 512] matryoshka dimensions, use other '
         "output dimensions will lead to poor results."), "dimensions", None),
        (400, as_openai("This model's maximum context length is 512 tokens. However, you "
         "requested 700 tokens in the input for embedding generation."), "row-tokens", 512),
        (400, as_openai("The decoder prompt (length 700) is longer than the maximum model length "
         "of 512."), "row-tokens", 512),
        # Ollama
        (404, {"error": 'model "x" not found, try pulling it first'}, "address", None),
        (400, {"error": "the input length exceeds the context length"}, "row-tokens", None),
        (400, {"error": json.dumps(OVER_OLLAMA)}, "row-tokens", 512),
        # others
        (400, {"detail": [{"type": "extra_forbidden", "loc": ["body", "dimensions"],
         "msg": "Extra inputs are not permitted: dimensions", "input": 64}]}, "dimensions", None),
        (400, {"detail": "encoding_format base64 is not supported"}, "encoding", None),
        (400, "Bad Request", "other", None),
    ],
)  # fmt: skip
def test_what_a_refusal_says(status: int, body: object, reason: str, limit: int | None) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    refusal = read_refusal(status, content.encode())

    assert (refusal.reason, refusal.limit) == (reason, limit)
