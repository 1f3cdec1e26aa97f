"""A fair's list of 100,000 messy leads through the command line, verdict and write: its own process, so that its memory is known."""

import csv
import random
import subprocess
import tempfile
import time
from pathlib import Path

from scripts.bench.bars import Bars
from scripts.server import SALESLENS, environment

ROWS = 100_000
SOURCE = "官网咨询"
HEADER = ("姓名", "公司", "电话", "邮箱", "线索来源", "销售人员", "到达日期", "备注")


def measure(bars: Bars) -> None:
    """Import into a small demo company of its own, so that neither the other bars nor its own next run meet these leads again."""
    with tempfile.TemporaryDirectory() as folder:
        home, sheet = Path(folder) / "home", Path(folder) / "leads.csv"
        subprocess.run([SALESLENS, "demo", "--scale", "0.001"], env=environment(home), check=True, stdout=subprocess.DEVNULL)
        messy(sheet)
        begun = time.perf_counter()
        words = ["import", "leads", str(sheet), "--good-only", "--format", "json"]
        process = subprocess.Popen([SALESLENS, *words], env=environment(home), stdout=subprocess.DEVNULL)
        memory = _peak(process)
        if process.returncode not in (0, 1):  # 1: some rows were not taken, as is meant
            raise RuntimeError(f"the import ended with {process.returncode}")
        bars.add("import of 100,000 messy leads", time.perf_counter() - begun, 30, "s")
        bars.add("import of 100,000 messy leads, memory", memory, 500, "MB")


def messy(path: Path) -> None:
    """Every tenth row is faulty or written oddly: no way to reach them, an unknown rep, full-width digits, spaces, a country code."""
    dice = random.Random(1)  # noqa: S311  (the same list from the same seed)
    with path.open("w", encoding="gb18030", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(HEADER)
        for number in range(ROWS):
            phone = f"1{dice.randrange(30, 100)}{number:08d}"
            odd = dice.randrange(30)
            phone = {0: "", 1: "+86 " + phone, 2: phone.translate(str.maketrans("0123456789", "０１２３４５６７８９"))}.get(odd, phone)
            rep = "没有这个人" if odd == 3 else dice.choice(("wang", "zhao"))
            company, day = f"测试{number}有限公司" if odd % 2 else "", f"2026/{1 + number % 9}/{1 + number % 28}"
            rows.writerow((f"联系人{number}", company, phone, "", SOURCE, rep, day, "三月\n回访" if odd == 4 else ""))


def _peak(process: "subprocess.Popen[bytes]") -> float:
    """The largest memory (MB) that the process had until its end."""
    status, peak = Path(f"/proc/{process.pid}/status"), 0.0
    while process.poll() is None:
        try:
            lines = status.read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            break
        peak = max([peak, *(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))])
        time.sleep(0.1)
    process.wait()
    return peak
