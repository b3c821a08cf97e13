"""What an author may write so that a mail is heard which its origin sets aside or puts in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vigie.core.mail import Mail
from vigie.core.mail_rule import weigh
from vigie.core.origin import QUOTING
from vigie.core.watch import MailPatterns, MailWatch
from vigie.core.withheld import trusted

_OWN = re.compile(
    r"x-(?!received|original|spam|virus|scan|ms-|google|gm-|mailer|priority|auto|failed|vacation|loop|envelope|forward|delivered|rcpt|uidl)",
    re.IGNORECASE,
)
"""Headers that may be the monitor's own."""


def appeals(watches: Iterable[MailPatterns], mail: Mail) -> Iterator[str]:
    """A sentence for each rule of a KO that the mail matches: what overruled its origin, or what would."""
    if mail.origin not in QUOTING and not mail.doubts:
        return
    for watch in watches:
        weighed = weigh(watch, mail)
        trust = trusted(watch, mail)
        heard = weighed.event == "trigger"
        if heard and trust:
            yield f"{watch.id}: heard all the same, for {trust}"
        elif weighed.withholds("set aside") and mail.final:
            yield f"{watch.id}: nothing overrules this: {_FINAL.get(mail.origin, 'it has the structure of a report')}"
        elif weighed.withholds("set aside"):
            yield f"{watch.id}: to hear such mails, {_remedy(watch, mail)}"
        elif heard and mail.doubts:
            yield f"{watch.id}: told as doubtful; if it is a monitor's, {_remedy(watch, mail)}"


_FINAL = {"own_loop": "it is our own mail, come back"}


def _remedy(watch: MailPatterns, mail: Mail) -> str:
    line = f"write into include/clients/{watch.client}/client.yaml 'monitors: [{_monitor(mail)}]'"
    return f"{line}, or trust_sender=True into this KoMail" if isinstance(watch, MailWatch) else line


def _monitor(mail: Mail) -> str:
    """The entry that names this mail's sender, and a header of its own where that is anybody's."""
    own = next((name for name, _ in mail.headers if _OWN.match(name)), "")
    fields = [f"sender: {mail.sender}"] if "@" in mail.sender else []
    fields += [f"header: {own}"] if own else []
    return "{" + ", ".join(fields or ["sender: …"]) + "}"
