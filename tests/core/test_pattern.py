from __future__ import annotations

import time

import pytest

from vigie.core.pattern import (
    Found,
    Place,
    check_pattern,
    constant,
    find,
    group_names,
    matches_anything,
    places,
    search,
    without,
)


def test_the_named_groups_that_took_part():
    assert search(r"\[KO\] (?P<job>\w+)(?: on (?P<host>\w+))?", "x [KO] EOD_POS") == {"job": "EOD_POS"}
    assert search(r"\[KO\]", "[KO]") == {}
    assert search(r"\[KO\]", "OK") is None


def test_case_is_ignored_unless_the_author_says_otherwise():
    assert search("ko", "KO") == {}
    assert search("ko", "KO", ignore_case=False) is None
    assert search("É", "é") == {}


def test_offsets_are_of_characters_and_not_of_bytes():
    assert search(r"(?P<site>[\pL]+) KO", "倉庫 été KO") == {"site": "été"}


def test_words_are_ascii_in_re2():
    """What authors have to know: ``\\w`` and ``\\b`` end at an accent; ``[\\pL\\pN_]`` does not."""
    assert search(r"(?P<job>\w+)", "été") == {"job": "t"}
    assert search(r"(?P<job>[\pL\pN_]+)", "été") == {"job": "été"}


def test_a_nul_and_a_newline_are_characters():
    assert search(r"a(?s:.)b", "a\x00b") == {}
    assert search(r"a(?s:.)b", "a\nb") == {}
    assert search(r"a.b", "a\nb") is None


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("(a+)+$", "a" * 100_000 + "!"), ("(a|a)*b", "a" * 100_000), ("(.*)(.*)(.*)(.*)x", "y" * 100_000)],
)
def test_time_grows_with_the_text_alone(pattern: str, text: str):
    """Python's own ``re`` would need longer than the age of the world for the first."""
    before = time.process_time()
    assert search(pattern, text) is None
    assert time.process_time() - before < 1


AROUND = "; nothing looks ahead or behind: match what stands there too, and take your part in a group, (?P<name>…)"
AGAIN = "; a group cannot be asked for again within its pattern: write out what it may be"
SMALLER = "; repetitions within repetitions multiply: write smaller numbers, or + and *"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a", "missing ): (a"),
        ("(?=x)", f"invalid perl operator: (?={AROUND}"),
        ("x(?!y)", f"invalid perl operator: (?!{AROUND}"),
        ("(?<!BANG)KO", f"invalid perl operator: (?<!{AROUND}"),
        (r"(a)\1", rf"invalid escape sequence: \1{AGAIN}"),
        ("(?P<a>x)(?P=a)", f"invalid perl operator: (?P{AGAIN}"),
        ("a++", "bad repetition operator: ++; nothing is possessive, and need not be: time never explodes here"),
        ("(?>a)", "invalid perl operator: (?>; nothing is possessive, and need not be: time never explodes here"),
        ("a{1001}", f"invalid repetition size: {{1001}}{SMALLER}"),
        ("(a{1000}){1000}", f"invalid repetition size: {{1000}}{SMALLER}"),
        (r"(\pL{100}){9}", f"pattern too large - compile failed{SMALLER}"),
        ("[z-a]", "invalid character class range: z-a"),
        ("*", "no argument for repetition operator: *"),
    ],
)
def test_what_re2_refuses_is_said_in_a_sentence(pattern: str, reason: str):
    with pytest.raises(ValueError) as refused:
        check_pattern(pattern)
    assert str(refused.value) == f"the pattern '{pattern}' is not a regular expression of RE2: {reason}"


def test_a_pattern_that_would_eat_the_memory_is_refused_when_it_is_checked():
    for pattern in (r"(\pL{100}){9}", "((a{100}){100}){100}"):
        with pytest.raises(ValueError, match="is not a regular expression of RE2"):
            check_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        (
            "x" * 1_000_000,
            f"the pattern '{'x' * 100}…' has 1,000,000 characters, and at most 5,000 are read: write several watches",
        ),
        (
            ".{0,1000}X",
            (
                "the pattern '.{0,1000}X' takes 9,005 steps a character, and at most 5,000 are taken: write smaller numbers in its"
                " {…}, or + and *"
            ),
        ),
        ("\ud800", r"the pattern '\ud800' holds half a character (a lone surrogate)"),
        ("(" * 2_000, f"the pattern '{'(' * 100}…' is not a regular expression of RE2: missing ): {'(' * 89}…"),
    ],
    ids=["a megabyte", "slow", "half a character", "brackets"],
)
def test_a_pattern_that_is_too_much_is_refused_at_once(pattern: str, sentence: str):
    before = time.process_time()
    with pytest.raises(ValueError) as refused:
        check_pattern(pattern)
    assert str(refused.value) == sentence
    assert time.process_time() - before < 1


