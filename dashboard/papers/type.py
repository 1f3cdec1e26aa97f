"""The type on every paper: one font with Latin and Chinese that goes along inside (docs/decisions/0040), how wide text is, how it wraps.

In English the few marks that this font has as wide as a Chinese character come from another one. Each has one weight; `bold` thickens
its strokes a little. Text is drawn as it is: no markup is read here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from reportlab import rl_config
from reportlab.lib import colors
from reportlab.lib.colors import Color
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from dashboard.i18n import language

FONT_FILE = Path(__file__).resolve().parent.parent.parent / "data" / "fonts" / "WenQuanYiMicroHei.ttc"
FONT = "WenQuanYiMicroHei"
NARROW = "Vera"
"""The font of `WIDE` in English; it comes with what writes the PDF."""
WIDE = re.compile("([“”‘’…]+)")
INK, QUIET, HAIRLINE = colors.HexColor("#1f2328"), colors.HexColor("#6b7280"), colors.HexColor("#d5d8dd")
SHADE = colors.HexColor("#f1f3f5")

ANYWHERE = 0x2E80
"""From this character on a line may break before each: Chinese is not divided by spaces."""


@cache
def font() -> None:
    """Make the font known; read once a process."""
    rl_config.useA85 = 0  # streams as they are: a fifth smaller, and nothing to encode
    pdfmetrics.registerFont(TTFont(FONT, str(FONT_FILE)))
    pdfmetrics.registerFont(TTFont(NARROW, "Vera.ttf"))


class _Widths(dict[str, float]):
    """How wide each character is in a language, in parts of the type's size; asked of its font once."""

    def __missing__(self, character: str) -> float:
        ((name, _piece),) = in_fonts(character)
        self[character] = width = float(pdfmetrics.stringWidth(character, name, 1))
        return width


_widths: Mapping[str, _Widths] = {"zh": _Widths(), "en": _Widths()}


def in_fonts(text: str) -> Iterator[tuple[str, str]]:
    """`text` in pieces, each with the font it is set in."""
    if language() != "en" or not WIDE.search(text):
        yield FONT, text
        return
    for piece in filter(None, WIDE.split(text)):
        yield (NARROW if WIDE.match(piece) else FONT), piece


def width_of(text: str, size: float) -> float:
    """How many points `text` takes at `size`."""
    return sum(map(_widths[language()].__getitem__, text)) * size


CLOSING = "。，、；：？！）》」”’"
"""Marks with which no line begins."""

OPENING = "（《「“‘"
"""Marks with which no line ends."""


def wrapped(text: str, size: float, width: float) -> list[str]:
    """`text` as lines of at most `width` points: broken at spaces, between Chinese characters, and within a word that is too long."""
    if width_of(text, size) <= width and "\n" not in text:
        return [text]
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for piece in _pieces(paragraph):
            if line and width_of(line + piece.rstrip(), size) > width:
                lines.append(line.rstrip())
                line = ""
            while width_of(piece.rstrip(), size) > width and len(piece) > 1:
                head = _fitting(piece, size, width)
                lines.append(piece[:head])
                piece = piece[head:]
            line += piece
        lines.append(line.rstrip())
    return lines


def _pieces(text: str) -> list[str]:
    """What may stand on a line of its own: a word with the space after it, a Chinese character; a mark stays with what it closes or
    opens."""
    pieces: list[str] = []
    for character in text:
        joined = ord(character) < ANYWHERE and pieces and ord(pieces[-1][-1]) < ANYWHERE and not pieces[-1].endswith(" ")
        if joined or (pieces and (character in CLOSING or pieces[-1][-1] in OPENING)):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _fitting(text: str, size: float, width: float) -> int:
    """How many characters of `text` fit into `width`; at least one."""
    return max(1, next((n for n in range(1, len(text) + 1) if width_of(text[:n], size) > width), len(text) + 1) - 1)


def write(
    canvas: Canvas, x: float, y: float, text: str, size: float, paint: Color = INK, *, align: str = "left", bold: bool = False
) -> None:
    """One line of `text` whose baseline is at `y`; `x` is its left end, its middle or its right end."""
    shift = {"left": 0.0, "center": 0.5, "right": 1.0}[align]
    canvas.setFillColor(paint)
    if bold:
        canvas.setStrokeColor(paint)
        canvas.setLineWidth(size * 0.03)
    x -= shift * width_of(text, size) if shift else 0.0
    for name, piece in in_fonts(text):
        canvas.setFont(name, size)
        canvas.drawString(x, y, piece, mode=2 if bold else None)
        x += width_of(piece, size)


def write_lines(
    canvas: Canvas, x: float, y: float, lines: Sequence[str], size: float, paint: Color = INK, *, align: str = "left", bold: bool = False
) -> float:
    """Lines one under the other from the baseline `y`; the baseline of the one that would follow."""
    for line in lines:
        write(canvas, x, y, line, size, paint, align=align, bold=bold)
        y -= size * 1.4
    return y
