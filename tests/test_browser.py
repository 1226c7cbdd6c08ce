"""The wizard behind ``textual serve``: no terminal, but frames and keys in packets on its standard streams."""

from __future__ import annotations

import json
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.terminal.program import clean

SECONDS = 60.0
READY = b"__GANGLION__\n"
DRIVER = "textual.drivers.web_driver:WebDriver"


class Browser:
    """What a page does: it reads what is drawn, and sends keys and its size."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.drawn = b""
        self._packets: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        output = self.process.stdout
        assert output is not None
        while line := output.readline():
            if line == READY:
                break
        while kind := output.read(1):
            (size,) = struct.unpack(">I", output.read(4))
            body = output.read(size)
            if kind == b"D":
                self._packets.put(body)
        self._packets.put(None)

    def send(self, body: bytes, kind: bytes = b"D") -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(kind + struct.pack(">I", len(body)) + body)
        self.process.stdin.flush()

    def wait_for(self, text: str) -> None:
        """Wait until a text has been drawn since the last one."""
        while text.encode() not in self.drawn:
            packet = self._packets.get(timeout=SECONDS)
            assert packet is not None, f"the wizard ended before it drew {text!r}"
            self.drawn += packet
        self.drawn = b""


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    environment = {**clean(tmp_path), "TEXTUAL_DRIVER": DRIVER, "COLUMNS": "100", "ROWS": "30"}
    process = subprocess.Popen(
        [sys.executable, "-m", "restore_tui", "--demo", "--objects", "5"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield Browser(process)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_wizard_in_a_browser(browser: Browser) -> None:
    """It draws, follows keys and sizes, and ends with Ctrl+Q."""
    browser.wait_for("Connect")
    browser.send(json.dumps({"type": "resize", "width": 90, "height": 28}).encode(), b"M")
    browser.send(b"\r")
    browser.wait_for("dr_bucket_s3")
    browser.send(b"\r")
    browser.wait_for("nightly_shop")
    browser.send(b"\x11")
    assert browser.process.wait(SECONDS) == 0
