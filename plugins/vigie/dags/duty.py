"""The desk, and the rounds that watch it. Nothing that a site holds is read here: no mistake in it can silence them."""

from __future__ import annotations

from vigie.authoring import duty

desk = duty.desk()
rounds = duty.rounds()
