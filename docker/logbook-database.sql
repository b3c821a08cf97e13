-- The logbook has a database of its own: tasks may not touch Airflow's.
CREATE DATABASE logbook;
