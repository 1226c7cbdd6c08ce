"""The receipt of a restore: a JSON file that is on disk before the request goes out, and goes on being written until
the end is known.

One file a run, mode 0600, written beside its place, flushed and renamed, so that a crash leaves the old state or
the new one and never half of either. It holds no secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, TypeAdapter

from restore_tui.gc_control import gc_paused
from restore_tui.restore.plan.plan import NewestSnapshot
from restore_tui.restore.plan.request import restore_body
from restore_tui.restore.text_format import AS_OF, recorded_time

if TYPE_CHECKING:
    from restore_tui.restore.preflight.dry_run import DryRun
    from restore_tui.restore.preflight.key_facts import KeyFact
    from restore_tui.restore.preflight.results import ObjectResult, ObjectResults

VERSION = 3
"""The newest format that is read. It is written where objects stand in columns; all else is of version 2."""
_LISTED_VERSION = 2
NOT_SENT = "Not sent"
"""What a receipt says in the place of a verdict where this side kept the confirmed request back."""


class Source(Enum):
    """What a finding about an outcome is from. These words stand on the screen and in receipts."""

    JOB = "background job"
    RUNNING = "running jobs"
    HISTORY = "backup history"
    SERVER = "server"
    EXISTING = "what exists now"
    """The check after the restore."""


class Verdict(str, Enum):
    """The ends of a restore. These words stand on the screen and in receipts."""

    RESTORED = "Restored"
    WARNED = "Restored, with warnings"
    PARTLY = "Partly restored"
    FAILED = "Restore failed"
    UNKNOWN = "Outcome unknown"


class _ReceiptModel(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class ReceiptServer(_ReceiptModel):
    url: str
    version: str
    cluster: str
    user: str
    way: str
    label: str = ""
    """The word that the config file had for it. Empty for none, and in older receipts."""

    def is_at(self, url: str, cluster: str) -> bool:
        """Whether it is this server: another address is another one, unless both say that they are of one cluster."""
        return self.url == url or (cluster != "" and self.cluster == cluster)


class ReceiptJob(_ReceiptModel):
    """The background job that runs the restore: ``id`` is None until the server has told it. ``query_id`` is the id of
    its command, which the history may have too."""

    tag: str
    id: int | None = None
    query_id: str = ""


class ReceiptBaseline(_ReceiptModel):
    """What the server had before the request went out: only what is new since is evidence. None where it could not
    be read. ``jobs`` are ids of ``/admin/show/jobs``, ``history`` the keys of rows."""

    jobs: list[str] | None = None
    history: list[str] | None = None


class ReceiptSent(_ReceiptModel):
    """When the restore's request was out, by the server's own clock: it was sent not before ``since``, and its
    connection was lost, or given up, not after ``until``. Of a server that prints no zone they have none."""

    since: datetime
    until: datetime


class ReceiptFinding(_ReceiptModel):
    """One thing that a look found, and where; whether it settled the outcome."""

    source: str
    text: str
    settles: bool = False


class ReceiptLook(_ReceiptModel):
    """One look at what became of a restore."""

    at: AwareDatetime
    findings: list[ReceiptFinding] = []


class ReceiptDryRun(_ReceiptModel):
    """``answer`` is the server's, as it came. ``job_tag`` is empty where it did not run as a job."""

    job_tag: str = ""
    at: AwareDatetime
    seconds: float
    snapshot_id: str
    snapshot_kind: str = ""
    answer: Mapping[str, object]


class ReceiptObject(_ReceiptModel):
    """One object's result; the fates are the words of ``ObjectStatus``, empty where nothing was said. ``lands`` is the
    name that the object gets, where the schemas were mapped to others. ``seen`` is the word of ``ConflictStatus`` for
    what our own look says, with ``seen_place`` where the object in the way would go; ``disagrees`` is a sentence."""

    type: str
    name: str
    dry_run: str
    restore: str
    moved_to: str = ""
    why: str = ""
    asked: bool = True
    lands: str = ""
    seen: str = ""
    seen_place: str = ""
    disagrees: str = ""


_MAX_LISTED = 1_000
"""More objects stand in the file as columns: a map for each of them would repeat every key."""


