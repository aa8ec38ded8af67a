"""The state as JSON: what omf state, the pages and the HTTP API read."""
