"""Questions about the factory that interlocks ask; None means the factory has not told."""
