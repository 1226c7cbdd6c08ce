"""The outcome of a restore, and how it is found out after a lost response."""
