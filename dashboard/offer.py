"""What stands on an offer; `dashboard.offer_pdf` puts it on paper."""

from dataclasses import dataclass

from crm.models import PaymentPlan, Quote
from crm.vocabulary import QuoteStatus


@dataclass(frozen=True, slots=True)
class Offer:
    """What stands on the paper."""

    company: str
    number: str
    title: str
    customer: str
    contact: str
    by: str
    quote: Quote
    status: QuoteStatus
    plan: PaymentPlan | None
