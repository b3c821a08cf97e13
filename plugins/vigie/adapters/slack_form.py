"""Forms in Slack: what opens a modal for the one who pressed a button."""

from __future__ import annotations

import http.client
import re
from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from vigie.core.errors import TransportError


class SlackForms:
    """Opens modals as one bot. A trigger is good once and for three seconds, so nothing is ever tried again."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._client.retry_handlers = []

    def open(self, trigger: str, view: Mapping[str, Any]) -> None:
        """Show the view. Raises TransportError with Slack's own word where it is not shown, or may not be."""
        try:
            self._client.views_open(trigger_id=trigger, view=dict(view))
        except SlackApiError as refused:
            data = refused.response.data
            code = str(data.get("error", "")) if isinstance(data, dict) else ""
            if not re.fullmatch("[a-z0-9_]{1,100}", code):  # some proxy answered, and not Slack
                code = f"HTTP {refused.response.status_code}"
            raise TransportError(f"Slack: views.open: {code}", permanent=True) from refused
        except (OSError, http.client.HTTPException, SlackClientError, ValueError, AttributeError) as failed:
            raise TransportError(f"Slack: views.open: {type(failed).__name__}") from failed
