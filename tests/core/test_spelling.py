from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.files import DUE, HOUR, Looks, store, watch

from vigie.core.site import Site
from vigie.core.spelling import spelling
from vigie.core.stranger import Stranger, Strangers

FORMS = ["NFC", "NFD"]
ZURICH = Site(code="ZH-1", name="Zürich", zone="Asia/Tokyo", country="JP", attributes={"town": "Zürich Ｈ"})


@pytest.mark.parametrize("sent", FORMS)
@pytest.mark.parametrize("written", FORMS)
@pytest.mark.parametrize("star", ["", "*"])
def test_a_name_is_the_same_in_every_form_of_unicode(written: str, sent: str, star: str):
    rule = watch(path=unicodedata.normalize(written, f"out/Été{star}_{{site.town}}_{{business_date:%Y%m%d}}.csv"))
    looks = Looks(rule, [ZURICH])
    files = {unicodedata.normalize(sent, "out/Été_Zürich Ｈ_20261123.csv"): (9, DUE - HOUR)}
    looks.look(DUE - HOUR, files)
    looks.look(DUE, files)
    assert looks.status() == {"ZH-1": "on_time"}


@pytest.mark.parametrize("sent", FORMS)
def test_a_stranger_is_known_in_every_form(sent: str):
    rule = watch(path=unicodedata.normalize("NFC", "out/Été_{site.town}_{business_date:%Y%m%d}.csv"))
    path = unicodedata.normalize(sent, "out/Été_Zürich Ｈ_20261223.csv")
    assert Strangers(rule, [ZURICH]).stranger(path, DUE) == Stranger(path, "its date 2026-12-23 is too far ahead")


@given(st.text())
def test_every_form_has_one_spelling(name: str):
    for ignore_case in (False, True):
        known = spelling(name, ignore_case=ignore_case)
        assert {spelling(unicodedata.normalize(form, name), ignore_case=ignore_case) for form in FORMS} == {known}
        assert spelling(known, ignore_case=ignore_case) == known


@pytest.mark.parametrize("name", ["repl_s-1_20261123.csv", "REPL_S-1_20261123.CSV", "Repl_s-1_20261123.csv"])
@pytest.mark.parametrize("star", ["", "*"])
def test_another_case_is_the_same_name_where_the_author_says_so(name: str, star: str):
    for ignore_case, status in ((True, "on_time"), (False, "pending")):
        rule = watch(path=f"out/REPL{star}_{{site.code}}_{{business_date:%Y%m%d}}.csv", ignore_case=ignore_case)
        looks = Looks(rule, [store(1)])
        files = {f"out/{name}": (9, DUE - HOUR)}
        looks.look(DUE - HOUR, files)
        looks.look(DUE, files)
        assert looks.status() == {"S-1": status}


def test_a_stranger_in_another_case_is_read_where_the_author_says_so():
    path = "out/repl_s-1_01jan2027.csv"
    for ignore_case, told in ((True, Stranger(path, "its date 2027-01-01 is too far ahead")), (False, None)):
        rule = watch(path="out/REPL_{site.code}_{business_date:%d%b%Y}.csv", ignore_case=ignore_case)
        assert Strangers(rule, [store(1)]).stranger(path, DUE) == told
    rule = watch(path="out/REPL_{site.code}_{business_date:%d%b%Y}.csv", ignore_case=True)
    assert Strangers(rule, [store(1)]).stranger("out/repl_s-1_23nov2026.csv", DUE) is None


def test_two_forms_of_one_name_in_one_folder_are_both_the_sites():
    looks = Looks(watch(path="out/É_{business_date:%Y%m%d}.csv", sites=""), [store(0).model_copy(update={"code": "a"})])
    files = {
        unicodedata.normalize(form, "out/É_20261123.csv"): (size, DUE - HOUR) for form, size in (("NFC", 0), ("NFD", 9))
    }
    looks.look(DUE - HOUR, files)
    looks.look(DUE, files)
    assert looks.status() == {"a": "on_time"}
