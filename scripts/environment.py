"""Makes `.venv` what the locks say, and does nothing when it already is.

Runs under whatever `python3` is there, so it uses nothing but the standard library, and says so when that is too old.
The stamp holds a hash of the locks, of pyproject.toml and of the interpreter: a changed lock is installed at the next `make`, an
unchanged one costs a few milliseconds.
"""

import argparse
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
ENVIRONMENT = TOP / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
OLDEST = (3, 11)

# before anything that an older Python could not even read
if sys.version_info < OLDEST:
    sys.exit("Saleslens needs Python 3.11 or newer; this one is {}.{}. Name another: make PYTHON=python3.12".format(*sys.version_info))


def wanted(locks: list[Path]) -> str:
    """One hash over everything that decides what is installed."""
    digest = hashlib.sha256(sys.version.encode())
    for path in [*locks, TOP / "pyproject.toml"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(locks: list[Path]) -> bool:
    return stamp(locks).exists() and stamp(locks).read_text() == wanted(locks)


def stamp(locks: list[Path]) -> Path:
    return ENVIRONMENT / f".installed-{locks[-1].stem}"


def pip(*arguments: str) -> None:
    subprocess.run([str(PYTHON), "-m", "pip", "-qq", "--disable-pip-version-check", "install", *arguments], cwd=TOP, check=True)


def make(locks: list[Path]) -> None:
    """A new environment if there is none that works, then the locks, then the project itself in place."""
    if not PYTHON.exists():
        venv.create(ENVIRONMENT, with_pip=True, clear=ENVIRONMENT.exists())
    # hashes demand that nothing but the locked files is taken; the project itself then needs no index at all
    pip("--require-hashes", *[word for lock in locks for word in ("-r", str(lock))])
    pip("--no-deps", "--no-build-isolation", "--editable", str(TOP))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    locks = [TOP / "requirements.txt"] + ([TOP / "requirements-dev.txt"] if parser.parse_args().dev else [])
    if is_current(locks):
        return 0
    print(f"Installing what {locks[-1].name} asks for into .venv ...", flush=True)
    try:
        make(locks)
    except (subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"The environment could not be made: {error}. On Debian and Ubuntu the package python3-venv must be there.")
    for reached in (locks[:1], locks):
        stamp(reached).write_text(wanted(reached))
    return 0


if __name__ == "__main__":
    sys.exit(main())
