"""What a server of each version is offered, and what a plan does that was made for a newer one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica import reference
from restore_tui.restore.plan.availability import (
    Support,
    check_support,
    unknown_version_text,
    version_problems,
)
from restore_tui.restore.session import Session
from tests.harness.clock import FakeClock
from tests.harness.kinetica_client import link
from tests.harness.plans import RESTORE, plan
from tests.harness.servers.faulty_server import Server
from tests.harness.servers.restore_server import properties, serve_directly, sitting


@pytest.fixture
def server(faulty: Server) -> Server:
    return serve_directly(faulty)


ENTRIES = [*reference.OBJECT_TYPES, *reference.OPTIONS]


@given(st.sampled_from(ENTRIES), st.tuples(*[st.integers(0, 30)] * 4))
def test_a_version_has_what_came_with_it_or_before(
    entry: reference.ReferenceEntry, version: tuple[int, ...]
) -> None:
    """Closed exactly where the server is older; then the sentence names both versions."""
    text = ".".join(map(str, version))
    told = check_support(entry, f"{text}.20260622")
    older = version < tuple([*map(int, entry.since.split(".")), 0, 0][:4])
    assert told.support is (Support.TOO_OLD if older else Support.AVAILABLE)
    assert told.is_available is not older
    assert told.needs == entry.since
    assert told.text == (f"Needs server {entry.since}; this one is {text}." if older else "")


@pytest.mark.parametrize("version", ["", "unknown", "nightly 7.2.3.20", "\x1b[31m"])
def test_an_unknown_version_offers_all_and_says_so(version: str) -> None:
    """Nothing is closed on a guess, and the screens have a sentence for it, without control characters."""
    assert {check_support(entry, version).support for entry in ENTRIES} == {Support.UNKNOWN}
    assert "cannot be read. Everything is available" in unknown_version_text(version)
    assert "\x1b" not in unknown_version_text(version)
    assert version_problems(plan(), version) == ()


def test_a_known_version_needs_no_words() -> None:
    """The sentence is for the unknown one."""
    assert unknown_version_text("7.2.3.14.20260622") == ""


def test_a_type_that_only_the_server_knows_is_offered() -> None:
    """It lists it, so it has it."""
    assert check_support(reference.object_type("hologram"), "7.2.3").is_available


def test_what_was_chosen_for_a_newer_server_is_a_problem_at_an_older_one() -> None:
    """Types and options, each with a sentence that says how to mend it; what is not in force is none."""
    made = plan({"graph": ["s.g"], "table": ["s.a"]}, {"restore_subscriptions": "pause", "checksum": "true"})
    found = version_problems(made, "7.2.3.9")
    assert [p.part for p in found] == ["objects", "options"]
    assert found[0].text == "graph is selected. Needs server 7.2.3.13; this one is 7.2.3.9. Clear it."
    assert "restore_subscriptions is chosen. Needs server 7.2.3.14; this one is 7.2.3.9." in found[1].text
    assert version_problems(made, "7.2.3.14") == ()
    idle = plan(options={"cascade_foreign_keys": "true"})
    assert version_problems(idle, "7.2.3.14") == ()
    assert len(version_problems(idle.choose_option("restore_policy", "replace"), "7.2.3.14")) == 1


async def test_an_option_that_the_server_is_too_old_for_is_never_sent(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """Options are kept when the server changes. At an older one the plan is held back, whatever screen asks; set back
    to its default, it is sent without the option."""
    server.on("/show/system/properties", properties(version="7.2.3.20"))
    session: Session = await sitting(server, clock, tmp_path)
    session.plan = session.plan.choose_option("restore_all_permissions", "true")
    assert session.problems() == ()
    chosen = session.plan
    server.on("/show/system/properties", properties(version="7.2.3.14"))
    await session.connect(link(server))
    session.plan = chosen
    assert [p.part for p in session.problems()] == ["options"]
    assert not session.check_support(reference.option("restore_all_permissions")).is_available
    with pytest.raises(RuntimeError, match="restore_all_permissions"):
        await session.run_dry_run()
    assert server.at(RESTORE) == []
    session.plan = session.plan.choose_option("restore_all_permissions", "false")
    await session.run_dry_run()
    assert set(server.at(RESTORE)[0].json["options"]) == {"backup_id", "dry_run"}
    await session.aclose()


async def test_a_dry_run_of_a_newer_server_is_void_at_an_older_one(
    server: Server, clock: FakeClock, tmp_path: Path
) -> None:
    """The server was set back between dry run and restore: the fingerprint holds its version."""
    server.on("/show/system/properties", properties(version="7.2.3.20"))
    session = await sitting(server, clock, tmp_path)
    session.plan = session.plan.choose_option("restore_all_permissions", "true")
    await session.run_dry_run()
    assert session.staleness_reason() is None
    server.on("/show/system/properties", properties(version="7.2.3.14"))
    await session.connect(link(server))
    assert session.staleness_reason() is not None
    await session.aclose()
