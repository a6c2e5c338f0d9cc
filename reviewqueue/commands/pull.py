"""``reviewqueue pull``: read repositories into the queue and into coverage."""

from datetime import UTC, datetime, timedelta

import click

from reviewqueue.commands import CommandError
from reviewqueue.commands.progress import progress
from reviewqueue.domain.event import Pulled
from reviewqueue.pipeline import PullError
from reviewqueue.pipeline import pull as pull_one
from reviewqueue.settings import read_settings
from reviewqueue.store import Store, StoreError


@click.command()
@click.argument("addresses", metavar="PATH_OR_URL...", nargs=-1, required=True)
@click.option(
    "--since",
    type=click.IntRange(1),
    metavar="DAYS",
    help="Take open heads of the last DAYS when a repository is first read [default: 90].",
)
@click.option(
    "--weeks",
    type=click.IntRange(0),
    default=26,
    show_default=True,
    help="Take landings of so many weeks when a repository is first read.",
)
def pull(addresses: tuple[str, ...], since: int | None, weeks: int) -> None:
    """Read git repositories: a working clone, a bare mirror, a file or https URL.

    Open heads that an agent authored come into the queue; what merged into the default
    branch comes into coverage. Pulling again takes only what is new.

    \b
    reviewqueue pull ~/src/project
    reviewqueue pull https://git.example.org/team/project.git
    """  # noqa: D301 -- \b keeps the examples' lines apart
    settings = read_settings()
    store = Store(settings.store_url, settings.anchor)
    failed = []
    try:
        store.upgrade()
        for address in addresses:
            try:
                with progress() as report:
                    pulled = pull_one(
                        store,
                        settings,
                        address,
                        now=datetime.now(UTC),
                        since=timedelta(days=since) if since else None,
                        weeks=weeks,
                        progress=report,
                    )
            except PullError as error:
                failed.append(str(error))
                click.echo(f"Error: {error}", err=True)
            else:
                click.echo(_told(store, pulled))
    except (StoreError, OSError) as error:
        raise CommandError(str(error)) from error
    if failed:
        raise click.exceptions.Exit(2)


def _told(store: Store, pulled: Pulled) -> str:
    with store.reading() as reader:
        waiting = len(reader.open_changes(pulled.repository))
        landings = reader.landings(repository=pulled.repository)
    agents = sum(landing.attribution.agent is not None for landing in landings)
    lines = [
        f"{pulled.repository}: {waiting} open changes by agents, {pulled.landings} new landings",
        f"  {agents} of {len(landings)} landings by agents in all",
    ]
    lines += [f"  left out: {count} {what}" for what, count in pulled.left_out.items()]
    lines += [f"  note: {note}" for note in pulled.notes]
    return "\n".join(lines)