def test_a_good_pattern_comes_back():
    assert check_pattern(r"\[KO\] (?P<job>\w+)") == r"\[KO\] (?P<job>\w+)"


def test_the_names_of_groups():
    assert group_names(r"(?P<job>a)|(?P<host>b)|(c)") == {"job", "host"}
    assert group_names("a") == frozenset()


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("KO", "BANGKOK TOKYO KOBE BROOKLYN", None),
        ("KO", "[KO] x", "KO"),
        ("KO", "EOD_KO", "KO"),
        ("KO", "ÉKO", None),
        ("KO", "КОKO", None),
        ("KO", "状態KO発生", "KO"),
        ("job failed", "the job  failed.", "job  failed"),
        ("job failed", "jobfailed", None),
        ("échec", "L'échec de", "échec"),
        ("K.O", "BANGKZOK", "KZO"),  # no plain word: the author's own pattern, as it is
        ("ORA-", "xORA-1", "ORA-"),
    ],
)
def test_words_alone_are_looked_for_as_whole_words(pattern: str, text: str, found: str | None):
    there = find(pattern, text)
    assert (there.text if there else None) == found


def test_what_matches_an_empty_text_matches_anything():
    assert [matches_anything(each) for each in (".*", "", "a|", "(a)?", "a", "KO", "^$")] == [
        True,
        True,
        True,
        True,
        False,
        False,
        True,
    ]


def test_what_is_found_in_any_script_is_text():
    assert find(r"\[KO\] (?P<shop>\pL+)", "[KO] 東京店 é") == Found("[KO] 東京店", {"shop": "東京店"})
    assert find("é", "là: é!") == Found("é", {})
    assert find("KO", "half a character \ud800, KO") == Found("KO", {})


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("KO", "KO"),
        ("job failed", "job failed"),
        (r"\[KO\]", "[KO]"),
        (r"\bKO\b", "KO"),
        ("^KO$", "KO"),
        (r"(?i)job\s+KO\z", "job KO"),
        ("KO:", "KO:"),
        ("KO|FAILED", None),
        ("K.?O", None),
        (r"\d", None),
        ("[KO]", None),
        (r"(?P<job>\w+)", None),
        ("", None),
    ],
)
def test_a_pattern_that_finds_one_text_only(pattern: str, text: str | None):
    assert constant(pattern) == text


@pytest.mark.parametrize(
    ("pattern", "text", "left"),
    [
        ("KO", "KO BANGKOK [KO] x KO", "  BANGKOK [ ] x  "),
        (r"\[KO\]", "[KO] été [KO]", "  été  "),
        ("障害", "【障害】東京", "【 】東京"),
        ("KO", "nothing", "nothing"),
        (r"\b", "a b", "a b"),
    ],
)
def test_a_text_without_what_a_pattern_finds(pattern: str, text: str, left: str):
    assert without(pattern, text) == left


def test_every_place_of_a_plain_pattern():
    assert list(places("OK", "NOT OK ok é")) == [Place("OK", "NOT ", " ok é"), Place("ok", "NOT OK ", " é")]
    assert list(places("OK", "x" * 900 + " OK")) == [Place("OK", "x" * 159 + " ", "")]


@pytest.mark.parametrize("text", ["エラー10件", "12エラー", "状態エラー発生"])
def test_a_word_of_a_script_without_spaces_is_found_in_any_company(text: str):
    assert search("エラー", text) == {}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("KO", "［ＫＯ］ EOD"), ("ＫＯ", "[KO] EOD"), ("échec", "e\u0301chec"), ("e\u0301chec", "échec"), ("job failed", "job\u00a0failed"), ("ｴﾗｰ", "エラー発生"), ("エラー", "ｴﾗｰ"),
        ("l'interface", "l’interface"), ("fin", "ﬁn"), ("KO", "K\u00adO"), ("KO", "K\u200bO"), ("12", "１２"), ("障害", "障\u2060害"),
    ],
)  # fmt: skip
def test_plain_words_are_found_in_full_width_and_in_any_form_of_unicode(pattern: str, text: str):
    assert find(pattern, text) is not None


def test_a_regular_expression_is_asked_of_what_stands_there():
    assert find(r"\[KO\]", "［ＫＯ］") is None
    assert find(r"\[é", "[é") is not None
    assert find("[e\u0301]chec$", "échec") is not None  # composed, as texts are
