"""The names of folders: as people write them, as servers have them, and what is said where one is missing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pytest
from tests.adapters.scripted_imap import ScriptedImap
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import skip_without

from vigie.adapters.imap_folder import Folder, missing_folder, same_folder
from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.core.errors import TransportError
from vigie.demo.post_box import PostBox

MAIL = b"Subject: [KO] EOD_POS\r\n\r\n"
NAMES = ["Été & co", "受信", "Prod/Nuit/Août & septembre", "odd -& {name} %"]


def watching(box: PostBox, folder: str) -> ImapMailbox:
    return ImapMailbox("127.0.0.1", box.port, box.user, box.password, folder=folder, ssl=False, timeout=5)


@pytest.fixture(scope="module")
def dotted() -> Iterator[Dovecot]:
    """A Dovecot with another separator."""
    skip_without(Dovecot.missing)
    with Dovecot(separator=".") as server:
        yield server


@pytest.fixture(params=["slash", "dot"])
def box(request: pytest.FixtureRequest) -> PostBox:
    """A mailbox with these folders, one of them nested; the servers separate the levels differently."""
    server: Dovecot = request.getfixturevalue("dovecot" if request.param == "slash" else "dotted")
    box = server.add_user()
    with box.connect() as client:
        for name in NAMES:
            client.create_folder(name.replace("/", "/" if request.param == "slash" else "."))
    return box


@pytest.mark.needs("dovecot")
def test_several_folders_of_one_mailbox_at_the_same_time(box: PostBox):
    mailboxes = {name: watching(box, name) for name in NAMES}
    for mailbox in mailboxes.values():
        assert mailbox.wait(0.05) in (True, False)
    with box.connect() as client:
        for name in NAMES:
            separator = client.list_folders()[0][1].decode()
            client.append(name.replace("/", separator), MAIL + name.encode())
    for name, mailbox in mailboxes.items():
        assert mailbox.wait(5) is True
        assert [each.raw for each in mailbox.fetch(0, 10)] == [MAIL + name.encode()]
        mailbox.close()


@pytest.mark.needs("dovecot")
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_an_accent_may_be_written_either_way(dovecot: Dovecot, form: str):
    box = dovecot.add_user()
    with box.connect() as client:
        client.create_folder(unicodedata.normalize(form, "Réponses"))
    for written in ("NFC", "NFD"):
        mailbox = watching(box, unicodedata.normalize(written, "Réponses"))
        assert mailbox.position().uidnext == 1
        mailbox.close()


@pytest.mark.needs("dovecot")
def test_a_folder_that_is_not_there(dovecot: Dovecot):
    box = dovecot.add_user()
    with box.connect() as client:
        for name in ("Réponses", "Prod/Nuit"):
            client.create_folder(name)
    with pytest.raises(TransportError) as failure:
        watching(box, "Reponse").position()
    assert str(failure.value) == (
        f"127.0.0.1:{box.port}/Reponse: there is no folder 'Reponse'; is 'Réponses' meant? "
        "There are: 'INBOX', 'Prod/Nuit', 'Réponses'"
    )
    assert not failure.value.permanent  # somebody may be about to create it again


def test_a_folder_that_is_there_and_closed_to_us():
    with ScriptedImap(
        EXAMINE=["{tag} NO [NOPERM] Permission denied"],
        LIST=['* LIST () "/" INBOX', "{tag} OK done"],
    ) as server:
        with pytest.raises(TransportError) as failure:
            ImapMailbox("127.0.0.1", server.port, "ops", "pw", ssl=False, timeout=1).position()
        assert str(failure.value) == f"127.0.0.1:{server.port}/INBOX: select failed: [NOPERM] Permission denied"


def test_a_limit_is_no_missing_folder():
    with ScriptedImap(EXAMINE=["{tag} NO [LIMIT] Request is throttled."]) as server:
        with pytest.raises(TransportError) as failure:
            ImapMailbox("127.0.0.1", server.port, "ops", "pw", ssl=False, timeout=1).position()
        assert server.count("LIST") == 0
        assert failure.value.retry_after


SLASH = [Folder("INBOX", "/"), Folder("Prod/Nuit", "/"), Folder("a.b", "/")]
DOT = [Folder("INBOX", "."), Folder("INBOX.Prod.Nuit", "."), Folder("Archive/2025", ".")]


@pytest.mark.parametrize(
    ("wanted", "there", "found"),
    [
        ("Prod.Nuit", SLASH, "Prod/Nuit"),
        ("a.b", SLASH, "a.b"),
        ("a/b", SLASH, None),  # the folder called "a.b" is another
        ("inbox", SLASH, "INBOX"),
        ("Inbox/Prod/Nuit", DOT, "INBOX.Prod.Nuit"),
        ("Prod/Nuit", DOT, None),  # below INBOX it may be somebody else's: that is only a hint
        ("prod/nuit", SLASH, None),  # IMAP tells capitals from small letters
        ("a/b", [Folder("a.b", "."), Folder("a/b", "/")], None),  # either may be meant
        ("flat", [Folder("flat", None)], "flat"),
        ("x", [], None),
    ],
)
def test_which_folder_is_meant(wanted: str, there: list[Folder], found: str | None):
    assert same_folder(wanted, there) == found


@pytest.mark.parametrize(
    ("wanted", "there", "text"),
    [
        ("Prod/Nuit", DOT, "there is no folder 'Prod/Nuit'; is 'INBOX.Prod.Nuit' meant? There are: "),
        ("Nuit", DOT, "there is no folder 'Nuit'; is 'INBOX.Prod.Nuit' meant? There are: "),
        ("prod/nuit", SLASH, "there is no folder 'prod/nuit'; is 'Prod/Nuit' meant? There are: "),
        ("zzz", SLASH, "there is no folder 'zzz'. There are: 'INBOX', 'Prod/Nuit', 'a.b'"),
        ("x", [], "there is no folder 'x', and the account sees none at all"),
        ("x\r\ny", [Folder("a\x00b" * 99, "/")], "there is no folder 'x��y'. There are: 'a�ba"),
        ("n7", [Folder(f"f{number:02}", "/") for number in range(23)], ", 'f19', and 3 more"),
    ],
)
def test_what_is_said_of_a_missing_folder(wanted: str, there: list[Folder], text: str):
    said = missing_folder(wanted, there)
    assert text in said
    assert len(said) < 2500
