"""restore-tui: a terminal wizard for Kinetica's ``POST /restore/backup``."""

__version__ = "0.1.0"

REFERENCE_VERSION = "7.2.3.14"
"""The Kinetica server whose published API reference this program follows."""
