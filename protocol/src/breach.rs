//! Every way in which bytes or acts can break the law, in one table.
//!
//! A breach has one stable code. The API's problem document, the metric label, the auditor's
//! finding and the name of the test vector all use that code, and `veche-audit explain CODE` prints
//! the meaning given here. Not here: HTTP statuses (the API's) and failures of a disk or a network.

/// Who is at fault, which decides what a finding does to the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// A voter signed something that does not count: the ballot is spoiled, the poll stays sound.
    Voter,
    /// An officer, registrar or commission member signed something the law refuses.
    Staff,
    /// The log holds or claims what its operator should never have let in.
    Operator,
    /// Bytes handed over by someone (a client, a file, another server) are not what they must be.
    Peer,
}

impl Fault {
    /// Whether a finding of this fault, on the log, makes a poll unsound.
    pub const fn is_city(self) -> bool {
        !matches!(self, Self::Voter)
    }
}

macro_rules! breaches {
    ($($(#[$doc:meta])* $name:ident, $code:literal, $fault:ident, $meaning:literal;)*) => {
        /// One way to break the law. The code is stable for ever; the meaning may be reworded.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Breach { $(#[doc = $meaning] $name,)* }

        impl Breach {
            /// Every breach there is, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code, lower case with hyphens.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Who is at fault.
            pub const fn fault(self) -> Fault {
                match self { $(Self::$name => Fault::$fault,)* }
            }

            /// What an honest reader should conclude, in a sentence or two.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }

            /// The breach with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|breach| breach.code() == code)
            }
        }
    };
}

breaches! {
    // Bytes of an entry (spec/entries.md)
    EntryOversized, "entry-oversized", Peer, "The entry is longer than 65,535 bytes, or is empty.";
    EntryMalformed, "entry-malformed", Peer,
        "The bytes end early, nest wrongly, or hold a type the law does not use.";
    EntryNonCanonical, "entry-non-canonical", Peer,
        "The bytes decode, but are not the one deterministic encoding (RFC 8949, section 4.2.1): \
         a longer integer than needed, an indefinite length, or text that is not UTF-8.";
    EntryTrailingBytes, "entry-trailing-bytes", Peer,
        "Bytes follow the end of the entry or of its payload.";
    EntryUnknownKind, "entry-unknown-kind", Peer,
        "The entry's kind or version is not one that this law defines for this log.";
    EntryFields, "entry-fields", Peer,
        "The entry has a field too many or too few, or one of the wrong type or out of its \
         bounds.";
    SignersDisordered, "signers-disordered", Peer,
        "The signers are not in strictly ascending order, so one of them may stand twice, or \
         there are none or too many.";
    KeyWeak, "key-weak", Peer,
        "An Ed25519 key is not canonical, not on the curve, or of small order.";
    SignatureInvalid, "signature-invalid", Peer,
        "A signature does not verify under its key for this city, log and history (RFC 8032 by \
         the ZIP-215 rule).";

    // Heads, proofs and public files (spec/log.md, spec/receipts.md)
    NoteMalformed, "note-malformed", Peer,
        "The signed note does not follow the C2SP signed-note format.";
    NoteUnsigned, "note-unsigned", Operator,
        "No signature on the note is by the key that must have signed it.";
    NoteSignatureInvalid, "note-signature-invalid", Operator,
        "A signature by a known key on the note does not verify.";
    CheckpointMalformed, "checkpoint-malformed", Peer,
        "The text of the note is not a C2SP tlog-checkpoint.";
    CheckpointOrigin, "checkpoint-origin", Operator, "The checkpoint is of another log.";
    PolicyMalformed, "policy-malformed", Peer,
        "The policy file does not follow the C2SP tlog-policy format.";
    QuorumMissing, "quorum-missing", Operator,
        "The head does not carry the cosignatures that the policy's quorum asks for.";
    ReceiptMalformed, "receipt-malformed", Peer,
        "The receipt does not follow the C2SP tlog-proof format.";
    ForkMalformed, "fork-malformed", Peer,
        "The fork proof is not of the form that one has.";
    WitnessMalformed, "witness-malformed", Peer,
        "What a witness was sent, or has answered, does not follow the C2SP tlog-witness format.";
    ProofInvalid, "proof-invalid", Peer,
        "A Merkle proof does not lead from the leaf to the root, or is longer or shorter than it \
         must be.";
    TileMalformed, "tile-malformed", Operator,
        "A tile or bundle of entries has the wrong length or cannot be split into entries.";
    TileMismatch, "tile-mismatch", Operator,
        "A published tile does not hold the hashes of the published entries.";
    RootMismatch, "root-mismatch", Operator,
        "The entries do not hash to the root in the signed head: something was changed, removed, \
         added or reordered.";
    EntryMissing, "entry-missing", Operator,
        "The source does not hold all the entries that its signed head speaks of.";
    ReceiptNotInLog, "receipt-not-in-log", Operator,
        "A receipt was given for a head that this log does not extend: what the voter holds was \
         removed or replaced.";
    HeadForked, "head-forked", Operator, "Two signed heads of this log cannot both be true.";
    AnchorFork, "anchor-fork", Operator,
        "The register anchors a root for this log that its entries do not have at that size.";
    AnchorMissing, "anchor-missing", Operator,
        "The register does not anchor this log where it must.";
    DuplicateEntry, "duplicate-entry", Operator,
        "The same bytes stand in the log a second time. The first counts.";

    // Register and officers (spec/register.md)
    GenesisMissing, "genesis-missing", Operator,
        "The register does not begin with a valid genesis, or a second genesis follows.";
    InstanceMismatch, "instance-mismatch", Operator,
        "The log belongs to another city than the one that was pinned.";
    CommissionQuorum, "commission-quorum", Staff,
        "Fewer members of the commission signed than its threshold, or somebody else did.";
    NotSignedByLog, "not-signed-by-log", Operator,
        "An entry that only the log's operator makes is not signed by the log's key alone.";
    LogAnnouncedTwice, "log-announced-twice", Operator,
        "The register announces a log that it has announced before.";
    LogNotAnnounced, "log-not-announced", Operator,
        "The register does not announce this log with this first entry.";
    AnchorRegisterHead, "anchor-register-head", Operator,
        "The register checkpoint inside an anchor entry is not a signed head of the register \
         before it.";
    AnchorDisordered, "anchor-disordered", Operator,
        "The heads of an anchor entry are not in ascending order of origin, go backwards, or name \
         a log not announced.";

    // Staff acts (spec/polls.md)
    OfficersTooFew, "officers-too-few", Staff,
        "Fewer officers signed than the act needs: two, each with a key of their own.";
    OfficerUnknown, "officer-unknown", Staff,
        "A signer was not an officer in the register that the officers had seen.";
    OfficerRole, "officer-role", Staff, "A signer is an officer, but of another role.";
    OfficerPinStale, "officer-pin-stale", Staff,
        "A signer was an officer in the register they had seen, but no longer when this log was \
         last announced or anchored.";
    SeenMismatch, "seen-mismatch", Staff,
        "The history that the officers signed for is not the history of this log or of the \
         register.";

    // Rolls (spec/roll.md)
    RollHeader, "roll-header", Operator,
        "The roll does not begin with a valid header, or a second header follows.";
    RollLife, "roll-life", Staff,
        "The roll is meant to live for more than a year, ends before it begins, or does not span \
         the poll.";
    RollDistrict, "roll-district", Staff, "A district is not one of the roll's, or stands twice.";
    VoterIdTaken, "voter-id-taken", Staff,
        "The voter id is on the roll already; an id keeps one key for ever.";
    VoterKeyTaken, "voter-key-taken", Staff,
        "The key is enrolled already, in this roll or in another that the poll pins.";
    PossessionInvalid, "possession-invalid", Staff,
        "The proof that the voter holds the enrolled key does not verify.";
    ReplacementInvalid, "replacement-invalid", Staff,
        "The enrolment replaces an id that was not revoked as replaced, or was replaced before.";
    VoterUnknown, "voter-unknown", Operator,
        "The voter is not on the roll, or not in a district that votes in this poll.";
    VoterRevoked, "voter-revoked", Staff, "The voter was revoked before.";
    RollPinMismatch, "roll-pin-mismatch", Staff,
        "The poll pins a roll that it did not name, or a head or a number of eligible voters that \
         the roll does not have.";

    // The life of a poll (spec/polls.md)
    DefinitionInvalid, "definition-invalid", Staff,
        "The definition of the poll breaks a bound, names something twice, or combines what does \
         not go together.";
    AnnounceRepeated, "announce-repeated", Operator,
        "The poll was announced before; a definition is frozen by the first Announce.";
    NotAnnounced, "not-announced", Operator,
        "The log of the poll does not begin with its Announce.";
    BallotBeforeOpen, "ballot-before-open", Operator, "The ballot stands before Open.";
    BallotAfterClose, "ballot-after-close", Operator,
        "The ballot stands after Close, or after the poll was cancelled.";
    PhaseRepeated, "phase-repeated", Operator,
        "The poll has passed this phase before; each phase entry stands once.";
    PhaseOutOfOrder, "phase-out-of-order", Operator,
        "The act does not follow from the phase the poll is in.";
    OpenedEarly, "opened-early", Staff, "The poll is opened before its announced time.";
    ClosedEarly, "closed-early", Staff,
        "The poll was closed before its announced time, beyond the tolerance.";
    HeldOpen, "held-open", Staff,
        "The poll was held open past its announced time, beyond the tolerance.";

    // The ballot (spec/ballots.md)
    BallotSigners, "ballot-signers", Operator,
        "A ballot carries exactly one signature, by the voter's key.";
    BallotContentKind, "ballot-content-kind", Peer,
        "The ballot's content is of another kind than the poll's secrecy mode asks for.";
    TurnOutOfRange, "turn-out-of-range", Voter, "The ballot's turn is above what the poll allows.";
    QuestionCount, "question-count", Voter,
        "The ballot does not answer exactly the poll's questions.";
    ChoiceOutOfRange, "choice-out-of-range", Voter, "A choice is not one of the options.";
    ChoiceDuplicated, "choice-duplicated", Voter, "An option is chosen twice.";
    ChoiceDisordered, "choice-disordered", Voter,
        "The choices are not in ascending order, so the same ballot would have two forms.";
    ChoicesTooFew, "choices-too-few", Voter, "Fewer options are chosen than the rule asks for.";
    ChoicesTooMany, "choices-too-many", Voter, "More options are chosen than the rule allows.";
    MarksUneven, "marks-uneven", Voter,
        "An option stands without a value, where the rule asks for one beside each.";
    MarkOutOfRange, "mark-out-of-range", Voter,
        "The value beside an option is 0, or above what the rule allows.";
    MarksTooManyPoints, "marks-too-many-points", Voter,
        "The ballot gives more points or credits than a voter has.";
    RankShared, "rank-shared", Voter, "Two options have one rank, which the rule does not allow.";
    RankMissing, "rank-missing", Voter,
        "The ranks have a gap, so the same ballot would have two forms.";
    AlreadyVoted, "already-voted", Voter,
        "The voter has a ballot in the log, and the poll counts the first.";
    StaleTurn, "stale-turn", Voter,
        "The voter has a ballot with this turn or a later one in the log.";

    // Sealed ballots (spec/ballots.md)
    SealedPoint, "sealed-point", Peer,
        "The point of a sealed ballot is not the canonical encoding of a ristretto255 element, or \
         is the identity.";
    SealedLength, "sealed-length", Peer,
        "The ciphertext of a sealed ballot has another length than all of the poll's have, so the \
         length could show the choice.";
    SealedTag, "sealed-tag", Voter,
        "The sealed ballot does not open under the poll's key: it was made for another poll or \
         another key, or was altered.";
    SealedPadding, "sealed-padding", Voter,
        "What the sealed ballot holds is not padded as the law says.";
    SealedEncoding, "sealed-encoding", Voter,
        "What the sealed ballot holds is not the encoding of a ballot's selections.";

    // Trustees (spec/polls.md)
    TransportKeyWeak, "transport-key-weak", Peer,
        "A trustee's transport key is not the canonical encoding of a ristretto255 element, or is \
         the identity.";
    DealingInvalid, "dealing-invalid", Peer,
        "A trustee's dealing has too few or too many commitments, holds what is no commitment, or \
         does not prove that the dealer knows the secret behind it.";
    ComplaintInvalid, "complaint-invalid", Peer,
        "The proof of a complaint does not hold, so the complaint decides nothing.";
    ShareInvalid, "share-invalid", Peer,
        "A share is not what its dealers committed to, or the shares do not make the poll's key.";

    // Credentials (spec/credentials.md)
    IssuerKeyWeak, "issuer-key-weak", Peer,
        "An issuer gave a key that others could break, or that is not of the size announced.";
    BlindedMessage, "blinded-message", Peer,
        "A request asks for signatures over what cannot be signed, or from too few issuers.";
    IssuedInvalid, "issued-invalid", Peer,
        "An issuer answered a request with something that is no signature over it. The voter \
         cannot cast, and this proves why.";
    CredentialInvalid, "credential-invalid", Peer,
        "Not all issuers have signed for the key that cast this ballot: it was made up, altered, \
         or made for another poll or district.";

    // Anonymous polls (spec/credentials.md, spec/ballots.md)
    EntryNotOfPoll, "entry-not-of-poll", Peer,
        "The entry is of a kind that a poll of this sort does not have.";
    IssuerUnknown, "issuer-unknown", Peer,
        "The entry is not signed by one issuer of the poll, and by nobody else.";
    IssuerKeyRepeated, "issuer-key-repeated", Peer,
        "The issuer has given a key for this district already, or the key was given before.";
    IssuerKeyMissing, "issuer-key-missing", Staff,
        "An issuer has not given its key for a district that votes.";
    CrowdTooSmall, "crowd-too-small", Staff,
        "A district of an anonymous poll has voters, and fewer than 50 of them.";
    IssuingOver, "issuing-over", Peer, "The poll gives out no credentials any more.";
    RequestRepeated, "request-repeated", Peer, "The voter has asked for a credential already.";
    RequestUnknown, "request-unknown", Peer, "No request stands at the index that is answered.";
    IssuedTwice, "issued-twice", Peer, "The issuer has answered this request already.";
    CredentialMissing, "credential-missing", Peer,
        "The poll is anonymous, and the ballot has no credential.";
    CredentialUnexpected, "credential-unexpected", Peer,
        "The poll is named, and the ballot has a credential.";
    CredentialDistrict, "credential-district", Peer,
        "Nobody votes in the district that the credential names.";
    DistrictChanged, "district-changed", Voter,
        "The key has a ballot in the log with credentials of another district.";
    OverIssued, "over-issued", Operator,
        "In a district more credentials were spent than issued.";
    GhostCredentials, "ghost-credentials", Operator,
        "In a district more credentials were spent, or lie unspent with their voters, than issued.";
    ClaimMalformed, "claim-malformed", Peer, "The claim is not of the form that a claim has.";
    ClaimInvalid, "claim-invalid", Peer,
        "The claim is of another poll, does not fit its request, or was given before.";
    CredentialSpent, "credential-spent", Peer, "A ballot was cast with the credential claimed.";

    // Trustees on the log (spec/ceremony.md)
    TrusteeUnknown, "trustee-unknown", Peer,
        "The entry is not signed by one trustee who takes part, and by nobody else.";
    CeremonyNumber, "ceremony-number", Peer, "The entry is of another ceremony.";
    CeremonyStage, "ceremony-stage", Peer,
        "The ceremony does not wait for this, or not any more from this trustee.";
    DealingMismatch, "dealing-mismatch", Peer,
        "The dealing is not the one that the trustee had committed to.";
    ReadyMismatch, "ready-mismatch", Peer,
        "The trustee is ready with another transcript or election key than the ceremony has.";
    TrusteeNotSilent, "trustee-not-silent", Staff,
        "A trustee who is to be excluded has done what the ceremony waits for, or takes no part.";
    CeremonyIncomplete, "ceremony-incomplete", Staff,
        "The trustees have not made the election key.";
    ShareRepeated, "share-repeated", Peer, "The trustee's share stands already.";
    SharesMissing, "shares-missing", Staff,
        "Fewer shares stand than the ballots need to be opened.";

    // The result (spec/audit.md)
    ResultMismatch, "result-mismatch", Staff,
        "The published result is not what the ballots give by the poll's rule.";
    LabelMissing, "label-missing", Staff, "The published result leaves out an option of the poll.";
    LabelExtra, "label-extra", Staff,
        "The published result names an option that the poll does not have.";
    TotalsInconsistent, "totals-inconsistent", Operator,
        "Eligible, cast and effective do not descend as they must.";
}

impl core::fmt::Display for Breach {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: {}", self.code(), self.meaning())
    }
}

impl core::error::Error for Breach {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Breach;

    #[test]
    fn codes_are_distinct_and_found_again() {
        let codes: BTreeSet<_> = Breach::ALL.iter().map(|breach| breach.code()).collect();
        assert_eq!(codes.len(), Breach::ALL.len());
        for &breach in Breach::ALL {
            assert_eq!(Breach::from_code(breach.code()), Some(breach));
        }
        assert_eq!(Breach::from_code("no-such-code"), None);
    }

    #[test]
    fn codes_are_lower_case_words_with_hyphens() {
        for breach in Breach::ALL {
            let code = breach.code();
            assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
        }
    }
}
