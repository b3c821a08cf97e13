"""Why a mail is what it is to a set of watches: the same rules as the judge's, with what each of them found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from vigie.core.appeal import appeals
from vigie.core.mail import Mail
from vigie.core.mail_key import dedup_key
from vigie.core.mail_rule import weigh
from vigie.core.origin import QUOTING, Origin
from vigie.core.watch import MailPatterns
from vigie.core.withheld import Cause, Event

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
    withheld: Cause | None = None
    dedup_key: str | None = None


class Explanation(BaseModel):
    """What became of a mail, and why. ``origin_reasons`` begin with the strongest.

    ``doubts`` say why it may be a bounce or an automatic answer all the same, ``appeals`` what a rule's author may write
    so that such mails are heard, or what overruled their origin.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: Origin
    origin_reasons: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    appeals: tuple[str, ...] = ()
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
        elif not told:
            told = [f"{each.watch}, {each.event}: {each.why}" for each in self.tried if each.withheld]
        return (
            *(f"{self.origin}: {reason}" for reason in self.origin_reasons),
            *(f"doubtful: {doubt}" for doubt in self.doubts),
            *self.curtailed,
            *told,
            *self.appeals,
        )


def explain(watches: Iterable[MailPatterns], mail: Mail) -> Explanation:
    """Try every rule of every watch, in their order."""
    asked = tuple(watches)
    tried = tuple(_tried(asked, mail))
    events = {each.event for each in tried if each.matched}
    verdict: Verdict = "unclassified"
    if "trigger" in events:
        verdict = "ko"
    elif events & {"resolve", "arrive"}:
        verdict = "ok"
    elif "ignore" in events or mail.origin in QUOTING:
        verdict = "ignored"
    return Explanation(
        origin=mail.origin,
        origin_reasons=mail.reasons,
        doubts=mail.doubts,
        appeals=tuple(appeals(asked, mail)),
        curtailed=mail.curtailed,
        tried=tried,
        verdict=verdict,
    )


def _tried(watches: Iterable[MailPatterns], mail: Mail) -> Iterator[RuleTried]:
    for watch in watches:
        weighed = weigh(watch, mail)
        for each in weighed.tried:
            key = dedup_key(watch, mail, weighed.groups) if each.matched and each.event != "ignore" else None
            yield RuleTried(
                watch=watch.id, flux=watch.dag_id, event=each.event, matched=each.matched, why=each.why, withheld=each.withheld,
                dedup_key=key,
            )  # fmt: skip
