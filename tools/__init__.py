"""Development tools: run them with ``python -m tools.NAME``."""
