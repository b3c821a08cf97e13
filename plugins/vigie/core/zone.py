"""Time zones, as the pinned `tzdata` package knows them.

Python prefers the zones of the machine (``zoneinfo.TZPATH``), which may be years old: two machines would then tell two
hours of one deadline, and neither would say so. Every module of ours takes ``ZoneInfo`` from here, so the machine's
zones are never read, whether or not ``PYTHONTZPATH`` is set. The setting (airflow.env, Dockerfile) is for what Airflow
computes before it loads us.
"""

from __future__ import annotations

import zoneinfo  # noqa: TID251 (the one place)
from zoneinfo import ZoneInfo, available_timezones  # noqa: TID251

from tzdata import IANA_VERSION

__all__ = ["IANA_VERSION", "ZoneInfo", "available_timezones"]

zoneinfo.reset_tzpath(to=())
ZoneInfo.clear_cache()  # what somebody asked for before us came from the machine
