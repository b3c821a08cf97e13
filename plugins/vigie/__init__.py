"""Vigie: a control room for 24x7 application-operations teams, on Apache Airflow."""
