"""restore-tui: a terminal wizard for Kinetica's ``POST /restore/backup``."""

__version__ = "0.1.0"
