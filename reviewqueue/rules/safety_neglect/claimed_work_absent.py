r"""Work that the title claims, and the change does not contain.

What it flags
    A title that says that tests were added, in a change in which no test is; a title that
    says that a check, a validation or a weakness was added or fixed, in a change that
    touches only prose, comments, white space or versions, or that only gives things other
    names; tests claimed where only names or imports change.

Why it matters
    The history and the release notes will say that it was done. A queue that trusts
    titles passes the missing work on to users; from an agent it is the cheapest way to
    look diligent.

How to review it
    Ask for the test that fails without this change.
    Look for the work in another change before merging this one.

Not flagged
    Titles about documentation, settings, dependencies, reviews or a thing to try something
    with (a test event, a test account); changes whose files cannot
    be read here, and those of very many files. Weaknesses that a tool finds in dependencies,
    where a lock file names others of them; unsaid which (low).

Seen in
    The database deleted by Replit's agent in July 2025, whose operator reported that it
    had also invented data and test results.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.pairs import Pair, blocks, changed_tokens

_TESTS = (
    r"(?i)\b(?:add(?:s|ed|ing)?|write|wrote|increas(?:e|es|ed|ing)|improv(?:e|es|ed|ing)|"
    r"extend(?:s|ed)?|expand(?:s|ed)?|creat(?:e|es|ed)|implement(?:s|ed)?)\b[^:;.()]{0,40}?"
    r"\b(?:tests?|unit tests?|specs?|regression tests?)\b|^tests?(?:\([^)]*\))?!?:[ ]*(?:add|"
    r"cover|extend)"
)
_SAFETY = (
    r"(?i)\b(?:add(?:s|ed|ing)?|fix(?:es|ed|ing)?|implement(?:s|ed)?|enforc(?:e|es|ed)|"
    r"harden(?:s|ed)?|"
    r"patch(?:es|ed)?|prevent(?:s|ed)?|mitigat(?:e|es|ed)|sanitiz(?:e|es|ed)|validat(?:e|es|ed)|"
    r"secur(?:e|es|ed))"
    r"\b[^:;.]{0,50}?\b(?:validation|vulnerabilit(?:y|ies)|"
    r"security(?:[ ](?:checks?|fix(?:es)?|issues?|holes?|bugs?|headers?|hardening|guards?|patch\w*|"
    r"flaws?|vuln\w*)|[ ]*$)|authentication|"
    r"authori[sz]ation|"
    r"permission checks?|injection|xss|csrf|ssrf|path traversal|cve-\d|escap(?:e|ing)|"
    r"saniti[sz]\w+|"
    r"guardrails?|moderation|safety checks?|rate.?limit\w*|redaction|bounds check\w*|input checks?|"
    r"overflow|race condition|signature check\w*|access control)\b"
)
_NO_CODE = (
    r"(?i)\b(?:docs?|documentation|readme|guide|comment\w*|docstring\w*|changelog|typos?|"
    r"wording|notes?|issue|tutorial|blog|example\w*|policy|deps?|bump\w*|upgrade\w*|"
    r"dependenc\w+|release|version|merge|revert\w*|wip|translation\w*|ci|workflow|plan\w*|"
    r"proposal|spec|design|label|skill|feedback|review|to test|scanner|server|prompt\w*|rules?|"
    r"bd|beads?|backlog|skip\w*|instructions?|template\w*|configs?)\b"
)
"""Titles with such a word may well be about work that no code and no test shows."""
_TEST_WORDS = (
    r"(?i)test|\bassert|\bexpect\b|\bspec\b|fixture|golden|snapshot|\bcheck\b|\bmock|benchmark|"
    r"\.bats|"
    r"\be2e\b|vectors?|cassette|coverage|verify"
)
_OF_DEPENDENCIES = (
    r"(?i)\b(?:npm|yarn|pnpm|bun|pip|cargo|composer|bundler?|go)[ -]audit\b|\baudit fix\b|"
    r"\b(?:package-)?lock[- ]?files?\b|\bpackage-lock\b|\btransitive\b|\b(?:osv|snyk|grype|trivy|"
    r"govulncheck)\b"
)
"""Who speaks so means the weaknesses of what is installed: a lock file mends them."""
_MAY_BE_THEIRS = r"(?i)\bvulnerabilities\b|\bvulnerability$|\b(?:cve|ghsa)-\w"
"""Who speaks so may mean them."""
_OF_OWN_CODE = (
    r"(?i)\b(?:in|of|for) (?:the |our |its )?\w|\b(?:sql|command|code|template|header|log|html|"
    r"script) injection|xss|csrf|ssrf|traversal|authenti|authori"
)
"""Unless it says where, or of which kind."""
_COMMENT = r"^[ \t]*(?:#|//|/?\*|--|;|<!--|\"\"\"|'''|$)"
_LONGEST = 500
"""Removed lines of a block up to which they are compared: more are work in any case."""
_MOST = 200
"""Files of a change beyond which a claim is not compared with it."""


_OF_A_TEST = (
    r"(?i)\btest (?:events?|data|users?|accounts?|modes?|keys?|messages?|values?|button|page|"
    r"env\w*|server|command|endpoint|bot|project|file)\b"
)
"""A thing to try something with is no test."""


def check(view: View) -> Iterator[Hit]:
    """Compare what the title claims with what there is."""
    headline = view.subject.headline
    if not headline or not view.files or len(view.files) > _MOST:
        return
    said = headline.encode("utf-8", "replace")[:500]
    claims_tests = (
        expression(_TESTS).search(said) is not None and expression(_OF_A_TEST).search(said) is None
    )
    if not (claims_tests or expression(_SAFETY).search(said)) or expression(_NO_CODE).search(said):
        return
    done = _tests if claims_tests else _works
    if any(_is_unread(file) or done(file) for file in view.files):
        return
    locked = not claims_tests and any(map(_is_locked_anew, view.files))
    if not (locked and expression(_OF_DEPENDENCIES).search(said)):
        told = (
            "tests, and there is none here" if claims_tests else "a fix, and no code changes here"
        )
        severity = Severity.LOW if locked and _may_be_theirs(said) else None
        yield Hit(message=f"the title claims {told}", text=headline, severity=severity)


def _is_locked_anew(file: FileView) -> bool:
    """Return whether a lock file names other versions than before."""
    return (
        Label.LOCK in file.labels
        and bool(file.removed)
        and _code(file.added) != _code(file.removed)
    )


def _may_be_theirs(said: bytes) -> bool:
    """Return whether the weaknesses of a title may be those of dependencies."""
    return (
        expression(_MAY_BE_THEIRS).search(said) is not None
        and expression(_OF_OWN_CODE).search(said) is None
    )


def _is_unread(file: FileView) -> bool:
    """Return whether a file's content is not in the diff: nothing can be said of it."""
    return not (file.added or file.removed) and file.status not in {"R", "D", "T"}


