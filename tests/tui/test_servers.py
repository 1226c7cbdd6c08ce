"""Several servers: the list on Connect, the label on every screen and in the confirmation, and certificates. What each
server received is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from textual.widgets import Input

from restore_tui.config import load
from restore_tui.tui.actions import keys_of
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.screens.connect import ConnectScreen
from tests.harness.app.app_harness import SHOWN_URL, Stage
from tests.harness.app.pilot import flat, press, ready, tap, text, title, typed, until
from tests.harness.app.running import left_behind
from tests.harness.app.steps import SIZE, app_of, confirm, ended, focused, go, tab_to
from tests.harness.servers.tls import CERTIFICATES, LOCALHOST, ServeTls, tls_servers

Configured = Callable[..., RestoreApp]


@pytest.fixture
def configured(stage: Stage) -> Configured:
    """Make an app from a config file, with the flags and variables given."""

    def make(config: str, flags: dict[str, str] | None = None, **environ: str) -> RestoreApp:
        path = stage.home / "config.toml"
        path.write_text(config)
        settings = load({"config": str(path), **(flags or {})}, environ)
        settings = replace(settings, state_folder=stage.home / "state")
        return RestoreApp(settings, clock=stage.clock, quiet=0)

    return make


async def test_a_labeled_server_takes_its_label_and_the_name(stage: Stage) -> None:
    """Restore: the name alone, or another case: 0 POSTs. Label and name: one, and the receipt says so."""
    async with stage.app(label="PRODUCTION", color="red").run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        assert "Type the backup's name (here: label and name): PRODUCTION nightly_shop" in flat(pilot)
        for wrong in ("nightly_shop", "production nightly_shop"):
            await confirm(pilot, wrong)
            assert "Type the backup's name first." in text(pilot)
            assert stage.restores == []
            app_of(pilot).screen.query_one("#phrase", Input).value = ""
        await confirm(pilot, "PRODUCTION nightly_shop")
        await ended(pilot)
        assert "PRODUCTION" in text(pilot)
        assert len(stage.restores) == 1
    assert '"label": "PRODUCTION"' in next(stage.receipts.glob("*.json")).read_text()


async def test_the_label_is_on_every_screen(stage: Stage) -> None:
    """Lists, help, the palette and the search, 60 columns wide."""
    async with stage.app(label="PRODUCTION").run_test(size=(60, 20)) as pilot:
        await ready(pilot)
        assert "PRODUCTION" in text(pilot)
        await go(pilot, "Snapshot")
        for keys in ((), ("f1",), ("escape", "colon"), ("escape", "F"), ("escape", "equals")):
            await press(pilot, *keys)
            assert "PRODUCTION" in text(pilot), keys
        await press(pilot, "escape")
        for step in ("objects", "options"):
            app_of(pilot).go(step)
            await until(pilot, lambda step=step: app_of(pilot).screen.step == step)  # type: ignore[misc, attr-defined]
            await ready(pilot)
            assert "PRODUCTION" in text(pilot), step


async def test_a_server_is_chosen_from_the_list(stage: Stage, configured: Configured) -> None:
    """↓ Enter: its URL, user and the password of its command, and on to Data source; variables count for nothing."""
    app = configured(
        f'[servers.other]\nurl = "http://other:1"\nlabel = "OTHER"\n'
        f'[servers.here]\nurl = "{SHOWN_URL}"\nuser = "demo"\npassword_command = ["echo", "demo"]\n'
        'label = "HERE"\ndry_run_only = true',
        KINETICA_USER="nobody",
        KINETICA_PASSWORD="wrong",
    )
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        assert focused(pilot).id == "servers"
        assert stage.server.requests == []
        await press(pilot, "down", "enter")
        await until(pilot, lambda: title(pilot) == "Data source")
        await ready(pilot)
        assert " HERE  demo@localhost:9191" in text(pilot)
        assert "Restore" not in text(pilot).splitlines()[0]
        await press(pilot, "escape")
        await ready(pilot)
        assert "Server here is chosen: KINETICA_USER, KINETICA_PASSWORD are ignored." in flat(pilot)
        assert "no restore is ever sent" in flat(pilot)


async def test_dry_runs_only_holds_for_a_url_that_is_typed(stage: Stage, configured: Configured) -> None:
    """The last row, and the URL of a server by hand: its label, and no Restore. The policy of the session says so."""
    app = configured(
        f'[servers.here]\nurl = "{SHOWN_URL}/"\nuser = "ana"\nlabel = "HERE"\ndry_run_only = true'
    )
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "end", "enter")
        assert focused(pilot).id == "url"
        await typed(pilot, SHOWN_URL)
        assert " HERE" in text(pilot).splitlines()[1]
        await press(pilot, "tab", *"demo", "tab", *"demo", "enter")
        await until(pilot, lambda: title(pilot) == "Data source")
        assert app.session.policy.dry_run_only
        assert [step.title for step in app.road.steps][-1] == "Dry run"


async def test_a_server_that_allows_restores_again(stage: Stage, configured: Configured) -> None:
    """From one with dry runs only to one without: what was cleared is said, and Restore is a step again."""
    here = f'url = "{SHOWN_URL}"\nuser = "demo"\npassword_command = ["echo", "demo"]\n'
    app = configured(
        f'[servers.read]\n{here}dry_run_only = true\nlabel = "READ"\n[servers.write]\n{here}mode = "direct"',
        {"server": "read"},
    )
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await tab_to(pilot, "servers")
        await press(pilot, "enter")
        await until(pilot, lambda: title(pilot) == "Data source")
        assert app.session.policy.dry_run_only
        await ready(pilot)
        await press(pilot, "escape")
        await ready(pilot)
        await tab_to(pilot, "servers")
        await press(pilot, "down", "enter")
        await until(pilot, lambda: title(pilot) == "Data source")
        assert not app.session.policy.dry_run_only
        assert (app.session.mode, app.session.destination.label) == ("direct", "")
        assert [step.title for step in app.road.steps][-1] == "Restore"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ('["false"]', "password command of server here (false) failed: it ended with exit code 1"),
        ('["true"]', "printed no password: its first line is empty"),
    ],
)
async def test_a_password_command_without_a_password(
    stage: Stage, configured: Configured, command: str, words: str
) -> None:
    """It is said, the password field has the focus, and nothing is sent."""
    app = configured(f'[servers.here]\nurl = "{SHOWN_URL}"\nuser = "demo"\npassword_command = {command}')
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: words in flat(pilot))
        assert focused(pilot).id == "password"
        assert stage.server.requests == []


async def test_esc_stops_a_password_command_that_hangs(stage: Stage, configured: Configured) -> None:
    """What is waited for stands on the screen; Esc ends it, and the list works as before."""
    app = configured(
        f'[servers.here]\nurl = "{SHOWN_URL}"\nuser = "demo"\npassword_command = ["sleep", "300"]'
    )
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await tap(pilot, "enter")
        await until(pilot, lambda: "Waiting for the password command of here (sleep)" in text(pilot))
        await tap(pilot, "escape")
        await until(pilot, lambda: "was stopped" in text(pilot))
        await ready(pilot)
        assert title(pilot) == "Connect"
        assert stage.server.requests == []


async def test_unreliable_keys_allow_no_server_a_restore(stage: Stage) -> None:
    """Where Textual's keys cannot be relied on, choosing a server takes that back as little as anything else."""
    app = stage.app()
    app.allow_dry_runs_only("no probe came")
    assert app.policy_of(replace(app.settings, dry_run_only=False)).dry_run_only


