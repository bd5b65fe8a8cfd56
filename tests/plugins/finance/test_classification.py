from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from metier import Runtime
from metier.errors import InputError, ParameterError
from metier.evaluation import evaluate
from metier.texts.files import read_texts
from metier.texts.texts import Texts

SPARE = {"id": "s", "text": "Tern Airlines shares jump on record profit", "desk": "travel"}


@pytest.fixture(scope="module")
def messages(samples: Callable[[str], Path]) -> Texts:
    return read_texts(samples("metier_finance") / "messages.csv", Texts)


def test_messages_get_the_intent_that_is_described(rt: Runtime, messages: Texts) -> None:
    result = rt.run("finance/route-messages", messages)

    labels = {item.id: item.label for item in result.items}
    assert labels["m02"] == "lost_or_stolen_card"
    assert labels["m12"] == "pin_or_password"
    assert labels["m15"] == "close_account"
    assert result.items[0].fields == {"channel": "chat"}


def test_messages_that_want_nothing_of_a_bank_stay_undecided(rt: Runtime, messages: Texts) -> None:
    result = rt.run("finance/route-messages", messages, margin=0.0)

    undecided = {item.id for item in result.undecided}
    assert {"m16", "m17", "m18"} <= undecided
    assert len(undecided) <= 4


def test_a_message_between_two_intents_stays_undecided(rt: Runtime) -> None:
    intents = ["rate: the exchange rate", "rates: exchange rates", "card: a lost card"]
    texts = ["the exchange rate today", "I lost my card"]

    close = rt.run("finance/route-messages", texts, intents=intents, margin=0.2)
    decided = rt.run("finance/route-messages", texts, intents=intents, margin=0.0)

    assert [item.label for item in close.items] == [None, "card"]
    assert [item.label for item in decided.items] == ["rate", "card"]
    assert close.items[0].scores == decided.items[0].scores


def test_intents_are_learned_from_a_few_examples(rt: Runtime) -> None:
    examples = [
        {"text": text, "intent": intent}
        for intent, texts in {
            "loan": ["I need a loan.", "Can I borrow money?", "Lend me money for a car."],
            "card": ["My card is broken.", "Send me a new card.", "The card does not work."],
        }.items()
        for text in texts
    ]

    result = rt.run(
        "finance/route-messages",
        ["How much can I borrow for a house?", "My card was bent.", "Who painted this door?"],
        examples=examples,
        label_field="intent",
    )

    assert [item.label for item in result.items] == ["loan", "card", None]
    assert result.learned_from == "examples"


@pytest.mark.parametrize("workflow", ["route-messages", "classify-complaints", "sentiment"])
def test_examples_need_their_label(rt: Runtime, workflow: str) -> None:
    with pytest.raises(InputError, match="'label'"):
        rt.run(f"finance/{workflow}", ["A text."], examples=[{"text": "One.", "kind": "a"}])


@pytest.mark.parametrize("labels", [("a", "a: again"), ("only",)])
def test_labels_are_told_apart(rt: Runtime, labels: tuple[str, ...]) -> None:
    with pytest.raises(ParameterError, match="label"):
        rt.run("finance/sentiment", ["A text."], labels=labels)


def test_complaints_get_the_product_that_they_are_about(rt: Runtime) -> None:
    result = rt.run(
        "finance/classify-complaints",
        [
            "The escrow of my mortgage was raised without a reason.",
            "A collector calls me at work about a debt that I have paid.",
            "There is an inquiry on my credit report that I did not allow.",
        ],
    )

    assert [item.label for item in result.items] == [
        *("mortgages_and_loans", "debt_collection", "credit_reporting"),
    ]


def test_headlines_get_a_sentiment(rt: Runtime, samples: Callable[[str], Path]) -> None:
    headlines = read_texts(samples("metier_finance") / "headlines.csv", Texts)

    result = rt.run("finance/sentiment", [*headlines, SPARE])

    labels = {item.id: item.label for item in result.items}
    assert labels["h09"] == "negative"
    assert labels["h03"] == "neutral"
    assert labels["s"] == labels["h08"] == "positive"
    assert result.items[-1].fields == {"desk": "travel"}


def test_own_labels_take_the_place_of_those_of_the_plugin(rt: Runtime) -> None:
    result = rt.run(
        "finance/sentiment", ["Shares fall."], labels=["up: it rises", "down: it falls"]
    )

    assert result.labels == ("up", "down")
    assert result.items[0].label == "down"


def write_labeled(folder: Path) -> Path:
    rows = [
        *[("card", f"My {kind} card is gone.") for kind in ("red", "blue", "old", "new", "gold")],
        *[
            ("loan", f"Lend me money for a {item}.")
            for item in ["car", "roof", "boat", "house", "bike"]
        ],
    ]
    folder.mkdir()
    with (folder / "items.jsonl").open("w") as file:
        for number, (label, text) in enumerate(rows):
            file.write(f'{{"_id": "{number}", "text": "{text}", "label": "{label}"}}\n')
    return folder


@pytest.mark.parametrize(
    ("instruction", "workflow"),
    [
        (None, "finance/route-messages"),
        ("finance/complaint-classification", "finance/classify-complaints"),
        ("core/text-classification", "core/classify"),
    ],
)
def test_a_workflow_is_measured_under_its_own_instruction(
    rt: Runtime, tmp_path: Path, instruction: str | None, workflow: str
) -> None:
    folder = write_labeled(tmp_path / "data")

    measured = evaluate(rt, folder, "finance", kind="classification", instruction=instruction)

    assert measured.config["workflow"] == workflow
    assert measured.config["folds"] == 5
    assert measured.metrics["accuracy"] == 1.0


def test_a_workflow_that_may_learn_is_measured_by_descriptions_alone(
    rt: Runtime, tmp_path: Path
) -> None:
    rows = [
        *[("negative", text) for text in ("Profit halves as sales collapse", "Shares plunge")],
        *[("positive", text) for text in ("Shares soar to a record high", "Profit doubles")],
    ]
    (tmp_path / "items.jsonl").write_text(
        "".join(json.dumps({"text": text, "label": label}) + "\n" for label, text in rows)
    )

    measured = evaluate(
        rt, tmp_path, "finance", kind="classification", workflow="finance/sentiment", examples=False
    )

    items = rt.run("finance/sentiment", [text for _, text in rows]).items
    right = [item.label == label for item, (label, _) in zip(items, rows, strict=True)]
    assert measured.metrics["accuracy"] == pytest.approx(sum(right) / 4)
    assert measured.metrics["accuracy"] > 0.5
    assert measured.report is None
    assert "folds" not in measured.config


def test_the_samples_say_where_their_texts_came_from(samples: Callable[[str], Path]) -> None:
    folder = samples("metier_finance")
    about = (folder / "README.md").read_text()

    for path in folder.glob("*.csv"):
        with path.open(newline="") as file:
            names = next(csv.reader(file))
        assert f"`{path.name}`" in about
        assert "(" + ", ".join(f"`{name}`" for name in names) + ")" in about
