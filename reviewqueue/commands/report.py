"""``reviewqueue report``: the weekly coverage report on standard output."""

from datetime import UTC, datetime

import click

from reviewqueue.commands import CommandError
from reviewqueue.coverage import (
    ReportError,
    last_closed_week,
    report_html,
    report_json,
    report_markdown,
)
from reviewqueue.settings import read_settings
from reviewqueue.store import Store, StoreError

_FORMS = {"md": report_markdown, "html": report_html, "json": report_json}


@click.command()
@click.option(
    "--week",
    metavar="YYYY-Www",
    help="The ISO week, such as 2026-W47.  [default: the last one that is over]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_FORMS)),
    default="md",
    show_default=True,
    help="Markdown, one self-contained HTML page, or JSON with the same figures.",
)
@click.option("--repository", metavar="ID", default="", help="Only this repository.")
def report(*, week: str | None, form: str, repository: str) -> None:
    """Print how much of what agents landed in a week people had really reviewed.

    The report says whether that is eroding, names the exceptions, and lists what it
    cannot see. It ends with the ledger's head, to be kept elsewhere.

    \b
    reviewqueue report
    reviewqueue report --week 2026-W47 --format html > report.html
    """  # noqa: D301 -- \b keeps the examples' lines apart
    from reviewqueue import pipeline  # noqa: PLC0415 -- --help need not load the whole flow

    settings = read_settings()
    now = datetime.now(UTC)
    store = Store(settings.store_url, settings.anchor)
    try:
        built = pipeline.weekly_report(
            store, settings, week or last_closed_week(now), now, repository=repository
        )
    except (ReportError, StoreError) as error:
        raise CommandError(str(error)) from None
    click.echo(_FORMS[form](built), nl=False)
