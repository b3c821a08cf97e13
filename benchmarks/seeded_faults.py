"""Clear faults of meaning, each an edit of the shipped site, and where and how the check has to tell it."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """An edit of one file: ``old`` becomes ``new`` (with no ``old`` the file is written).

    ``at`` is the file that is named, ``line`` a piece of the line that must be (empty: no line is needed); ``told`` words
    of what is said, of which each must be there.
    """

    name: str
    file: str
    old: str
    new: str
    told: tuple[str, ...]
    at: str = ""
    line: str = ""


REPL = "dags/maison-lumiere/store_replenishment.py"
PRICES = "dags/maison-lumiere/price_update.py"
EOD = "dags/nordwind/end_of_day.py"
STOCK = "dags/nordwind/stock_interface.py"
BACKUPS = "dags/nordwind/backups.py"
STORES = "include/clients/maison-lumiere/stores.yaml"
LUMIERE = "include/clients/maison-lumiere/client.yaml"
NORDWIND = "include/clients/nordwind/client.yaml"
TEAM = "include/rota/team.yaml"
EOD_KO = "include/procedures/nordwind/eod-pos-ko.md"
QUEUE = "include/procedures/nordwind/queue-stuck.md"
MAIL_KO = "include/templates/mail_ko.md.j2"
MAIL_KO_FR = "include/templates/mail_ko.fr.md.j2"
INFORM = "include/templates/inform_client.md.j2"
APPROVALS = "include/procedures/approvals.yaml"

PATH = 'path="outbound/REPL_{site.code}_{business_date:%Y%m%d}.csv"'
SECOND_STORES = """    MissingFile(
        task_id="second",
        where="maison_lumiere_wms",
        path="outbound/REPL_{site.code}_{business_date:%Y%m%d}.csv",
        sites="stores",
        opens="00:00",
        due="08:00",
        respond=Respond(severity="high", template="file_missing"),
    )
    KoMail(
        task_id="wms_ko","""

FAULTS = [
    # fluxes: mails
    Fault("resolves equal to subject", EOD, r'resolves=r"\[OK\]', r'resolves=r"\[KO\]', ("resolves", "subject"), line="KoMail("),
    Fault("a KO pattern that finds its own OK", EOD, r'subject=r"\[KO\] (?P<job>\w+)"', r'subject=r"\[\w+\] (?P<job>\w+)"', ("subject", "resolves"), line="KoMail("),
    Fault("mailbox misspelt by a letter", EOD, 'mailbox="nordwind_ops"', 'mailbox="nordwind_opps"', ("nordwind_opps", "nordwind_ops"), line="KoMail("),
    Fault("server misspelt by a letter", REPL, 'where="maison_lumiere_wms"', 'where="maison_lumiere_wsm"', ("maison_lumiere_wsm", "maison_lumiere_wms"), line="MissingFile("),
    Fault("mailbox of another client", EOD, 'mailbox="nordwind_ops"', 'mailbox="maison_lumiere_ops"', ("maison_lumiere_ops", "maison-lumiere"), line="KoMail("),
    Fault("a sender that is no address", EOD, 'sender="batch@nordwind.example"', 'sender="batch at nordwind"', ("sender", "batch at nordwind"), line="KoMail("),
    Fault("a sender with a display name", EOD, 'sender="batch@nordwind.example"', 'sender="Batch <batch@nordwind.example>"', ("sender",), line="KoMail("),
    Fault("a dedup_key of no group", EOD, 'dedup_key="{job}"', 'dedup_key="{jib}"', ("jib",), line="KoMail("),
    Fault("a group that only the KO has", PRICES, r'resolves=r"PRICES (?P<country>[A-Z]{2}) DONE"', 'resolves="PRICES DONE"', ("country",), line="KoMail("),
    Fault("an unknown template", EOD, 'template="mail_ko"', 'template="mail_k0"', ("mail_k0",), line="KoMail("),
    Fault("an unknown procedure", EOD, 'procedure="eod-pos-ko"', 'procedure="eod-pos-k0"', ("eod-pos-k0", "eod-pos-ko"), line="KoMail("),
    Fault("a procedure of another client", EOD, 'procedure="eod-pos-ko"', 'procedure="prices-failed"', ("prices-failed",), line="KoMail("),
    Fault("an unknown severity", EOD, 'severity="critical"', 'severity="criticl"', ("criticl", "critical"), line="Respond("),
    Fault("two watches of one name", REPL, 'task_id="wms_ko"', 'task_id="store_files"', ("store_files",), line="KoMail("),
    Fault("a flux of another client than its folder", EOD, 'client="nordwind"', 'client="maison-lumiere"', ("nordwind", "maison-lumiere")),
    Fault("a client that is misspelt", EOD, 'client="nordwind"', 'client="nordwnd"', ("nordwnd", "nordwind")),
    Fault("a pattern that matches every mail", EOD, r'subject=r"\[KO\] (?P<job>\w+)"', r'subject=r"(?P<job>\w*)"', ("subject",), line="KoMail("),
    # fluxes: files and awaited mails
    Fault("two stores on one path", REPL, "REPL_{site.code}_{", "REPL_{", ("path", "site"), line="MissingFile("),
    Fault("two rules on one path", REPL, '    KoMail(\n        task_id="wms_ko",', SECOND_STORES, ("store_files", "second")),
    Fault("a file that never ends loading", EOD, "from __future__ import annotations\n", "from __future__ import annotations\n\nimport time\n\ntime.sleep(1000)\n", ("not loaded",), line="time.sleep"),
    Fault("jeopardy longer than the window", REPL, 'jeopardy="30 min"', 'jeopardy="9 h"', ("jeopardy", "window"), line="MissingFile("),
    Fault("a date that repeats each year", REPL, "{business_date:%Y%m%d}", "{business_date:%m%d}", ("%m%d",), line="MissingFile("),
    Fault("no date in the name", REPL, "_{business_date:%Y%m%d}", "", ("date",), line="MissingFile("),
    Fault("YYYYMMDD", REPL, "{business_date:%Y%m%d}", "{business_date:YYYYMMDD}", ("YYYYMMDD", "%Y%m%d"), line="MissingFile("),
    Fault("minutes for months", REPL, "%Y%m%d", "%Y%M%d", ("%M",), line="MissingFile("),
    Fault("a column that the table has not", REPL, 'group_by=["warehouse"]', 'group_by=["warehous"]', ("warehous", "warehouse")),
    Fault("a table that is not there", REPL, 'sites="stores"', 'sites="store"', ("store", "stores"), line="MissingFile("),
    Fault("s3 on sftp", REPL, 'path="outbound/', 'path="s3://outbound/', ("s3",), line="MissingFile("),
    Fault("a share over 100 %", REPL, 'jeopardy_below="80 %"', 'jeopardy_below="180 %"', ("180",), line="MissingFile("),
    Fault("a grace without a unit", REPL, 'grace="10 min"', 'grace="10"', ("grace", "min"), line="MissingFile("),
    Fault("stable for longer than the window", REPL, 'stable_for="30 s"', 'stable_for="8 h"', ("stable_for",), line="MissingFile("),
    Fault("an awaited name twice", BACKUPS, '"wms-2", "db-1"', '"wms-1", "db-1"', ("wms-1",), line="MissingMail("),
    Fault("distinct_by of no group", BACKUPS, 'distinct_by="server"', 'distinct_by="servr"', ("servr",), line="MissingMail("),
    Fault("a date format that no date fits", BACKUPS, 'date_format="%Y-%m-%d"', 'date_format="%d/%m/%Y"', ("date_format",), line="MissingMail("),
    # tables
    Fault("a zone that does not fit the country", STORES, "zone: Asia/Tokyo, country: JP", "zone: Europe/Paris, country: JP", ("Europe/Paris", "JP"), line="TKY-GINZA"),
    Fault("a zone that is none", STORES, "Asia/Tokyo", "Asia/Tokio", ("Asia/Tokio", "Asia/Tokyo"), line="TKY-GINZA"),
    Fault("a store twice", STORES, "- {code: TKY-GINZA,", "- {code: TKY-GINZA, name: x, zone: Asia/Tokyo, country: JP, warehouse: tokyo}\n- {code: TKY-GINZA,", ("TKY-GINZA",)),
    Fault("a client's zone that does not fit its country", NORDWIND, "zone: Europe/Berlin", "country: JP\nzone: Europe/Berlin", ("Europe/Berlin", "JP"), line="zone:"),
    Fault("a channel with quotes and #x of one letter missing", NORDWIND, "slack_channel: nordwind", 'slack_channel: "#"', ("slack_channel",), line="slack_channel"),
    Fault("two clients with one channel", NORDWIND, "slack_channel: nordwind", 'slack_channel: "#maison-lumiere"', ("maison-lumiere",), line="slack_channel"),
    Fault("two clients that claim one connection", NORDWIND, "  nordwind_ops: the mailbox", "  maison_lumiere_ops: ours\n  nordwind_ops: the mailbox", ("maison_lumiere_ops",), line="maison_lumiere_ops"),
    Fault("a contact that is no address", NORDWIND, "operations@nordwind.example", "operations.nordwind.example", ("operations.nordwind.example",), line="email"),
    Fault("a contact of a language that no template has", NORDWIND, "    language: en", "    language: de", ("de",), line="language"),
    Fault("a language of the client that no template has", NORDWIND, "languages: [en]", "languages: [de, en]", ("de",), line="languages"),
    Fault("a policy that is not there", NORDWIND, "policy: client_duty", "policy: client_dutty", ("client_dutty", "client_duty"), line="policy"),
    # the rota
    Fault("one address for two people", TEAM, "email: bruno@vigie.example", "email: camille@vigie.example", ("camille@vigie.example", "camille"), line="email: camille@vigie.example"),
    Fault("one Slack id for two people", TEAM, "slack: U_BRUNO", "slack: U_CAMILLE", ("U_CAMILLE", "camille"), line="slack: U_CAMILLE"),
    Fault("delay 0 s", TEAM, "{page: [camille], delay: 10 min}", "{page: [camille], delay: 0 s}", ("delay",), line="delay: 0 s"),
    Fault("a person that is not there", TEAM, "page: [bruno]", "page: [brun]", ("brun", "bruno"), line="brun]"),
    Fault("a person who is no address", TEAM, "email: aiko@vigie.example", "email: aiko", ("aiko",), line="email: aiko"),
    Fault("a person twice in one step", TEAM, "page: [bruno]", "page: [bruno, bruno]", ("bruno",), line="bruno, bruno"),
    Fault("a policy without platform_duty", TEAM, "platform_duty:", "platform_dutty:", ("platform_duty",), line="policies:"),
    # procedures
    Fault("procedures that open each other for ever", QUEUE, "## Escalate", "### Go on\n\n```open\nprocedure: queue-stuck\n```\n\n## Escalate", ("queue-stuck", "for ever"), line="### Go on"),
    Fault("a link to no step", EOD_KO, "(#free-the-table)", "(#free-the-tabel)", ("free-the-tabel", "free-the-table"), line="free-the-tabel"),
    Fault("an owner who is not there", EOD_KO, "owner: bruno", "owner: brun", ("brun", "bruno"), line="owner"),
    Fault("reviewed in the future", EOD_KO, "reviewed: 2026-10-19", "reviewed: 2062-10-19", ("2062-10-19",), line="reviewed"),
    Fault("a review that is overdue", EOD_KO, "reviewed: 2026-10-19", "reviewed: 2023-10-19", ("review",), line="reviewed"),
    Fault("TODO in a procedure", EOD_KO, "It takes about twelve minutes.", "TODO: how long does it take?", ("TODO",), line="TODO"),
    Fault("merge markers", EOD_KO, "It takes about twelve minutes.", "<<<<<<< HEAD\nTwelve minutes.\n=======\nTen minutes.\n>>>>>>> other", ("<<<<<<<",), line="<<<<<<<"),
    Fault("a javascript link", EOD_KO, "It takes about twelve minutes.", "See [the desk](javascript:alert(1)).", ("javascript",), line="javascript"),
    Fault("a contact that is not there", EOD_KO, "to: operations", "to: operation", ("operation", "operations"), line="```send"),
    Fault("a template that is not there", EOD_KO, "template: inform_client", "template: inform_clint", ("inform_clint", "inform_client"), line="```send"),
    Fault("a fact that the flux never gives", EOD_KO, "{{ mail.subject }}", "{{ facts.jobs }}", ("jobs", "job"), line="facts.jobs"),
    Fault("an answer that nothing saves", EOD_KO, "{{ mail.subject }}", "{{ answers.lock }}", ("lock",), line="answers.lock"),
    Fault("a procedure that names another client", EOD_KO, "Call Bruno Keller, then", "Call Maison Lumière, then", ("Maison Lumière",)),
    Fault("escalate_after 0", EOD_KO, "escalate_after: 10 min", "escalate_after: 0 min", ("escalate_after",), line="escalate_after"),
    # templates
    Fault("an undefined name in a branch that the example misses", MAIL_KO, "{{ count }} times", "{{ cuont }} times", ("cuont", "count"), line="cuont"),
    Fault("an unknown fact of Vigie", MAIL_KO, "{{ incident or", "{{ incidnt or", ("incidnt", "incident"), line="incidnt or"),
    Fault("a template that names another client", "include/templates/maison-lumiere/ask_warehouse.en.md.j2", "{% block text %}", "{% block text %}\nAs for Nordwind Logistik.", ("Nordwind Logistik",), line="Nordwind"),
    Fault("a fact in a template that no flux gives", MAIL_KO, "{{ facts.job or flux }} is KO", "{{ facts.jobb or flux }} is KO", ("jobb",), line="facts.jobb or flux }} is KO"),
    Fault("a template without words for the end", MAIL_KO, '{% if purpose == "resolved" %}\n**', '{% if purpose == "reslved" %}\n**', ("no words for the end",)),
    Fault("merge markers in a template", INFORM, "Hello,", "<<<<<<< HEAD\nHello,\n=======\nHi,\n>>>>>>> x", ("<<<<<<<",), line="<<<<<<<"),
    Fault("TODO in a template", INFORM, "Hello,", "TODO greeting,", ("TODO",), line="TODO"),
]  # fmt: skip


def _misspelt(file: str, *keys: str) -> list[Fault]:
    return [
        Fault(f"{key} misspelt in {file}", file, f"{key}:", f"{key}x:", (f"{key}x",), line=f"{key}x:") for key in keys
    ]


def _words(file: str, call: str, *words: str) -> list[Fault]:
    """A word of a call, misspelt: told at the call, by what is written or by what is missing."""
    return [Fault(f"{word} misspelt in {file}", file, f"{word}=", f"{word}x=", (word,), line=call) for word in words]


FORM = [
    *_misspelt(NORDWIND, "name", "zone", "languages", "slack_channel", "policy", "contacts", "email", "connections"),
    *_misspelt(TEAM, "people", "email", "slack", "policies", "steps", "delay", "repeat", "platform_channel"),
    *_misspelt(STORES, "code", "zone", "country"),
    *_misspelt(EOD_KO, "title", "client", "severity", "owner", "reviewed", "review_every", "escalate_after"),
    *_misspelt(MAIL_KO, "purpose", "example"),
    *_misspelt("include/clients/maison-lumiere/calendar.yaml", "works", "holidays"),
    *_misspelt("include/mail_desk.yaml", "quiet"),
    *_words(EOD, "KoMail(", "task_id", "mailbox", "sender", "subject", "resolves", "dedup_key", "respond"),
    *_words(EOD, "Respond(", "severity", "template"),
    *_words(EOD, "@flux(", "client"),
    *_words(REPL, "MissingFile(", "where", "path", "sites", "opens", "due", "grace", "jeopardy", "stable_for"),
    *_words(REPL, "Respond(", "group_by"),
    *_words(BACKUPS, "MissingMail(", "date_format", "distinct_by", "expect"),
    Fault("a tab in YAML", NORDWIND, "zone: Europe", "\tzone: Europe", ("tab",), line="zone"),
    Fault("a colon without a blank", NORDWIND, "zone: Europe/Berlin", "zone:Europe/Berlin", ("YAML",)),
    Fault("a list that is not closed", NORDWIND, "languages: [en]", "languages: [en", ("YAML",)),
    Fault("a key twice", NORDWIND, "zone: Europe/Berlin", "zone: Europe/Berlin\nzone: Europe/Paris", ("zone", "twice"), line="zone: Europe/Paris"),
    Fault("a bracket too many", EOD, 'severity="critical"', 'severity=("critical"', ("Python",)),
    Fault("typographic quotes", EOD, 'mailbox="nordwind_ops"', "mailbox=“nordwind_ops”", ("quotes",), line="nordwind_ops"),
    Fault("a pattern that RE2 refuses", EOD, r"\[KO\] (?P<job>\w+)", r"(?=KO)(?P<job>\w+)", ("subject",), line="KoMail("),
    Fault("a template block without its end", MAIL_KO, "{% endblock %}\n\n{% block text %}", "\n\n{% block text %}", (":",)),
    Fault("an unclosed expression", MAIL_KO, "{{ client }}, {{ flux }}**: {{", "{{ client, {{ flux }}**: {{", (":",)),
    Fault("a filter that there is not", MAIL_KO, "severity | upper", "severity | uper", ("uper", "upper"), line="| uper"),
    Fault("a section that is missing", EOD_KO, "## Escalate", "## Escalat", ("Escalat",), line="## Escalat"),
    Fault("an action that there is not", EOD_KO, "```send", "```sendx", ("sendx",), line="```sendx"),
]  # fmt: skip
