"""What exists, and what a verification found, read from answers as documented and from others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.errors import (
    EndpointMissing,
    KineticaError,
    TimedOut,
    Unreachable,
    UnrecognizedResponse,
)
from restore_tui.kinetica.inventory import (
    Listing,
    LiveTable,
    NotVerifiable,
    _read_schemas,
    _read_security,
    _read_tables,
)
from restore_tui.kinetica.responses.models import VerifyResponse
from restore_tui.kinetica.verification import read_verification
from tests.harness.kinetica_client import PASSWORD, client, link
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Server

ID = "1732000000000"


async def schemas(server: Server, **data: Any) -> Listing:
    server.on("/show/schema", f.good(data))
    async with client(server) as asking:
        return await asking.schemas()


async def principals(server: Server, types: Any, permissions: Any = None) -> Listing:
    server.on("/show/security", f.good({"types": types, "permissions": permissions or {}}))
    async with client(server) as asking:
        return await asking.users_and_roles()


async def test_tables_are_named_with_their_schema(faulty: Server) -> None:
    """Whether the server says the schema again before each table is not documented: it is the same table."""
    listing = await schemas(faulty, schema_names=["s", "t"], schema_tables=[["a", "s.b"], ["a"]])
    assert listing.names == {"table": {"s.a", "s.b", "t.a"}}
    assert listing.schemas == {"s", "t"}
    assert not listing.blank


@pytest.mark.parametrize("tables", [[["a"]], [["a"], None], [["a"], []], [["a"], "none of yours"]])
async def test_a_schema_of_which_nothing_is_shown_is_blank(faulty: Server, tables: Any) -> None:
    """Listed, and no table of it is: it is empty, or this user may not see into it."""
    listing = await schemas(faulty, schema_names=["s", "t"], schema_tables=tables)
    assert (listing.schemas, listing.blank) == ({"s", "t"}, {"t"})
    assert listing.names == {"table": {"s.a"}}


WRITTEN = datetime(2026, 11, 23, 20, 50, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"table_names": ["s.a", "b"], "sizes": [3, "4"]}, {"s.a": LiveTable(3), "s.b": LiveTable(4)}),
        ({"table_names": ["s.a"], "full_sizes": [3]}, {"s.a": LiveTable(3)}),
        ({"table_names": ["s.a", "s.b"], "sizes": [3]}, {"s.a": LiveTable(), "s.b": LiveTable()}),
        ({"table_names": ["s.a"], "sizes": [-1]}, {"s.a": LiveTable()}),
        ({"table_names": ["s.a", "a"], "sizes": [3, 4]}, {"s.a": LiveTable()}),
        ({"table_names": []}, {}),
        *(
            (
                {"table_names": ["s.a"], "additional_info": [{"last_write_time": text}]},
                {"s.a": LiveTable(None, when)},
            )
            for text, when in (
                ("2026-11-23 20:50:00", WRITTEN),
                ("2026-11-23T20:50:00Z", WRITTEN),
                ("1795467000000", WRITTEN),
                ("never", None),
                ("", None),
            )
        ),
    ],
)
async def test_records_and_last_writes(faulty: Server, data: Any, found: dict[str, LiveTable]) -> None:
    """Lists that do not fit the names, numbers that nothing can have, and a table that comes twice say nothing. The
    times of last writes are in UTC."""
    faulty.on("/show/table", f.good(data))
    async with client(faulty) as kinetica:
        assert await kinetica.live_tables("s") == found


@pytest.mark.parametrize(
    ("types", "permissions", "own_only"),
    [
        ({"me": "internal_user", "r": "role"}, {}, True),
        ({"me": "internal_user"}, {"me": [{"permission": "table_read", "table_name": "s.a"}]}, True),
        ({"me": "internal_user"}, {"me": [{"permission": "system_admin"}]}, False),
        ({"me": "internal_user", "r": "role"}, {"r": [{"type": "system", "name": "system_admin"}]}, False),
        ({"me": "external_user", "you": "internal_user"}, {}, False),
        ({}, {}, True),
        ({"r": "role"}, "nothing of the kind", True),
    ],
    ids=["own roles", "own table", "admin", "admin by role", "another user", "nothing", "odd"],
)
async def test_whether_others_are_shown(faulty: Server, types: Any, permissions: Any, own_only: bool) -> None:
    """Who is no administrator is shown itself and its roles; the response has to show that it is more."""
    listing = await principals(faulty, types, permissions)
    assert listing.own_only is own_only
    assert listing.names["role"] == {name for name, kind in types.items() if kind == "role"}
    assert listing.names["user"] == {name for name, kind in types.items() if kind != "role"}


_odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(["role", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(_odd, _odd, _odd)
def test_no_answer_however_odd_breaks_the_reading(one: Any, two: Any, three: Any) -> None:
    """What is of another type than documented is read as text, or as nothing."""
    listing = _read_schemas({"schema_names": one, "schema_tables": two, "info": three})
    assert listing.blank <= listing.schemas
    _read_security({"types": one, "permissions": two})
    tables = {"table_names": one, "sizes": two, "full_sizes": three, "additional_info": two}
    for table in _read_tables(tables, "s").values():
        assert table.records is None or 0 <= table.records < 2**63
    found = read_verification(
        VerifyResponse.model_validate({"backup_names": one, "backup_ids": two, "errors": three}), "b", "1"
    )
    assert all(error.strip() for error in found.errors)


READS: dict[str, Callable[[KineticaClient], Any]] = {
    "/show/schema": lambda asking: asking.schemas(),
    "/show/table": lambda asking: asking.live_tables("sales"),
    "/show/datasink": lambda asking: asking.data_sinks(),
    "/show/credential": lambda asking: asking.credentials(),
    "/show/security": lambda asking: asking.users_and_roles(),
}


@pytest.mark.parametrize("endpoint", READS)
@pytest.mark.parametrize(
    ("fault", "requests"),
    [(f.DROP, 3), (f.page(502), 1), (f.error("no"), 1), (f.GARBAGE, 3), (f.good("[]"), 1)],
    ids=["drop", "502", "refused", "garbage", "a list"],
)
async def test_a_read_may_be_asked_again_and_raises_our_errors_only(
    faulty: Server, endpoint: str, fault: Any, requests: int
) -> None:
    """Like every read: again where the connection broke, never after a response."""
    faulty.on(endpoint, fault)
    async with client(faulty) as asking:
        with pytest.raises(KineticaError):
            await READS[endpoint](asking)
    assert len(faulty.at(endpoint)) == requests


async def test_a_secret_in_a_credential_is_not_kept(faulty: Server) -> None:
    """Of a credential nothing is read but its name."""
    told = {"credential_names": ["s.c"], "credentials": ['{"secret": "hunter2"}'], "info": {}}
    faulty.on("/show/credential", f.good(told))
    async with client(faulty) as asking:
        listing = await asking.credentials()
    assert listing == Listing({"credential": frozenset({"s.c"})})


# Verifying


def found(**data: Any) -> Any:
    return read_verification(VerifyResponse.model_validate(data), "nightly", ID)


@pytest.mark.parametrize(
    ("data", "errors", "named", "others"),
    [
        ({"backup_names": ["nightly"], "backup_ids": [[int(ID)]], "errors": [[]]}, (), True, ()),
        (
            {"backup_names": ["nightly"], "backup_ids": [[int(ID)]], "errors": [["bad", " "]]},
            ("bad",),
            True,
            (),
        ),
        (
            {"backup_names": ["x", "nightly"], "backup_ids": [[1], [int(ID)]], "errors": [["x"], []]},
            (),
            True,
            (),
        ),
        (
            {"backup_names": ["nightly"], "backup_ids": [[1, int(ID)]], "errors": [["bad"]]},
            ("bad",),
            True,
            ("1",),
        ),
        ({"backup_names": ["nightly"], "backup_ids": [[]], "errors": [[]]}, (), False, ()),
        ({"errors": [["bad"]]}, ("bad",), False, ()),
        ({"backup_names": ["nightly"], "errors": [[], ["bad"]]}, ("bad",), False, ()),
        ({}, (), False, ()),
    ],
    ids=["fine", "bad", "two backups", "two snapshots", "none named", "no names", "more lists", "nothing"],
)
def test_a_verification_is_of_this_snapshot_and_loses_no_error(
    data: Any, errors: Any, named: bool, others: Any
) -> None:
    """Another backup's entries do not count; what is not said to be another's does."""
    result = found(**data)
    assert (result.errors, result.named, result.others) == (errors, named, others)


@pytest.mark.parametrize("number", ["", "-1", "newest", "12x", "٣"])
async def test_what_is_no_id_is_not_sent(faulty: Server, number: str) -> None:
    """An empty id and -1 mean other things, in two ways; nothing is asked."""
    async with client(faulty) as asking:
        with pytest.raises(NotVerifiable):
            await asking.verify("s3", "nightly", number)
    assert faulty.received == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [(f.DROP, Unreachable), (f.page(404), EndpointMissing), (f.page(200), UnrecognizedResponse)],
    ids=["drop", "404", "page"],
)
async def test_a_verification_is_asked_for_once(faulty: Server, fault: Any, error: Any) -> None:
    """It is long work for the server: it is not begun a second time by itself."""
    faulty.on("/verify/backup", fault)
    async with client(faulty) as asking:
        with pytest.raises(error) as caught:
            await asking.verify("s3", "nightly", ID)
    assert len(faulty.at("/verify/backup")) == 1
    if error is EndpointMissing:
        assert "7.2.3.14" in caught.value.impact


async def test_a_verification_is_waited_for_longer_than_a_read(
    faulty: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound of a read does not end it; one that was requested does."""
    monkeypatch.setattr("restore_tui.kinetica.exchange.READ_SECONDS", 0.05)
    fine = {"backup_names": ["nightly"], "backup_ids": [[int(ID)]], "errors": [[]]}
    answer = f.http(200, f.envelope(fine, "verify_backup_response"))
    faulty.on("/verify/backup", f.always(f.Reply(answer, after=lambda server: server.wait_for_release())))
    faulty.on("/show/schema", f.never())
    async with client(faulty, timeout=0.05) as asking:
        with pytest.raises(TimedOut):
            await asking.verify("s3", "nightly", ID)
    async with client(faulty) as asking:
        waiting = asyncio.ensure_future(asking.verify("s3", "nightly", ID))
        with pytest.raises(TimedOut):  # a read that hangs just as long is given up
            await asking.schemas()
        faulty.release()
        assert (await waiting).named


