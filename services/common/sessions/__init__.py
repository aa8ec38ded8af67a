"""Recorded sessions: named ranges of the journal, session files, and the session station."""
