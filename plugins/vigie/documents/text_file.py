"""A file that a person wrote, as text: UTF-8, of a sane size, without characters that nobody sees."""

from __future__ import annotations

import re

from vigie.documents.findings import Findings

LIMIT = 1_000_000
"""Bytes of the largest file read: a table of 5,000 sites has half of it."""

# Control characters, and the three line ends that editors do not show but YAML obeys (YAML 1.1, section 5.4).
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def read_text(data: bytes, findings: Findings, limit: int = LIMIT) -> str:
    """Return the text with plain line ends. Raises InvalidDocument where it cannot be read at all."""
    if len(data) > limit:
        findings.add(None, f"the file has {len(data):,} bytes.", f"Write no more than {limit:,}.")
        findings.raise_any()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        findings.add(line, f"the file is not UTF-8 text (byte 0x{data[error.start]:02x}).", "Save it as UTF-8.")
        findings.raise_any()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for unseen in _UNSEEN.finditer(text):
        line = text.count("\n", 0, unseen.start()) + 1
        findings.add(line, f"a character that nobody can see (U+{ord(unseen[0]):04X}).", "Delete it.")
        if len(findings.problems) >= 20:
            break
    findings.raise_any()
    return text
