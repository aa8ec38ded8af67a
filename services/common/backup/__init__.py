"""One environment as a file, and back from it."""
