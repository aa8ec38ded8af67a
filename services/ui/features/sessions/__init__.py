"""Recorded sessions: name, take away, play again, analyse."""
