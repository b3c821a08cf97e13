"""Floor 2: what Airflow executes. Thin: fetch, ask the core, act."""
