"""Diffs out of bare mirrors: by git, reversed, whole files, merges; kept where asked."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
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
def _mirrors(tmp_path: Path) -> Mirrors:
    return Mirrors(tmp_path / "mirrors")


def item(revision: str, **fields: object) -> Item:
    told = {"kind": Kind.ATTACK, "id": "x", "repository": "acme/app", "revision": revision}
    return Item(**{**told, **fields})  # type: ignore[arg-type]  # fields by name


def changed(source: Source | str) -> list[bytes]:
    assert isinstance(source, Source), source
    lines = source.diff.splitlines()
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
    assert "é.txt".encode() in source.diff


def test_it_reads_a_root(origin: Path, mirrors: Mirrors, git: Git) -> None:
    assert changed(mirrors.read(item(git(origin, "rev-parse", "HEAD~1")))) == [b"+one"]


def test_it_reads_a_whole_file_as_an_addition(origin: Path, mirrors: Mirrors, git: Git) -> None:
    head = git(origin, "rev-parse", "HEAD")

    assert changed(mirrors.read(item(head, path="é.txt"))) == [b"+two"]


def test_it_reads_of_a_merge_what_the_merge_itself_changed(
    origin: Path, mirrors: Mirrors, git: Git
) -> None:
    git(origin, "checkout", "-qb", "side", "HEAD~1")
    (origin / "b.txt").write_text("b\n")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "Aside")
    git(origin, "merge", "-q", "--no-edit", "main")

    assert changed(mirrors.read(item(git(origin, "rev-parse", "HEAD")))) == []


def test_it_reads_a_bare_mirror(tmp_path: Path, origin: Path, mirrors: Mirrors, git: Git) -> None:
    head = git(origin, "rev-parse", "HEAD")
    bare = tmp_path / "mirrors" / "acme+bare" / "repo"
    git(tmp_path, "clone", "-q", "--bare", str(origin), str(bare))

    assert changed(mirrors.read(item(head, repository="acme/bare"))) == [b"-one", b"+two"]


def test_it_says_what_cannot_be_had(origin: Path, mirrors: Mirrors) -> None:
    assert origin.exists()
    assert mirrors.read(item("HEAD", repository="acme/gone")) == "no mirror of acme/gone"
    assert "bad object" in str(mirrors.read(item("1" * 40)))
    assert mirrors.read(item("--output=x")) == "a revision that is an option"


def test_it_keeps_what_it_read_of_an_exact_revision(tmp_path: Path, origin: Path, git: Git) -> None:
    head = git(origin, "rev-parse", "HEAD")
    mirrors = Mirrors(tmp_path / "mirrors", tmp_path / "cache")
    first = mirrors.read(item(head))
    mirrors.read(item("HEAD"))
    subprocess.run(["rm", "-r", str(origin)], check=True)

    assert mirrors.read(item(head)) == first
    assert mirrors.read(item(head, reverse=True)) == "no mirror of acme/app"
    assert mirrors.read(item("HEAD")) == "no mirror of acme/app"
