"""The language of the factory: pure, so that every process reads and writes it the same way."""
