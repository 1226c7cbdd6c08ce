"""Errors lead to where they can be fixed: on Connect the fields stay in view, from a dry run b leads to the option."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from restore_tui.kinetica.connection.credentials import Secret
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import flat, press, ready, text, title
from tests.harness.app.steps import SIZE, app_of, focused, go
from tests.harness.servers.interceptors import at, instead, is_dry_run, refused


def fields_in_view(screen_text: str) -> bool:
    return all(f"{label} " in screen_text for label in ("URL", "User", "Password", "OAuth token"))


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_an_error_leaves_the_fields_in_view(stage: Stage, size: tuple[int, int]) -> None:
    """A long refusal: the four fields, the title of the error and the field to correct are on the screen; Tab and
    back do not hide them."""
    instead(stage, at("/show/system/properties"), refused("no " * 300))
    async with stage.app().run_test(size=size) as pilot:
        await ready(pilot)
        await press(pilot, "enter")
        assert title(pilot) == "Connect"
        assert fields_in_view(text(pilot))
        assert "✗ The server refused" in text(pilot)
        assert focused(pilot).id == "url"
        await press(pilot, "tab", "tab", "tab")
        assert fields_in_view(text(pilot))
        assert isinstance(focused(pilot), Input)


async def test_which_login_was_sent_is_said(stage: Stage) -> None:
    """A token and a password: a line says that the token is sent, and the error which was not accepted."""
    async with stage.app(token=Secret("wrong-token")).run_test(size=SIZE) as pilot:
        await ready(pilot)
        assert "A token is filled in: it is sent, and user and password are not." in text(pilot)
        await press(pilot, "ctrl+n")
        said = flat(pilot)
        assert "The server does not accept this token. User and password were not sent." in said
        assert focused(pilot).id == "token"
    logins = {r.headers["authorization"] for r in stage.server.received("/show/system/properties")}
    assert logins == {"Bearer wrong-token"}


UNKNOWN = "Parameter map key: '{}' is not a valid parameter (U/PUh:348); error in Job validation"


async def test_b_leads_to_the_option_that_the_server_does_not_know(stage: Stage) -> None:
    """The option has the focus on Options."""
    instead(stage, is_dry_run, refused(UNKNOWN.format("restore_subscriptions")))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        assert "Dry run refused" in text(pilot)
        assert "option restore_subscriptions" in flat(pilot)
        await press(pilot, "b")
        assert title(pilot) == "Options"
        assert focused(pilot).id == "option-restore_subscriptions"
        await press(pilot, "escape", "ctrl+n")
        assert focused(pilot).id != "option-restore_subscriptions", "only the first time"


async def test_b_leads_to_objects_for_a_type(stage: Stage) -> None:
    """A key that is a type is one of restore_objects_map."""
    instead(stage, is_dry_run, refused(UNKNOWN.format("function_environment")))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        await press(pilot, "b")
        assert title(pilot) == "Objects"
        assert app_of(pilot).plan.objects.count


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("@jane.doe", True),
        ("svc.app", False),
        ("@", False),
    ],
)
async def test_external_users_are_typed(stage: Stage, name: str, taken: bool) -> None:
    """`@jane.doe` is a name of a user; what breaks the rules of its type keeps the dialog open."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        screen = pilot.app.screen
        row = next(i for i, row in enumerate(screen.types.items) if row.kind == "user")  # type: ignore[attr-defined]
        await press(pilot, *["down"] * row, "t")
        pilot.app.screen.query_one("#names").insert(name)  # type: ignore[attr-defined]
        await pilot.pause()
        await press(pilot, "ctrl+n")
        assert (app_of(pilot).plan.objects.names("user") == {name}) is taken
