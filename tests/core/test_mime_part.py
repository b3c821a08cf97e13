"""A part that finds its headers by name says what the standard library says, whatever was changed in between."""

from __future__ import annotations

from email.message import Message
from email.policy import compat32

from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.mime_part import Part
from vigie.core.mime_reading import read

NAMES = st.sampled_from(["Subject", "subject", "X-A", "x-a", "Content-Type", "CONTENT-TYPE", "To"])
VALUES = st.sampled_from(["a", "b", "text/html", "text/plain; charset=utf-8", "nonsense", "", "Écran"])
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("set_raw"), NAMES, VALUES),
        st.tuples(st.just("__setitem__"), NAMES, VALUES),
        st.tuples(st.just("__delitem__"), NAMES),
        st.tuples(st.just("replace_header"), NAMES, VALUES),
        st.tuples(st.just("set_default_type"), st.sampled_from(["message/rfc822", "text/plain"])),
    ),
    max_size=12,
)


@given(CHANGES)
@examples(200)
def test_a_part_answers_as_the_standard_library_does(changes: list[tuple[str, ...]]):
    part, plain = Part(compat32), Message(compat32)
    for name, *arguments in changes:
        outcomes = []
        for each in (part, plain):
            try:
                outcomes.append(getattr(each, name)(*arguments))
            except KeyError:
                outcomes.append("KeyError")
        assert outcomes[0] == outcomes[1]
        for asked in ("subject", "X-A", "content-type", "nobody"):
            assert str(part.get(asked, "none")) == str(plain.get(asked, "none"))
        assert part.get_content_type() == plain.get_content_type()


def test_all_parts_of_a_mail_are_such_parts():
    whole = b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: a\n\nx\n--b\nContent-Type: text/html\n\nx\n--b--\n"
    mime = read(whole).mime
    assert [type(each) for each in mime.walk()] == [Part] * 4
    assert [each.get_content_type() for each in mime.walk()] == [
        "multipart/digest",
        "message/rfc822",
        "text/plain",
        "text/html",
    ]
    assert type(read(b"Subject: a\n\nx").mime) is Part
