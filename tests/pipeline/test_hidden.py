"""What one diff alone does not show: payloads in parts, payloads that come and go."""
# ruff: noqa: ANN401 -- a scene's type lives in conftest

import difflib
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from reviewqueue.domain.finding import Severity, Side
from reviewqueue.domain.people import Person
from reviewqueue.forge.git.mirror import Mirror
from reviewqueue.pipeline.hidden import Patches, in_parts
from reviewqueue.rules import catalogue
from reviewqueue.scan.combine import severity_rank
from reviewqueue.scan.diff import Diff, Unread
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.parser import FilePatch, parse
from reviewqueue.scan.rule import Subject

SAMPLES = Path(__file__).parents[1] / "rules"
SCANNERS = {rule.id: Scanner([rule], b"salt") for rule in catalogue()}
DECODES = "import base64\nWHAT = base64.b64decode(TEXT)\n"
RUNS = "exec(WHAT)\n"
PAYLOAD = "import base64\nexec(base64.b64decode('cHJpbnQoMSk='))\n"
EVE = Person("Eve Holm", "eve@holm.org")


def high(sample: Path) -> bool:
    return sample.read_bytes().startswith((b"Expect: high", b"Expect: critical"))


def in_one_file(sample: Path) -> bool:
    """Whether the sample is about text that one file gains."""
    patches = parse(sample.read_bytes())
    found = SCANNERS[sample.parent.name].scan(Diff(sample.read_bytes()), Subject()).findings
    sides = {at.side for finding in found for at in finding.locations}
    return len(patches) == 1 and sides == {Side.NEW} and patches[0].old_mode in {0, 0o100644}


PARTED = [
    sample
    for sample in sorted(SAMPLES.glob("*/*/flagged-*.diff"))
    if high(sample) and sample.parent.parent.name != "gate" and in_one_file(sample)
]


