"""``make mutants``: break the safety core in many places, one at a time, and see whether the quick tests notice.

``python -m tests.mutants [WORD]`` tries all mutations, or those whose file or sentence has WORD in it. Exit code 0 if
every one was caught, 1 if one survived, 2 if the check itself cannot be trusted: a text that does not occur exactly
once, covering tests that fail without any mutation, or tests that cannot even be collected with one.

The work tree is never touched. Each mutation has a copy of package and tests of its own, in a temporary folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.mutations import MUTATIONS, Mutation

ROOT = Path(__file__).parents[2]
AT_ONCE = 2
SECONDS_OF_A_TEST = 120
"""A mutation may make a test wait for ever: that is noticed, too."""
_COPIED = ("restore_tui", "tests", "pyproject.toml")
_OPTIONS = ("-xq", "-p", "no:cacheprovider", "-m", "not slow", "--tb=line", f"--timeout={SECONDS_OF_A_TEST}")
_PASSED, _TESTS_FAILED = 0, 1
_FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)


class UntrustworthyError(Exception):
    """The check would prove nothing; the text says why."""


def copy_to(folder: Path) -> None:
    """Copy what the tests need, with its times: what was compiled from it stays valid, and only what is broken then is
    compiled anew."""
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__snapshots__"))
        else:
            shutil.copy2(source, folder)


def run_tests(folder: Path, tests: Iterable[str], *options: str) -> tuple[int, str]:
    """Run quick tests on the package in ``folder``. Returns pytest's exit code and what it printed."""
    # The copy goes before what .venv has installed, also in processes that a test starts.
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTEST_ADDOPTS": ""}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *_OPTIONS, *options, *tests],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def catching_test(mutation: Mutation) -> str:
    """Return the test that notices the mutation; empty where it survives."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        folder = Path(name)
        copy_to(folder)
        broken = folder / mutation.file
        broken.write_text(mutation.apply(broken.read_text(encoding="utf-8")), encoding="utf-8")
        code, output = run_tests(folder, mutation.tests)
    if code == _PASSED:
        return ""
    failed = _FAILED.search(output)
    if code != _TESTS_FAILED or failed is None:
        raise UntrustworthyError(f"{mutation.consequence}\n{output[-2000:]}")
    return failed[1]


def check_unbroken(mutations: Sequence[Mutation]) -> None:
    """Check that every text occurs once and that all covering tests pass as long as nothing is broken. Raises
    UntrustworthyError."""
    for mutation in mutations:
        try:
            mutation.apply((ROOT / mutation.file).read_text(encoding="utf-8"))
        except ValueError as error:
            raise UntrustworthyError(str(error)) from None
    tests = sorted({test for mutation in mutations for test in mutation.tests})
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        copy_to(Path(name))
        code, output = run_tests(Path(name), tests, "-n", str(AT_ONCE), "--dist", "worksteal")
    if code != _PASSED:
        raise UntrustworthyError(f"Without any mutation the covering tests fail:\n{output[-4000:]}")


def timed(mutation: Mutation) -> tuple[Mutation, str, float]:
    """Return the mutation with the test that catches it, and the seconds until then."""
    began = time.monotonic()
    return mutation, catching_test(mutation), time.monotonic() - began


def main(word: str = "") -> int:
    mutations = [m for m in MUTATIONS if word.lower() in f"{m.file} {m.consequence}".lower()]
    if not mutations:
        print(f"No mutation has {word!r} in its file or sentence.", file=sys.stderr)
        return 2
    began = time.monotonic()
    survivors = 0
    try:
        check_unbroken(mutations)
        print(f"Without any mutation: all tests pass, {time.monotonic() - began:.0f} s", flush=True)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for mutation, test, seconds in pool.map(timed, mutations):
                survivors += not test
                verdict = "killed" if test else "SURVIVED"
                print(f"{verdict:8} {seconds:6.1f} s  {mutation.consequence}", flush=True)
                print(f"{'':19}{mutation.file}{f' · {test}' if test else ''}", flush=True)
    except UntrustworthyError as error:
        print(error, file=sys.stderr)
        return 2
    minutes = (time.monotonic() - began) / 60
    print(f"{len(mutations)} mutations, {survivors} survived, {minutes:.1f} minutes")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
