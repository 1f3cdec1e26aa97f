"""What an open page asks once a second, in one statement: is there anything new for me?"""

from typing import Any

from flask import Flask, abort, jsonify, request
from flask import session as cookie
from sqlalchemy import text

from dashboard import session, watching

STATE = text(
    "select users.session_epoch, (select count(*) from notifications where user_id = users.id and read_at is null) as unread"
    " from users where id = :user_id and active"
)


def install(server: Flask) -> None:
    """`/live`: {"position", "behind", "unread", "stamp"}; 401 once the session is over."""

    @server.get("/live", endpoint="live.live")
    def live() -> Any:
        user_id, _, epoch = str(cookie.get("_user_id", "")).partition(".")
        if not user_id or session.is_over():
            abort(401)
        with session.application().engine.connect() as connection:
            row = connection.execute(STATE, {"user_id": int(user_id)}).one_or_none()
            if row is None or str(row.session_epoch) != epoch:
                abort(401)
            stamp = watching.stamp(connection, request.args.get("watch", ""), int(user_id))
        live = session.application().live
        behind = live.behind_since.isoformat(timespec="seconds") if live.behind_since else None
        return jsonify(position=live.position, behind=behind, unread=row.unread, stamp=stamp)