def stages(file: FilePatch) -> list[list[str]]:
    """Return what the file is before, and after each of five parts of its added lines."""
    lines = [line.decode("utf-8", "surrogateescape") for hunk in file.hunks for line in hunk.lines]
    lines = [line for line in lines if not line.startswith("\\")]
    added = [at for at, line in enumerate(lines) if line.startswith("+")]
    found = [[line[1:] for line in lines if not line.startswith("+")]]
    for part in range(1, 6):
        there = set(added[: len(added) * part // 5])
        kept = " -" if part < 5 else " "
        found.append([line[1:] for at, line in enumerate(lines) if line[0] in kept or at in there])
    return found


def patch(file: FilePatch, old: list[str], new: list[str], *, first: bool) -> bytes:
    """Return a change of the file as git writes it."""
    path = file.path.decode()
    head = f"diff --git a/{path} b/{path}\n"
    is_new = first and not file.old_path
    if is_new:
        head += "new file mode 100644\nindex 0000000..2222222\n--- /dev/null\n"
    else:
        head += f"index 1111111..2222222 100644\n--- a/{path}\n"
    body = list(difflib.unified_diff(old, new, lineterm=""))[2:]
    if not body:
        return b""
    text = "\n".join([head + f"+++ b/{path}", *body]) + "\n"
    return text.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("sample", PARTED, ids=lambda sample: f"{sample.parent.name}/{sample.stem}")
def test_it_flags_a_sample_in_five_parts_at_the_last_at_the_latest(sample: Path) -> None:
    (file,) = parse(sample.read_bytes())
    scanner = SCANNERS[sample.parent.name]
    states = stages(file)
    earlier: list[bytes] = []
    worst = -1
    for number, (old, new) in enumerate(pairwise(states)):
        text = patch(file, old, new, first=not number or not old)
        if not text:
            continue
        diff = Diff(text)
        own = scanner.scan(diff, Subject())
        found = [*own.findings, *in_parts(scanner, diff, earlier, own)]
        worst = max([worst, *(severity_rank(finding.severity) for finding in found)])
        earlier.append(text)
    assert worst >= severity_rank(Severity.MEDIUM)


def test_it_splits_samples_of_many_rules() -> None:
    assert len({sample.parent.name for sample in PARTED}) >= 8


def test_it_reads_an_operators_changes_of_thirty_days_together(make_scene: Any) -> None:
    scene = make_scene()
    scene.start()
    scene.propose(1, {"load.py": DECODES})
    scene.pull()
    (first,) = scene.open()
    assert findings(scene, first.id) == ()
    scene.propose(2, {"load.py": RUNS}, message="Run it")
    scene.pull()
    second = next(change for change in scene.open() if change.id != first.id)
    finding = of("decode-and-execute", findings(scene, second.id))
    assert "only together with 1 earlier changes of the same operator" in finding.message


def test_it_reads_what_landed_together_with_what_is_open(make_scene: Any) -> None:
    scene = make_scene()
    scene.start()
    head = scene.propose(1, {"load.py": DECODES})
    scene.pull()
    scene.merge(head, files={"load.py": DECODES})
    scene.move("refs/pull/1/head", None)
    scene.pull()
    scene.propose(2, {"load.py": DECODES + RUNS}, message="Run it")
    scene.pull()
    assert "decode-and-execute" in {found.rule for found in findings(scene, scene.only().id)}


@pytest.mark.parametrize(
    "apart", [{"by": EVE, "committer": EVE}, {"later": timedelta(days=31)}], ids=["other", "later"]
)
def test_it_leaves_apart_other_operators_and_long_ago(make_scene: Any, apart: Any) -> None:
    scene = make_scene()
    scene.start()
    scene.propose(1, {"load.py": DECODES})
    scene.pull()
    (first,) = scene.open()
    scene.now += apart.pop("later", timedelta())
    scene.propose(2, {"load.py": RUNS}, message="Run it", **apart)
    scene.pull()
    second = next(change for change in scene.open() if change.id != first.id)
    assert not any("together" in found.message for found in findings(scene, second.id))


def test_it_hides_no_earlier_part_behind_one_too_large_to_read(make_scene: Any) -> None:
    scene = make_scene()
    scene.start()
    scene.propose(1, {"load.py": DECODES})
    scene.pull()
    scene.propose(2, {"words.txt": "a word\n" * 700_000}, message="Add words")
    scene.pull()
    known = {change.id for change in scene.open()}
    scene.propose(3, {"load.py": RUNS}, message="Run it")
    scene.pull()
    (last,) = [change for change in scene.open() if change.id not in known]
    found = findings(scene, last.id)
    assert "only together with 1 earlier" in of("decode-and-execute", found).message
    assert (
        "1 earlier changes of the same operator are too large"
        in of("unread-content", found).message
    )


def test_it_scans_every_commit_that_enters_history(make_scene: Any) -> None:
    scene = make_scene()
    scene.start()
    scene.propose(1, {"load.py": PAYLOAD})
    scene.commit("refs/pull/1/head", {"load.py": "pass\n"}, agent=True, message="Tidy up")
    scene.pull()
    finding = of("decode-and-execute", findings(scene, scene.only().id))
    assert "it enters history unless the change is squashed" in finding.message
    assert risk(scene, scene.only().id) in {"high", "critical"}


def test_it_says_nothing_twice_of_what_the_whole_shows_too(make_scene: Any) -> None:
    scene = make_scene()
    scene.start()
    scene.propose(1, {"load.py": PAYLOAD})
    scene.commit("refs/pull/1/head", {"more.py": "pass\n"}, agent=True, message="Add more")
    scene.pull()
    assert not any("in commit" in found.message for found in findings(scene, scene.only().id))


def test_it_takes_the_exact_inverse_for_a_revert(make_scene: Any) -> None:
    scene, change = reverting(make_scene, {"part.py": None})
    assert not any("reverts" in found.message for found in findings(scene, change))


def test_it_tells_a_revert_that_is_none(make_scene: Any) -> None:
    scene, change = reverting(make_scene, {"part.py": None, "more.py": "more = 1\n"})
    finding = of("misleading-title", findings(scene, change))
    assert "not its exact inverse" in finding.message


def test_it_tells_a_revert_of_what_is_not_there(make_scene: Any) -> None:
    scene, change = reverting(make_scene, {"part.py": None}, sha="0" * 40)
    finding = of("misleading-title", findings(scene, change))
    assert "not in this repository" in finding.message


def reverting(make_scene: Any, files: Any, sha: str = "") -> tuple[Any, str]:
    """Propose what says that it reverts a commit."""
    scene = make_scene()
    scene.start()
    added = scene.commit("refs/heads/main", {"part.py": "part = 1\n"}, message="Add a part")
    said = f'Revert "Add a part"\n\nThis reverts commit {sha or added}.'
    scene.propose(1, files, message=said)
    scene.pull()
    return scene, scene.only().id


def of(rule: str, found: Any) -> Any:
    """Return the one finding of a rule."""
    (finding,) = [finding for finding in found if finding.rule == rule]
    return finding


def findings(scene: Any, change: str) -> Any:
    return scan(scene, change).findings


def risk(scene: Any, change: str) -> str:
    return str(scan(scene, change).risk)


def scan(scene: Any, change: str) -> Any:
    with scene.store.reading() as reader:
        latest = reader.latest_revision(change)
        return reader.scan(change, latest.sha)


# What is kept between pulls


class Reading:
    """Gives patches, and counts how often it is asked."""

    def __init__(self, *diffs: Diff) -> None:
        self.diffs = list(diffs)
        self.asked: list[tuple[str, str]] = []

    def __call__(self, base: str, sha: str) -> Diff:
        self.asked.append((base, sha))
        return self.diffs[min(len(self.asked), len(self.diffs)) - 1]


def part(name: str) -> Any:
    """Return what stands for a change of the given head."""
    change = SimpleNamespace(id=name, repository="acme-app")
    revision = SimpleNamespace(base="b" * 40, sha=name * 40)
    return SimpleNamespace(change=change, revision=revision)


def test_it_reads_an_earlier_patch_once() -> None:
    kept, read = Patches(), Reading(Diff(b"one"), Diff(b"another"))
    assert [kept.of(part("1"), read) for _ in range(3)] == [b"one"] * 3
    assert kept.of(part("2"), read) == b"another"
    assert read.asked == [("b" * 40, "1" * 40), ("b" * 40, "2" * 40)]


def test_it_remembers_that_a_patch_is_too_large() -> None:
    kept, read = Patches(), Reading(Diff(b"x" * ((4 << 20) + 1)))
    assert [kept.of(part("1"), read) for _ in range(2)] == [None, None]
    assert len(read.asked) == 1


@pytest.mark.parametrize(
    "away",
    [
        Diff(b"", problem="the parents are missing"),
        Diff(b"", unread=(Unread(b"a.py", "missing object"),)),
    ],
)
def test_it_reads_again_what_was_not_all_there(away: Diff) -> None:
    kept, read = Patches(), Reading(away, Diff(b"all"))
    assert [kept.of(part("1"), read) for _ in range(3)] == [b"", b"all", b"all"]


def test_it_keeps_no_more_than_there_is_room_for() -> None:
    kept, read = Patches(3_000), Reading(Diff(b"x" * 1_000))
    for name in "1213141":
        kept.of(part(name), read)
    assert [sha[0] for _, sha in read.asked] == ["1", "2", "3", "4"]
    kept.of(part("2"), read)
    assert len(read.asked) == 5


def test_it_keeps_what_it_looked_at_for_the_next_pull(
    make_scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    diff = Mirror.diff

    def reading(mirror: Mirror, base: str, sha: str) -> Diff:
        asked.append(sha)
        return diff(mirror, base, sha)

    monkeypatch.setattr(Mirror, "diff", reading)
    scene = make_scene()
    scene.start()
    first, _ = scene.propose(1), scene.pull()
    second, _ = scene.propose(2), scene.pull()
    third, _ = scene.propose(3), scene.pull()
    assert [asked.count(sha) for sha in (first, second, third)] == [1, 1, 1]
