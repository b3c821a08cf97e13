"""The demo deletes no folder that it did not make."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.cli.remedy import RemedyError
from vigie.demo import night
from vigie.demo.own_folder import made_anew, require_own


def test_a_folder_of_somebody_else_is_left_as_it_is(tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.tex"
    thesis.write_text("years of work")
    with pytest.raises(RemedyError) as refused:
        night.main(["--once", "--state", str(tmp_path)])
    assert str(refused.value) == (
        f"The demo did not make {tmp_path}, and it deletes its folder at each start.\n"
        "  Remedy: Name a new or an empty folder: --state DIR."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    assert thesis.read_text() == "years of work"


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_folder_is_left_too(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    (tmp_path / "elsewhere").mkdir()
    place.symlink_to(tmp_path / "elsewhere") if kind == "link" else place.touch()
    with pytest.raises(RemedyError, match="is no folder"):
        require_own(place)


def test_its_own_folder_is_made_anew(tmp_path: Path) -> None:
    place = tmp_path / "a" / "demo"
    require_own(place)
    made_anew(place)
    (place / "logbook.db").touch()
    require_own(place)
    made_anew(place)
    assert [path.name for path in place.iterdir()] == [".vigie-demo"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    require_own(tmp_path)
