"""Which DAG files are parsed anew when a table, a procedure or a module beside them changes."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from vigie.tasks.authored_changes import AuthoredChanges, files_to_parse

FILES = {
    "maison-lumiere/stores.py": True,
    "maison-lumiere/names.py": False,
    "nordwind/end_of_day.py": True,
    "procedures.py": True,
}


@pytest.mark.parametrize(
    ("changed", "parsed"),
    [
        ("include/clients/nordwind/stores.yaml", {"nordwind/end_of_day.py", "procedures.py"}),
        ("include/procedures/nordwind/eod.md", {"nordwind/end_of_day.py", "procedures.py"}),
        ("include/templates/nordwind/mail_ko.en.md.j2", {"nordwind/end_of_day.py", "procedures.py"}),
        ("include/templates/mail_ko.md.j2", set(FILES)),
        ("include/mail_desk.yaml", set(FILES)),
        ("include/rota/team.yaml", set(FILES)),
        ("dags/nordwind/end_of_day.py", set()),  # Airflow sees it by itself
        ("dags/maison-lumiere/names.py", {"maison-lumiere/stores.py"}),
        ("dags/shared.py", set(FILES)),
    ],
)
def test_what_reads_it_is_parsed_anew(changed: str, parsed: set[str]) -> None:
    assert files_to_parse([PurePosixPath(changed)], FILES, []) == parsed


def test_a_file_that_did_not_load_is_tried_again_whatever_changes() -> None:
    changed = [PurePosixPath("include/clients/nordwind/stores.yaml")]
    assert "maison-lumiere/stores.py" in files_to_parse(changed, FILES, ["maison-lumiere/stores.py"])


def test_it_notices_what_came_went_and_changed_once(tmp_path: Path) -> None:
    dags, include = tmp_path / "dags", tmp_path / "include"
    for path in (dags / "nordwind" / "end_of_day.py", include / "clients" / "nordwind" / "stores.yaml"):
        path.parent.mkdir(parents=True)
        path.write_text("a")
    looks = AuthoredChanges(dags, include)
    assert looks.changed() == set(), "the first look: everything is parsed at the start anyway"
    assert looks.changed() == set()

    table = include / "clients" / "nordwind" / "stores.yaml"
    table.write_text("bb")
    (include / "mail_desk.yaml").write_text("c")
    assert {str(path) for path in looks.changed()} == {
        "include/clients/nordwind/stores.yaml",
        "include/mail_desk.yaml",
    }
    table.unlink()
    assert {str(path) for path in looks.changed()} == {"include/clients/nordwind/stores.yaml"}
    assert looks.changed() == set()


def test_a_file_put_in_place_with_its_old_time_has_changed(tmp_path: Path) -> None:
    table = tmp_path / "include" / "stores.yaml"
    table.parent.mkdir()
    (tmp_path / "dags").mkdir()
    table.write_text("aa")
    looks = AuthoredChanges(tmp_path / "dags", tmp_path / "include")
    looks.changed()
    stat = table.stat()
    table.write_text("bb")
    os.utime(table, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert {str(path) for path in looks.changed()} == {"include/stores.yaml"}


def test_a_link_that_leads_nowhere_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "include").mkdir()
    (tmp_path / "dags").mkdir()
    looks = AuthoredChanges(tmp_path / "dags", tmp_path / "include")
    looks.changed()
    (tmp_path / "include" / "a.yaml").symlink_to("nowhere")
    assert looks.changed() == set()
