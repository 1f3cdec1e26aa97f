"""What stands where a person was named whose data were erased."""

import re
from collections.abc import Iterable

ERASED = "—"
"""The name of somebody whose data were erased, in every language."""


def without(text: str, secrets: Iterable[str]) -> str:
    """`text` without these names, numbers and addresses. A single character is no name that could be found in a text."""
    for secret in sorted((secret.strip() for secret in secrets if len(secret.strip()) > 1), key=len, reverse=True):
        text = re.sub(re.escape(secret), ERASED, text, flags=re.IGNORECASE)
    return text