def _tests(file: FileView) -> bool:
    """Return whether a file holds anything like a test."""
    words = expression(_TEST_WORDS)
    return (
        not file.labels.isdisjoint({Label.TEST, Label.CI})
        or words.search(file.path.encode()) is not None
        or words.search(file.added) is not None
    )


def _works(file: FileView) -> bool:
    """Return whether a file changes in more than prose, comments and white space."""
    is_prose = Label.DOCS in file.labels and Label.SOURCE not in file.labels
    if is_prose or Label.LOCK in file.labels:
        return False
    if _code(file.added) == _code(file.removed):
        return file.status == "T"
    return not _only_renames(file)


def _only_renames(file: FileView) -> bool:
    """Return whether every changed line only calls things by other names, always the same."""
    names: dict[bytes, bytes] = {}
    comment = expression(_COMMENT)
    for block in blocks(file):
        old = [text for _, text in block.old if not comment.search(text)]
        new = [text for _, text in block.new if not comment.search(text)]
        if len(old) != len(new) or len(old) > _LONGEST:
            return False
        if not all(_is_renamed(Pair(0, 0, *both), names) for both in zip(old, new, strict=True)):
            return False
    return True


def _is_renamed(pair: Pair, names: dict[bytes, bytes]) -> bool:
    """Return whether only names changed on a line, as on the lines before; these are kept."""
    changed, word = changed_tokens(pair), expression(r"^[A-Za-z_]\w+$")
    if changed.gone or changed.came or changed.switches:
        return False
    return all(
        word.search(old) and word.search(new) and names.setdefault(old, new) == new
        for old, new in changed.swapped
    )


def _code(text: bytes) -> list[bytes]:
    comment = expression(_COMMENT)
    return [b"".join(line.split()) for line in text.splitlines() if not comment.search(line)]


RULE = Rule(
    id="claimed-work-absent",
    pathway=Pathway.SAFETY_NEGLECT,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="claims tests or a check that are not in it",
    version=6,
    check=check,
)
