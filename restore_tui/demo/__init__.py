"""A small Kinetica to practise on: the world (data), the engine (what a restore does to it), the HTTP server."""
