"""No secret stays in a text, however it is spelt; what is no secret stays readable."""

from __future__ import annotations

import base64
import codecs
import json
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.redaction import MOST, Redactor
from tests.harness.kinetica_client import BASIC, LOGIN, PASSWORD, TOKEN


def all_in_json(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def some_in_json(text: str) -> str:
    """As PHP writes JSON: slashes escaped, letters outside of ASCII too."""
    return json.dumps(text)[1:-1].replace("/", "\\/").replace("-", "\\u002D")


def in_base64(before: bytes, after: bytes) -> Callable[[str], str]:
    return lambda text: base64.b64encode(before + text.encode() + after).decode()


ENCODINGS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[1:-1],
    "JSON, all escaped": all_in_json,
    "JSON, some escaped": some_in_json,
    "percent": lambda text: quote(text, safe=""),
    "percent, all": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "percent, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form": quote_plus,
    "HTML": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "repr": lambda text: repr(text.encode())[2:-1],
    "base64": in_base64(b"", b""),
    "base64 without padding": lambda text: in_base64(b"", b"")(text).rstrip("="),
    "base64, URL-safe": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "Basic": in_base64(b"night_operator:", b""),
    "base64, inside": in_base64(b"ab", b"cd"),
    "base64 in JSON": lambda text: in_base64(b"x", b"")(text).replace("/", "\\/"),
    "hex": lambda text: text.encode().hex(),
    "UTF-16, read as UTF-8": lambda text: text.encode("utf-16-le").decode("utf-8", "replace"),
    "UTF-8, read as Latin-1": lambda text: text.encode().decode("latin-1"),
}
ascii_secrets = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=6, max_size=40)
secrets = ascii_secrets | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=6, max_size=20)
around = st.sampled_from(["", " ", "x", "abc1", '"', "'", "/", "%", "\\", ":", "é", "user:"])


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(st.data())
def test_a_secret_stays_in_no_encoding(encoding: str, data: st.DataObject) -> None:
    """Whatever the password or token, whatever stands around it: neither it nor the way it is spelt is left."""
    secret = data.draw(ascii_secrets if encoding.startswith("UTF") else secrets)
    assume(secret not in "Request: ")
    spelt = ENCODINGS[encoding](secret)
    before, after = data.draw(around), data.draw(around)
    login = Login("night_operator", **{data.draw(st.sampled_from(["password", "token"])): Secret(secret)})
    text = Redactor(login)(f"Request: {before}{spelt}{after} refused")
    assert spelt not in text
    assert secret not in text
    assert text.startswith("Request: ")


@given(st.text(max_size=300), secrets)
def test_any_text_is_taken(text: str, secret: str) -> None:
    """Redaction raises nothing, leaves no secret, and taking a text twice changes nothing about that."""
    redact = Redactor(Login("u", Secret(secret)))
    assert secret not in redact(text + secret)
    assert secret not in redact(redact(text + secret + text))


@pytest.mark.parametrize("codec", ["utf-8", "latin-1", "utf-16-le", "cp1252"])
def test_a_password_that_is_no_ascii_is_found_in_other_charsets(codec: str) -> None:
    """A server may read our bytes by another charset than ours, or write its own."""
    redact = Redactor(Login("u", Secret("pässwörd-ß")))
    seen = codecs.decode("pässwörd-ß".encode(), codec, "replace") if codec != "utf-16-le" else "pässwörd-ß"
    assert redact(f"for {seen}!") == "for …!"
    if codec != "utf-16-le":
        assert "%E4ssw" not in redact(quote("pässwörd-ß".encode("latin-1")))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"illegal header line: bytearray(b'Basic {BASIC}')", "illegal header line: bytearray(b'Basic …')"),
        (
            f"illegal status line: bytearray(b'HTTP/9.1 {PASSWORD}')",
            "illegal status line: bytearray(b'HTTP/9.1 …')",
        ),
        (f"password {PASSWORD}, again {PASSWORD}{PASSWORD}", "password …, again ……"),
        ("The login night_operator:corr3ct-horse failed", "The login night_operator:… failed"),
    ],
)
def test_what_is_left_can_be_read(text: str, shown: str) -> None:
    """Only the secret is hidden, not the sentence around it."""
    assert Redactor(LOGIN)(text) == shown


@pytest.mark.parametrize(
    ("password", "text", "shown"),
    [
        ("ab", "ab table: login night_operator:ab failed", "ab table: login … failed"),
        ("ab", f"Basic {base64.b64encode(b'night_operator:ab').decode()}", "Basic …"),
        ("zebu", "zebu is wrong, zebus are not", "… is wrong, zebus are not"),
        ("demo_user", "user demo_user", "user …"),
        ("night_operator", "user night_operator", "user night_operator"),
    ],
)
def test_a_short_password_leaves_no_telling_holes(password: str, text: str, shown: str) -> None:
    """Below six characters it is hidden as a word of its own, below four beside the user's name; and a password that is
    the user's name, which stands everywhere, in the header only."""
    assert Redactor(Login("night_operator", Secret(password)))(text) == shown


