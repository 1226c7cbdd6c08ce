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

    def problem(self) -> str:
        """Why this login cannot be sent as it is meant; empty where it can."""
        if self.token:
            token = self.token.reveal()
            fits = token.isascii() and token.isprintable() and token == token.strip()
            return "" if fits else "The token has a space or a character that cannot be sent."
        if ":" in self.user:
            return (
                "The user name has a colon in it. On the wire what follows it would belong to the password."
            )
        if any("\ud800" <= character <= "\udfff" for character in self.user):
            return "The user name has bytes in it that are not UTF-8."
        if any(character < " " or character == "\x7f" for character in self.user):
            return "The user name has a control character in it."
        return ""

    @property
    def name(self) -> str:
        """Who this is, for screens, receipts and the fingerprint. Of a token a short digest, so that another
        token is somebody else; the user beside it is not sent, and does not count."""
        if self.token:
            import hashlib

            digest = hashlib.sha256(self.token.reveal().encode("utf-8", "surrogateescape")).hexdigest()
            return f"(token {digest[:8]})"
        return self.user or "(nobody)"
