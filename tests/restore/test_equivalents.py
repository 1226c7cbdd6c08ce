"""What holds for all four texts: no secret, nothing that acts on a terminal, all notes in, and a bounded preview."""

from __future__ import annotations

import json
from itertools import takewhile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.sanitize import escape_unsafe, sanitize
from restore_tui.restore.export import LANGUAGES, ConnectionInfo, Language, preview, snippet
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.request import JOB, restore_body
from tests.harness.plans import plan
from tests.harness.snippets import NASTY, anything, hostile_plans, link_to

ACCESS = ConnectionInfo("http://kinetica:9191", user="ops")


@given(hostile_plans(), st.booleans())
def test_json_is_the_body(made: RestorePlan, dry_run: bool) -> None:
    """Escaped or not, it reads back as what is sent."""
    text = snippet("json", made, ACCESS, dry_run=dry_run).text
    assert json.loads(text) == restore_body(made, dry_run=dry_run)


@pytest.mark.parametrize("language", LANGUAGES)
@given(made=hostile_plans())
def test_nothing_in_a_text_acts_on_a_terminal(language: Language, made: RestorePlan) -> None:
    """Every line stands on the screen as it would be copied; so does every note."""
    written = snippet(language, made, ACCESS, dry_run=True)
    for line in (*written.text.split("\n"), *written.notes):
        assert sanitize(line) == line


@pytest.mark.parametrize("language", ["json", "curl", "python"])
def test_letters_of_any_language_stay_readable(language: Language) -> None:
    made = plan({"table": ["naïve.Ångström 日本語 😀"]})
    assert "naïve.Ångström 日本語 😀" in snippet(language, made, ACCESS, dry_run=True).text


@given(st.text(st.characters(exclude_categories=()), max_size=60), st.sampled_from(["", *NASTY]))
def test_what_is_escaped_is_harmless_and_reads_back(text: str, nasty: str) -> None:
    """JSON's spelling, for anything at all: half a surrogate, marks upon marks, what is drawn as nothing."""
    spelt = escape_unsafe(json.dumps(text + nasty, ensure_ascii=False), lambda c: json.dumps(c)[1:-1])
    assert sanitize(spelt) == spelt
    assert json.loads(spelt) == text + nasty


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "login", [Login("ops", Secret("Quagga§7 Zebra")), Login("ops", Secret("p"), Secret("okapi.tok3n"))]
)
def test_no_text_holds_a_secret(language: Language, login: Login) -> None:
    written = snippet(
        language, plan(), ConnectionInfo.of(link_to("https://kinetica:8082", login)), dry_run=False
    )
    for needle in ("Quagga", "okapi", (login.header() or "").partition(" ")[2]):
        assert needle not in written.text
        assert not any(needle in note for note in written.notes)


@pytest.mark.parametrize("language", ["curl", "python"])
def test_a_proxy_with_a_login_is_left_out(language: Language) -> None:
    """No link connects through one; its password stands in no text either."""
    access = ConnectionInfo.of(link_to("http://kinetica:9191", proxy="http://eve:geheim@proxy:3128"))
    assert "geheim" not in snippet(language, plan(), access, dry_run=True).text