def _in_columns(objects: list[ReceiptObject]) -> str:
    """``{"columns": {key: value}}``: a list has a value for each object, anything else is the value of all of them. The
    names always are a list, so that it takes no more to read them than the file is long."""
    extra = dict.fromkeys(key for line in objects for key in line.model_extra or ())
    columns = []
    for key in (*ReceiptObject.model_fields, *extra):
        values: Any = [getattr(line, key, None) for line in objects]
        first = values[0]
        if key != "name" and not isinstance(first, list) and values.count(first) == len(values):
            values = first
        columns.append(f"{json.dumps(key)}: {json.dumps(values, ensure_ascii=False)}")
    members = ",\n  ".join(columns)
    return f'{{\n "columns": {{\n  {members}\n }}\n}}'


def _from_columns(value: object) -> object:
    """The objects of a file as a list of maps, however they stand in it. Raises ValueError."""
    if not isinstance(value, dict):
        return value
    columns = value.get("columns")
    names = columns.get("name") if isinstance(columns, dict) else None
    if not isinstance(columns, dict) or not isinstance(names, list):
        raise ValueError("the objects are neither a list nor columns")
    series = [column if isinstance(column, list) else [column] * len(names) for column in columns.values()]
    return [dict(zip(columns, values, strict=True)) for values in zip(*series, strict=True)]


_Objects = Annotated[list[ReceiptObject], BeforeValidator(_from_columns)]


class ReceiptConflicts(_ReceiptModel):
    """Our own look beside the dry run: ``unread`` says why an endpoint had nothing to show, and ``unclear`` what the
    look before the confirmation could not compare with it."""

    unread: dict[str, str] = {}
    unclear: list[str] = []


class ReceiptOutcome(_ReceiptModel):
    """``answer`` is absent where none came whole; ``words`` are the server's, where it refused. ``source`` is what
    settled an outcome that was unknown: empty for the restore's own response. ``reasons`` say why the verdict is not
    better; ``messages`` are what the server added to an OK."""

    verdict: str
    at: AwareDatetime
    seconds: float | None = None
    source: str = ""
    what: str = ""
    words: str = ""
    answer: Mapping[str, object] | None = None
    reasons: list[str] = []
    messages: list[str] = []
    objects: _Objects = []


_OBJECTS = TypeAdapter(list[ReceiptObject])


def _objects_as_json(objects: list[ReceiptObject]) -> str:
    return (
        _in_columns(objects) if len(objects) > _MAX_LISTED else _OBJECTS.dump_json(objects, indent=1).decode()
    )


def _with_member(json_object: str, name: str, value: str) -> str:
    """Add a member to the text of an object. A line break in JSON is never part of a value."""
    indented = value.replace("\n", "\n ")
    return f'{json_object[:-2]},\n "{name}": {indented}\n}}'


