"""A folder that is not there, or that watches nothing, is refused before anything starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vigie.cli.remedy import RemedyError
from vigie.cli.settings import CHECKOUT
from vigie.cli.site_folder import has_flux, require_flux, require_folder

FLUX = """\
from vigie.authoring import KoMail, Respond, flux


@flux(client="nordwind", stream="sales")
def end_of_day():
    KoMail(task_id="ko", mailbox="ops", subject="KO", respond=Respond(severity="high"))
"""
WHICH = "VIGIE_SITE or --site names the folder that holds"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "dags" / "nordwind").mkdir(parents=True)
    (tmp_path / "include").mkdir()
    return tmp_path


def refusal(path: Path) -> str:
    with pytest.raises(RemedyError) as refused:
        require_flux(path)
    return str(refused.value)


def test_an_absent_folder_and_half_a_site_are_refused(site: Path) -> None:
    assert refusal(site / "nowhere") == (
        f"There is no folder {site / 'nowhere'}.\n"
        f"  Remedy: {WHICH} your dags/ and include/; without them it is the checkout."
    )
    (site / "include").rmdir()
    assert refusal(site) == f"{site} is no site: it has no include/.\n  Remedy: {WHICH} both."
    empty = site / "dags" / "nordwind"
    assert refusal(empty) == f"{empty} is no site: it has no dags/ and no include/.\n  Remedy: {WHICH} both."
    file = site / "file"
    file.touch()
    assert refusal(file).startswith(f"There is no folder {file}.")


def test_a_site_without_a_flux_is_refused_and_a_site_with_one_is_not(site: Path) -> None:
    no_flux = (
        f"{site / 'dags'} has no flux: nothing would be watched, and nobody called.\n"
        "  Remedy: Write one: see docs/authors/fluxes.md."
    )
    assert refusal(site) == no_flux
    require_folder(site)
    (site / "dags/nordwind/end_of_day.py").write_text(FLUX, "utf-8")
    require_flux(site)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (FLUX.replace("import KoMail, Respond, flux", "import flux as watch").replace("@flux", "@watch"), True),
        (FLUX.replace("from vigie.authoring import KoMail, Respond, flux", "from vigie import authoring # vigie.authoring").replace("@flux", "@authoring.flux"), True),
        (FLUX.replace("KoMail(", "KoMail(("), True),  # it does not load, which is told with its line
        ("".join(f"# {line}\n" for line in FLUX.splitlines()), False),
        ("from vigie.authoring import duty\n\ndesk = duty.desk()\n", False),
        ("from airflow.sdk import DAG\n\nwith DAG('x'):\n    pass\n", False),
        ("", False),
    ],
)  # fmt: skip
def test_what_is_a_flux(site: Path, text: str, is_one: bool) -> None:
    (site / "dags/nordwind/some.py").write_text(text, "utf-8")
    assert has_flux(site) == is_one


def run(site: Path, *command: str) -> tuple[int, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "VIGIE_"))}
    done = subprocess.run(
        [sys.executable, "-m", "vigie", *command],
        env=own | {"PYTHONPATH": str(CHECKOUT / "plugins"), "VIGIE_SITE": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_up_starts_nothing_for_them(site: Path) -> None:
    for path, words in ((site / "nowhere", "There is no folder"), (site, "has no flux")):
        code, said = run(path, "up", "--state", str(site / "state"))
        assert (code, words in said) == (2, True), said
        code, said = run(CHECKOUT, "up", "--detach", "--state", str(site / "state"), "--site", str(path))
        assert (code, words in said) == (2, True), said
    assert not (site / "state").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["expect", "nordwind"],
        ["mail", "explain", str(Path(__file__))],
        ["procedure", "test"],
        ["approve", "nordwind/disk-full", "--as", "petra"],
    ],
    ids=lambda command: command[0],
)
def test_every_command_that_reads_a_site_says_that_it_is_not_there(tmp_path: Path, command: list[str]) -> None:
    code, said = run(tmp_path / "nowhere", *command)
    assert (code, said.startswith(f"There is no folder {tmp_path / 'nowhere'}.")) == (2, True), said


def test_check_tells_a_site_without_a_flux(site: Path) -> None:
    (site / "include/rota").mkdir()
    code, said = run(site, "check")
    assert code == 1
    assert "dags: there is no flux: nothing is watched. Write one: see docs/authors/fluxes.md.\n" in said
