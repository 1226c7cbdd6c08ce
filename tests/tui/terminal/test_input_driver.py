"""The real driver on a pseudo-terminal, and the internals of Textual that it rests on."""

from __future__ import annotations

import asyncio
import os

import pytest
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.keys import Keys
from textual.message import Message

from restore_tui.config import Settings
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.terminal import _textual_internals
from restore_tui.tui.terminal.arrivals import arrival
from restore_tui.tui.terminal.input_driver import InputDriver, esc_delay
from tests.harness.terminal.driver_input import SECONDS, CountingFilter, reading
from tests.harness.terminal.expected_keys import KEYS, NO_KEYS


def as_textual(sequence: str) -> list[tuple[str, str | None]]:
    """The keys that Textual itself makes of a sequence of its table. (It takes three of them for replies of a kind that
    the wizard never asks for, so its parser is asked for the key alone.)"""
    keys = XTermParser()._sequence_to_key_events(sequence)
    return [(key.key, key.character) for key in keys if key.key != Keys.Ignore]


async def test_the_whole_key_table_through_the_driver() -> None:
    """Each sequence in one read, and in two: the keys that Textual has for it."""
    async with reading() as line:
        for sequence in ANSI_SEQUENCES_KEYS:
            data = sequence.encode()
            if data in (b"\x1b", b"\x1b\x1b", b"\xc2\x9b"):
                continue  # decided by time: see test_input_filter
            for parts in ((data,), (data[:1], data[1:]), (data[:-1], data[-1:])):
                found = await line.send(*filter(None, parts))
                assert [
                    (key.key, key.character) for key in found if isinstance(key, events.Key)
                ] == as_textual(sequence)


async def test_what_is_no_key_is_none_for_the_app_and_what_is_one_is() -> None:
    """Nothing is posted for the former; the latter arrive as keys."""
    async with reading() as line:
        for data in NO_KEYS.values():
            assert await line.send(data) == []
        for data, wanted in KEYS.values():
            found = await line.send(data)
            assert found
            assert "".join(key.character or "" for key in found if isinstance(key, events.Key)) == "".join(
                character or "" for sequence in _sequences(wanted) for _, character in as_textual(sequence)
            )


def _sequences(keys: str) -> list[str]:
    at = keys.find("\x1b[")
    return list(keys) if at < 0 else [*keys[:at], keys[at:]]


async def test_a_paste_is_one_event_and_its_bytes_are_checked() -> None:
    """A Latin-1 paste: one event, without the byte that is no UTF-8."""
    async with reading() as line:
        (paste,) = await line.send(b"\x1b[200~M\xfcl", b"ler\x1b[201~")
        assert isinstance(paste, events.Paste)
        assert paste.text == "Mller"


async def test_what_arrives_in_one_read_has_one_time() -> None:
    """Each key is stamped; a later read has a later time."""
    async with reading() as line:
        first = await line.send(b"ab\r")
        (later,) = await line.send(b"c")
        times = {arrival(event) for event in first if isinstance(event, events.Key)}
        assert len(times) == 1
        (time,) = times
        assert time is not None
        assert isinstance(later, events.Key)
        assert (arrival(later) or 0) > time
    assert arrival(events.Key("a", "a")) is None


async def test_x10_reports_ask_for_sgr_again() -> None:
    """Once per read."""
    async with reading() as line:
        line.driver._key_thread = _Alive()  # type: ignore[assignment]
        assert await line.send(b"\x1b[M\x43\xa5\x30\x1b[M\x43\xa5\x30") == []
        await asyncio.sleep(0)
        (asked,) = line.written
        assert "\x1b[?1006h" in asked
        assert "1003h" not in asked


class _Alive:
    def is_alive(self) -> bool:
        return True


async def test_an_error_of_the_parser_costs_one_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it cannot take is dropped; what it had learned of the terminal, the next one knows."""

    def broken(self: XTermParser, code: str) -> Message:
        raise ZeroDivisionError

    async with reading() as line:
        await line.send(b"\x1b[?2048;2$y", b"\x1b[48;24;80;480;640t")
        before = line.driver._parser._parser
        with monkeypatch.context() as patch:
            patch.setattr(XTermParser, "parse_mouse_code", broken)
            assert await line.send(b"\x1b[<0;5;7M") == []
        after = line.driver._parser._parser
        assert after is not before
        assert after.terminal_pixel_size == before.terminal_pixel_size == (640, 480)
        assert after.mouse_pixels
        (click,) = await line.send(b"\x1b[<0;5;7M")
        assert isinstance(click, events.MouseDown)


async def test_the_end_of_the_terminal_is_a_hang_up() -> None:
    """Told once, also to whoever asks later; the thread ends and does not spin."""
    async with reading() as line:
        called = asyncio.Event()
        line.driver.on_hang_up(called.set)
        os.close(line.main)
        await asyncio.wait_for(called.wait(), SECONDS)
        late = asyncio.Event()
        line.driver.on_hang_up(late.set)
        assert late.is_set()
    assert line.app.errors == []


async def test_an_error_of_the_thread_is_an_error_of_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks: the app is told, as of any other error."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    async with reading() as line:
        monkeypatch.setattr(CountingFilter, "feed", broken)
        os.write(line.main, b"x")
        await line.app.until(lambda: line.app.errors)
        assert isinstance(line.app.errors[0], ZeroDivisionError)


# How long Esc waits


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, 0.1),
        ({"SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22"}, 0.4),
        ({"SSH_TTY": "/dev/pts/3"}, 0.4),
        ({"SSH_TTY": "/dev/pts/3", "ESCDELAY": "25"}, 0.025),
        ({"ESCDELAY": "800"}, 0.8),
        ({"ESCDELAY": "soon"}, 0.1),
        ({"ESCDELAY": "0"}, 0.1),
        ({"ESCDELAY": "9" * 400}, 0.1),
    ],
    ids=str,
)
def test_esc_waits_longer_over_ssh(environ: dict[str, str], seconds: float) -> None:
    """And as long as ESCDELAY says, in milliseconds."""
    assert esc_delay(environ) == seconds


# What it rests on


def test_a_driver_that_the_environment_names_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """TEXTUAL_DRIVER: that one, whatever it is."""
    app = RestoreApp(Settings())
    assert app.get_driver_class() is InputDriver
    monkeypatch.setattr("textual.constants.DRIVER", "textual.drivers.linux_driver:LinuxDriver")
    assert app.get_driver_class() is LinuxDriver


async def test_the_driver_of_textual_still_starts_its_thread_and_pushes_its_protocol() -> None:
    """What ``write`` replaces is what Textual writes, and the method that is replaced is what its thread runs."""
    source = LinuxDriver.start_application_mode.__code__
    assert "_run_input_thread" in source.co_names
    assert "_enable_mouse_support" in source.co_names
    (pushed,) = [text for text in source.co_consts if isinstance(text, str) and text.startswith("\x1b[>")]
    whole = (
        pushed if pushed.endswith("u") else f"{pushed}25u"
    )  # the number is a constant of its own in newer releases
    assert _textual_internals._PUSH_KEYBOARD_PROTOCOL.fullmatch(whole)
