"""Names under which common tools write a file before it has its own: none of them ever makes a folder green."""

from __future__ import annotations

import pytest
from tests.core.files import DUE, HOUR, MINUTE, Looks, said, store, watch

from vigie.core.expectation import expected
from vigie.core.expected_names import ExpectedNames

NAME = "STOCK_PAR-1_20261123.csv"

WHILE_WRITTEN = [
    (".inprogress.{}", "Apache Camel (tempPrefix)"),
    (".sftpgo-upload.ck2.{}", "SFTPGo, atomic uploads"),
    (".in.{}.", "ProFTPD, HiddenStores"),
    (".pureftpd-upload.5f3.{}", "Pure-FTPd"),
    (".{}.Xy3F2a", "rsync"),
    (".{}", "Apache NiFi (Dot Rename)"),
    (".nfs0000{}", "NFS, deleted and open"),
    (".syncthing.{}.tmp", "Syncthing"),
    ("~syncthing~{}.tmp", "Syncthing on Windows"),
    (".~lock.{}#", "LibreOffice"),
    ("~${}", "Microsoft Office"),
    ("#{}#", "Emacs, auto-save"),
    (".#{}", "Emacs, lock"),
    (".{}.swp", "Vim"),
    ("tmp.{}", "a script"),
    ("tmp_{}", "a script"),
    ("{}.tmp", "a script, Axway, Hadoop"),
    ("{}.TMP", "the same, on Windows"),
    ("{}.tmp.4711", "a script"),
    ("{}.tmp4711", "a script"),
    ("{}.temp", "a script"),
    ("{}.part", "Firefox, KDE, Nextcloud"),
    ("{}.ocTransferId12.part", "ownCloud"),
    ("{}.partial", "rclone, Internet Explorer"),
    ("{}.9f3c.partial", "rclone"),
    ("{}.filepart", "WinSCP"),
    ("{}.crdownload", "Chrome"),
    ("{}.opdownload", "Opera"),
    ("{}.download", "Safari"),
    ("{}.aria2", "aria2"),
    ("{}.!ut", "µTorrent"),
    ("{}.writing", "Spring Integration"),
    ("{}.inprogress", "Apache Flink, Camel"),
    ("{}.uploading", "a script"),
    ("{}.incomplete", "a script"),
    ("{}._COPYING_", "Hadoop (fs -put)"),
    ("{}_.gstmp", "gsutil"),
    ("{}.swp", "Vim"),
    ("{}~", "Emacs, Vim, gedit: backup"),
    ("{}.~1~", "GNU: numbered backup"),
    ("{}.lck", "a lock"),
]


@pytest.mark.parametrize(("written", "tool"), WHILE_WRITTEN, ids=[tool for _, tool in WHILE_WRITTEN])
def test_a_temporary_name_is_no_file_of_ours(written: str, tool: str):
    path = "out/*STOCK_{site.code}_{business_date:%Y%m%d}*"
    site = store(1).model_copy(update={"code": "PAR-1"})
    known = ExpectedNames(each for each in expected(watch(path=path), [site], DUE))
    assert known.owners("out", NAME)
    assert not known.owners("out", written.format(NAME))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("out/*{}.csv", f".inprogress.{NAME}"),
        ("out/{}*.csv", "STOCK_PAR-1_20261123.tmp.csv"),
        ("out/{}.csv*", f"{NAME}.filepart"),
        ("out/{}*", f"{NAME}.1.part"),
    ],
)
def test_wherever_the_star_stands(path: str, name: str):
    rule = watch(path=path.format("STOCK_{site.code}_{business_date:%Y%m%d}"))
    site = store(1).model_copy(update={"code": "PAR-1"})
    assert not ExpectedNames(expected(rule, [site], DUE)).owners("out", name)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("out/{}*.csv.tmp", f"{NAME}.tmp"),
        ("out/.inprogress.*{}.csv", f".inprogress.x{NAME}"),
        ("out/.*{}.csv", f".inprogress.{NAME}"),
        ("out/{}*~", f"{NAME}~"),
        ("out/*{}*", f"PARTIAL {NAME}"),
        ("out/*{}*", f"{NAME}_part"),
        ("out/{}*.csv", "STOCK_PAR-1_20261123.part.csv"),  # a part, not half of one
        ("out/{}*.rar", "STOCK_PAR-1_20261123.part2.rar"),
        ("out/{}*", f"{NAME}.gz"),
        ("out/{}.swp", "STOCK_PAR-1_20261123.swp"),
    ],
)
def test_what_the_author_wrote_counts(path: str, name: str):
    rule = watch(path=path.format("STOCK_{site.code}_{business_date:%Y%m%d}"))
    site = store(1).model_copy(update={"code": "PAR-1"})
    assert ExpectedNames(expected(rule, [site], DUE)).owners("out", name)


def test_what_a_dead_producer_left_behind_is_not_the_file():
    site = store(1).model_copy(update={"code": "PAR-1"})
    looks = Looks(watch(path="out/*STOCK_{site.code}_{business_date:%Y%m%d}.csv"), [site])
    left = {f"out/.inprogress.{NAME}": (9, DUE - HOUR)}
    looks.look(DUE - HOUR, left)
    assert said(looks.look(DUE + MINUTE, left)) == [("trigger", "1 of 1 files missing (2026-11-23)")]
