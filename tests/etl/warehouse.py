"""What the tests of the ETL do with a warehouse: build one, look into it, hold two against each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from crm.config import Settings
from etl.build import build
from etl.store import Store


def settings(home: Path) -> Settings:
    return Settings(home=home, warehouse_threads=1, warehouse_memory="1GB")


@contextmanager
def built(engine: Engine, home: Path, **options: Any) -> Iterator[Store]:
    """A warehouse built from everything in the database."""
    store = Store(build(engine, settings(home), **options).path, threads=1, memory="1GB")
    try:
        yield store
    finally:
        store.close()


def rows(store: Store, question: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What the warehouse answers."""
    cursor = store.cursor()
    try:
        return cursor.execute(question, list(parameters)).fetchall()
    finally:
        cursor.close()


def at(day: date, basis: int = 1) -> str:
    """The phrase by which a report chooses what counts at the end of `day`: as known today (1), or as it stood then (2)."""
    return f"basis in (0, {basis}) and valid_from <= date '{day}' and valid_to > date '{day}'"
