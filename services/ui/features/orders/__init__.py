"""Orders: what runs, what comes, what was."""
