"""One change: who wrote it, why it is flagged, why you, what it does, and your decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import BadRequest, Conflict, Forbidden
from werkzeug.wrappers import Response

from reviewqueue import pipeline
from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, ChangeState, Repository, Revision
from reviewqueue.domain.event import Evaluated
from reviewqueue.domain.finding import Finding, Scan
from reviewqueue.domain.landing import Landing
from reviewqueue.domain.people import Person, same_person
from reviewqueue.domain.review import (
    Answer,
    Assignment,
    Decision,
    DecisionKind,
    Disposition,
    disqualification,
    same_account,
)
from reviewqueue.domain.verdict import VerdictStatus
from reviewqueue.store import Reader, Recorded
from reviewqueue.web.files import DiffView, view
from reviewqueue.web.paging import page_number
from reviewqueue.web.rules import briefs
from reviewqueue.web.signin import required_visitor, visitor
from reviewqueue.web.site import site

blueprint = Blueprint("changes", __name__, url_prefix="/changes")

LONGEST_REASON = 4000
EVENTS = 200
VIEWS = ("unified", "split")
_LETS = (VerdictStatus.SATISFIED, VerdictStatus.OVERRIDDEN, VerdictStatus.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything that a change's page shows, read in one transaction."""

    repository: Repository
    change: Change
    state: ChangeState
    revisions: tuple[Revision, ...]
    """Oldest first."""
    revision: Revision
    """The one on show."""
    attribution: Attribution
    scan: Scan | None
    assignments: tuple[Assignment, ...]
    assigned_note: str
    """Why nobody, or fewer than wanted, could be asked."""
    decisions: tuple[Decision, ...]
    dispositions: tuple[Disposition, ...]
    evaluated: Evaluated | None
    landing: Landing | None
    events: tuple[Recorded, ...]

    @property
    def latest(self) -> bool:
        """Whether the revision on show is the change's head."""
        return self.revision.sha == self.revisions[-1].sha

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found in the revision, most severe first."""
        return self.scan.findings if self.scan else ()

    @property
    def seen(self) -> str:
        """The token of exactly the findings on show."""
        return pipeline.seen_token(finding.fingerprint for finding in self.findings)

    def answers(self, finding: Finding) -> tuple[Disposition, ...]:
        """Return each person's latest answer to a finding, oldest first."""
        latest: list[Disposition] = []
        for answer in sorted(self.dispositions, key=lambda one: one.at):
            if answer.fingerprint == finding.fingerprint:
                latest = [x for x in latest if not same_account(x.reviewer, answer.reviewer)]
                latest.append(answer)
        return tuple(latest)

    def leading(self, finding: Finding) -> str:
        """Return the fingerprint of the first finding of the same rule, which explains it."""
        return next(one.fingerprint for one in self.findings if one.rule == finding.rule)

    @property
    def unanswered(self) -> int:
        """How many findings nobody answered."""
        return sum(not self.answers(finding) for finding in self.findings)

    @property
    def enforcing(self) -> tuple[bool, str] | None:
        """Whether enforcing would let it merge, and in which words; None without verdict."""
        if self.evaluated is None:
            return None
        lets = self.evaluated.verdict.status in _LETS
        if self.evaluated.verdict.status is VerdictStatus.BYPASSED:
            return False, "Enforcing would have held this merge; it was bypassed."
        if lets:
            return True, "Enforcing would let this merge."
        return False, "Enforcing would hold this merge."

    def mine(self, person: Person | None) -> Assignment | None:
        """Return why this person was asked, or None where they were not."""
        if person is None:
            return None
        return next((x for x in self.assignments if same_person(x.reviewer, person)), None)

    def no_count(self, person: Person | None) -> str | None:
        """Return why this person's decision cannot count, or None."""
        if person is None:
            return None
        return disqualification(person, self.change, self.revision, self.attribution)


def read_dossier(reader: Reader, change_id: str, sha: str | None) -> Dossier:
    """Read a change at one of its revisions (the latest for None); 404 where there is none."""
    change = reader.change(change_id)
    revisions = reader.revisions(change_id) if change else ()
    if change is None or not revisions:
        abort(404)
    revision = next((one for one in revisions if sha in {None, one.sha}), None)
    if sha is None:
        revision = revisions[-1]
    repository = reader.repository(change.repository)
    if revision is None or repository is None:
        abort(404)
    assigned = reader.assigned(change_id)
    return Dossier(
        repository=repository,
        change=change,
        state=reader.state(change_id) or ChangeState.OPEN,
        revisions=revisions,
        revision=revision,
        attribution=reader.attribution(change_id),
        scan=reader.scan(change_id, revision.sha),
        assignments=reader.assignments(change_id),
        assigned_note=assigned.note if assigned else "",
        decisions=reader.decisions(change_id),
        dispositions=reader.dispositions(change_id),
        evaluated=reader.verdict(change_id),
        landing=reader.landing_of(change_id),
        events=reader.events(subject_change=change_id, limit=EVENTS, newest_first=True),
    )


