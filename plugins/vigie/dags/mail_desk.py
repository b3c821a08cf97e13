"""The mail desk, and the watch on the mails that come back to us."""

from __future__ import annotations

from vigie.authoring import duty

mail_desk = duty.mail_desk()
