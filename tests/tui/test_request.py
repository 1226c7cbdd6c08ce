"""F2: the request in four languages, whose it is, and how one gets in and out."""

from __future__ import annotations

from typing import Any

import pytest
import textual.highlight
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from restore_tui.kinetica.connection.credentials import Secret
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.export import LANGUAGES, ConnectionInfo, Language, snippet
from restore_tui.restore.plan.request import JOB
from restore_tui.restore.plan.selection import Selection
from restore_tui.tui.dialogs.save_file import SaveDialog
from restore_tui.tui.widgets.request_panel import coloured
from tests.harness.app.app_harness import Paced, Stage
from tests.harness.app.pilot import (
    at_rest,
    burst,
    click,
    flat,
    press,
    ready,
    resize,
    settled,
    tap,
    text,
    title,
    until,
)
from tests.harness.app.request_panel import DRY, REAL, TITLES, chosen, panel, shown, wanted
from tests.harness.app.running import shows, start
from tests.harness.app.steps import (
    CHECKSUM,
    INVENTORY,
    SIZE,
    app_of,
    confirm,
    focused,
    go,
    highlighted,
    tab_to,
)
from tests.harness.servers.interceptors import Held, at
from tests.harness.snippets import NASTY

EVERY_SIZE = pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])


# Languages


@EVERY_SIZE
async def test_l_goes_round_the_four_languages(stage: Stage, size: tuple[int, int]) -> None:
    """F2, l ×4: each marked by its sign, each what the equivalents give, and JSON again."""
    async with stage.app().run_test(size=size) as pilot:
        await go(pilot, "Options")
        await press(pilot, "f2")
        for language in LANGUAGES:
            assert chosen(pilot) == TITLES[language]
            assert DRY in text(pilot)
            written = wanted(pilot, language)
            assert shown(pilot) == written.text.removesuffix("\n")
            first = written.text.split("\n", 1)[0]
            assert first[:30] in text(pilot)
            await press(pilot, "l")
        assert chosen(pilot) == "JSON"


async def test_the_language_and_the_panel_go_along_from_step_to_step(stage: Stage) -> None:
    """F2, l on Backup: curl on every step after it, also of what is chosen there."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "f2", "l")
        for keys, step in (
            (("enter",), "Snapshot"),
            (("enter",), "Objects"),
            (("right", "a", "ctrl+n"), "Options"),
        ):
            await press(pilot, *keys)
            assert title(pilot) == step
            assert chosen(pilot) == "curl"
            assert shown(pilot) == wanted(pilot, "curl").text.removesuffix("\n")
        assert '"inventory,sales,web"' in shown(pilot)


async def test_the_text_follows_an_option_in_every_language(stage: Stage) -> None:
    """F2 on Options, checksum changed: it stands in each."""
    async with stage.app().run_test(size=(100, 50)) as pilot:
        await go(pilot, "Options")
        await press(pilot, "f2", "l", "l", "l")
        assert "checksum" not in shown(pilot).lower()
        await press(pilot, *CHECKSUM)
        for _ in LANGUAGES:
            assert "checksum" in shown(pilot).lower()
            await press(pilot, "l")


async def test_notes_stand_in_the_comments_and_for_json_below_it(stage: Stage) -> None:
    """F2 on Objects with nothing selected: what is missing is said, and where the body goes."""
    async with stage.app().run_test(size=(120, 60)) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "f2")
        assert "Not complete: Nothing is selected" in text(pilot)
        assert "The body of POST http://localhost:9191/restore/backup" in text(pilot)
        await press(pilot, "l")
        assert "# Not complete: Nothing is selected" in text(pilot)
        assert text(pilot).count("Not complete:") == 1


async def test_a_job_says_that_this_is_the_direct_way(paced: Paced) -> None:
    """w on Dry run: the request under the way job has its note."""
    async with paced.app(way=JOB).run_test(size=(120, 60)) as pilot:
        await go(pilot, "Options")
        await press(pilot, "f2")
        assert "/create/job" in flat(pilot)


async def test_enter_the_arrows_and_a_click_choose_a_language(stage: Stage) -> None:
    """Tab to the languages: Enter, Space, →, ← there; ← at the first stays; a click on each."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Options")
        await press(pilot, "f2")
        await tab_to(pilot, "request-language")
        for key, then in (
            ("enter", "curl"),
            ("space", "Python"),
            ("right", "SQL"),
            ("right", "SQL"),
            ("left", "Python"),
        ):
            await press(pilot, key)
            assert chosen(pilot) == then
        assert focused(pilot).id == "request-language"
        for name in TITLES.values():
            rows = text(pilot).splitlines()
            y = next(y for y, row in enumerate(rows) if f" {name}" in row and "○" in row)
            click(app_of(pilot), rows[y].index(f" {name}") + 1, y)
            await at_rest(pilot)
            await settled(app_of(pilot))
            assert chosen(pilot) == name


