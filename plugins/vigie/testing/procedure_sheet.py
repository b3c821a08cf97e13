"""A procedure as one file to look at: the page that people read, and the graph, with nothing from elsewhere."""

from __future__ import annotations

from html import escape

from vigie.core.procedure import Procedure
from vigie.documents.procedure_graph import graph_svg, is_french
from vigie.web.procedure_html import procedure_html

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1c2733; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { margin-bottom: .2rem } h2 { border-bottom: 1px solid #d6dee6; margin-top: 2rem } .about { color: #5b6b7b }
code { background: #eef1f4; padding: .1em .3em; border-radius: 3px } pre { background: #eef1f4; padding: .8rem; overflow: auto }
pre code { padding: 0 } blockquote { border-left: 4px solid #8a9aab; margin-left: 0; padding-left: 1rem }
table { border-collapse: collapse } td, th { border: 1px solid #c5d0da; padding: .3rem .6rem; text-align: left }
.graph { overflow-x: auto; border: 1px solid #d6dee6; border-radius: 6px } .does { margin-bottom: 0; color: #5b6b7b }
"""


def procedure_sheet(procedure: Procedure) -> str:
    """The HTML of the sheet."""
    version = f"version {procedure.revision}, {procedure.status}"
    if procedure.approval:
        version += f" by {procedure.approval.by} on {procedure.approval.at:%Y-%m-%d}"
    about = [
        procedure.client,
        procedure.severity,
        f"owner {procedure.owner}",
        f"reviewed {procedure.reviewed}",
        version,
        procedure.path,
    ]
    return f"""<!doctype html>
<html lang="{"fr" if is_french(procedure) else "en"}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(procedure.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{escape(procedure.title)}</h1>
<p class="about">{escape(" · ".join(about))}</p>
<div class="graph">{graph_svg(procedure)}</div>
{procedure_html(procedure, ".")}
</body>
</html>
"""