OTHERS = {
    "https://ann:pa55@host/x": "https://…@host/x",
    "s3://AKIA:a/b+c@bucket/x": "s3://…@bucket/x",
    "https://host:9191/a@b": "https://host:9191/a@b",
    "https://b/x?X-Amz-Credential=AK&X-Amz-Signature=ab12&y=1": (
        "https://b/x?X-Amz-Credential=…&X-Amz-Signature=…&y=1"
    ),
    "https://a.net/c?sv=2022&sig=ab%2Fc%3D&se=1": "https://a.net/c?sv=2022&sig=…&se=1",
    "SharedAccessSignature sr=x&sig=y done": "SharedAccessSignature … done",
    "AccountName=a;AccountKey=abc/d+e==;Endpoint=z": "AccountName=a;AccountKey=…;Endpoint=z",
    "id AKIAIOSFODNN7EXAMPLE unknown": "id … unknown",
    "aws_secret_access_key = wJalr/XUtn": "aws_secret_access_key = …",
    "password: hunter2, user: ann": "password: …, user: ann",
    "db_password=hunter2;x": "db_password=…;x",
    '{"password": "a\\"b", "user": "ann"}': '{"password": "…", "user": "ann"}',
    '{\\"api_key\\":\\"abc\\",\\"n\\":1}': '{\\"api_key\\":\\"…\\",\\"n\\":1}',
    "CREATE USER u IDENTIFIED BY 'it''s' x": "CREATE USER u IDENTIFIED BY '…' x",
    "WITH OPTIONS (SECRET = 'abc')": "WITH OPTIONS (SECRET = '…')",
    "Authorization: Basic abc\nnext": "Authorization: …\nnext",
    "Set-Cookie: JSESSIONID=ab; Path=/": "Set-Cookie: …",
    "sent Bearer abc.def-123 to": "sent Bearer … to",
    "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- x": "… x",
    "The password is hunter2 here": "The password is … here",
}
PLAIN = (
    "Parameter map key: 'restore_all' is not a valid parameter (U/PUh:348)",
    "token: expired",
    "The session token has expired",
    "Invalid password: must not be empty",
    "Basic authentication required",
    "primary key=sales.id in table retail.tokens",
    "column passed: 3 of 4",
    "Table 'sales.secret' does not exist",
    "Restore of sales.orders failed: 12:30:00 10.0.0.7:9191",
)


@pytest.mark.parametrize("text", OTHERS)
def test_the_secrets_of_others_are_hidden(text: str) -> None:
    """A backup's location, a statement or a configuration in a message may have them."""
    assert Redactor(Login())(text) == OTHERS[text]


@pytest.mark.parametrize("text", PLAIN)
def test_words_about_secrets_are_none(text: str) -> None:
    """What only speaks of a password, a token or a key stays as it is: it is what helps."""
    assert Redactor(LOGIN)(text) == text


def test_names_stay_as_they_are() -> None:
    """A table may be called what the password is: a name with a hole in it would be another table. Not so in words, nor
    for the token, which is no name."""
    redact = Redactor(Login("u", Secret("orders"), Secret(TOKEN)))
    assert redact.data(
        {
            "restored_objects": {"table": "sales.orders"},
            "failed_objects": {"sales.orders": "the password orders is wrong", "x": TOKEN},
            "info": {"pw": "orders", "password": "hunter2", "token": "expired"},
            "message": "for orders",
            "job_response_str": '{"info": {"x": "orders"}}',
            "number": 7,
        }
    ) == {
        "restored_objects": {"table": "sales.orders"},
        "failed_objects": {"sales.orders": "the password … is wrong", "x": "…"},
        "info": {"pw": "…", "password": "…", "token": "expired"},
        "message": "for …",
        "job_response_str": '{"info": {"x": "orders"}}',
        "number": 7,
    }


@pytest.mark.parametrize("at", [0, MOST // 2 - 5, MOST // 2, MOST, 3 * MOST // 2 - 4, 2 * MOST - 20])
def test_a_very_long_text_is_cut_without_half_a_secret(at: int) -> None:
    """Both its ends are kept; no part of a secret that stood at a cut is left."""
    text = " " * at + PASSWORD + " " * (2 * MOST - at)
    shown = Redactor(LOGIN)(f"begin{text}end")
    assert shown.startswith("begin")
    assert shown.endswith("end")
    assert set(shown[5:-3]) <= {" ", "…"}
