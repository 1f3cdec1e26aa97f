"""Templates: values made from other values of a row, such as `{external_id}`, `{name|login}` or `Founded {'year_established'}`.

`{field}` is a field of the record, `{'Column'}` a column of the file, and after a bar stands what is done with the text. A
template is empty as soon as something that it refers to is; so nothing half-made comes out.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from unicodedata import normalize


def _login(text: str) -> str:
    """A login from a name: first.last in lower case."""
    return ".".join(re.findall(r"[\w'-]+", normalize("NFKC", text).lower()))


FILTERS: Mapping[str, Callable[[str], str]] = {"login": _login, "lower": str.lower, "upper": str.upper}
PART = re.compile(r"\{([^{}]*)\}")
REFERENCE = re.compile(r"\s*(?:'([^']+)'|([a-z_]+))\s*(?:\|\s*([a-z]+)\s*)?")


@dataclass(frozen=True, slots=True)
class Reference:
    """One `{...}`: a field or a column, and the filter."""

    field: str
    column: str
    filter: str


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: texts and references in turn."""

    source: str
    parts: tuple[str | Reference, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """What the template refers to."""
        return tuple(part for part in self.parts if isinstance(part, Reference))

    @property
    def alone(self) -> Reference | None:
        """The reference if the template is nothing else: its value then keeps its type."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only if isinstance(only, Reference) and not only.filter else None

    def fill(self, text_of: Callable[[Reference], str]) -> str:
        """The text with each reference replaced; empty if one of them is."""
        texts = []
        for part in self.parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            found = text_of(part)
            if not found:
                return ""
            texts.append(FILTERS[part.filter](found) if part.filter else found)
        return "".join(texts)


class BadReference(ValueError):
    """A `{...}` that can't be understood; its argument is the text."""


def template(source: str) -> Template:
    """Parse a template. Raises `BadReference`."""
    parts: list[str | Reference] = []
    end = 0
    for match in PART.finditer(source):
        found = REFERENCE.fullmatch(match[1])
        if not found or (found[3] and found[3] not in FILTERS):
            raise BadReference(match[0])
        parts += [source[end : match.start()], Reference(found[2] or "", found[1] or "", found[3] or "")]
        end = match.end()
    parts.append(source[end:])
    return Template(source, tuple(part for part in parts if part != ""))
