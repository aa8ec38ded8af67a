"""The page History: questions to the archive."""
