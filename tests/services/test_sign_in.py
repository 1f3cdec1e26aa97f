"""Signing in: the right password and nothing else, the same answer to every wrong one, and slower after each."""

import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from crm.db import reading, transaction
from crm.errors import CrmError, Invalid, NotFound
from crm.models import AuditEntry, User
from crm.services import people
from crm.services.inputs import read
from crm.services.people import ChangePassword, SignInRefused, TooManyAttempts
from tests.people import ADA, PASSWORD, TODAY, WANG, actor, noon
from tests.services.stories import audited

NOW = noon(TODAY)
HERE, THERE = "10.0.0.1", "10.0.0.2"


def tried(engine: Engine, login: str, password: str = PASSWORD, *, after: int = 0, address: str = HERE) -> User | CrmError:
    """What comes of an attempt, so many seconds after noon."""
    with transaction(engine) as session:
        return people.sign_in(session, login, password, address, NOW + timedelta(seconds=after))


def test_the_right_password_opens_and_is_kept_in_the_log(engine: Engine) -> None:
    user = tried(engine, " WANG ")
    assert isinstance(user, User)
    with reading(engine) as session:
        wang = session.get_one(User, WANG)
        assert (user.id, wang.last_sign_in_at, wang.version) == (WANG, NOW, 1)
        assert wang.password_hash.startswith("$argon2id$")
        assert [line[1:3] for line in audited(session)] == [("signed_in", "users")]
        assert people.signed_in(session, WANG, wang.session_epoch) is wang
        assert people.signed_in(session, WANG, wang.session_epoch + 1) is None


@pytest.mark.parametrize("login", ["wang", "nobody", "", "王", "wang\x00", "x" * 100_000, "' or 1=1 --"])
def test_every_wrong_sign_in_has_one_answer(engine: Engine, login: str) -> None:
    refused = tried(engine, login, "wrong")
    assert type(refused) is SignInRefused
    assert str(refused) == str(SignInRefused())


@pytest.mark.parametrize("password", ["", "x" * 1_000_000, "\ud800", "\x00", PASSWORD + " ", PASSWORD.upper()])
def test_a_strange_password_is_a_wrong_one(engine: Engine, password: str) -> None:
    assert type(tried(engine, "wang", password)) is SignInRefused


def test_who_left_and_who_has_no_password_are_refused_alike(engine: Engine) -> None:
    with transaction(engine) as session:
        session.get_one(User, WANG).active = False
        session.get_one(User, ADA).password_hash = None
    assert [type(tried(engine, login)) for login in ("wang", "ada")] == [SignInRefused, SignInRefused]
    with reading(engine) as session:
        assert people.signed_in(session, WANG, 0) is None


def test_an_unknown_account_takes_as_long_as_a_wrong_password(engine: Engine) -> None:
    with transaction(engine) as session:
        session.get_one(User, WANG).password_hash = people.hash_password(PASSWORD)
    people._of_nobody()

    def taken(login: str) -> float:
        begun = time.perf_counter()
        tried(engine, login, "wrong", address=login)
        return time.perf_counter() - begun

    wrong, unknown = min(taken("wang") for _ in range(3)), min(taken(f"nobody{n}") for n in range(3))
    assert unknown > wrong / 4


def test_each_further_wrong_attempt_waits_twice_as_long(engine: Engine) -> None:
    for _ in range(5):
        assert type(tried(engine, "wang", "wrong")) is SignInRefused
    waiting = tried(engine, "wang")
    assert isinstance(waiting, TooManyAttempts)
    assert waiting.values == {"seconds": 1}
    assert type(tried(engine, "wang", "wrong", after=1)) is SignInRefused
    waiting = tried(engine, "wang", after=2, address=THERE)
    assert isinstance(waiting, TooManyAttempts)
    assert waiting.values == {"seconds": 1}
    assert isinstance(tried(engine, "wang", after=3), User)
    assert type(tried(engine, "wang", "wrong", after=3)) is SignInRefused, "a success clears the account's slate"


def test_waiting_for_one_account_is_not_waiting_for_another(engine: Engine) -> None:
    for _ in range(6):
        tried(engine, "wang", "wrong")
    assert isinstance(tried(engine, "lin"), User)


