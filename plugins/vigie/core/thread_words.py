"""What Vigie itself says in an incident's thread and on its buttons, in English and in French.

The client's templates say the rest. A language that is neither is told in English.
"""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    # in place of another client's name
    "another_client": ("[another client]", "[un autre client]"),
    # the incident
    "take": ("Take it", "Prendre"),
    "resolve": ("Resolve", "Résoudre"),
    "reopen": ("Reopen", "Rouvrir"),
    "reason": ("{who}: {why}", "{who} : {why}"),
    "nobody_took_it": ("Nobody took it.", "Personne ne l'a pris."),
    "ended_by": ("Resolved by {who} at {time}.", "Résolu par {who} à {time}."),
    "ended_itself": ("Resolved at {time} by itself.", "Résolu automatiquement à {time}."),
    "end_title": ("Resolve {incident}", "Résoudre {incident}"),
    "end_asks": ("Why is it over?", "Pourquoi est-il terminé ?"),
    "reopen_title": ("Reopen {incident}", "Rouvrir {incident}"),
    "reopen_asks": ("Why is it not over?", "Pourquoi n'est-il pas terminé ?"),
    "open_procedure": ("Open procedure", "Ouvrir la procédure"),
    "open_incident": ("Open incident", "Ouvrir l'incident"),
    "taken": ("Taken by {who} at {time}.", "Pris par {who} à {time}."),
    "resolved_by": ("Resolved at {time}, after {lasted}, by {who}.", "Résolu à {time}, après {lasted}, par {who}."),
    "resolved_itself": (
        "Resolved at {time}, after {lasted}, by itself.",
        "Résolu à {time}, après {lasted}, de lui-même.",
    ),
    "the_procedure": ("the procedure", "la procédure"),
    # the end of an incident, where no template says it
    "ended_subject": (
        "[RESOLVED] {client}: {flux} is back to normal ({incident})",
        "[RÉSOLU] {client} : {flux}, retour à la normale ({incident})",
    ),
    "ended_subject_by_hand": (
        "[RESOLVED] {client}: {flux}, closed by {who} ({incident})",
        "[RÉSOLU] {client} : {flux}, clos par {who} ({incident})",
    ),
    "ended_text": ("**{client}, {flux}** is back to normal{at}.", "**{client}, {flux}** : retour à la normale{at}."),
    "ended_text_by_hand": (
        "**{client}, {flux}**: {who} closed {incident}{at}.",
        "**{client}, {flux}** : {who} a clos {incident}{at}.",
    ),
    "ended_at": (" at {time}", " à {time}"),
    "letter_begins": ("Hello,", "Bonjour,"),
    "letter_over": (
        "The incident that we wrote to you about is over: **{flux}** is back to normal{at}. It was:",
        "L'incident dont nous vous avons parlé est terminé : **{flux}**, retour à la normale{at}. Il s'agissait de :",
    ),
    "letter_ends": ("The watch ({incident})", "Bien à vous,\nla vigie ({incident})"),
    "ended_title": ("Reported as:", "Signalé ainsi :"),
    "back": ("It came back at {time}. {who} still has it.", "De retour à {time}. {who} l'a toujours."),
    "back_free": ("It came back at {time}.", "De retour à {time}."),
    "reopened": ("Reopened at {time}. {who} has it.", "Rouvert à {time}. {who} l'a."),
    "reopened_free": ("Reopened at {time}.", "Rouvert à {time}."),
    "flapping": (
        "Flapping: it has come back {times} times within an hour. The next returns are not posted one by one.",
        "Instable (flapping) : de retour {times} fois en une heure. Les prochains retours ne sont plus annoncés un à un.",
    ),
    "recall": (
        "Nobody has worked on it for {waited}. Calling again; {who} still has it.",
        "Aucune activité depuis {waited}. Les appels reprennent ; {who} l'a toujours.",
    ),
    "policy_missing": (
        "The rota has no escalation policy '{policy}', so everybody in it is called. Add the policy in include/rota/.",
        "Le planning n'a pas de règle d'escalade « {policy} » : tout le monde est appelé. À ajouter dans include/rota/.",
    ),
    "rota_unreadable": (
        "The rota cannot be read whole, so this call may go to the wrong person. Run ./vigie check and fix include/rota/.",
        "Le planning n'est pas lisible en entier : cet appel vise peut-être la mauvaise personne. Lancez ./vigie check.",
    ),
    "not_started": (
        "The procedure did not start ({reason}). Follow its page: {page}",
        "La procédure n'a pas démarré ({reason}). Suivez sa page : {page}",
    ),
    "stopped": (
        "The procedure stopped ({reason}). Follow its page: {page}",
        "La procédure s'est arrêtée ({reason}). Suivez sa page : {page}",
    ),
    "not_delivered": (
        "The mail to {to} was not delivered ({why}). Read it on the incident's page and pass it on: {page}",
        "Le mail à {to} n'a pas été remis ({why}). À lire sur la page de l'incident et à transmettre : {page}",
    ),
    "delivery_unknown": (
        "It is unknown whether the mail to {to} arrived ({why}). Ask them: {page}",
        "On ne sait pas si le mail à {to} est arrivé ({why}). À vérifier auprès d'eux : {page}",
    ),
    "in_junk": (
        "This mail was in the junk folder ({folder}). Its OK may land there too: allow the sender in the mail system.",
        "Ce mail était dans le courrier indésirable ({folder}). Son OK risque d'y arriver aussi : autorisez l'expéditeur dans la messagerie.",
    ),
    "draft_procedure": (
        "Its procedure is a draft: nobody has approved it. It is read as a page.",
        "Sa procédure est un brouillon : personne ne l'a approuvée. Elle se lit d'un bloc.",
    ),
    "doubtful_subject": ("[doubtful] {subject}", "[douteux] {subject}"),
    "doubtful_text": (
        "Doubtful: this mail may be a bounce or an automatic answer ({why}). Check it before you act.",
        "Douteux : ce message est peut-être un retour de courrier ou une réponse automatique ({why}). À vérifier avant d'agir.",
    ),
    # a procedure's step
    "Done": ("Done", "Fait"),
    "Begin": ("Begin", "Commencer"),
    "Do not begin": ("Do not begin", "Ne pas commencer"),
    "Resolve": ("Resolve", "Résoudre"),
    "Still open": ("Still open", "Pas encore résolu"),
    "is_it_resolved": ("Is the incident resolved?", "L'incident est-il résolu ?"),
    "left_open": (
        "The procedure has ended; {who} leaves the incident open.",
        "La procédure est terminée ; {who} laisse l'incident ouvert.",
    ),
    "fill_in": ("Fill in and answer", "Remplir et répondre"),
    "open_step": ("Open the step", "Ouvrir l'étape"),
    "asked_again": ("It was asked again.", "La question a été posée de nouveau."),
    "unanswered": ("Nobody has answered for {waited}.", "Sans réponse depuis {waited}."),
    "reminder": ("Reminder: nobody has answered for {waited}.", "Rappel : sans réponse depuis {waited}."),
    "step_page": ("[step {number}] {subject}", "[étape {number}] {subject}"),
    "first": (
        "{who} answered: {answer}. A second, different person must confirm it.",
        "{who} a répondu : {answer}. Une deuxième personne doit le confirmer.",
    ),
    "answered": ("Answered by {who} at {time}: {answer}.", "Répondu par {who} à {time} : {answer}."),
    "nobody_more": ("Nobody more is paged.", "Plus personne n'est appelé."),
    "ended": ("No longer needed: the incident has ended.", "N'est plus utile : l'incident est terminé."),
    "run_deleted": (
        "No longer asked: its run was deleted.",
        "N'est plus posée : son exécution a été supprimée.",
    ),
    "run_ended": (
        "No longer asked: Airflow has it as '{state}'.",
        "N'est plus posée : Airflow la donne pour « {state} ».",
    ),
    "action_failed": ("{action} failed: {why}", "{action} a échoué : {why}"),
    "second_begins": ("A second person lets it begin.", "Une deuxième personne la laisse commencer."),
    "four_eyes": (
        "Four eyes: a second, different person confirms it.",
        "Quatre yeux : une deuxième personne confirme.",
    ),
    # the form of a step
    "answer": ("Answer", "Répondre"),
    "your_answer": ("Answer", "Réponse"),
    "close": ("Close", "Fermer"),
    "checklist": ("Checklist", "À cocher"),
    "checklist_on": ("Checklist (continued)", "À cocher (suite)"),
    "yes": ("yes", "oui"),
    "no": ("no", "non"),
}

_OWN_ANSWERS = frozenset({"Done", "Begin", "Do not begin", "Resolve", "Still open"})


def say(language: str, sentence: str, **facts: object) -> str:
    """A sentence in this language. What stands in the facts is text and never a form."""
    return SENTENCES[sentence][language == "fr"].format(**facts)


def begins(language: str, sentence: str) -> str:
    """How a sentence begins, before its first fact."""
    return SENTENCES[sentence][language == "fr"].partition("{")[0]


def label(language: str, option: str) -> str:
    """An answer as its button shows it: our own answers in the client's language, the author's as written."""
    return say(language, option) if option in _OWN_ANSWERS else option
