"""The server's REST API, headless: address, client, envelope, answers, errors, and the endpoint reference."""
