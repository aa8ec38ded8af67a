"""The supervisor: one command that starts every part, watches it and stops it again."""
