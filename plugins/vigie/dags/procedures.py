"""Every procedure in the site's include/procedures is a DAG."""

from __future__ import annotations

from vigie.authoring.procedure_dags import procedure_dags

for dag in procedure_dags():
    globals()[dag.dag_id] = dag