async def test_nothing_is_coloured_twice(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Round the languages three times, to the filter and back, a resize: four texts, four times coloured."""
    seen: list[str] = []
    highlight = textual.highlight.highlight

    def count(code: str, **how: Any) -> Any:
        seen.append(code)
        return highlight(code, **how)

    monkeypatch.setattr(textual.highlight, "highlight", count)
    coloured.cache_clear()
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "f2", *["l"] * 12, "right", "slash", *"sal", "escape", "f2", "f2")
        await resize(pilot, 120, 40)
        await press(pilot, "l", "l")
        assert len(seen) == len(set(seen)) == 4


@given(
    st.sampled_from(["json", "bash", "python", "sql"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
)
def test_colours_change_no_letter(syntax: str, words: str) -> None:
    """Whatever it is: begun strings, here-documents, brackets."""
    lines = "\n".join(sanitize(line) for line in words.split("\n"))
    assert coloured(lines, syntax).plain == lines


@pytest.mark.parametrize("nasty", NASTY[:-1], ids=[ascii(name)[:20] for name in NASTY[:-1]])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nasty_text_keeps_its_letters_when_it_is_coloured(language: Language, nasty: str) -> None:
    from tests.harness.plans import plan

    written = snippet(language, plan({"table": [nasty]}, backup=nasty), ConnectionInfo(), dry_run=True)
    assert coloured(written.text.removesuffix("\n"), written.syntax).plain == written.text.removesuffix("\n")


# Whose it is


async def test_up_to_restore_it_is_the_dry_runs_and_r_does_nothing(stage: Stage) -> None:
    """F2 on Connect, then r on every step on the way: the dry run's, and no button for the other."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "f2")
        for keys in (
            (),
            ("enter",),
            ("enter",),
            ("enter",),
            ("enter",),
            ("right", "space", "down", "space", "ctrl+n"),
        ):
            await press(pilot, *keys, "r")
            assert DRY in text(pilot)
            assert "The restore's" not in text(pilot)
            assert '"true"' in shown(pilot)


async def test_on_restore_it_is_the_real_one_only_while_it_is_asked_for(stage: Stage) -> None:
    """Restore with F2: the dry run's; r in the field is a letter; Esc, r: the restore's, said in the first line and in
    the text; r: the dry run's; the button, F2 ×2 and Back bring it back too."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await press(pilot, "f2", "r")
        assert DRY in text(pilot)
        assert pilot.app.screen.query_one("#phrase", Input).value == "r"
        await press(pilot, "escape", "r")
        assert REAL in text(pilot)
        assert DRY not in text(pilot)
        assert shown(pilot) == wanted(pilot, "json", dry_run=False).text.removesuffix("\n")
        await press(pilot, "l")
        assert "# This restores. It is not the dry run." in text(pilot)
        await press(pilot, "r")
        assert DRY in text(pilot)
        await tab_to(pilot, "request-which")
        await press(pilot, "enter")
        assert REAL in text(pilot)
        await press(pilot, "f2", "f2")
        assert DRY in text(pilot)
        await press(pilot, "escape", "r", "escape")
        assert title(pilot) == "Dry run"
        assert DRY in text(pilot)
        await press(pilot, "ctrl+n")
        assert DRY in text(pilot)
    assert stage.restores == []


async def test_while_it_runs_and_at_its_end_it_is_asked_for_anew(paced: Paced) -> None:
    """r on the confirmation, then the restore: the dry run's again while it runs; r there; on the result the dry
    run's."""
    async with paced.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await press(pilot, "f2", "escape", "r")
        assert REAL in text(pilot)
        await tab_to(pilot, "phrase")
        await confirm(pilot)
        await shows(pilot, "Restoring …", DRY)
        await press(pilot, "r")
        assert REAL in text(pilot)
        paced.let_pass(100)
        await shows(pilot, "Receipt:", DRY)
        await press(pilot, "r")
        assert REAL in text(pilot)


# In and out


@pytest.mark.parametrize("step", ["Data source", "Objects", "Options", "Dry run", "Restore"])
async def test_f2_takes_no_key_away_and_esc_leaves_the_panel(stage: Stage, step: str) -> None:
    """F2: the focus stays; Tab comes to the text; Esc goes back to where one was and is no step back."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, step)
        before = focused(pilot)
        await press(pilot, "f2")
        assert focused(pilot) is before
        for id in ("request-language", "request-copy", "request-view"):
            await tab_to(pilot, id)
        await press(pilot, "escape")
        assert title(pilot) == step
        if step not in ("Objects", "Options"):  # there Tab has passed other rows on its way
            assert focused(pilot) is before
        assert not panel(pilot).has_focus_within


async def test_left_leaves_the_text_and_right_enters_it_behind_the_details(stage: Stage) -> None:
    """Backup: → the details, → the request, ← the list; PgDn scrolls in between."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "f2", "l", "l", "right")
        assert focused(pilot).id == "details"
        await press(pilot, "right")
        assert focused(pilot).id == "request-view"
        await press(pilot, "right", "pagedown")
        await until(pilot, lambda: focused(pilot).scroll_offset.y > 0)
        await press(pilot, "left", "home")
        assert highlighted(pilot).startswith("ddl_only_monthly")


async def test_esc_leaves_the_panel_where_esc_means_more(paced: Paced) -> None:
    """While it restores, and on the result: Esc in the panel only leaves it; while it runs, Esc again asks first."""
    async with paced.app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await press(pilot, "f2")
        await tab_to(pilot, "request-view")
        await press(pilot, "escape")
        assert not pilot.app.screen.is_modal
        assert not panel(pilot).has_focus_within
        await press(pilot, "escape")
        await shows(pilot, "Leave it running")
        await press(pilot, "escape")
        paced.let_pass(100)
        await shows(pilot, "Receipt:")
        await tab_to(pilot, "request-view")
        await press(pilot, "escape")
        assert not panel(pilot).has_focus_within
        assert "Receipt:" in text(pilot)


async def test_keys_typed_ahead_go_past_the_panel(stage: Stage) -> None:
    """From launch, all at once: Enter ×4, F2, l, → ↓ Space: curl, and sales is selected."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await ready(pilot)
        await burst(pilot, "enter", "enter", "enter", "enter", "f2", "l", "right", "down", "space", "ctrl+n")
        assert title(pilot) == "Options"
        assert app_of(pilot).plan.objects == Selection.of({"all": ["sales"]})
        assert app_of(pilot).request_shown


async def test_letters_in_a_field_are_letters(stage: Stage) -> None:
    """F2, then / and yler on Backup: typed into the filter; nothing is copied, saved or changed."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "f2", "slash", *"yler")
        assert pilot.app.screen.query_one(".list-filter", Input).value == "yler"
        assert chosen(pilot) == "JSON"
        assert not isinstance(pilot.app.screen, SaveDialog)


async def test_while_a_step_loads_the_panel_shows_what_is_known(stage: Stage) -> None:
    """F2 while the backups load: the data source stands there; a click on curl changes the language."""
    held = Held(stage, at("/show/backup"))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")
        await tap(pilot, "enter")
        await held.has_arrived()
        await tap(pilot, "f2")
        await until(pilot, lambda: "dr_bucket_s3" in shown(pilot))
        rows = text(pilot).splitlines()
        y = next(y for y, row in enumerate(rows) if "○ curl" in row)
        click(app_of(pilot), rows[y].index("curl"), y)
        await until(pilot, lambda: chosen(pilot) == "curl")
        held.let_go.set()
        await until(pilot, lambda: "nightly_shop" in text(pilot))


# Connect


async def test_connect_shows_what_the_fields_say(stage: Stage) -> None:
    """F2, l on Connect: the URL as it is typed, the user only by name; what is no URL leaves a place for it."""
    async with stage.app(url="", user="", password=Secret("")).run_test(size=(120, 60)) as pilot:
        await ready(pilot)
        await press(pilot, "f2", "tab", "shift+tab")
        assert "No server is known yet" in flat(pilot)
        await press(pilot, "escape", "l")
        assert "http://HOST:9191/restore/backup" in flat(pilot)
        pilot.app.screen.query_one("#url", Input).value = "https://db.example.com:8082/gpudb-0"
        pilot.app.screen.query_one("#user", Input).value = "ops"
        await at_rest(pilot)
        assert "https://db.example.com:8082/gpudb-0/restore/backup" in shown(pilot).replace("\n", "")
        assert "KINETICA_USER (ops in the wizard)" in " ".join(shown(pilot).split())
        pilot.app.screen.query_one("#url", Input).value = "http://ops:geheim@db:9191"
        await at_rest(pilot)
        assert "geheim" not in shown(pilot)
    assert stage.server.requests == []


@EVERY_SIZE
async def test_the_field_that_confirms_stays_on_the_screen(newest: Stage, size: tuple[int, int]) -> None:
    """Restore with all warnings and F2: the field, its prompt, and a row of the request are all seen."""
    way = ("right", *["down"] * 6, "left", "down", *"old", "down", "down", "left", "ctrl+n", "ctrl+n")
    async with newest.app().run_test(size=size) as pilot:
        await go(pilot, "Options", tick=INVENTORY)
        await press(pilot, *way, "f2", "ctrl+n")
        assert title(pilot) == "Restore"
        screen = pilot.app.screen
        body = screen.query_one("#body").region
        for id in ("#phrase", "#phrase-prompt", "#sentence-pane"):
            region = screen.query_one(id).region
            assert region.height >= 1
            assert body.contains_region(region), id
        assert screen.query_one("#request-view").region.height >= 3
        hidden = screen.query_one("#sentence-pane").max_scroll_y > 0
        await until(pilot, lambda: ("PgDn reads on" in text(pilot)) == hidden)
        await press(pilot, "f2", "f2")
        await until(pilot, lambda: ("PgDn reads on" in text(pilot)) == hidden)


async def test_the_title_names_the_keys_that_work_with_the_focus_there(stage: Stage) -> None:
    """The confirmation: in the field letters are text, in the panel they are keys."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        await press(pilot, "f2")
        assert "The dry run's request  Tab, then l language  y copy  e save  r restore's" in text(pilot)
        await press(pilot, "tab")
        assert "The dry run's request  l language  y copy  e save  r restore's" in text(pilot)
        await press(pilot, "r")
        assert "! The restore's request  l language  y copy  e save  r dry run's" in text(pilot)
