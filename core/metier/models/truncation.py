"""Texts that a model does not read to the end."""

from __future__ import annotations

from metier.errors import warn_caller
from metier.models.profile import ModelProfile


def warn_of_cut(profile: ModelProfile, cut: int, total: int) -> None:
    """Say how many of `total` texts were longer than a model reads, if any was."""
    if cut:
        warn_caller(
            f"{cut} of {total} texts were longer than {profile.id!r} reads ({profile.max_tokens} "
            "tokens) and were cut."
        )
