"""Takes secrets out of text that came from outside, in whatever spelling it has them.

A server, a proxy or a library may quote the request, login and all. Two kinds of secrets are replaced by an ellipsis:
our own login, which is known and therefore found in any encoding; and other people's, which are recognized by what
stands around them, such as ``password=`` or the signature in the query of a URL.
"""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from array import array
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

from restore_tui.kinetica.connection.credentials import Login
from restore_tui.kinetica.responses.lenient import to_plain_key

HIDDEN = "…"
FROM_ANYWHERE = 6
"""Characters from which on a secret is hidden wherever it occurs."""
FROM_A_WORD = 4
"""Characters from which on it is hidden where it stands as a word of its own. A shorter one is hidden beside the user's
name and in the login's header only: holes in every word would say what it is, and hide the message."""
MOST = 400_000
"""Characters of a text that are searched; of a longer one both ends are kept."""
_ROUNDS = 3
"""How often a text may be encoded over and over."""

_HOLDS_NAMES = frozenset(
    [
        "allid",
        "backupcontents",
        "backupid",
        "backupids",
        "backupname",
        "backupnames",
        "credentialnames",
        "databasename",
        "datasinknames",
        "datasourcename",
        "datasourcenames",
        "deletedbackupids",
        "endpoint",
        "endpointname",
        "failedobjects",
        "jobid",
        "jobids",
        "objects",
        "permissions",
        "renamedobjects",
        "restoredobjects",
        "schemanames",
        "schematables",
        "snapshotid",
        "types",
        "username",
    ]
)
"""Fields that hold names or ids, without case and separators. A name may well be spelt like a password."""
_HOLDS_JSON = frozenset(("jobresponsestr", "jsonencodedresponse", "datastr"))
"""Fields of a response whose text is decoded first, and redacted then."""
_NO_NAME = re.compile(r"\s|://|=")

_ESCAPE = re.compile(
    rb"\\+u(?P<high>d[89ab][0-9a-f]{2})\\+u(?P<low>d[c-f][0-9a-f]{2})"
    rb"|\\+u(?P<unit>[0-9a-f]{4})"
    rb"|\\+x(?P<byte>[0-9a-f]{2})"
    rb"|\\+(?P<octal>[0-3][0-7]{2})"
    rb"|%(?:25)*(?P<percent>[0-9a-f]{2})"
    rb"|(?P<entity>&(?:\#x?[0-9a-f]{1,7}|amp|lt|gt|quot|apos);)"
    rb"|[\\\0]+",
    re.IGNORECASE,
)
_ALIKE = bytes.maketrans(b"\n\r\t\b\f+", b"nrtbf ")
"""After a dropped backslash the letters stand for these characters; in a form a plus stands for a space."""
_BASE64 = re.compile(r"[A-Za-z0-9+/=_%\\\0-]")


