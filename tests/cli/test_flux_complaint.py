"""What people do to a flux in a hurry, and what they are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.cli.flux_complaint import complaint
from vigie.cli.flux_file import load

CHECKOUT = Path(__file__).parents[2]
GOOD = (CHECKOUT / "dags/nordwind/end_of_day.py").read_text("utf-8")
WATCH = GOOD[GOOD.index("    KoMail(") :]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"nordwind_ops",', '"nordwind_ops"', "this is not Python: invalid syntax. Perhaps you forgot a comma?"),
        (
            'mailbox="nordwind_ops"',
            "mailbox=06:00",
            ("this is not Python: leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal"
            " integers. Put a time of day in quotes: '06:00'."),
        ),
        (
            '"nordwind_ops"',
            "“nordwind_ops”",
            "this is not Python: invalid character '“' (U+201C). Write straight quotes: \"…\" or '…'.",
        ),
        (
            "    KoMail(",
            "   KoMail(",
            ("this is not Python: unindent does not match any outer indentation level. Indent it as the lines beside it,"
            " with spaces."),
        ),
        ("KoMail(", "KoMail((", "this is not Python: '(' was never closed. Mend the line."),
        ("import KoMail", "import KOMail", "vigie.authoring has no 'KOMail'. Did you mean 'KoMail'?"),
        ("    KoMail(", "    KoMial(", "nothing is called 'KoMial'. Did you mean 'KoMail'?"),
        ("@flux(", "@dag(", "nothing is called 'dag'. Known: KoMail, MissingFile, MissingMail, Respond, flux."),
        (
            '@flux(client="nordwind", stream="finance")',
            "@flux",
            'flux has no client and no stream. Write @flux(client="…", stream="…").',
        ),
        (', stream="finance"', "", "flux: 'stream' is missing. Write @flux(client=\"…\", stream=\"…\")."),
        (
            'client="nordwind", stream="finance"',
            "",
            "flux: 'client', 'stream' are missing. Write @flux(client=\"…\", stream=\"…\").",
        ),
        (WATCH, WATCH + WATCH, "two watches are called 'batch_ko'. Give each a task_id of its own."),
        (WATCH, WATCH + "\n\nend_of_day()\n", "a flux is called here. Delete the call: @flux runs the function by itself."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_the_authors_words(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    path = tmp_path / "nordwind" / "end_of_day.py"
    path.parent.mkdir()
    path.write_text(GOOD.replace(old, new, 1), "utf-8")
    with pytest.raises(Exception) as raised:
        load(path)
    assert str(complaint("dags/nordwind/end_of_day.py", None, raised.value)).split(": ", 1)[1] == told


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "flux.py"
    path.write_bytes("X = 'été'\n".encode("latin-1"))
    with pytest.raises(SyntaxError) as raised:
        load(path)
    assert str(complaint("flux.py", None, raised.value)) == "flux.py:1: the file is not UTF-8 text. Save it as UTF-8."
