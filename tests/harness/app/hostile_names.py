"""Names that a terminal would obey, or that break a layout."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from restore_tui.demo.server import DemoServer, Received, Reply
from tests.harness.app.pilot import text
from tests.harness.servers.interceptors import changed

NASTY = [
    "[/x]",
    "[bold red]x[/]",
    "$text-error",
    "\x1b]0;pwned\x07",
    "\x1b[2Jgone",
    "two\nlines",
    "tab\tand\rreturn",
    "\u202egnp.exe",
    "\u2066inside\u2069",
    "e" + "\u0301" * 50,
    "😀" * 60,
    "x" * 10_000,
]


IN_SHORT = {"markup": "".join(NASTY[:3]), "control": "".join(NASTY[3:-1]), "long": NASTY[-1]}
IN_VIEW = {"sequences": "".join(NASTY[3:7]), "bidi": "".join(NASTY[7:10]), "wide": NASTY[10]}
"""What ``control`` has, in parts that are short enough to be shown whole in a column."""


nasty_in_short = pytest.mark.parametrize("nasty", IN_SHORT.values(), ids=IN_SHORT)


nasty = pytest.mark.parametrize(
    "nasty",
    [
        *(pytest.param(name, id=id) for id, name in IN_SHORT.items()),
        *(pytest.param(name, id=id, marks=pytest.mark.slow) for id, name in IN_VIEW.items()),
    ],
)


def assert_harmless(pilot: Pilot[None]) -> None:
    """Nothing on the screen that a terminal would obey, and no line that is longer than the screen."""
    shown = text(pilot)
    obeyed = {c for c in shown if c != "\n" and (ord(c) < 32 or 0x7F <= ord(c) < 0xA0)}
    assert not obeyed
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200f\u2028\u2029")
    assert len(shown.splitlines()) <= pilot.app.size.height


class Renaming:
    """Calls a data source, a backup, tables, a type and everything that is only told by one nasty name."""

    def __init__(self, server: DemoServer, name: str) -> None:
        self.name = name
        self._answers = server.answers

    def __call__(self, received: Received, answer: Callable[[], Reply]) -> Reply:
        if received.endpoint == "/show/datasource":
            return changed(self._sources)(answer())
        if received.endpoint == "/show/backup":
            body = received.json() | {"datasource_name": "dr_bucket_s3"}
            if body.get("backup_name"):
                body["backup_name"] = "nightly_shop"
            return changed(self._backups)(self._ask(received, body))
        if received.endpoint == "/restore/backup":
            body = received.json() | {"datasource_name": "dr_bucket_s3", "backup_name": "nightly_shop"}
            body["restore_objects_map"] = {"all": "sales"}
            return changed(self._told)(self._ask(received, body))
        return answer()

    def _ask(self, received: Received, body: dict[str, Any]) -> Reply:
        return self._answers.answer(replace(received, body=json.dumps(body).encode()))

    def _sources(self, data: dict[str, Any]) -> None:
        data["datasource_names"][0] = data["storage_provider_types"][0] = self.name
        data["additional_info"][0] = {self.name: self.name, "location": self.name}

    def _backups(self, data: dict[str, Any]) -> None:
        if data["backup_name"] == "nightly_shop":
            data["backup_name"] = self.name
        for row in data["backup_description"]:
            if row["backup_name"] == "nightly_shop":
                row |= {"backup_name": self.name, "comment": self.name, self.name: self.name}
        for row in [*data["backup_ids"], *data["deleted_backup_ids"]]:
            if row["backup_name"] == "nightly_shop":
                row |= {"backup_name": self.name, "backup_type": self.name, "time": self.name}
                row |= {"comment": self.name}
        for row in data["backup_contents"][:3]:
            row["object_name"] = f"sales.{self.name}"
        for row in data["backup_contents"][3:5]:
            row["object_type"] = self.name

    def _told(self, data: dict[str, Any]) -> None:
        data["backup_name"] = self.name
        data["info"] = {self.name: self.name}
        data["restored_objects"][f"beyond {self.name}"] = "table"
        data["failed_objects"][f"sales.{self.name}"] = self.name
        data["renamed_objects"] = {"sales.orders": self.name}
