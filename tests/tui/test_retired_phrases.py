"""Phrases that the glossary has replaced do not appear on the screens, nor in the documentation.

The screens are read from their committed pictures and from the table of faults. What servers say and what objects are
called is exempt: it is not our text.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
EXEMPT_PAGES = ("glossary.md",)  # it names the phrases that it replaces

SERVER_TEXT = (
    "writes cannot be cancelled",
    "not cancelled",
    "of the cancel: cancelled",
    "Job was cancelled",
)
"""What the demo server or a recorded server says, in words that we would not use."""

RETIRED = {
    "answer": (r"(the|an|no|its|this|whose|server's) answer", "response"),
    "as all": ("as all", "whole schema"),
    "as one long request": ("as one long request", "mode: direct"),
    "As the server says it": ("As the server says it", "raw server fields"),
    "ask": (r"f5 Ask|\| Ask \||Ask again|Asking", "refresh, load"),
    "asked for": ("asked for", "selected, requested"),
    "begun": ("begun|began", "started"),
    "beyond the reference": ("beyond the reference", "not in the 7.2.3.14 API reference"),
    "British spelling": (
        r"(authoris|behaviour|colour|honour|practis)\w*|cancelled|cancelling",
        "US spelling",
    ),
    "come back": ("(brought|bring|brings|come|comes|coming) back", "restore; reattach"),
    "did not get to": ("did not get to", "could not"),
    "fold": ("fold(s|ed)?", "collapse"),
    "Goes with": ("Goes with", "related options"),
    "Left alone": ("Left alone", "default behavior"),
    "lets nothing through": ("lets nothing through", "no match"),
    "line, for connection": ("(the|this) line (holds|lives|breaks|drops)", "connection"),
    "look": ("looks? again|looked at:|looks? what|our (own )?look", "check"),
    "Make room": ("Make room", "free disk space"),
    "mend": ("mend(s|ed)?", "fix"),
    "met an error of its own": ("met an error of its own", "crashed"),
    "newest, no id": ("newest, no id", "latest at restore time"),
    "No server was asked": ("No server was asked", "no request was sent"),
    "nobody": ("nobody|somebody", "you, the operator, a user"),
    "put aside": (r"(put|puts|set|sets)( \w+)? aside", "dismiss"),
    "rehearse": ("rehears(e|es|ed|al|als)", "dry run"),
    "Rests on": ("Rests on", "evidence"),
    "road": ("road", "steps"),
    "said to": ("said to", "reported as"),
    "sitting": ("sitting", "session"),
    "takes no job": ("takes? no job|took no job", "does not support background jobs"),
    "throw away": ("thr(ow|ows|own|ew) away", "discard"),
    "Through which one": ("Through which one", "where is the backup stored?"),
    "tick": ("tick(s|ed)?", "select, selected"),
    "turn round": (r"turns? (\S+ ){1,8}round", "invert the selection"),
    "Type it, please": ("Type it, please", "type the name"),
    "under the policy": ("under the policy", "with restore_policy="),
    "untold": ("untold|is not told", "unknown"),
    "void": ("void", "stale"),
    "way": (r"way: \w+|no way on|(another|the) way (is|that)|another way", "mode"),
    "we see": ("we see|we do not see|we cannot look", "conflict check"),
    "what came of it": ("(became|becomes|came) of", "result, outcome"),
    "What goes wrong": ("What goes wrong", "pitfalls"),
    "Where it is written": ("Where it is written", "documentation"),
    "Which moment": ("Which (moment|series)", "point in time; backup"),
}
"""Phrase → pattern for whole words, in either case, and what to write instead."""

# TEMPORARY: phrases that the screens still show, and that generated blocks of the pages therefore still have. Only take
# phrases out of these two lists. Once both are empty, delete them.
STILL_ON_SCREENS: frozenset[str] = frozenset()
STILL_IN_PAGES: frozenset[str] = frozenset({"nobody"})


@cache
def screens() -> dict[str, str]:
    """Name → text of each screen that is kept as a picture, and of the table of faults."""
    pictures = [*HERE.glob("__snapshots__/**/*.svg"), *(ROOT / "screenshots").glob("*.svg")]
    assert len(pictures) > 100, "the pictures of the screens are not where they were"
    told = {str(picture.relative_to(ROOT)): screen_text(picture) for picture in pictures}
    return told | {"fault_table.md": (HERE / "fault_table.md").read_text(encoding="utf-8")}


@cache
def pages() -> dict[str, str]:
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    return {file.name: file.read_text(encoding="utf-8") for file in files if file.name not in EXEMPT_PAGES}


def screen_text(picture: Path) -> str:
    """The text of a picture, row by row from the top."""
    rows: dict[float, list[tuple[float, str]]] = defaultdict(list)
    drawn = r'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>'
    for x, y, text in re.findall(drawn, picture.read_text(encoding="utf-8")):
        rows[float(y)].append((float(x), html.unescape(text)))
    return "\n".join("".join(text for _, text in sorted(row)) for _, row in sorted(rows.items()))


def uses(phrase: str, texts: dict[str, str]) -> list[str]:
    """Where a phrase stands, with the words around it."""
    pattern = re.compile(rf"(?<!\w)(?:{RETIRED[phrase][0]})(?!\w)", re.IGNORECASE)
    return [
        f"{name}: {line[max(0, found.start() - 30) : found.end() + 30]}"
        for name, line in ((name, ours(text)) for name, text in texts.items())
        for found in pattern.finditer(line)
    ]


@cache
def ours(text: str) -> str:
    """A text without what servers say, in one line."""
    line = " ".join(text.split())
    for said in SERVER_TEXT:
        line = line.replace(said, "")
    return line


def check(phrase: str, texts: dict[str, str], still: frozenset[str], name: str) -> None:
    found = uses(phrase, texts)
    if phrase in still:
        assert found, f"{phrase!r} has been replaced: take it out of {name}"
    else:
        instead = RETIRED[phrase][1]
        assert not found, f"{phrase!r} is retired, write {instead!r}:\n" + "\n".join(found)


@pytest.mark.parametrize("phrase", RETIRED)
def test_screens_have_no_retired_phrase(phrase: str) -> None:
    check(phrase, screens(), STILL_ON_SCREENS, "STILL_ON_SCREENS")


@pytest.mark.parametrize("phrase", RETIRED)
def test_pages_have_no_retired_phrase(phrase: str) -> None:
    check(phrase, pages(), STILL_IN_PAGES, "STILL_IN_PAGES")


def test_exceptions_are_retired_phrases() -> None:
    assert set(RETIRED) >= STILL_ON_SCREENS | STILL_IN_PAGES


def test_finds_a_phrase_across_rows_and_colors() -> None:
    """A phrase that a screen breaks between two rows, or draws in two colors, is found."""
    assert uses("rehearse", {"s": "the next step Rehearses, the"})
    assert uses("as one long request", {"s": "to a server, as one long\n  request."})
    assert not uses("road", {"s": "broadcast"})
    assert not uses("British spelling", {"s": "The server says: Job was cancelled"})
