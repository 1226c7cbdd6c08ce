"""What is in a password or token field leaves it for nowhere but the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.keys import Keys
from textual.pilot import Pilot
from textual.widgets import Input

from restore_tui.kinetica.connection.credentials import Secret
from restore_tui.tui.screens.connect import ConnectScreen
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, flat, press, ready, tap, text
from tests.harness.app.request_panel import written_to_the_terminal
from tests.harness.app.steps import SIZE, app_of

HELD = "Quagga-7-Zebra"
LEAVING = {"ctrl+q", "ctrl+c", "ctrl+@", "ctrl+z"}
KEYS = sorted(
    {key.value for key in Keys if "<" not in key.value} - LEAVING | {"super+c", "ctrl+insert", "shift+delete"}
)


async def select_all(pilot: Pilot[None], name: str) -> Input:
    field = app_of(pilot).screen.query_one(f"#{name}", Input)
    field.value = HELD
    field.focus()
    await at_rest(pilot)
    field.select_all()
    return field


@pytest.mark.parametrize("name", ["password", "token"])
@pytest.mark.parametrize("first", range(0, len(KEYS), 30))
async def test_no_key_takes_a_secret_out_of_its_field(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str, first: int
) -> None:
    """With all of it selected, any key: it goes to no clipboard, of the terminal or of the app, and is never drawn."""
    stage.settings["url"] = ""  # Enter leads to no server
    async with stage.app(password=Secret(""), token=Secret("")).run_test(size=SIZE) as pilot:
        await ready(pilot)
        out = written_to_the_terminal(pilot, monkeypatch)
        for key in KEYS[first : first + 30]:
            await select_all(pilot, name)
            await press(pilot, key)
            assert app_of(pilot).clipboard == "", key
            assert HELD not in text(pilot), key
            while not isinstance(app_of(pilot).screen, ConnectScreen):
                await tap(pilot, "escape")
        everything = "".join(out)
        assert "\x1b]52" not in everything
        assert HELD not in everything


@pytest.mark.parametrize("action", ["copy", "cut"])
async def test_no_action_copies_a_secret(stage: Stage, monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """Textual's own actions do nothing in such a field, whoever calls them; the text stays in it."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        out = written_to_the_terminal(pilot, monkeypatch)
        field = await select_all(pilot, "password")
        await field.run_action(action)
        assert app_of(pilot).screen.get_selected_text() is None
        assert field.selected_text == ""
        assert field.value == HELD
        assert app_of(pilot).clipboard == ""
        assert "\x1b]52" not in "".join(out)


async def test_an_ordinary_field_still_copies(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's name may be copied: the test above would pass without any clipboard, too."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        out = written_to_the_terminal(pilot, monkeypatch)
        await select_all(pilot, "user")
        await press(pilot, "ctrl+x")
        assert "\x1b]52" in "".join(out)


async def test_a_colon_in_the_user_name_is_refused_in_words(stage: Stage) -> None:
    """RFC 7617: what follows it would be taken for the password. Nothing is sent."""
    async with stage.app(user="ad:min").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        assert "The user name has a colon in it." in text(pilot)
    assert stage.server.requests == []


@pytest.mark.parametrize(
    ("settings", "environ", "note"),
    [
        ({"exposed": ("/home/ann/pw",)}, {}, "/home/ann/pw can be read by others than you: chmod 600"),
        (
            {"url": "https://localhost:1"},
            {"SSL_CERT_FILE": "/etc/my.pem"},
            "SSL_CERT_FILE is set: trusting",
        ),
        ({"url": "https://localhost:1", "insecure": True}, {"SSL_CERT_FILE": "/etc/my.pem"}, ""),
        ({"url": "https://localhost:1", "ca_file": "x"}, {"SSL_CERT_FILE": "/etc/my.pem"}, ""),
        ({}, {"SSL_CERT_FILE": "/etc/my.pem"}, ""),
    ],
)
async def test_connect_names_what_decides_about_trust(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, Any],
    environ: dict[str, str],
    note: str,
) -> None:
    """A password file that others can read, and certificates from the environment, where they count."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    async with stage.app(**settings).run_test(size=SIZE) as pilot:
        await ready(pilot)
        shown = flat(pilot)
        assert note in shown
        assert ("SSL_CERT_FILE" in shown) is ("SSL_CERT_FILE" in note)


async def test_a_file_from_the_environment_is_not_called_the_ca_file(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SSL_CERT_FILE that cannot be read is named as what it is, and the words are not the server's; SSLKEYLOGFILE does
    not matter."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "no" / "such" / "folder"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    async with stage.app(url="https://localhost:1").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        shown = text(pilot)
        assert "No certificates to trust" in shown
        assert "SSL_CERT_FILE names" in shown
        assert "The CA file" not in shown
        assert "Server message" not in shown
