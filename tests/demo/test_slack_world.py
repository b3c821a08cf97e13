from __future__ import annotations

import json

import pytest

from vigie.demo.slack_world import SlackConfig, World, made_id


def test_a_config_file_is_read_strictly():
    text = json.dumps({"team": "Vigie", "channels": [{"name": "a", "topic": "b"}], "rate_limit": {"on": False}})
    assert SlackConfig.model_validate_json(text).rate_limit.on is False
    with pytest.raises(ValueError) as refused:
        SlackConfig.model_validate_json('{"chanels": []}')
    assert "chanels" in str(refused.value)


def test_ids_depend_on_the_name_alone():
    assert made_id("C", "platform") == made_id("C", "platform") != made_id("C", "nordwind")
    assert made_id("U", "alice").startswith("U0")


def test_timestamps_rise_within_a_microsecond():
    world = World(SlackConfig())
    stamps = [world.next_ts() for _ in range(1000)]
    assert len(set(stamps)) == 1000
    assert stamps == sorted(stamps)
