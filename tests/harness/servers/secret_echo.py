"""A server that repeats in every error what it was sent, in many encodings; and where that must not be found."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from restore_tui.demo.server import Received, Reply
from restore_tui.restore.receipts.render import as_json, as_markdown, as_text
from restore_tui.restore.receipts.store import ReceiptStore

PASSWORD = "Quagga-7/Zebra"

Intercept = Callable[[Received, Callable[[], Reply]], Reply]


def spellings(password: str, user: str = "demo") -> tuple[str, ...]:
    """The secret in eight encodings: as it is, escaped in JSON by two writers, in a URL, in base64 with and without its
    padding, in the header, and in hex."""
    encoded = base64.b64encode(password.encode()).decode()
    return (
        password,
        password.replace("/", "\\/"),
        "".join(f"\\u{ord(character):04x}" for character in password),
        quote(password, safe=""),
        encoded,
        encoded.rstrip("="),
        base64.b64encode(f"{user}:{password}".encode()).decode(),
        password.encode().hex(),
    )


@dataclass
class Echo:
    """An interceptor that stands before another one."""

    then: Intercept

    def __call__(self, received: Received, answer: Callable[[], Reply]) -> Reply:
        reply = self.then(received, answer)
        told = f" You sent: {'; '.join(spellings(PASSWORD))}; {received.headers.get('authorization', '')}"
        try:
            outer = json.loads(reply.body)
        except ValueError:
            return replace(reply, body=reply.body + told.encode())
        if outer["status"] == "OK":
            return reply
        return replace(reply, body=json.dumps({**outer, "message": outer["message"] + told}).encode())


class Seen(logging.Handler):
    """What a walk leaves behind: text by the place where it was seen. Collects log records while it is attached."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self.texts["log"] = f"{self.texts.get('log', '')}\n{self.format(record)}"

    def add_files(self, folder: Path) -> None:
        """Every file, and every receipt in each of its forms."""
        for place in folder.rglob("*"):
            if place.is_file():
                self.texts[str(place)] = place.read_text("utf-8", "replace")
        journal = ReceiptStore(folder / "receipts")
        for found in journal.runs():
            if found.receipt is not None:
                for form in (as_text(found.receipt, found.path), as_markdown(found.receipt, found.path)):
                    self.texts[f"report of {found.run}, {form[:20]}"] = form
                self.texts[f"report of {found.run} in JSON"] = as_json(found.receipt)

    def leaks(self, needles: Iterable[str] = spellings(PASSWORD)) -> list[str]:
        """Where a secret was seen."""
        return [
            f"{needle} in {place}"
            for place, text in self.texts.items()
            for needle in needles
            if needle in text
        ]
