"""The historian: writes every message of one environment into an archive on disk."""
