"""Finding text in long tables: by an index of the pairs of its characters, since in Chinese two characters are a word.

The index is kept by the database itself (migration 0004): full-text tables on SQLite, an indexed function on PostgreSQL. It finds the
rows that hold all pairs of what is sought; whoever asks looks at these once more, for the pairs in their order.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, column, func, literal_column, select, table
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from crm.models import Base, Contact, Contract, Customer, Lead, Opportunity

SEARCHED: dict[type[Base], Sequence[Any]] = {
    Opportunity: (Opportunity.title,),
    Customer: (Customer.name,),
    Contact: (Contact.name, Contact.phone),
    Lead: (Lead.contact_name, Lead.company, Lead.phone),
    Contract: (Contract.number,),
}
"""The tables that have such an index, and the columns in it, in its order."""


def grams(text: str) -> list[str]:
    """The pairs of neighbouring letters and digits in `text`; a letter that stands alone by itself. Empty where there is none."""
    runs = "".join(letter if unicodedata.category(letter)[0] in "LN" else " " for letter in text).split()
    pairs = [run[n : n + 2] for run in runs for n in range(max(len(run) - 1, 1))]
    return list(dict.fromkeys(pairs))


def holding(session: Session, model: type[Base], pairs: Sequence[str]) -> Select[int]:
    """The ids of the rows of `model` whose searched text holds all of these pairs."""
    if session.get_bind().dialect.name == "postgresql":
        asked = array[Any]([func.lower(pair) for pair in pairs], type_=Text())
        return select(model.__table__.c.id).where(func.search_grams(_joined(SEARCHED[model]), type_=ARRAY(Text)).contains(asked))
    name = f"search_{model.__tablename__}"
    wanted = " AND ".join(f'"{pair}"' if len(pair) == 2 else f'"{pair}" *' for pair in pairs)
    return select(column("rowid")).select_from(table(name)).where(column(name).op("match")(wanted))


def _joined(columns: Sequence[Any]) -> Any:
    """The text as the index on PostgreSQL has it."""
    said = columns[0]
    for further in columns[1:]:
        said = said.op("||")(literal_column("' '")).op("||")(further)
    return said
