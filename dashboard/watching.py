"""An open record hears of changes by others: its page gets a token when it is drawn, and shows it once a second.

The token is given out only by who may see the record, is signed, and names the person: so asking again needs no look at the
scope. All that it tells is that something changed; what changed is read anew, within reach.
"""

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection, text

OPPORTUNITY = text(
    "select version, (select max(id) from comments where opportunity_id = :id),"
    " (select max(id) from follow_ups where opportunity_id = :id),"
    " (select max(edited_at) from follow_ups where opportunity_id = :id),"
    " (select count(*) from follow_ups where opportunity_id = :id and problem_solved_at is not null)"
    " from opportunities where id = :id"
)


def token(opportunity_id: int, user_id: int) -> str:
    """What the page of an opportunity shows for this person."""
    return _signer().dumps([opportunity_id, user_id])


def stamp(connection: Connection, shown: str, user_id: int) -> str | None:
    """How the record of the token stands, as a text that differs after every change; None without a token of this person's."""
    if not shown:
        return None
    try:
        opportunity_id, whose = _signer().loads(shown)
    except BadSignature:
        return None
    return stamp_of(connection, opportunity_id) if whose == user_id else None


def stamp_of(connection: Connection, opportunity_id: int) -> str:
    """How the opportunity stands now."""
    row = connection.execute(OPPORTUNITY, {"id": opportunity_id}).one_or_none()
    return "-".join(str(value) for value in row) if row else ""


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="watched record")
