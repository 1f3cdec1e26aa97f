"""One class for each kind of record that a file can bring."""

from collections.abc import Mapping

from crm.importing.fields import RecordKind
from crm.importing.records.base import Records
from crm.importing.records.contracts import Contracts
from crm.importing.records.customers import Customers
from crm.importing.records.follow_ups import FollowUps
from crm.importing.records.leads import Leads
from crm.importing.records.master import Competitors, Products, Teams
from crm.importing.records.money import Costs, Instalments, Receipts
from crm.importing.records.opportunities import Opportunities
from crm.importing.records.people import People
from crm.importing.records.targets import Targets

KINDS: tuple[type[Records], ...] = (
    Leads, Customers, Opportunities, Contracts, Instalments, Receipts, Costs, FollowUps, Targets, Products, Competitors, People, Teams,
)  # fmt: skip

RECORDS: Mapping[RecordKind, type[Records]] = {one.kind: one for one in KINDS}
"""Kind → how it is judged and written."""
