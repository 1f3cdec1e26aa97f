"""Where the server writes what it did: files in the home, one line of JSON a request; what needs an eye also on standard error."""

import json
import logging
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

LONGEST = 10 * 1024 * 1024
KEPT = 5
"""Bytes of a file until a new one is begun, and how many old ones stay."""


class Line(logging.Formatter):
    """One JSON object a line: when, how grave, where from, and what was said."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line; a trace is part of it."""
        said = record.getMessage()
        line = {"at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"), "level": record.levelname}
        line |= json.loads(said) if said.startswith("{") else {"from": record.name, "said": said}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def write_to(folder: Path) -> None:
    """Requests go to `requests.jsonl` in `folder`, everything else to `saleslens.jsonl`; errors to the terminal too."""
    folder.mkdir(parents=True, exist_ok=True)
    requests = logging.getLogger("saleslens.requests")
    requests.setLevel(logging.INFO)
    requests.propagate = False
    requests.handlers = [_file(folder / "requests.jsonl")]
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.ERROR)
    terminal.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.handlers = [_file(folder / "saleslens.jsonl"), terminal]


def _file(path: Path) -> logging.Handler:
    handler = RotatingFileHandler(path, maxBytes=LONGEST, backupCount=KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(Line())
    return handler
