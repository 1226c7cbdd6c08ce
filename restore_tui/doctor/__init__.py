"""``restore-tui doctor``: what a server supports, and which keys are recognized. No data, no restore."""
