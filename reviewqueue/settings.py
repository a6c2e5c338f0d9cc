"""Settings, read once from the environment."""

import hashlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as PydanticSettingsError

_PREFIX = "reviewqueue_"
_URL = "database_url"
_FILE = "_file"


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one line and holds no secret."""


class Settings(BaseSettings):
    """Everything that differs between installations.

    Each variable also has a ``_FILE`` form naming a file that holds the value.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, extra="ignore", populate_by_name=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- ours takes its place
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- no file is read
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- no file is read
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment only: no dotenv file of whatever folder we run in."""
        return init_settings, _Environment(settings_cls)

    database_url: str = Field("", validation_alias="DATABASE_URL", repr=False)
    """SQLAlchemy URL; empty for SQLite in ``data_dir``."""
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    data_dir: Path = Field(default_factory=lambda: user_data_path("reviewqueue"))
    secret_key: SecretStr = SecretStr("")
    """Signs sessions and salts masked evidence; made and kept in ``data_dir`` if empty."""
    target: float = Field(0.9, gt=0, lt=1)
    """Policy target: the share of agents' landings to be reviewed at head."""
    scan_seconds: float = Field(60, gt=0, le=3600)
    """What one diff may cost, after which it is called unscannable."""
    scan_megabytes: int = Field(2048, ge=256)
    github_webhook_secret: SecretStr = SecretStr("")
    github_repositories: dict[str, str] = Field(default_factory=dict)
    """``owner/name`` -> clone address (JSON): the only addresses a delivery can reach."""

    @property
    def store_url(self) -> str:
        """The database's SQLAlchemy URL."""
        url = self.database_url or f"sqlite:///{self.data_dir / 'reviewqueue.db'}"
        for plain in ("postgres://", "postgresql://"):
            if url.startswith(plain):
                return "postgresql+psycopg://" + url.removeprefix(plain)
        return url

    @property
    def anchor(self) -> Path:
        """The file outside the database that holds the ledger's head."""
        return self.data_dir / "ledger-head"

    @property
    def mirrors(self) -> Path:
        """The folder of the bare mirrors."""
        return self.data_dir / "mirrors"

    def key(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose, derived from the secret key."""
        return hashlib.blake2b(
            self._secret(), digest_size=32, person=purpose.encode()[:16]
        ).digest()

    def _secret(self) -> bytes:
        given = self.secret_key.get_secret_value()
        if given:
            return given.encode()
        path = self.data_dir / "secret-key"
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_hex(32).encode())
        except FileExistsError:
            pass
        except OSError as error:
            raise SettingsError(
                f"cannot keep a secret key in {self.data_dir}: {error.strerror}"
            ) from error
        kept = path.read_bytes().strip()
        if not kept:
            raise SettingsError(f"the secret key file {path} is empty: delete it, and start again")
        return kept


class _Environment(EnvSettingsSource):
    """The environment, where ``NAME_FILE`` names a file that holds ``NAME``."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        found = dict(super()._load_env_vars())
        for name, path in list(found.items()):
            plain = name.removesuffix(_FILE)
            if path and plain != name and (plain == _URL or plain.startswith(_PREFIX)):
                try:
                    found[plain] = Path(path).read_text(encoding="utf-8").strip()
                except (OSError, UnicodeDecodeError):
                    raise SettingsError(f"{name.upper()}: cannot read {path}") from None
        return found


def read_settings(**overrides: Any) -> Settings:  # noqa: ANN401 -- any field of Settings
    """Read the settings from the environment; ``overrides`` by field name win.

    Raises SettingsError with one line that names the variable and holds no value.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = str(first["loc"][0]).upper() if first["loc"] else "SETTINGS"
        name = field if field == _URL.upper() else f"{_PREFIX.upper()}{field}"
        raise SettingsError(f"{name}: {first['msg']}") from None
    except PydanticSettingsError as error:
        raise SettingsError(str(error)) from None
