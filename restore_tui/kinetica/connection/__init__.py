"""How the server is reached: its address, the login, and the HTTP client."""
