"""The program's settings, read once from the environment (`SALESLENS_*`).

What the company decides itself is not here but in the table `settings`.
"""

from functools import cached_property
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Where things lie and how the server listens. Every field may be set by an environment variable of the same name with the prefix."""

    model_config = SettingsConfigDict(env_prefix="SALESLENS_", frozen=True)

    home: Path = PROJECT / "data" / "var"
    """The folder of databases, warehouse, uploaded files and the secret key."""
    database_url: str = ""
    """An SQLAlchemy address of PostgreSQL; empty: SQLite in `home`."""
    host: str = "127.0.0.1"
    port: int = 8050
    threads: int = Field(default=24, ge=1, le=256)
    """How many requests are worked on at the same time."""
    reports_at_once: int = Field(default=1, ge=1, le=256)
    """How many of these may reckon a report that nobody asked for before; others wait for their turn."""
    warehouse_threads: int = Field(default=2, ge=1, le=64)
    """How many threads DuckDB may use for one query."""
    warehouse_memory: str = "4GB"
    secure_cookies: bool = False
    """Send the session cookie over TLS only: switch on behind a TLS proxy."""
    trusted_proxies: int = Field(default=0, ge=0, le=8)
    """How many reverse proxies stand in front and set X-Forwarded-*."""
    idle_minutes: int = Field(default=120, ge=1)
    """Minutes without a request after which a person is signed out."""
    session_hours: int = Field(default=12, ge=1)
    """Hours after which a person signs in again in any case."""

    @cached_property
    def url(self) -> str:
        """The address of the operational database."""
        return self.database_url or f"sqlite:///{self.home / 'saleslens.db'}"

    @property
    def warehouse_path(self) -> Path:
        """The folder that holds the warehouse's versions."""
        return self.home / "warehouse"

    @property
    def files_path(self) -> Path:
        """The folder of uploaded files, outside of anything that is served."""
        return self.home / "files"

    @property
    def snapshots_path(self) -> Path:
        """How a demo company stood on some past days, as it was invented; there for no other company."""
        return self.home / "snapshots.json"

    @property
    def secret_path(self) -> Path:
        """The file of the secret key that signs sessions."""
        return self.home / "secret.key"
