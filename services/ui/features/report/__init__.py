"""The page Report: how a shift was."""
