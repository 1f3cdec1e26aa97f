"""The public files, imported once for all test processes, and the same files as pandas reads them."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from cli import main
from tests.importing.real import DEALS, INVOICES, REAL, Loaded


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """All three folders, as `make real` loads them: a copy of the one import, to write into as well."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with (shared / "real.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = shared / "real.txt"
        if not said.exists():
            said.write_text(_imported(shared / "real"), encoding="utf-8")
    home = tmp_path_factory.mktemp("company") / "home"
    shutil.copytree(shared / "real", home)
    loaded = Loaded(home, said.read_text(encoding="utf-8"))
    yield loaded
    loaded.close()


def _imported(home: Path) -> str:
    """Import everything into a new home; what was said of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SALESLENS_HOME", str(home))
        result = CliRunner().invoke(main, ["real", str(REAL)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="session")
def deals() -> pd.DataFrame:
    """The deals with their team, as pandas reads them."""
    pipeline = pd.read_csv(DEALS / "sales_pipeline.csv", parse_dates=["engage_date", "close_date"], date_format="%m/%d/%Y")
    teams = pd.read_csv(DEALS / "sales_teams.csv")
    merged = pipeline.merge(teams, on="sales_agent", how="left", validate="many_to_one")
    assert merged["manager"].notna().all()
    return merged.assign(product=merged["product"].replace("GTXPro", "GTX Pro"))


@pytest.fixture(scope="session")
def won(deals: pd.DataFrame) -> pd.DataFrame:
    """Those that were won."""
    return deals[deals["deal_stage"] == "Won"]


@pytest.fixture(scope="session")
def invoices() -> pd.DataFrame:
    """The invoices, amounts in exact cents."""
    frame = pd.read_csv(INVOICES, dtype={"invoiceNumber": str, "InvoiceAmount": str})
    for column in ("InvoiceDate", "DueDate", "SettledDate"):
        frame[column] = pd.to_datetime(frame[column], format="%m/%d/%Y").dt.date
    frame = frame.assign(cents=frame["InvoiceAmount"].map(lambda text: int(Decimal(text) * 100)))
    assert frame["SettledDate"].map(lambda day: isinstance(day, date)).all()
    return frame
