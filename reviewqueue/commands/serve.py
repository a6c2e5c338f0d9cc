"""``reviewqueue serve``: the pages, the webhook, and the worker behind it."""

import ipaddress
import os
import socket

import click
from gunicorn.app.base import BaseApplication

from reviewqueue.commands import CommandError
from reviewqueue.settings import Settings, read_settings
from reviewqueue.store import Store, StoreError

_THREADS = 8
_TRIES = 12
"""Attempts, about an hour of them, before a delivery is parked for a human to see."""
_GRACE = 30
"""Seconds that requests in flight are given to finish."""


@click.command()
@click.option("--host", help="Address to bind [default: REVIEWQUEUE_HOST or 127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="Port [default: 8000].")
@click.option("--dev", is_flag=True, help="Offer the development sign-in (loopback only).")
@click.option("--retry", is_flag=True, help="Try again the deliveries that were given up.")
def serve(host: str | None, port: int | None, *, dev: bool, retry: bool) -> None:
    """Serve the pages and POST /webhooks/github, and handle deliveries.

    Without --dev everything can be read and nothing decided, until a sign-in is set up.
    """
    given = {"host": host, "port": port}
    settings = read_settings(**{name: value for name, value in given.items() if value is not None})
    run(settings, dev=dev, retry=retry)


def run(settings: Settings, *, dev: bool, demo: bool = False, retry: bool = False) -> None:
    """Serve until stopped. Raises CommandError in one line where that cannot be."""
    from reviewqueue.pipeline.worker import check_jobs  # noqa: PLC0415 -- only where it serves

    if dev and not _loopback(settings.host):
        raise CommandError(f"--dev serves this machine only: {settings.host} is not loopback")
    try:
        store = Store(settings.store_url, settings.anchor)
        store.upgrade()
        settings.key("session")
        check_jobs(settings)
        _tell_parked(store, retry=retry)
    except StoreError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"cannot keep data in {settings.data_dir}: {error.strerror}") from error
    settings = settings.model_copy(update={"port": _free(settings)})
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    click.echo(f"Serving on http://{shown}:{settings.port} (Ctrl-C stops)", err=True)
    _Server(settings, dev=dev, demo=demo).run()


def _tell_parked(store: Store, *, retry: bool) -> None:
    """Say which deliveries were given up: nothing that was received is lost in silence."""
    with store.reading() as reader:
        parked = reader.parked()
    for delivery in parked if retry else ():
        store.retry(delivery.id)
    if parked:
        what = "taken up again" if retry else "given up; --retry takes them up again"
        were = "1 delivery was" if len(parked) == 1 else f"{len(parked)} deliveries were"
        click.echo(f"{were} {what}", err=True)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn with one process of threads: SQLite has one writer, the worker one home."""

    def __init__(self, settings: Settings, *, dev: bool, demo: bool) -> None:
        self._settings = settings
        self._factory = f"reviewqueue.web:create_app(dev={dev}, demo={demo})"
        # The factory is named, not imported, so that it reads its settings where it runs.
        os.environ["REVIEWQUEUE_HOST"] = settings.host
        os.environ["REVIEWQUEUE_PORT"] = str(settings.port)
        os.environ["REVIEWQUEUE_DATA_DIR"] = str(settings.data_dir)
        super().__init__()

    def load_config(self) -> None:
        """Set what our settings say; nothing is read from files or GUNICORN_CMD_ARGS."""
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        chosen = {
            "bind": f"{host}:{self._settings.port}",
            "workers": 1,
            "threads": _THREADS,
            "worker_class": "gthread",
            "graceful_timeout": _GRACE,
            "timeout": 120,
            "preload_app": False,
            "accesslog": None,
            "loglevel": "warning",
            "post_worker_init": _start_worker,
            "worker_exit": _stop_worker,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        """Return the application, made in the process that serves it."""
        from gunicorn.util import import_app  # noqa: PLC0415 -- only where it serves

        return import_app(self._factory)


def _free(settings: Settings) -> int:
    """Return the port to serve on, for 0 one that is free.

    Raises CommandError where the address cannot be had; gunicorn would retry in silence.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise CommandError(f"cannot serve on {where}: {error.strerror}") from error
        port: int = probe.getsockname()[1]
    return port


def _start_worker(_server: object) -> None:
    from reviewqueue.pipeline import worker  # noqa: PLC0415 -- only where it serves

    settings = read_settings()
    worker.start(Store(settings.store_url, settings.anchor, park_after=_TRIES), settings)


def _stop_worker(_arbiter: object, _server: object) -> None:
    from reviewqueue.pipeline import worker  # noqa: PLC0415 -- only where it serves

    if not worker.stop():
        # A repository that does not answer would keep this process; killing it is safe.
        os._exit(0)


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
