"""The command card: parameters, checks, preview, message, sending and its stages."""
