"""Floor 1: the outside world behind ports. Credentials arrive as arguments."""
