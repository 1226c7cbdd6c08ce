"""The base URL: what is accepted, what is refused, and that a secret in it is not repeated."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.errors import InvalidUrl


@pytest.mark.parametrize(
    ("written", "url", "clear"),
    [
        ("http://host:9191", "http://host:9191", True),
        ("  https://host:8082/gpudb-0/ ", "https://host:8082/gpudb-0", False),
        ("HTTPS://Host/cluster/gpudb-0", "https://host/cluster/gpudb-0", False),
        ("http://127.0.0.1:9191//", "http://127.0.0.1:9191", False),
        ("http://localhost", "http://localhost", False),
        ("http://[::1]:9191", "http://[::1]:9191", False),
        ("http://[2001:db8::1]:9191", "http://[2001:db8::1]:9191", True),
        ("http://my_host:9191", "http://my_host:9191", True),
    ],
)
def test_urls_that_can_be_used(written: str, url: str, clear: bool) -> None:
    """A URL keeps its path, loses its trailing slash, and tells whether a password would go in the clear."""
    address = ServerAddress.parse(written)
    assert (address.url, address.in_the_clear) == (url, clear)
    assert address.endpoint("/show/backup") == url + "/show/backup"


@pytest.mark.parametrize(
    "written",
    [
        "http://admin:s3cret@host:9191",
        "https://s3cret@host",
        "admin:s3cret@host:9191",
        "s3cret@http://host",
        "http://admin:1/s3cret@host",
        "http://admin:s3/cret@host",
        "http://admin:s3?cret@host",
        "ftp://admin:s3cret@host",
        "http://admin:s3cret\\@host",
    ],
)
def test_a_url_with_a_password_is_refused_and_not_repeated(written: str) -> None:
    """Whatever shape a URL with user:password@ has, it is refused, and no part of it is quoted."""
    with pytest.raises(InvalidUrl) as caught:
        ServerAddress.parse(written)
    said = " ".join([str(caught.value), *map(str, vars(caught.value).values())])
    assert not [part for part in ("s3", "cret", "admin") if part in said]


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("", "http://"),
        ("host:9191", "http://host:9191"),
        ("ftp://host", "scheme"),
        ("http://", "host"),
        ("http:///path", "host"),
        ("http://host:port", "port"),
        ("http://host:99999", "port"),
        ("http://[::1", "host"),
        ("http://host?x=1", "? or #"),
        ("http://host/#", "? or #"),
        ("http://ho st", "space"),
        ("http://host\x1b]0;x", "control"),
        ("http://a..b", "host"),
        ("http://" + "a" * 64, "host"),
    ],
)
def test_other_urls_are_refused_with_a_hint(written: str, hint: str) -> None:
    """A URL that cannot be used says why, or what to write."""
    with pytest.raises(InvalidUrl) as caught:
        ServerAddress.parse(written)
    said = f"{caught.value.what} {caught.value.hint}"
    assert hint in said
    assert said.isprintable()


PIECES = st.sampled_from(
    ["http://", "https://", "HTTP://", "host", "xn--", "xn--a", "xn--mller-kva", "müller", "ﬀ", "١", "１", "。", "..",
     ".", "[", "]", "::1", "%25lo", "%", ":", "9191", "65536", "0", "00", "1.2.3.999", "127.0.0.1", "/", "/gpudb-0",
     "a" * 64, "b." * 130, "_", "-", "ß", "ς", "\u200d", "\ud800", "\x00", "\x1b", "\t", "é" * 70, "🙂", "%zz", "~",
     "*", "/..", "/./", "//", " ", "'", '"', "<", "\\"]
)  # fmt: skip


@given(
    st.one_of(
        st.text(),
        st.lists(PIECES, max_size=6).map("".join),
        st.lists(PIECES).map(lambda p: "http://" + "".join(p)),
    )
)
@settings(max_examples=500)
def test_what_is_accepted_can_be_sent_and_looked_up(written: str) -> None:
    """Whatever is typed: it is refused in words, or httpx and the resolver can work with it."""
    try:
        address = ServerAddress.parse(written)
    except InvalidUrl:
        return
    request = httpx.Request("POST", address.endpoint("/show/backup"))
    assert request.url.path.endswith("/show/backup")
    assert request.url.host
    assert request.url.raw_host.decode("ascii").encode("idna")
    assert httpx.Request("POST", request.url).headers["host"]


@pytest.mark.parametrize(
    "written",
    ["http://xn--a", "http://xn--a.de:9191", "http://host:9１91", "http://host:0", "http://host:99999",
     "http://1.2.3.999", "http://a..b", "http://" + "a" * 64, "http://[::1", "http://[fe80::1%é]", "http://ho\\st",
     "http://h" + "/x" * 2000],
)  # fmt: skip
def test_a_host_or_port_that_cannot_be_used_is_refused(written: str) -> None:
    """In words, before anything is sent."""
    with pytest.raises(InvalidUrl, match=r"host|port|long"):
        ServerAddress.parse(written)


def test_an_international_name_can_be_used() -> None:
    """As it is written, and as it is looked up."""
    assert ServerAddress.parse("http://müller.de:9191").url == "http://müller.de:9191"
    assert ServerAddress.parse("http://xn--mller-kva.de").host == "xn--mller-kva.de"
