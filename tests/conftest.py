"""Settings of the whole suite."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Nothing here may depend on how fast a machine is.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

LONGEST = (
    "test_limits.py",  # before any thread: it copies its process
    "test_packaging.py",
    "test_worker.py",
    "test_pull.py",
    "test_browser.py",
    "test_deliveries.py",
    "test_hostile.py",
    "test_serve.py",
    "test_verify.py",
    "test_crash.py",
    "test_whole_way.py",
)
"""Files that take longest: they begin first, so that no process waits for one at the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an empty database, to be copied: making one takes ten times as long."""
    from reviewqueue.store import Store  # noqa: PLC0415 -- most tests need no database

    folder = tmp_path_factory.mktemp("blank")
    store = Store(f"sqlite:///{folder / 'reviewqueue.db'}", folder / "ledger-head")
    store.upgrade()
    store.close()
    return folder
