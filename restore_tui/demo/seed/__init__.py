"""The backups, the live objects and the sources that the demo server starts with."""
