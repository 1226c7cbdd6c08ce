"""``make carry``: one file with all libraries, for a host without a network."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from restore_tui import __version__

ROOT = Path(__file__).parent.parent

PREAMBLE = """\
import platform
import sys

made, here = {made!r}, (sys.version_info[0], sys.version_info[1], sys.platform, platform.machine())
if here != made:
    sys.exit(
        "restore-tui: this file is made for Python %d.%d on %s %s, and this is Python %d.%d on %s %s.\\n"
        "Run it with that Python, or (3.10 to 3.13) make the file again: make clean carry PYTHON=python%d.%d"
        % (made + here + here[:2])
    )
"""
"""Runs before anything of ours is imported. Some libraries are compiled, and fail to load anywhere else."""


def preamble() -> str:
    """Return the check for the Python that runs this."""
    made = (*sys.version_info[:2], sys.platform, platform.machine())
    return PREAMBLE.format(made=made)


def main() -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    target = ROOT / "dist" / f"restore-tui-{__version__}-py{version}.pyz"
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        check = Path(folder, "preamble.py")
        check.write_text(preamble(), encoding="utf-8")
        check.chmod(0o755)
        command = [sys.executable, "-m", "shiv", "--console-script", "restore-tui", "--compressed"]
        command += [
            "--python",
            "/usr/bin/env python3",
            "--preamble",
            str(check),
            "--output-file",
            str(target),
        ]
        subprocess.run([*command, str(ROOT)], check=True)
    sys.stdout.write(
        f"{target.relative_to(ROOT)}: {target.stat().st_size / 1e6:.1f} MB, for Python {version}\n"
    )


if __name__ == "__main__":
    main()
