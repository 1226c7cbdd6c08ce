"""Responses to a restore: those that settle nothing, and those that are known to be a rejection."""

from __future__ import annotations

from typing import Any

from restore_tui.kinetica.errors import AuthenticationFailed, EndpointMissing, KineticaError, RequestRejected
from tests.harness.kinetica_client import RESTORED
from tests.harness.servers import faulty_server as f
from tests.harness.servers.faulty_server import Fault, Reply

RESTORE = "/restore/backup"


TYPE = "restore_backup_response"


def ok(inner: Any, status: int = 200, data_type: str = TYPE) -> Fault:
    return f.always(Reply(f.http(status, f.envelope(inner, data_type))))


LOST: dict[str, Fault] = {
    "hang-up after the request": f.DROP,
    "truncated body": f.truncated(RESTORED),
    "half of the JSON": f.cut_in_half(RESTORED),
    "garbage": f.GARBAGE,
    "headers only": f.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"),
    "200 with a web page": f.page(200),
    "200 empty": f.page(200, b""),
    "204": f.page(204, b""),
    "400 web page": f.page(400),
    "401 without envelope": f.page(401),
    "403 web page": f.page(403),
    "404 without envelope": f.page(404, b"not found"),
    "500 empty": f.page(500, b""),
    "502 web page": f.page(502),
    "503 empty": f.page(503, b""),
    "504 web page": f.page(504),
    "301": f.redirect(301),
    "302": f.redirect(302),
    "307": f.redirect(307),
    "308": f.redirect(308),
    "redirect to nowhere": f.raw(f.http(302, b"", head="Location: http://[/\r\n")),
    "wrong data_type": ok(RESTORED, data_type="show_backup_response"),
    "data_type none": ok(RESTORED, data_type="none"),
    "undecodable data_str": ok("{not json"),
    "empty data_str": ok(""),
    "data_str is a list": ok([1, 2]),
    "OK in a 202": ok(RESTORED, status=202),
    "OK in a 206": ok(RESTORED, status=206),
    "OK in a 502": ok(RESTORED, status=502),
    "OK in a 500": ok(RESTORED, status=500),
    "other JSON": f.always(Reply(f.http(200, b'{"result": "fine"}'))),
    "status in another word": f.always(Reply(f.http(200, f.envelope(RESTORED, TYPE, status="DONE")))),
    "gzip that is none": f.always(Reply(f.http(200, b"not gzip", head="Content-Encoding: gzip\r\n"))),
    "exiting": f.error("Kinetica is exiting"),
    "exiting in a 500": f.error("Kinetica is exiting", 500),
    "offline": f.error("Kinetica is OFFLINE (rank 0)", 503),
    "shutting down": f.error("The server is Shutting down", 400),
    "an error with 500": f.error("Internal error", 500),
    "an error with 502": f.error("upstream answered with an error", 502),
    "an error with 503": f.error("Too many jobs", 503),
    "an error with 504": f.error("Timeout waiting for the response of rank 1", 504),
    "an error with 302": f.error("moved", 302),
    "busy": f.error("busy"),
    "out of memory": f.error("Out of memory on rank 2"),
    "reset": f.error("read ECONNRESET", 200),
    "a signal": f.error("worker received SIGTERM", 403),
    "too many requests": f.error("Too many requests", 404),
    "an error with a response inside": f.raw(
        f.http(400, f.envelope(RESTORED, TYPE, status="ERROR", message="Table exists"))
    ),
    "an error beside an error": f.raw(
        f.http(
            400, f.envelope("", "none", "ERROR", "failed").replace(b"{", b'{"cause": "connection reset", ', 1)
        )
    ),
    "an error that is a map": f.raw(
        f.http(
            400, f.envelope("", "none", "ERROR", "x").replace(b'"x"', b'{"error": "rank 2 is offline"}', 1)
        )
    ),
    "a repeated status": f.raw(
        f.http(200, f.envelope(RESTORED, TYPE).replace(b'"status"', b'"status": "ERROR", "status"', 1))
    ),
    "a status in two spellings": f.raw(
        f.http(200, f.envelope(RESTORED, "restore_backup_response").replace(b"{", b'{"STATUS": "ERROR", ', 1))
    ),
    "a field inside in two spellings": ok('{"Failed_Objects": {"a": "table"}, "failed_objects": {}}'),
    "a repeated field inside": ok('{"failed_objects": {"a": "table"}, "backup_id": 7, "failed_objects": {}}'),
}


KNOWN: dict[str, tuple[Fault, type[KineticaError]]] = {
    "400 with a reason": (f.error("Object already exists"), RequestRejected),
    "403 with an envelope": (f.error("No privilege", 403), RequestRejected),
    "200 with ERROR": (f.error("no such backup", 200), RequestRejected),
    "without a reason": (f.error(""), RequestRejected),
    "401 with an envelope": (f.error("Unauthorized", 401), AuthenticationFailed),
    "404 with an envelope": (f.error("Unknown endpoint", 404), EndpointMissing),
}