class Receipt(_ReceiptModel):
    """``state`` is ``sending`` from before the POST, ``running`` once the server has taken it as a job, and ``done``
    when an outcome is noted: a receipt that is found in one of the first two belongs to a run of which only the server
    knows the end. ``objects`` are the results of the dry run. What older versions did not have is empty."""

    version: int = _LISTED_VERSION
    run: str
    state: Literal["sending", "running", "done"]
    begun: AwareDatetime
    server: ReceiptServer
    fingerprint: str
    snapshot: Literal["pinned", "newest"]
    request: Mapping[str, object]
    dry_run: ReceiptDryRun
    key_facts: dict[str, str] = {}
    """What the operator decided on, by label. Empty in older receipts."""
    job: ReceiptJob | None = None
    noted: ReceiptBaseline = ReceiptBaseline()
    sent: ReceiptSent | None = None
    objects: _Objects = []
    sight: ReceiptConflicts | None = None
    looks: list[ReceiptLook] = []
    outcome: ReceiptOutcome | None = None
    put_aside: bool = False
    """A person has said that this run need not be offered any more."""

    @property
    def is_unsettled(self) -> bool:
        """Whether only the server knows how it ended."""
        return self.outcome is None or self.outcome.verdict == Verdict.UNKNOWN.value

    @property
    def has_known_end(self) -> bool:
        """Whether it says how the restore ended, in one of the words for that."""
        ends = {*(verdict.value for verdict in Verdict), NOT_SENT} - {Verdict.UNKNOWN.value}
        return self.outcome is not None and self.outcome.verdict in ends

    @property
    def snapshot_time(self) -> str:
        """The time of the data, as the operator was shown it; empty where it was not known, and in older receipts."""
        return recorded_time(self.key_facts.get(AS_OF, ""))

    @property
    def backup(self) -> str:
        return str(self.request.get("backup_name", ""))

    def as_json(self) -> str:
        """As it stands in the file. The objects come last. Many of them are not left to pydantic, which gives no other
        thread its turn while it writes: a hundred thousand would be a fifth of a second without a response to a key.
        """
        lists = [self.objects, self.outcome.objects if self.outcome else []]
        receipt = self
        if any(len(objects) > _MAX_LISTED for objects in lists):
            receipt = self.model_copy(update={"version": VERSION})
        text, ended = receipt.model_dump_json(indent=1, exclude={"outcome", "objects"}), "null"
        if self.outcome is not None:
            outcome = self.outcome.model_dump_json(indent=1, exclude={"objects"})
            ended = _with_member(outcome, "objects", _objects_as_json(self.outcome.objects))
        return _with_member(_with_member(text, "outcome", ended), "objects", _objects_as_json(self.objects))

    def with_look(self, look: ReceiptLook) -> Receipt:
        """Return the receipt with one more look. One that found what the last of its kind had found takes its place."""
        sources = {finding.source for finding in look.findings}
        kind = [n for n, each in enumerate(self.looks) if sources & {f.source for f in each.findings}]
        repeated = kind[-1] if kind and self.looks[kind[-1]].findings == look.findings else None
        before = [each for n, each in enumerate(self.looks) if n != repeated]
        return self.model_copy(update={"looks": [*before, look]})

    def texts(self, name: str) -> dict[str, str]:
        """Return a map of the request as text, such as ``options``; empty where there is none."""
        value = self.request.get(name)
        return {str(key): str(text) for key, text in value.items()} if isinstance(value, Mapping) else {}

    def is_of(self, backup: str, data_source: str) -> bool:
        """Whether it restores this backup."""
        return (self.backup, self.request.get("datasource_name")) == (backup, data_source)


def new_receipt(
    run: str,
    dry_run: DryRun,
    now: datetime,
    *,
    job_tag: str = "",
    noted: ReceiptBaseline | None = None,
    unclear: tuple[str, ...] = (),
    key_facts: Iterable[KeyFact] = (),
) -> Receipt:
    """The receipt as it is before the request goes out."""
    target = dry_run.destination
    unread = dry_run.conflicts.existing.unread
    return Receipt(
        run=run,
        state="sending",
        begun=now,
        server=ReceiptServer(
            url=target.url,
            version=target.server_version,
            cluster=target.cluster,
            user=target.user,
            way=target.mode,
            label=target.label,
        ),
        fingerprint=dry_run.fingerprint,
        snapshot="newest" if isinstance(dry_run.plan.snapshot, NewestSnapshot) else "pinned",
        request=restore_body(dry_run.plan, dry_run=False),
        dry_run=ReceiptDryRun(
            at=dry_run.at,
            seconds=dry_run.seconds,
            snapshot_id=dry_run.snapshot_id,
            snapshot_kind=dry_run.listed.kind if dry_run.listed else "",
            answer=dry_run.response.model_dump(),
            job_tag=dry_run.job_tag,
        ),
        job=ReceiptJob(tag=job_tag) if job_tag else None,
        noted=noted or ReceiptBaseline(),
        key_facts={fact.label: fact.full_text for fact in key_facts},
        objects=receipt_objects(dry_run.results()),
        sight=ReceiptConflicts(
            unread={endpoint: problem.why for endpoint, problem in unread.items()}, unclear=list(unclear)
        ),
    )


def receipt_objects(results: ObjectResults) -> list[ReceiptObject]:
    """The object results, for the receipt."""
    with gc_paused():
        return [_receipt_object(line) for line in results]


def _receipt_object(line: ObjectResult) -> ReceiptObject:
    """One object's result, for the file."""
    last = line.last
    return ReceiptObject(
        type=line.type,
        name=line.name,
        dry_run=line.dry_run.status.value if line.dry_run else "",
        restore=line.restore.status.value if line.restore else "",
        moved_to=last.moved_to if last else "",
        why=last.reason if last else "",
        asked=line.requested,
        lands=line.restored_as,
        seen=line.conflict.status.value if line.conflict else "",
        seen_place=line.conflict.qualified_name if line.conflict else "",
        disagrees=line.disagrees,
    )
