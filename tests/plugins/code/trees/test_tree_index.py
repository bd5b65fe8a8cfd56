"""The index of a source tree: what is embedded again after changes, moves and interruptions."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

import pytest

from metier import MetierWarning, Runtime, field
from metier.errors import InputError, UsageError
from metier.steps.repeated_search import RepeatedSearch
from metier.testing.fakes import FakeEmbedder
from metier_code.search import search
from metier_code.trees.file_states import RACY, FileState, TreeStates
from metier_code.trees.refreshing import parser_settings
from metier_code.trees.tree_index import TreeIndex, ask_index, open_tree_index

CART = '''
def total(items):
    """What all items cost."""
    return sum(item.price for item in items)


def ship(order):
    """Send the parcel."""
    return order.address
'''
PRICE = "def discount(price, rate):\n    return price * (1 - rate)\n"
FIND = "code/function-search"


@pytest.fixture(scope="module")
def words_rt() -> Runtime:
    return Runtime(FakeEmbedder(), plugins=["code"], progress=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A working tree of git with two sources, which were changed long ago."""
    root = tmp_path / "shop"
    (root / "lib").mkdir(parents=True)
    write(root / "cart.py", CART)
    write(root / "lib" / "price.py", PRICE)
    git(root, "init", "-q", "-b", "main")
    commit(root)
    return root


