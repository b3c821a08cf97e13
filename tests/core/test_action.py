from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from vigie.core.action import ACTIONS, Of, Sql, Trigger, Wait

NAMES = {"", "connection", "template", "contact", "procedure", "watch", "dag"}


@pytest.mark.parametrize("name", ACTIONS)
def test_each_action_says_what_it_does_and_what_its_parameters_mean(name: str):
    kind = ACTIONS[name]
    assert kind.purpose.endswith(".")
    assert kind.required <= set(kind.parameters)
    assert all(of.meaning and of.names in NAMES for of in kind.parameters.values())


def test_parameters_become_values_of_their_types():
    assert ACTIONS["wait"].read({"at_most": "20 min"}) == Wait(at_most=timedelta(minutes=20))
    assert ACTIONS["http"].read({"connection": "c", "path": "/x", "expect": "204"}).model_dump()["expect"] == 204
    with pytest.raises(ValidationError):
        ACTIONS["http"].read({"connection": "c", "path": "/x", "expect": "99"})
    with pytest.raises(ValidationError):
        ACTIONS["send"].read({"template": "t", "to": "channel", "cc": "x"})


def test_the_lines_that_are_no_parameters_are_values_of_a_query_or_the_conf_of_a_run():
    query = {"connection": "c", "query": "select 1 where job = :job", "job": "EOD"}
    assert ACTIONS["sql"].read(query) == Sql(connection="c", query=query["query"], values={"job": "EOD"})
    assert ACTIONS["trigger"].read({"dag": "a.b", "day": "x"}) == Trigger(dag="a.b", conf={"day": "x"})


def test_a_fact_is_written_as_its_place_needs_it():
    forms = {
        ("ssh", "command"): "shell",
        ("http", "path"): "address",
        ("http", "body"): "json",
        ("sql", "query"): "",  # a fact in a query would change it; it is bound by its name
        ("sql", "job"): "text",
        ("trigger", "day"): "text",
        ("move", "file"): "path",
        ("move", "connection"): "",  # a mail must not choose the server
        ("send", "to"): "",
        ("move", "nothing"): "",
    }
    for (action, parameter), form in forms.items():
        assert ACTIONS[action].form_of(parameter) == form


def test_what_a_parameter_names():
    assert ACTIONS["sql"].parameters["connection"] == Of("a connection of the client, from the vault", "connection")
    assert ACTIONS["trigger"].parameters["dag"].names == "dag"
