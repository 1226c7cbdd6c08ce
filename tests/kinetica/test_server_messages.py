"""Words that settle nothing, and words that spoil an OK: in any case, quoted, and glued to anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.responses.server_messages import (
    info_speaks_of_trouble,
    speaks_of_going_away,
    speaks_of_trouble,
    speaks_of_unfinished,
)

GOING_AWAY = (
    "Kinetica is exiting",
    "Kinetica is offline",
    "System is offline",
    "System shutting down",
    "system-limited-fatal",
    "Unavailable: Draining HA queue",
    "Query planner is not running",
    "Unable to process request with JobId:7 to: /restore/backup, system is in a limited state. Later",
    "upstream timed out",
    "Timeout waiting for response from rank 1",
    "Connection to rank 0 lost",
    "Server shutting  down",
    "Kinetica shut down in progress",
    "KINETICA_OFFLINE",
    "is stopping",
    "planner isn't running",
    "rank 3 died",
    "Lost rank 1",
    "rank 2 is not available",
    "the cluster is down",
    "Job was cancelled by admin",
    "Service is not available, try again later",
    "socket closed",
    "busy",
    "out of memory",
    "read ECONNRESET",
    "connect ECONNREFUSED 10.0.0.7:9191",
    "unexpected EOF",
    "received SIGTERM",
    "suspended",
    "rank 4 unresponsive",
    "too many requests",
    "Too many open connections",
    "try again later",
    "temporarily out of service",
    "Server overloaded",
    "throttled",
    "Rank 2 is not ready",
    "lost heartbeat of rank 1",
    "no quorum",
    "segmentation fault, core dumped",
    "Killed by the OOM killer",
    "internal error",
    "HTTP 503",
    "Resources exhausted",
    "connection refused",
    "closed by peer",
    "database is in maintenance mode",
    "rebooting",
    "please retry",
    "transport error",
    "deadlock detected",
    "circuit breaker open",
)


@given(
    st.sampled_from(GOING_AWAY),
    st.sampled_from(
        ["{}", '"{}"', "'{}'", '{{"error":"{}"}}', "({})", "{}.Retry later", "{}!", "…{}-now", "E:{},x"]
    ),
    st.sampled_from([str, str.upper, str.lower]),
)
def test_a_server_going_away_is_heard_in_any_wrapping(words: str, wrapping: str, case: type[str]) -> None:
    """Quotes, JSON, punctuation and case around the words change nothing."""
    assert speaks_of_going_away(wrapping.format(case(words)), ["sales.orders", "offline"])


@pytest.mark.parametrize(
    "message",
    [
        "KineticaOffline",
        "TimeoutException: 60 s",
        "ConnectionResetError",
        "OutOfMemoryError",
        "std::bad_alloc",
        "TooManyRequests",
        "java.io.EOFException",
        "BrokenPipe",
        "RESOURCES_EXHAUSTED",
        "InternalServerError",
    ],
)
def test_words_that_are_written_together_are_heard(message: str) -> None:
    """The name of an exception is several words."""
    assert speaks_of_going_away(message)


@pytest.mark.parametrize(
    "message",
    [
        "Table 'sales.offline_orders' already exists",
        "Table sales.offline already exists",
        'User "exiting" already exists',
        "Object already exists",
        "Rank 2: No space left on device",
        "No privilege",
        "Insufficient credentials",
        "Schema 'ops' does not exist",
        "Backup 'nightly' does not hold table 'sales.orders'",
        "Parameter map key: 'x' is not a valid parameter (U/PUh:348); error in Job validation",
        "Restore aborted: 3 objects exist already",
        "checksum mismatch in file 17 of 100",
        "Access Denied: s3://vault (403)",
        "database restore failed: table exists",
        "Cannot restore temporary table sales.orders",
        "License expired",
        "unknown object type",
        "invalid backup_id",
    ],
)
def test_an_object_is_no_server(message: str) -> None:
    """Names of objects are removed first, without a schema only in quotes."""
    assert not speaks_of_going_away(message, ["sales.orders", "sales.offline", "exiting"])


def test_a_bare_name_does_not_hide_the_server() -> None:
    """A user may be called exiting: the cheaper mistake is to check once more."""
    assert speaks_of_going_away("Kinetica is exiting", ["exiting"])


@pytest.mark.parametrize(
    ("message", "trouble"),
    [
        ("3 of 100 files failed their checksum", True),
        ("WARNING: see log", True),
        ("10 failed", True),
        ("1,000 failed", True),
        ("data skipped: already exists", True),
        ("rolled back", True),
        ("successful: false", True),
        ("unsuccessful", True),
        ("Not restored: sales.orders", True),
        ("couldn’t read file 3", True),
        ("checksumFailed", True),
        ("rank 2 went down", True),
        ("Kinetica is offline", True),
        ("left out: 1", True),
        ("not compressed", False),
        ("", False),
        ("restore complete", False),
        ("0 failed", False),
        ("no errors or warnings, 6 restored", False),
        ("without any skipped", False),
        ("unfailing", False),
        ("failed: 0", False),
        ("failed 0", False),
        ("failed: 0 objects", False),
        ("failures: 0 of 6", False),
        ("0 of 6 failed", False),
        ("0 errors", False),
        ("errors=0 warnings=0", False),
        ("Errors: 0 | Warnings: 0", False),
        ('{"failed": 0, "errors": []}', False),
        ("failed_objects: none", False),
        ("error_count: 0", False),
        ("nothing failed", False),
        ("none skipped", False),
        ("error-free", False),
        ("no failures, no skipped", False),
        ("6 of 6 restored", False),
        ("restored on rank 1 of 4", False),
        ("100% complete", False),
        ("progress: 100", False),
        ("failed: 0.5", True),
        ("failed: 10", True),
        ("failed: no disk", True),
        ("skipped: no space", True),
        ("error: no such file", True),
        ("error: 0 files found", True),
        ("Errors: 0 Warnings: 2", True),
        ("0 errors, 3 failed", True),
        ("restored 1 of 2", True),
        ("restored 5 objects out of 6", True),
        ("1/2 restored", True),
        ("1,204 of 9,001 records", True),
        ("50% complete", True),
        ("progress: 17", True),
    ],
)
def test_whole_words_of_trouble(message: str, trouble: bool) -> None:
    """Words, not parts of words; and a count of nothing is no trouble."""
    assert speaks_of_trouble(message) is trouble


@pytest.mark.parametrize(
    ("key", "value", "trouble"),
    [
        ("warnings", "3", True),
        ("warnings", "0", False),
        ("errors", "[]", False),
        ("errors", "No errors.", False),
        ("failed_files", "none", False),
        ("note", "files are missing", True),
        ("success", "false", True),
        ("is_restored", "no", True),
        ("Completed", "0", True),
        ("success", "true", False),
        ("skip_checksum", "false", False),
        ("ranks", "3", False),
    ],
)
def test_a_key_of_trouble_needs_a_value(key: str, value: str, trouble: bool) -> None:
    """``warnings: 0`` reports none."""
    assert info_speaks_of_trouble({key: value}) is trouble


@given(st.text(max_size=40), st.lists(st.text(max_size=6), max_size=4))
def test_reading_a_message_raises_nothing(message: str, names: list[str]) -> None:
    """Any message, any names."""
    assert speaks_of_going_away(message, names) in (True, False)
    assert speaks_of_trouble(message, names) in (True, False)


def test_what_begins_with_a_name_in_quotes_is_more_than_a_name() -> None:
    """A message in a JSON list is in quotes as a whole: the object in it hides nothing of it."""
    assert speaks_of_trouble('["sales.orders: 1 warning"]', ["sales.orders"])


@pytest.mark.parametrize(
    ("message", "unfinished"),
    [
        ("queued", True),
        ("started", True),
        ("Restore started", True),
        ("in progress", True),
        ("IN_PROGRESS", True),
        ("status: pending", True),
        ("The restore request has been queued.", True),
        ("Job accepted", True),
        ("accepted, not started yet", True),
        ("Restore operation started successfully", True),
        ("still running", True),
        ("restoring…", True),
        ("validated only", True),
        ("Validation only. See the log", True),
        ("The restore has been scheduled", True),
        ("nothing executed", True),
        ("Objects to be restored", True),
        ("Restore started at 12:00, finished at 12:05", False),
        ("Restore completed and validated", False),
        ("subscriptions started: 3", False),
        ("server status: running", False),
        ("All objects restored", False),
        ("restore complete", False),
        ("elapsed: 12 s", False),
        ("", False),
    ],
)
def test_a_restore_that_is_still_to_be_done(message: str, unfinished: bool) -> None:
    """A sentence that says just that; the same word in another sentence is about something else."""
    assert speaks_of_unfinished(message) is unfinished


@given(
    st.lists(
        st.sampled_from(["the", "job", "queued", "restore", "x", "is", "in progress", ";"]), max_size=4000
    )
)
def test_a_long_message_is_read_at_once(words: list[str]) -> None:
    """However long, and whatever it repeats."""
    message = " ".join(words)
    assert speaks_of_unfinished(message) in (True, False)
    assert speaks_of_trouble(message) in (True, False)
