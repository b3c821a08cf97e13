from __future__ import annotations

import pytest

from vigie.cli.pip_settings import translate

ALWAYS = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}


@pytest.mark.parametrize(
    ("listed", "variables", "flags"),
    [
        ("", {}, []),
        (
            "global.index-url='https://u:p@mirror.example/simple'",
            {"UV_INDEX_URL": "https://u:p@mirror.example/simple"},
            [],
        ),
        # several values stand on one line or on several
        ("global.extra-index-url='file:///a file:///b'", {"UV_EXTRA_INDEX_URL": "file:///a file:///b"}, []),
        ("global.trusted-host='\\none.example\\ntwo.example'", {"UV_INSECURE_HOST": "one.example two.example"}, []),
        (":env:.find-links='/opt/wheels'", {}, ["--find-links", "/opt/wheels"]),
        (":env:.no-index='1'", {}, ["--no-index"]),
        (":env:.no-index='0'", {}, []),
        # the environment wins over `pip install`'s own section, and that over the global one
        ("global.index-url='a'\ninstall.index-url='b'", {"UV_INDEX_URL": "b"}, []),
        (":env:.index-url='c'\nglobal.index-url='a'\ninstall.index-url='b'", {"UV_INDEX_URL": "c"}, []),
        ("global.cert='/ca.crt'\nglobal.timeout='60'", {"SSL_CERT_FILE": "/ca.crt", "UV_HTTP_TIMEOUT": "60"}, []),
        ("global.timeout='1.5'", {}, []),  # uv takes whole seconds only
        ("freeze.timeout='10'\nglobal.no-cache-dir='true'", {}, []),  # not about installing, or without a twin in uv
    ],
)
def test_pips_settings_in_the_words_of_uv(listed: str, variables: dict[str, str], flags: list[str]) -> None:
    assert translate(listed, {}) == (ALWAYS | variables, flags)


def test_what_is_set_for_uv_itself_stays() -> None:
    variables, _ = translate("global.index-url='a'", {"UV_INDEX_URL": "mine"})
    assert variables == ALWAYS
