"""Runs the vectors of name/, proof/ and tile_path/: how logs are named, proven and published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import merkle, tile
from ..text import is_domain, is_path, path_in
from .expect import expect


def run_name(vector: Any, _: Path) -> None:
    good, bad = vector["good"], vector["bad"]
    if "domain" in vector:
        for origin in (*good, *bad):
            found = path_in(origin, vector["domain"])
            expect(f"the path of {origin!r}", found, good.get(origin))
        return
    # Paths and domains have files of one form; only among paths are there some with a slash.
    well_formed = is_path if any("/" in name for name in good) else is_domain
    for name in (*good, *bad):
        expect(f"{name!r} as a name", well_formed(name), name in good)


def run_proof(vector: Any, _: Path) -> None:
    proof = [bytes.fromhex(value) for value in vector["proof"]]
    if "leaf" in vector:
        leaf, root = bytes.fromhex(vector["leaf"]), bytes.fromhex(vector["root"])
        index, size = int(vector["index"]), int(vector["size"])
        holds = merkle.included(index, size, leaf, proof, root)
    else:
        old = int(vector["old_size"]), bytes.fromhex(vector["old_root"])
        new = int(vector["new_size"]), bytes.fromhex(vector["new_root"])
        holds = merkle.consistent(*old, *new, proof)
    expect("the code", None if holds else "proof-invalid", vector.get("code"))


def run_tile_path(vector: Any, _: Path) -> None:
    if "size" in vector:
        expect("the files", sorted(tile.names(vector["size"])), sorted(vector["files"]))
        return
    for name in vector["bad"]:
        expect(f"{name!r} as a name", tile.parse(name), None)
    named = {name: ("entries", n, width) for name, (n, width) in vector["bundles"].items()}
    for name, (level, n, width) in vector["tiles"].items():
        named[name] = (str(level), n, width)
    for name, parts in named.items():
        expect(f"{name!r} as a name", tile.parse(name), parts)
        expect("its spelling", tile.name(*parts), name)
