"""What makes and publishes releases."""
