"""Copies htmx out of the django-htmx wheel while the project is built.

So no third-party code is committed, and nothing of Django is installed to run.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHA256 = "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de"
"""htmx 2.0.10, minified, as django-htmx 1.29.0 carries it."""
TARGET = "reviewqueue/web/static/htmx.min.js"


class HtmxBuildHook(BuildHookInterface):  # type: ignore[misc]  # untyped here: hatchling is there for builds only
    """Puts htmx where the web room serves its static files from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 -- hatchling's signature
        """Copy htmx, unless the very same file is there already."""
        target = Path(self.root) / TARGET
        if target.is_file() and _sha256(target.read_bytes()) == SHA256:
            return
        content = _source().read_bytes()
        if _sha256(content) != SHA256:
            raise SystemExit(
                f"htmx: {_source()} is not the file we know (SHA-256 {_sha256(content)}, "
                f"expected {SHA256}); install django-htmx==1.29.0 to build"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _source() -> Path:
    spec = find_spec("django_htmx")
    if spec is None or spec.origin is None:
        raise SystemExit("htmx: django-htmx==1.29.0 is needed to build, and is not installed")
    return Path(spec.origin).parent / "static/django_htmx/htmx-2.min.js"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
