"""The page of mails: those that no rule claims, until a person decides, KO mails set aside, and the fate of all others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal, NamedTuple

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from vigie.core.client import PLATFORM
from vigie.core.look import Look
from vigie.core.mail_desk import Kind, kinds_of
from vigie.core.seen_mail import SeenMail
from vigie.core.signal import Signal
from vigie.core.subject import normalised_subject
from vigie.logbook.book import Logbook
from vigie.web.control_room import ControlRoom, RoomDep
from vigie.web.incidents import own_form
from vigie.web.page import Live, Page
from vigie.web.permissions import may_act, may_read
from vigie.web.place import mount
from vigie.web.refusals import enter_refusal
from vigie.web.sign_in import ApiUserDep, PageUserDep

router = APIRouter()

WAITING = 500
RECENT = 100
ASIDE = timedelta(days=3)
"""How long a KO mail that was set aside stays listed of its own; after that it is among all the others."""

REASON_LIMIT = 300

Settling = Literal["settle", "raise"]


class Flux(NamedTuple):
    """A flux whose watch reads a mailbox: whoever may see it may see the mailbox's mails."""

    client: str
    flux: str
    watch: str

    @property
    def name(self) -> str:
        """The flux's DAG."""
        return f"{self.client}.{self.flux}"


def readers(book: Logbook) -> dict[str, list[Flux]]:
    """The fluxes that read each mailbox, by its source."""
    found: dict[str, list[Flux]] = defaultdict(list)
    for state in book.watch_states():
        if state.client != PLATFORM:
            found[state.source].append(Flux(state.client, state.flux, state.watch))
    return found


def shown_to(user: BaseUser, mails: Sequence[SeenMail], by_source: dict[str, list[Flux]]) -> list[SeenMail]:
    """The mails of mailboxes all of whose fluxes the user may see: a shared one may hold another client's mail."""
    allowed: dict[str, bool] = {}
    for source in {mail.source for mail in mails}:
        fluxes = by_source.get(source) or [Flux(PLATFORM, "mail_desk", "")]
        allowed[source] = all(may_read(user, flux) for flux in fluxes)
    return [mail for mail in mails if allowed[mail.source]]


def _page(request: Request, room: ControlRoom, user: BaseUser) -> tuple[Page, str]:
    book = room.logbook()
    by_source = readers(book)
    waiting = shown_to(user, book.unsettled_mails(limit=WAITING), by_source)
    kinds = [(kind, _acting(user, kind, by_source)) for kind in _kinds(book, waiting)]
    aside = shown_to(user, book.mails_set_aside(room.now() - ASIDE, limit=RECENT), by_source)
    set_aside = [(kind, _acting(user, kind, by_source)) for kind in kinds_of(aside, ())]
    recent = shown_to(user, book.mails(limit=RECENT), by_source)
    title = f"({len(waiting)}) Mail" if waiting else "Mail"
    page = Page(
        request, room, user, "mails.html", (kinds, set_aside, recent),
        kinds=kinds, waiting=len(waiting), set_aside=set_aside, aside=len(aside), recent=recent, words=room.lexicon(), title=title,
    )  # fmt: skip
    return page, title


def _kinds(book: Logbook, mails: list[SeenMail]) -> list[Kind]:
    """The kinds of the mails that wait, client by client; *first of its kind* while no other was settled or claimed."""
    found: list[Kind] = []
    for client in sorted({mail.client for mail in mails}):
        own = [mail for mail in mails if mail.client == client]
        settled = book.known_kinds(client, sorted({mail.alike for mail in own}), told=False)
        found += kinds_of(own, settled)
    return found


def _acting(user: BaseUser, kind: Kind, by_source: dict[str, list[Flux]]) -> list[Flux]:
    """The fluxes of which the user may make it an incident; empty where the user may not act."""
    fluxes = by_source.get(kind.latest.source, [])
    return sorted({flux.name: flux for flux in fluxes if may_act(user, flux)}.values())


@router.get("/mail", response_class=HTMLResponse)
def mails(request: Request, room: RoomDep, user: PageUserDep) -> HTMLResponse:
    """Unclassified mails by their kinds, then the newest mails with their fate."""
    return _page(request, room, user)[0].whole()


@router.get("/live/mail")
def live_mails(request: Request, room: RoomDep, user: ApiUserDep, version: str = "") -> Live:
    """What has changed there."""
    page, title = _page(request, room, user)
    return page.live(title, version)


@router.post("/mail/{deed}")
def decide(
    request: Request,
    room: RoomDep,
    user: PageUserDep,
    form: Annotated[dict[str, str], Depends(own_form)],
    deed: Settling,
) -> RedirectResponse:
    """Settle every mail of a kind that waits or was set aside, or make an incident of the latest; then show what is left."""
    book = room.logbook()
    by_source = readers(book)
    named = book.mail(form.get("mail", ""))
    if named is None or not shown_to(user, [named], by_source):
        if named is not None:
            enter_refusal(room, user, f"a mail of {named.source}", wanted="act on")
        raise HTTPException(404, "There is no such mail.")
    listed = (
        book.mails_set_aside(room.now() - ASIDE)
        if named.fate == "set_aside"
        else book.unsettled_mails(client=named.client)
    )
    alike = [each for each in listed if (each.client, each.alike) == (named.client, named.alike)]
    fluxes = {flux.name: flux for flux in _acting(user, Kind(named, 1, is_new=True), by_source)}
    if not fluxes:
        enter_refusal(room, user, f"a mail of {named.source}", wanted="act on")
        raise HTTPException(403, f"Your role lets you read mails of {named.client}, not decide about them.")
    reason = " ".join(form.get("text", "").split())[:REASON_LIMIT] or "nothing to do"
    if deed == "raise":
        flux = fluxes.get(form.get("flux", ""))
        if flux is None:
            raise HTTPException(422, "Choose the flux that this mail is about.")
        reason = _raise(book, named, flux, room)
    for mail in alike:
        book.settle_mail(mail.key, user.get_name(), room.now(), "page", reason)
    return RedirectResponse(f"{mount(request)}/mail", status_code=303)


def _raise(book: Logbook, mail: SeenMail, flux: Flux, room: ControlRoom) -> str:
    """Open the incident. Its key is the mail's, so that a second press opens no second one."""
    signal = Signal(
        event="trigger",
        client=flux.client,
        flux=flux.flux,
        watch=flux.watch,
        dedup_key=normalised_subject(mail.subject)[:200],
        key=f"raised|{mail.key}",
        seen_at=room.now(),
        title=mail.subject[:200] or "(no subject)",
        severity="high",
        template="mail_ko",
        facts={"mail": {"subject": mail.subject, "sender": mail.sender, "message_id": mail.message_id}},
    )
    recorded = book.record(Look(source="mail desk", at=room.now(), signals=(signal,)))
    opened = recorded.opened or recorded.reopened
    return f"made an incident of {flux.name}" + (f": {opened[0]}" if opened else "")
