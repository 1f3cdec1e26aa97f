"""Reads the sentences out of the code into both catalogues and lists what has no translation yet.

`python -m scripts.messages`. A sentence is a string inside `_()`, `_l()` or `N_()`. What the code no longer says leaves the
catalogue; nothing is guessed from similar sentences, since a wrong translation is worse than a missing one.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po, write_po

TOP = Path(__file__).resolve().parent.parent
TRANSLATIONS = TOP / "dashboard" / "translations"
PACKAGES = ("crm", "etl", "dashboard")
KEYWORDS = {"_": None, "_l": None, "N_": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python")]


def template() -> Catalog:
    """Every sentence of the code, without the places where it stands: a moved line is no change of a translation."""
    catalog = Catalog(project="Saleslens", charset="utf-8")
    for package in PACKAGES:
        for _file, _line, message, _comments, _context in extract_from_dir(TOP / package, METHODS, keywords=KEYWORDS):
            catalog.add(message)
    for _line, message, _comments, _context in extract_from_file("python", TOP / "cli.py", keywords=KEYWORDS):
        catalog.add(message)
    return catalog


def update(language: str, sentences: Catalog) -> list[str]:
    """Bring one catalogue to `sentences`; the sentences that it does not translate."""
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = Catalog(locale=language, project="Saleslens", charset="utf-8", fuzzy=False)
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
    catalog.update(sentences, no_fuzzy_matching=True, update_header_comment=False)
    with path.open("wb") as file:
        write_po(file, catalog, width=140, sort_output=True, no_location=True, ignore_obsolete=True)
    return [str(message.id) for message in catalog if message.id and not message.string]


def main() -> int:
    sentences = template()
    update("en", sentences)  # the sentences are English: an empty entry is the sentence itself
    missing = update("zh", sentences)
    print(f"{len(sentences)} sentences, {len(missing)} without a Chinese translation")
    for sentence in missing:
        print(f"  {sentence}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
