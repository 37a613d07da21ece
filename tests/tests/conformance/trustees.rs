//! What trustees deal, prove and give, and what sealed ballots open to, against the protocol's own
//! functions.

use std::collections::BTreeMap;

use serde_json::Value;
use veche_protocol::breach::Breach;
use veche_protocol::ceremony::{
    CeremonyContext, Channel, CheckedDealing, Complaint, Contribution, Dealing, Guilty,
    JointDealing, KeyShare, TransportKey, TransportSecret, TrusteeIndex, combine, transcript_hash,
};
use veche_protocol::hash::Hash;
use veche_protocol::sealing::{DecryptionKey, ElectionKey, SealedBallot};
use veche_protocol::signature::Key;

use crate::support::{bytes, read_folder};

#[test]
fn ceremonies() {
    let mut refused = 0;
    for (name, vector) in read_folder("ceremony") {
        let verdict = match vector["check"].as_str().unwrap() {
            "transport-key" => transport_key(&name, &vector),
            "dealing" => dealing(&name, &vector),
            "share" => share(&name, &vector),
            "complaint" => complaint(&name, &vector),
            "key-share" => key_share(&name, &vector),
            "combination" => decryption_key(&vector).map(drop),
            "transcript" => {
                transcript(&name, &vector);
                Ok(())
            }
            other => panic!("{name} checks {other}"),
        };
        let code = verdict.err().map(Breach::code);
        assert_eq!(code, vector["code"].as_str(), "{name}");
        refused += usize::from(code.is_some());
    }
    assert!(refused > 40, "{refused} vectors are of what is refused");
}

#[test]
fn sealed_ballots() {
    // SEAL-3, SEAL-4, SEAL-5, SEAL-6: the point, the length, the tag, the padding.
    for (name, vector) in read_folder("sealing") {
        let ballot = SealedBallot {
            point: fixed(&vector, "point"),
            ciphertext: bytes(&vector, "ciphertext"),
        };
        let key = decryption_key(&vector).unwrap();
        let length = usize::try_from(vector["length"].as_u64().unwrap()).unwrap();
        let opened = ballot.check_form(length).and_then(|()| {
            let ballots = [(Key(fixed(&vector, "ballot_key")), &ballot)];
            key.open_all(&hash(&vector, "open"), &ballots).remove(0)
        });
        match opened {
            Ok(message) => assert_eq!(message, bytes(&vector, "message"), "{name}"),
            Err(breach) => assert_eq!(Some(breach.code()), vector["code"].as_str(), "{name}"),
        }
    }
}

fn fixed<const N: usize>(vector: &Value, field: &str) -> [u8; N] {
    bytes(vector, field).try_into().unwrap()
}

fn hash(vector: &Value, field: &str) -> Hash {
    Hash(fixed(vector, field))
}

fn index(vector: &Value, field: &str) -> TrusteeIndex {
    TrusteeIndex::new(vector[field].as_u64().unwrap().try_into().unwrap()).unwrap()
}

fn context(vector: &Value) -> CeremonyContext {
    let ceremony = vector["ceremony"].as_str().unwrap().parse().unwrap();
    CeremonyContext { announce: hash(vector, "announce"), ceremony }
}

fn read_dealing(vector: &Value) -> Dealing {
    let commitments = vector["commitments"].as_array().unwrap().iter();
    let commitments = commitments.map(|text| hex::decode(text.as_str().unwrap()).unwrap());
    Dealing {
        commitments: commitments.map(|bytes| bytes.try_into().unwrap()).collect(),
        proof: fixed(vector, "proof"),
    }
}

fn checked(vector: &Value) -> Result<CheckedDealing, Breach> {
    let threshold = vector["threshold"].as_u64().unwrap().try_into().unwrap();
    read_dealing(vector).check(index(vector, "dealer"), threshold)
}

