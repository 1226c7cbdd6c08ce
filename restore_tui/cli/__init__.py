"""The command line. Textual is imported only when a screen will open, and httpx not even then at first."""

from restore_tui.cli.dispatch import main

__all__ = ["main"]
