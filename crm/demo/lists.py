"""The word lists that the demo company is made of (`data/demo`)."""

import tomllib
from functools import cache
from typing import Any

from crm.config import PROJECT

FOLDER = PROJECT / "data" / "demo"


@cache
def words(name: str) -> dict[str, Any]:
    """The list `data/demo/<name>.toml`."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
