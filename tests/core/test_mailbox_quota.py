"""When the platform is told that a mailbox fills up, and that it has room again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vigie.core.mailbox_quota import percent, quota_signals, words
from vigie.core.ports import QuotaUse

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def use(used: int, limit: int = 1_000, resource: str = "STORAGE") -> QuotaUse:
    return QuotaUse(root="User quota", resource=resource, used=used, limit=limit)


@pytest.mark.parametrize(
    ("uses", "known", "said"),
    [
        ([use(899)], set(), []),
        ([use(900)], set(), [("trigger", "filling")]),
        ([use(900)], {"filling"}, []),
        ([use(980)], set(), [("trigger", "filling"), ("trigger", "full")]),
        ([use(980)], {"filling"}, [("trigger", "full")]),
        ([use(979)], {"filling", "full"}, [("resolve", "full")]),
        ([use(100)], {"filling", "full"}, [("resolve", "filling"), ("resolve", "full")]),
        ([use(100)], set(), []),
        ([], {"filling"}, [("resolve", "filling")]),
        ([], set(), []),
        ([use(10), use(95, 100, "MESSAGE")], set(), [("trigger", "filling")]),  # what is nearest to its limit
        ([use(1_200)], {"filling"}, [("trigger", "full")]),  # some servers let one mail pass
    ],
)
def test_what_is_told(uses: list[QuotaUse], known: set[str], said: list[tuple[str, str]]):
    assert [(signal.event, signal.dedup_key) for signal in quota_signals("ops", uses, known, NOW)] == said


def test_it_goes_to_the_platform_and_calls_somebody_only_where_it_is_urgent():
    filling, full = quota_signals("nordwind_ops", [use(985)], (), NOW)
    assert (filling.client, filling.audience, filling.watch) == ("platform", "platform", "nordwind_ops")
    assert (filling.severity, filling.page, full.severity, full.page) == ("high", False, "critical", True)
    assert filling.title == "Mailbox nordwind_ops is 98 % full"
    assert filling.facts == {"source": "nordwind_ops", "reason": "985 of 1,000 KiB are used (STORAGE, User quota)"}
    assert filling.key != full.key


@pytest.mark.parametrize(
    ("asked", "said", "share"),
    [
        (use(985), "985 of 1,000 KiB", 98),
        (use(1_900_000, 2_000_000), "1,855 of 1,953 MiB", 95),
        (use(999, 1_000, "MESSAGE"), "999 of 1,000 mails", 99),
        (use(3, 4, "MAILBOX"), "3 of 4 mailbox", 75),
    ],
)
def test_its_words(asked: QuotaUse, said: str, share: int):
    assert (words(asked), percent(asked)) == (said, share)
