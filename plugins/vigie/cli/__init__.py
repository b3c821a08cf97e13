"""Floor 4: the commands of ./vigie."""
