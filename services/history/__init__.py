"""The archive on disk: its files, how they are written and merged, and how they are read."""
