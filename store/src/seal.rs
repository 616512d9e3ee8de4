//! Keys and ciphertext: AES-256-GCM with a random nonce, bound to the place it is kept in.
//!
//! A master key ring (from the environment) wraps one key per workspace, which wraps one key per
//! contact, which seals what the contact wrote and what is known of them. Destroying a contact's
//! key makes all of it unreadable, in backups as well. Lookup and search use keyed hashes, so
//! nothing personal is stored in the clear to be found by.

use std::sync::Arc;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;
const KEY_BYTES: usize = 32;
const MASTER_ID_BYTES: usize = 4;

/// Why something sealed cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("sealed with a key that is not in the ring, moved from its place, or damaged")]
    Unreadable,
    #[error("a master key is 32 bytes in base64; make one with: openssl rand -base64 32")]
    BadMasterKey,
    #[error("at least one master key is needed")]
    NoMasterKey,
}

/// A 256-bit key, wiped when dropped.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; KEY_BYTES]>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A new key from the operating system's generator.
    pub fn random() -> Key {
        Key(Zeroizing::new(random()))
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Key> {
        let array: [u8; KEY_BYTES] = bytes.try_into().ok()?;
        Some(Key(Zeroizing::new(array)))
    }

    /// A key for one purpose, so that no key serves two.
    pub fn derive(&self, purpose: &str) -> Key {
        Key(Zeroizing::new(self.mac(purpose.as_bytes())))
    }

    /// HMAC-SHA256 (RFC 2104) of `data`.
    pub fn mac(&self, data: &[u8]) -> [u8; 32] {
        // HMAC takes keys of every length, so this cannot fail for ours.
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.as_slice()) else {
            unreachable!("HMAC accepts keys of any length")
        };
        mac.update(data);
        mac.finalize().into_bytes().into()
    }

    /// Seals `plain` for `place`: it opens nowhere else.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = random();
        let payload = Payload { msg: plain, aad: &place.bytes() };
        // Fails only beyond 64 GiB, far above every bound of what is sealed.
        let Ok(sealed) = self.cipher().encrypt(&Nonce::from(nonce), payload) else {
            unreachable!("AES-GCM seals everything below 64 GiB")
        };
        let mut out = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (nonce, body) = split(sealed).ok_or(SealError::Unreadable)?;
        let payload = Payload { msg: body, aad: &place.bytes() };
        self.cipher().decrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::Unreadable)
    }

    pub fn open_text(&self, place: &Place<'_>, sealed: &[u8]) -> Result<String, SealError> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| SealError::Unreadable)
    }

    /// Seals another key.
    pub fn wrap(&self, place: &Place<'_>, key: &Key) -> Vec<u8> {
        self.seal(place, key.0.as_slice())
    }

    pub fn unwrap_key(&self, place: &Place<'_>, wrapped: &[u8]) -> Result<Key, SealError> {
        let bytes = Zeroizing::new(self.open(place, wrapped)?);
        Key::from_bytes(&bytes).ok_or(SealError::Unreadable)
    }

    fn cipher(&self) -> Aes256Gcm {
        let Ok(cipher) = <Aes256Gcm as KeyInit>::new_from_slice(self.0.as_slice()) else {
            unreachable!("the key has the cipher's length")
        };
        cipher
    }
}

fn split(sealed: &[u8]) -> Option<([u8; NONCE_BYTES], &[u8])> {
    let (version, rest) = sealed.split_first()?;
    let (nonce, body) = rest.split_at_checked(NONCE_BYTES)?;
    (*version == VERSION).then_some((nonce.try_into().ok()?, body))
}

/// Where a ciphertext is kept: the workspace, the column and the row. Authenticated with it, so
/// that a ciphertext copied into another row does not open.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub workspace: Uuid,
    pub column: &'a str,
    pub row: Uuid,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32 + self.column.len());
        bytes.extend_from_slice(self.workspace.as_bytes());
        bytes.extend_from_slice(self.row.as_bytes());
        bytes.extend_from_slice(self.column.as_bytes());
        bytes
    }
}

/// The name of a master key, which reveals nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MasterId([u8; MASTER_ID_BYTES]);