async def test_the_password_in_an_error_is_not_shown(faulty: Server) -> None:
    """A server may echo the login in what it says."""
    told = {"backup_names": ["nightly"], "backup_ids": [[int(ID)]], "errors": [[f"login {PASSWORD} failed"]]}
    faulty.on("/verify/backup", f.good(told))
    async with KineticaClient(link(faulty)) as asking:
        result = await asking.verify("s3", "nightly", ID)
    assert result.errors == ("login … failed",)


@pytest.mark.parametrize(
    "roles",
    [
        {"ada": ["ops"], "ops": ["base"]},
        {"ops": ["ada"], "ada": [], "base": []},
        {"ada": "ops, other"},
    ],
)
async def test_the_roles_of_a_user_as_far_as_they_are_shown(faulty: Server, roles: dict[str, Any]) -> None:
    """Whether members are listed with their roles, or roles with their members, is not documented."""
    types = {"ada": "internal_user", "bob": "internal_user", "ops": "role", "base": "role"}
    faulty.on("/show/security", f.good({"types": types, "roles": roles, "permissions": {}}))
    async with client(faulty) as kinetica:
        listing = await kinetica.users_and_roles()
    assert listing.roles_of("ada") == ({"ops", "base"} if roles.get("ops") == ["base"] else {"ops"})
    assert listing.roles_of("bob") == frozenset()
