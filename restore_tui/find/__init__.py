"""Find an object in the snapshots of all backups: which snapshot holds it, and in which state. Headless."""