impl MasterId {
    pub fn from_bytes(bytes: &[u8]) -> Option<MasterId> {
        bytes.try_into().ok().map(MasterId)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for MasterId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// The master keys. The first wraps what is new; all of them open.
#[derive(Debug, Clone)]
pub struct MasterKeys(Arc<Vec<(MasterId, Key)>>);

impl MasterKeys {
    /// Reads keys in base64, separated by commas, the current one first.
    pub fn parse(text: &str) -> Result<MasterKeys, SealError> {
        let keys = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                let bytes = BASE64.decode(part).map_err(|_| SealError::BadMasterKey)?;
                let key = Key::from_bytes(&bytes).ok_or(SealError::BadMasterKey)?;
                Ok((master_id(&key), key))
            })
            .collect::<Result<Vec<(MasterId, Key)>, _>>()?;
        if keys.is_empty() { Err(SealError::NoMasterKey) } else { Ok(MasterKeys(Arc::new(keys))) }
    }

    /// A new key in the form that [`MasterKeys::parse`] reads.
    pub fn generate() -> String {
        BASE64.encode(random::<KEY_BYTES>())
    }

    pub fn wrap(&self, place: &Place<'_>, key: &Key) -> Vec<u8> {
        let Some((id, master)) = self.0.first() else {
            unreachable!("a ring has at least one key")
        };
        [id.bytes(), &master.wrap(place, key)].concat()
    }

    pub fn unwrap_key(&self, place: &Place<'_>, wrapped: &[u8]) -> Result<Key, SealError> {
        let (id, sealed) =
            wrapped.split_at_checked(MASTER_ID_BYTES).ok_or(SealError::Unreadable)?;
        let (_, master) =
            self.0.iter().find(|(known, _)| known.bytes() == id).ok_or(SealError::Unreadable)?;
        master.unwrap_key(place, sealed)
    }

    /// The names of the keys, current first.
    pub fn ids(&self) -> Vec<MasterId> {
        self.0.iter().map(|(id, _)| *id).collect()
    }

    pub fn current(&self) -> MasterId {
        let Some((id, _)) = self.0.first() else { unreachable!("a ring has at least one key") };
        *id
    }

    /// A key of the whole installation for one purpose, such as signing links. It follows the
    /// current master key.
    pub fn derive(&self, purpose: &str) -> Key {
        let Some((_, master)) = self.0.first() else { unreachable!("a ring has at least one key") };
        master.derive(purpose)
    }

    /// The same for every key of the ring, current first: to check what an older one signed.
    pub fn derive_all(&self, purpose: &str) -> Vec<Key> {
        self.0.iter().map(|(_, master)| master.derive(purpose)).collect()
    }
}

fn master_id(key: &Key) -> MasterId {
    let mac = key.mac(b"master key id");
    MasterId([mac[0], mac[1], mac[2], mac[3]])
}

/// The keys of one workspace.
#[derive(Debug, Clone)]
pub struct WorkspaceKeys {
    workspace: Uuid,
    root: Key,
    wrapping: Key,
    sealing: Key,
    identities: Key,
    words: Key,
}

impl WorkspaceKeys {
    pub fn new(workspace: Uuid, root: Key) -> WorkspaceKeys {
        WorkspaceKeys {
            workspace,
            wrapping: root.derive("wrapping"),
            sealing: root.derive("sealing"),
            identities: root.derive("identities"),
            words: root.derive("words"),
            root,
        }
    }

