"""The real server as a process of its own, on a given home: started, asked, stopped, or killed. For tests, pictures and measuring."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

SALESLENS = Path(sys.executable).with_name("saleslens")
PATIENCE = 60
"""Seconds until a server that does not answer counts as broken; a shared machine may be slow."""


def saleslens(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command line on `home` to its end; `more` are environment variables."""
    return subprocess.run([SALESLENS, *words], env=environment(home, **more), capture_output=True, text=True, timeout=600)


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "SALESLENS_HOME": str(home), **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`saleslens serve` on `home`. Its output lies in `home`/server.log."""

    def __init__(self, home: Path, **more: str) -> None:
        self.home = home
        self.port = free_port()
        self._environment = environment(home, **more)
        self._log = home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self._log.read_text()

    def start(self) -> "Server":
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            # a session of its own: kill() ends the server's workers with it
            self._process = subprocess.Popen(
                [SALESLENS, "serve", "--port", str(self.port)],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server did not come up:\n{self.log}")
            time.sleep(0.05)
        return self

    def answers(self) -> bool:
        """Whether the health check says that all is well."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Ask it to end, as an administrator would; what does not obey is killed."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, how)
            self._process.wait(timeout=15)
        except ProcessLookupError:
            self._process.wait()
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None
