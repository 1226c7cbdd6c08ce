"""What tests share. No tests in here."""
