"""F2: what is copied and saved, of large plans too, with no secret in it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.connection.credentials import Secret
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.export import LANGUAGES, ConnectionInfo, Language, Snippet
from restore_tui.restore.plan.request import restore_body
from restore_tui.restore.plan.selection import Selection
from restore_tui.tui.mixins.request_panel import suggested_name
from tests.harness.app.app_harness import NOW, Stage, shown_as
from tests.harness.app.pilot import at_rest, burst, flat, press, ready, text, title, until
from tests.harness.app.request_panel import (
    DRY,
    REAL,
    TITLES,
    chosen,
    clipboards,
    panel,
    shown,
    wanted,
    written_to_the_terminal,
)
from tests.harness.app.steps import SIZE, app_of, confirm, ended, go, tab_to
from tests.harness.servers.interceptors import DROPPED, instead, is_restore

# Copy and save


@pytest.mark.parametrize("language", LANGUAGES)
async def test_y_hands_the_whole_text_to_the_terminal(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    """F2, the language, y; the button Copy: the very bytes, once each, and that not every terminal takes them."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, "f2", *["l"] * LANGUAGES.index(language))
        out = written_to_the_terminal(pilot, monkeypatch)
        await press(pilot, "y")
        whole = wanted(pilot, language).text
        code = base64.b64encode(whole.encode()).decode()
        assert [each for each in out if "\x1b]52" in each] == [f"\x1b]52;c;{code}\a"]
        assert "Not every terminal accepts it" in flat(pilot)
        assert f"{TITLES[language]}, the dry run" in flat(pilot)
        await tab_to(pilot, "request-copy")
        await press(pilot, "enter")
        assert clipboards(out) == [whole, whole]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_e_saves_what_is_shown(stage: Stage, language: Language) -> None:
    """F2, the language, e, Enter: a file with the text to the letter, mode 0600, named for what it is; once more: it is
    there already, and stays as it is."""
    suffix = {"json": ".json", "curl": ".sh", "python": ".py", "sql": ".sql"}[language]
    place = stage.home / f"dry-run-nightly_shop{suffix}"
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, "f2", *["l"] * LANGUAGES.index(language), "e")
        assert f"Save the request ({TITLES[language]}, the dry run) to:" in text(pilot)
        await press(pilot, "enter")
        assert f"The request is saved: ~/{place.name}" in flat(pilot)
        assert place.read_bytes() == wanted(pilot, language).text.encode()
        assert place.stat().st_mode & 0o777 == 0o600
        place.write_text("precious")
        await tab_to(pilot, "request-save")
        await press(pilot, "enter", "enter")
        assert "✗ It was not saved: File exists." in flat(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Options"
    assert place.read_text() == "precious"


async def test_the_real_ones_file_is_named_so(stage: Stage) -> None:
    """Restore: F2, Esc, r, l, e, Enter: a name that tells it from the dry run's, and the restore's text."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await press(pilot, "f2", "escape", "r", "l", "e")
        assert "the restore) to:" in text(pilot)
        real = wanted(pilot, "curl", dry_run=False).text
        await press(pilot, "enter")
    assert (stage.home / "restore-nightly_shop.sh").read_text() == real
    assert '"dry_run": "false"' in real


@given(st.text(max_size=80), st.booleans())
def test_a_suggested_name_is_a_plain_file_name(backup: str, real: bool) -> None:
    """Of any backup: no folder, nothing hidden, nothing for a shell, not long."""
    name = suggested_name(backup, real)
    assert name.startswith("restore-" if real else "dry-run-")
    assert name.isascii()
    assert all(letter.isalnum() or letter in "_-" for letter in name)
    assert 8 < len(name) <= 48


async def test_keys_of_the_panel_do_nothing_while_it_is_hidden(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """l, y, e, r on Snapshot without F2: the same screen, nothing copied, no dialog."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        before = text(pilot)
        out = written_to_the_terminal(pilot, monkeypatch)
        await press(pilot, "l", "y", "e", "r")
        assert text(pilot) == before
        assert clipboards(out) == []
        assert app_of(pilot).request_language == "json"


# Large plans


async def test_of_100_000_names_the_screen_shows_a_part_and_the_file_has_all(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F2: how much is left out is said; keys and another language are answered; y says that it is too long; e saves
    it all. None of it is written on the event loop."""
    threads: list[bool] = []
    import threading

    from restore_tui.restore import export

    real = export.snippet

    def noted(*given: Any, **how: Any) -> Snippet:
        threads.append(threading.current_thread() is threading.main_thread())
        return real(*given, **how)

    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        names = [f"sales.t_{n:06}" for n in range(100_000)]
        app = app_of(pilot)
        app.session.plan = app.plan.choose_objects(Selection.of({"table": names}))
        monkeypatch.setattr(export, "snippet", noted)
        await press(pilot, "f2")
        await until(pilot, lambda: panel(pilot).written is not None)
        assert "Not shown here: " in text(pilot)
        assert len(shown(pilot)) < 16_100
        await burst(pilot, "l", "l", "down", "up")
        await until(pilot, lambda: panel(pilot).written is not None)
        await at_rest(pilot)
        assert chosen(pilot) == "Python"
        assert "lines. Copy and save give all." in flat(pilot)
        written = panel(pilot).written
        assert written is not None
        access = ConnectionInfo.of(app.session.client.link, app.session.destination.mode)
        assert written.text == real("python", app.plan, access, dry_run=True).text
        out = written_to_the_terminal(pilot, monkeypatch)
        await press(pilot, "y")
        assert clipboards(out) == []
        assert "Not copied: " in flat(pilot)
        await press(pilot, "e", "enter")
        assert (stage.home / "dry-run-nightly_shop.py").read_text() == written.text
    assert threads
    assert not any(threads)


async def test_a_plan_that_changes_while_it_is_written_is_what_is_shown(stage: Stage) -> None:
    """F2 with many names, and at once fewer, then many others: the last one stands there."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        app = app_of(pilot)
        step = app.screen
        await press(pilot, "f2")
        for mark in ("a", "b", "c"):
            many = [f"sales.{mark}_{n:06}" for n in range(20_000)]
            app.session.plan = app.plan.choose_objects(Selection.of({"table": many}))
            step.plan_changed()  # type: ignore[attr-defined]
        await until(pilot, lambda: panel(pilot).written is not None)
        written = panel(pilot).written
        assert written is not None
        assert json.loads(written.text) == restore_body(app.plan, dry_run=True)


# Secrets and hostile names

PASSWORD, TOKEN = "Quagga§7/Zebra", "okapi.tok3n-4f1d"


async def test_no_secret_is_in_the_panel_the_file_or_the_clipboard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Connect and on Restore, in each language, the dry run's and the restore's: neither password nor token, plain
    or encoded."""
    needles = [
        PASSWORD,
        "Quagga",
        "okapi",
        base64.b64encode(f"demo:{PASSWORD}".encode()).decode(),
        base64.b64encode(TOKEN.encode()).decode(),
    ]
    seen: list[str] = []

    async def gather(pilot: Pilot[None], mark: str) -> None:
        """Every language: looked at, copied, saved."""
        pilot.app.set_focus(None)
        for language in LANGUAGES:
            assert chosen(pilot) == TITLES[language]
            seen.extend([shown(pilot), text(pilot), str(panel(pilot).written)])
            await press(pilot, "y", "e", "end", *f"{mark}{language}", "enter", "l")

    with DemoServer(build_world(now=NOW), password=PASSWORD) as server, shown_as(server, monkeypatch):
        stage = Stage(server, tmp_path)
        async with stage.app(token=Secret(TOKEN)).run_test(size=(120, 60)) as pilot:
            out = written_to_the_terminal(pilot, monkeypatch)
            await ready(pilot)
            await press(pilot, "f2")
            await gather(pilot, "token")
            assert any("KINETICA_OAUTH_TOKEN" in each for each in seen)
            seen += clipboards(out)
        async with stage.app(password=Secret(PASSWORD)).run_test(size=(120, 60)) as pilot:
            out = written_to_the_terminal(pilot, monkeypatch)
            await go(pilot, "Restore")
            await press(pilot, "f2")
            await gather(pilot, "dry")
            await press(pilot, "r")
            await gather(pilot, "real")
            assert REAL in text(pilot)
            assert len(clipboards(out)) == 8
            seen += clipboards(out)
    files = saved(tmp_path)
    assert len(files) == 12
    for needle in needles:
        assert not any(needle in each for each in (*seen, *files))


def saved(home: Path) -> list[str]:
    """The texts in the files that requests were saved to."""
    names = ("dry-run-", "restore-")
    return [place.read_text() for place in home.iterdir() if place.name.startswith(names)]


async def test_a_hostile_name_is_harmless_on_the_screen_and_right_in_the_copy(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name with control characters: none reaches the screen, and JSON that is copied reads back as it is."""
    name = "evil\x1b]0;x\x07\u202e[red]`id`"
    async with stage.app().run_test(size=(120, 60)) as pilot:
        await go(pilot, "Options")
        app = app_of(pilot)
        app.session.plan = app.plan.choose_objects(Selection.of({"role": [name]}))
        out = written_to_the_terminal(pilot, monkeypatch)
        await press(pilot, "f2")
        for _ in LANGUAGES:
            drawn = text(pilot)
            assert all(sanitize(line) == line for line in drawn.splitlines())
            await press(pilot, "y", "l")
        first = clipboards(out)[0]
    assert json.loads(first)["restore_objects_map"]["role"] == name


async def test_a_lost_restore_keeps_its_request_to_look_at(stage: Stage) -> None:
    """The response is lost: F2 on Outcome unknown shows the dry run's, and with r what was sent."""
    instead(stage, is_restore, DROPPED)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await confirm(pilot)
        await ended(pilot)
        await press(pilot, "f2")
        assert DRY in text(pilot)
        await press(pilot, "r")
        assert json.loads(shown(pilot)) == stage.restores[0]
    assert len(stage.restores) == 1
