from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.business_calendar import WEEKDAYS, Calendar, Days, Period
from vigie.core.errors import InvalidDocument
from vigie.documents.calendars import digest_of, read_calendars
from vigie.documents.library import Library

Write = Callable[[str, str | bytes], Path]
PATH = "include/clients/nordwind/calendar.yaml"

WHOLE = """\
plants:
  works: [tue, mon]
  holidays: [DE-BY, NO]
  places: {HAM-1: DE-HH}
  periods:
    - {from: 2026-07-01, to: 2026-08-31, works: every day}
  closed:
    - {on: 2026-12-24, reason: "Heiligabend"}
    - {from: 2026-08-01, to: 2026-08-15, reason: Works, countries: [DE], sites: [HAM-1]}
  open:
    - {on: 2026-10-03, reason: Harvest}
depots:
  works: country
"""


def test_every_field_is_read():
    found = read_calendars(PATH, WHOLE.encode(), "fr")
    assert list(found) == ["plants", "depots"]
    eve, harvest = date(2026, 12, 24), date(2026, 10, 3)
    assert found["plants"] == Calendar(
        name="plants",
        language="fr",
        works=("mon", "tue"),
        holidays=("DE-BY", "NO"),
        places={"HAM-1": "DE-HH"},
        periods=(Period(first=date(2026, 7, 1), last=date(2026, 8, 31), works=WEEKDAYS),),
        closed=(
            Days(first=eve, last=eve, reason="Heiligabend"),
            Days(first=date(2026, 8, 1), last=date(2026, 8, 15), reason="Works", countries=("DE",), sites=("HAM-1",)),
        ),
        open=(Days(first=harvest, last=harvest, reason="Harvest"),),
    )
    assert found["depots"] == Calendar(name="depots", language="fr", works="country", holidays="country")


def test_a_digest_changes_with_what_a_calendar_says():
    one = list(read_calendars(PATH, WHOLE.encode(), "fr").values())
    assert digest_of(one) == digest_of(list(read_calendars(PATH, f"# note\n{WHOLE}".encode(), "fr").values()))
    assert digest_of(one) != digest_of(
        list(read_calendars(PATH, WHOLE.replace("12-24", "12-23").encode(), "fr").values())
    )
    assert digest_of(one) != digest_of(one[:1])


def test_a_calendar_is_no_table_of_sites(site: Library, write: Write):
    write(PATH, WHOLE)
    assert site.tables("nordwind") == ["plants"]
    with pytest.raises(InvalidDocument):
        site.sites("nordwind", "calendar")


@examples(200)
@given(
    st.dictionaries(
        st.sampled_from(["plants", "X", "every_day"]),
        st.recursive(
            st.sampled_from(["every day", "country", "mon", "FR", "2026-01-01", "none", ""]) | st.integers(-1, 3),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                st.sampled_from(["works", "holidays", "places", "periods", "closed", "open", "on", "from", "to", "reason",
                                 "countries", "sites"]), inner, max_size=5),
            max_leaves=14,
        ),
    )
)  # fmt: skip
def test_any_shape_gives_calendars_or_problems(value: object):
    data = repr(value).replace("'2026-01-01'", "2026-01-01").encode()
    try:
        assert read_calendars(PATH, data, "en")
    except InvalidDocument as invalid:
        assert invalid.problems  # noqa: PT017
