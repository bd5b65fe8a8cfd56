"""Texts.of: one normal form for strings, records and items; see test_frames.py for frames."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from metier.errors import InputError
from metier.texts.checks import MAX_CHARACTERS, is_blank, require_texts, require_unicode
from metier.texts.rows import Item
from metier.texts.texts import Documents, QueryTexts, Texts

usable = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: not is_blank(text)
)


def ids(texts: Texts) -> list[str]:
    return [item.id for item in texts]


@given(st.lists(usable, min_size=1))
def test_strings_keep_their_order_and_are_numbered_from_1(strings):
    texts = Texts.of(strings)
    assert texts.strings == strings
    assert ids(texts) == [str(number) for number in range(1, len(strings) + 1)]


@given(
    st.dictionaries(st.text("abc ", min_size=1), usable, min_size=1),
    st.dictionaries(st.sampled_from(["price", "note", "Body"]), st.integers()),
)
def test_records_keep_every_field(by_id, rest):
    records = [{"id": name, "text": text, **rest} for name, text in by_id.items()]
    texts = Texts.of(records)
    assert [(item.id, item.text) for item in texts] == list(by_id.items())
    assert all(item.fields == rest for item in texts)


@given(st.lists(usable, min_size=1), st.data())
def test_items_taken_from_texts_make_the_same_texts_again(strings, data):
    records = [{"body": text, "text": 7, "id": "x", "key": n} for n, text in enumerate(strings)]
    texts = Texts.of(records, text_field="body", id_field="key")
    start = data.draw(st.integers(0, len(strings) - 1))
    assert list(Texts.of(texts[start:])) == list(texts)[start:]


def test_what_is_texts_already_stays_what_it_is():
    documents = Documents.of(["a"])
    assert Texts.of(documents) is documents
    assert isinstance(Documents.of(Texts.of(["a"])), Documents)


@pytest.mark.parametrize("field", ["text", "Text", "CONTENT", "body", "note", "description"])
def test_the_text_field_is_found_by_its_name(field):
    assert Texts.of([{"price": 5, field: "a bear"}]).strings == ["a bear"]


@pytest.mark.parametrize("field", ["id", "ID", "_id", "doc_id", "uid"])
def test_the_id_field_is_found_by_its_name(field):
    assert ids(Texts.of([{field: "x7", "text": "a bear"}])) == ["x7"]


def test_of_two_known_names_the_better_known_is_the_text():
    (item,) = Texts.of([{"description": "long", "text": "a bear"}])
    assert (item.text, item.fields) == ("a bear", {"description": "long"})


def test_of_two_spellings_the_text_is_the_one_that_is_named():
    records = [{"text": "first", "Text": "second"}]
    with pytest.raises(InputError, match="'text' and 'Text' have the same name but for case"):
        Texts.of(records)
    assert Texts.of(records, text_field="Text").strings == ["second"]


def test_fields_named_in_the_call_win():
    (item,) = Texts.of([{"id": 1, "text": "a", "body": "b", "key": "k"}], text_field="body",
                       id_field="key")  # fmt: skip
    assert (item.id, item.text, item.fields) == ("k", "b", {"id": 1, "text": "a"})


def test_the_fields_of_later_rows_count_too():
    records = [{"title": "no text"}, {"id": "b", "text": "a bear"}]
    texts = Texts.of(records, skip_invalid=True)
    assert [(item.id, item.text) for item in texts] == [("b", "a bear")]
    assert texts.skipped == ("row 1",)


@pytest.mark.parametrize("missing", [None, "", float("nan")])
def test_a_row_without_an_id_is_numbered_by_its_place(missing):
    rows = [{"id": "a", "text": "x"}, {"id": missing, "text": "y"}, {"text": "z"}]
    assert ids(Texts.of(rows)) == ["a", "2", "3"]


def test_a_row_without_an_id_takes_no_other_rows_id():
    texts = Texts.of([{"id": "2", "text": "x"}, {"id": None, "text": "y"}])
    assert ids(texts) == ["2", "row-2"]


def test_whole_numbers_are_ids_without_a_decimal_point():
    assert ids(Texts.of([{"id": 7, "text": "x"}, {"id": 8.0, "text": "y"}])) == ["7", "8"]


def test_an_unknown_text_field_is_refused_with_the_fields_there_are():
    with pytest.raises(InputError, match=r"Which field .* text") as refused:
        Texts.of([{"id": 1, "sentence": "a"}], source="toys.csv")
    assert "toys.csv" in str(refused.value)
    assert "id, sentence" in str(refused.value)
    assert "text_field=..." in str(refused.value)


def test_the_field_with_the_longest_strings_is_named_where_no_text_field_is_found():
    rows = [
        {"city": "Bern", "story": f"A long story, number {n}.", "amount": 10**40} for n in (1, 2)
    ]
    with pytest.raises(InputError, match="longest strings are in 'story'") as caught:
        Texts.of(rows)
    assert "Which field of" in str(caught.value)
    with pytest.raises(InputError) as caught:
        Texts.of([{"amount": 3, "year": 2024}])
    assert "longest" not in str(caught.value)


def test_a_table_with_another_separator_is_told_so():
    with pytest.raises(InputError, match=r"holds ';': a \.csv is separated by commas"):
        Texts.of([{"id;text": "1;a"}], source="toys.csv")


def test_a_misspelt_field_is_refused_with_the_close_name():
    with pytest.raises(InputError, match="Did you mean 'body'"):
        Texts.of([{"body": "a"}], text_field="bodi")
    with pytest.raises(InputError, match="Did you mean 'key'"):
        Texts.of([{"key": 1, "text": "a"}], id_field="keey")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "missing"),
        (float("nan"), "missing"),
        (5, "is a number, not text"),
        (5.0, "is a number, not text"),
        (True, "type bool"),
        (b"a", "type bytes"),
        ("", "empty"),
        (" \n\t", "empty"),
        ("\u200b\u200d \ufeff", "holds no visible character"),
        ("\x00\x1b", "holds no visible character"),
        ("a\ud800", "lone surrogate at character 1"),
        ("x" * (MAX_CHARACTERS + 1), f"{MAX_CHARACTERS + 1:,} characters"),
    ],
)
def test_a_text_no_model_can_use_is_refused_with_its_row(text, said):
    rows = [{"id": "a", "text": "fine"}, {"id": "b", "text": text}]
    with pytest.raises(InputError, match=r"row 2 \(b\).*" + said):
        Texts.of(rows)
    texts = Texts.of(rows, skip_invalid=True)
    assert (ids(texts), texts.skipped) == (["a"], ("row 2 (b)",))


def test_the_longest_text_is_accepted():
    assert len(Texts.of(["x" * MAX_CHARACTERS])[0].text) == MAX_CHARACTERS


def test_the_same_id_twice_is_refused_with_both_rows():
    rows = [{"id": "a", "text": "x"}, {"id": 0, "text": "y"}, {"id": "0", "text": "z"}]
    with pytest.raises(InputError, match=r"row 3 \(0\) has the same id as row 2"):
        Texts.of(rows)


def test_an_id_that_is_no_unicode_is_refused_in_words_that_are():
    with pytest.raises(InputError, match="id that is not valid Unicode") as refused:
        Texts.of([{"id": "a\udcff", "text": "x"}])
    assert str(refused.value).isprintable() or "\n" in str(refused.value)
    str(refused.value).encode()


def test_many_problems_are_one_error_that_names_the_first_five():
    with pytest.raises(InputError, match=r"8 of 9 texts.*row 5 is empty; and 3 more"):
        Texts.of([""] * 8 + ["fine"])


def test_nothing_but_unusable_texts_is_refused_even_when_they_may_be_skipped():
    with pytest.raises(InputError, match="2 of 2"):
        Texts.of(["", " "], skip_invalid=True)


@pytest.mark.parametrize("nothing", [[], (), iter([])])
def test_no_texts_at_all_are_refused(nothing):
    with pytest.raises(InputError, match="There is no text in the input"):
        Texts.of(nothing)


@pytest.mark.parametrize("wrong", ["one string", b"bytes", {"text": "a"}, {"a", "b"}, 5, None])
def test_what_is_no_list_of_texts_is_refused(wrong):
    with pytest.raises(InputError, match=f"{type(wrong).__name__}, not a list of texts"):
        Texts.of(wrong)


@pytest.mark.parametrize("path", ["contracts", Path("contracts")])
def test_of_a_path_it_is_said_how_to_read_it(path):
    with pytest.raises(InputError, match="not a list of texts") as refused:
        Texts.of(path)
    assert "metier.Documents.read(path)" in refused.value.fix


def test_a_row_that_is_neither_string_nor_record_is_refused_with_its_number():
    with pytest.raises(InputError, match="Row 2 of the input is of type int"):
        Texts.of(["a", 5])


def test_texts_are_a_sequence():
    texts = Texts.of(["a", "b", "c"])
    assert len(texts) == 3
    assert texts[1] == Item("2", "b")
    assert [item.id for item in texts[1:]] == ["2", "3"]
    assert repr(texts) == "Texts(3 texts of the input)"


def test_require_unicode_names_the_first_bad_text():
    require_unicode(["fine", ""])
    with pytest.raises(InputError, match="Text 1 is of type int"):
        require_unicode(["fine", 5])
    with pytest.raises(InputError, match="Text 0 holds a lone surrogate at character 2"):
        require_unicode(["ab\udfff"])


def test_require_texts_names_the_first_text_that_says_nothing():
    require_texts(["fine", " a ", "word " * 200_000])
    for empty in ("", " ", "\n\t\u3000"):
        with pytest.raises(InputError, match=r"Text 1 is empty\.\n.*\n.*skip_invalid"):
            require_texts(["fine", empty])
        with pytest.raises(InputError, match="The query is empty"):
            require_texts([empty], name="The query")
    for unseen in ("\u200b", "\ufeff\u00ad \n", "\x00\x01"):
        with pytest.raises(InputError, match="Text 0 holds no visible character"):
            require_texts([unseen])
        require_texts([f"{unseen}a"])
    with pytest.raises(InputError, match="Text 1 is of type int"):
        require_texts(["fine", 5, ""])
    with pytest.raises(InputError, match="Text 0 holds a lone surrogate at character 2"):
        require_texts(["ab\udfff"])


@pytest.mark.parametrize("kind", [Texts, Documents])
def test_the_json_schema_is_an_array_of_strings_or_of_objects_with_a_text(kind):
    schema = TypeAdapter(kind).json_schema()
    assert (schema["type"], schema["minItems"]) == ("array", 1)
    text, record = schema["items"]["anyOf"]
    assert text == {"type": "string", "maxLength": kind.max_characters, "pattern": r"\S"}
    assert record["type"] == "object"
    assert record["required"] == ["text"]
    assert record["properties"]["text"] == text
    assert [choice["type"] for choice in record["properties"]["id"]["anyOf"]] == [
        "string",
        "integer",
        "null",
    ]
    assert record["additionalProperties"] is True


class Call(BaseModel):
    texts: Texts
    documents: Documents | None = None


def test_a_model_with_texts_has_a_json_schema_and_takes_what_it_allows():
    properties = Call.model_json_schema()["properties"]
    assert properties["texts"]["items"] == TypeAdapter(Texts).json_schema()["items"]
    call = Call.model_validate_json('{"texts": ["a", {"text": "b", "id": 7, "page": 3}]}')
    assert [(item.id, item.text, item.fields) for item in call.texts] == [
        ("1", "a", {}),
        ("7", "b", {"page": 3}),
    ]


@given(
    st.lists(
        usable
        | st.fixed_dictionaries(
            {"text": usable}, optional={"id": st.none(), "note": st.integers() | st.text()}
        ),
        min_size=1,
    )
)
def test_what_the_json_schema_allows_is_accepted(rows):
    assert len(TypeAdapter(Texts).validate_python(rows)) == len(rows)


def test_queries_are_in_a_field_that_says_so_before_others():
    records = [{"text": "a page", "question": "where is the bear"}]
    assert QueryTexts.of(records).strings == ["where is the bear"]
    assert QueryTexts.of([{"text": "a bear"}]).strings == ["a bear"]
    assert Texts.of(records).strings == ["a page"]
