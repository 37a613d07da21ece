"""Runs the test vectors of spec/vectors: each folder has a form of its own, told in its README."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Callable

from .entries import run_count, run_ed25519, run_entry
from .expect import BeyondAVerifier, Differs
from .logs import run_name, run_proof, run_tile_path
from .notes import (
    run_checkpoint, run_cosignature, run_grown_receipt, run_key, run_note, run_policy, run_receipt,
)
from .primitives import run_blind_rsa, run_ceremony, run_ml_dsa, run_sealing
from .recounts import run_recount, run_submit
from .witnesses import run_fork, run_witness

FOLDERS: dict[str, Callable[[Any, Path], None]] = {
    "blind_rsa": run_blind_rsa,
    "ceremony": run_ceremony,
    "checkpoint": run_checkpoint,
    "cosignature": run_cosignature,
    "count": run_count,
    "ed25519": run_ed25519,
    "entry": run_entry,
    "fork": run_fork,
    "grown_receipt": run_grown_receipt,
    "key": run_key,
    "ml_dsa": run_ml_dsa,
    "name": run_name,
    "note": run_note,
    "policy": run_policy,
    "proof": run_proof,
    "receipt": run_receipt,
    "recount": run_recount,
    "sealing": run_sealing,
    "submit": run_submit,
    "tile_path": run_tile_path,
    "witness": run_witness,
}

# Files of other programs, which no verifier reads.
OF_OTHER_PROGRAMS = {"interchange"}

# Polls of rules 3 to 10, with conditions or a lot: this program knows rules 0 to 2, and takes a
# definition with any other for none (its README says so).
OF_UNKNOWN_RULES = {
    "decided_by_lot", "definition_with_a_condition_over_zero",
    "definition_with_a_lot_in_an_open_poll", "mark_out_of_range", "marks_too_many_points",
    "marks_uneven", "rank_missing", "rank_shared", "sealed_mark_out_of_range",
    "sealed_marks_too_many_points", "sealed_marks_uneven", "sealed_rank_missing",
    "sealed_rank_shared", "without_majority",
}


def run(directory: Path) -> bool:
    """Whether every vector that a verifier can judge gives its expected outcome."""
    failed = 0
    for folder in sorted(path for path in directory.iterdir() if path.is_dir()):
        if folder.name in OF_OTHER_PROGRAMS:
            print(f"{folder.name}: not for a verifier")
            continue
        if folder.name not in FOLDERS:
            print(f"{folder.name}: no runner for this folder", file=sys.stderr)
            failed += 1
            continue
        passed = differ = beyond = unknown = 0
        for file in sorted(folder.glob("*.json")):
            if folder.name == "recount" and file.stem in OF_UNKNOWN_RULES:
                unknown += 1
                continue
            try:
                FOLDERS[folder.name](json.loads(file.read_text("utf-8")), directory)
                passed += 1
            except BeyondAVerifier:
                beyond += 1
            except Differs as difference:
                print(f"{folder.name}/{file.name}: {difference}")
                differ += 1
        server = f"; {beyond} that only a server can judge" if beyond else ""
        rules = f"; {unknown} of rules that are not known here" if unknown else ""
        print(f"{folder.name}: {passed} as expected, {differ} not{server}{rules}")
        failed += differ
    return failed == 0
