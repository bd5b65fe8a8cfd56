"""How deep a call is nested before the model computes: what a traceback or a profile shows."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import metier

CORE = str(Path(metier.__file__).parent)

MOST = 14
"""Frames of metier between a call of the Runtime and the attention of the model, both included:
three of them are modules of the model."""


def frames_of_core(frame: FrameType | None) -> list[str]:
    """Functions of metier that led to a frame, the innermost first."""
    functions = []
    while frame is not None:
        if frame.f_code.co_filename.startswith(CORE):
            functions.append(f"{Path(frame.f_code.co_filename).name}: {frame.f_code.co_name}")
        frame = frame.f_back
    return functions


def test_a_query_reaches_the_embedded_model_through_few_functions():
    rt = metier.Runtime("embedded", plugins=[], device="cpu", dtype="float32", progress=False)
    rt.embed_queries(["a bear"])  # loads the model
    deepest: list[str] = []
    attended = False

    def profile(frame: FrameType, event: str, function: Any) -> None:
        nonlocal deepest, attended
        owner = type(getattr(function, "__self__", None)).__module__
        module = getattr(function, "__module__", None) or owner
        if event == "c_call" and module.startswith("torch"):
            functions = frames_of_core(frame)
            deepest = max(deepest, functions, key=len)
            attended = attended or functions[0] == "attention.py: attend"

    sys.setprofile(profile)
    try:
        rt.embed_queries(["a steam train"])
    finally:
        sys.setprofile(None)
    assert attended
    assert len(deepest) <= MOST, "\n".join(deepest)
