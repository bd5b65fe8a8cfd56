"""Requests to one model server: their repetition, limits of rate and time, and the key."""

from __future__ import annotations

import json
import math
import ssl
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import httpx2
import tenacity
from pyrate_limiter import Duration, Limiter, Rate

from metier.errors import ModelServerError, UsageError
from metier.models.remote.failing_servers import BREAK_AFTER, BREAK_FOR, record_of
from metier.models.remote.network_streams import (
    check_abandonment,
    ending_at,
    limit_time,
    pause,
)
from metier.models.remote.refusals import (
    Outage,
    Refusal,
    message_in,
    read_refusal,
    without_texts,
)
from metier.texts.paths import printable_name

if TYPE_CHECKING:
    from metier.datafiles.remote import Remote

MAX_RESPONSE = 256_000_000
"""Bytes of the largest response that is read."""

_ASK_AGAIN = 2
"""Times that a question to the server itself is repeated at most."""

_CONNECT = 15.0
"""Seconds in which a connection is made, or timeout if that is less."""

_BUSY = frozenset({408, 409, 424, 425, 429})
"""Statuses under 500 that pass: a timeout, a conflict, a back end that is not ready, too many."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Connection:
    """An HTTP client of one server. It may be used from several threads.

    Requests that fail for a reason that may pass are repeated with growing, random pauses, or after
    the pause that the server names. After several failed calls none is made for a while. Redirects
    to other hosts are refused, certificates are checked, and the key is in no message. The proxy of
    the environment is used, but not for servers on this machine.

    Args:
        remote: the server.
        auth: how the key is sent, `bearer` or `raw`.

    Raises:
        UsageError: the variable of the key is not set.
    """

    def __init__(self, remote: Remote, auth: str = "bearer") -> None:
        self.remote = remote
        self._key = remote.key()
        headers = {"User-Agent": "metier"}
        if self._key is not None:
            headers["Authorization"] = self._key if auth == "raw" else f"Bearer {self._key}"
        verify = True if remote.ca_file is None else _certificates(remote.ca_file)
        self._client = httpx2.Client(
            headers=headers,
            timeout=httpx2.Timeout(remote.timeout, connect=min(remote.timeout, _CONNECT)),
            verify=verify,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # none is kept
            trust_env=not remote.is_on_this_machine,  # such as HTTPS_PROXY
        )
        limit_time(self._client)
        weakref.finalize(self, self._client.close)
        self._record = record_of(remote.url)
        self._limiters = {
            "requests": _limiter(remote.requests_per_minute),
            "tokens": _limiter(remote.tokens_per_minute),
        }
        self._resume = 0.0
        self._lock = threading.Lock()

    def post(
        self, url: str, body: Mapping[str, Any], *, texts: Sequence[str], tokens: int = 0
    ) -> Any:
        """The JSON that the server answers a request with.

        Args:
            url: of the request.
            body: sent as JSON.
            texts: in it, of which messages repeat nothing.
            tokens: of the texts in it, for the limit of a minute.

        Raises:
            Refusal: the server refuses the request; repeating it does not help.
            ModelServerError: it cannot be reached, stays busy, or answers something else than JSON.
        """
        return self._call("POST", url, texts, tokens, json=body)

    def get(self, url: str) -> Any:
        """The JSON at an address; raises as `post`, and Refusal for something else by its type."""
        return self._call("GET", url, (), 0)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _call(self, method: str, url: str, sent: Sequence[str], tokens: int, **body: Any) -> Any:
        remote = self.remote
        until = time.monotonic() + remote.deadline
        # questions on connecting are soon given up, so that a wrong address is an error at once
        retries = min(remote.retries, _ASK_AGAIN) if method == "GET" else remote.retries
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Outage),
            stop=tenacity.stop_after_attempt(1 + retries)
            | tenacity.stop_before_delay(remote.deadline),
            wait=_pause,
            sleep=pause,
            reraise=True,
        )
        if self._record.is_failing:
            raise ModelServerError(
                f"Nothing was sent to {remote.host}.",
                why=f"The last {BREAK_AFTER} calls failed, so none is made for {BREAK_FOR:g} "
                "seconds.",
                fix="See whether the server runs, and call again then.",
            )
        try:
            answer = retrying(self._attempt, method, url, sent, tokens, until, **body)
        except Outage as outage:
            self._record.note(failed=True)
            raise self._failed(url, outage, retrying.statistics.get("attempt_number", 1)) from None
        except Refusal:
            self._record.note(failed=False)
            raise
        self._record.note(failed=False)
        return answer

    def _attempt(
        self,
        method: str,
        url: str,
        sent: Sequence[str],
        tokens: int,
        until: float,
        **body: Any,
    ) -> Any:
        self._wait_for_turn(tokens, until)
        try:
            with (
                ending_at(min(until, time.monotonic() + self.remote.timeout)),
                self._client.stream(method, url, **body) as response,
            ):
                content = _read(response)
        except httpx2.TransportError as error:
            if _is_certificate(error):
                raise self._untrusted(error) from None
            raise Outage(self._described(error)) from None
        except httpx2.DecodingError:
            raise Outage("the response is not encoded as it says") from None
        status = response.status_code
        if status in _REDIRECTS:
            raise self._redirected(response)
        if status >= 400 and not _is_shallow(content):
            content = b"the message is nested too deep"
        if status in _BUSY or status >= 500:
            outage = Outage(
                f"status {status}: {self._shown(message_in(content), sent)}", _wait(response)
            )
            self._pause_all(outage.wait, until)
            raise outage
        if status >= 400:
            refusal = read_refusal(status, content, sent)
            raise Refusal(status, refusal.reason, refusal.limit, self._shown(refusal.message, sent))
        try:
            return json.loads(content, parse_int=_number)
        except (ValueError, RecursionError):  # also numbers with thousands of digits
            pass
        if method == "GET" and "json" not in response.headers.get("content-type", "json"):
            raise Refusal(status, "other", None, "the answer is no JSON")
        raise self._unreadable(content, url)

    def _unreadable(self, content: bytes, url: str) -> Exception:
        if content.lstrip()[:1] == b"<":
            return ModelServerError(
                f"{url} answers with a page of HTML, not with JSON.",
                why="This is what a proxy, a login page or a wrong address answers.",
                fix="Check the address in url.",
            )
        return Outage("the response is cut off or is not JSON")

    def _wait_for_turn(self, tokens: int, until: float) -> None:
        """Wait until the limits of a minute and the server's own pauses allow a request."""
        check_abandonment()
        weights = {"requests": 1, "tokens": min(tokens, self.remote.tokens_per_minute or tokens)}
        for name, limiter in self._limiters.items():
            if limiter is None or not weights[name]:
                continue
            while not limiter.try_acquire(name, weights[name], blocking=False):
                if time.monotonic() + _TURN > until:
                    raise ModelServerError(
                        f"Nothing was sent to {self.remote.host}.",
                        why=f"{name}_per_minute left no room within deadline, "
                        f"{self.remote.deadline:g} seconds.",
                        fix="Raise deadline, or send less at a time.",
                    )
                pause(_TURN)
        wait = self._resume - time.monotonic()
        if wait > 0:
            if time.monotonic() + wait > until:
                raise Outage(f"it asked for a pause of {wait:.0f} seconds more", wait)
            pause(wait)

    def _pause_all(self, wait: float | None, until: float) -> None:
        """Let other requests wait, too, unless for so long that this call is an error anyway."""
        if wait and time.monotonic() + wait <= until:
            with self._lock:
                self._resume = max(self._resume, time.monotonic() + wait)

    def _shown(self, message: str, sent: Sequence[str]) -> str:
        shown = without_texts(message, sent)
        return _printable(shown if self._key is None else shown.replace(self._key, "[key]"))

    def _described(self, error: Exception | str) -> str:
        message = str(error) or type(error).__name__
        return _printable(message if self._key is None else message.replace(self._key, "[key]"))

    def _failed(self, url: str, outage: Outage, attempts: int) -> ModelServerError:
        times = "once" if attempts == 1 else f"{attempts} times"
        asked = ""
        if outage.wait is not None and outage.wait > self.remote.deadline:
            asked = f" It asks for a pause of {outage.wait:,.0f} seconds, longer than deadline."
        return ModelServerError(
            f"{url} did not answer.",
            why=f"It was asked {times}. The last time: {outage.message.rstrip('.')}.{asked}",
            fix="See whether the server runs and is not overloaded. What was embedded so far is in "
            "the vector cache, where there is one.",
        )

    def _redirected(self, response: httpx2.Response) -> ModelServerError:
        target = self._described(response.headers.get("location", ""))
        return ModelServerError(
            f"{self.remote.host} sends requests on to another address, which is not followed.",
            why=f"It names {target[:200]!r}, and texts and the key go only where they were sent.",
            fix="Name that address in url if you trust it.",
        )

    def _untrusted(self, error: Exception) -> ModelServerError:
        return ModelServerError(
            f"The certificate of {self.remote.host} is not trusted.",
            why=self._described(error),
            fix="Name the file with your own authority's certificate in ca_file.",
        )


