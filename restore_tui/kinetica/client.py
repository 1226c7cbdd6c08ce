"""The client: one method an endpoint. Reads may be retried; a restore and its dry run never are."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from restore_tui.gc_control import gc_paused
from restore_tui.kinetica import backups_reader, jobs
from restore_tui.kinetica.backups import Backup, DataSource, Listed, Snapshot
from restore_tui.kinetica.connection.transport import (
    READ_SECONDS,
    ReceivedCallback,
    SendProbe,
    ignore_received,
)
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.contents_reader import ContentsReader
from restore_tui.kinetica.errors import (
    KineticaError,
    NotRequested,
    Remedy,
    RequestNotSent,
    RequestRejected,
    UnrecognizedResponse,
)
from restore_tui.kinetica.exchange import Body, Made
from restore_tui.kinetica.identifiers import backup_problem
from restore_tui.kinetica.inventory import InventoryReads
from restore_tui.kinetica.jobs import HistoryRow, Job, JobTicket, RunningJob
from restore_tui.kinetica.responses.json_stream import parse_streaming
from restore_tui.kinetica.responses.lenient import to_map, to_maps, to_str, to_str_list
from restore_tui.kinetica.responses.memory import MEMORY_PER_VALUE, memory_to_stream, refuse_beyond
from restore_tui.kinetica.responses.models import (
    AlterJobsResponse,
    CreateJobResponse,
    JobResponse,
    RestoreResponse,
    ShowJobsResponse,
    SqlResponse,
    SystemPropertiesResponse,
)

log = logging.getLogger(__name__)

HISTORY_ROWS = 1000
_BACKUP_LISTS = dict.fromkeys(("backup_description", "backup_ids", "deleted_backup_ids"), to_maps)
_VERSION = "version.gpudb_core_version"
# Undocumented: whichever of these a server has tells one cluster of a ring from another.
_CLUSTER = ("conf.cluster_name", "conf.ring_name", "conf.head_ip_address", "conf.worker_http_server_urls")
_RING = "conf.enable_ha"
PROPERTIES = (_VERSION, *_CLUSTER, _RING)
"""The keys of ``/show/system/properties`` that are read."""


def _is_real(body: Body) -> bool:
    return bool(body["options"]["dry_run"] != "true")


def _names(body: Body) -> frozenset[str]:
    """The objects that a restore's body names, a whole schema with a dot behind it."""
    return frozenset(
        f"{name}." if kind == "all" else name
        for kind, names in body["restore_objects_map"].items()
        for name in names.split(",")
    )


def _show_backup(name: str, data_source: str, options: Mapping[str, str]) -> Body:
    return {"backup_name": name, "datasource_name": data_source, "options": dict(options)}


def _show_one_backup(name: str, data_source: str, options: Mapping[str, str]) -> Body:
    """The same for exactly one backup. Raises NotRequested for a name that would ask for others too."""
    problem = backup_problem(name)
    if problem is not None:
        raise NotRequested(problem)
    return _show_backup(name, data_source, options)


@dataclass(frozen=True)
class ServerInfo:
    """What the connection test tells. ``version`` and ``cluster`` are empty where the server is silent."""

    version: str
    cluster: str
    high_availability: bool


class NotCancelled(KineticaError):
    """A cancel that was not sent, because it is not certain which job it would reach."""

    title = "Not canceled"
    impact = "No cancel was sent; the restore is still followed here."
    hint = "Try again when the server reports the job."


