"""Password checks, signatures and session tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

ITERATIONS = 600_000


def hash_password(password: str, salt: bytes | None = None) -> str:
    """Derive a salted PBKDF2 hash that is safe to store."""
    salt = salt or secrets.token_bytes(16)
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    return f"{ITERATIONS}${salt.hex()}${digest.hex()}"


def check_password(password: str, stored: str) -> bool:
    """Tell whether a typed password matches the stored hash, in constant time."""
    rounds, salt, expected = stored.split("$")
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), bytes.fromhex(salt), int(rounds))
    return hmac.compare_digest(digest.hex(), expected)


def sign_payload(body: bytes, key: bytes) -> str:
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def verify_webhook(
    body: bytes, timestamp: int, signature: str, key: bytes, now: int, tolerance: int = 300
) -> bool:
    """Verify a payment provider's webhook signature and turn away replayed messages."""
    if abs(now - timestamp) > tolerance:
        return False
    expected = sign_payload(str(timestamp).encode() + b"." + body, key)
    return hmac.compare_digest(expected.encode(), signature.encode())


def new_session_token() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def mask_card_number(number: str) -> str:
    """Hide all but the last four digits of a payment card."""
    digits = [c for c in number if c.isdigit()]
    return "*" * (len(digits) - 4) + "".join(digits[-4:])
