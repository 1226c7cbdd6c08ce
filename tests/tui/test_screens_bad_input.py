"""What isn't there, can't be used or doesn't fit: a sentence, and a way on or back."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from textual.widgets import Input

from restore_tui.kinetica.connection.credentials import Secret
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, flat, press, ready, resize, tap, text, title, typed, until
from tests.harness.app.steps import SIZE, app_of, confirm, ended, focused, go, tab_to
from tests.harness.servers.interceptors import Held, at, changed, instead, is_restore, no_data_source


@contextmanager
def login_page() -> Iterator[str]:
    """A web server that is no Kinetica. Gives its URL."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = b"<html><title>Log in</title></html>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


# Connect


async def test_something_else_than_kinetica_is_said_to_be_that(stage: Stage) -> None:
    """Enter, and a login page answers: the step stays, and says so."""
    with login_page() as url:
        async with stage.app(url=url).run_test(size=SIZE) as pilot:
            await ready(pilot)
            await press(pilot, "enter")
            assert title(pilot) == "Connect"
            assert "✗ Unrecognized response" in text(pilot)


async def test_a_wrong_password_can_be_mended_at_once(stage: Stage) -> None:
    """Enter: not authorised, and the password is nowhere; the right one and Enter: on."""
    async with stage.app(password=Secret("hunter2")).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        assert title(pilot) == "Connect"
        assert "✗ Authentication failed" in text(pilot)
        assert "hunter2" not in text(pilot)
        await tab_to(pilot, "password")
        await press(pilot, "end", *["backspace"] * 7, *"demo", "enter")
        assert title(pilot) == "Data source"


async def test_a_failed_test_leaves_the_focus_somewhere(stage: Stage) -> None:
    """Enter with a wrong password: a key can be pressed without looking for the focus first."""
    async with stage.app(password=Secret("wrong")).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        assert pilot.app.focused is not None


async def test_nobody_there(stage: Stage) -> None:
    """No server at that port: unreachable, and nothing else."""
    stage.server.stop()
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        assert "✗ Server unreachable" in text(pilot)
        assert title(pilot) == "Connect"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:9191", "The URL has no scheme. Write http://localhost:9191 or https:// before it."),
        ("ftp://localhost:9191", "Unsupported URL scheme ftp:// (use http or https)."),
        ("http://", "The URL names no host."),
        ("http://localhost:port", "The host or the port of the URL cannot be read."),
        ("http://localhost:9191/?x=1", "The URL has a ? or # part."),
        ("http://bob:hunter2@localhost:9191", "The URL has a user or a password in it."),
    ],
)
async def test_a_url_that_cannot_be_used_is_refused_with_what_to_write(
    stage: Stage, url: str, words: str
) -> None:
    """Said while it is typed and on Enter; no server is asked."""
    async with stage.app(url="").run_test(size=SIZE) as pilot:
        await ready(pilot)
        assert focused(pilot).id == "url"
        field = focused(pilot)
        assert isinstance(field, Input)
        field.insert_text_at_cursor(url)
        await at_rest(pilot)
        assert words in flat(pilot)
        await press(pilot, "enter")
        assert "✗ This URL cannot be used" in text(pilot)
        assert title(pilot) == "Connect"
        said = [line for line in text(pilot).splitlines() if not line.strip().startswith("URL")]
        assert "hunter2" not in "\n".join(said)
    assert stage.server.requests == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://db.example.com:9191", True),
        ("https://db.example.com:8082/gpudb-0", False),
        ("http://localhost:9191", False),
        ("http://127.0.0.1:9191", False),
    ],
)
async def test_a_password_in_the_clear_is_said_before_it_goes_out(stage: Stage, url: str, said: bool) -> None:
    """http to another machine: "are sent unencrypted"; https or this machine: not."""
    async with stage.app(url=url).run_test(size=SIZE) as pilot:
        await ready(pilot)
        assert ("are sent unencrypted" in text(pilot)) is said
    assert stage.server.requests == []


async def test_enter_goes_to_the_first_empty_field(stage: Stage) -> None:
    """With only the URL known: the focus is on the user, Enter goes to the password, Enter tests."""
    async with stage.app(user="", password=Secret("")).run_test(size=SIZE) as pilot:
        await ready(pilot)
        assert focused(pilot).id == "user"
        await typed(pilot, "demo")
        await press(pilot, "enter")
        assert focused(pilot).id == "password"
        await typed(pilot, "demo")
        await press(pilot, "enter")
        assert title(pilot) == "Data source"


# Nothing there


async def test_no_data_sources(stage: Stage) -> None:
    """A sentence in the list and beside Next; Enter and Ctrl+N stay."""
    no_data_source(stage)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")
        await press(pilot, "enter", "ctrl+n", "end", "space")
        assert title(pilot) == "Data source"
        said = "The server lists no data source: there is none, or you may not see it."
        assert text(pilot).count(said) >= 2