class KineticaClient(InventoryReads):
    """Asks one server as one user. Every method raises KineticaError and nothing else (but cancellation)."""

    async def server(self) -> ServerInfo:
        """``/show/system/properties``: is it Kinetica, of which version, as one of a ring?"""

        def read(data: Mapping[str, Any]) -> ServerInfo:
            properties = SystemPropertiesResponse.model_validate(data).property_map
            return ServerInfo(
                version=properties.get(_VERSION, ""),
                cluster=next((properties[key] for key in _CLUSTER if properties.get(key)), ""),
                high_availability=properties.get(_RING, "").lower() == "true",
            )

        return await self._read_in_thread("/show/system/properties", {"options": {}}, read)

    async def data_sources(self) -> Listed[DataSource]:
        """``/show/datasource`` for all of them."""

        def read(data: Mapping[str, Any]) -> Listed[DataSource]:
            return backups_reader.read_data_sources(*(data[key] for key in lists))

        lists: Mapping[str, Callable[[Any], list[Any]]] = {
            "datasource_names": to_str_list,
            "storage_provider_types": to_str_list,
            "additional_info": to_maps,
        }
        return await self._list("/show/datasource", {"name": "*", "options": {}}, lists, read)

    async def backups(self, data_source: str) -> Listed[Backup]:
        """``/show/backup`` for all backups of a data source, without contents."""

        def read(data: Mapping[str, Any]) -> Listed[Backup]:
            return backups_reader.read_backups(*(data[key] for key in _BACKUP_LISTS))

        body = _show_backup("*", data_source, {"show_contents": "none"})
        return await self._list("/show/backup", body, _BACKUP_LISTS, read)

    async def snapshots(self, data_source: str, backup: str) -> Listed[Snapshot]:
        """``/show/backup`` for one backup: its snapshots, newest first, the deleted ones among them. Raises
        NotRequested for a response about another backup."""

        def read(data: Mapping[str, Any]) -> Listed[Snapshot]:
            described, taken, gone = (data[key] for key in _BACKUP_LISTS)
            self._refuse_other(backup, "", data, [*taken, *gone])
            return backups_reader.read_snapshots(taken, gone, backup=backup, described=described)

        body = _show_one_backup(backup, data_source, {"show_contents": "none"})
        return await self._list("/show/backup", body, _BACKUP_LISTS, read)

    def _refuse_other(
        self, backup: str, snapshot_id: str, data: Mapping[str, Any], rows: Iterable[Mapping[str, str]]
    ) -> None:
        """Raise NotRequested for a response that is about another backup or snapshot than was asked for."""
        others = backups_reader.other_than_requested(
            backup, snapshot_id, to_str(data.get("backup_name")), rows
        )
        if others:
            raise NotRequested(
                self.redact(" ".join(difference.sentence for difference in others)),
                impact="What it lists is not what was requested, and is not shown. Nothing has been changed.",
                hint="Read it again, or choose another one.",
                remedy=Remedy.RETRY,
            )

    async def contents(
        self, data_source: str, backup: str, snapshot_id: str, on_received: ReceivedCallback = ignore_received
    ) -> Contents:
        """``/show/backup`` for what one snapshot holds. It may be long, so ``on_received`` is told how many bytes have
        come, and it is decoded in a thread, piece by piece. Raises NotRequested for a response about another
        snapshot."""
        options = {"backup_id": snapshot_id, "show_contents": "object_names"}
        request = _show_one_backup(backup, data_source, options)

        streaming = 0

        def memory(response: bytes) -> int:
            nonlocal streaming
            streaming = memory_to_stream(response)
            return streaming

        def decode(text: str) -> dict[str, Any]:
            reader, limit = ContentsReader(), self.link.max_response_bytes

            def take(entries: list[Any]) -> None:
                reader.take(entries)
                refuse_beyond(limit, streaming + reader.memory, so_far=True)

            def allow(values: int) -> None:
                refuse_beyond(limit, streaming + values * MEMORY_PER_VALUE)

            with gc_paused():
                rest = parse_streaming(text, {"backup_contents": take}, allow=allow)
                self._refuse_other(backup, snapshot_id, rest, to_maps(rest.get("backup_ids")))
                held = rest.get("backup_contents")  # a map or a text where a list was expected
                reader.take([held] if isinstance(held, dict | str) and held else [])
                made = reader.contents()
            for objects in made.types.values():  # here they hold up no screen
                _ = objects.unsendable, objects.lookalikes
            return {"made": made, "info": to_map(rest.get("info"))}

        contents: Contents = await self._read_long("/show/backup", request, decode, on_received, memory)
        return contents

    # The restore and its dry run: one POST each

    async def restore_backup(self, body: Body, watch: SendProbe | None = None) -> RestoreResponse:
        """``/restore/backup``: one POST on a connection of its own, whatever comes back.

        Raises RequestRejected (the server's own no), RequestNotSent (nothing left this machine) or OutcomeUnknown.
        When the caller cancels, ``watch.left`` tells whether the request had left.
        """

        def read(data: dict[str, Any], message: str) -> RestoreResponse:
            return RestoreResponse.model_validate(data).accompanied_by(message).redacted(self.redact.data)

        return await self._send_once(jobs.RESTORE, body, watch, read, real=_is_real(body), names=_names(body))

    async def create_restore_job(self, body: Body, tag: str, watch: SendProbe | None = None) -> JobTicket:
        """``/create/job`` for the same body: one POST, like ``restore_backup``, and with the same errors.

        Its response says that the job was taken, not what became of it. ``tag`` (letters, digits, ``_``, ``-``) finds
        the job again where the response is lost.
        """
        request = {
            "endpoint": jobs.RESTORE,
            "request_encoding": "json",
            "data": "",
            "data_str": json.dumps(body),
            "options": {"job_tag": tag},
        }
        response = await self._send_once(
            "/create/job",
            request,
            watch,
            lambda data, _message: CreateJobResponse.model_validate(data),
            real=_is_real(body),
            names=_names(body),
        )
        number = response.job_id if response.info.get("job_tag", "") in ("", tag) else None
        return JobTicket(
            tag,
            number if number is not None and number > 0 else None,
            response.info.get("query_id", "").strip(),
            dry_run=not _is_real(body),
        )

    async def cancel_job(self, ticket: JobTicket) -> str:
        """``/admin/alter/jobs``: ask once for a job to be cancelled. Returns what the server says of it.

        Ids are counters that start again with the server, so ``/get/job`` is asked first, and the cancel is sent only
        where its response has our tag. A job whose id is not known is not cancelled: what the server does with an
        empty list of ids is not documented. Raises KineticaError.
        """
        if ticket.id is None:
            raise NotCancelled("The id of the job is not known, so nothing was sent.")
        try:
            job = await self.job(ticket)
        except KineticaError as error:
            raise NotCancelled(
                f"It could not be checked whose job {ticket.id} is now, so no cancel was sent: {error.what}",
                server_message=error.server_message,
            ) from None
        if not job.names_tag:
            raise NotCancelled(
                f"The server does not say whose job {ticket.id} is now, so no cancel was sent: it may be another one."
            )
        request = {"job_ids": [ticket.id], "action": "cancel", "options": {}}

        def read(data: dict[str, Any], _message: str) -> AlterJobsResponse:
            return AlterJobsResponse.model_validate(self.redact.data(data))

        try:
            response = await self._send_once(
                "/admin/alter/jobs", request, None, read, real=False, most=READ_SECONDS
            )
        except KineticaError as error:
            error.impact = "Whether the job is canceled is not known; the restore is still followed here."
            if isinstance(error, RequestRejected):
                error.impact = "The server refused the cancel; the restore is still followed here."
            elif isinstance(error, RequestNotSent):
                error.impact = "No cancel was sent; the restore is still followed here."
            raise
        return ", ".join(response.status) or "(the server reported OK, and nothing about the job)"

    # What became of it

    async def job(self, ticket: JobTicket) -> Job:
        """``/get/job``, by id where it is known, else by tag. Raises RequestRejected for a response about another."""
        body = (
            {"job_id": ticket.id, "options": {}}
            if ticket.id is not None
            else {"job_id": 0, "options": {"job_tag": ticket.tag}}
        )

        def read(data: Mapping[str, Any]) -> Job:
            response = JobResponse.model_validate(data)
            if not ticket.is_of(response):
                raise RequestRejected("The server reports another job.")
            return replace(jobs.read_job(response, ticket), redact=self.redact.data)

        return await self._read_in_thread("/get/job", body, read, strict=True)

    async def running_jobs(self) -> tuple[RunningJob, ...]:
        """``/admin/show/jobs``: everything that the user may see, finished background jobs too."""
        body = {"options": {"show_async_jobs": "true"}}

        def read(data: Mapping[str, Any]) -> tuple[RunningJob, ...]:
            return jobs.read_running(ShowJobsResponse.model_validate(data))

        return await self._read_in_thread("/admin/show/jobs", body, read)

    async def history(self, backup: str) -> tuple[HistoryRow, ...]:
        """``ki_catalog.ki_backup_history`` of one backup, newest first, through ``/execute/sql``."""

        def read(rows: list[dict[str, str]]) -> tuple[HistoryRow, ...]:
            # A server that does not take the condition as it is meant must not make another backup's restore ours.
            return tuple(
                HistoryRow(self.redact.data(row)) for row in rows if row.get("backup_name", backup) == backup
            )

        return await self._select(jobs.history_statement(backup), HISTORY_ROWS, read)

    async def operations(self, operation: Literal["backup", "restore"]) -> tuple[HistoryRow, ...]:
        """``ki_catalog.ki_backup_history`` of all backups and users as far as this user may read it, newest first: at
        most ``HISTORY_ROWS``."""

        def read(rows: list[dict[str, str]]) -> tuple[HistoryRow, ...]:
            found = (HistoryRow(self.redact.data(row)) for row in rows)
            return tuple(row for row in found if row["operation"].strip().lower() in ("", operation))

        return await self._select(jobs.operations_statement(operation), HISTORY_ROWS, read)

    async def server_time(self) -> datetime | None:
        """``SELECT NOW()``: clock and zone by which the history prints its times. None where it is no time."""

        def read(rows: list[dict[str, str]]) -> datetime | None:
            texts = [text for row in rows for text in row.values()]
            return jobs.server_moment(texts[0]) if len(texts) == 1 else None

        return await self._select(jobs.SERVER_TIME_STATEMENT, 1, read)

    async def _select(self, statement: str, limit: int, read: Callable[[list[dict[str, str]]], Made]) -> Made:
        """The rows of a query, as ``read`` makes something of them."""
        body = {
            "statement": statement,
            "offset": 0,
            "limit": limit,
            "encoding": "json",
            "request_schema_str": "",
            "data": [],
            "options": {},
        }

        def rows(data: Mapping[str, Any]) -> Made:
            response = SqlResponse.model_validate(data)
            try:
                return read(jobs.read_table(response.json_encoded_response, limit))
            except (ValueError, RecursionError):
                raise UnrecognizedResponse("The rows of the response cannot be decoded.") from None

        return await self._read_in_thread("/execute/sql", body, rows)
