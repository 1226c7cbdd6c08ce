"""The official client and ours, each asked for one real restore. Both as they come: nobody's retries are tuned."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import gpudb

from restore_tui.demo.server import DemoServer
from restore_tui.kinetica.client import KineticaClient
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.kinetica.errors import KineticaError

BODY: dict[str, Any] = {
    "backup_name": "nightly_shop",
    "restore_objects_map": {"all": "sales"},
    "datasource_name": "dr_bucket_s3",
    "options": {"restore_policy": "replace", "dry_run": "false"},
}
TAG = "restore-tui-benchmark-run"

Restore = Callable[..., str]
"""Takes the server, whether as a job, and how many seconds an answer may take (None: as the client has it). Returns
what the caller is told."""


def official(server: DemoServer, *, as_job: bool = False, seconds: float | None = None) -> str:
    """``gpudb``."""
    options = gpudb.GPUdb.Options()
    options.encoding = "JSON"
    options.disable_auto_discovery = True
    options.username, options.password = server.user, server.password
    if seconds is not None:
        options.timeout = int(
            seconds
        )  # 7.2.3.13 documents milliseconds, and hands them to requests as seconds
    client = gpudb.GPUdb(host=server.url, options=options)
    try:
        if as_job:
            answer = client.create_job("/restore/backup", "json", b"", json.dumps(BODY), {"job_tag": TAG})
        else:
            answer = client.restore_backup(**BODY)
    except Exception as error:  # whatever it raises is the finding
        return type(error).__name__
    return "an answer" if answer.is_ok() else "an answer with ERROR"


def ours(server: DemoServer, *, as_job: bool = False, seconds: float | None = None) -> str:
    """The wizard's client, without the wizard."""

    async def restore() -> str:
        login = Login(server.user, Secret(server.password))
        link = ConnectionSettings(ServerAddress.parse(server.url), login, timeout=seconds)
        async with KineticaClient(link) as client:
            try:
                if as_job:
                    await client.create_restore_job(BODY, TAG)
                else:
                    await client.restore_backup(BODY)
            except KineticaError as error:
                return error.title
        return "an answer"

    return asyncio.run(restore())
