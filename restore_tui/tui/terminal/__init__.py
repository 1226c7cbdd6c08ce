"""What stands between the terminal and the app: bytes that arrive are outside input, and only some of them are keys."""
