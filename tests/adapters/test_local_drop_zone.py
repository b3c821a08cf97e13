"""A local folder is never left."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.adapters.local_drop_zone import LocalDropZone
from vigie.core.errors import TransportError


@pytest.fixture
def zone(tmp_path: Path) -> LocalDropZone:
    root = tmp_path / "drop"
    (root / "outbound").mkdir(parents=True)
    (root / "outbound" / "a.csv").touch()
    (tmp_path / "drop-secrets").mkdir()
    (tmp_path / "drop-secrets" / "key.pem").touch()
    return LocalDropZone(root)


@pytest.mark.parametrize("folder", ["..", "../drop-secrets", "outbound/../../drop-secrets", "/../drop-secrets", "link"])
def test_outside_is_not_read(zone: LocalDropZone, tmp_path: Path, folder: str):
    (tmp_path / "drop" / "link").symlink_to(tmp_path / "drop-secrets")
    with pytest.raises(TransportError) as failure:
        zone.listing(folder)
    assert str(failure.value) == f"{tmp_path}/drop: the folder {folder!r} is outside"
    assert failure.value.permanent


@pytest.mark.parametrize("folder", ["outbound", "/outbound", "./outbound/", "nowhere/../outbound", "today"])
def test_inside_is(zone: LocalDropZone, tmp_path: Path, folder: str):
    (tmp_path / "drop" / "today").symlink_to("outbound")
    assert [each.name for each in zone.listing(folder) or ()] == ["a.csv"]


def test_a_root_behind_a_link(zone: LocalDropZone, tmp_path: Path):
    (tmp_path / "link").symlink_to(tmp_path / "drop")
    assert [each.name for each in LocalDropZone(tmp_path / "link").listing("outbound") or ()] == ["a.csv"]


def test_a_root_that_is_not_there_is_not_an_empty_one(tmp_path: Path):
    with pytest.raises(TransportError) as failure:
        LocalDropZone(tmp_path / "unmounted").listing("outbound")
    assert str(failure.value) == f"{tmp_path}/unmounted: the folder is not there"


def test_a_nul_in_the_name_is_an_error_of_the_outside_world(zone: LocalDropZone):
    with pytest.raises(TransportError):
        zone.listing("out\0bound")
