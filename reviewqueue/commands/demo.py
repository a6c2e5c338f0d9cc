"""``reviewqueue demo``: a repository made on the spot, its history replayed, and served."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import click

from reviewqueue.commands import CommandError
from reviewqueue.commands.progress import progress
from reviewqueue.commands.serve import run
from reviewqueue.pipeline.demo.replay import Replay
from reviewqueue.settings import Settings, read_settings
from reviewqueue.store import Store, StoreError

_DONE = "demo-complete"
_REPOSITORY = "demo-repository.git"


@click.command()
@click.option("--serve/--no-serve", "serving", default=True, help="Serve it afterwards.")
@click.option("--fresh", is_flag=True, help="Build it anew, even if it is there.")
def demo(*, serving: bool, fresh: bool) -> None:
    """Build a demo repository, replay 26 weeks of its history, and serve it.

    Two teams run coding agents: one reads what it merges, the other reads less and less.
    Everything goes through the real pipeline; the data stands in its own folder.
    """
    settings = _settings()
    if fresh or not (settings.data_dir / _DONE).exists():
        try:
            _build(settings)
        except (StoreError, OSError) as error:
            raise CommandError(str(error)) from error
    if serving:
        run(settings, dev=True, demo=True)


def _settings() -> Settings:
    """Return settings whose data is the demo's own, never a real installation's."""
    settings = read_settings()
    if settings.database_url:
        raise CommandError("the demo keeps its own SQLite database: unset DATABASE_URL")
    if settings.data_dir.name != "demo":
        settings = read_settings(data_dir=settings.data_dir / "demo")
    return settings


def _build(settings: Settings) -> None:
    folder = settings.data_dir
    _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(settings.store_url, settings.anchor)
    store.upgrade()
    with progress() as report:
        Replay(store, settings, folder / _REPOSITORY).perform(datetime.now(UTC), report)
    store.close()
    (folder / _DONE).touch()


def _clear(folder: Path) -> None:
    """Remove what an earlier demo left; nothing else can be in its folder."""
    for name in ("mirrors", _REPOSITORY):
        shutil.rmtree(folder / name, ignore_errors=True)
    for pattern in ("reviewqueue.db*", "dbos.db*", "ledger-head*", _DONE):
        for path in folder.glob(pattern):
            path.unlink()
