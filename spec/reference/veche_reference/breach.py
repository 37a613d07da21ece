"""The codes of audit.md: what a defect is called and who answers for it.

The order of the table is part of the law (AUDIT-1). What an honest reader concludes from a code
stands in audit.md and is not repeated here.
"""

from __future__ import annotations


class Breach(Exception):
    """A rule was broken; `code` says which, `detail` is for people and never compared."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


FAULT: dict[str, str] = {
    "entry-oversized": "peer",
    "entry-malformed": "peer",
    "entry-non-canonical": "peer",
    "entry-trailing-bytes": "peer",
    "entry-unknown-kind": "peer",
    "entry-fields": "peer",
    "signers-disordered": "peer",
    "key-weak": "peer",
    "signature-invalid": "peer",
    "note-malformed": "peer",
    "note-unsigned": "operator",
    "note-signature-invalid": "operator",
    "checkpoint-malformed": "peer",
    "checkpoint-origin": "operator",
    "policy-malformed": "peer",
    "quorum-missing": "operator",
    "receipt-malformed": "peer",
    "proof-invalid": "peer",
    "tile-malformed": "operator",
    "tile-mismatch": "operator",
    "root-mismatch": "operator",
    "entry-missing": "operator",
    "receipt-not-in-log": "operator",
    "head-forked": "operator",
    "anchor-fork": "operator",
    "anchor-missing": "operator",
    "duplicate-entry": "operator",
    "genesis-missing": "operator",
    "instance-mismatch": "operator",
    "commission-quorum": "staff",
    "not-signed-by-log": "operator",
    "log-announced-twice": "operator",
    "log-not-announced": "operator",
    "anchor-register-head": "operator",
    "anchor-disordered": "operator",
    "officers-too-few": "staff",
    "officer-unknown": "staff",
    "officer-role": "staff",
    "officer-pin-stale": "staff",
    "seen-mismatch": "staff",
    "roll-header": "operator",
    "roll-life": "staff",
    "roll-district": "staff",
    "voter-id-taken": "staff",
    "voter-key-taken": "staff",
    "possession-invalid": "staff",
    "replacement-invalid": "staff",
    "voter-unknown": "operator",
    "voter-revoked": "staff",
    "roll-pin-mismatch": "staff",
    "definition-invalid": "staff",
    "announce-repeated": "operator",
    "not-announced": "operator",
    "ballot-before-open": "operator",
    "ballot-after-close": "operator",
    "phase-repeated": "operator",
    "phase-out-of-order": "operator",
    "opened-early": "staff",
    "closed-early": "staff",
    "held-open": "staff",
    "ballot-signers": "operator",
    "ballot-content-kind": "peer",
    "turn-out-of-range": "voter",
    "question-count": "voter",
    "choice-out-of-range": "voter",
    "choice-duplicated": "voter",
    "choice-disordered": "voter",
    "choices-too-few": "voter",
    "choices-too-many": "voter",
    "already-voted": "voter",
    "stale-turn": "voter",
    "result-mismatch": "staff",
    "label-missing": "staff",
    "label-extra": "staff",
    "totals-inconsistent": "operator",
}

ORDER: dict[str, int] = {code: place for place, code in enumerate(FAULT)}