def write(path: Path, text: str) -> None:
    """Write a file as if it had been long ago."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1_600_000_000, 1_600_000_000))


def git(root: Path, *arguments: str) -> None:
    names = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    subprocess.run(["git", "-C", str(root), *names, *arguments], check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Change")


def counts(tree: TreeIndex) -> tuple[int, int, int]:
    """Files that were divided, and chunks that went through the model or were recalled."""
    return len(tree.freshness.parsed), tree.freshness.embedded, tree.freshness.recalled


def names(tree: TreeIndex, rt: Runtime, query: str = "price", **options: object) -> list[str]:
    (hits,) = tree.search(rt, [query], instruction=FIND, **options)  # type: ignore[arg-type]
    return [str(hit.fields["name"]) for hit in hits]


def test_only_what_changed_is_divided_and_embedded(words_rt: Runtime, tree: Path) -> None:
    built = open_tree_index(words_rt, [tree])
    assert counts(built) == (2, 3, 0)
    assert names(built, words_rt, "send parcel")[0] == "ship"
    assert counts(open_tree_index(words_rt, [tree])) == (0, 0, 0)
    write(tree / "cart.py", CART.replace("sum(", "max("))
    changed = open_tree_index(words_rt, [tree])
    assert counts(changed) == (1, 1, 0)
    assert len(changed.index) == 3
    (tree / "cart.py").unlink()
    removed = open_tree_index(words_rt, [tree])
    assert (removed.freshness.removed, names(removed, words_rt)) == (("cart.py",), ["discount"])


def test_what_moves_and_what_other_branches_have_is_not_embedded_again(
    words_rt: Runtime, tree: Path
) -> None:
    open_tree_index(words_rt, [tree])
    git(tree, "checkout", "-q", "-b", "next")
    write(tree / "cart.py", CART.replace("parcel", "letters"))
    commit(tree)
    assert open_tree_index(words_rt, [tree]).freshness.embedded == 1
    for branch in ("main", "next", "main"):
        git(tree, "checkout", "-q", branch)
        switched = open_tree_index(words_rt, [tree])
        assert (switched.freshness.embedded, switched.freshness.recalled) == (0, 1)
    (tree / "lib" / "price.py").rename(tree / "lib" / "rates.py")
    moved = open_tree_index(words_rt, [tree])
    assert (moved.freshness.embedded, moved.freshness.recalled) == (0, 1)
    commit(tree)
    git(tree, "worktree", "add", "-q", str(tree.parent / "other"))
    other = open_tree_index(words_rt, [tree.parent / "other"])
    assert (other.freshness.embedded, other.freshness.recalled) == (0, 3)


def test_a_part_of_a_tree_is_searched_in_the_index_of_the_whole(
    words_rt: Runtime, tree: Path
) -> None:
    part = open_tree_index(words_rt, [tree / "lib"])
    assert (counts(part), names(part, words_rt)) == ((1, 1, 0), ["discount"])
    assert open_tree_index(words_rt, [tree]).freshness.embedded == 2
    part = open_tree_index(words_rt, [tree / "lib"])
    assert (counts(part), names(part, words_rt)) == ((0, 0, 0), ["discount"])
    only = open_tree_index(words_rt, [tree / "cart.py"])
    assert sorted(names(only, words_rt, where=field("language") == "Python")) == ["ship", "total"]
    definitions = open_tree_index(words_rt, [tree / "lib"]).definitions()
    (discount,) = definitions.definitions
    assert (discount.location, discount.text) == ("price.py:1", PRICE.strip())
    assert definitions.vectors.shape[0] == 1


@pytest.mark.parametrize("lost", ["settings", "pending"])
def test_what_its_states_do_not_say_is_not_in_the_index(
    words_rt: Runtime, tree: Path, tmp_path: Path, lost: str
) -> None:
    at = tmp_path / "kept"
    open_tree_index(words_rt, [tree], at=at)
    path = at / "documents" / "files.json"
    states = TreeStates.load(path)
    assert states is not None
    if lost == "settings":  # as after an update of the parser
        states.settings = {"parser": "0"}
    else:  # as where a process was killed on the way
        states.pending, states.chunks = ["cart.py"], None
        del states.files["cart.py"]
    states.save(path)
    part = open_tree_index(words_rt, [tree / "lib"], at=at)
    assert sorted({found.chunk.document_id for found in part.index.contents().chunks}) == [
        "lib/price.py"
    ]
    assert part.freshness.removed == ()
    states = TreeStates.load(path)
    assert states is not None
    assert (sorted(states.files), states.pending, states.chunks) == (["lib/price.py"], [], 1)
    whole = open_tree_index(words_rt, [tree], at=at)
    assert (counts(whole), len(whole.index)) == ((1, 0, 2), 3)


def test_files_changed_while_they_were_looked_at_are_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("a = 1", encoding="utf-8")
    now = path.stat()
    last = max(now.st_mtime_ns, now.st_ctime_ns)
    assert not FileState.of(now, b"a = 1", last + RACY).is_current(now)
    assert FileState.of(now, b"a = 1", last + RACY + 1).is_current(now)
    path.write_text("a = 12", encoding="utf-8")
    assert not FileState.of(now, b"a = 1", last + 2 * RACY).is_current(path.stat())


def test_other_settings_build_the_index_again_and_say_so(words_rt: Runtime, tree: Path) -> None:
    open_tree_index(words_rt, [tree])
    smaller = open_tree_index(words_rt, [tree], dim=32)
    assert (smaller.freshness.embedded, smaller.freshness.recalled) == (0, 3)
    (note,) = smaller.freshness.notes
    assert note.startswith("The index was built again: it was made with other settings (dim: ")
    assert open_tree_index(words_rt, [tree], dim=32).freshness.notes == ()


def test_damage_is_mended_and_said(words_rt: Runtime, tree: Path, tmp_path: Path) -> None:
    at = tmp_path / "kept"
    open_tree_index(words_rt, [tree], at=at)
    states = at / "documents" / "files.json"
    states.write_text(states.read_text()[:40])
    mended = open_tree_index(words_rt, [tree], at=at)
    assert (mended.freshness.embedded, len(mended.index)) == (0, 3)
    assert mended.freshness.notes == (
        "The index was built again: the list of its files is damaged.",
    )
    for manifest in (at / "documents" / "index").glob("*/_versions/*"):
        manifest.write_bytes(b"damaged")
    mended = open_tree_index(words_rt, [tree], at=at)
    assert (mended.freshness.embedded, len(mended.index)) == (0, 3)
    assert mended.freshness.notes[0].startswith("The index was built again: it is damaged (")
    mended.index.remove(["cart.py"])
    assert len(open_tree_index(words_rt, [tree], at=at).index) == 3


def test_an_index_that_proves_damaged_while_it_is_read_is_built_again(
    words_rt: Runtime, tree: Path, tmp_path: Path
) -> None:
    at = tmp_path / "kept"
    expected = words_rt.run("code/search", tree, query="price", at=at).hits
    for data in (at / "documents" / "index").glob("metier_chunks*/data/*"):
        data.write_bytes(b"damaged")
    with pytest.raises(InputError, match=r"(?s)is damaged.*update='auto'") as never:
        words_rt.run("code/search", tree, query="price", at=at, update="never")
    assert never.value.code == "index-damaged"
    with pytest.warns(MetierWarning, match=r"is damaged\. It is built again"):
        mended = words_rt.run("code/search", tree, query="price", at=at).hits
    assert [hit.location for hit in mended] == [hit.location for hit in expected]
    assert open_tree_index(words_rt, [tree], at=at).freshness.parsed == ()


@pytest.mark.parametrize("name", [".lock", "documents/files.json"])
def test_without_a_way_to_write_the_index_is_in_memory(
    words_rt: Runtime, tree: Path, tmp_path: Path, name: str
) -> None:
    at = tmp_path / "kept"
    (at / name).mkdir(parents=True)  # as a file system that is read-only, also for root
    found = open_tree_index(words_rt, [tree], at=at)
    assert (found.index.path, found.count) == (None, 3)
    assert found.freshness.notes == (
        f"Nothing is kept: {str(at)!r} cannot be written (Is a directory).",
    )


def test_only_the_owner_can_read_what_is_kept(
    words_rt: Runtime, tree: Path, tmp_path: Path
) -> None:
    open_tree_index(words_rt, [tree], at=tmp_path / "kept")
    for path in [tmp_path / "kept", *(tmp_path / "kept").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_the_index_of_a_tree_that_is_gone_is_removed_with_the_next_new_one(
    words_rt: Runtime, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METIER_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("other", "third"):
        git(tree, "worktree", "add", "-q", str(tmp_path / name))
    alone = tmp_path / "alone"
    alone.mkdir()
    write(alone / "price.py", PRICE)
    chosen = tmp_path / "chosen"
    for folder in (tree, tmp_path / "other", alone):
        open_tree_index(words_rt, [folder])
    open_tree_index(words_rt, [alone], at=chosen)
    for folder in (tmp_path / "other", alone):
        rmtree(folder)
    third = open_tree_index(words_rt, [tmp_path / "third"])
    assert (third.freshness.embedded, third.freshness.recalled) == (0, 3)
    kept = sorted(path.name[:5] for path in (tmp_path / "cache" / "code").glob("*/*"))
    assert kept == ["shop-", "third", "vecto"]
    assert chosen.is_dir()


def test_an_index_may_be_taken_as_it_is(words_rt: Runtime, tree: Path) -> None:
    with pytest.raises(UsageError, match="There is no index of") as missing:
        open_tree_index(words_rt, [tree], update="never")
    assert "$" not in str(missing.value)
    assert str(missing.value).endswith("Build it with code/index, or leave update=... out.")
    open_tree_index(words_rt, [tree])
    write(tree / "cart.py", PRICE)
    (tree / "lib" / "price.py").unlink()
    as_it_was = open_tree_index(words_rt, [tree], update="never")
    assert as_it_was.freshness.changed == ("cart.py", "lib/price.py")
    assert sorted(names(as_it_was, words_rt)) == ["discount", "ship", "total"]
    assert open_tree_index(words_rt, [tree]).freshness.embedded == 0


def test_an_index_that_holds_nothing_yet_says_so(words_rt: Runtime, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    write(folder / "later.py", "")
    open_tree_index(words_rt, [folder])
    write(folder / "later.py", PRICE)
    with pytest.raises(InputError, match=r"(?s)holds nothing of .*it lacks: 1\."):
        ask_index(lambda tree: tree.count, words_rt, [folder], update="never")


@pytest.mark.parametrize("keep", [True, False])
def test_without_lancedb_or_a_folder_the_index_is_in_memory(
    words_rt: Runtime, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: bool
) -> None:
    monkeypatch.setitem(sys.modules, "lancedb", None)
    for embedded in (3, 0 if keep else 3):
        found = open_tree_index(words_rt, [tree], keep=keep, at=tmp_path / "kept")
        assert (found.index.path, found.freshness.embedded) == (None, embedded)
        assert found.freshness.notes == (
            ("The index is in memory: pip install 'metier[store]' keeps it between searches.",)
            if keep
            else ()
        )
    assert names(found, words_rt)[0] == "discount"
    assert (tmp_path / "kept").exists() == keep


@pytest.mark.parametrize("keep", [True, False])
def test_queries_that_follow_embed_themselves_and_what_changed(
    words_rt: Runtime, tree: Path, tmp_path: Path, keep: bool
) -> None:
    repeated = RepeatedSearch(
        words_rt, search, {"path": [tree], "at": tmp_path, "keep_index": keep}
    )
    results = [repeated.search(query) for query in ("send parcel", "what items cost")]
    write(tree / "cart.py", CART.replace("def ship", "def send_parcel"))
    (tree / "lib" / "price.py").unlink()
    results.append(repeated.search("send parcel"))
    repeated.change("language", ["go"])
    results.append(repeated.search("send parcel"))
    assert [result.hits[0].name for result in results[:3]] == ["ship", "total", "send_parcel"]
    assert [result.searched for result in results] == [3, 3, 2, 2]
    assert results[3].hits == ()
    if not keep:  # on disk, chunks are counted by the index
        assert [result.record.texts_embedded for result in results] == [4, 1, 2, 3]


def test_queries_that_follow_ask_an_index_that_is_not_updated_without_its_tree(
    words_rt: Runtime, tree: Path, tmp_path: Path
) -> None:
    open_tree_index(words_rt, [tree], at=tmp_path / "kept")
    values = {"path": [tree], "at": tmp_path / "kept", "update": "never"}
    repeated = RepeatedSearch(words_rt, search, values)
    assert repeated.search("what items cost").hits[0].name == "total"
    rmtree(tree)
    assert repeated.search("send parcel").hits[0].name == "ship"


KILLED = """
import os, signal, sys
from pathlib import Path
from metier import Runtime
from metier.testing.fakes import FakeEmbedder
from metier_code.trees.tree_index import open_tree_index

