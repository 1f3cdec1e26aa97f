"""Reads the sentences out of the code into the Chinese catalogue and lists what has no translation yet.

`python -m scripts.messages`. A sentence is a string inside `_()`, `_l()` or `N_()`, in Python or in a template. What the code no longer
says leaves the catalogue; nothing is guessed from similar sentences, since a wrong translation is worse than a missing one. The
sentences are English, so English needs no catalogue.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po, write_po

TOP = Path(__file__).resolve().parent.parent
CATALOGUE = TOP / "dashboard" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
PACKAGES = ("crm", "etl", "dashboard")
KEYWORDS = {"_": None, "_l": None, "N_": None}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


def sentences() -> Iterator[tuple[str, str]]:
    """Each sentence of the code, and the place where it stands."""
    for package in PACKAGES:
        for file, line, message, *_rest in extract_from_dir(TOP / package, METHODS, keywords=KEYWORDS):
            yield text(message), f"{package}/{file}:{line}"
    for line, message, *_rest in extract_from_file("python", TOP / "cli.py", keywords=KEYWORDS):
        yield text(message), f"cli.py:{line}"


def text(message: str | tuple[str, ...]) -> str:
    """The sentence itself; extraction gives a tuple where a call has further words."""
    return message if isinstance(message, str) else message[0]


def update() -> list[str]:
    """Bring the catalogue to what the code says; the sentences that it does not translate."""
    said = Catalog()
    for sentence, _place in sentences():
        said.add(sentence)  # without the place: a moved line is no change of a translation
    with CATALOGUE.open("rb") as file:
        catalog = read_po(file, locale="zh")
    catalog.update(said, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalog, width=140, sort_output=True, no_location=True, ignore_obsolete=True)
    return [str(message.id) for message in catalog if message.id and not message.string]


def main() -> int:
    missing = update()
    print(f"{len({sentence for sentence, _place in sentences()})} sentences, {len(missing)} without a Chinese translation")
    for sentence in missing:
        print(f"  {sentence}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
