"""Tells people outside the house of alarms: mail, webhook, messenger, browser; each state once."""
