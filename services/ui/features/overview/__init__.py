"""The whole factory on one screen."""
