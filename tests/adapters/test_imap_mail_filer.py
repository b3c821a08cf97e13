"""What only the real filer has: servers of other kinds."""

from __future__ import annotations

from contextlib import closing

import pytest
from tests.adapters.scripted_imap import ScriptedImap
from tests.servers.dovecot import Dovecot

from vigie.adapters.imap_mail_filer import ImapMailFiler
from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.core.errors import TransportError
from vigie.core.ports import Moved

SELECTED = ["* 1 EXISTS", "* OK [UIDVALIDITY 7] -", "* OK [UIDNEXT 42] -", "{tag} OK [READ-WRITE] done"]
CAPABLE = ["* CAPABILITY IMAP4rev1 MOVE", "{tag} OK done"]
DOTS = ['* LIST (\\Noselect) "." ""', "{tag} OK done"]


def server(**answers: list[str]) -> ScriptedImap:
    done = ["{tag} OK done"]
    usual = {"CAPABILITY": CAPABLE, "SELECT": SELECTED, "LIST": DOTS, "CREATE": done, "SUBSCRIBE": done}
    return ScriptedImap(**{**usual, "UID_SEARCH": ["* SEARCH 4", "{tag} OK done"], "UID_MOVE": done, **answers})


def filer(at: ScriptedImap) -> closing[ImapMailFiler]:
    return closing(ImapMailFiler(ImapMailbox("127.0.0.1", at.port, "ops", "secret", ssl=False, timeout=1.0)))


def move(at: ScriptedImap, target: str, uids: tuple[int, ...] = (4,)) -> Moved | None:
    with filer(at) as own:
        return own.move(7, uids, target)


def refused(at: ScriptedImap) -> TransportError:
    with pytest.raises(TransportError) as failure:
        move(at, "Vigie/Claimed")
    return failure.value


def heard(at: ScriptedImap, command: str) -> list[str]:
    said = [each.split(" ", 1)[-1] for each in at.heard]
    return [each.removeprefix(f"{command} ") for each in said if each.startswith(f"{command} ")]


def test_a_server_that_cannot_move_moves_nothing_and_nothing_is_copied_or_deleted():
    with server(CAPABILITY=["* CAPABILITY IMAP4rev1 UIDPLUS", "{tag} OK done"]) as without_move:
        error = refused(without_move)
        assert str(error) == (
            f"127.0.0.1:{without_move.port}/INBOX: the server cannot move mails (RFC 6851), and Vigie does not copy and "
            "delete; take the mailbox out of filing"
        )
        assert error.permanent
        assert not any(without_move.count(word) for word in ("SELECT", "CREATE", "UID", "STORE", "EXPUNGE"))


def test_an_account_that_may_only_read_is_told_what_it_lacks():
    read_only = [*SELECTED[:-1], "{tag} OK [READ-ONLY] done"]
    with server(SELECT=read_only) as guarded:
        error = refused(guarded)
        assert str(error) == (
            f"127.0.0.1:{guarded.port}/INBOX: the account may only read this folder; to file, it must be allowed to take "
            "mails out of it and to put them into another one (RFC 4314: t, e and i)"
        )
        assert error.permanent
        assert guarded.count("UID MOVE") == 0


def test_the_separator_is_the_servers():
    with server() as dots:
        move(dots, "Vigie/Claimed")
        assert heard(dots, "CREATE") == ['"Vigie.Claimed"']
        assert heard(dots, "SUBSCRIBE") == ['"Vigie.Claimed"']
        assert heard(dots, "UID MOVE") == ['4 "Vigie.Claimed"']


def test_the_folder_is_made_in_the_accounts_own_part_of_the_server():
    answers = {
        "CAPABILITY": ["* CAPABILITY IMAP4rev1 MOVE NAMESPACE", "{tag} OK done"],
        "NAMESPACE": ['* NAMESPACE (("INBOX." ".")) NIL NIL', "{tag} OK done"],
    }
    with server(**answers) as courier:
        move(courier, "Vigie/Claimed")
        move(courier, "INBOX/Vigie/Claimed")
        assert heard(courier, "CREATE") == ['"INBOX.Vigie.Claimed"'] * 2


def test_a_level_that_holds_only_folders_is_not_a_folder_yet():
    with server(LIST=['* LIST (\\HasChildren \\NoSelect) "/" "Vigie"', "{tag} OK done"]) as above:
        move(above, "Vigie")
        assert heard(above, "CREATE") == ['"Vigie"']


def test_a_folder_that_cannot_be_made_is_told_and_nothing_moves():
    with server(CREATE=["{tag} NO [NOPERM] not here"]) as shut:
        assert str(refused(shut)) == f"127.0.0.1:{shut.port}/INBOX: create failed: [NOPERM] not here"
        assert shut.count("UID MOVE") == 0


def test_what_the_server_left_behind_is_not_said_to_be_moved():
    with server() as idle:  # it answers OK to the MOVE, and still finds the mail
        moved = move(idle, "Vigie/Claimed", (4, 5))
        assert moved is not None
        assert (moved.moved, moved.gone) == (frozenset(), {5})


@pytest.mark.needs("dovecot")
def test_no_flag_of_a_mail_changes_on_its_way(dovecot: Dovecot):
    box = dovecot.add_user()
    uid = box.deliver(b"Subject: [KO] EOD_POS\r\n\r\n")
    with box.connect() as client:
        client.select_folder("INBOX")
        client.add_flags([uid], ["\\Flagged", "vip"])
        uidvalidity = client.folder_status("INBOX", ["UIDVALIDITY"])[b"UIDVALIDITY"]
    own = ImapMailFiler(ImapMailbox("127.0.0.1", dovecot.port, box.user, box.password, ssl=False))
    own.move(uidvalidity, [uid], "Vigie/Claimed")
    own.close()
    with box.connect() as client:
        client.select_folder("Vigie/Claimed", readonly=True)
        (flags,) = client.get_flags(client.search()).values()
        assert {b"\\Flagged", b"vip"} <= set(flags)
        assert b"\\Seen" not in flags


@pytest.mark.needs("dovecot")
def test_a_session_that_listens_meanwhile_neither_hears_nor_loses_anything(dovecot: Dovecot):
    box = dovecot.add_user()
    uids = [box.deliver(b"Subject: [KO] EOD_POS\r\n\r\n") for _ in range(3)]
    watching = ImapMailbox("127.0.0.1", dovecot.port, box.user, box.password, ssl=False)
    uidvalidity = watching.position().uidvalidity
    assert [each.uid for each in watching.fetch(0, 10)] == uids
    assert watching.wait(0.05) is False  # it is in an IDLE now
    own = ImapMailFiler(ImapMailbox("127.0.0.1", dovecot.port, box.user, box.password, ssl=False))
    own.move(uidvalidity, uids[:2], "Vigie/Claimed")
    own.close()
    assert watching.wait(1.5) is False  # Dovecot tells what has gone within half a second: no news
    uid = box.deliver(b"Subject: [KO] STOCK\r\n\r\n")
    assert watching.wait(10) is True
    assert [each.uid for each in watching.fetch(uids[-1], 10)] == [uid]
    assert [each.uid for each in watching.fetch(0, 10)] == [uids[2], uid]
    watching.close()
