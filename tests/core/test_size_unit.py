"""Kilo-octets, and the counts of failures that look like them."""

from __future__ import annotations

import pytest

from vigie.core.size_unit import is_size

SIZES = [
    "512 Ko", "512\u00a0Ko", "1\u202f024\u00a0Ko", "1.024 Ko", "3,5 Ko/s", "12.5 Ko", "0 Ko", "512 ko", "1 024 ko", "3,5 ko", "340 KO/s",
    "85 ko/s", "2 ko/s", "taille : 512 KO", "Taille 512 KO", "size: 48 KO", "export.csv (512 KO)", "fichier de 48 KO", "3,5 KO",
    "Taille en Ko : 512", "Taille (Ko) : 512", "débit 12 ko", "12 ko libres", "12 ko transférés",
    "Sauvegarde OK (48 ko)", "EOD.csv 48 ko", "Sauvegarde 2 OK (512 Ko)",
]  # fmt: skip
NONE = [
    "KO", "EOD_POS KO", "[Ko] EOD", "12 OK, 3 KO", "12 ok, 3 ko", "12 OK / 512 KO", "3 ko sur 12", "3 ko / 12", "2 KO", "512 KO", "EOD : 2 ko",
    "v2.0 KO", "JOB_512 KO", "(Ko) EOD", "Ko au démarrage", "2 KO libres", "Volumes : 2 KO",
    "Import OK (2 ko)", "12 Ok, 3 Ko", "Magasin 12 Ko", "batch 512 ko", "JOB-12 Ko", "serveur n° 12 Ko",
]  # fmt: skip


def beside(text: str) -> tuple[str, str, str]:
    """The last KO of a text, and what stands on its two sides."""
    at = text.lower().rindex("ko" if "ko" in text.lower() else "go")
    return text[at : at + 2], text[:at], text[at + 2 :]


@pytest.mark.parametrize("text", SIZES)
def test_a_size_in_octets(text: str):
    assert is_size(*beside(text))


@pytest.mark.parametrize("text", NONE)
def test_a_ko_or_a_count_of_them(text: str):
    assert not is_size(*beside(text))
