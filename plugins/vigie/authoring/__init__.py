"""Floor 3: the words of a DAG file."""