def test_an_address_that_guesses_waits_whatever_account_it_tries(engine: Engine) -> None:
    for n in range(20):
        tried(engine, f"guess{n}", "wrong")
        if n == 10:
            assert isinstance(tried(engine, "lin"), User)
    assert isinstance(tried(engine, "lin"), TooManyAttempts)
    assert isinstance(tried(engine, "lin", address=THERE), User)


def test_refusals_are_forgotten_and_nobody_waits_for_ever(engine: Engine) -> None:
    for _ in range(5):
        tried(engine, "wang", "wrong", after=3600)  # the clock was an hour ahead
    waiting = tried(engine, "wang")
    assert isinstance(waiting, TooManyAttempts)
    assert waiting.values["seconds"] <= 900
    assert isinstance(tried(engine, "wang", after=3600 + 901), User)


def test_no_password_stands_in_the_log(engine: Engine) -> None:
    tried(engine, "wang", "geheim-geheim")
    with transaction(engine) as session:
        wang = actor(session, "wang")
        people.change_password(session, wang, read(ChangePassword, {"current": PASSWORD, "new": "neu-neu-neu", "again": "neu-neu-neu"}))
        texts = "".join(line.before + line.after for line in session.scalars(select(AuditEntry)))
        assert "geheim" not in texts
        assert "neu-neu" not in texts
        assert "argon2" not in texts


def test_a_new_password_signs_out_everywhere(engine: Engine) -> None:
    with transaction(engine) as session:
        session.get_one(User, WANG).must_change_password = True
        session.flush()
        form = read(ChangePassword, {"current": PASSWORD, "new": "west-or-east-2", "again": "west-or-east-2"})
        user = people.change_password(session, actor(session, "wang"), form)
        assert (user.session_epoch, user.must_change_password) == (1, False)
        assert people.signed_in(session, WANG, 0) is None
    assert type(tried(engine, "wang")) is SignInRefused
    assert isinstance(tried(engine, "wang", "west-or-east-2"), User)


@pytest.mark.parametrize(
    ("current", "new", "again", "faults"),
    [
        (PASSWORD, "short", "short", {"new": "PasswordTooShort"}),
        (PASSWORD, "x" * 1001, "x" * 1001, {"new": "PasswordTooLong"}),
        (PASSWORD, PASSWORD, PASSWORD, {"new": "PasswordUnchanged"}),
        (PASSWORD, "west-or-east-2", "west-or-east-3", {"again": "PasswordsDiffer"}),
        ("wrong", "west-or-east-2", "west-or-east-2", {"current": "SignInRefused"}),
        ("", "", "", {"current": "Missing", "new": "Missing", "again": "Missing"}),
    ],
)
def test_a_password_that_is_refused_says_why(engine: Engine, current: str, new: str, again: str, faults: dict[str, str]) -> None:
    with transaction(engine) as session:
        wang = actor(session, "wang")
        with pytest.raises(Invalid) as refused:
            people.change_password(session, wang, read(ChangePassword, {"current": current, "new": new, "again": again}))
        assert {key: type(error).__name__ for key, error in refused.value.faults.items()} == faults


def test_a_password_is_not_the_account_s_name(engine: Engine) -> None:
    with pytest.raises(people.PasswordIsLogin):
        people.check_password("wang-of-east", " Wang-of-East ")


def test_signing_out_everywhere_ends_all_sessions(engine: Engine) -> None:
    with transaction(engine) as session:
        people.sign_out_everywhere(session, actor(session, "wang"))
        assert people.signed_in(session, WANG, 0) is None
        people.sign_out(session, actor(session, "wang"), HERE)
        assert [line[1] for line in audited(session)] == ["signed_out", "signed_out"]


def test_language_and_theme_are_kept(engine: Engine) -> None:
    with transaction(engine) as session:
        people.set_language(session, actor(session, "wang"), "en")
        people.set_theme(session, actor(session, "wang"), "dark")
        with pytest.raises(NotFound):
            people.set_language(session, actor(session, "wang"), "fr")
    with reading(engine) as session:
        wang = session.get_one(User, WANG)
        assert (wang.language, wang.theme, actor(session, "wang").language) == ("en", "dark", "en")


def test_the_clock_of_the_log_is_utc(engine: Engine) -> None:
    tried(engine, "wang")
    with reading(engine) as session:
        (at,) = session.scalars(select(AuditEntry.at)).all()
        assert isinstance(at, datetime)
        assert at.utcoffset() == timedelta(0)
