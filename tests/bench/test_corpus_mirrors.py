"""Diffs out of bare mirrors: reversed, whole files, merges, what git hides."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from corpora import mirrors as opened
from corpora.items import Item, Kind
from corpora.mirrors import Mirrors, Source

Git = Callable[..., str]


@pytest.fixture(name="origin")
def _origin(tmp_path: Path, git: Git) -> Path:
    """A repository with a root, a change and a merge, in the place of a mirror."""
    place = tmp_path / "mirrors" / "acme+app" / "repo"
    place.mkdir(parents=True)
    git(place, "init", "-q", "-b", "main")
    (place / "é.txt").write_text("one\n")
    git(place, "add", "-A")
    git(place, "commit", "-qm", "Start")
    (place / "é.txt").write_text("two\n")
    git(place, "commit", "-qam", "Change it\n\nCo-authored-by: Claude <noreply@anthropic.com>")
    return place


@pytest.fixture(name="mirrors")
def _mirrors(tmp_path: Path) -> Iterator[Mirrors]:
    with opened.mirrors(tmp_path / "mirrors") as found:
        yield found


def item(revision: str, **fields: object) -> Item:
    told = {"kind": Kind.ATTACK, "id": "x", "repository": "acme/app", "revision": revision}
    return Item(**{**told, **fields})  # type: ignore[arg-type]  # fields by name


def changed(source: Source | str) -> list[bytes]:
    assert isinstance(source, Source), source
    lines = source.diff.patch.splitlines()
    return [line for line in lines if line[:1] in b"+-" and line[:3] not in {b"+++", b"---"}]


def test_it_reads_a_commit_and_its_inverse(origin: Path, mirrors: Mirrors, git: Git) -> None:
    head = git(origin, "rev-parse", "HEAD")
    source = mirrors.read(item(head))

    assert changed(source) == [b"-one", b"+two"]
    assert changed(mirrors.read(item(head, reverse=True))) == [b"-two", b"+one"]
    assert isinstance(source, Source)
    assert source.commit.sha == head
    assert source.commit.message.endswith("<noreply@anthropic.com>")
    assert str(source.commit.author) == "Ann Lee <ann@corp.io>"
    assert [file.new_path for file in source.diff.files or ()] == ["é.txt".encode()]


def test_it_reads_a_root(origin: Path, mirrors: Mirrors, git: Git) -> None:
    root = git(origin, "rev-parse", "HEAD~1")
    assert changed(mirrors.read(item(root))) == [b"+one"]
    assert changed(mirrors.read(item(root, reverse=True))) == [b"-one"]


def test_it_reads_a_whole_file_as_an_addition(origin: Path, mirrors: Mirrors, git: Git) -> None:
    head = git(origin, "rev-parse", "HEAD")

    assert changed(mirrors.read(item(head, path="é.txt"))) == [b"+two"]


def test_it_reads_a_whole_file_in_a_folder(origin: Path, mirrors: Mirrors, git: Git) -> None:
    (origin / "a" / "b c").mkdir(parents=True)
    (origin / "a" / "b c" / "*.sh").write_text("x\n")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "Deep")
    head = git(origin, "rev-parse", "HEAD")
    source = mirrors.read(item(head, path="a/b c/*.sh"))

    assert changed(source) == [b"+x"]
    assert isinstance(source, Source)
    assert [file.new_path for file in source.diff.files or ()] == [b"a/b c/*.sh"]
    assert "no file" in str(mirrors.read(item(head, path="a/b c")))
    assert "no file" in str(mirrors.read(item(head, path="a/none")))


def test_it_reads_of_a_merge_what_it_brings(origin: Path, mirrors: Mirrors, git: Git) -> None:
    git(origin, "checkout", "-qb", "side", "HEAD~1")
    (origin / "b.txt").write_text("b\n")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "Aside")
    git(origin, "merge", "-q", "--no-edit", "main")

    assert changed(mirrors.read(item(git(origin, "rev-parse", "HEAD")))) == [b"-one", b"+two"]


def test_it_reads_what_attributes_and_nul_bytes_hide(
    origin: Path, mirrors: Mirrors, git: Git
) -> None:
    (origin / ".gitattributes").write_text("*.txt -diff\n")
    (origin / "é.txt").write_text("three\n")
    (origin / "a.py").write_bytes(b"x\0y\n")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "Hide it")
    lines = changed(mirrors.read(item(git(origin, "rev-parse", "HEAD"))))

    assert lines == [b"+*.txt -diff", b"-two", b"+three", b"+x\0y"]


def test_it_reads_a_bare_mirror(tmp_path: Path, origin: Path, mirrors: Mirrors, git: Git) -> None:
    head = git(origin, "rev-parse", "HEAD")
    bare = tmp_path / "mirrors" / "acme+bare" / "repo"
    git(tmp_path, "clone", "-q", "--bare", str(origin), str(bare))

    assert changed(mirrors.read(item(head, repository="acme/bare"))) == [b"-one", b"+two"]


def test_it_says_what_cannot_be_had(origin: Path, mirrors: Mirrors, git: Git) -> None:
    assert origin.exists()
    assert mirrors.read(item("HEAD", repository="acme/gone")) == "no mirror of acme/gone"
    assert isinstance(mirrors.read(item("1" * 40)), str)
    assert isinstance(mirrors.read(item("--output=x")), str)
    assert isinstance(mirrors.read(item(git(origin, "rev-parse", "HEAD^{tree}"))), str)
