"""The client: one method an endpoint. Reads may be retried; a restore and its dry run never are."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import httpx

from restore_tui.kinetica import backups, envelope
from restore_tui.kinetica.backups import Backup, Contents, DataSource, Snapshot
from restore_tui.kinetica.errors import KineticaError, NotSent, OutcomeUnknown, Refused
from restore_tui.kinetica.models import BackupAnswer, DataSourceAnswer, RestoreAnswer, SystemPropertiesAnswer
from restore_tui.kinetica.transport import READ_SECONDS, Link, SentWatch, explain, may_be_retried

log = logging.getLogger(__name__)

RETRIES_OF_A_READ = 2
_VERSION = "version.gpudb_core_version"
# Undocumented: whichever of these a server has tells one cluster of a ring from another.
_CLUSTER = ("conf.cluster_name", "conf.ring_name", "conf.head_ip_address", "conf.worker_http_server_urls")

# Whether a restore that fails midway leaves what it had restored is not documented.
_STOPPED_MIDWAY = (
    "The restore ended with an error. Whether something was restored before that, it does not say."
)

Body = Mapping[str, Any]


@dataclass(frozen=True)
class ServerInfo:
    """What the connection test tells. ``version`` and ``cluster`` are empty where the server is silent."""

    version: str
    cluster: str
    high_availability: bool
    properties: Mapping[str, str]


class KineticaClient:
    """Asks one server as one user. Every method raises KineticaError and nothing else (but cancellation)."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self._reads: httpx.AsyncClient | None = None

    async def __aenter__(self) -> KineticaClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections that reads have used."""
        if self._reads is not None:
            await self._reads.aclose()
            self._reads = None

    async def server(self) -> ServerInfo:
        """``/show/system/properties``: is it Kinetica, of which version, as one of a ring?"""
        answer = SystemPropertiesAnswer.model_validate(
            await self._ask("/show/system/properties", "show_system_properties_response", {"options": {}})
        )
        properties = answer.property_map
        return ServerInfo(
            version=properties.get(_VERSION, ""),
            cluster=next((properties[key] for key in _CLUSTER if properties.get(key)), ""),
            high_availability=properties.get("conf.enable_ha", "").lower() == "true",
            properties=properties,
        )

    async def data_sources(self) -> list[DataSource]:
        """``/show/datasource`` for all of them."""
        answer = DataSourceAnswer.model_validate(
            await self._ask("/show/datasource", "show_datasource_response", {"name": "*", "options": {}})
        )
        return backups.read_data_sources(
            answer.datasource_names, answer.storage_provider_types, answer.additional_info
        )

    async def backups(self, data_source: str) -> list[Backup]:
        """``/show/backup`` for all backups of a data source, without contents."""
        answer = await self._show_backup("*", data_source, {"show_contents": "none"})
        return backups.read_backups(answer.backup_description, answer.backup_ids, answer.deleted_backup_ids)

    async def snapshots(self, data_source: str, backup: str) -> tuple[Snapshot, ...]:
        """``/show/backup`` for one backup: its snapshots, newest first, the deleted ones among them."""
        answer = await self._show_backup(backup, data_source, {"backup_type": "all", "show_contents": "none"})
        return backups.read_snapshots(answer.backup_ids, answer.deleted_backup_ids)

    async def contents(self, data_source: str, backup: str, snapshot_id: str) -> Contents:
        """``/show/backup`` for what one snapshot holds."""
        answer = await self._show_backup(
            backup, data_source, {"backup_id": snapshot_id, "show_contents": "object_names"}
        )
        return backups.read_contents(answer.backup_contents)

    async def restore_backup(self, body: Body, watch: SentWatch | None = None) -> RestoreAnswer:
        """``/restore/backup``: one POST on a connection of its own, whatever comes back.

        Raises Refused (the server's own no), NotSent (nothing left this machine) or OutcomeUnknown.
        When the caller cancels, ``watch.left`` tells whether the request had left.
        """
        watch = watch or SentWatch()
        content = json.dumps(body).encode()
        headers = {"Connection": "close"}
        try:
            async with self.link.connect(answer_seconds=self.link.timeout) as http:
                answer = await http.post(
                    self.link.address.endpoint("/restore/backup"),
                    content=content,
                    headers=headers,
                    extensions={"trace": watch},
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            cause = explain(error)
            log.warning("/restore/backup: %s (%s)", cause.what, cause.words)
            if watch.left:
                raise OutcomeUnknown(cause.what, words=cause.words) from None
            raise NotSent(cause.what, words=cause.words, todo=cause.todo) from None
        except KineticaError as error:  # the link itself could not be made: CA file, proxy
            raise NotSent(error.what, words=error.words, todo=error.todo) from None
        log.info("/restore/backup: HTTP %d, %d bytes", answer.status_code, len(answer.content))
        try:
            data = self._open(envelope.verdict, answer, "restore_backup_response")
        except Refused as refused:
            if body["options"]["dry_run"] != "true":
                refused.means = _STOPPED_MIDWAY
            raise
        return RestoreAnswer.model_validate(data)

    async def _show_backup(self, name: str, data_source: str, options: Mapping[str, str]) -> BackupAnswer:
        body = {"backup_name": name, "datasource_name": data_source, "options": dict(options)}
        return BackupAnswer.model_validate(await self._ask("/show/backup", "show_backup_response", body))

    async def _ask(self, endpoint: str, data_type: str, body: Body) -> dict[str, Any]:
        """A read: asked again at most twice when the connection breaks, never after an answer."""
        content = json.dumps(body).encode()
        for attempt in range(RETRIES_OF_A_READ + 1):
            try:
                answer = await self._reader().post(self.link.address.endpoint(endpoint), content=content)
                break
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                cause = explain(error)
                log.warning("%s, attempt %d: %s (%s)", endpoint, attempt + 1, cause.what, cause.words)
                again = isinstance(error, httpx.HTTPError) and may_be_retried(error)
                if not again or attempt == RETRIES_OF_A_READ:
                    raise cause from None
        log.info("%s: HTTP %d, %d bytes", endpoint, answer.status_code, len(answer.content))
        return self._open(envelope.read, answer, data_type)

    def _open(
        self, reader: Callable[[int, bytes, str], dict[str, Any]], answer: httpx.Response, data_type: str
    ) -> dict[str, Any]:
        """Read an answer; where it echoes our login back, it is shown and noted without it."""
        login = self.link.login
        try:
            return reader(answer.status_code, login.scrubbed(answer.content, all_of_them=False), data_type)
        except KineticaError as error:
            error.words = ""
            try:  # the same error, its words taken from what is left without any secret
                reader(answer.status_code, login.scrubbed(answer.content, all_of_them=True), data_type)
            except KineticaError as scrubbed:
                error.words = scrubbed.words
            raise

    def _reader(self) -> httpx.AsyncClient:
        if self._reads is None:
            bound = READ_SECONDS if self.link.timeout is None else self.link.timeout
            self._reads = self.link.connect(answer_seconds=bound)
        return self._reads
