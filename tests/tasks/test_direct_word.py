from __future__ import annotations

from pathlib import Path

import pytest

from vigie.core.errors import TransportError
from vigie.documents.library import Library
from vigie.tasks.direct_word import addresses, say_directly
from vigie.testing.memory_messenger import MemoryMessenger


@pytest.fixture
def mail() -> MemoryMessenger:
    return MemoryMessenger(can_tell=False)


@pytest.fixture
def slack() -> MemoryMessenger:
    return MemoryMessenger()


def _reached(messenger: MemoryMessenger) -> list[str]:
    return [each.outbound.recipient for each in messenger.sent]


def test_whom_it_reaches_and_in_which_order(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_PLATFORM_EMAIL", "last@vigie.example")
    assert addresses(Library(site)) == [
        [("mail", "petra@vigie.example")],
        [("mail", "last@vigie.example")],
        [("slack", "platform"), ("slack", "U0PETRA")],
    ]
    (site / "include/rota/team.yaml").write_text("people: 3", "utf-8")
    assert addresses(Library(site)) == [[], [("mail", "last@vigie.example")], [("slack", "platform")]]


def test_without_the_platforms_policy_everybody_of_the_rota_is_told(site: Path) -> None:
    rota = site / "include/rota/team.yaml"
    rota.write_text(rota.read_text("utf-8").replace("platform_duty", "platform_dutty"), "utf-8")
    assert [address for _, address in addresses(Library(site))[0]] == [
        f"{name}@vigie.example" for name in ("anna", "bruno", "petra")
    ]


def test_the_next_choice_is_for_where_the_first_fails(
    site: Path, mail: MemoryMessenger, slack: MemoryMessenger
) -> None:
    choices = [[("mail", "petra@vigie.example")], [("mail", "last@vigie.example")], [("slack", "platform")]]
    makers = {"mail": lambda: mail, "slack": lambda: slack}
    say_directly("s", "t", choices, makers)
    mail.refuse("petra@vigie.example")
    say_directly("s", "t", choices, makers)
    assert _reached(mail) == ["petra@vigie.example", "last@vigie.example"]
    mail.go_dark()
    say_directly("s", "t", choices, makers)
    assert _reached(slack) == ["platform"]
    slack.go_dark()
    with pytest.raises(TransportError, match=r"petra@vigie.example was refused|cannot be reached"):
        say_directly("s", "t", choices, makers)


def test_one_who_is_refused_keeps_no_other_from_being_told(mail: MemoryMessenger, slack: MemoryMessenger) -> None:
    mail.refuse("a@vigie.example")
    makers = {"mail": lambda: mail, "slack": lambda: slack}
    say_directly(
        "s", "t", [[("mail", "a@vigie.example"), ("mail", "b@vigie.example")], [("slack", "platform")]], makers
    )
    assert (_reached(mail), _reached(slack)) == (["b@vigie.example"], [])


def test_nobody_is_known(mail: MemoryMessenger) -> None:
    with pytest.raises(TransportError, match="nobody of the platform is known"):
        say_directly("s", "t", [[], [], []], {"mail": lambda: mail, "slack": lambda: mail})
