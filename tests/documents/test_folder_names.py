"""A folder is listed again only when it has changed."""

from __future__ import annotations

import os
import time
from pathlib import Path

from vigie.documents.folder_names import SETTLED, FolderNames


def _long_ago(folder: Path, seconds: int) -> None:
    past = time.time_ns() - seconds * SETTLED
    os.utime(folder, ns=(past, past))


def test_what_comes_and_goes_is_seen(tmp_path: Path) -> None:
    names = FolderNames()
    (tmp_path / "b.md").touch()
    (tmp_path / "a.md").touch()
    assert names(tmp_path) == ("a.md", "b.md")
    (tmp_path / "c.md").touch()  # within the same second: the time of the folder is not trusted yet
    assert names(tmp_path) == ("a.md", "b.md", "c.md")
    (tmp_path / "a.md").unlink()
    assert names(tmp_path) == ("b.md", "c.md")


def test_a_folder_that_has_stood_still_is_not_listed_again(tmp_path: Path) -> None:
    names = FolderNames()
    (tmp_path / "a.md").touch()
    _long_ago(tmp_path, 60)
    assert names(tmp_path) is names(tmp_path)
    (tmp_path / "b.md").touch()
    assert names(tmp_path) == ("a.md", "b.md")


def test_a_folder_that_is_none_has_no_files(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert FolderNames()(tmp_path / "nowhere") == ()
    assert FolderNames()(tmp_path / "file") == ()
