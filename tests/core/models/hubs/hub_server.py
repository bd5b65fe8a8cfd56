"""ModelScope on loopback: the requests of its client for the files of one model."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.core.models.remote.model_server import Request, Response

REPO = "Qwen/Qwen3-Embedding-0.6B"
COMMITS = ("1" * 40, "2" * 40)


class ModelScopeHub:
    """Answers as ModelScope does.

    Attributes:
        files: the listed contents, by path.
        sent: contents that are sent instead of the listed ones.
        cut: number of bytes after which the connection of the next download of a file breaks.
        unlisted_hashes: paths of files that are listed without a hash.
        fault: what is answered instead of everything else.
        requests: all that came in.
    """

    def __init__(self, folder: Path, repo: str = REPO) -> None:
        self.repo = repo
        self.files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        self.sent: dict[str, bytes] = {}
        self.cut: dict[str, int] = {}
        self.unlisted_hashes: set[str] = set()
        self.fault: Response | None = None
        self.requests: list[Request] = []

    @property
    def downloads(self) -> list[str]:
        """Paths of the files that were asked for, in order."""
        queries = [parse_qs(urlsplit(request.path).query) for request in self.requests]
        return [query["FilePath"][0] for query in queries if "FilePath" in query]

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        if self.fault is not None:
            return self.fault
        parts = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        home = f"/api/v1/models/{self.repo}/repo"
        if query.get("Revision") not in ("master", "v1", *COMMITS):
            return self.error()
        if parts.path == f"{home}/files":
            listed = [self.entry(path, content) for path, content in self.files.items()]
            return Response({"Code": 200, "Data": {"Files": listed}, "Success": True})
        if parts.path == home and query["FilePath"] in self.files:
            return self.content(query["FilePath"], request.headers.get("range"))
        return self.error()

    def error(self) -> Response:
        return Response({"Code": 10010205001, "Message": "not found", "Success": False}, 404)

    def entry(self, path: str, content: bytes) -> dict[str, Any]:
        is_weights = path.endswith(".safetensors")
        return {
            "Path": path,
            "Name": path.rpartition("/")[2],
            "Type": "blob",
            "Size": len(content),
            "Sha256": "" if path in self.unlisted_hashes else hashlib.sha256(content).hexdigest(),
            "Revision": COMMITS[not is_weights],
            "CommittedDate": 1_749_000_000 + (not is_weights),
            "IsLFS": is_weights,
        }

    def content(self, path: str, wanted: str | None) -> Response:
        content = self.sent.get(path, self.files[path])
        cut = self.cut.pop(path, None)
        if wanted is None:
            return Response(content, cut=cut)
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, stop = int(first), int(last or len(content) - 1) + 1
        span = f"bytes {start}-{stop - 1}/{len(content)}"
        return Response(content[start:stop], 206, {"Content-Range": span}, cut)