left = int(sys.argv[3])

def end(event, arguments):
    global left
    names = [os.fsdecode(name) for name in arguments if isinstance(name, (str, bytes))]
    if event in ("os.rename", "os.remove", "sqlite3.connect") and "kept" in "".join(names):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

rt = Runtime(FakeEmbedder(), plugins=["code"], progress=False)
sys.addaudithook(end)
print(open_tree_index(rt, [Path(sys.argv[1])], at=Path(sys.argv[2])).freshness.embedded)
"""


@pytest.mark.skipif(os.name != "posix", reason="processes are killed by signals")
def test_a_build_that_was_killed_goes_on(words_rt: Runtime, tree: Path, tmp_path: Path) -> None:
    at = tmp_path / "kept"
    killed = 0
    for step in (1, 3, 2):
        write(tree / "cart.py", CART.replace("parcel", f"parcel {step}"))
        command = [sys.executable, "-c", KILLED, str(tree), str(at), str(step)]
        killed += subprocess.run(command, capture_output=True).returncode == -signal.SIGKILL
    assert killed == 3
    whole = open_tree_index(words_rt, [tree], at=at)
    fresh = open_tree_index(words_rt, [tree], keep=False)
    assert whole.definitions().definitions == fresh.definitions().definitions
    assert len(whole.index) == 3
    assert TreeStates.load(at / "documents" / "files.json").pending == []
    assert whole.index.verify().is_intact


@pytest.mark.filterwarnings("ignore:Another process is indexing")
def test_two_at_once_are_safe(words_rt: Runtime, tree: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        built = list(pool.map(lambda _: open_tree_index(words_rt, [tree]), range(2)))
    assert sorted(tree_index.freshness.embedded for tree_index in built) == [0, 3]
    assert [len(tree_index.index) for tree_index in built] == [3, 3]


def test_a_folder_without_sources_is_an_error(words_rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    with pytest.raises(InputError, match="There are no sources in"):
        open_tree_index(words_rt, [tmp_path])


def test_a_grammar_that_comes_later_changes_how_sources_are_divided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = parser_settings()
    monkeypatch.setitem(sys.modules, "tree_sitter_go", None)  # as if it was not installed
    assert parser_settings() != settings


def test_files_read_in_part_are_read_again_by_another_parser(
    words_rt: Runtime, tree: Path, tmp_path: Path
) -> None:
    (tree / "broken.py").write_text(f"{PRICE}\n\ndef ship(:\n    return 1\n")
    at = tmp_path / "kept"
    before = open_tree_index(words_rt, [tree], at=at)
    assert [left_out.location for left_out in before.left_out] == ["broken.py"]
    path = at / "documents" / "files.json"
    states = TreeStates.load(path)
    assert states is not None
    states.settings = {"parser": "0"}
    # long enough ago that the files are certainly the same
    states.files = {
        name: replace(state, checked=state.checked + 2 * RACY)
        for name, state in states.files.items()
    }
    states.save(path)
    after = open_tree_index(words_rt, [tree], at=at)
    assert (after.left_out, len(after.index)) == (before.left_out, len(before.index))
    assert "broken.py" in {found.chunk.document_id for found in after.index.contents().chunks}
