"""The four calls about jobs: create one, look at one, show what runs, and cancel."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from restore_tui.demo.jobs import DONE, ERROR, RUNNING, Job, JobFault, Jobs
from restore_tui.demo.operations import Work
from restore_tui.demo.protocol import JOB_ENDPOINTS, Body, Refusal, RequestFields

JOB_TAG = re.compile(r"[A-Za-z0-9_-]{1,200}")
BOOLEAN = ("true", "false")


def user_data_of(body: Any) -> str:
    """The ``job_user_data`` of a request that nobody has checked yet; empty where there is none."""
    options = body.get("options") if isinstance(body, dict) else None
    value = options.get("job_user_data", "") if isinstance(options, dict) else ""
    return value if isinstance(value, str) else ""


def not_as_a_job(endpoint: str) -> Refusal:
    return Refusal(f"Endpoint '{endpoint}' cannot be run as a job (create_job, JOB:1702)")


class JobCalls:
    """``work`` makes the work of an endpoint out of its request; it raises Refusal for an endpoint that is none."""

    def __init__(self, jobs: Jobs, user: str, work: Callable[[str, Any], Work]):
        self._jobs = jobs
        self._user = user
        self._work = work

    def create_job(self, body: Any, fate: JobFault) -> Body:
        fields = RequestFields(
            "create_job", body, ("endpoint", "request_encoding", "data", "data_str", "options")
        )
        endpoint = fields.text("endpoint")
        encoding = fields.text("request_encoding", "binary")
        fields.text("data", "")
        request = _embedded(fields.text("data_str", ""))
        tag = _tag(fields)
        if encoding != "json":
            raise Refusal(
                f"Request encoding '{encoding}' is not served here; send json (create_job, REQ:1007)"
            )
        if endpoint in JOB_ENDPOINTS:
            raise not_as_a_job(endpoint)
        user_data = user_data_of(body) or user_data_of(request)
        try:
            work = self._work(endpoint, request)
        except Refusal as refusal:
            raise not_as_a_job(endpoint) from refusal
        job = self._jobs.create(work, endpoint, tag, user_data, fate)
        return {"job_id": job.id, "info": {"job_tag": job.tag}}

    def get_job(self, body: Any) -> Body:
        fields = RequestFields("get_job", body, ("job_id", "options"))
        job_id = fields.integer("job_id", 0)
        tag = _tag(fields)
        job = self._found(job_id, tag, "get_job")
        return {
            "endpoint": job.endpoint,
            "job_status": job.status,
            "running": job.status == RUNNING,
            "progress": job.progress,
            "successful": job.status == DONE,
            "response_encoding": "json",
            "job_response": "",
            "job_response_str": json.dumps(job.response) if job.status == DONE else "",
            "status_map": {"error_message": str(job.error)} if job.status == ERROR else {},
            "info": {"job_tag": job.tag},
        }

    def show_jobs(self, body: Any) -> Body:
        fields = RequestFields("admin_show_jobs", body, ("options",))
        options = fields.options({"show_async_jobs": BOOLEAN, "show_worker_info": BOOLEAN})
        jobs = self._jobs.shown(finished=options.get("show_async_jobs") == "true")
        return {
            "job_id": [job.id for job in jobs],
            "status": [job.status for job in jobs],
            "endpoint_name": [job.endpoint for job in jobs],
            "time_received": [job.received_ms for job in jobs],
            "auth_id": [self._user for _ in jobs],
            "source_ip": ["127.0.0.1" for _ in jobs],
            "query_text": ["" for _ in jobs],
            "user_data": [job.user_data for job in jobs],
            "flags": ["async" if job.background else "" for job in jobs],
            "info": {},
        }

    def alter_jobs(self, body: Any) -> Body:
        fields = RequestFields("admin_alter_jobs", body, ("job_ids", "action", "options"))
        job_ids = fields.integers("job_ids", [])
        action = fields.text("action")
        tag = _tag(fields)
        if action != "cancel":
            raise Refusal(f"Invalid action '{action}'; allowed: cancel (admin_alter_jobs, JOB:1703)")
        if not job_ids:
            job_ids = [self._found(0, tag, "admin_alter_jobs").id]
        statuses = [self._jobs.cancel(job_id) for job_id in job_ids]
        return {"job_ids": job_ids, "action": action, "status": statuses, "info": {}}

    def _found(self, job_id: int, tag: str, call: str) -> Job:
        job = self._jobs.background_job(job_id, tag)
        if job is None:
            named = f"with tag '{tag}'" if tag and job_id <= 0 else f"'{job_id}'"
            raise Refusal(f"Job {named} not found ({call}, JOB:1701)")
        return job


def _tag(fields: RequestFields) -> str:
    tag = fields.options({"job_tag": ()}).get("job_tag", "")
    if tag and not JOB_TAG.fullmatch(tag):
        raise Refusal(
            f"Option 'job_tag' may have letters, digits, '_' and '-' only, not '{tag}' ({fields.call}, OPT:1205)"
        )
    return tag


def _embedded(data_str: str) -> Any:
    """The request of the endpoint. One that is no JSON is no JSON object either, and the job will say so."""
    try:
        return json.loads(data_str)
    except ValueError:
        return data_str
