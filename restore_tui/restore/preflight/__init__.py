"""What is known before a restore: the dry run, conflicts, warnings and verification."""
