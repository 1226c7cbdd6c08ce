"""Who one is to the server. A secret is held in a box that does not show it when printed."""

from __future__ import annotations

import base64
from dataclasses import dataclass


class Secret:
    """A password or token: ``reveal()`` is the only way to it; ``repr``, ``str`` and tracebacks show dots."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


NOTHING = Secret("")
_SCRUBBED_FROM = 6


@dataclass(frozen=True)
class Login:
    """A user with a password (Basic), or an OAuth token (Bearer) that goes before it."""

    user: str = ""
    password: Secret = NOTHING
    token: Secret = NOTHING

    def header(self) -> str | None:
        """The value of ``Authorization``; None where there is nothing to send."""
        if self.token:
            return f"Bearer {self.token.reveal()}"
        if self.user or self.password:
            # From the environment bytes that are no UTF-8 come as surrogates: they go out as they came.
            pair = f"{self.user}:{self.password.reveal()}".encode("utf-8", "surrogateescape")
            return f"Basic {base64.b64encode(pair).decode('ascii')}"
        return None

    def scrubbed(self, body: bytes, *, all_of_them: bool) -> bytes:
        """``body`` without our secrets, in the spellings that JSON, a URL or a header gives them: a server or a
        proxy may echo the request. Before anything is cut out of it, lest half a secret is left.

        Of an answer that is data only what cannot be a name is taken out: the token and the Basic pair. With
        ``all_of_them`` the password too, from six characters on: a shorter one would tear holes into words.
        """
        import json  # not before a body is there to be scrubbed: the first screen needs a Login, and none of this
        from urllib.parse import quote

        plain = [(self.header() or "").partition(" ")[2], self.token.reveal()]
        if all_of_them and len(self.password.reveal()) >= _SCRUBBED_FROM:
            plain.append(self.password.reveal())
        for secret in filter(None, plain):
            spellings = {
                secret,
                json.dumps(secret)[1:-1],
                json.dumps(secret, ensure_ascii=False)[1:-1],
                quote(secret, safe="", errors="replace"),
            }
            for spelling in spellings:
                body = body.replace(spelling.encode("utf-8", "surrogateescape"), "…".encode())
        return body

    @property
    def name(self) -> str:
        """Who this is, for screens, receipts and the fingerprint. Of a token a short digest, so that another
        token is somebody else; the user beside it is not sent, and does not count."""
        if self.token:
            import hashlib

            digest = hashlib.sha256(self.token.reveal().encode("utf-8", "surrogateescape")).hexdigest()
            return f"(token {digest[:8]})"
        return self.user or "(nobody)"
