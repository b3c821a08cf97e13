"""In-memory twins of every port, a clock and the scenario harness."""