    pub fn place<'a>(&self, column: &'a str, row: impl Into<Uuid>) -> Place<'a> {
        Place { workspace: self.workspace, column, row: row.into() }
    }

    pub fn wrap(&self, column: &str, row: impl Into<Uuid>, key: &Key) -> Vec<u8> {
        self.wrapping.wrap(&self.place(column, row), key)
    }

    /// Seals what belongs to the workspace and to no contact.
    pub fn seal(&self, column: &str, row: impl Into<Uuid>, plain: &[u8]) -> Vec<u8> {
        self.sealing.seal(&self.place(column, row), plain)
    }

    pub fn open(
        &self,
        column: &str,
        row: impl Into<Uuid>,
        sealed: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        self.sealing.open(&self.place(column, row), sealed)
    }

    pub fn unwrap_key(
        &self,
        column: &str,
        row: impl Into<Uuid>,
        wrapped: &[u8],
    ) -> Result<Key, SealError> {
        self.wrapping.unwrap_key(&self.place(column, row), wrapped)
    }

    /// The hash by which an identity is found.
    pub fn identity_hash(&self, kind: &str, value: &str) -> [u8; 32] {
        self.identities.mac(format!("{kind}\0{value}").as_bytes())
    }

    /// The hash by which a platform's name of something is found: a message of an account, or a
    /// thread.
    pub fn name_hash(&self, kind: &str, account: impl Into<Uuid>, name: &str) -> [u8; 32] {
        let account: Uuid = account.into();
        self.identities.mac(format!("{kind}\0{account}\0{name}").as_bytes())
    }

    /// An id that every node makes of the same name, so that two of them meet in one row.
    pub fn id_of(&self, kind: &str, account: impl Into<Uuid>, name: &str) -> Uuid {
        let mac = self.name_hash(kind, account, name);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    /// The hashes by which a text is found.
    pub fn word_hashes(&self, words: &[String]) -> Vec<i64> {
        words
            .iter()
            .map(|word| {
                let mac = self.words.mac(word.as_bytes());
                i64::from_be_bytes([mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], mac[6], mac[7]])
            })
            .collect()
    }

    /// The secret with which the business signs its users' ids for the widget, in hex.
    pub fn identity_secret(&self) -> String {
        hex(&self.root.mac(b"widget identity"))
    }
}

/// The SHA-256 under which a random token is stored. Tokens have 256 bits of their own, so no
/// salt or slow hash is needed.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// SHA-256.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// A random token for links and cookies: 256 bits, URL-safe.
pub fn random_token() -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random::<32>())
}

pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Random bytes of the operating system. Without them nothing here is safe, so there is no
/// going on.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        panic!("the operating system gives no random bytes: {error}");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(row: u128) -> Place<'static> {
        Place { workspace: Uuid::from_u128(1), column: "body", row: Uuid::from_u128(row) }
    }

    #[test]
    fn what_is_sealed_opens_only_in_its_place_and_unchanged() {
        let key = Key::random();
        let sealed = key.seal(&place(1), b"hello");
        assert_eq!(key.open(&place(1), &sealed), Ok(b"hello".to_vec()));
        assert_eq!(key.open(&place(2), &sealed), Err(SealError::Unreadable));
        assert_eq!(Key::random().open(&place(1), &sealed), Err(SealError::Unreadable));
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert_eq!(key.open(&place(1), &damaged), Err(SealError::Unreadable), "byte {at}");
            assert_eq!(key.open(&place(1), &sealed[..at]), Err(SealError::Unreadable));
        }
    }

    #[test]
    fn the_same_text_never_seals_to_the_same_bytes() {
        let key = Key::random();
        assert_ne!(key.seal(&place(1), b"hello"), key.seal(&place(1), b"hello"));
    }

    #[test]
    fn a_ring_opens_what_an_older_key_wrapped() {
        let (old, new) = (MasterKeys::generate(), MasterKeys::generate());
        let key = Key::random();
        let wrapped = MasterKeys::parse(&old).unwrap().wrap(&place(1), &key);
        let ring = MasterKeys::parse(&format!("{new}, {old}")).unwrap();
        assert_eq!(ring.unwrap_key(&place(1), &wrapped).unwrap().0, key.0);
        let without = MasterKeys::parse(&new).unwrap();
        assert!(without.unwrap_key(&place(1), &wrapped).is_err());
    }

    #[test]
    fn a_bad_ring_is_refused() {
        assert_eq!(MasterKeys::parse(" , ").err(), Some(SealError::NoMasterKey));
        for bad in ["x", "AAAA", "!!"] {
            assert_eq!(MasterKeys::parse(bad).err(), Some(SealError::BadMasterKey));
        }
    }

    #[test]
    fn words_are_found_within_their_workspace_only() {
        let keys = |n| WorkspaceKeys::new(Uuid::from_u128(n), Key::random());
        let (a, b) = (keys(1), keys(2));
        let words = vec!["order".to_owned()];
        assert_eq!(a.word_hashes(&words), a.word_hashes(&words));
        assert_ne!(a.word_hashes(&words), b.word_hashes(&words));
    }
}
