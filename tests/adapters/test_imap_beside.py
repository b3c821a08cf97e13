"""Servers that tell, refuse or break off what is asked beside the watched folder."""

from __future__ import annotations

from contextlib import closing

import pytest
from tests.adapters.scripted_imap import ANSWERS, ScriptedImap
from tests.adapters.test_imap_mailbox import scripted

from vigie.core.errors import TransportError
from vigie.core.ports import QuotaUse

CAN = ["* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN QUOTA SPECIAL-USE", "{tag} OK done"]
SELECTED = ANSWERS["EXAMINE"]


def test_a_server_that_tells_special_uses_only_when_asked():
    with ScriptedImap(
        CAPABILITY=CAN, LIST=['* LIST () "/" INBOX', '* LIST (\\Junk) "/" Spam', "{tag} OK done"]
    ) as server:
        server.answers["STATUS"] = ["* STATUS Spam (UIDVALIDITY 3 UIDNEXT 9)", "{tag} OK done"]
        with closing(scripted(server)) as mailbox:
            found = mailbox.junk()
        assert found is not None
        assert (found.folder, found.uidvalidity, found.uidnext) == ("Spam", 3, 9)
    with ScriptedImap(CAPABILITY=CAN, LIST=['* LIST () "/" INBOX', "{tag} OK done"]) as server:
        with closing(scripted(server)) as mailbox:
            assert mailbox.junk() is None
        assert [each.partition(" ")[2] for each in server.heard if "RETURN" in each] == [
            'LIST "" "*" RETURN (SPECIAL-USE)'
        ]


JUNK = {
    "LIST": ['* LIST (\\Junk) "/" Spam', "{tag} OK done"],
    "STATUS": ["* STATUS Spam (UIDVALIDITY 3 UIDNEXT 9)", "{tag} OK done"],
}


@pytest.mark.parametrize("command", ["STATUS", "LIST"])
def test_a_junk_folder_that_is_refused_leaves_the_connection(command: str):
    with ScriptedImap(CAPABILITY=CAN, **(JUNK | {command: ["{tag} NO [SERVERBUG] not today"]})) as server:
        mailbox = scripted(server)
        mailbox.position()
        with pytest.raises(TransportError, match="not today") as refused:
            mailbox.junk()
        assert not refused.value.permanent
        assert mailbox.fetch(0, 10) == []
        assert server.count("LOGIN") == 1
        server.answers |= JUNK
        assert mailbox.junk() is not None  # its name is asked for again
        mailbox.close()


def test_a_junk_folder_that_cannot_be_opened_leaves_the_watched_one_selected():
    with ScriptedImap(CAPABILITY=CAN, **JUNK) as server:
        mailbox = scripted(server)
        mailbox.position()
        assert mailbox.junk() is not None
        server.answers["UID SEARCH"] = ["{tag} NO no"]
        with pytest.raises(TransportError, match=r"/Spam: .*no"):
            mailbox.fetch_junk(0, 10)
        server.answers["UID SEARCH"] = ANSWERS["UID SEARCH"]
        assert mailbox.fetch(0, 10) == []
        examined = [each.split(" ", 1)[1] for each in server.heard if " EXAMINE " in each]
        assert examined == ['EXAMINE "INBOX"', 'EXAMINE "Spam"', 'EXAMINE "INBOX"']
        assert server.count("LOGIN") == 1
        mailbox.close()


def test_a_connection_that_breaks_off_beside_is_made_anew():
    with ScriptedImap(CAPABILITY=CAN, **(JUNK | {"STATUS": ["drop"]})) as server:
        mailbox = scripted(server)
        mailbox.position()
        with pytest.raises(TransportError):
            mailbox.junk()
        assert mailbox.fetch(0, 10) == []
        assert server.count("LOGIN") == 2
        mailbox.close()


def test_a_watched_folder_that_was_rebuilt_meanwhile_is_told():
    with ScriptedImap(CAPABILITY=CAN, **JUNK) as server:
        mailbox = scripted(server)
        mailbox.position()
        assert mailbox.junk() is not None
        server.answers["EXAMINE"] = [each.replace("UIDVALIDITY 7", "UIDVALIDITY 8") for each in SELECTED]
        with pytest.raises(TransportError, match="was rebuilt"):
            mailbox.fetch_junk(0, 10)
        mailbox.close()


QUOTA = {
    "usual": (
        ['* QUOTAROOT INBOX ""', '* QUOTA "" (STORAGE 90 100 MESSAGE 3 1000)', "{tag} OK done"],
        [
            QuotaUse(root="", resource="STORAGE", used=90, limit=100),
            QuotaUse(root="", resource="MESSAGE", used=3, limit=1000),
        ],
    ),
    "none": (["* QUOTAROOT INBOX", "{tag} OK done"], []),
    "unlimited": (['* QUOTAROOT INBOX ""', '* QUOTA "" ()', "{tag} OK done"], []),
    "a limit of nothing": (['* QUOTAROOT INBOX ""', '* QUOTA "" (STORAGE 90 0)', "{tag} OK done"], []),
    "refused": (["{tag} NO permission denied"], []),
    "unknown": (["{tag} BAD what"], []),
    "nonsense": (["* QUOTAROOT", "* QUOTA (((", "{tag} OK done"], []),
    "words for numbers": (['* QUOTAROOT INBOX ""', '* QUOTA "" (STORAGE much more)', "{tag} OK done"], []),
}


@pytest.mark.parametrize(("answer", "uses"), QUOTA.values(), ids=QUOTA)
def test_limits_as_servers_tell_them(answer: list[str], uses: list[QuotaUse]):
    with ScriptedImap(CAPABILITY=CAN, GETQUOTAROOT=answer) as server:
        mailbox = scripted(server)
        mailbox.position()
        assert mailbox.quota() == uses
        assert mailbox.fetch(0, 10) == []
        assert server.count("LOGIN") == 1
        mailbox.close()


def test_a_server_without_quota_is_not_asked():
    with ScriptedImap() as server:
        with closing(scripted(server)) as mailbox:
            assert mailbox.quota() == []
        assert server.count("GETQUOTAROOT") == 0
