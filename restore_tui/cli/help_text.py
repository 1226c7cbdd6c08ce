"""What ``--help`` and the man page say below the options. Each text is laid out for 80 columns."""

from __future__ import annotations

from collections.abc import Mapping

DESCRIPTION = (
    "A wizard for Kinetica's /restore/backup: select a backup, dry-run the restore,\n"
    "then run it exactly once."
)

SECTIONS: Mapping[str, str] = {
    "examples": """\
restore-tui --demo
    try it on a built-in demo server; nothing in it is real
restore-tui --url https://kinetica.example:8082/gpudb-0 --user ana
    open the wizard; type the password on Connect
restore-tui --server prod --password-file ~/.prod --dry-run-only
    a server of the config file; never sends a real restore
restore-tui find sales.orders --server prod
    which snapshots hold a table
restore-tui attach 20261127
    check the outcome of a run that was left running
restore-tui history --markdown > restores.md
    past restores, for a ticket""",
    "environment": """\
KINETICA_URL, KINETICA_USER    server and user, where no option gives them
KINETICA_PASSWORD              password; also KINETICA_PASS, KINETICA_PASSWD
KINETICA_OAUTH_TOKEN           OAuth token
KINETICA_SERVER                a server of the config file
NO_COLOR                       draw without colors
With --server or KINETICA_SERVER, the other KINETICA_ variables are ignored.""",
    "files": """\
Linux: ~/.config/restore-tui/config.toml
       ~/.local/state/restore-tui/: receipts, log.txt, trusted certificates
macOS: ~/Library/Application Support/restore-tui/ has them all
restore-tui config prints where they are.""",
    "exit codes": """\
0   restored, or left without restoring
1   the restore failed
2   usage error
3   some objects failed or were not mentioned, or the server added warnings
4   outcome unknown, or left running
70  the wizard crashed""",
}
"""Title → text, below the options of the program."""


def epilog(sections: Mapping[str, str]) -> str:
    """Return the sections as ``--help`` has them."""
    return "\n\n".join(
        "\n".join([f"{title}:", *(f"  {line}" for line in text.splitlines())])
        for title, text in sections.items()
    )
