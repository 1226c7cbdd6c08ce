"""The server to practise on, as the app knows it."""

from __future__ import annotations

from typing import Protocol


class DemoServerHandle(Protocol):
    """``start`` may block; it returns base URL, user and password."""

    def start(self) -> tuple[str, str, str]: ...

    def stop(self) -> None: ...
