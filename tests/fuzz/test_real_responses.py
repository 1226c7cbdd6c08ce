"""What the product says of thousands of generated restore responses, and whether that is true.

How the responses are made, and why they are independent of the code that reads them:

1. ``truth`` draws what *happened*: which objects were requested, which came back, failed or were not mentioned, what
   the response is about, how the server or the network ended it. The stories come from the endpoint's reference, the
   protocol notes and public reports of failed restores. It knows no wire format.
2. ``shapes`` and ``wire`` render that truth into bytes, in one of many shapes that the reference allows or that
   another version, JSON library or author could produce, directly and as a background job. They import nothing of
   the product, which a test checks, and were written without reading its parser.
3. ``truth.RULES`` is the oracle. It decides from the truth alone which verdicts would be lies; what the bytes look
   like, and how they could be read, it does not know. So a shape that the product cannot read cannot excuse it.
   For a response that keeps to the reference there is a second rule: it has to get the one verdict that it deserves.
   Otherwise a product that always says ``Outcome unknown`` would pass.
4. ``product`` runs the product's own session on those bytes, from the dry run to the exit code.

``RESTORE_TUI_FUZZ`` is the number of examples, 1,500 if unset, of which ``make check`` runs the first 250; ``make
fuzz`` runs 100,000.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.fuzz.product import Product, Seen, example, over_http, run_all, violation
from tests.harness.kinetica_client import link
from tests.harness.servers.faulty_server import Server

EXAMPLES = int(os.environ.get("RESTORE_TUI_FUZZ", "1500"))
CHUNK = 250
OVER_LOOPBACK = 60
SHOWN = 5


@pytest.mark.parametrize(
    "first",
    [pytest.param(first, marks=[pytest.mark.slow] if first else []) for first in range(0, EXAMPLES, CHUNK)],
)
def test_no_verdict_is_a_lie(tmp_path: Path, first: int) -> None:
    """No response makes the product claim more than happened, raise, or send another number of restores than one."""
    lies = [
        f"{why}\n{made}"
        for made, seen in run_all(range(first, min(first + CHUNK, EXAMPLES)), tmp_path)
        if (why := violation(made, seen)) is not None
    ]
    assert not lies, f"{len(lies)} of {CHUNK} examples\n\n" + "\n\n".join(lies[:SHOWN])


@pytest.mark.slow
async def test_a_real_server_gets_the_same_verdicts(faulty: Server, tmp_path: Path) -> None:
    """Over a real HTTP server every example ends as it does inside of the process, and its receipt says the same."""
    inside = Product(tmp_path / "inside")
    outside = Product(tmp_path / "outside", with_receipts=True)
    faulty.on("", over_http(outside.server))
    await asyncio.gather(inside.connect(), outside.connect(link(faulty)))
    try:
        for number in range(OVER_LOOPBACK):
            made = example(number)
            expected, seen = await inside.run(made), await outside.run(made)
            assert seen.in_receipt == seen.verdict, made
            assert _without_receipt(seen) == expected, made
    finally:
        await asyncio.gather(inside.aclose(), outside.aclose())


def _without_receipt(seen: Seen) -> Seen:
    return Seen(seen.verdict, seen.exit_code, seen.sent, seen.exception)