class Redactor:
    """Hides the secrets of a login, ``more`` secrets such as session ids, and what looks like a secret of others."""

    def __init__(self, login: Login, more: Iterable[str] = ()) -> None:
        password, token = login.password.reveal(), login.token.reveal()
        header = (login.header() or "").partition(" ")[2]
        self._needles: set[bytes] = set()
        self._encoded: set[bytes] = set()
        self._words: list[str] = []
        self._no_names: set[bytes] = set()
        """Needles that no name can be: the token and what the header says."""
        for secret in filter(None, (token, header, *more)):
            self._add(secret)
        self._no_names |= self._needles | self._encoded
        if password != login.user:  # what is the user's name, too, stands on every screen
            self._add(password)
        if 0 < len(password) < FROM_ANYWHERE:
            self._needles |= _spellings(f"{login.user}:{password}")
            self._encoded |= _in_base64(f"{login.user}:{password}")
        self._shortest = min(map(len, self._no_names), default=0)
        self._margin = 12 * max(map(len, (*self._needles, *self._encoded)), default=0) + 64

    def __call__(self, text: str) -> str:
        """Return words of any length, such as a message, without secrets."""
        if len(text) > MOST:
            half = MOST // 2
            head, tail = (
                self(text[:half]),
                self(text[-half:]),
            )  # half a secret at a cut is left out with its ends
            return f"{head[: -self._margin]}{HIDDEN}{tail[self._margin :]}"
        text = self._without_own(text, self._needles, self._encoded)
        for word in self._words:
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", HIDDEN, text)
        return _without_others(text)

    def data(self, response: Any) -> Any:
        """Return a decoded response without secrets. Where it may hold names, what can be one stays as it is, except
        for the token and the header."""
        if not isinstance(response, dict):
            return self._value(response, names=None)
        return {
            self._name(str(key)): item
            if to_plain_key(str(key)) in _HOLDS_JSON
            else self._member(str(key), item, names=None)
            for key, item in response.items()
        }

    def _value(self, value: Any, *, names: bool | None) -> Any:
        """``names`` says whether names may be in it; None where the keys in it tell."""
        if isinstance(value, str):
            return self._name(value) if names else self(value)
        if isinstance(value, list):
            return [self._value(item, names=names) for item in value]
        if isinstance(value, dict):
            return {
                self._name(str(key)): self._member(str(key), item, names=names) for key, item in value.items()
            }
        return value

    def _member(self, key: str, item: Any, *, names: bool | None) -> Any:
        plain_key = to_plain_key(key) if names is None else ""
        if plain_key == "info":
            names = False  # and everything in it: whatever else the server says
        elif plain_key in _HOLDS_NAMES:
            names = True
        if not names and isinstance(item, str) and _TELLTALE_KEY.fullmatch(key) and not _STATE.match(item):
            return HIDDEN if item else item
        return self._value(item, names=names)

    def _name(self, text: str) -> str:
        if _NO_NAME.search(text):
            return self(text)
        if not self._shortest or len(text) < self._shortest:
            return text
        return self._without_own(text, self._no_names, set())

    def _add(self, secret: str) -> None:
        if len(secret) >= FROM_ANYWHERE:
            self._needles |= _spellings(secret)
            self._encoded |= _in_base64(secret)
        elif len(secret) >= FROM_A_WORD:
            self._words.append(secret)

    def _without_own(self, text: str, needles: set[bytes], encoded: set[bytes]) -> str:
        if not needles and not encoded:
            return text
        view, starts = text.encode("utf-8", "surrogatepass"), None
        spans: list[tuple[int, int]] = []
        for _ in range(_ROUNDS + 1):
            alike = view.translate(_ALIKE)
            for needle in (*needles, *encoded):
                for looked_at in (view, alike) if alike != view else (view,):
                    at = looked_at.find(needle)
                    while at >= 0:
                        starts = starts or _starts(text)
                        span = starts[at], starts[at + len(needle)]
                        spans.append(_whole_run(text, *span) if needle in encoded else span)
                        at = looked_at.find(needle, at + len(needle))
            if _ESCAPE.search(view) is None:
                break
            view, starts = _unescaped(view, starts or _starts(text))
        return _cut_out(text, spans)


def _starts(text: str) -> array[int]:
    """For each byte of the text in UTF-8 the index of its character, and the end."""
    if text.isascii():
        return array("I", range(len(text) + 1))
    starts = array("I")
    for index, character in enumerate(text):
        starts.extend([index] * len(character.encode("utf-8", "surrogatepass")))
    starts.append(len(text))
    return starts


def _unescaped(view: bytes, starts: array[int]) -> tuple[bytes, array[int]]:
    """Decode every escape once. The index of what it stands for is that of the whole escape."""
    decoded, indexes, at = bytearray(), array("I"), 0
    for found in _ESCAPE.finditer(view):
        character = _meant(found)
        decoded += view[at : found.start()] + character
        indexes += starts[at : found.start()]
        indexes += starts[found.start() : found.start() + 1] * len(character)
        at = found.end()
    decoded += view[at:]
    indexes += starts[at:]
    return bytes(decoded), indexes


