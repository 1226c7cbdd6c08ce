"""What a real server says, for the day when one is at hand: reads, and one dry run. pytest collects nothing here."""
