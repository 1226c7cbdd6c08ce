"""Words that settle nothing, and words that spoil an OK: in any case, quoted, and glued to anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.server_messages import (
    info_speaks_of_trouble,
    speaks_of_going_away,
    speaks_of_trouble,
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


@pytest.mark.parametrize("message", ["KineticaOffline", "TimeoutException: 60 s", "ConnectionResetError"])
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
