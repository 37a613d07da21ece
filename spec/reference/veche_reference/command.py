"""Recounts a poll, checks a fork proof, or runs the test vectors; exit codes as in AUDIT-11."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Sequence

from . import report, vectors
from .breach import Breach
from .finding import Evidence
from .fork import ForkProof
from .note import VerifierKey
from .policy import Policy
from .recount import Recount
from .source import Unreadable, open_source
from .text import is_path

SOUND, NOT_SOUND, USAGE, UNREADABLE = 0, 1, 2, 3


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    if options.command == "vectors":
        return SOUND if vectors.run(Path(options.directory)) else NOT_SOUND
    if options.command == "fork":
        return _fork(options)
    path = options.poll if options.poll.startswith("poll/") else f"poll/{options.poll}"
    try:
        if not is_path(path):
            raise ValueError(f"{options.poll} is no id of a poll")
        evidence = _evidence(options)
    except (Breach, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return USAGE
    try:
        found = Recount(open_source(options.source), path, evidence).run()
    except Unreadable as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    show = report.as_json if options.json else report.as_text
    print(show(found, path, evidence.policy), end="")
    return SOUND if found.sound else NOT_SOUND


def _fork(options: argparse.Namespace) -> int:
    """FORK-1 to FORK-3."""
    try:
        policy = _policy(options)
        known = list(policy.logs) if policy else []
        if options.key:
            known.append(VerifierKey.parse(options.key))
        data = Path(options.file).read_bytes()
    except (Breach, OSError) as error:
        print(error, file=sys.stderr)
        return USAGE
    try:
        proof = ForkProof.parse(data)
        proof.check()
        proof.check_key(known)
    except Breach as breach:
        print(f"The proof does not hold: {breach}")
        return NOT_SOUND
    print(f"{proof.key.name} was forked: two heads of the sizes {proof.first.size} and "
          f"{proof.second.size} that cannot both be true.")
    print("The key is one of those known." if known else "Whose key it is, the proof cannot say.")
    return SOUND


def _policy(options: argparse.Namespace) -> Policy | None:
    return Policy.parse(Path(options.policy).read_bytes()) if options.policy else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="veche_reference", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    recount = commands.add_parser("recount", help="recount one poll")
    recount.add_argument("source", help="directory, archive or URL of the public files")
    recount.add_argument("--poll", required=True, metavar="ID")
    recount.add_argument("--instance", metavar="HEX", help="instance id of the city")
    recount.add_argument("--key", metavar="VKEY", help="verifier key of one of the city's logs")
    recount.add_argument("--policy", metavar="FILE", help="policy with logs, witnesses and quorum")
    recount.add_argument("--receipt", metavar="FILE", action="append", default=[])
    recount.add_argument("--head", metavar="FILE", action="append", default=[])
    recount.add_argument("--claim", metavar="FILE", action="append", default=[])
    recount.add_argument("--json", action="store_true")
    fork = commands.add_parser("fork", help="check a fork proof")
    fork.add_argument("file")
    fork.add_argument("--key", metavar="VKEY", help="verifier key of one of the city's logs")
    fork.add_argument("--policy", metavar="FILE", help="policy with logs")
    checks = commands.add_parser("vectors", help="run the test vectors")
    checks.add_argument("directory")
    return parser


def _evidence(options: argparse.Namespace) -> Evidence:
    policy = _policy(options)
    key = VerifierKey.parse(options.key) if options.key else None
    instance = bytes.fromhex(options.instance) if options.instance else None
    if instance is not None and len(instance) != 32:
        raise ValueError("an instance id is 32 bytes")
    return Evidence(
        instance,
        key,
        policy,
        tuple(Path(name).read_bytes() for name in options.head),
        tuple(Path(name).read_bytes() for name in options.receipt),
        tuple(Path(name).read_bytes() for name in options.claim),
    )
