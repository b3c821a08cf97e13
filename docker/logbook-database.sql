-- The logbook has a database of its own: tasks may not touch Airflow's. Celery's results have one, and a role that can open
-- nothing else: the workers have its password (docs/operators/cluster.md gives it one), and not that of the other two.
CREATE DATABASE logbook;
CREATE ROLE celery LOGIN;
CREATE DATABASE celery OWNER celery;
REVOKE CONNECT ON DATABASE airflow, logbook FROM PUBLIC;
