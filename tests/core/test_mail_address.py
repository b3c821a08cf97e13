from __future__ import annotations

import time

import pytest

from vigie.core.mail_address import addresses_of

BATCH = "batch@acme.example"


@pytest.mark.parametrize(
    "written",
    [
        BATCH, f"<{BATCH}>", f"Batch <{BATCH}>", f'"Batch" <{BATCH}>', f"{BATCH} (Batch)", f"Batch <{BATCH}> (night)", f"BATCH <{BATCH.upper()}>",
        # not quoted
        f"Batch [PROD] <{BATCH}>", f"[PROD] Batch <{BATCH}>", f"Batch;PROD <{BATCH}>", f"Batch, PROD <{BATCH}>", f"Batch: PROD <{BATCH}>",
        f"Batch@PROD <{BATCH}>", f"Batch (PROD <{BATCH}>", f"Batch ) PROD <{BATCH}>", f"Batch \\ PROD <{BATCH}>", f'Batch "PROD <{BATCH}>',
        f"Équipe [N2] : nuit <{BATCH}>", f"Batch/PROD:1 <{BATCH}>", f"Batch. <{BATCH}>", f"Batch, <{BATCH}>", f"Batch < <{BATCH}>",
        # a name in angles, or an address for a name
        f"<Batch> <{BATCH}>", f"<Batch PROD> <{BATCH}>", f"x@y.example <{BATCH}>", f'"x@y.example" <{BATCH}>', f"<x@y.example> <{BATCH}>",
        f'"Batch <x@y.example>" <{BATCH}>', f'"Batch\\" <x@y.example>" <{BATCH}>', f"(x@y.example) <{BATCH}>", f"{BATCH} <{BATCH}>",
        # angles and quotes that are missing, or too many
        f"Batch <{BATCH}", f"Batch <{BATCH}>>", f"<<{BATCH}>>", f"Batch <  {BATCH}  >", f"Batch {BATCH}", f'"Batch" {BATCH}', f"'{BATCH}'",
        f"Batch <'{BATCH}'>", f"mailto:{BATCH}", f"<mailto:{BATCH}>", f"Batch<{BATCH}>", f"{BATCH};", f"{BATCH} <>", f"Batch {BATCH}>",
    ],
)  # fmt: skip
def test_the_address_of_a_sender_however_it_is_written(written: str):
    assert addresses_of(written)[:1] == (BATCH,)


@pytest.mark.parametrize(
    ("written", "addresses"),
    [
        ("", []), ("Undisclosed:;", []), ("root", ["root"]), ("MAILER-DAEMON", ["mailer-daemon"]), ("Batch <batch>", ["batch"]),
        ("a@b.example, c@d.example", ["a@b.example", "c@d.example"]),
        ("A [x] <a@b.example>, C; D <c@d.example>", ["a@b.example", "c@d.example"]),
        ("<A> <a@b.example>, <C> <c@d.example>", ["a@b.example", "c@d.example"]),
        ("a@b.example; c@d.example", ["a@b.example", "c@d.example"]),
        ("team: a@b.example, c@d.example;", ["a@b.example", "c@d.example"]),
        ("a@[10.0.0.1]", ["a@[10.0.0.1]"]), ("a@localhost", ["a@localhost"]),
    ],
)  # fmt: skip
def test_all_addresses_of_a_header(written: str, addresses: list[str]):
    assert addresses_of(written) == tuple(addresses)


@pytest.mark.parametrize("piece", ["<", "(", '"', '"\\', "<a@", "a@", ",", ";", "[", "<a@b> ", "(a", "\\", "=?"])
def test_no_header_takes_long(piece: str):
    before = time.process_time()
    addresses_of(piece * 50_000)
    assert time.process_time() - before < 0.5
