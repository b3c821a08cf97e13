"""Floor 4: the control-room pages in Airflow's UI, and the callbacks of messengers."""
