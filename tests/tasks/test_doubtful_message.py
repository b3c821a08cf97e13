from __future__ import annotations

from vigie.core.message import Message
from vigie.tasks.doubtful_message import told_as_doubtful

MESSAGE = Message(subject="[CRITICAL] EOD is KO", text="It failed.", html="<p>It failed.</p>", slack="It *failed*.")
WHY = ["its sender is <postmaster>", "two", "three", "four"]


def test_the_mark_and_the_reasons_stand_in_every_form():
    told = told_as_doubtful(MESSAGE, WHY, "en")
    assert told.subject == "[doubtful] [CRITICAL] EOD is KO"
    said = "Doubtful: this mail may be a bounce or an automatic answer (its sender is <postmaster>; two; three). Check it before you act."
    assert told.text == f"It failed.\n\n{said}"
    assert told.html == f"<p>It failed.</p>\n<p>{said.replace('<', '&lt;').replace('>', '&gt;')}</p>"
    assert told.slack == f"It *failed*.\n\n{said.replace('<', '&lt;').replace('>', '&gt;')}"


def test_in_french():
    told = told_as_doubtful(MESSAGE, ["its sender is postmaster"], "fr")
    assert told.subject == "[douteux] [CRITICAL] EOD is KO"
    assert told.text.endswith(
        "Douteux : ce message est peut-être un retour de courrier ou une réponse automatique (its sender is postmaster)."
        " À vérifier avant d'agir."
    )


def test_a_form_that_is_empty_stays_so_and_a_long_subject_is_cut():
    told = told_as_doubtful(Message(subject="x" * 250, text="y"), ["z"], "en")
    assert (told.html, told.slack, len(told.subject)) == ("", "", 200)
