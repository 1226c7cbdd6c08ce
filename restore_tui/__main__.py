"""``python -m restore_tui`` is ``restore-tui``."""

from restore_tui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
