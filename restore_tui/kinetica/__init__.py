"""The server's REST API, headless: address, client, envelope, responses, errors, and the endpoint reference."""
