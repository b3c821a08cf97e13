"""Floor 1: the store. The append-only record of everything, and its projections."""
