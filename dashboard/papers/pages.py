"""Sheets of paper: A4 on its side, filled from the top, each with a foot that says what it belongs to and which of how many it is."""

from collections.abc import Callable
from io import BytesIO

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from dashboard.papers.type import FONT, HAIRLINE, QUIET, font, width_of, write

SIZE = landscape(A4)
MARGIN = 13 * mm
WIDTH, TOP, BOTTOM = SIZE[0] - 2 * MARGIN, SIZE[1] - MARGIN, MARGIN + 5 * mm
PAGES = "pages"
FOOT = 7.5


class Paper:
    """A document in the making: `y` is how far down the page it has come.

    Pages go into the file as they are finished; how many they are is drawn last, into a place that each of them shows.
    """

    def __init__(self, title: str, author: str, foot: str) -> None:
        font()
        self.file = BytesIO()
        self.canvas = Canvas(self.file, pagesize=SIZE, pageCompression=1, initialFontName=FONT)
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setCreator("Saleslens")
        self.foot, self.pages, self.y = foot, 1, TOP

    def room(self, height: float, begun: Callable[[], None] | None = None) -> None:
        """Go on to the next page unless `height` is left on this one; `begun` draws what stands on top there."""
        if self.y - height >= BOTTOM or self.y >= TOP:
            return
        self._finish()
        self.canvas.showPage()
        self.pages, self.y = self.pages + 1, TOP
        if begun:
            begun()

    def rule(self, y: float, left: float = MARGIN, width: float = WIDTH) -> None:
        """A hairline across."""
        self.canvas.setStrokeColor(HAIRLINE)
        self.canvas.setLineWidth(0.4)
        self.canvas.line(left, y, left + width, y)

    def finished(self) -> bytes:
        """The whole document."""
        self._finish()
        self.canvas.showPage()
        self.canvas.beginForm(PAGES, 0, 0, 60, 20)
        write(self.canvas, 0, 6, str(self.pages), FOOT, QUIET)
        self.canvas.endForm()
        self.canvas.save()
        return self.file.getvalue()

    def _finish(self) -> None:
        """The foot: to the left what this is, to the right 3 / 12."""
        y, right = MARGIN - 2 * mm, SIZE[0] - MARGIN
        self.rule(y + 10)
        write(self.canvas, MARGIN, y, self.foot, FOOT, QUIET)
        room = width_of("000", FOOT)
        write(self.canvas, right - room, y, f"{self.pages} / ", FOOT, QUIET, align="right")
        self.canvas.saveState()
        self.canvas.translate(right - room, y - 6)
        self.canvas.doForm(PAGES)
        self.canvas.restoreState()
