"""The signs by which the origin of a mail is known: headers, structure, sender, and words as the weakest.

Sources: RFC 3834 (automatic responses), RFC 3464 (delivery reports), RFC 8098 (receipts), RFC 5965 (abuse reports),
RFC 2919 (lists), and what servers do that follow none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message as MimeMessage

from vigie.core.mime import ATTACHED, header, parameter, parts
from vigie.core.origin_headers import HEADERS
from vigie.core.origin_sign import Sign, nobody_may_answer
from vigie.core.origin_speech import speech
from vigie.core.pattern import phrases

_SEARCHED = 20_000
_PARTS = 50


_DAEMON = phrases(r"^(mailer[-_. ]?daemon|mail[-_.]?daemon|mdaemon-?mailer)\b")
_POSTMASTER = phrases(
    r"^(poo?st[-_.]?master|mdaemon|bounces?|bounced|ndr|mmdf|imss|interscan\w*|mta|smtp|esmtp\w*|smtp32|listserv|uucp|\S*smtp_mail_service"
    r"|mail[-_.]?(admin|system|service|gateway|delivery|server|relay|router|master|notification)\w*|microsoftexchange[0-9a-f]+|ndr[-_]\S*|auto-?notify)([-+_.=\\]\S*)?$"
)
_POSTMASTER_ITSELF = re.compile(r"poo?st[-_.]?master")
_TAG = re.compile(r"\W*\[[^\[\]]{1,30}\]")
"""A postmaster whose subject has a tag of its own, as [KO], may be a person: he has mail of his own to write."""
_DAEMON_NAME = phrases(
    r"mailer.?daemon|mail deliver(y|ing)|mail (transport|transfer)|delivery (sub)?system|delivery status|internet mail delivery|(message|e-?mail) delivery"
    r"|ndr\b|non-?delivery|mail system|bounce (notification|message|mail)|automated response from .{0,40}postmaster|interscan|メール配信(システム|エラー)|郵便局|邮件系统|mail ?marshal|mail ?sweeper|mime ?sweeper|iron ?port|proofpoint|barracuda|forti ?mail|message ?labs|surf ?control|trend ?micro|spam ?(firewall|filter)"
)
_POSTMASTER_NAME = phrases(
    r"post ?master|mail administrator|system ?administrator|systemadministrator|administrateur (du )?syst|administrador del sistema|amministratore (di|del) sistema|mail admin|mail (router|server|gateway|service)|サーバー?管理者|システム管理者"
)
_PROGRAM = phrases(
    r"(^|[-_.+])((no|not|do-?not)[-_.]?reply|donotreply|nagios|icinga|zabbix|centreon|shinken|prtg|checkmk|dynatrace|newrelic|statuscake|pingdom|uptime\S*|prometheus|alertmanager|grafana|pagerduty|opsgenie|splunk|datadog|sentry|jenkins|gitlab|airflow|control-?m|ctm(server|agent)?|autosys|opcon|dollar-?u|vtom|tivoli|patrol|servicenow|jira"
    r"|monit(or(ing)?)?|alert(s|ing|e|es)?|notif(ication|ications|y|ier)?|cron|root|daemon|batch|scheduler|ordonnanceur|supervision|robot|automate|automat(ed|ic)|system|noc-noreply)([-_.+\d]|$)"
)
_MONITOR_NAME = phrases(
    r"nagios|icinga|zabbix|centreon|prtg|check_?mk|dynatrace|prometheus|alertmanager|grafana|pagerduty|opsgenie|jenkins|control-m|cron daemon|anacron|monit\b"
)
_EMBEDDED = re.compile(
    r"^[ >\t]{0,4}(?:received|return-path|message-id|x-mailer|mime-version|x-original-to|delivered-to|x-envelope-\w{2,10})[ \t]{0,2}:[ \t]*\S",
    re.IGNORECASE | re.MULTILINE,
)
_EMBEDDED_TOO = re.compile(r"^[ >\t]{0,4}(?:from|subject|to|date)[ \t]{0,2}:[ \t]*\S", re.IGNORECASE | re.MULTILINE)
_ANSWER = phrases(
    r"\b[45]\d\d[ -]{1,3}\(?#?[45]\.\d{1,3}\.\d{1,3}\b",
    r"\(#[45]\.\d{1,3}\.\d{1,3}\)",
    r"\b(smtp|x-[\w-]{2,20}) ?; ?[45]\d\d\b",
    r"<<< ?[45]\d\d|\b[45]\d\d <[^<>\s]+@[^<>\s]+>|smtp (error |status )?(code )?[ :(]{0,3}[45]\d\d\b",
)
_EVENT = re.compile(
    r'\\?"(?:notificationType|eventType)\\?"\s{0,4}:\s{0,4}\\?"(Bounce|Complaint|Delivery|DeliveryDelay|Reject)\b',
    re.IGNORECASE,
)
"""What Amazon SES tells through SNS; in the first of its forms the JSON stands in a string of JSON."""

_CUT = phrases(
    r"(begin forwarded message|forwarded message -|message transféré -|weitergeleitete nachricht -|mensaje reenviado -|messaggio inoltrato -|転送されたメッセージ)"
)


def signs(mime: MimeMessage, subject: str, text: str) -> list[Sign]:
    """Every sign that the mail gives."""
    said = text[:_SEARCHED]
    if forwarded := _CUT.search(said):
        said = said[: forwarded.start()]
    return [
        *_of_structure(mime),
        *_of_headers(mime),
        *_of_sender(mime, subject),
        *_of_text(said),
        *speech(mime, subject, said),
    ]


def _of_structure(mime: MimeMessage) -> Iterator[Sign]:
    kind, report = mime.get_content_type(), parameter(mime, "report-type")
    if kind == "multipart/report":
        if report == "disposition-notification":
            yield Sign("receipt", 8, "it is a multipart/report of a disposition-notification (RFC 8098)")
        elif report == "feedback-report":
            yield Sign("reply", 8, "it is a multipart/report of a feedback-report, a complaint about a mail (RFC 5965)")
        else:
            yield Sign("bounce", 4, f"it is a multipart/report of {report or 'no type'} (RFC 3464)")
    seen = {part.get_content_type() for _, part in zip(range(_PARTS), parts(mime, opened=False), strict=False)} - {kind}
    if any(each.endswith("delivery-status") for each in seen | {kind}):
        yield Sign("bounce", 4, "it has a part message/delivery-status (RFC 3464)")
    if any(each.endswith("disposition-notification") for each in seen | {kind}):
        yield Sign("receipt", 8, "it has a part message/disposition-notification (RFC 8098)")
    if "message/feedback-report" in seen | {kind}:
        yield Sign("reply", 8, "it has a part message/feedback-report, a complaint about a mail (RFC 5965)")
    if any(
        parameter(part, "method") in {"reply", "counter", "declinecounter"}
        for _, part in zip(range(_PARTS), parts(mime, opened=False), strict=False)
        if part.get_content_type() == "text/calendar"
    ):
        yield Sign("reply", 8, "it is a calendar's answer to an invitation (RFC 5546)")
    carried = sorted(seen & {*ATTACHED, "text/rfc822-headers", "message/partial", "message/global-headers"})
    if carried:
        yield Sign("bounce", 1, f"it carries another mail ({carried[0]})")
        yield Sign("reply", 1, f"it carries another mail ({carried[0]})")


_HEADERS = tuple((of, weight, name, phrases(value) if value else None) for of, weight, name, value in HEADERS)


def _is_said(value: str) -> bool:
    """Whether a header that is there means what its name says."""
    return value.strip().lower() not in {"no", "false", "0"}


def _of_headers(mime: MimeMessage) -> Iterator[Sign]:
    present = {name.lower() for name in mime}
    automatic = header(mime, "Auto-Submitted").lower()
    word = automatic.partition(";")[0].strip()
    if word.startswith("auto-replied"):
        yield Sign("reply", 4, f"Auto-Submitted: {automatic[:60]} (RFC 3834)")
        yield Sign("bounce", 1, f"Auto-Submitted: {automatic[:60]} (RFC 3834)", proof=False)
    elif word and word != "no":
        yield Sign("program", 4, f"Auto-Submitted: {automatic[:60]} (RFC 3834)")
        told = "failure" in word or "warning" in word  # Sendmail's
        yield Sign("bounce", 3 if told else 1, f"Auto-Submitted: {automatic[:60]}", proof=told)
    yield from (
        Sign(of, weight, f"{name}: {header(mime, name)[:80]}", proof=weight > 1)
        for of, weight, name, value in _HEADERS
        if name.lower() in present and (value.search(header(mime, name)) if value else _is_said(header(mime, name)))
    )
    returned = mime.get("Return-Path")
    if nobody_may_answer(mime):
        for of in ("bounce", "reply", "receipt"):
            yield Sign(of, 1, "its Return-Path is empty: nobody may answer it (RFC 5321 4.5.5)", proof=False)
    envelope = f"{mime.get_unixfrom() or ''} {returned or ''}".lower()
    if re.search(r"mailer-?daemon", envelope):
        yield Sign("bounce", 2, "its envelope sender is MAILER-DAEMON")
    if mime.get("In-Reply-To") or mime.get("References"):
        yield Sign("reply", 1, "it answers a mail (In-Reply-To)")


def _of_sender(mime: MimeMessage, subject: str) -> Iterator[Sign]:
    written = header(mime, "From")
    name, _, rest = written.rpartition("<")
    address = rest.rstrip("> ").lower() if "<" in written else written.partition("(")[0].strip().lower()
    name = name if "<" in written else written.partition("(")[2]
    local = address.partition("@")[0].strip("\"' ")
    if _DAEMON.search(local):
        yield Sign("bounce", 4, f"its sender is {local[:60]}")
    elif written and not address:
        yield Sign("bounce", 3, "its sender has no address (RFC 6854 allows that for mail that nobody may answer)")
    elif written and "@" not in address and "." in address:
        yield Sign("bounce", 1, f"its sender is no address ({address[:60]})")
    elif _POSTMASTER.search(local):
        weight = 3 if _POSTMASTER_ITSELF.match(local) else 2
        yield Sign("bounce", weight, f"its sender is {local[:60]}", proof=not _TAG.match(subject))
    if _DAEMON_NAME.search(name):
        yield Sign("bounce", 3, f"its sender calls itself {name.strip()[:60]}")
    elif _POSTMASTER_NAME.search(name):
        yield Sign("bounce", 1, f"its sender calls itself {name.strip()[:60]}")
    senders = [local, header(mime, "Sender").lower().partition("@")[0].lstrip("<")]
    if any(_PROGRAM.search(each) for each in senders) or _MONITOR_NAME.search(name):
        yield Sign("program", 2, f"its sender is a program by its name ({written[:80]})")


def _of_text(said: str) -> Iterator[Sign]:
    if said.lstrip().startswith("{") and (event := _EVENT.search(said)):
        of = "reply" if event[1].lower() == "complaint" else "bounce"
        yield Sign(of, 6, f"it is a {event[1]} event of a mail service (Amazon SES)")
    if found := _ANSWER.search(said):
        yield Sign("bounce", 1, f"it tells what a mail server answered ({found[0][:40]})", proof=False)
    embedded = _EMBEDDED.search(said)
    if embedded and len(_EMBEDDED_TOO.findall(said)) >= 2:
        yield Sign("bounce", 1, "its text holds the headers of another mail")