def _meant(found: re.Match[bytes]) -> bytes:
    if found["high"]:
        units = bytes.fromhex((found["high"] + found["low"]).decode())
        return units.decode("utf-16-be").encode()
    if found["unit"]:
        return chr(int(found["unit"], 16)).encode("utf-8", "surrogatepass").replace(b"\0", b"")
    if found["byte"] or found["percent"]:
        return bytes.fromhex((found["byte"] or found["percent"]).decode()).replace(b"\0", b"")
    if found["octal"]:
        return bytes([int(found["octal"], 8)]).replace(b"\0", b"")
    return html.unescape(found["entity"].decode()).encode("utf-8", "replace") if found["entity"] else b""


def _spellings(secret: str) -> set[bytes]:
    """The secret in bytes, in every charset that may have been meant, before and after escapes are decoded."""
    texts = {secret, unicodedata.normalize("NFC", secret), unicodedata.normalize("NFD", secret)}
    spelt = set()
    for text in texts:
        raw = _bytes(text)
        spelt |= {raw, raw.decode("latin-1").encode(), raw.decode("cp1252", "replace").encode()}
        spelt |= {raw.decode("utf-8", "replace").encode(), raw.hex().encode(), raw.hex().upper().encode()}
        # As they are written, too: a % or \ before the secret would take its first characters into an escape, and its
        # last ones would become one with letters behind it.
        written = (
            json.dumps(text)[1:-1],
            json.dumps(text)[1:-1].replace("/", "\\/"),
            json.dumps(text, ensure_ascii=False)[1:-1],
            repr(raw)[2:-1],
            html.escape(text),
        )
        spelt |= {spelling.encode("utf-8", "surrogatepass") for spelling in written}
        percent = (quote(raw, safe=""), quote(raw), quote_plus(raw), quote(quote(raw, safe=""), safe=""))
        spelt |= {spelling.encode() for spelling in percent}
        spelt |= {b"".join(form % byte for byte in raw) for form in (b"%%%02x", b"%%%02X")}
        latin = text.encode("latin-1", "ignore") if text.isascii() or max(text) < "\u0100" else raw
        spelt |= {latin, latin.decode("utf-8", "replace").encode()}
    for spelling in tuple(spelt):
        for _ in range(_ROUNDS):
            spelling = _unescaped(spelling, array("I", [0]) * (len(spelling) + 1))[0]
            spelt |= {spelling, spelling.translate(_ALIKE)}
    # What is left of a secret that was all escapes is no needle.
    return {spelling for spelling in spelt if len(spelling) >= FROM_A_WORD}


def _bytes(text: str) -> bytes:
    """As it is sent. From the environment bytes that are no UTF-8 come as surrogates."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _in_base64(secret: str) -> set[bytes]:
    """The part of the secret's base64 that is the same whatever stands before and after it in the encoded text."""
    found = set()
    for raw in {_bytes(secret), secret.encode("utf-16-le", "surrogatepass")}:
        for before in range(3):
            first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                core = encode(bytes(before) + raw)[first:last]
                found |= {core, core.translate(_ALIKE)} if len(core) >= FROM_ANYWHERE else set()
    return found


