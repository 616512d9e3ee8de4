//! What the lock of the world holds.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::model::{Account, Media, Message, Person, Phone, Platform, Side};
use super::sends::Accepted;
use crate::faults::Faults;
use crate::graph::{Grant, Uploads};
use crate::{messenger, telegram, whatsapp};

/// What a token may be used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind {
    User,
    Page,
    SystemUser,
    Instagram,
    Bot,
}

/// An access token that has been given out.
#[derive(Debug, Clone)]
pub struct Token {
    pub kind: TokenKind,
    /// The accounts it opens, by platform and id.
    pub accounts: Vec<(Platform, String)>,
    pub scopes: Vec<String>,
    pub issued_at: i64,
    /// None: it does not expire.
    pub expires_at: Option<i64>,
    pub revoked: bool,
}

pub struct State {
    /// Counts resets.
    pub epoch: u64,
    pub serial: u64,
    seed: u64,
    offset: i64,
    latest: i64,
    pub accounts: Vec<Account>,
    phones: Vec<Phone>,
    phone_by_id: HashMap<String, usize>,
    phone_by_person: HashMap<(Platform, String, String), usize>,
    phone_by_message: HashMap<String, usize>,
    media: HashMap<String, Media>,
    pub tokens: HashMap<String, Token>,
    pub log: Vec<Accepted>,
    pub faults: Faults,
    pub telegram: telegram::Memory,
    pub whatsapp: whatsapp::Memory,
    pub messenger: messenger::Memory,
    pub uploads: Uploads,
    /// Codes that have not been exchanged yet.
    pub grants: HashMap<String, Grant>,
}

impl State {
    pub fn new(seed: u64) -> State {
        State {
            epoch: 0,
            serial: 0,
            seed: if seed == 0 { wall_clock() as u64 } else { seed },
            offset: 0,
            latest: 0,
            accounts: vec![],
            phones: vec![],
            phone_by_id: HashMap::new(),
            phone_by_person: HashMap::new(),
            phone_by_message: HashMap::new(),
            media: HashMap::new(),
            tokens: HashMap::new(),
            log: vec![],
            faults: Faults::default(),
            telegram: telegram::Memory::default(),
            whatsapp: whatsapp::Memory::default(),
            messenger: messenger::Memory::default(),
            uploads: Uploads::default(),
            grants: HashMap::new(),
        }
    }

    /// Milliseconds since 1970 in the pretend world; never the same twice, so that an order by
    /// time is an order.
    pub fn now(&mut self) -> i64 {
        self.latest = (wall_clock() + self.offset).max(self.latest + 1);
        self.latest
    }

    /// Moves the clock, also back.
    pub fn advance(&mut self, seconds: i64) {
        self.offset += seconds * 1000;
        self.latest += seconds.min(0) * 1000;
    }

    /// The next number of all that are given out.
    pub fn number(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Bytes that look random and follow from the seed.
    pub fn random(&mut self) -> [u8; 32] {
        let number = self.number();
        Sha256::digest(format!("{}:{number}", self.seed)).into()
    }

    /// Between 0 and 1.
    pub fn chance(&mut self) -> f64 {
        let bytes = self.random();
        f64::from(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            / f64::from(u32::MAX)
    }

    /// A decimal id with the given beginning, 17 digits long.
    pub fn decimal_id(&mut self, begins: &str) -> String {
        let bytes = self.random();
        let mut digits = begins.to_owned();
        digits.extend(bytes.iter().map(|byte| char::from(b'0' + byte % 10)));
        digits.truncate(17);
        digits
    }

    /// The id of a new message in a thread.
    pub fn message_id(&mut self, phone: &Phone) -> String {
        let bytes = self.random();
        match phone.platform {
            Platform::Whatsapp => {
                let inner = format!("\u{1c}\u{18}{}\u{15}{}", phone.person.id, hex(&bytes[..10]));
                format!("wamid.{}", STANDARD.encode(inner))
            }
            Platform::Messenger => {
                format!(
                    "m_{}{}",
                    URL_SAFE_NO_PAD.encode(bytes),
                    URL_SAFE_NO_PAD.encode(self.random())
                )
            }
            Platform::Instagram => {
                let tail = URL_SAFE_NO_PAD.encode(self.random());
                format!("aWdfZAG1faXRlbToxOk{}{tail}ZD", URL_SAFE_NO_PAD.encode(bytes))
            }
            Platform::Telegram => telegram::message_id(self, phone),
        }
    }

    pub fn account(&self, platform: Platform, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.platform == platform && account.id == id)
    }

    pub fn account_mut(&mut self, platform: Platform, id: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.platform == platform && account.id == id)
    }

    /// The account that the preset or the control made with this token.
    pub fn account_of_token(&self, platform: Platform, token: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.platform == platform && account.token == token)
    }

    pub fn phones(&self) -> &[Phone] {
        &self.phones
    }

    pub fn phone(&self, id: &str) -> Option<&Phone> {
        Some(&self.phones[*self.phone_by_id.get(id)?])
    }

    pub fn phone_mut(&mut self, id: &str) -> Option<&mut Phone> {
        Some(&mut self.phones[*self.phone_by_id.get(id)?])
    }

    /// The phone of a person who is known to an account.
    pub fn phone_of(&self, platform: Platform, account: &str, person: &str) -> Option<&Phone> {
        let key = (platform, account.to_owned(), person.to_owned());
        Some(&self.phones[*self.phone_by_person.get(&key)?])
    }

    /// The phone that a message or a comment of this id is on.
    pub fn phone_with(&self, message: &str) -> Option<&Phone> {
        Some(&self.phones[*self.phone_by_message.get(message)?])
    }

    /// Adds a message to a thread.
    pub(super) fn thread(&mut self, phone: &str, message: Message) {
        let Some(&at) = self.phone_by_id.get(phone) else { return };
        self.phone_by_message.insert(message.id.clone(), at);
        self.phones[at].thread.push(message);
    }

    /// Makes a phone. The caller has made sure that its id and its person are new.
    pub fn add_phone(
        &mut self,
        id: String,
        platform: Platform,
        account: &str,
        person: Person,
    ) -> &Phone {
        let at = self.phones.len();
        let mut names = vec![person.id.clone()];
        names.extend(person.user_id.clone());
        for name in names {
            self.phone_by_person.insert((platform, account.to_owned(), name), at);
        }
        self.phone_by_id.insert(id.clone(), at);
        self.phones.push(Phone {
            id,
            platform,
            account: account.to_owned(),
            person,
            thread: vec![],
            last_said_at: None,
            typing_until: 0,
            blocked: false,
            no_marketing: false,
        });
        &self.phones[at]
    }

    /// Keeps a file and answers its id.
    pub fn add_media(
        &mut self,
        platform: Platform,
        account: &str,
        from: Side,
        mime: &str,
        name: Option<String>,
        bytes: Bytes,
    ) -> String {
        let id = self.decimal_id("11");
        let at = self.now();
        let media = Media {
            id: id.clone(),
            platform,
            account: account.to_owned(),
            mime: mime.to_owned(),
            name,
            bytes,
            at,
            from,
        };
        self.media.insert(id.clone(), media);
        id
    }

    pub fn media(&self, id: &str) -> Option<&Media> {
        self.media.get(id)
    }

    pub fn remove_media(&mut self, id: &str) -> bool {
        self.media.remove(id).is_some()
    }
}

/// Lowercase hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[expect(clippy::disallowed_methods, reason = "the clock of the pretend world starts from ours")]
fn wall_clock() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