@pytest.mark.parametrize(
    ("login", "names"),
    [
        (Login("ops", Secret("p")), ("KINETICA_USER", "KINETICA_PASSWORD")),
        (Login("", Secret("p")), ("KINETICA_USER", "KINETICA_PASSWORD")),
        (Login("ops", Secret("p"), Secret("t")), ("KINETICA_OAUTH_TOKEN",)),
        (Login(), ()),
    ],
)
@pytest.mark.parametrize("language", ["curl", "python"])
def test_the_login_comes_from_the_environment(
    language: Language, login: Login, names: tuple[str, ...]
) -> None:
    written = snippet(
        language, plan(), ConnectionInfo.of(link_to("http://kinetica:9191", login)), dry_run=True
    )
    everything = ("KINETICA_USER", "KINETICA_PASSWORD", "KINETICA_OAUTH_TOKEN")
    assert tuple(name for name in everything if name in written.text) == names
    assert tuple(name for name in everything if any(name in note for note in written.notes)) == names


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_that_is_not_complete_has_a_text_that_says_so(language: Language) -> None:
    written = snippet(language, RestorePlan(), ConnectionInfo(), dry_run=True)
    for problem in RestorePlan().problems():
        assert any(problem.text in note for note in written.notes)
    assert any("No server is known yet" in note for note in written.notes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_restore_is_told_from_the_dry_run(language: Language) -> None:
    dry, real = (snippet(language, plan(), ACCESS, dry_run=dry_run) for dry_run in (True, False))
    assert (dry.title.endswith("the dry run"), real.title.endswith("the restore")) == (True, True)
    assert real.notes[0].startswith("This restores.")
    assert not any("This restores." in note for note in dry.notes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_the_way_of_a_job_it_says_that_this_is_the_direct_one(language: Language) -> None:
    access = ConnectionInfo.of(link_to("http://kinetica:9191"), JOB)
    assert any("/create/job" in note for note in snippet(language, plan(), access, dry_run=True).notes)


@pytest.mark.parametrize(("language", "mark"), [("curl", "# "), ("python", "# "), ("sql", "-- ")])
@given(made=hostile_plans())
def test_a_saved_text_carries_its_notes(language: Language, mark: str, made: RestorePlan) -> None:
    """As comments before the first line that does something, word for word."""
    written = snippet(language, made, ACCESS, dry_run=False)
    head = list(takewhile(lambda line: line.startswith(mark), written.text.split("\n")))
    words = " ".join(line.removeprefix(mark) for line in head).split()
    assert words == " ".join(written.notes).split()


# The preview

texts = st.lists(st.text("ab…é", max_size=30), max_size=40).map("\n".join)


@given(texts, st.integers(3, 20), st.integers(4, 30))
def test_a_preview_is_bounded_and_counts_what_it_leaves_out(text: str, lines: int, width: int) -> None:
    shown = preview(text, lines=lines, width=width)
    rows = shown.text.split("\n")
    assert len(rows) <= lines
    assert all(len(row) <= max(width, 30) for row in rows)
    whole = text.removesuffix("\n").split("\n")
    if len(whole) <= lines and all(len(line) <= width for line in whole):
        assert (shown.text, shown.left_out) == ("\n".join(whole), "")
    else:
        assert shown.left_out


def test_a_preview_keeps_begin_and_end() -> None:
    shown = preview("\n".join(f"line {n}" for n in range(100_000)), lines=7)
    assert shown.text.split("\n") == [
        "line 0", "line 1", "line 2", "line 3", "… 99,994 lines …", "line 99998", "line 99999",
    ]  # fmt: skip
    assert shown.left_out == "Not shown here: 99,994 lines. Copy and save give all."


def test_a_long_line_keeps_begin_and_end() -> None:
    shown = preview("a" * 1000 + "z" * 1000, width=9)
    assert shown.text == "aaaa…zzzz"
    assert shown.left_out == "Not shown here: 1,992 characters of long lines. Copy and save give all."


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_100_000_names_the_screen_gets_a_page(language: Language) -> None:
    """And it shows the options, which stand behind the names."""
    made = plan(
        {"table": [f"warehouse.table_of_{n:06}" for n in range(100_000)]}, {"restore_policy": "replace"}
    )
    text = snippet(language, made, ACCESS, dry_run=True).text
    assert len(text) > 2_500_000
    shown = preview(text, lines=60, width=100)
    assert len(shown.text) < 6100
    assert "replace" in shown.text
    assert shown.left_out


@given(anything)
def test_the_user_is_named_harmlessly(user: Any) -> None:
    written = snippet("curl", plan(), ConnectionInfo("http://kinetica:9191", user=user), dry_run=True)
    for note in written.notes:
        assert sanitize(note) == note
