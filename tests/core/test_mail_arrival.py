from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.ok_mails import DEADLINE, OPENS, backups, local, ok

from vigie.core.explanation import explain
from vigie.core.mail import parse_mail
from vigie.core.mail_arrival import Arrival, arrival
from vigie.core.mail_rule import counted, weigh
from vigie.core.origin import QUOTING

DAY = date(2026, 11, 24)
DATED = backups(
    subject=r"\[OK\] backup (?P<vm>\w+) of (?P<business_date>.+)", date_format="%Y-%m-%d", expect_count=None
)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def test_a_mail_counts_for_the_day_whose_window_holds_its_arrival():
    assert counted(backups(), ok("[OK] backup vm1", OPENS)) == Arrival(DAY, "vm1", OPENS)
    assert counted(backups(), ok("[KO] backup vm1", OPENS)) is None


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (OPENS, DAY),
        (OPENS - SECOND, DAY - timedelta(days=1)),  # between two windows: late for the one that is over
        (DEADLINE, DAY),
        (DEADLINE + SECOND, DAY),
        (OPENS + timedelta(days=1) - SECOND, DAY),
        (OPENS + timedelta(days=1), DAY + timedelta(days=1)),
    ],
)
def test_the_time_of_the_server_decides(at: datetime, day: date):
    lying = ok("[OK] backup vm1", at, sent_at=at + timedelta(days=9))
    assert counted(backups(), lying) == Arrival(day, "vm1", at)


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Asia/Kolkata", local("2026-11-24 05:59", "Asia/Kolkata"), DAY),
        ("Australia/Adelaide", local("2026-11-23 22:00", "Australia/Adelaide"), DAY),
        ("Pacific/Chatham", local("2026-11-24 06:10", "Pacific/Chatham"), DAY),
        ("Europe/Berlin", local("2026-03-29 03:30"), date(2026, 3, 29)),  # an hour is leapt over
        ("Europe/Berlin", local("2026-10-25 02:30", fold=1), date(2026, 10, 25)),  # an hour comes twice
    ],
)
def test_every_zone_has_its_own_nights(zone: str, at: datetime, day: date):
    found = counted(backups(zone=zone), ok("[OK] backup vm1", at))
    assert found is not None
    assert found.business_date == day


@given(
    st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.sampled_from([("22:00", "06:00"), ("00:00", "23:00"), ("02:15", "02:45"), ("06:00", "05:00")]),
)
def test_every_instant_belongs_to_one_day_whose_window_has_opened(at: datetime, zone: str, clocks: tuple[str, str]):
    watch = backups(zone=zone, opens=clocks[0], due=clocks[1])
    found = counted(watch, ok("[OK] backup vm1", at))
    assert found is not None
    when = watch.window_of(found.business_date)
    assert when.opens <= at
    following = watch.window_of(found.business_date + timedelta(days=1))
    assert at < following.opens or at <= when.deadline


def test_two_mails_of_one_value_count_as_one_and_without_distinct_by_each_mail_counts():
    names = [counted(backups(), ok(f"[OK] backup {vm}", OPENS)) for vm in ("vm1", "VM1", "vm2")]
    assert [each and each.name for each in names] == ["vm1", "vm1", "vm2"]
    plain = backups(distinct_by=None)
    mails = [ok("[OK] backup vm1", OPENS + n * MINUTE) for n in range(2)]
    assert [each and each.name for each in (counted(plain, mail) for mail in mails)] == [m.identity for m in mails]


@pytest.mark.parametrize("origin", sorted(QUOTING))
def test_what_quotes_others_never_counts(origin: str):
    weighed = weigh(backups(), ok("[OK] backup vm1", OPENS, origin=origin))
    assert weighed.event is None
    assert [(each.event, each.matched, each.withheld) for each in weighed.tried] == [("arrive", False, "set aside")]
    assert weighed.tried[0].why.endswith(f"; but set aside: what is {origin} quotes others' words")


