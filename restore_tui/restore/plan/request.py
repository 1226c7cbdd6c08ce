"""What goes over the wire for a plan, and the fingerprint that binds a dry run to it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from restore_tui.kinetica import reference
from restore_tui.kinetica.reference import OptionKind
from restore_tui.restore.plan import schema_map
from restore_tui.restore.plan.plan import RestorePlan, check_value

JOB, DIRECT, AUTO = "job", "direct", "auto"
"""The ways of a restore: as a background job, or in one long request. ``AUTO`` is the wish for whichever of the two the
dry run turns out to take."""


@dataclass(frozen=True)
class Destination:
    """Where a request goes, and on which way: the same plan against another of these is another restore. ``label`` is
    the word that the config file has for the server, empty for none."""

    url: str
    user: str
    server_version: str = ""
    cluster: str = ""
    mode: str = DIRECT
    label: str = ""


def restore_body(plan: RestorePlan, *, dry_run: bool) -> dict[str, Any]:
    """The body of ``/restore/backup``. The dry run's and the restore's differ in ``options.dry_run`` and in
    nothing else: this is the one function that makes either. Raises NeverSentError."""
    return {
        "backup_name": plan.backup,
        "restore_objects_map": dict(plan.objects.wire),
        "datasource_name": plan.data_source,
        "options": {**non_default_options(plan), "dry_run": "true" if dry_run else "false"},
    }


def non_default_options(plan: RestorePlan) -> dict[str, str]:
    """The options that differ from the endpoint's defaults and are open, in the endpoint reference's order. Raises
    NeverSentError for a value that the endpoint reference does not allow."""
    sent = {}
    for option in reference.OPTIONS:
        value = _value(plan, option)
        check_value(option.name, value)
        if value != option.default and is_applicable(plan, option) and option.kind is not OptionKind.DRY_RUN:
            sent[option.name] = value
    return sent


def _value(plan: RestorePlan, option: reference.Option) -> str:
    if option.kind is OptionKind.SNAPSHOT:
        return plan.snapshot_id
    if option.kind is OptionKind.SCHEMA_MAP:
        return schema_map.effective_value(plan)
    return plan.option(option.name)


def is_applicable(plan: RestorePlan, option: reference.Option) -> bool:
    """Whether the server would read this option at all under the other choices."""
    return option.needs is None or plan.option(option.needs[0]) == option.needs[1]


def fingerprint(plan: RestorePlan, target: Destination) -> str:
    """64 hex digits over the restore's body and where it goes."""
    if target not in plan.fingerprints:
        where = asdict(target)
        if not target.label:  # receipts of before know none
            del where["label"]
        subject = {"body": restore_body(plan, dry_run=False), "target": where}
        canonical = json.dumps(subject, sort_keys=True, separators=(",", ":"))
        plan.fingerprints[target] = hashlib.sha256(canonical.encode()).hexdigest()
    return plan.fingerprints[target]