def _whole_run(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole of the base64 text around a part of it."""
    while start and _BASE64.match(text, start - 1):
        start -= 1
    while end < len(text) and _BASE64.match(text, end):
        end += 1
    return start, end


def _cut_out(text: str, spans: list[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in sorted(spans):
        if start >= at:
            parts += [text[at:start], HIDDEN]
        at = max(at, end)
    return "".join([*parts, text[at:]])


# Other people's

_STATE = re.compile(
    r"(?:an?|and|be|been|by|cannot|denied|does|empty|expired|failed|false|for|from|has|have|in|incorrect|invalid|is|"
    r"missing|must|no|none|not|null|of|on|or|provided|rejected|required|revoked|the|to|true|unknown|was|were|wrong)\b",
    re.IGNORECASE,
)
"""What may follow the word in a sentence, as in ``token: expired``: no value."""
_TELLTALE = (
    r"pass(?:word|wd|phrase|code)|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|"
    r"shared[_-]?key|encryption[_-]?key|session[_-]?(?:id|key)|jsessionid|signature"
)
_TELLTALE_KEY = re.compile(rf".*(?:{_TELLTALE}).*|pass|pw|sid|sig|authorization|(?:set-)?cookie", re.I | re.S)
_QUOTED = r"""(?P<quote>\\*["'])(?:''|(?!(?P=quote))(?:\\[\s\S]|[^\\]))*"""
_BARE = r"""[^\s,;&"'<>)\]}\\]+"""
_OTHERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"),
        HIDDEN,
    ),
    # Userinfo in a URL; with a slash in the password, too.
    (re.compile(r"""(://)[^\s/?#"'<>]*@"""), rf"\1{HIDDEN}@"),
    (re.compile(r"""(://)[^\s/?#:@"'<>]+:(?!\d+(?:[/?#]|$))[^\s?#"'<>@]*@"""), rf"\1{HIDDEN}@"),
    (
        re.compile(
            r"""([?&;](?:amp;)?[\w.%-]{0,60}?(?:sig|token|credential|key|pass|pwd|secret|auth|sas|session|code)"""
            r"""[\w.%-]{0,60}=)[^&\s"'<>#;]+""",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(SharedAccessSignature[ =]+)\S+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|ANPA|ANVA|AROA)[A-Z0-9]{12,}"), HIDDEN),
    (re.compile(r"\b(?:AIza[\w-]{30,}|gh[pousr]_\w{30,}|xox[a-z]-[\w-]{10,}|eyJ[\w-]{8,}\.[\w.-]+)"), HIDDEN),
    (
        re.compile(
            r"""\b((?:proxy-)?authorization|(?:set-)?cookie)(\\*["']?\s*[:=]\s*\\*["']?)[^\r\n"'\\}]+""", re.I
        ),
        rf"\1\2{HIDDEN}",
    ),
    (
        re.compile(
            r"\b((?:Basic|Bearer|Digest|Negotiate|NTLM|SharedKey(?:Lite)?|AWS) +)"
            r"(?=\S*(?:[0-9=]|[a-z][A-Z]))[\w.~+/=:-]{6,}"
        ),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(
            rf"""((?:(?:{_TELLTALE})[\w-]{{0,40}}|\b(?:pass|sid|sig))\\*["'`]?\s*(?:=>|:=|[:=])\s*)"""
            rf"""(?:{_QUOTED}|(?!{_STATE.pattern}){_BARE})""",
            re.IGNORECASE,
        ),
        rf"\1\g<quote>{HIDDEN}",
    ),
    (
        re.compile(
            rf"""\b((?:pass(?:word|wd|phrase|code)|pwd|secret|token|identified by)\s+(?:is\s+|was\s+)?){_QUOTED}""",
            re.IGNORECASE,
        ),
        rf"\1\g<quote>{HIDDEN}",
    ),
    (re.compile(rf"""\b(password\s+(?:is|was)\s+)(?!{_STATE.pattern}){_BARE}""", re.I), rf"\1{HIDDEN}"),
    (re.compile(r"""\b(key\s*=\s*["']?)[^\s,;&"'<>)\]}]{16,}""", re.IGNORECASE), rf"\1{HIDDEN}"),
)


_HINT = re.compile(
    r"[:=]|key|secret|token|pass|pwd|identified|A[A-Z]{3}|AIza|gh[a-z]_|xox|eyJ|B(?:asic|earer)", re.I
)
"""Without any of these there is nothing to be found; most texts are short, and there are many of them."""


def _without_others(text: str) -> str:
    if _HINT.search(text) is None:
        return text
    for pattern, instead in _OTHERS:
        text = pattern.sub(instead, text)
    return text
