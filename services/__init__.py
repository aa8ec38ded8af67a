"""The processes: each folder is one, and none imports another."""
