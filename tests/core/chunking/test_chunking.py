"""Chunks: all of a document, in its own words, in pieces a model reads whole."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.chunking.chunking import MIN_TOKENS, chunk, chunk_each
from metier.errors import InputError, ParameterError, PluginError
from metier.models.builtin_families import builtin_families
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder
from metier.testing.checkpoints import write_encoder, write_qwen3_embedder
from metier.texts.checks import is_blank
from metier.texts.rows import Item
from metier.texts.splitter import Section


def characters(texts: Sequence[str]) -> list[int]:
    """As a model would count that reads single characters, between two tokens of its own."""
    return [len(text) + 2 for text in texts]


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) + 1 for text in texts]


def chunks_of(text: str, max_tokens: int = 60, **options):
    fields = options.pop("fields", {})
    options = {"counter": characters, "max_tokens": max_tokens, **options}
    return chunk(Item("a.md", text, fields), **options)


def assert_whole(text: str, chunks, counter=characters, max_tokens: int = 60) -> None:
    """What holds of any chunks of any document."""
    end = 0
    for one in chunks:
        assert text[one.start : one.end] == one.text == one.text.strip() != ""
        assert text[end : one.start].strip() == "", "something is in no chunk"
        assert one.end > end
        end = one.end
    assert text[end:].strip() == ""
    assert max(counter([one.content for one in chunks])) <= max_tokens
    assert len({one.id for one in chunks}) == len(chunks)


documents = st.text() | st.lists(
    st.sampled_from(
        ["# A\n", "\n\n", "1. Fees\n\n", "One. Two! ", "\u4f60\u597d\u3002\u518d\u89c1",
         "\U0001f468\u200d\U0001f469\u200d\U0001f467", "e\u0301", "x" * 70, "word ", "\r\n",
         "- a\n", "```\n", "Title\n===\n", "\t", "\u00a0", "a, b; c "]
    ), max_size=60,
).map("".join)  # fmt: skip


@given(
    documents.filter(lambda text: not is_blank(text)),
    st.sampled_from([characters, words]),
    st.integers(0, 12),
    st.sampled_from([None, "A title", "t" * 200]),
)
@settings(max_examples=300, deadline=None)
def test_all_of_a_document_is_in_chunks_that_fit(text, counter, overlap, title):
    found = chunks_of(text, 40, counter=counter, overlap=overlap, fields={"title": title})
    assert_whole(text, found, counter, 40)


@pytest.mark.parametrize("kind", [write_qwen3_embedder, write_encoder])
def test_chunks_fit_as_a_real_tokenizer_counts_them(tmp_path, kind):
    folder = str(kind(tmp_path / "model"))
    embedder = load_embedder(folder, LoadOptions("cpu", "float32"), builtin_families())
    counter = partial(embedder.count_tokens, prompt=embedder.prompt(None, "document"))
    parts = [
        "# Loans",
        "The bank lends. The customer owes it! " * 30,
        "\u4f60\u597d\uff0c\u94f6\u884c\u3002" * 40,
        "\U0001f469\u200d\U0001f680" * 60,
        "https://" + "a1b2" * 300,
        "## Rates",
        "rate " * 300,
    ]
    text = "\n\n".join(parts)
    found = chunks_of(text, 100, counter=counter, overlap=20)
    assert_whole(text, found, counter, 100)
    assert len(found) > 10


def test_a_document_that_fits_is_one_chunk_without_a_line():
    (found,) = chunks_of(" # One\n\ntext\n\n# Two\n\ntext\n")
    assert (found.text, found.start, found.end) == ("# One\n\ntext\n\n# Two\n\ntext", 1, 25)
    assert (found.heading, found.location, found.document_id) == ("", "a.md", "a.md")
    with pytest.deprecated_call(match="location"):
        assert found.place == "a.md"


def test_a_long_document_is_divided_at_its_headings_first():
    text = "intro\n\n# One\n\nshort\n\n## Sub\n\n" + "text. " * 5 + "\n\n# Two\n\nend"
    found = chunks_of(text)
    assert [(one.text.split("\n")[0], one.heading, one.location) for one in found] == [
        ("intro", "", "a.md:1"),
        ("# One", "One", "a.md:3, One"),
        ("## Sub", "One, Sub", "a.md:7, One, Sub"),
        ("# Two", "Two", "a.md:11, Two"),
    ]
    assert [one.content.split("\n")[0] for one in found] == ["intro", "One", "One, Sub", "Two"]


def test_a_section_is_divided_at_paragraphs_then_sentences_then_words():
    paragraph = "A paragraph of its own that is short."
    sentences = "The first sentence stands here. The second is about as long."
    run = "words without any end " * 6
    found = [one.text for one in chunks_of(f"{paragraph}\r\n\r\n{sentences}\r\n\r\n{run}")]
    assert found[0] == paragraph
    assert found[1:3] == [
        "The first sentence stands here.",
        "The second is about as long.",
    ]
    assert all(text.split()[-1] in run.split() for text in found[3:])


def test_short_paragraphs_of_a_section_share_chunks_of_like_length():
    text = "\n\n".join(f"Paragraph {number} here." for number in range(8))
    assert [one.text.count("Paragraph") for one in chunks_of(text)] == [3, 3, 2]


def test_a_character_of_several_parts_is_not_cut():
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    found = [one.text for one in chunks_of(family * 60)]
    assert all(text == family * (len(text) // len(family)) for text in found)


def test_a_title_is_the_outermost_heading_of_every_chunk():
    whole = chunks_of("short", fields={"Title": "The  guide\n"})
    assert [(one.heading, one.content) for one in whole] == [("The guide", "The guide\nshort")]
    found = chunks_of("# The guide\n\n" + "text. " * 20, fields={"title": "The guide"})
    assert {one.heading for one in found} == {"The guide"}


def test_headings_that_would_fill_a_chunk_are_left_out_from_the_outermost_on():
    text = "# A heading of no use that is long\n\n## Own\n\n" + "text. " * 20
    assert {one.heading for one in chunks_of(text)} == {"Own"}


def test_a_chunk_knows_its_page():
    text = "One one one one.\n\nTwo two two two two two.\n\nThree three three three."
    found = chunks_of(text, 34, fields={"page_starts": [0, 18, 44]})
    assert [one.location for one in found] == ["a.md, p. 1", "a.md, p. 2", "a.md, p. 3"]


def test_a_chunk_that_spans_pages_names_the_first_and_the_last():
    text = "One one.\n\nTwo two.\n\nThree three."
    pages = {"page_starts": [0, 10, 20]}
    (whole,) = chunks_of(text, fields=pages)
    assert whole.location == "a.md, p. 1-3"
    (begins,) = chunks_of(text[:20], fields=pages)  # only what is between the pages is of page 3
    assert begins.location == "a.md, p. 1-2"


def test_a_line_is_named_only_where_the_file_has_it():
    text = "One one one one.\n\nTwo two two two two two."
    places = [one.location for one in chunks_of(text, 34, fields={"converted_from": "html"})]
    assert places == ["a.md", "a.md"]


def test_a_chunk_begins_with_the_last_sentences_of_the_one_before():
    text = "".join(f"Sentence {number}. " for number in range(1, 13))
    found = chunks_of(text, overlap=26)
    for before, one in pairwise(found):
        shared = text[one.start : before.end]
        assert 0 < len(shared) <= 26
        assert shared.startswith("Sentence")
    assert_whole(text, found)


def test_an_overlap_goes_over_no_heading():
    text = "# One\n\n" + "text. " * 4 + "\n\n# Two\n\n" + "more. " * 4
    assert [one.text[:5] for one in chunks_of(text, overlap=20)] == ["# One", "# Two"]


def test_what_moves_within_a_document_keeps_its_id():
    paragraphs = [f"Paragraph {number} " + "of a text " * 4 for number in range(3)]
    before = chunks_of("\n\n".join(paragraphs))
    after = chunks_of("\n\n".join(["Something new " + "of a text " * 4, *paragraphs]))
    assert [one.id for one in after][1:] == [one.id for one in before]
    assert [one.start for one in after][1:] != [one.start for one in before]


def test_ids_differ_by_document_heading_and_text_and_equal_stretches_are_told_apart():
    long = "the same words again and again and on."
    found = chunks_of(f"{long}\n\n{long}\n\n# One\n\n{long}")
    assert len({one.id for one in found}) == 3
    (other,) = chunk(Item("b.md", long), counter=characters, max_tokens=60)
    assert other.id not in {one.id for one in found}


def test_documents_are_counted_together():
    calls = []

    def counter(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return characters(texts)

    items = [Item(str(number), f"text {number}. " * (1 + number % 20)) for number in range(200)]
    together = list(chunk_each(items, counter=counter, max_tokens=60))
    assert len(calls) < 10
    assert together == [chunk(item, counter=characters, max_tokens=60) for item in items]


def test_documents_are_read_as_they_are_needed():
    def endless():
        number = 0
        while True:
            yield Item(str(number), "text " * 1000)
            number += 1

    first = next(chunk_each(endless(), counter=words, max_tokens=100))
    assert first[0].document_id == "0"


def three_lines(text: str, name: str) -> list[Section]:
    assert name == "a.md"
    return [Section(at, at + 9, (text[at : at + 3],)) for at in (4, 17)]


def test_a_splitter_divides_even_what_would_fit_and_nothing_is_lost_between_its_sections():
    found = chunks_of("pre one 12345\n}\n two 12345 end", splitter=three_lines)
    assert [(one.text, one.heading) for one in found] == [
        ("pre", ""),
        ("one 12345\n}", "one"),
        ("two 12345", "two"),
        ("end", ""),
    ]


def test_a_document_the_splitter_does_not_know_is_divided_as_any_other():
    text = "# One\n\n" + "text. " * 6 + "\n\n# Two\n\nend"
    assert chunks_of(text, splitter=lambda text, name: []) == chunks_of(text)


@pytest.mark.parametrize("sections", [[(0, 99)], [(3, 3)], [(-1, 2)], [(4, 8), (2, 6)]])
def test_sections_that_cannot_be_are_a_fault_of_the_plugin(sections):
    with pytest.raises(PluginError, match="Report it to the authors of the plugin"):
        chunks_of("some text", splitter=lambda text, name: [Section(*one) for one in sections])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_tokens": MIN_TOKENS + 1}, "Give at least 34"),
        ({"overlap": -1}, "Give 0 to 29"),
        ({"overlap": 30}, "Give 0 to 29"),
    ],
)
def test_limits_that_cannot_be_kept_are_refused_at_once(options, said):
    with pytest.raises(ParameterError, match=said):
        chunk_each([], **{"counter": characters, "max_tokens": 60, **options})


def test_a_character_with_more_tokens_than_a_chunk_is_refused():
    with pytest.raises(ParameterError, match="no room for '\u5b57'"):
        chunks_of("\u5b57" * 30, counter=lambda texts: [99 * len(text) for text in texts])


@pytest.mark.parametrize("text", [" \n", "a\ud83d"])
def test_a_document_without_a_usable_text_is_refused(text):
    with pytest.raises(InputError, match=r"'a\.md' (is empty|holds a lone surrogate)"):
        chunks_of(text)


@pytest.mark.parametrize(
    "piece", ["x", "a ", "a. ", "\n\na", "# a\n", "1. A\n\nb\n\n", "\u5b57\u3002"]
)
def test_a_large_document_of_anything_is_divided(piece):
    text = piece * (50_000 // len(piece))
    assert_whole(text, chunks_of(text, 1000, overlap=100), max_tokens=1000)


def test_one_section_that_is_all_of_a_document_which_fits_divides_nothing():
    def one(text, name):
        yield Section(0, len(text), ("7. Fees",))

    (alone,) = chunks_of("7. Fees are due.", splitter=one, fields={"title": "Lease"})
    assert (alone.location, alone.heading) == ("a.md, Lease", "Lease")
    long = chunks_of("7. Fees are due. " * 6, splitter=one)
    assert {chunk.heading for chunk in long} == {"7. Fees"}


def test_the_heading_of_the_only_section_is_read_where_the_text_lacks_it():
    def one(text, name):
        yield Section(0, len(text), ("Fees",))

    (alone,) = chunks_of("They are due.", splitter=one, fields={"title": "Lease"})
    assert (alone.heading, alone.content) == ("Lease, Fees", "Lease, Fees\nThey are due.")


def test_headings_that_pile_up_cost_no_more_than_the_text(tmp_path):
    above = tuple(f"Part {number}" for number in range(20_000))
    (found,) = chunks_of("word " * 9, splitter=lambda text, name: [Section(0, 45, above)])
    assert found.text.startswith("word")
    counted: list[int] = []

    def counter(texts: Sequence[str]) -> list[int]:
        counted.append(sum(map(len, texts)))
        return words(texts)

    text = "word " * 100
    chunks_of(text, counter=counter, splitter=lambda text, name: [Section(0, 499, above)])
    assert sum(counted) < 100_000
