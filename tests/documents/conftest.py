from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vigie.documents.library import Library

FILES = {
    "include/clients/nordwind/client.yaml": """\
name: Nordwind Logistik
zone: Europe/Berlin
languages: [en, fr]
slack_channel: nordwind
policy: client_duty
contacts:
  operations:
    name: Operations
    email: operations@nordwind.example
    language: en
connections:
  nordwind_batch: the batch server
""",
    "include/clients/nordwind/plants.yaml": "- {code: HAM-1, name: Hamburg, zone: Europe/Berlin, country: DE, hub: north}\n",
    "include/rota/team.yaml": """\
people:
  petra: {name: Petra, email: petra@vigie.example, slack: U_PETRA}
policies:
  client_duty:
    steps:
      - {page: [petra], delay: 10 min}
  platform_duty:
    steps:
      - {page: [petra], delay: 10 min}
platform_channel: platform
""",
    "include/templates/_incident.md.j2": """\
{% block subject required %}{% endblock %}
{% block text required %}{% endblock %}
{% block html %}{{ self.text() | markdown }}{% endblock %}
{% block slack %}{{ self.text() | mrkdwn }}{% endblock %}
""",
    "include/templates/inform_client.md.j2": """\
---
purpose: To the client.
example: {client: Nordwind, title: EOD is KO}
---
{% extends "_incident.md.j2" %}
{% block subject %}{{ client }}: {{ title }}{% endblock %}
{% block text %}**{{ client }}**: {{ title }}{% endblock %}
""",
    "include/templates/nordwind/ask_depot.fr.md.j2": """\
---
purpose: Au dépôt.
example: {client: Nordwind}
---
{% extends "_incident.md.j2" %}
{% block subject %}{{ client }}{% endblock %}
{% block text %}{{ client }}{% endblock %}
""",
    "include/procedures/nordwind/other.md": """\
---
title: Another one
client: nordwind
severity: low
owner: petra
reviewed: 2026-10-19
---

## Meaning

Nothing.

## Impact

None.

## Steps

### Look

Look again.

## Escalate

Call Petra.

## Close

Write it down.
""",
    "include/procedures/_shared/wake.md": """\
---
title: Wake everybody
client: _shared
severity: critical
owner: petra
reviewed: 2026-10-19
---

## Meaning

Nothing else helped.

## Impact

Everybody is awake.

## Steps

### Is it night?

- [Yes](#escalate)
- [No](#escalate)

## Escalate

Call everybody.

## Close

Nothing.
""",
}

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of the site, in place of the one that is there."""

    def written(path: str, content: str | bytes) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return written


@pytest.fixture
def site(write: Write) -> Library:
    """A small site without a mistake."""
    for path, content in FILES.items():
        write(path, content)
    return Library(write("include/README", "").parents[1])
