"""Three in the morning: one watch cannot look, for a table, a rule or an error of ours, and the others go on."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from tests.tasks.samples import mail_watch

from vigie.core.errors import TransportError
from vigie.core.look import Look
from vigie.testing.control_room import ControlRoom

WATCH = "maison-lumiere.store_replenishment.store_files"
OTHER = "maison-lumiere.price_update.prices"
TABLE = "include/clients/maison-lumiere/stores.yaml"

PRICES = '''
from vigie.authoring import MissingFile, Respond, flux


@flux(client="maison-lumiere", stream="supply")
def price_update():
    """Another file on the same server."""
    MissingFile(
        task_id="prices",
        where="maison_lumiere_wms",
        path="prices/PRICES_{business_date:%Y%m%d}.csv",
        opens="00:00",
        due="06:00",
        respond=Respond(severity="high", template="file_missing"),
    )
'''


@pytest.fixture
def two(lumiere: ControlRoom) -> ControlRoom:
    """The stores and the prices of Maison Lumière, on one server, at 03:00 in Tokyo."""
    (lumiere.site / "dags/maison-lumiere/price_update.py").write_text(PRICES, "utf-8")
    lumiere.server("maison_lumiere_wms").make_folder("prices")
    lumiere.reads("dags/maison-lumiere/price_update.py")
    lumiere.clock.strikes("03:00", "Asia/Tokyo")
    return lumiere


def _change(room: ControlRoom, line: int, old: str, new: str) -> None:
    path: Path = room.site / TABLE
    lines = path.read_text("utf-8").split("\n")
    assert old in lines[line - 1], lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new)
    path.write_text("\n".join(lines), "utf-8")


def _sights(room: ControlRoom) -> dict[str, str]:
    return {state.watch: state.sight for state in room.logbook.watch_states()}


def _blind(room: ControlRoom, watch: str = WATCH) -> str:
    """The reason of the one blind incident, which is told to the platform and to nobody else."""
    (incident,) = [each for each in room.incidents if each.dedup_key == "blind"]
    assert (incident.client, incident.watch, incident.audience) == ("platform", watch, "platform")
    assert incident.facts["watches"] == [watch]
    assert room.mailbox_of("petra").got(f"Blind: {watch}")
    return str(incident.facts["reason"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", warehouse: tokyo", "", "the site 'TYO-03' has no 'warehouse', which the group_by of"),
        ("warehouse: tokyo", "warehose: tokyo", "Write 'warehouse' in place of 'warehose'."),
        ("warehouse: tokyo", "warehouse: ", "'warehouse' has no value."),
        ("warehouse: tokyo", "warehouse: ''", "warehouse: write 1 to 200 characters."),
        ("warehouse: tokyo", "warehouse: [tokyo]", "warehouse: write one text here, not a list."),
        ("zone: Asia/Tokyo", "zone: Asia/Tokio", "zone: 'Asia/Tokio' is not a time zone."),
        ("zone: Asia/Tokyo", "zone: 9", "zone: '9' is not a time zone."),
        ("country: JP", "country: Japan", "country: 'Japan' is not a country."),
        ("{", "", "not valid YAML:"),
    ],
)
def test_a_row_that_somebody_spoils_at_night(two: ControlRoom, old: str, new: str, said: str) -> None:
    _change(two, 3, old, new)
    two.clock.advances("10 min")

    reason = _blind(two)
    assert re.match(rf"{TABLE}:[34]: ", reason), reason
    assert said in reason
    assert _sights(two) == {WATCH: "blind", OTHER: "watching"}
    with pytest.raises(TransportError, match=re.escape(reason)):
        two.check(WATCH)

    # No store is lost by it, not even the one whose row it is: each is looked for as it was before.
    two.clock.strikes("06:11", "Asia/Tokyo")
    assert two.incident.title == "12 of 12 files missing (warehouse=tokyo)"

    _change(two, 3, new, old) if new else _change(
        two, 3, "}" if old != "{" else "code", f"{old}}}" if old != "{" else "{code"
    )
    two.clock.advances("10 min")
    assert _sights(two) == {WATCH: "watching", OTHER: "watching"}
    assert [each.status for each in two.incidents if each.dedup_key == "blind"] == ["resolved"]


def test_after_a_restart_only_the_spoilt_row_is_not_looked_for(two: ControlRoom) -> None:
    _change(two, 3, ", warehouse: tokyo", "")
    two.clock.advances("10 min")
    two.triggerer_restarts()
    two.clock.strikes("06:11", "Asia/Tokyo")
    assert two.incident.title == "12 of 12 files missing (warehouse=tokyo)"  # as this morning's was known before
    two.clock.advances("1 d")
    assert next(each.title for each in two.incidents if each.facts.get("business_date") == "2026-11-26") == (
        "11 of 11 files missing (warehouse=tokyo)"
    )
    assert "TYO-03" in _blind(two)


def test_a_table_that_is_gone_altogether(two: ControlRoom) -> None:
    (two.site / TABLE).unlink()
    two.triggerer_restarts()
    two.clock.strikes("06:11", "Europe/Paris")
    assert "no table of sites is called 'stores'" in _blind(two)
    assert [each.title for each in two.incidents if each.client != "platform"] == ["1 of 1 files missing (2026-11-25)"]


def test_the_flux_of_a_spoilt_table_still_loads_and_its_other_watches_look(two: ControlRoom) -> None:
    flux = two.site / "dags/maison-lumiere/store_replenishment.py"
    both = flux.read_text("utf-8").replace("import MissingFile", "import KoMail, MissingFile")
    flux.write_text(
        both + '    KoMail(task_id="wms_ko", mailbox="maison_lumiere_ops", subject="KO",'
        ' respond=Respond(severity="high", template="mail_ko"))\n',
        "utf-8",
    )
    (two.site / TABLE).write_text("- {code: TYO-01, zone: Tokyo}\n", "utf-8")
    two.reads("dags/maison-lumiere/store_replenishment.py")
    two.mail_comes("[KO] WMS", to="maison_lumiere_ops")
    assert two.incident.title == "[KO] WMS"


class _OursError(Exception):
    """An error in Vigie that nobody thought of."""


def test_a_watch_that_cannot_be_recorded(two: ControlRoom) -> None:
    """Whatever the logbook refuses of one watch, it takes what the others say."""

    def record(look: Look) -> object:
        if any(signal.watch == WATCH and signal.client != "platform" for signal in look.signals):
            raise _OursError("value out of range")
        return two.logbook.record(look)

    two.triggerer_dies()
    session = two.session(WATCH, record)
    session.join_watch(two._watches[OTHER])
    two.clock.strikes("06:11", "Asia/Tokyo")
    session.go_on()
    assert _sights(two) == {WATCH: "blind", OTHER: "watching"}
    two.clock.advances("1 s")
    assert _blind(two).startswith("an error in Vigie: _OursError: value out of range (")

    two.clock.strikes("06:11", "Europe/Paris")
    session.go_on()
    prices = [each for each in two.incidents if each.watch == OTHER]
    assert [each.title for each in prices] == ["1 of 1 files missing (2026-11-25)"]


def test_a_watch_of_mail_that_raises_at_one_mail_keeps_its_place_and_the_others_read_on(nordwind: ControlRoom) -> None:
    """A rule that no check would let pass: its pattern cannot be read by RE2."""
    bad = mail_watch("broken").model_copy(update={"subject": "(?=KO)", "sender": None})
    good = mail_watch("good", dedup_key=None, subject="KO", resolves=None)
    nordwind.watches(good)
    nordwind.watches(bad)
    nordwind.mails_come([f"[KO] JOB_{number}" for number in range(60)], to="nordwind_ops", sender="x@nordwind.example")
    nordwind.clock.advances("5 min")

    assert _sights(nordwind)[bad.id] == "blind"
    assert _sights(nordwind)[good.id] == "watching"
    assert _blind(nordwind, bad.id).startswith("an error in Vigie: ")
    seen = [each for each in nordwind.incidents if each.watch == good.id]
    assert sum(each.count for each in seen) == 60

    nordwind.watches(bad.model_copy(update={"subject": "KO"}))
    nordwind.clock.advances("5 min")
    assert _sights(nordwind)[bad.id] == "watching"
    read = [each for each in nordwind.incidents if each.watch == bad.id and each.client != "platform"]
    assert sum(each.count for each in read) == 60  # nothing of what came meanwhile is lost


def test_what_is_expected_is_judged_by_the_others_too(two: ControlRoom) -> None:
    _change(two, 3, ", warehouse: tokyo", "")
    two.triggerer_restarts()
    two.clock.strikes("06:11", "Europe/Paris")
    ends = two.logbook.occurrences(OTHER, since=date(2026, 11, 25))
    assert [each.status for each in ends] == ["missing"]
