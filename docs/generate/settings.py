"""The settings: environment variables with their defaults."""

from __future__ import annotations

from collections.abc import Iterable

from docs.generate.page import Entry, Page, Section, code

from metier.settings import (
    DISPLAY_SETTINGS,
    GUARD_SETTINGS,
    HUB_SETTINGS,
    SETTINGS,
    STORAGE_SETTINGS,
    Setting,
)

_INTRODUCTION = """
Environment variables. One that is empty counts as unset. A [project's file](keys.md#metiertoml)
says what is so for everybody who works in a folder.
"""
_RUNTIME = "A Runtime takes these where its call, or the command's options, say nothing."
_PLACES = "Where metier keeps things between runs, and how much of them."
_HUBS = "Where models come from."
_GUARDS = "What a plugin does that guards what leaves the machine."
_DISPLAY = "How a result is shown."


def settings_page(
    settings: Iterable[Setting] = SETTINGS,
    places: Iterable[Setting] = STORAGE_SETTINGS,
    hubs: Iterable[Setting] = HUB_SETTINGS,
    guards: Iterable[Setting] = GUARD_SETTINGS,
    display: Iterable[Setting] = DISPLAY_SETTINGS,
) -> Page:
    """Every variable: first those that stand for a parameter of the Runtime."""
    sections = (
        Section(
            "Of a Runtime",
            _RUNTIME,
            columns=("variable", "default", "in Python", "meaning"),
            entries=tuple(_entry(setting, code(f"{setting.name}=")) for setting in settings),
        ),
        Section(
            "Of places",
            _PLACES,
            columns=("variable", "default", "meaning"),
            entries=tuple(_entry(setting) for setting in places),
        ),
        Section(
            "Of hubs",
            _HUBS,
            columns=("variable", "default", "meaning"),
            entries=tuple(_entry(setting) for setting in hubs),
        ),
        Section(
            "Of guards",
            _GUARDS,
            columns=("variable", "default", "meaning"),
            entries=tuple(_entry(setting) for setting in guards),
        ),
        Section(
            "Of display",
            _DISPLAY,
            columns=("variable", "default", "meaning"),
            entries=tuple(_entry(setting) for setting in display),
        ),
    )
    return Page("Settings", _INTRODUCTION, sections)


def _entry(setting: Setting, *more: str) -> Entry:
    default = code(setting.default) if setting.default else "unset"
    return Entry(setting.variable, (default, *more), setting.meaning)
