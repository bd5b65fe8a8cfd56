"""The transformer of scikit-learn keeps its conventions, and gives the vectors of a Runtime."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator
from tests.core.evaluation.folders import TEXTS

from metier import Head, HeadInputs, MetierWarning, Runtime
from metier.errors import DimError, InputError, ParameterError, UnknownNameError
from metier.sklearn import ExampleClassifier, TextEmbedder
from metier.testing import FakeEmbedder

SENTENCES = [text for every in TEXTS.values() for text in every]
LABELS = [label for label, every in TEXTS.items() for _ in every]


@pytest.fixture
def tiny(one_thread, qwen3_folder):
    return str(qwen3_folder)


class Counting(FakeEmbedder):
    """An embedder that counts the texts it was given."""

    def __init__(self):
        super().__init__()
        self.seen = 0

    def embed(self, texts, **options):
        self.seen += len(texts)
        return super().embed(texts, **options)


def test_vectors_are_those_of_a_runtime(tiny):
    rt = Runtime(tiny, progress=False)
    embedder = TextEmbedder(tiny, instruction="core/text-classification", dim=32)
    wanted = rt.embed_queries(SENTENCES, instruction="core/text-classification", dim=32)
    found = embedder.fit_transform(SENTENCES)
    assert type(found) is np.ndarray
    assert np.array_equal(found, wanted)
    documents = TextEmbedder(tiny, side="document").fit_transform(SENTENCES)
    assert np.array_equal(documents, rt.embed_documents(SENTENCES))


def test_texts_longer_than_the_model_reads_are_read_in_parts_or_cut():
    model = FakeEmbedder(max_tokens=60)
    rt = Runtime(model, plugins=[], progress=False)
    texts = ["goal " * 40 + "soup " * 60, "a short text"]
    whole = TextEmbedder(model).fit_transform(texts)
    assert np.array_equal(whole, rt.embed_queries(texts, long_texts="pool"))
    with pytest.warns(MetierWarning, match="1 of 2 texts were longer"):
        cut = TextEmbedder(model, long_texts="cut").fit_transform(texts)
    assert np.array_equal(cut[1], whole[1])
    soup = rt.embed_queries(["soup"])[0]
    assert whole[0] @ soup > cut[0] @ soup
    with pytest.raises(ParameterError, match="'mean' is neither 'pool' nor 'cut'"):
        TextEmbedder(model, long_texts="mean").fit(texts)


def test_a_pipeline_classifies():
    made = make_pipeline(TextEmbedder(FakeEmbedder()), LogisticRegression())
    assert made.fit(SENTENCES, LABELS).score(SENTENCES, LABELS) == 1.0


def test_a_pipeline_with_the_example_classifier_answers_as_a_head_that_reads_vectors_alone(tiny):
    task, examples, texts = "core/text-classification", SENTENCES[::2], SENTENCES[1::2]
    made = make_pipeline(TextEmbedder(tiny, instruction=task), ExampleClassifier())
    made.fit(examples, LABELS[::2])
    rt = Runtime(tiny, progress=False)
    learned, unread = (
        HeadInputs(rt.embed_queries(strings, instruction=task, long_texts="pool"))
        for strings in (examples, texts)
    )
    predicted = Head.fit(learned, LABELS[::2]).predict(unread)
    assert made.predict(texts).tolist() == predicted.labels
    assert made.predict_proba(texts) == pytest.approx(predicted.probabilities, abs=1e-6)


def test_a_grid_search_sets_sizes_and_instructions_and_loads_the_model_once(tiny, monkeypatch):
    loaded = []
    load = Runtime.__init__

    def counted(self, *args, **options):
        loaded.append(args)
        load(self, *args, **options)

    monkeypatch.setattr(Runtime, "__init__", counted)
    steps = make_pipeline(TextEmbedder(tiny), LogisticRegression())
    grid = {
        "textembedder__dim": [32, 64],
        "textembedder__instruction": [None, "core/text-classification"],
    }
    search = GridSearchCV(steps, grid, cv=2).fit(SENTENCES, LABELS)
    assert search.best_params_.keys() == grid.keys()
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()
    assert len(loaded) == 1


def test_a_clone_has_the_parameters_and_is_not_fitted(tiny):
    one = TextEmbedder(tiny, dim=32, side="document").fit(SENTENCES)
    other = clone(one)
    assert other.get_params() == one.get_params()
    with pytest.raises(NotFittedError):
        other.transform(SENTENCES)
    other.set_params(dim=64)
    assert (one.dim, other.fit(SENTENCES).n_features_out_) == (32, 64)


def test_a_pickle_holds_settings_and_no_weights(tiny):
    one = TextEmbedder(tiny, dim=32)
    vectors = one.fit_transform(SENTENCES)
    raw = pickle.dumps(one)
    assert len(raw) < 2000
    other = pickle.loads(raw)
    assert np.array_equal(other.transform(SENTENCES), vectors)


def test_a_model_given_as_an_object_is_used_and_not_pickled():
    model = Counting()
    one = TextEmbedder(model).fit(SENTENCES)
    clone(one).fit(SENTENCES).transform(SENTENCES[:3])
    assert model.seen == 3
    with pytest.raises(ParameterError, match="cannot be pickled"):
        pickle.dumps(one)


def test_another_model_may_be_set_later(tiny):
    one = TextEmbedder(FakeEmbedder()).fit(SENTENCES)
    assert one.n_features_out_ == 256
    assert one.set_params(model=tiny).fit(SENTENCES).n_features_out_ == 64


def test_features_have_names_and_frames_keep_their_rows(tiny):
    pandas = pytest.importorskip("pandas", reason="the extra tables is not installed")
    column = pandas.Series(SENTENCES, index=[f"row {n}" for n in range(len(SENTENCES))])
    embedder = TextEmbedder(tiny, dim=32).set_output(transform="pandas")
    found = embedder.fit_transform(column)
    assert list(found.columns) == [f"textembedder{n}" for n in range(32)]
    assert list(found.index) == list(column.index)


def test_one_column_of_a_table_is_embedded(tiny):
    pandas = pytest.importorskip("pandas", reason="the extra tables is not installed")
    table = pandas.DataFrame({"text": SENTENCES, "length": [len(text) for text in SENTENCES]})
    made = ColumnTransformer([("text", TextEmbedder(tiny), "text")], remainder="passthrough")
    assert made.fit_transform(table).shape == (16, 65)
    with pytest.raises(ParameterError, match="X has 2 dimensions"):
        TextEmbedder(tiny).fit(table)


def test_wrong_use_is_told(tiny):
    with pytest.raises(ParameterError, match="one string"):
        TextEmbedder(tiny).fit("a text")
    with pytest.raises(ParameterError, match="neither 'query' nor 'document'"):
        TextEmbedder(tiny, side="passage").fit(SENTENCES)
    with pytest.raises(DimError, match="more than"):
        TextEmbedder(tiny, dim=65).fit(SENTENCES)
    with pytest.raises(UnknownNameError, match="core/text-classification"):
        TextEmbedder(tiny, instruction="core/text-clasification").fit(SENTENCES)
    with pytest.raises(InputError, match="Text 1 is empty"):
        TextEmbedder(tiny).fit(SENTENCES).transform(["a", " "])


def test_it_draws_itself_and_says_that_it_takes_strings():
    embedder = TextEmbedder("embedded")
    assert "TextEmbedder" in embedder._repr_html_()
    assert repr(TextEmbedder(dim=64)) == "TextEmbedder(dim=64)"
    tags = embedder.__sklearn_tags__()
    assert (tags.input_tags.string, tags.input_tags.two_d_array) == (True, False)


def test_what_scikit_learn_can_check_of_a_transformer_of_strings_passes(tiny):
    # with a warning it leaves out all that would call fit: it has no strings to try
    with pytest.warns(SkipTestWarning, match="string=True"):
        check_estimator(TextEmbedder(tiny))


def test_features_are_named_as_many_as_there_are_after_parameters_were_set(tiny):
    embedder = TextEmbedder(tiny).set_output(transform="pandas").fit(SENTENCES)
    whole = len(embedder.get_feature_names_out())
    embedder.set_params(dim=32)
    frame = embedder.transform(SENTENCES[:2])
    assert list(frame.columns) == list(embedder.get_feature_names_out())
    assert frame.shape == (2, 32) == (2, embedder.n_features_out_)
    embedder.set_params(dim=None)
    assert embedder.transform(SENTENCES[:2]).shape == (2, whole)
    assert embedder.set_params(dim=48).fit(SENTENCES).n_features_out_ == 48


def test_a_clone_and_a_pickle_keep_the_kind_of_output(tiny):
    pandas = pytest.importorskip("pandas", reason="the extra tables is not installed")
    embedder = TextEmbedder(tiny, dim=32).set_output(transform="pandas").fit(SENTENCES)
    rows = pandas.Series(SENTENCES[:2], index=["first", "second"])
    cloned = clone(embedder)
    with pytest.raises(NotFittedError):
        cloned.get_feature_names_out()
    for other in (cloned.fit(SENTENCES), pickle.loads(pickle.dumps(embedder))):  # its own pickle
        frame = other.transform(rows)
        assert isinstance(frame, pandas.DataFrame)
        assert list(frame.index) == ["first", "second"]
        assert list(frame.columns) == list(other.get_feature_names_out())
    made = make_pipeline(embedder, ExampleClassifier()).fit(SENTENCES, LABELS)
    assert list(made[:-1].get_feature_names_out()) == list(made[-1].feature_names_in_)
