"""How texts are divided into requests, and what is learned when a server refuses one."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from metier.models.remote.refusals import Refusal


@dataclass
class RequestLimits:
    """What a server takes. It changes when the server says otherwise, from any thread.

    Attributes:
        max_rows: texts of one request.
        max_request_tokens: tokens of all texts of one request.
        max_tokens: tokens of one text; None where it is not known.
        takes_dim: whether a request may name a vector size.
        takes_base64: whether vectors may be asked for in base64.
    """

    max_rows: int
    max_request_tokens: int
    max_tokens: int | None = None
    takes_dim: bool = True
    takes_base64: bool = True
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def divide(self, rows: Sequence[int], tokens: Sequence[int]) -> list[list[int]]:
        """Divide rows into requests that are within the limits, each as full as it can be.

        Args:
            rows: positions of texts.
            tokens: of every text, by position.
        """
        requests: list[list[int]] = []
        total = 0
        for row in rows:
            total += tokens[row]
            full = not requests or len(requests[-1]) >= self.max_rows
            if full or total > self.max_request_tokens:
                requests.append([])
                total = tokens[row]
            requests[-1].append(row)
        return requests

    def learn(
        self,
        refusal: Refusal,
        tokens: Sequence[int],
        *,
        named_dim: bool = False,
        base64: bool = False,
    ) -> bool:
        """Take over what a refusal says; False where it says nothing that helps.

        Args:
            refusal: of a request.
            tokens: of each text it had.
            named_dim: whether it named a vector size.
            base64: whether it asked for vectors in base64.
        """
        rows, total = len(tokens), sum(tokens)
        with self._lock:
            match refusal.reason:
                case "rows" if rows > 1:
                    named = refusal.limit
                    known = named is not None and named < rows
                    self.max_rows = min(self.max_rows, named if known and named else rows // 2)
                    return True
                case "request-size" if rows > 1:
                    named = refusal.limit
                    known = named is not None and named < total
                    most = named if known and named else max(1, total // 2)
                    self.max_request_tokens = min(self.max_request_tokens, most)
                    return True
                case "row-tokens":
                    if refusal.limit is not None and refusal.limit < (self.max_tokens or 1 << 60):
                        self.max_tokens = refusal.limit
                    return True
                case "dimensions" if named_dim:
                    self.takes_dim = False
                    return True
                case "encoding" if base64:
                    self.takes_base64 = False
                    return True
            return False

    def learn_total(self, most: int) -> None:
        """Take over that no request may have more than `most` tokens in all."""
        with self._lock:
            self.max_request_tokens = min(self.max_request_tokens, most)