async def test_an_earlier_restore_is_checked_where_only_dry_runs_are_allowed(stage: Stage) -> None:
    """attach with dry_run_only, Enter: the result shows, under its own step; a new one would end with the dry run."""
    receipt = await left_behind(stage, way="direct", state="sending")
    app = stage.app(dry_run_only=True)
    app.attach_to = receipt["run"]
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        assert title(pilot) == "Restore"
        assert "Outcome unknown" in text(pilot)
        assert [step.title for step in app.road.steps][-1] == "Dry run"


# Certificates


@pytest.fixture
def serve() -> Iterator[ServeTls]:
    with tls_servers() as serve:
        yield serve


async def test_a_certificate_is_trusted_after_it_was_shown(stage: Stage, serve: ServeTls) -> None:
    """Enter, Enter, Enter leads to Cancel, and sends nothing; t, Tab, Enter trusts it. F2 has the file. A server with
    another certificate at that place is refused with words, and receives nothing."""
    server = serve(LOCALHOST)
    app = stage.app(url=server.url)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: "Certificate (t) shows it." in flat(pilot))
        assert "Nothing was sent, no password either." in text(pilot)
        assert ("t", "Certificate") in keys_of(app.screen)
        await press(pilot, "enter")
        shown = flat(pilot)
        for words in ("CN=localhost", "127.0.0.1, localhost", "2020-01-01 to 2120-01-01", "47:34:D0:AE"):
            assert words in shown
        assert focused(pilot).id == "safe"
        await press(pilot, "enter")
        assert isinstance(app.screen, ConnectScreen)
        assert (server.requests, list(stage.home.rglob("*.pem"))) == ([], [])
        await press(pilot, "t", "tab", "enter")
        await until(pilot, lambda: title(pilot) == "Data source")
        await ready(pilot)
        (path,) = stage.home.rglob("*.pem")
        received = len(server.requests)
        assert received > 0
        assert app.screen.access().ca_file == str(path)  # type: ignore[attr-defined]
        port = int(server.url.rsplit(":", 1)[1])
        server.stop()
        other = serve(CERTIFICATES / "renewed.pem", port)
        await press(pilot, "escape")
        await until(pilot, lambda: title(pilot) == "Connect")
        await ready(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: "The server's certificate has changed" in text(pilot))
        assert path.name in "".join(text(pilot).split())
        assert not app.screen.query("#certificate")
        assert other.requests == []


@pytest.mark.parametrize(
    ("pem", "more", "words"),
    [
        ("expired.pem", {}, "certificate has expired"),
        ("elsewhere.pem", {}, "IP address mismatch"),
        ("other.pem", {"ca_file": str(LOCALHOST)}, "Add it to the CA file"),
    ],
)
async def test_a_certificate_that_is_not_offered(
    stage: Stage, serve: ServeTls, pem: str, more: dict[str, str], words: str
) -> None:
    """Expired, for another host, or beside a CA file: no button, and t does nothing."""
    server = serve(CERTIFICATES / pem)
    app = stage.app(url=server.url, **more)
    async with app.run_test(size=(80, 43)) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: words in flat(pilot))
        await press(pilot, "escape", "t")
        assert isinstance(app.screen, ConnectScreen)
        assert not app.screen.query("#certificate")
        assert (server.requests, list(stage.home.rglob("*.pem"))) == ([], [])
