r"""Git's record, or who is said to have written it, made to say something else.

What it flags
    Added lines that rewrite history (`filter-branch`, `filter-repo`, reflog expired,
    objects pruned at once), that skip or redirect git's hooks (`--no-verify`,
    `core.hooksPath`), that hide files from git (`.git/info/exclude`, `assume-unchanged`,
    `skip-worktree`), that write commits in somebody else's name or with another date, or
    that strip trailers naming an agent or co-author; text that says that reviewers, users
    or monitoring are not to notice; file times set back.

Why it matters
    Who wrote a line and when, and which checks it went through, is what every later
    question is answered from. What hides from git, or signs with another name, is outside
    of review for ever.

How to review it
    Ask whose name the commits carry afterwards, and whether that person knows.
    Ask which hook is skipped, and what it would have said.
    Ask why collaborators must not see the files.

Not flagged
    A robot's own name in its workflow, hooks skipped in CI or under a condition that a text
    names (low); a name that only comes from a variable now; reading the configured name;
    prose weighs one level less.

Seen in
    ATT&CK T1070 and T1070.006 (timestomping), T1564.001 (hidden files), T1036
    (masquerading). The PHP source commits of March 2021 carried the names of two
    maintainers who had not written them.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import ACTED_ON, Label
from reviewqueue.scan.rule import (
    Capability,
    FileView,
    Hit,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)
from reviewqueue.scan.structure.anew import anew

_IDENTITY = (
    r"\bgit['\",\s]+config\b[^\n]*\buser\.(?:name|email)\b|-c\s+user\.(?:name|email)=|"
    r"\bGIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL|DATE)\b|--author[= ]|"
    r"\bset_value\(\s*['\"]user['\"]|\bcommitter\.(?:name|email)\s*=[^=]|\bauthor_date\s*=[^=]|"
    r"--date[= ]"
)
_SETS = (
    r"user\.(?:name|email)[\s\"',=]+[\"']?[^\s\"'/|&;)]|"
    r"GIT_\w+_(?:NAME|EMAIL|DATE)['\"\]]*\s*[:=][^=]|\bexport\s+GIT_|"
    r"commit\b[^\n]*--(?:author|date)[=\s]|--amend\b[^\n]*--(?:author|date|reset-author)|"
    r"set_value|(?:committer|author)[._]\w+\s*=|(?:set|Set)?env\(\s*\"GIT_"
)
_ROBOT = (
    r"(?i)\[bot\]|github[-_ ]?actions?|\bbot\b|-bot\b|ci@|noreply@github|actions@|automation|"
    r"@example\.|test|ci-|robot|\bci\b|\$\{\{\s*github\.actor|release|deploy|build"
)
_READS = (
    r"config\s+(?:--\w+\s+)*--get|getenv\b|Getenv|\benviron\.get\b|"
    r"process\.env\.GIT\w+\s*(?:\?\?|\|\||[;,)])|^\s*(?:#|//|\*|/\*)"
)
_PAST = (
    r"--no-verify\b|\bHUSKY\s*[=:]\s*[\"']?0\b|\bHUSKY_SKIP_HOOKS\s*[=:]\s*[\"']?1\b|"
    r"\bSKIP_HOOKS\b|\bLEFTHOOK\s*=\s*0|\bPRE_COMMIT_ALLOW_NO_CONFIG|\bOVERCOMMIT_DISABLE|"
    r"\bSKIP=[\w,-]+\s+git\s+commit|--no-gpg-sign\b|\bcommit\.gpgsign[\s\"',=]+[\"']?false|"
    r"\bgpgsign\s*=\s*false"
)
"""Past what git was told to ask for."""
_UNDER_A_CONDITION = (
    r"(?i)^[ \t]*(?:[-*\d.]+[ \t]+)?[A-Za-z`*][^\n]*\b(?:if|when|unless|only|never|do not|"
    r"don'?t|avoid)\b"
)
"""A sentence that says when, or that it is not to be done."""
_VARIABLE = r"[\"' =][\"']?[{$%][\w{(]"


def check(view: View) -> Iterator[Hit]:
    """Mark commits in another name, and past the hooks; less, where a robot takes its own."""
    for file in view.where(_PAST, side=Side.NEW):
        if not file.labels.isdisjoint(ACTED_ON) and Label.TEST not in file.labels:
            yield from _past(file)
    for file in view.where(_IDENTITY, side=Side.NEW):
        if file.labels.isdisjoint(ACTED_ON) or Label.TEST in file.labels:
            continue
        said = {line.key for line in anew(file, _IDENTITY)}
        for line in file.new(_IDENTITY):
            text = line.whole[:4_000]
            if not expression(_SETS).search(text) or expression(_READS).search(text):
                continue
            if line.key not in said and expression(_VARIABLE).search(text):
                continue
            mild = expression(_ROBOT).search(text) is not None and b"DATE" not in text
            yield Hit.at(
                file,
                line,
                "commits carry a name or a date that is set here",
                severity=Severity.LOW if mild else Severity.MEDIUM,
                discountable=True,
            )


def _past(file: FileView) -> Iterator[Hit]:
    """Mark what skips hooks; less in CI, where there are none, and in a sentence that says when."""
    for line in file.new(_PAST):
        told = Label.AGENT_INSTRUCTIONS in file.labels and Label.SCRIPT not in file.labels
        mild = Label.CI in file.labels or (
            told and expression(_UNDER_A_CONDITION).search(line.whole)
        )
        yield Hit.at(
            file,
            line,
            "commits or pushes past the checks and signatures that git was told to ask for",
            severity=Severity.LOW if mild else Severity.MEDIUM,
            discountable=True,
        )


RULE = Rule(
    id="history-rewritten",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="makes git's record say something else, or hides from it",
    version=5,
    capability=Capability.HIDES,
    patterns=(
        Pattern(
            r"\breflog['\",\s]+(?:expire|delete)\b|core\.logAllRefUpdates\s*[= ]\s*[\"']?false|"
            r"\bgc['\",\s]+[^\n]*--prune=(?:now|all)|\bgit['\",\s]+filter-(?:branch|repo)\b|"
            r"\bgit-filter-repo\b|\bgit\s+replace\s+(?:--\w+\s+)*\w|\bgit\s+update-ref\s+-d\b|"
            r"\bgit\s+checkout\s+--orphan\b|\bgit\s+commit\s[^\n]*--allow-empty-message|"
            r"\brm\s[^\n]*\.git/(?:logs|refs|hooks|index)|\bhg\s+(?:strip|histedit)\b|"
            r"\bsvn\s[^\n]*--revprop\b|\bgit\s+rebase\s+[^\n]*--committer-date-is-author-date",
            "rewrites or empties git's record of what was there",
            only=ACTED_ON,
            never=frozenset({Label.TEST}),
        ),
        Pattern(
            r"core\.hooks?[pP]ath\b|\bhooksPath\s*=",
            "tells git to take its hooks from elsewhere, or from nowhere",
            line=r"(?i)config\b[^\n]*hookspath[\s\"',=]+[^\s\"',)]|-c[\s\"',]+core\.hookspath\s*=|"
            r"hookspath\s*=\s*\S|set_value[^\n]*hookspath",
            only=ACTED_ON,
            never=frozenset({Label.TEST}),
        ),
        Pattern(
            r"\binfo/exclude\b|[\"']info[\"']\)?[,.]\s*(?:join\()?[\"']exclude[\"']|"
            r"\bcore\.excludes[fF]ile\b|--assume-unchanged\b|--skip-worktree\b",
            "keeps files out of git's sight on one machine, where no reviewer sees it",
            only=ACTED_ON,
            never=frozenset({Label.TEST}),
        ),
        Pattern(
            r"(?i:\bleave no trace|\bwithout (?:a |leaving )(?:any )?traces?\b|\bcover(?:s|"
            r"ing)? (?:our|its|their|my|the) tracks|\b(?:avoid|evad|escap)(?:e|es|s|"
            r"ing)? (?:detection|code review|the review|monitoring)\b|\b(?:collaborators?|"
            r"reviewers?|maintainers?|others|anyone|nobody) (?:else )?(?:won'?t|will not|"
            r"cannot|can'?t|never|must not|should not) (?:see|notice|know)\b|"
            r"\busers? (?:won'?t|will not|never|must not|should not) (?:notice|know)\b|"
            r"\bhide[sn]? (?:the fact|that (?:an? )?(?:ai|agent|bot))|\binvisible to (?:git|"
            r"review|collaborators|the user))",
            "says of itself that it is not to be seen",
            only=frozenset(
                {Label.SOURCE, Label.SCRIPT, Label.CI, Label.AGENT_INSTRUCTIONS, Label.HOOK}
            ),
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"(?i:co-?authored-by|generated (?:with|by) (?:claude|copilot|codex|an? ai)|"
            r"\bai attribution|attribution (?:to|trailer|line|footer)|mention (?:of )?(?:claude|"
            r"ai\b|anthropic|openai|being an ai))|\bincludeCoAuthoredBy\b|\battribution['\"]?\s*:",
            "leaves out who, or which agent, wrote a change",
            line=r"(?i)\b(?:do not|don'?t|never|remove|strip|omit|without|exclude|"
            r"drop)\s+(?:(?:a|an|any|the|all|add\w*|includ\w+|mention\w*|append\w*|put\w*|use|us"
            r"ing|insert\w*|writ\w+|your|our|its|leave|keep)\s+)?"
            r"(?:\w+\s+)?(?:\w+\s+)?['\"`*_]*(?:co-?authored|generated|ai attribution|attribution|"
            r"mention)|includeCoAuthoredBy\W+false|attribution\W+(?:commit\W+)?['\"]{2}|"
            r"attribution['\"]?\s*:\s*\{\s*['\"]?commit['\"]?\s*:\s*['\"]{2}|"
            r"\b(?:sed|grep\s+-v|perl)\b[^\n]*(?:authored|generated)|sub\([^\n]*authored",
            only=ACTED_ON,
        ),
        Pattern(
            r"\btouch\s+(?:-\w+\s+)*(?:-[a-z]*[dtr]\b|--date|--reference)|\bos\.utime\s*\(|"
            r"\butimes(?:Sync)?\s*\(|\bos\.Chtimes\s*\(|\bset_file_times?\s*\(|"
            r"\bsetLastModified\s*\(|\bSetLastWriteTime\w*\s*\(|"
            r"\.(?:LastWriteTime|CreationTime)\s*=[^=]|\bdebugfs\b[^\n]*\bmtime|"
            r"\btimedatectl\s+set-time|\bdate\s+-s\s",
            "sets back a file's times, or the clock",
            line=r"\btouch\s|utime\s*\([^\n]*\(|Chtimes|set_file_time|setLastModified|"
            r"LastWriteTime|CreationTime|debugfs|timedatectl|date\s+-s|utimes",
            severity=Severity.LOW,
            never=frozenset({Label.TEST}),
        ),
    ),
    added_triggers=(_IDENTITY, _PAST),
    check=check,
)