def _certificates(file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:  # ssl.SSLError, too
        raise UsageError(
            f"The certificates in {printable_name(file)} cannot be read.",
            why=error.strerror or "It holds no certificate in PEM format.",
            fix="Check ca_file in the profile.",
            code="no-certificates",
        ) from None


def _is_shallow(content: bytes) -> bool:
    """Whether JSON is not nested so deep that it cannot be read."""
    try:
        json.loads(content)
    except RecursionError:
        return False
    except ValueError:
        pass
    return True


def _number(digits: str) -> float:
    """An integer, or the float of one that is beyond all that servers count."""
    return int(digits) if len(digits) < 20 else float(digits)


def _printable(message: str) -> str:
    """A message without control characters, which would steer a terminal."""
    return "".join(mark if mark.isprintable() else " " for mark in message)


def _limiter(per_minute: int | None) -> Limiter | None:
    return None if per_minute is None else Limiter(Rate(per_minute, Duration.MINUTE))


_TURN = 0.1
"""Seconds after which a request that has to wait for its turn asks again."""

_RANDOM = tenacity.wait_random_exponential(multiplier=0.5, max=30)


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds until the next attempt: what the server asks for, or random and growing."""
    error = state.outcome.exception() if state.outcome is not None else None
    wait = error.wait if isinstance(error, Outage) else None
    return _RANDOM(state) if wait is None else wait + min(1.0, _RANDOM(state))


def _wait(response: httpx2.Response) -> float | None:
    """Seconds that `Retry-After` names, as a number or a date; None where it names none."""
    value = response.headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def _read(response: httpx2.Response) -> bytes:
    """The whole response, within its size."""
    content = bytearray()
    for part in response.iter_bytes():
        content += part
        if len(content) > MAX_RESPONSE:
            raise ModelServerError(
                f"The response has more than {MAX_RESPONSE:,} bytes.",
                fix="Check the address in url, or lower max_rows.",
            )
    return bytes(content)


def _is_certificate(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(cause):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