fn transport_key(name: &str, vector: &Value) -> Result<(), Breach> {
    // CEREMONY-2: canonical, not the identity.
    let key = TransportKey::parse(&fixed(vector, "transport_key"))?;
    let secret = TransportSecret::from_bytes(&fixed(vector, "transport_secret"))?;
    assert_eq!(secret.key(), key, "{name}");
    Ok(())
}

fn dealing(name: &str, vector: &Value) -> Result<(), Breach> {
    // CEREMONY-2, CEREMONY-3, CEREMONY-4: the hash; number, points and proof.
    let dealer = index(vector, "dealer");
    let found = read_dealing(vector).commitment_hash(&context(vector), dealer);
    assert_eq!(found, hash(vector, "commitment_hash"), "{name}");
    checked(vector).map(drop)
}

fn channel(vector: &Value) -> Channel {
    let end = |who: &str| {
        let key = TransportKey::parse(&fixed(vector, &format!("{who}_key"))).unwrap();
        (index(vector, who), key)
    };
    Channel::new(context(vector), end("dealer"), end("recipient")).unwrap()
}

fn share(name: &str, vector: &Value) -> Result<(), Breach> {
    // CEREMONY-5: it decrypts, is canonical, is right.
    let own = TransportSecret::from_bytes(&fixed(vector, "recipient_secret"))?;
    let dealing = checked(vector).unwrap();
    let share = channel(vector).receive(&own, &fixed(vector, "encrypted_share"), &dealing)?;
    let alone = KeyShare::sum(&BTreeMap::from([(dealing.dealer(), share)]));
    assert_eq!(*alone.to_bytes(), fixed(vector, "share"), "{name}");
    Ok(())
}

fn complaint(name: &str, vector: &Value) -> Result<(), Breach> {
    // CEREMONY-6, CEREMONY-7: the proof, then who is guilty.
    let complaint = Complaint {
        shared_point: fixed(vector, "shared_point"),
        proof: fixed(vector, "complaint_proof"),
    };
    let verified = complaint.verify(channel(vector))?;
    let encrypted = fixed(vector, "encrypted_share");
    let guilty = match verified.judge(&encrypted, &checked(vector).unwrap()) {
        Guilty::Dealer => "dealer",
        Guilty::Complainant => "complainant",
    };
    assert_eq!(Some(guilty), vector["guilty"].as_str(), "{name}");
    Ok(())
}

fn joint(vector: &Value) -> JointDealing {
    let dealings = vector["dealings"].as_array().unwrap().iter();
    let dealings: Vec<_> = dealings.map(|dealing| checked(dealing).unwrap()).collect();
    JointDealing::sum(&dealings).unwrap()
}

fn key_share(name: &str, vector: &Value) -> Result<(), Breach> {
    // CEREMONY-8, CEREMONY-12: the sums of all dealings; the share by them.
    let joint = joint(vector);
    assert_eq!(joint.election_key().as_bytes(), &fixed(vector, "election_key"), "{name}");
    let share = joint.verification_share(index(vector, "trustee"));
    share.check(&fixed(vector, "key_share")).map(drop)
}

fn decryption_key(vector: &Value) -> Result<DecryptionKey, Breach> {
    // CEREMONY-13: the key is that of the election key, or there is none.
    let joint = joint(vector);
    let shares = vector["key_shares"].as_array().unwrap().iter();
    let shares = shares.map(|share| {
        let trustee = index(share, "trustee");
        let read = joint.verification_share(trustee).check(&fixed(share, "key_share"));
        (trustee, read.unwrap())
    });
    let key = ElectionKey::parse(&fixed(vector, "election_key")).unwrap();
    combine(&shares.collect(), &key)
}

fn transcript(name: &str, vector: &Value) {
    // CEREMONY-9: ascending by index.
    let participants = vector["participants"].as_array().unwrap().iter();
    let participants = participants.map(|row| {
        let contribution = Contribution { join: hash(row, "join"), deal: hash(row, "deal") };
        (index(row, "trustee"), contribution)
    });
    let found = transcript_hash(&context(vector), &participants.collect());
    assert_eq!(found, hash(vector, "transcript"), "{name}");
}
