//! A device with one passkey, as far as a site can see it: an ES256 key that signs what a browser would.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub struct Device {
    key: EcdsaKeyPair,
    pub id: Vec<u8>,
    /// The person, as the site named him.
    pub handle: String,
    pub counter: u32,
    pub origin: String,
    /// Whether it has looked at its owner's finger.
    pub verifies: bool,
}

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const NEW: u8 = 0x40;

impl Device {
    /// Makes a passkey as it is asked to, and the answer.
    pub fn create(options: &Value, origin: &str, id: u8) -> (Device, String) {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap();
        let handle = options["user"]["id"].as_str().unwrap().to_owned();
        let device = Device { key, id: vec![id; 16], handle, counter: 1, origin: origin.into(), verifies: true };
        let point = device.key.public_key().as_ref();
        let mut data = device.data(options["rp"]["id"].as_str().unwrap(), NEW);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(&device.id);
        // COSE: an elliptic curve key for ES256 on P-256
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": …}
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(&data);
        let said = device.said("webauthn.create", options);
        let response =
            json!({ "attestationObject": BASE64.encode(attestation), "clientDataJSON": BASE64.encode(said) });
        let answer = device.answer(&response);
        (device, answer)
    }

    /// Signs in as it is asked to.
    pub fn sign(&mut self, options: &Value) -> String {
        self.counter += 1;
        let data = self.data(options["rpId"].as_str().unwrap(), 0);
        let said = self.said("webauthn.get", options);
        let signed = [data.as_slice(), Sha256::digest(&said).as_slice()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        self.answer(&json!({
            "authenticatorData": BASE64.encode(data),
            "clientDataJSON": BASE64.encode(said),
            "signature": BASE64.encode(signature),
            "userHandle": self.handle,
        }))
    }

    fn data(&self, site: &str, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(site).to_vec();
        data.push(flags | PRESENT | if self.verifies { VERIFIED } else { 0 });
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn said(&self, kind: &str, options: &Value) -> String {
        let said =
            json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false });
        said.to_string()
    }

    fn answer(&self, response: &Value) -> String {
        let id = BASE64.encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "extensions": {} }).to_string()
    }
}
