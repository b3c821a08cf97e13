from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.errors import InvalidDocument
from vigie.documents.rotas import read_rota
from vigie.documents.tables import digest_of, is_address, read_client, read_site_table, read_sites

ROW = b"- {code: HAM-1, zone: Europe/Berlin, country: DE, hub: north, doors: 3, open: true, since: 2026-01-01, zip: 01067}\n"


def test_every_column_beside_the_known_ones_is_an_attribute_and_text():
    (site,) = read_sites("plants.yaml", ROW)
    assert site.attributes == {"hub": "north", "doors": "3", "open": "true", "since": "2026-01-01", "zip": "01067"}
    assert (site.code, site.zone, site.country, site.name) == ("HAM-1", "Europe/Berlin", "DE", "")


def test_a_digest_changes_with_the_content_and_not_with_its_form():
    plain = digest_of(read_sites("plants.yaml", ROW))
    same = b"# a comment\n- {country: DE, code: HAM-1, zone: Europe/Berlin,\n   zip: '01067', since: 2026-01-01, open: true, doors: 3, hub: north}\n"
    assert digest_of(read_sites("plants.yaml", same)) == plain
    assert digest_of(read_sites("plants.yaml", ROW.replace(b"north", b"south"))) != plain


def test_a_large_table_is_read_in_reasonable_time():
    rows = b"".join(
        b"- {code: S%d, name: Store, zone: Europe/Paris, country: FR, warehouse: paris}\n" % n for n in range(5000)
    )
    assert len(read_sites("stores.yaml", rows)) == 5000


def test_a_file_too_large_is_refused():
    with pytest.raises(InvalidDocument) as refused:
        read_sites("stores.yaml", b"#" * 1_000_001)
    assert str(refused.value) == "stores.yaml: the file has 1,000,001 bytes. Write no more than 1,000,000."


@pytest.mark.parametrize("address", ["a@b.example", "o.k+tag@sub-domain.example.org"])
def test_addresses(address: str):
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@b", "a@b.example\n", "a@b.example, c@d.example", "A <a@b.example>", "a b@c.example", "a@@b.example"],
)
def test_what_is_no_address(address: str):
    assert not is_address(address)


def test_a_rota_may_be_spread_over_files():
    rota = read_rota(
        {
            "rota/a.yaml": b"people:\n  petra: {name: Petra, email: petra@vigie.example}\nplatform_channel: platform\n",
            "rota/b.yaml": b"policies:\n  duty:\n    steps:\n      - {page: [petra], delay: 90 s}\n    repeat: 2\n",
        }
    )
    assert rota.people["petra"].language == "en"
    assert rota.policies["duty"].steps[0].delay.total_seconds() == 90
    assert rota.policies["duty"].repeat == 2


def test_what_stands_in_two_files_is_told():
    file = b"people:\n  petra: {name: Petra, email: petra@vigie.example}\nplatform_channel: platform\n"
    with pytest.raises(InvalidDocument) as refused:
        read_rota({"rota/a.yaml": file, "rota/b.yaml": file})
    assert str(refused.value) == (
        "rota/b.yaml:2: 'petra' stands in two files of the rota. Keep one.\n"
        "rota/b.yaml:3: 'platform_channel' stands in two files of the rota. Keep one."
    )


@examples(200)
@given(st.text("abc:-{}[]\n ,peoplsitnamcdyzh0123", max_size=200).map(str.encode) | st.binary(max_size=200))
def test_any_bytes_give_a_table_or_problems(data: bytes):
    for read in (
        lambda: read_sites("s.yaml", data),
        lambda: read_client("c.yaml", "acme", data),
        lambda: read_rota({"r.yaml": data}),
    ):
        try:
            read()
        except InvalidDocument as invalid:
            assert invalid.problems  # noqa: PT017


@examples(200)
@given(
    st.recursive(
        st.text("ab: \n", max_size=4) | st.integers(-5, 5) | st.booleans(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "people",
                        "policies",
                        "steps",
                        "page",
                        "delay",
                        "name",
                        "email",
                        "contacts",
                        "zone",
                        "languages",
                        "code",
                        "x",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_shape_gives_a_table_or_problems(value: object):
    data = repr(value).replace("True", "true").replace("False", "false").encode()
    test_any_bytes_give_a_table_or_problems.hypothesis.inner_test(data)


def test_the_monitors_of_a_client_are_read_in_any_form():
    written = b"""name: Acme\nzone: UTC\nlanguages: [en]\nslack_channel: acme\npolicy: duty
monitors:
  - {sender: nagios@acme.example}
  - {sender: '@mx.acme.example', header: X-Monitor}
  - {header: 'X-Job-Server: prod'}
  - header: {X-Job-Server: test}
"""
    found = read_client("client.yaml", "acme", written).monitors
    assert [(each.sender, each.header) for each in found] == [
        ("nagios@acme.example", None),
        ("@mx.acme.example", "X-Monitor"),
        (None, "X-Job-Server: prod"),
        (None, "X-Job-Server: test"),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (b"- {code: B, zone: Europe/Pariss, country: FR}", "zone: 'Europe/Pariss' is not a time zone. "),
        (b"- {code: B, zone: Europe/Paris, country: FR, hub: }", "'hub' has no value. "),
        (b"- {code: B, zone: Europe/Paris, country: FR, hub: ''}", "hub: write 1 to 200 characters."),
        (b"- {code: B, zone: Europe/Paris, country: FR, hub: [a, b]}", "hub: write one text here, not a list."),
        (b"- {code: B, zone: Europe/Paris, country: }", "'country' has no value. "),
        (b"- {zone: Europe/Paris, country: FR}", "'code' is missing. "),
        (b"- {code: A, zone: Europe/Paris, country: FR}", "the code 'A' stands twice. "),
        (b"- {code: B, code: B, zone: Europe/Paris, country: FR}", "'code' stands twice (first on line 2). "),
        (b"- B", "a row is a list of fields. "),
        (
            b"- {code: a, zone: Europe/Paris, country: FR}",
            "the codes 'A' and 'a' differ in case only. Nobody tells their files apart; each site has a code of its own.",
        ),
        *(
            (
                b"- {code: B, zone: Europe/Paris, country: FR, hub: %s}" % hub,
                "hub: a blank at its end, or a character that nobody can see, stands in it. Write it anew.",
            )
            for hub in (b"'a '", b'"a\\tb"', b'"a\\u202eb"', "'\u200ba'".encode(), "'a\u00a0'".encode())
        ),
    ],
)
def test_a_wrong_row_takes_no_other_away(row: bytes, said: str):
    data = b"- {code: A, zone: Europe/Paris, country: FR, hub: north}\n%s\n- {code: C, zone: UTC, country: FR}\n" % row
    table = read_site_table("stores.yaml", data)
    assert [site.code for site in table] == ["A", "C"]
    assert (table.lines["A"], table.lines["C"]) == (1, 3)
    assert [str(problem).startswith(f"stores.yaml:2: {said}") for problem in table.problems] == [True], table.problems
    with pytest.raises(InvalidDocument) as refused:
        read_sites("stores.yaml", data)
    assert refused.value.problems == table.problems


@pytest.mark.parametrize("data", [b"- {code: A, zone: UTC, country: FR", b"[]", b"a: b", b"- A", b"\xff"])
def test_a_table_of_which_no_row_can_be_read_is_refused(data: bytes):
    with pytest.raises(InvalidDocument):
        read_site_table("stores.yaml", data)
