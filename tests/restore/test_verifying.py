"""Is the snapshot readable: asked by its id, kept for the sitting, told in words that promise no more than it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from restore_tui.demo.seed.shop import build_world
from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.errors import EndpointMissing, RequestRejected
from restore_tui.kinetica.inventory import NotVerifiable
from restore_tui.kinetica.verification import Verification
from restore_tui.restore.plan.plan import NewestSnapshot, PinnedSnapshot, RestorePlan, SnapshotChoice
from restore_tui.restore.preflight.verification import (
    NOT_PROVEN,
    VerificationResult,
    VerificationStatus,
    why_unavailable,
)
from restore_tui.restore.session import Session, SessionOptions
from tests.harness.clock import NOW, FakeClock

S3, CRM = "dr_bucket_s3", "nightly_crm"
WORLD_NOW = datetime(2026, 11, 23, 21, 0, tzinfo=timezone.utc)


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer(build_world(now=WORLD_NOW, big_tables=10)) as running:
        yield running
    assert running.errors == []


async def sitting(
    server: DemoServer, folder: Path, snapshot: SnapshotChoice | None, backup: str = CRM
) -> Session:
    session = Session(FakeClock(), SessionOptions(folder))
    await session.connect(
        ConnectionSettings(ServerAddress.parse(server.url), Login(server.user, Secret(server.password)))
    )
    session.plan = RestorePlan(S3, backup, snapshot)
    return session


def ids(server: DemoServer, backup: str = CRM) -> list[str]:
    return [str(snapshot.id) for snapshot in server.world.backup(backup).snapshots]


async def test_the_damaged_snapshot_and_a_whole_one(server: DemoServer, tmp_path: Path) -> None:
    """Each by its own id; what was found is kept per snapshot, and a snapshot that was not verified has nothing."""
    *_, whole, damaged = ids(server)
    session = await sitting(server, tmp_path, PinnedSnapshot(whole))
    assert session.preflight.verifications.of(session.plan) is None
    fine = await session.verify()
    assert (fine.status, fine.sentences, fine.at) == (VerificationStatus.READABLE, (), NOW)
    session.plan = RestorePlan(S3, CRM, PinnedSnapshot(damaged))
    assert session.preflight.verifications.of(session.plan) is None
    bad = await session.verify()
    assert bad.status is VerificationStatus.DAMAGED
    assert "crm.tickets/0000.kdat" in bad.sentences[0]
    assert session.preflight.verifications.of(session.plan) is bad
    assert session.preflight.verifications.of(RestorePlan(S3, CRM, PinnedSnapshot(whole))) is fine
    asked = [request.json()["options"] for request in server.received("/verify/backup")]
    assert asked == [{"backup_id": whole}, {"backup_id": damaged}]
    await session.aclose()


async def test_the_newest_is_verified_by_the_id_that_was_listed(server: DemoServer, tmp_path: Path) -> None:
    """Also where the plan leaves the id empty: an empty one would mean whatever is newest then."""
    session = await sitting(server, tmp_path, NewestSnapshot(ids(server)[-1]))
    assert (await session.verify()).status is VerificationStatus.DAMAGED
    assert server.received("/verify/backup")[0].json()["options"] == {"backup_id": ids(server)[-1]}
    await session.aclose()


@pytest.mark.parametrize("snapshot", [None, NewestSnapshot(""), PinnedSnapshot("-1")])
async def test_what_has_no_id_is_not_asked_for(
    server: DemoServer, tmp_path: Path, snapshot: SnapshotChoice | None
) -> None:
    """Nothing is sent, so that no other snapshot is verified in its place."""
    session = await sitting(server, tmp_path, snapshot)
    with pytest.raises(NotVerifiable):
        await session.verify()
    assert server.received("/verify/backup") == []
    await session.aclose()


async def test_a_deleted_snapshot_is_the_servers_no(server: DemoServer, tmp_path: Path) -> None:
    """Refused in the server's words, and nothing is kept."""
    gone = str(server.world.backup("nightly_shop").deleted[0].id)
    session = await sitting(server, tmp_path, PinnedSnapshot(gone), "nightly_shop")
    with pytest.raises(RequestRejected) as refused:
        await session.verify()
    assert "was deleted from" in refused.value.server_message
    assert session.preflight.verifications.of(session.plan) is None
    await session.aclose()


async def test_another_user_has_verified_nothing(server: DemoServer, tmp_path: Path) -> None:
    """What was found is of one server and user."""
    session = await sitting(server, tmp_path, PinnedSnapshot(ids(server)[0]))
    plan = session.plan
    await session.verify()
    await session.connect(
        ConnectionSettings(ServerAddress.parse(server.url), Login(token=Secret("demo-token")))
    )
    assert session.preflight.verifications.of(plan) is None
    await session.aclose()


async def test_an_old_server_lacks_it(tmp_path: Path) -> None:
    """Told before it is asked, and by the response."""
    with DemoServer(build_world(now=WORLD_NOW, big_tables=10), server_version="7.2.3.13") as server:
        session = await sitting(server, tmp_path, PinnedSnapshot(ids(server)[0]))
        assert "needs server 7.2.3.14; this one is 7.2.3.13" in why_unavailable(session.server_version, "1")
        with pytest.raises(EndpointMissing) as missing:
            await session.verify()
        assert "7.2.3.14" in missing.value.impact
        await session.aclose()


@pytest.mark.parametrize(
    ("version", "number", "word"),
    [
        ("7.2.3.14.20260622", "17", ""),
        ("7.2.3.18", "17", ""),
        ("nightly", "17", ""),
        ("", "17", ""),
        ("7.2.3.9", "17", "7.2.3.14"),
        ("7.2.3.14", "", "id of this snapshot is not known"),
        ("7.2.3.14", "-1", "-1 is not sent"),
    ],
)
def test_why_it_is_not_offered(version: str, number: str, word: str) -> None:
    """Too old a server, or no id; a version that nobody can read closes nothing."""
    told = why_unavailable(version, number)
    assert bool(told) is bool(word)
    assert word in told


@pytest.mark.parametrize(
    ("found", "finding", "sentences"),
    [
        (Verification("b", "5"), VerificationStatus.READABLE, 0),
        (Verification("b", "5", errors=("bad", "worse")), VerificationStatus.DAMAGED, 2),
        (Verification("b", "5", named=False), VerificationStatus.UNKNOWN, 1),
        (Verification("b", "5", errors=("bad",), others=("1", "2", "3", "4")), VerificationStatus.DAMAGED, 2),
        (Verification("b", "5", others=("1",)), VerificationStatus.READABLE, 1),
    ],
)
def test_what_was_found_in_words(found: Verification, finding: VerificationStatus, sentences: int) -> None:
    """An answer that does not name this snapshot is not called readable."""
    verified = VerificationResult(found, NOW)
    assert verified.status is finding
    assert len(verified.sentences) == sentences


def test_hostile_words_are_harmless_and_nothing_is_promised() -> None:
    """What the server says goes to a screen; what it does not prove is said beside it."""
    verified = VerificationResult(
        Verification("b", "5", errors=("\x1b]0;x\x07" + "y" * 10_000,), others=("\n",)), NOW
    )
    assert all(sentence.isprintable() and len(sentence) < 500 for sentence in verified.sentences)
    assert "checksum" in NOT_PROVEN
