"""Why a mail is what it is to a set of watches: the same rules as the judge's, with what each of them found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from vigie.core.mail import Mail
from vigie.core.mail_key import dedup_key
from vigie.core.mail_rule import Event, weigh
from vigie.core.origin import QUOTING, Origin
from vigie.core.watch import MailPatterns

Verdict = Literal["ko", "ok", "ignored", "unclassified"]


class RuleTried(BaseModel):
    """One rule of one watch; ``dedup_key`` is that of the incident which it would open or end.

    Of a mail that arrives as expected it is the business date for which it counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    watch: str
    flux: str
    event: Event
    matched: bool
    why: str
    dedup_key: str | None = None


class Explanation(BaseModel):
    """What became of a mail, and why. ``origin_reasons`` begin with the strongest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: Origin
    origin_reasons: tuple[str, ...]
    curtailed: tuple[str, ...]
    tried: tuple[RuleTried, ...]
    verdict: Verdict

    @property
    def claims(self) -> tuple[RuleTried, ...]:
        """The rules that matched, those of the verdict first."""
        decisive = {"ko": {"trigger"}, "ok": {"resolve", "arrive"}}.get(self.verdict, {"ignore"})
        return tuple(sorted((each for each in self.tried if each.matched), key=lambda each: each.event not in decisive))

    @property
    def flux(self) -> str | None:
        """The first flux that is alerted or told that all is well."""
        return self.claims[0].flux if self.verdict in {"ko", "ok"} else None

    @property
    def dedup_key(self) -> str | None:
        """The key of its incident."""
        return self.claims[0].dedup_key if self.verdict in {"ko", "ok"} else None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Everything that led to the verdict, as sentences."""
        told = [f"{each.watch}, {each.event}: {each.why}" for each in self.claims]
        if not told and self.verdict == "unclassified":
            told = [f"{each.watch}, {each.event}: {each.why}" for each in self.tried] or ["no watch reads this mail"]
        return (*(f"{self.origin}: {reason}" for reason in self.origin_reasons), *self.curtailed, *told)


def explain(watches: Iterable[MailPatterns], mail: Mail) -> Explanation:
    """Try every rule of every watch, in their order."""
    tried = tuple(_tried(watches, mail))
    events = {each.event for each in tried if each.matched}
    verdict: Verdict = "unclassified"
    if "trigger" in events:
        verdict = "ko"
    elif events & {"resolve", "arrive"}:
        verdict = "ok"
    elif "ignore" in events or mail.origin in QUOTING:
        verdict = "ignored"
    return Explanation(
        origin=mail.origin, origin_reasons=mail.reasons, curtailed=mail.curtailed, tried=tried, verdict=verdict
    )


def _tried(watches: Iterable[MailPatterns], mail: Mail) -> Iterator[RuleTried]:
    for watch in watches:
        weighed = weigh(watch, mail)
        for each in weighed.tried:
            key = dedup_key(watch, mail, weighed.groups) if each.matched and each.event != "ignore" else None
            yield RuleTried(
                watch=watch.id, flux=watch.dag_id, event=each.event, matched=each.matched, why=each.why, dedup_key=key
            )
