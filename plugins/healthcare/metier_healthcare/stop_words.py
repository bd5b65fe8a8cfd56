"""Words that stand in clinical notes of every kind, and so name no group of them."""

from __future__ import annotations

STOP_WORDS = frozenset(
    {
        "age", "aged", "bd", "better", "clear", "cm", "consistent", "continue", "continued",
        "continues", "currently", "daily", "day", "days", "deg", "denied", "denies", "does",
        "dr", "female", "findings", "follow-up", "followup", "gentleman", "given", "good",
        "habitus", "history", "hour", "hours", "hx", "instructed", "iv", "known", "lady",
        "left", "low", "male", "man", "mg", "minutes", "ml", "mm", "mmol", "month", "months",
        "mr", "mrs", "ms", "negative", "new", "non", "normal", "noted", "od", "old", "patient",
        "patient's", "patients", "plan", "pm", "po", "positive", "post", "presented",
        "presenting", "presents", "prn", "pt", "qid", "recently", "related", "remarkable",
        "report", "reports", "review", "right", "sent", "significant", "started", "stated",
        "states", "status", "stop", "symptoms", "tds", "tid", "time", "times", "today",
        "treated", "treatment", "unremarkable", "use", "used", "week", "weeks", "wk", "wks",
        "woman", "year", "year-old", "years", "yesterday", "yo", "yr", "yrs",
    }
)  # fmt: skip
"""In lower case, for `cluster_texts`."""