@pytest.mark.parametrize(
    ("sender", "counts"), [("backup@nordwind.example", True), ("@nordwind.example", False), (None, False)]
)
def test_a_doubtful_mail_counts_only_where_the_rule_names_its_whole_sender(sender: str | None, counts: bool):
    doubtful = ok("[OK] backup vm1", OPENS, origin="unknown", doubts=("its sender is postmaster",))
    assert (counted(backups(sender=sender), doubtful) is not None) is counts


def test_the_date_in_a_mail_decides_where_the_rule_has_one():
    for at in (OPENS, DEADLINE, DEADLINE + timedelta(hours=20)):
        assert counted(DATED, ok("[OK] backup vm1 of 2026-11-24", at)) == Arrival(DAY, "vm1", at)
    assert counted(DATED, ok("[OK] backup vm1 of 2026-11-23", OPENS)) == Arrival(DAY - timedelta(days=1), "vm1", OPENS)
    early = OPENS - timedelta(hours=23)
    assert counted(DATED, ok("[OK] backup vm1 of 2026-11-24", early)) == Arrival(DAY, "vm1", early)


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ("[OK] backup vm1 of 2026-11-20", "it is of 2026-11-20, which was over when it came"),
        ("[OK] backup vm1 of 2026-11-26", "it is of 2026-11-26, which was not expected yet when it came"),
        ("[OK] backup vm1 of 2026-13-24", "its business_date '2026-13-24' is no date as %Y-%m-%d"),
        ("[OK] backup vm1 of tonight", "its business_date 'tonight' is no date as %Y-%m-%d"),
        ("[OK] backup vm1 of 0001-01-01", "it is of 0001-01-01, far from the day on which it came"),
        ("[OK] backup vm1 of 9999-12-31", "it is of 9999-12-31, far from the day on which it came"),
    ],
)
def test_a_date_that_is_not_expected_is_told(subject: str, why: str):
    mail = ok(subject, OPENS)
    (tried,) = weigh(DATED, mail).tried
    assert not tried.matched
    assert tried.why.endswith(f"; but {why}")
    assert counted(DATED, mail) is None


def test_a_value_that_nobody_expects_does_not_count():
    named = backups(expect=["vm1"], expect_count=None)
    assert arrival(named, ok("x", OPENS), {"vm": "vm9"}) == "its vm is 'vm9', which is not expected"
    assert arrival(named, ok("x", OPENS), {}) == "its vm is empty"


@given(st.text(max_size=40) | st.dates().map(str))
def test_no_date_of_a_mail_raises(written: str):
    assert isinstance(arrival(DATED, ok("x", OPENS), {"vm": "vm1", "business_date": written}), (Arrival, str))


@given(
    st.binary(max_size=200) | st.text(max_size=60).map(lambda text: f"Subject: [OK] backup {text}\n\n{text}".encode())
)
def test_no_mail_raises_and_the_explanation_is_what_is_counted(raw: bytes):
    mail = parse_mail(raw, received_at=OPENS)
    for watch in (backups(), DATED, backups(expect=["vm1"], expect_count=None)):
        found = counted(watch, mail)
        told = explain([watch], mail)
        assert told.dedup_key == (found.business_date.isoformat() if found else None)
        assert (told.verdict == "ok") == (found is not None)


PLAIN = backups(subject="backup OK", distinct_by=None, expect_count=None)


@pytest.mark.parametrize(
    "subject", ["backup OK?", "no backup OK", "backup OK -> KO", "backup OK sauf LYON", "backup OK attendu"]
)
def test_an_ok_that_is_none_does_not_count(subject: str):
    assert counted(PLAIN, ok("backup OK", OPENS)) is not None
    assert counted(PLAIN, ok(subject, OPENS)) is None


def test_an_exception_takes_a_mail_back_that_would_count():
    rule = backups(unless=["dry run", {"body": "3 rejets"}])
    assert counted(rule, ok("[OK] backup vm1", OPENS)) is not None
    assert counted(rule, ok("[OK] backup vm1 (dry run)", OPENS)) is None
    assert counted(rule, ok("[OK] backup vm1", OPENS, text="12 fichiers, 3 rejets")) is None
