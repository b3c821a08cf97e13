"""What is said of each mistake in a flux: file, line, reason, remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from tests.authoring.bodies import FILES, MAIL, OK_MAIL, flux_file

from vigie.core.errors import InvalidDocument

Read = Callable[[str, str], ModuleType]

AT = "dags/maison-lumiere/f.py"
MISTAKES = {
    "a severity": (
        MAIL.replace('"high"', '"urgent"'),
        [f"{AT}:13: Respond: severity: input should be 'low', 'medium', 'high' or 'critical' (found 'urgent')."],
    ),
    "a hold": (
        MAIL.replace('"mail_ko"', '"mail_ko", hold="10"'),
        [f"{AT}:13: Respond: hold: write a duration as '30 s', '10 min', '2 h' or '1 d' (found '10')."],
    ),
    "a hold of a week": (
        MAIL.replace('"mail_ko"', '"mail_ko", hold="7 d"'),
        [f"{AT}:13: Respond: hold: write at most '24 h' (found '7 d')."],
    ),
    "a template": (
        MAIL.replace("mail_ko", "mail_kaput"),
        [
            (
                f"{AT}:7: there is no template 'mail_kaput' for maison-lumiere. "
                "Did you mean 'mail_ko'? Or write include/templates/maison-lumiere/mail_kaput.md.j2."
            )
        ],
    ),
    "a procedure of another client": (
        MAIL.replace('"mail_ko"', '"mail_ko", procedure="eod-ko"'),
        [
            (
                f"{AT}:7: there is no procedure 'eod-ko' for maison-lumiere. "
                "Write include/procedures/maison-lumiere/eod-ko.md."
            )
        ],
    ),
    "a table": (
        FILES.replace('"stores"', '"shops"'),
        [
            (
                f"{AT}:7: there is no table of sites 'shops' for maison-lumiere. "
                "Write include/clients/maison-lumiere/shops.yaml."
            )
        ],
    ),
    "columns": (
        FILES.replace("{site.code}", "{site.shop}").replace("warehouse", "region"),
        [
            (
                f"{AT}:7: store_files: the table 'stores' has no column 'region'. "
                "It has code, country, name, warehouse, zone."
            ),
            (
                f"{AT}:7: store_files: the table 'stores' has no column 'shop'. "
                "It has code, country, name, warehouse, zone."
            ),
        ],
    ),
    "a time of day": (
        FILES.replace('"06:00"', '"6 am"'),
        [f"{AT}:7: MissingFile 'store_files': due: write a time of day as '06:00' (found '6 am')."],
    ),
    "a time as a number": (
        FILES.replace('"06:00"', "600"),
        [f"{AT}:7: MissingFile 'store_files': due: write a time of day as '06:00' (found 600)."],
    ),
    "a duration": (
        FILES.replace('"06:00",', '"06:00", grace="10 minutes",'),
        [
            (
                f"{AT}:7: MissingFile 'store_files': grace: "
                "write a duration as '30 s', '10 min', '2 h' or '1 d' (found '10 minutes')."
            )
        ],
    ),
    "a duration without a unit": (
        FILES.replace('"06:00",', '"06:00", grace=10,'),
        [
            (
                f"{AT}:7: MissingFile 'store_files': grace: "
                "write a duration as '30 s', '10 min', '2 h' or '1 d' (found '10')."
            )
        ],
    ),
    "a path": (
        FILES.replace("{site.code}", "{shop}"),
        [
            (
                f"{AT}:7: MissingFile 'store_files': path: path 'outbound/REPL_{{shop}}_{{business_date}}.csv': "
                "'{shop}' is not known; "
                "write {site.<column>}, {slot}, {business_date:%Y%m%d}, {business_date - 1 day:%Y%m%d} "
                "or {business_date - 1 business day:%Y%m%d}."
            )
        ],
    ),
    "a connection": (
        MAIL.replace('mailbox="ops"', "mailbox=7"),
        [f"{AT}:7: KoMail 'ko': mailbox: input should be a valid string (found 7)."],
    ),
    "a pattern": (
        MAIL.replace(r'(?P<job>\w+)",' + "\n        resolves", r'(?P<job>\w+",' + "\n        resolves"),
        [
            (
                f"{AT}:7: KoMail 'ko': subject: the pattern '\\[KO\\] (?P<job>\\w+' is not a regular expression of RE2: "
                "missing ): \\[KO\\] (?P<job>\\w+."
            )
        ],
    ),
    "a key": (
        MAIL.replace('"{job}"', '"{batch}"'),
        [
            f"{AT}:7: ko: dedup_key names {{batch}}, which no (?P<batch>…) of subject fills.",
            f"{AT}:7: ko: dedup_key names {{batch}}, which no (?P<batch>…) of resolves fills.",
        ],
    ),
    "an exception that is no list": (
        MAIL.replace('mailbox="ops"', 'mailbox="ops", unless="KO: 0"'),
        [f"{AT}:7: KoMail 'ko': unless: write a list, also of one: ['KO: 0']."],
    ),
    "an exception of the OK where there is none": (
        MAIL.replace('        resolves=r"\\[OK\\] (?P<job>\\w+)",\n', '        resolves_unless=[".*"],\n'),
        [
            f"{AT}:7: ko: the pattern '.*' of resolves_unless matches an empty text, and so every mail.",
            f"{AT}:7: ko: resolves_unless takes back what resolves= or resolves_body= finds; none is written.",
        ],
    ),
    "a rule of nothing": (
        MAIL.replace('        subject=r"\\[KO\\] (?P<job>\\w+)",\n', "").replace('        dedup_key="{job}",\n', ""),
        [f"{AT}:7: ko: a KoMail needs subject= or body=, a pattern that tells a KO from other mail."],
    ),
    "an OK mail by another group": (
        OK_MAIL.replace('distinct_by="vm"', 'distinct_by="host"'),
        [f"{AT}:7: backups: distinct_by names 'host', which no (?P<host>…) of its patterns fills."],
    ),
    "a quorum that contradicts itself": (
        OK_MAIL.replace('distinct_by="vm"', 'distinct_by="vm", expect_count=5'),
        [f"{AT}:7: backups: expect lists 2 mails and expect_count says 5; leave expect_count out."],
    ),
    "a window without length": (
        OK_MAIL.replace("22:00", "06:00"),
        [(f"{AT}:7: backups: opens and due are the same time, so no mail could be on time; open the window earlier.")],
    ),
    "a grace into the next window": (
        OK_MAIL.replace("22:00", "06:30").replace('due="06:00"', 'due="06:00", grace="1 h"'),
        [
            (
                f"{AT}:7: backups: the grace lasts into the next window, which opens at 06:30: a mail between would be "
                "of two days; shorten the grace, or open the window later."
            )
        ],
    ),
    "an unknown zone": (
        OK_MAIL.replace('due="06:00"', 'due="06:00", zone="Europe/Berln"'),
        [
            (
                f"{AT}:7: MissingMail 'backups': zone: 'Europe/Berln' is not a time zone; "
                "write an IANA name such as 'Asia/Tokyo'."
            )
        ],
    ),
    "a date without a format": (
        OK_MAIL.replace("(?P<vm>", "(?P<business_date>[0-9-]+) (?P<vm>"),
        [
            (
                f"{AT}:7: backups: the group 'business_date' needs date_format=, which says how the date is written: "
                "'%Y-%m-%d'."
            )
        ],
    ),
    "a format without a date": (
        OK_MAIL.replace('distinct_by="vm"', 'distinct_by="vm", date_format="%Y-%m-%d"'),
        [
            (
                f"{AT}:7: backups: date_format says how a date is written, and no pattern has the group "
                "(?P<business_date>…)."
            )
        ],
    ),
    "names that are letters": (
        OK_MAIL.replace('["vm1", "vm2"]', '"vm1"'),
        [f"{AT}:7: MissingMail 'backups': expect: write the names as a list: ['vm1', 'vm2'] (found 'vm1')."],
    ),
    "a KO of an OK mail": (
        OK_MAIL.replace('distinct_by="vm"', r'distinct_by="vm", resolves=r"\[OK\]"'),
        [f"{AT}:7: MissingMail 'backups': unknown parameter 'resolves'. docs/authors/fluxes.md has them all."],
    ),
    "mails of two days in one night": (
        OK_MAIL.replace('distinct_by="vm"', 'distinct_by="vm", shift_policy="next_business_day"'),
        [
            (
                f"{AT}:7: backups: shift_policy 'next_business_day' would give one night the mails of two days; "
                "write 'skip' or 'still_expected'."
            )
        ],
    ),
    "an unknown calendar": (
        OK_MAIL.replace('distinct_by="vm"', 'distinct_by="vm", calendar="nights"'),
        [(f"{AT}:7: no calendar is called 'nights'. Write it into include/clients/maison-lumiere/calendar.yaml.")],
    ),
    "several of an OK mail": (
        OK_MAIL.replace('["vm1", "vm2"]', '["vm1", "VM1"]').replace('due="06:00"', 'due="22:00"'),
        [
            (
                f"{AT}:7: backups: opens and due are the same time, so no mail could be on time; "
                "open the window earlier."
            ),
            f"{AT}:7: backups: expect lists 'VM1' 2 times.",
        ],
    ),
    "no watch": (
        "    pass\n",
        [f"{AT}:4: the flux 'f' watches nothing. Put a KoMail, a MissingFile or a MissingMail into its body."],
    ),
    "all at once": (
        FILES.replace('"06:00"', '"6 am"').replace("file_missing", "files") + MAIL.replace('"high"', '"urgent"'),
        [
            (
                f"{AT}:7: there is no template 'files' for maison-lumiere. "
                "Write include/templates/maison-lumiere/files.md.j2."
            ),
            f"{AT}:7: MissingFile 'store_files': due: write a time of day as '06:00' (found '6 am').",
            f"{AT}:22: Respond: severity: input should be 'low', 'medium', 'high' or 'critical' (found 'urgent').",
        ],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_told_with_its_line(read: Read, mistake: str) -> None:
    body, said = MISTAKES[mistake]
    with pytest.raises(InvalidDocument) as refused:
        read(AT, flux_file(body))
    assert str(refused.value).splitlines() == said


def test_who_writes_ok_mail_is_told_its_name(read: Read) -> None:
    with pytest.raises(ImportError) as refused:
        read(AT, flux_file(OK_MAIL).replace("MissingMail", "OkMail"))
    assert str(refused.value) == (
        "there is no OkMail; write MissingMail: an OK mail that is expected by a deadline, whose absence is the anomaly. "
        "A mail that says that something failed is a KoMail's"
    )


def test_a_word_that_authoring_never_had_is_pythons_own_mistake(read: Read) -> None:
    with pytest.raises(ImportError, match="cannot import name 'KoMial'"):
        read(AT, flux_file(MAIL).replace("import KoMail", "import KoMial"))


def test_a_broken_client_is_told_with_its_line_and_no_zone_is_guessed(read: Read, site: Path) -> None:
    client = site / "include/clients/maison-lumiere/client.yaml"
    client.write_text(client.read_text().replace("Europe/Paris", "Paris"))
    with pytest.raises(InvalidDocument) as refused:
        read(AT, flux_file(OK_MAIL))
    assert str(refused.value).startswith(
        "include/clients/maison-lumiere/client.yaml:2: zone: 'Paris' is not a time zone."
    )


def test_a_flux_in_the_wrong_place(read: Read) -> None:
    with pytest.raises(InvalidDocument) as refused:
        read("dags/elsewhere/g.py", flux_file(MAIL))
    assert str(refused.value) == (
        "dags/elsewhere/g.py:4: the flux 'f' of 'maison-lumiere' is in elsewhere/g.py. "
        "Put one flux in each file: dags/maison-lumiere/f.py."
    )


@pytest.mark.parametrize("place", ["old/maison-lumiere/f.py", "f.py"])
def test_a_flux_deeper_or_higher_than_its_clients_folder(read: Read, place: str) -> None:
    """A copy that lies beside the one in use would be watched in its place, or not, as Airflow happens to read them."""
    with pytest.raises(InvalidDocument) as refused:
        read(f"dags/{place}", flux_file(MAIL))
    assert str(refused.value) == (
        f"dags/{place}:4: the flux 'f' of 'maison-lumiere' is in {place}. "
        "Put one flux in each file: dags/maison-lumiere/f.py."
    )


def test_a_flux_that_stands_twice_in_its_file(read: Read) -> None:
    text = flux_file(MAIL)
    with pytest.raises(InvalidDocument) as refused:
        read(AT, f"{text}\n\n{text.partition('flux')[2][1:]}")
    assert str(refused.value) == (
        f"{AT}:19: the flux 'f' stands above already: of two with one name only the last would run. "
        "Put both bodies into one, or this one into a file of its own."
    )


def test_a_client_that_nobody_wrote(read: Read) -> None:
    with pytest.raises(InvalidDocument) as refused:
        read("dags/nobody/f.py", flux_file(MAIL, client="nobody"))
    assert str(refused.value) == (
        "dags/nobody/f.py:4: there is no client 'nobody'. Write include/clients/nobody/client.yaml."
    )


@pytest.mark.parametrize(
    "table",
    [
        "- {code: TYO-01, zone: Tokyo, country: JP}\n",
        "- {code: TYO-01, zone: Asia/Tokyo, country: JP, warehouse: tokyo}\n- {code: B, zone: Asia/Tokyo, country: JP}\n",
        "- {code: TYO-01\n",
    ],
)
def test_a_mistake_in_the_table_stops_no_other_watch_of_the_flux(read: Read, site: Path, table: str) -> None:
    """The table is data that somebody changes at night: its watch is blind, with file and line, and the mails are read."""
    before = read(AT, flux_file(FILES + MAIL)).f
    (site / "include/clients/maison-lumiere/stores.yaml").write_text(table)
    after = read(AT, flux_file(FILES + MAIL)).f
    assert len(after.tasks) == len(before.tasks) == 4
    assert after.get_task("store_files").watch["sites_digest"] != before.get_task("store_files").watch["sites_digest"]
    assert after.get_task("ko").watch == before.get_task("ko").watch


def test_a_mistake_leaves_nothing_behind(read: Read) -> None:
    with pytest.raises(InvalidDocument):
        read(AT, flux_file(MAIL.replace('"high"', '"urgent"')))
    assert len(read(AT, flux_file(MAIL)).f.tasks) == 2
