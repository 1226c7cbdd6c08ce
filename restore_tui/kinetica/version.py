"""Server versions such as ``7.2.3.14.20260622``, and what a server of that age has."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERS = re.compile(r"\s*v?(\d{1,9}(?:\.\d{1,9})*)")
_SIGNIFICANT = 4  # the fifth number is a build date


@dataclass(frozen=True)
class ServerVersion:
    """``text`` as the server gave it; ``numbers`` is None where it cannot be read."""

    text: str
    numbers: tuple[int, ...] | None

    @classmethod
    def parse(cls, text: str) -> ServerVersion:
        match = _NUMBERS.match(text)
        if not match:
            return cls(text, None)
        numbers = tuple(int(part) for part in match.group(1).split("."))
        return cls(text, numbers[:_SIGNIFICANT])

    @property
    def short(self) -> str:
        """The numbers that decide what a server has, without the build date behind them."""
        return ".".join(map(str, self.numbers or ()))

    def has(self, since: str) -> bool | None:
        """Whether something that came with ``since`` is there; None where this version is unreadable."""
        if self.numbers is None:
            return None
        wanted = ServerVersion.parse(since).numbers or ()
        return self._padded(self.numbers) >= self._padded(wanted)

    @staticmethod
    def _padded(numbers: tuple[int, ...]) -> tuple[int, ...]:
        return numbers + (0,) * (_SIGNIFICANT - len(numbers))
