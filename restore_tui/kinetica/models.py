"""The answers as the wire has them, checked where they enter.

Unknown fields are ignored, missing ones are empty, and a value of another type than documented is read loosely.
Field names are those that the official client declares for each endpoint.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from restore_tui.kinetica.loose import (
    as_map,
    as_maps,
    as_maps_by_name,
    as_text,
    as_text_lists,
    as_texts,
)

_LONG = re.compile(r"-?[0-9]{1,30}")
_LARGEST = 10**30


def _number(value: Any) -> int | None:
    """A long; a string of digits counts. A float does not: ids are longer than its 53 bits may hold."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST else None
    if isinstance(value, str) and _LONG.fullmatch(value.strip()):
        return int(value)
    return None


TextMap = Annotated[dict[str, str], BeforeValidator(as_map)]
TextMaps = Annotated[list[dict[str, str]], BeforeValidator(as_maps)]
Texts = Annotated[list[str], BeforeValidator(as_texts)]
TextLists = Annotated[list[list[str] | None], BeforeValidator(as_text_lists)]
MapsByName = Annotated[dict[str, list[dict[str, str]]], BeforeValidator(as_maps_by_name)]
Text = Annotated[str, BeforeValidator(as_text)]
Number = Annotated[int | None, BeforeValidator(_number)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    info: TextMap = {}


class SystemPropertiesAnswer(_Answer):
    """``/show/system/properties``."""

    property_map: TextMap = {}


class VerifyAnswer(_Answer):
    """``/verify/backup``: parallel lists, an entry a backup. Ids are kept as text: they are compared, not counted."""

    backup_names: Texts = []
    backup_ids: TextLists = []
    errors: TextLists = []


class SchemaAnswer(_Answer):
    """``/show/schema``: parallel lists."""

    schema_names: Texts = []
    schema_tables: TextLists = []


class DataSinkAnswer(_Answer):
    """``/show/datasink``."""

    datasink_names: Texts = []


class CredentialAnswer(_Answer):
    """``/show/credential``. Its field ``credentials`` is left where it is: it may hold a secret."""

    credential_names: Texts = []


class SecurityAnswer(_Answer):
    """``/show/security``: ``types`` maps a user or role to internal_user, external_user or role; ``permissions`` to
    what was granted to it directly."""

    types: TextMap = {}
    permissions: MapsByName = {}


class CreateJobAnswer(_Answer):
    """``/create/job``. The server tells the tag again in ``info.job_tag``."""

    job_id: Number = None


class JobAnswer(_Answer):
    """``/get/job``. ``job_status`` is RUNNING, DONE, ERROR or CANCELLED; ``progress`` is in percent."""

    endpoint: Text = ""
    job_status: Text = ""
    progress: Number = None
    job_response_str: Text = ""
    status_map: TextMap = {}


class ShowJobsAnswer(_Answer):
    """``/admin/show/jobs``: parallel lists."""

    job_id: Texts = []
    status: Texts = []
    endpoint_name: Texts = []
    time_received: Texts = []
    auth_id: Texts = []
    user_data: Texts = []


class AlterJobsAnswer(_Answer):
    """``/admin/alter/jobs``: what the server says of each job, in its words."""

    job_ids: Texts = []
    status: Texts = []


class SqlAnswer(_Answer):
    """``/execute/sql``: the rows are JSON in a string, column by column."""

    json_encoded_response: Text = ""


class RestoreAnswer(_Answer):
    """``/restore/backup``, of a dry run or a restore. Totals that did not come are None, not 0."""

    backup_name: Text = ""
    backup_id: Number = None
    restored_bytes: Number = None
    restored_files: Number = None
    restored_records: Number = None
    restored_objects: TextMap = {}
    renamed_objects: TextMap = {}
    failed_objects: TextMap = {}
