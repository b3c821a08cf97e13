"""The control room's own DAGs."""

from __future__ import annotations

from vigie.authoring import duty

desk = duty.desk()
rounds = duty.rounds()
mail_desk = duty.mail_desk()
