"""Finds a Chromium for the browser tests and the screenshots; installs the system's own package where it may.

`python -m scripts.chromium` prints the path. No browser build is downloaded from anywhere but the system's package manager.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")

# Chromium talks to hosts of its maker unless told otherwise; as root it starts only without its sandbox.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """The path of a Chromium on this machine, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """The system's Chromium and a font with Chinese, as root or through a sudo that asks nothing."""
    if shutil.which("apt-get") is None:
        return
    become = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if become and shutil.which("sudo") is None:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *PACKAGES]):
        subprocess.run([*become, "apt-get", *words], env=environment, stdout=sys.stderr, check=False)


def main() -> int:
    if find() is None:
        print("No Chromium here; installing the system's own ...", file=sys.stderr, flush=True)
        install()
    path = find()
    if path is None:
        sys.exit("The browser tests need Chromium and a font with Chinese: install the packages " + " and ".join(PACKAGES) + ".")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
