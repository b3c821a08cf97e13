"""Floor 1: what people wrote, read into core objects with their line numbers."""