def _dossier(change_id: str, sha: str | None) -> Dossier:
    with site().store.reading() as reader:
        return read_dossier(reader, change_id, sha)


def _asked_revision() -> str | None:
    return request.values.get("revision") or None


def _diff(dossier: Dossier, only: int | None = None) -> DiffView:
    """Return the diff, or why there is none: the rest of the page does not need it."""
    at = site()
    try:
        diff = pipeline.change_diff(at.store, at.settings, dossier.change.id, dossier.revision.sha)
    except pipeline.Refused as error:
        return DiffView(problem=str(error))
    return view(diff, dossier.findings, only=only, page=page_number())


def _style() -> str:
    given = request.args.get("view", VIEWS[0])
    return given if given in VIEWS else VIEWS[0]


@blueprint.get("/<change_id>")
def show(change_id: str) -> str:
    """Show a change at one of its revisions, or only its diff to htmx."""
    dossier = _dossier(change_id, _asked_revision())
    fragment = request.headers.get("HX-Target") == "diff"
    return render_template(
        "change/diff.html" if fragment else "change.html",
        dossier=dossier,
        diff=_diff(dossier),
        view=_style(),
        person=visitor(),
        answers=tuple(Answer),
        briefs=briefs(),
    )


@blueprint.get("/<change_id>/files/<int:number>")
def show_file(change_id: str, number: int) -> str:
    """Show one file of the diff in full, as a page or as a fragment."""
    dossier = _dossier(change_id, _asked_revision())
    diff = _diff(dossier, number)
    file = next((one for one in diff.files if one.number == number), None)
    if file is None:
        abort(404)
    fragment = request.headers.get("HX-Request") == "true"
    return render_template(
        "change/file.html" if fragment else "change_file.html",
        dossier=dossier,
        diff=diff,
        file=file,
        view=_style(),
    )


def _reason(field: str, *, required: str = "") -> str:
    text = request.form.get(field, "").replace("\r\n", "\n").strip()
    if required and not text:
        raise BadRequest(required)
    if len(text) > LONGEST_REASON:
        raise BadRequest(f"That is longer than {LONGEST_REASON:,} characters; nothing was written.")
    return text


@blueprint.post("/<change_id>/decisions")
def decide(change_id: str) -> Response:
    """Take a decision, pinned to the revision and findings that were on the page."""
    person = required_visitor()
    try:
        kind = DecisionKind(request.form.get("decision", ""))
    except ValueError:
        raise BadRequest("Choose to approve, to request changes or to comment.") from None
    comment = "" if kind is DecisionKind.APPROVE else "Say what should change, or what you noted."
    at = site()
    try:
        decision = pipeline.decide(
            at.store,
            change=change_id,
            revision=request.form.get("revision", ""),
            kind=kind,
            body=_reason("body", required=comment),
            reviewer=person,
            seen=request.form.get("seen", ""),
            now=at.clock(),
            development=True,
        )
    except pipeline.Outdated as error:
        raise Conflict(str(error)) from None
    except pipeline.Refused as error:
        raise Forbidden(str(error)) from None
    flash(f"Recorded: {decision.kind.value} at revision {decision.revision[:10]}.")
    return _back(change_id, decision.revision)


def _back(change_id: str, sha: str) -> Response:
    return redirect(url_for("changes.show", change_id=change_id, revision=sha), 303)


@blueprint.post("/<change_id>/findings/<fingerprint>")
def dispose(change_id: str, fingerprint: str) -> Response:
    """Take an answer to one finding; htmx gets the finding, verdict and timeline anew."""
    person = required_visitor()
    try:
        answer = Answer(request.form.get("answer", ""))
    except ValueError:
        raise BadRequest("Choose an answer: confirmed, false positive or accepted risk.") from None
    at = site()
    sha = request.form.get("revision", "")
    try:
        pipeline.dispose(
            at.store,
            change=change_id,
            revision=sha,
            fingerprint=fingerprint,
            answer=answer,
            reason=_reason("reason", required="An answer needs a reason that others can read."),
            reviewer=person,
            now=at.clock(),
            development=True,
        )
    except pipeline.Outdated as error:
        raise Conflict(str(error)) from None
    except pipeline.Refused as error:
        raise Forbidden(str(error)) from None
    if request.headers.get("HX-Request") != "true":
        flash(f"Recorded: {answer.value}.")
        return redirect(
            url_for("changes.show", change_id=change_id, revision=sha) + f"#finding-{fingerprint}",
            303,
        )
    dossier = _dossier(change_id, sha)
    return make_response(
        render_template(
            "change/answered.html",
            dossier=dossier,
            finding=_finding(dossier.findings, fingerprint),
            person=person,
            answers=tuple(Answer),
        )
    )


def _finding(findings: Sequence[Finding], fingerprint: str) -> Finding:
    found = next((one for one in findings if one.fingerprint == fingerprint), None)
    if found is None:
        abort(404)
    return found
