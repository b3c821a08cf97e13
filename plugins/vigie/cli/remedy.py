"""What stops a command, told so that the reader can go on."""

from __future__ import annotations


class RemedyError(Exception):
    """A command cannot go on for a reason that a person can remove.

    ``problem`` says what is wrong and where, ``remedy`` what to do about it; both are whole sentences.
    The command line prints them and ends with exit code 2.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}\n  Remedy: {remedy}")
        self.problem = problem
        self.remedy = remedy
