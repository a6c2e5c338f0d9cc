"""What a forge demands before a change lands, weakened or gone around.

What it flags
    Changes to branch rules kept as files (rulesets, probot settings, merge queues and
    merging bots); in code, commands and Terraform: protection of a branch deleted or
    rewritten, required reviews, checks or signatures lowered or switched off, bypasses
    granted; changes approved or merged by a machine, or past the rules (`--admin`,
    auto-approving actions, automatic merging, also of new versions of dependencies).

Why it matters
    The rules are what makes a review count. Where a change can weaken them, or merge
    itself, nobody has to look.

How to review it
    Which changes could land afterwards that could not before?
    Has the owner of the repository agreed, outside this change?

Not flagged
    Waiting for checks; merging by hand; rules that are only read.

Seen in
    OWASP CICD-SEC-1 (insufficient flow control); SLSA's source threats; auto-merge and
    approval bots used to land changes unseen (Legit Security and Cider Security, 2021-22:
    an Actions token that approves pull requests). ATT&CK T1562.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Hit, On, Pattern, Rule, Stability, View
from reviewqueue.scan.structure.first import as_a_whole

_RUN = frozenset(
    {
        Label.CONFIG,
        Label.CI,
        Label.SCRIPT,
        Label.BUILD,
        Label.INFRASTRUCTURE,
        Label.SOURCE,
        Label.HOOK,
    }
)


def check(view: View) -> Iterator[Hit]:
    """Mark each file of branch rules once, before and after a rename."""
    for file in view.labelled(Label.BRANCH_RULES):
        yield as_a_whole(file, "what a change must meet before it lands is changed")


RULE = Rule(
    id="landing-rules-weakened",
    pathway=Pathway.GATE,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="weakens or goes around what a change must meet before it lands",
    patterns=(
        Pattern(
            r"\bgh\s+pr\s+merge\s[^\n]*--admin\b|\bgh\s+pr\s+review\s[^\n]*--approve\b|"
            r"/branches/[^\n]*/protection\b|\brulesets?/\d|\brepos/[^\n]*/rulesets\b|"
            r"\b(?:update|delete|remove)BranchProtection\b|"
            r"\b(?:delete|remove)_(?:branch_)?protection\s*\(|\bedit_protection\s*\(|"
            r"\bbypass_?[aA]ctors\b|\bbypassPullRequestAllowances\b|"
            r"\bbypass_pull_request_allowances\b",
            "the rules of a branch are changed or gone around",
            only=_RUN,
        ),
        Pattern(
            r"(?i)\buses\s*:[^\n]*(?:auto-?approve|automerge|auto-?merge|"
            r"enable-pull-request-automerge)|\bgh\s+pr\s+merge\s[^\n]*--auto\b|"
            r"\bevent\s*:\s*['\"]APPROVE['\"]|\bpulls\.(?:merge|createReview)\s*\(|"
            r"\benablePullRequestAutoMerge\b",
            "changes are approved or merged by a machine",
            only=frozenset({Label.CI, Label.SCRIPT}),
            severity=Severity.MEDIUM,
        ),
        Pattern(
            r"\b(?:automerge|platformAutomerge|ignoreTests|"
            r"dangerouslyAllowAutoMerge)['\"]?\s*:\s*true|\bautomergeType['\"]?\s*:\s*['\"]branch|"
            r"\b(?:minimumReleaseAge|stabilityDays)['\"]?\s*:\s*['\"]?0\b|:automerge\w+['\"]|"
            r"\bautomergeAll\b",
            "new versions of dependencies are merged with nobody looking",
            globs=("*renovate*", "package.json", "*/package.json", "*.github/*"),
            severity=Severity.MEDIUM,
        ),
        Pattern(
            r"(?i)\b(?:required_approving_review_count|requiredApprovingReviewCount|"
            r"required_approvals)['\"]?\s*[:=]\s*[01]\b|\b(?:enforce_admins|"
            r"require_code_owner_reviews?|requires?CodeOwnerReviews?|"
            r"dismiss_stale_reviews(?:_on_push)?|dismissesStaleReviews|require_signed_commits|"
            r"require_last_push_approval|required_conversation_resolution|requiresStatusChecks|"
            r"requiresApprovingReviews|require_conversation_resolution)['\"]?\s*[:=]\s*(?:false|"
            r"null)|\b(?:allow_force_pushes|allows_force_pushes|allowsForcePushes|allow_deletions|"
            r"allows_deletions)['\"]?\s*[:=]\s*true|\brequired_(?:pull_request_reviews|"
            r"status_checks)['\"]?\s*[:=]\s*(?:null|None|false)|"
            r"\b(?:push|merge|unprotect)_access_level\s*=\s*['\"](?:developer|guest|reporter)|"
            r"\ballow_force_push\s*[:=]\s*true|\bcode_owner_approval_required\s*[:=]\s*false|"
            r"\brequire[dsS]\w*(?:Signed|Signatures|LinearHistory)\w*['\"]?\s*[:=]\s*false|"
            r"\b(?:only_allow_merge_if_\w+|reset_approvals_on_push|"
            r"merge_requests_author_approval['\"]?\s*[:=]\s*true|"
            r"disable_overriding_approvers_per_merge_request)['\"]?\s*[:=]\s*false",
            "fewer people or checks must agree before a change lands",
            only=_RUN,
        ),
        Pattern(
            r"^[ \t]*(?:required?_\w+|enforce_admins|dismiss_\w+|restrict_\w+|push_restrictions|"
            r"strict(?:_\w+)?|allows_\w+|contexts)\s*=[^\n]*(?:\btry\(|\bnull\b|\blookup\(|"
            r"\bcoalesce\()|"
            r"\bdynamic\s+\"(?:required_\w+|pull_request|restrict_pushes|non_fast_forward)\"",
            "what a branch demands becomes an option",
            only=frozenset({Label.INFRASTRUCTURE}),
            severity=Severity.MEDIUM,
        ),
        Pattern(
            r"\bresource\s+['\"](?:github_branch_protection\w*|github_repository_ruleset|"
            r"github_organization_ruleset|gitlab_branch_protection|gitlab_project_approval_rule|"
            r"gitlab_project_level_mr_approvals|azuredevops_branch_policy\w*|"
            r"bitbucket_branch_restriction)['\"]|"
            r"\brequired_(?:pull_request_reviews|status_checks)['\"]?\s*[:={]",
            "a rule that protected a branch is gone",
            on=On.REMOVED,
            only=_RUN,
        ),
    ),
    wakes=frozenset({Label.BRANCH_RULES}),
    check=check,
    version=2,
)
