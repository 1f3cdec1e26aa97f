"""An offer as a PDF in either language, with the company's head: what is offered at which price, until when, paid how.

The font goes along, of it only the characters that are used, so that the paper looks the same everywhere. What people typed is
text: signs of markup are written as they are.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table

from crm.models import PaymentPlan, Quote, QuoteLine
from crm.rules import quotes as rules
from crm.services.quotes import quantity_of
from crm.vocabulary import QuoteStatus
from dashboard.components.offers import percent
from dashboard.i18n import N_, _, day, money, word
from dashboard.offer import Offer
from dashboard.papers.type import FONT, HAIRLINE, INK, QUIET, font

MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN

BINDING = frozenset({QuoteStatus.APPROVED, QuoteStatus.SIGNED})
"""The states in which the company stands by an offer; on paper any other says what it is."""

_COLUMNS: Sequence[tuple[str, float]] = (
    (N_("Product"), 0.28),
    (N_("Quantity"), 0.11),
    (N_("Unit price"), 0.17),
    (N_("Discount %"), 0.11),
    (N_("Tax %"), 0.1),
    (N_("Amount"), 0.23),
)
"""The columns of the lines, and their shares of the width."""


def written(offer: Offer) -> bytes:
    """The paper, in the language of this context."""
    font()
    stream = BytesIO()
    document = BaseDocTemplate(
        stream, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=" ".join([_("Quotation"), offer.number]), author=offer.company, subject=offer.title, creator="Saleslens",
    )  # fmt: skip
    frame = Frame(MARGIN, MARGIN, WIDTH, A4[1] - 2 * MARGIN, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    foot = _("Page {number}", number="{number}")
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=lambda canvas, made: _foot(canvas, made, f"{offer.number} · {foot}")))
    document.build(_story(offer), canvasmaker=partial(Canvas, initialFontName=FONT))
    return stream.getvalue()


def _style(size: float = 9.5, color: Any = INK, **more: Any) -> ParagraphStyle:
    return ParagraphStyle("text", fontName=FONT, fontSize=size, leading=size * 1.5, textColor=color, wordWrap="CJK", **more)


def _text(text: str, **style: Any) -> Paragraph:
    """What somebody typed, as text; its line ends stay."""
    return Paragraph(escape(text).replace("\n", "<br/>"), _style(**style))


def _story(offer: Offer) -> list[Flowable]:
    parts: list[Flowable] = [
        _text(offer.company, size=11),
        Spacer(1, 8 * mm),
        _text(_("Quotation"), size=20),
        Spacer(1, 4 * mm),
        _facts(offer),
        Spacer(1, 6 * mm),
        _lines(offer.quote.lines),
        Spacer(1, 3 * mm),
        _totals(offer.quote),
    ]
    if offer.plan and offer.plan.instalments:
        parts.append(_part(_("Payment plan"), _plan(offer.plan)))
    if offer.quote.terms:
        parts.append(_part(_("Terms"), _text(offer.quote.terms)))
    return parts


def _part(title: str, body: Flowable) -> KeepTogether:
    return KeepTogether([Spacer(1, 8 * mm), _text(title, size=11), Spacer(1, 2 * mm), body])


def _facts(offer: Offer) -> Table:
    facts: Mapping[str, str] = {
        _("Quotation no."): offer.number,
        _("Customer"): " · ".join(part for part in (offer.customer, offer.contact) if part),
        _("Subject"): offer.title,
        _("Date"): day(offer.quote.created_on),
        _("Valid until"): day(offer.quote.valid_until),
        _("Contact person"): offer.by,
    }
    rows = [[_text(name, color=QUIET), _text(value)] for name, value in facts.items()]
    if offer.status not in BINDING:
        rows.append([_text(_("Status"), color=QUIET), _text(" · ".join([word(offer.status), _("not binding")]))])
    return Table(rows, colWidths=[WIDTH * 0.2, WIDTH * 0.8], style=_padded(1.2))


def _lines(lines: Sequence[QuoteLine]) -> Table:
    head = [_text(_(label), color=QUIET, alignment=2 if i else 0) for i, (label, _share) in enumerate(_COLUMNS)]
    rows = [head, *(_line(line) for line in lines)]
    ruled = [*_padded(2), ("LINEBELOW", (0, 0), (-1, -1), 0.4, HAIRLINE), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table(rows, colWidths=[WIDTH * share for _label, share in _COLUMNS], repeatRows=1, style=ruled)


def _line(line: QuoteLine) -> list[Paragraph]:
    product = line.product
    cells = (
        f"{quantity_of(line):f} {product.unit}".strip(),
        money(line.unit_price),
        percent(line.discount_bp) if line.discount_bp else "",
        percent(line.tax_rate_bp),
        money(line.amount),
    )
    called = f"{product.name}\n{product.code}" if product.code else product.name
    return [_text(called), *(_text(cell, alignment=2) for cell in cells)]


def _totals(quote: Quote) -> Table:
    tax = rules.tax_within((line.amount, line.tax_rate_bp) for line in quote.lines)
    rows = [(_("Total, tax included"), money(quote.total)), (_("Tax within"), money(tax)), (_("Without tax"), money(quote.total - tax))]
    cells = [
        [_text(name, color=QUIET, alignment=2), _text(amount, size=12 if not i else 9.5, alignment=2)]
        for i, (name, amount) in enumerate(rows)
    ]
    return Table(cells, colWidths=[WIDTH * 0.7, WIDTH * 0.3], style=_padded(1))


def _plan(plan: PaymentPlan) -> Table:
    rows = [
        [_text(str(part.no)), _text(day(part.due_on)), _text(money(part.amount), alignment=2), _text(part.condition)]
        for part in plan.instalments
    ]  # fmt: skip
    ruled = [*_padded(1.5), ("LINEBELOW", (0, 0), (-1, -1), 0.4, HAIRLINE), ("LEFTPADDING", (3, 0), (3, -1), 12)]
    return Table(rows, colWidths=[WIDTH * 0.06, WIDTH * 0.18, WIDTH * 0.24, WIDTH * 0.52], style=ruled)


def _padded(millimetres: float) -> list[tuple[Any, ...]]:
    """Cells flush with the margins, with so much air above and below."""
    sides = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT")]
    return [*sides, *((f"{side}PADDING", (0, 0), (-1, -1), millimetres * mm) for side in ("TOP", "BOTTOM"))]


def _foot(canvas: Canvas, document: BaseDocTemplate, words: str) -> None:
    canvas.setFont(FONT, 8)
    canvas.setFillColor(QUIET)
    canvas.drawRightString(A4[0] - MARGIN, MARGIN / 2, words.format(number=document.page))
