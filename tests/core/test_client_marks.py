from __future__ import annotations

import pytest

from vigie.core.client import Client, Contact
from vigie.core.client_marks import ClientMarks
from vigie.core.site import Site


def client(id_: str, name: str, **more: object) -> Client:
    return Client.model_validate(
        {"id": id_, "name": name, "zone": "UTC", "languages": ("en",), "slack_channel": id_, "policy": "p", **more}
    )


MAISON = client("maison-lumiere", "Maison Lumière")
JAPAN = client("maison-lumiere-jp", "Maison Lumière Japan")
NORDWIND = client(
    "nordwind", "Nordwind & Söhne", aliases=("NWL", "北風物流"), domains=("nordwind.example",), slack_channel="nw-night",
    connections={"nw_wms": "x"}, contacts={"anna": Contact(name="Anna", email="anna@nw.example")},
)  # fmt: skip
HM = client("hm", "H&M")
BYID = client("byid", "Ganz Anders", slack_channel="C012AB3CD")
SITES = {
    "nordwind": [Site(code="HAM-01", name="Hamburg Hafen", zone="UTC", country="DE"),
                 Site(code="LYON", name="Lyon", zone="UTC", country="FR"),
                 Site(code="PAR-7", name="Gare du Nord", zone="UTC", country="FR")],
    "maison-lumiere": [Site(code="PAR-7", name="Gare du Nord", zone="UTC", country="FR")],
}  # fmt: skip
MARKS = ClientMarks([MAISON, JAPAN, NORDWIND, HM, BYID], SITES)


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ("as at Nordwind & Söhne, too", "as at […], too"),
        ("NORDWIND &amp; SO\u0308HNE", "[…]"),
        ("Nordwind\n  & Soehne", "[…]"),
        ("Nordwind&Söhne", "[…]"),
        ("*Nord*wind_batch", "*[…]_batch"),
        ("procedure.nordwind.eod", "procedure.[…].eod"),
        ("nwl: KO", "[…]: KO"),
        ("北風物流の在庫", "[…]の在庫"),
        ("write to anna@nw.example.", "write to […]."),
        ("https://sftp.nordwind.example/in", "https://sftp.[…]/in"),
        ("%6Eordwind", "[…]"),
        ("nw_wms nw wms", "[…] nw wms"),
        ("#nw-night nw-night", "#[…] nw-night"),
        ("<#C012AB3CD>", "<#[…]>"),
        ("HAM\u201101 ham 01", "[…] ham 01"),
        ("REPL_HAM-01_20261124.csv", "REPL_[…]_20261124.csv"),
        ("Hamburg Hafen, Hamburg, Lyon", "[…], Hamburg, Lyon"),
        ("H&M h &amp; m; 2 h m", "[…] […]; 2 h m"),
        # what is the client's own too tells of nobody
        ("PAR-7 Gare du Nord", "PAR-7 Gare du Nord"),
        ("MAISON-LUMIERE maison_lumiere", "MAISON-LUMIERE maison_lumiere"),
        # the longer one counts
        ("Maison Lumière Japan and Maison Lumière", "[…] and Maison Lumière"),
        ("procedure.maison-lumiere-jp.x", "procedure.[…].x"),
        # whole words
        ("northwind, nordwinds, Nord wind", "northwind, nordwinds, Nord wind"),
    ],
)
def test_what_tells_of_another_client_is_replaced(said: str, becomes: str) -> None:
    assert MARKS.without_others(said, "maison-lumiere", "[…]")[0] == becomes


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ("Maison Lumière Japan, Maison Lumière", "Maison Lumière Japan, […]"),
        ("maison-lumiere-jp maison-lumiere", "maison-lumiere-jp […]"),
        ("MAISON\u200b LUMIE\u0300RE japan", "MAISON\u200b LUMIE\u0300RE japan"),
        ("Maison Lumière Jap", "[…] Jap"),
    ],
)
def test_a_client_whose_name_begins_with_anothers(said: str, becomes: str) -> None:
    assert MARKS.without_others(said, "maison-lumiere-jp", "[…]")[0] == becomes


def test_tags_and_their_attributes() -> None:
    said = '<p title="nordwind">Nord<b>wind</b> &amp; <i>Söhne</i> <a href="https://nordwind.example/x">here</a></p>'
    assert MARKS.without_others(said, "maison-lumiere", "[…]", markup=True) == (
        '<p title="[…]">[…]<b></b><i></i> <a href="https://[…]/x">here</a></p>'.replace(
            "<b></b><i></i>", "<b></b><i></i>"
        ),
        ["nordwind"],
    )


def test_the_others_are_named_once_and_the_own_client_never() -> None:
    said = "Nordwind, NWL, H&M, Maison Lumière"
    assert MARKS.without_others(said, "maison-lumiere", "x")[1] == ["hm", "nordwind"]
    assert MARKS.without_others(said, "nordwind", "x")[1] == ["maison-lumiere", "hm"]


def test_no_clients_and_clients_without_a_name() -> None:
    assert ClientMarks([]).others_in("text", "a") == []
    assert ClientMarks([client("new", " ")]).others_in("text new", "a") != []
