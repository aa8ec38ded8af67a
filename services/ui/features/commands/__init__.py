"""The life of every command of everybody."""