async def test_no_backups(stage: Stage) -> None:
    """A data source without backups: said so, and Esc goes back."""
    del stage.server.world.backups["emea_archive_azure", "emea_orders"]
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")
        await press(pilot, "down", "enter", "enter", "ctrl+n")
        assert title(pilot) == "Backup"
        assert "The server lists no backup here: there is none, or you may not see it." in text(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Data source"


async def test_a_backup_without_snapshots(stage: Stage) -> None:
    """empty_backup: the list is empty, and it says what that means; an id can be typed."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "home", "down", "enter", "enter", "ctrl+n")
        assert title(pilot) == "Snapshot"
        assert "The server lists no snapshot here: there is none, or you may not see it." in text(pilot)
        assert "t types an id" in flat(pilot)


async def test_a_deleted_snapshot_cannot_be_taken(stage: Stage) -> None:
    """Enter on a deleted snapshot: it stays, and says why."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        await press(pilot, "end", *["up"] * 4)
        assert "✗ deleted" in text(pilot)
        await press(pilot, "enter", "ctrl+n")
        assert title(pilot) == "Snapshot"
        assert "This snapshot was deleted: choose another one." in text(pilot)


async def test_an_empty_snapshot(stage: Stage) -> None:
    """A snapshot in which the server lists nothing: said so; names can be typed all the same."""
    stage.server.world.add_snapshot("nightly_shop", objects=())
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        assert "The server lists nothing in this snapshot: it is empty, or you may not" in text(pilot)
        await press(pilot, "space", "a", "ctrl+n")
        assert title(pilot) == "Objects"
        await press(pilot, "t", *"sales", "ctrl+n", "ctrl+n")
        assert title(pilot) == "Options"
        assert app_of(pilot).plan.objects.names("all") == {"sales"}


async def test_contents_in_words_that_nobody_knows_are_shown_as_they_are(stage: Stage) -> None:
    """Entries without a name that can be recognised: shown, with what can be done."""
    instead(
        stage,
        at("/show/backup"),
        changed(
            lambda data: (
                data.update(backup_contents=[{"gizmo": "x", "widget": "y"}])
                if data["backup_contents"]
                else None
            )
        ),
    )
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        assert "no object name was" in text(pilot)
        assert "gizmo" in text(pilot)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("sales.a.b", "A dot is not allowed in a name"),
        ("-sales.a", "The schema starts with neither"),
        ("sales.", "The name is empty."),
        ("sales.a*b", "The name has a character other than"),
    ],
)
async def test_a_typed_name_that_breaks_the_rules_keeps_the_dialog_open(
    stage: Stage, name: str, why: str
) -> None:
    """Ctrl+N does not add it, and the rule stands there; Esc adds nothing."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "t")
        pilot.app.screen.query_one("#names").insert(f"sales.good,{name}")
        await at_rest(pilot)
        assert why in flat(pilot)
        await press(pilot, "ctrl+n")
        assert "Type or paste" in text(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Objects"
        assert not app_of(pilot).plan.objects


# The terminal


async def test_a_terminal_that_is_too_small_says_what_it_needs_and_takes_no_key(stage: Stage) -> None:
    """40×12: a sentence; Enter, Ctrl+N, F1, Esc do nothing; large again: where it was; Ctrl+Q leaves."""
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await resize(pilot, 40, 12)
        assert "This terminal is 40×12." in text(pilot)
        assert "60×20" in text(pilot)
        await press(pilot, "enter", "ctrl+n", "f1", "f2", "escape", "down")
        await resize(pilot, *SIZE)
        assert title(pilot) == "Backup"
        assert "› nightly_shop" in text(pilot)
        assert pilot.app.screen_stack == [pilot.app.screen]
        await resize(pilot, 40, 12)
        await tap(pilot, "ctrl+q")
        await until(pilot, lambda: app._exit)


@pytest.mark.parametrize("opened", ["f1", "t"])
async def test_a_dialog_in_a_terminal_that_became_too_small_says_so_too(stage: Stage, opened: str) -> None:
    """Help or names open, then 40×12: the same sentence; large again: the dialog."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, opened)
        before = text(pilot)
        await resize(pilot, 40, 12)
        assert "This terminal is 40×12." in text(pilot)
        await resize(pilot, *SIZE)
        assert text(pilot) == before


@pytest.mark.parametrize(
    "step", ["Connect", "Data source", "Backup", "Snapshot", "Objects", "Options", "Dry run", "Restore"]
)
async def test_any_size_at_any_moment(stage: Stage, step: str) -> None:
    """Resized from tiny to huge and back, with the request open: the same step, the same screen."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, step)
        await at_rest(pilot)
        before = text(pilot)
        await press(pilot, "f2")
        for size in ((1, 1), (60, 20), (200, 60), (59, 24), (80, 19), (300, 8), (120, 40), SIZE):
            await resize(pilot, *size)
        await press(pilot, "f2")
        await until(pilot, lambda: text(pilot) == before)


async def test_resized_while_it_loads_and_while_it_restores(stage: Stage) -> None:
    """Tiny and back while the restore runs: it ends as if nothing had been."""
    held = Held(stage, is_restore)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await typed(pilot, "nightly_shop")
        await tap(pilot, "enter")
        await held.has_arrived()
        await resize(pilot, 10, 3)
        held.let_go.set()
        await until(pilot, lambda: not app_of(pilot).restore.is_active)
        await resize(pilot, *SIZE)
        await ended(pilot)
        assert "✓ Restored" in text(pilot)
    assert len(stage.restores) == 1


async def test_the_name_is_not_asked_for_blindly(stage: Stage) -> None:
    """The name and Enter in a terminal that is too small: nothing; large again: the field is empty."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await resize(pilot, 40, 12)
        await confirm(pilot)
        await resize(pilot, *SIZE)
        assert pilot.app.screen.query_one("#phrase", Input).value == ""
    assert stage.restores == []
