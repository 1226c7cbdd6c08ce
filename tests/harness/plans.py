"""Plans, dry runs and contents, made without a server; and plans of every kind for Hypothesis."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st

from restore_tui.kinetica import reference
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.contents import BackedUpObject, Contents
from restore_tui.kinetica.responses.models import RestoreResponse
from restore_tui.restore.plan import schema_map
from restore_tui.restore.plan.plan import NewestSnapshot, PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.request import Destination, fingerprint
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.dry_run import DryRun
from restore_tui.restore.session import Session
from tests.harness.clock import NOW
from tests.harness.kinetica_client import USER

ID = "1732000000000"
RESTORE = "/restore/backup"


def plan(
    objects: Mapping[str, Any] | None = None,
    options: Mapping[str, str] | None = None,
    *,
    snapshot: PinnedSnapshot | NewestSnapshot | None = None,
    backup: str = "nightly",
) -> RestorePlan:
    made = RestorePlan(
        "s3",
        backup,
        snapshot or PinnedSnapshot(ID),
        Selection.of({"table": ["sales.orders"]} if objects is None else objects),
    )
    for name, value in (options or {}).items():
        made = made.choose_option(name, value)
    return made


def answer(**fields: Any) -> RestoreResponse:
    return RestoreResponse.model_validate({"backup_name": "nightly", "backup_id": int(ID), **fields})


@contextmanager
def line_down(session: Session) -> Iterator[None]:
    """What goes out on a fresh connection does not get out; the connection of the reads holds."""
    whole = session.client.link
    session.client.link = dataclasses.replace(whole, proxy="http://127.0.0.1:9")
    yield
    session.client.link = whole


def contents(*objects: tuple[str, str]) -> Contents:
    return Contents.of(BackedUpObject(kind, name, None, None) for kind, name in objects)


def target_of(client: KineticaClient) -> Destination:
    return Destination(client.link.address.url, client.link.login.name, "7.2.3.14", "blue")


TARGET = Destination("http://host:9191", USER, "7.2.3.14", "blue")


def rehearsal(made: RestorePlan | None = None, where: Destination = TARGET, **more: Any) -> DryRun:
    made = made or plan()
    fields: dict[str, Any] = {
        "plan": made,
        "destination": where,
        "contents": contents(),
        "response": answer(restored_objects={"sales.orders": "table"}),
        "at": NOW,
        "seconds": 1.5,
        "fingerprint": fingerprint(made, where),
    }
    return DryRun(**{**fields, **more})


# Plans of every kind

_letters = st.sampled_from("ab_ (1:-")
names = st.text(_letters, min_size=1, max_size=4).map(lambda text: "x" + text + "x")
object_names = st.tuples(names, names).map(".".join) | names
selections = st.dictionaries(
    st.sampled_from(sorted(reference.TYPE_NAMES)), st.frozensets(object_names, max_size=4), max_size=4
).map(Selection.of)
snapshots = st.sampled_from([PinnedSnapshot("1"), PinnedSnapshot("2"), NewestSnapshot("1")])
options = st.fixed_dictionaries(
    {},
    optional={
        o.name: st.sampled_from([v.name for v in o.values]) if o.values else st.sampled_from(["", "old", "5"])
        for o in reference.OPTIONS
        if o.name != schema_map.OPTION
    },
)


@st.composite
def plans(draw: st.DrawFn) -> RestorePlan:
    made = RestorePlan(draw(names), draw(names), draw(snapshots), draw(selections))
    for name, value in draw(options).items():
        made = made.choose_option(name, value)
    wanted = draw(
        st.dictionaries(st.sampled_from([*made.objects.schemas, "not selected"]), names, max_size=3)
    )
    return made.choose_option(schema_map.OPTION, schema_map.format_schema_map(wanted))


targets = st.builds(
    Destination,
    url=st.sampled_from(["http://a", "http://b"]),
    user=st.sampled_from(["u", "v"]),
    server_version=st.sampled_from(["1", "2"]),
    cluster=st.sampled_from(["", "x"]),
    mode=st.sampled_from(["direct", "job"]),
    label=st.sampled_from(["", "PRODUCTION"]),
)
