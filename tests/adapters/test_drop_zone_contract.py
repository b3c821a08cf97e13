"""What every drop zone does: SFTP on two servers, a local folder, and the twin in memory."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import pytest

from vigie.adapters.local_drop_zone import LocalDropZone
from vigie.adapters.sftp_drop_zone import SftpDropZone
from vigie.core.errors import FolderUnreadable, TransportError
from vigie.core.ports import DropZone, ListedFile
from vigie.demo.tcp_gate import TcpGate
from vigie.testing.memory_drop_zone import MemoryDropZone

Form = Literal["NFC", "NFD"]
AT = datetime(2025, 11, 23, 3, 4, 5, tzinfo=UTC)


@dataclass
class Bench:
    """A drop zone, and what its world can do to it. ``root`` is the folder that belongs to the test."""

    zone: DropZone
    root: str
    put: Callable[[str, int, datetime], object]
    make_folder: Callable[[str], object]
    remove: Callable[[str], object]
    link: Callable[[str, str], object]
    go_dark: Callable[[], object]
    come_back: Callable[[], object]
    disk: Path | None = None
    gate: TcpGate | None = None

    def names(self, folder: str = "outbound") -> list[str] | None:
        files = self.zone.listing(f"{self.root}{folder}")
        return None if files is None else sorted(each.name for each in files)


def on_disk(zone: DropZone, root: str, disk: Path, go_dark: Callable[[], object], come_back: Callable[[], object]):
    def put(path: str, size: int, at: datetime) -> None:
        target = disk / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"x" * size)
        os.utime(target, (at.timestamp(), at.timestamp()))

    def make_folder(path: str) -> None:
        (disk / path).mkdir(parents=True)

    def link(path: str, to: str) -> None:
        (disk / path).parent.mkdir(parents=True, exist_ok=True)
        (disk / path).symlink_to(os.path.relpath(disk / to, (disk / path).parent))

    def remove(path: str) -> None:
        (disk / path).unlink()

    return Bench(zone, root, put, make_folder, remove, link, go_dark, come_back, disk)


ON_DISK = [pytest.param("sshd", marks=pytest.mark.needs("sshd")), "asyncssh", "local"]


@pytest.fixture(params=[*ON_DISK, "memory"])
def bench(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "memory":
        twin = MemoryDropZone()
        link = partial(twin.link, at=datetime.now(UTC))
        made = Bench(twin, "", twin.put, twin.make_folder, twin.remove, link, twin.go_dark, twin.come_back)
    elif request.param == "local":
        root, away = tmp_path / "drop", tmp_path / "unmounted"
        root.mkdir()
        zone = LocalDropZone(root)
        made = on_disk(zone, "", root, lambda: root.rename(away), lambda: away.rename(root))
    else:
        made = over_sftp(request)
    yield made
    made.zone.close()


def over_sftp(request: pytest.FixtureRequest) -> Bench:
    gate = request.getfixturevalue("gate")
    if request.param == "sshd":
        server, folder = request.getfixturevalue("sshd"), request.getfixturevalue("sshd_folder")
        behind = gate(server.port)
        key = server.private_key_text
        zone = SftpDropZone("127.0.0.1", behind.port, server.user, host_key=server.host_key, private_key=key, timeout=5)
        return replace(on_disk(zone, f"{folder}/", Path(folder), behind.close, behind.open), gate=behind)
    mine = request.getfixturevalue("sftp_folder")
    server, behind = mine.server, gate(mine.server.port)
    zone = SftpDropZone("127.0.0.1", behind.port, server.user, server.password, host_key=server.host_key, timeout=5)
    return replace(on_disk(zone, f"{mine.path}/", mine.local, behind.close, behind.open), gate=behind)


def test_the_files_of_a_folder_with_size_and_time_in_utc(bench: Bench):
    bench.put("outbound/REPL_1204_20251123.csv", 1234, AT)
    bench.put("outbound/empty", 0, AT)
    files = {each.name: each for each in bench.zone.listing(f"{bench.root}outbound") or ()}
    assert files == {
        "REPL_1204_20251123.csv": ListedFile(name="REPL_1204_20251123.csv", size=1234, modified_at=AT),
        "empty": ListedFile(name="empty", size=0, modified_at=AT),
    }
    assert files["empty"].modified_at.tzinfo is UTC


def test_a_folder_that_is_not_there_is_none_and_an_empty_one_has_no_files(bench: Bench):
    bench.make_folder("outbound")
    assert bench.names("outbound") == []
    assert bench.names("outbund") is None
    assert bench.names("outbound/below/it") is None


def test_folders_are_not_listed_and_may_be_looked_into(bench: Bench):
    bench.put("outbound/2025/deep.csv", 1, AT)
    bench.put("outbound/flat.csv", 1, AT)
    assert bench.names("outbound") == ["flat.csv"]
    assert bench.names("outbound/2025") == ["deep.csv"]
    assert bench.names("outbound/2025/") == ["deep.csv"]


def test_a_file_where_a_folder_is_meant_is_no_folder(bench: Bench):
    bench.put("outbound", 1, AT)
    assert bench.names("outbound") is None


def test_each_listing_is_new(bench: Bench):
    bench.put("outbound/a.csv", 1, AT)
    assert bench.names() == ["a.csv"]
    bench.put("outbound/a.csv", 99, AT)
    bench.put("outbound/b.csv", 1, AT)
    assert {each.name: each.size for each in bench.zone.listing(f"{bench.root}outbound") or ()} == {
        "a.csv": 99,
        "b.csv": 1,
    }
    bench.remove("outbound/a.csv")
    assert bench.names() == ["b.csv"]


@pytest.mark.parametrize(
    "name", ["two\nlines.csv", "a b'\";$(reboot).csv", "-rf", "é 東京.csv", "*", "a\\b", "{site}", " "]
)
def test_a_name_may_hold_anything(bench: Bench, name: str):
    bench.put(f"outbound/{name}", 1, AT)
    assert bench.names() == [name]


@pytest.mark.parametrize("bench", ON_DISK, indirect=True)  # the twin has text and no links
def test_a_name_that_is_not_utf_8_is_shown_with_escapes(bench: Bench):
    assert bench.disk
    bench.put("outbound/good.csv", 1, AT)
    with open(os.fsencode(bench.disk / "outbound") + b"/caf\xe9.csv", "wb") as file:  # noqa: PTH123
        file.write(b"x")
    assert bench.names() == ["caf\\xe9.csv", "good.csv"]


@pytest.mark.parametrize("bench", ON_DISK, indirect=True)  # the twin has no pipes and no links to folders
def test_a_link_is_listed_where_its_name_is_expected_and_it_leads_to_a_file(bench: Bench):
    assert bench.disk
    bench.put("outbound/real.csv", 7, AT)
    bench.put("published/deep.csv", 9, AT)
    targets = {
        "near.csv": "real.csv", "far.csv": "../published/deep.csv", "twice.csv": "far.csv", "other.csv": "real.csv",
        "folder.csv": "..", "broken.csv": "nowhere", "circle.csv": "circle.csv", "é 東京.csv": "real.csv",
    }  # fmt: skip
    for name, target in targets.items():
        (bench.disk / "outbound" / name).symlink_to(target)
    os.mkfifo(bench.disk / "outbound" / "pipe.csv")
    (bench.disk / "outbound" / "tube.csv").symlink_to("pipe.csv")
    asked: list[str] = []

    def follow(name: str) -> bool:
        asked.append(name)
        return name != "other.csv"

    found = bench.zone.listing(f"{bench.root}outbound", follow) or ()
    assert {each.name: each.size for each in found} == {
        "real.csv": 7, "near.csv": 7, "far.csv": 9, "twice.csv": 9, "é 東京.csv": 7,
    }  # fmt: skip
    assert set(asked) == {*targets, "tube.csv"}  # only links are asked about
    assert bench.names() == ["real.csv"]


def test_a_link_has_the_later_of_both_times(bench: Bench):
    """A file that lay there before is published by the link, and one that is replaced behind it comes again."""
    now = datetime.now(UTC).replace(microsecond=0)
    bench.put("real/a.csv", 7, AT)
    bench.link("outbound/a.csv", "real/a.csv")
    (file,) = bench.zone.listing(f"{bench.root}outbound", lambda name: name == "a.csv") or ()
    assert file.modified_at >= now - timedelta(seconds=2)
    later = now + timedelta(minutes=5)
    bench.put("real/a.csv", 8, later)
    (file,) = bench.zone.listing(f"{bench.root}outbound", lambda name: name == "a.csv") or ()
    assert (file.size, file.modified_at) == (8, later)


@pytest.mark.parametrize("there", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_a_folder_is_found_in_every_form_of_unicode(bench: Bench, there: Form, asked: Form):
    bench.put(unicodedata.normalize(there, "Été/Zürich/é.csv"), 1, AT)
    assert bench.names(unicodedata.normalize(asked, "Été/Zürich")) == [unicodedata.normalize(there, "é.csv")]
    assert bench.names(unicodedata.normalize(asked, "Étés")) is None


def test_in_the_dark_a_listing_fails_and_afterwards_it_works_again(bench: Bench):
    bench.put("outbound/a.csv", 1, AT)
    assert bench.names() == ["a.csv"]
    bench.go_dark()
    for _ in range(2):
        with pytest.raises(TransportError) as failure:
            bench.names()
        assert not failure.value.permanent
    bench.come_back()
    assert bench.names() == ["a.csv"]


def test_a_closed_zone_opens_again(bench: Bench):
    bench.put("outbound/a.csv", 1, AT)
    bench.zone.close()
    assert bench.names() == ["a.csv"]
    bench.zone.close()
    bench.zone.close()


@pytest.mark.parametrize("bench", ON_DISK, indirect=True)  # the twin has no links
@pytest.mark.parametrize("folder", ["loop", "loop/deeper", "a"])
def test_a_loop_of_links_is_a_folder_that_cannot_be_read_and_no_empty_one(bench: Bench, folder: str):
    assert bench.disk
    bench.put("outbound/real.csv", 1, AT)
    (bench.disk / "loop").symlink_to("loop")
    (bench.disk / "a").symlink_to("b")
    (bench.disk / "b").symlink_to("a")
    with pytest.raises(FolderUnreadable) as failure:
        bench.names(folder)
    assert "cannot be read: " in str(failure.value)
    assert bench.names() == ["real.csv"]  # over the same connection


@pytest.mark.parametrize("bench", ON_DISK, indirect=True)  # the twin has no links
def test_a_link_that_leads_nowhere_cannot_be_read_and_below_one_that_leads_somewhere_a_folder_may_be_absent(
    bench: Bench,
):
    assert bench.disk
    bench.put("outbound/real.csv", 1, AT)
    (bench.disk / "nowhere").symlink_to("gone")
    (bench.disk / "somewhere").symlink_to("outbound")
    with pytest.raises(FolderUnreadable, match="leads nowhere"):
        bench.names("nowhere")
    assert bench.names("somewhere") == ["real.csv"]
    assert bench.names("somewhere/deeper") is None
    (bench.disk / "gone").mkdir()
    assert bench.names("nowhere") == []


@pytest.mark.parametrize("bench", [ON_DISK[0], "memory"], indirect=True)  # the others run as whoever runs the tests
def test_a_folder_that_is_not_shown_does_not_hide_the_others(bench: Bench):
    bench.put("outbound/a.csv", 1, AT)
    bench.put("secret/b.csv", 1, AT)
    if isinstance(bench.zone, MemoryDropZone):
        bench.zone.forbid("secret")
    else:
        assert bench.disk
        (bench.disk / "secret").chmod(0)
    for _ in range(2):
        with pytest.raises(FolderUnreadable, match="permission denied for the folder"):
            bench.names("secret")
        assert bench.names() == ["a.csv"]


@pytest.mark.parametrize("bench", ON_DISK[:2], indirect=True)  # only a connection can be cut
@pytest.mark.parametrize("size", [1, 30_000, 60_000])
def test_a_connection_lost_in_the_middle_of_a_listing_is_no_short_listing(bench: Bench, size: int):
    assert bench.gate
    for number in range(1500):
        bench.put(f"outbound/REPL_{number:04}_20251123.csv", 1, AT)
    assert len(bench.names() or ()) == 1500
    bench.gate.cut_after(size)
    with pytest.raises(TransportError) as failure:
        bench.names()
    assert not isinstance(failure.value, FolderUnreadable)
    assert not failure.value.permanent
    assert len(bench.names() or ()) == 1500
