"""Floor 0: what the control room knows. No clock, disk, network or Airflow."""
