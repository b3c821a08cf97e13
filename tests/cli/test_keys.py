from __future__ import annotations

import base64
from pathlib import Path

import pytest

from vigie.cli.keys import Keys, write_private
from vigie.cli.remedy import RemedyError


def test_keys_are_made_once_and_for_this_user_only(tmp_path: Path) -> None:
    keys = Keys.of(tmp_path)
    again = Keys.of(tmp_path)
    assert (again.fernet, again.jwt, again.vault_seal) == (keys.fernet, keys.jwt, keys.vault_seal)
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert len(base64.b64decode(keys.vault_seal)) == len(base64.urlsafe_b64decode(keys.fernet)) == 32


def test_two_installations_share_no_key(tmp_path: Path) -> None:
    one, other = Keys.of(tmp_path / "one"), Keys.of(tmp_path / "other")
    assert one.jwt != other.jwt
    assert one.vault_admin != other.vault_admin


def test_keys_are_never_shown(tmp_path: Path) -> None:
    keys = Keys.of(tmp_path)
    assert keys.jwt not in repr(keys)


@pytest.mark.parametrize("content", ["{", '{"fernet": "x", "unknown": 1}'])
def test_a_broken_file_is_not_replaced_by_new_keys(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content, "utf-8")
    with pytest.raises(RemedyError) as refused:
        Keys.of(tmp_path)
    assert str(refused.value) == (
        f"The keys in {tmp_path}/keys.json cannot be read.\n"
        f"  Remedy: Restore that file from a copy, or, to begin anew, delete the folder {tmp_path}."
    )
    assert (tmp_path / "keys.json").read_text("utf-8") == content


def test_a_private_file_replaces_one_that_was_open_to_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old", "utf-8")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text("utf-8") == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
