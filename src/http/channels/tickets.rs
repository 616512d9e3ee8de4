//! What a browser carries from one step of signing in to the next: sealed, for its own session
//! alone, for minutes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use switchboard_domain::AccountKind;
use switchboard_store::seal::{MasterKeys, Place};

use super::super::auth::Agent;

/// How long a person may take at the platform, and to choose.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// Beyond this it is none of ours.
const TEXT_MAX_BYTES: usize = 8_192;
const PURPOSE: &str = "channel sign-in";

/// A kind of ticket. One does not open as another.
pub trait Ticket: Serialize + DeserializeOwned {
    const COLUMN: &'static str;
    const LIFETIME: SignedDuration = LIFETIME;
}

/// What comes back with the browser from the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub kind: AccountKind,
    pub choose: bool,
}

impl Ticket for State {
    const COLUMN: &'static str = "sign-in state";
}

/// What the page of Embedded Signup brings back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signup {
    pub choose: bool,
}

impl Ticket for Signup {
    const COLUMN: &'static str = "embedded signup state";
    /// Whoever makes a business account in Meta's window, and has a number verified, needs longer.
    const LIFETIME: SignedDuration = SignedDuration::from_hours(1);
}

/// What a platform granted, while the person chooses.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    pub kind: AccountKind,
    pub token: String,
    pub token_expires_at: Option<Timestamp>,
    /// The app-scoped id of who granted it.
    pub by: Option<String>,
    /// The one WhatsApp Business Account that was chosen, of those that are shared.
    #[serde(default)]
    pub waba: Option<String>,
}

impl Ticket for Granted {
    const COLUMN: &'static str = "sign-in ticket";
}

#[derive(Serialize, Deserialize)]
struct Dated<T> {
    until: i64,
    what: T,
}

/// Where it opens: in this session of this workspace.
fn place<T: Ticket>(agent: &Agent) -> Place<'static> {
    Place { workspace: agent.workspace.into(), column: T::COLUMN, row: agent.credential }
}

pub fn seal<T: Ticket>(master: &MasterKeys, agent: &Agent, what: T, now: Timestamp) -> String {
    let dated = Dated { until: (now + T::LIFETIME).as_second(), what };
    // Plain values always serialize.
    let json = serde_json::to_vec(&dated).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(master.derive(PURPOSE).seal(&place::<T>(agent), &json))
}

/// What a ticket says; nothing when it is not this session's, or too old.
pub fn open<T: Ticket>(
    master: &MasterKeys,
    agent: &Agent,
    text: &str,
    now: Timestamp,
) -> Option<T> {
    if text.len() > TEXT_MAX_BYTES {
        return None;
    }
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let keys = master.derive_all(PURPOSE);
    let json = keys.iter().find_map(|key| key.open(&place::<T>(agent), &sealed).ok())?;
    let dated: Dated<T> = serde_json::from_slice(&json).ok()?;
    (now.as_second() < dated.until).then_some(dated.what)
}

#[cfg(test)]
mod tests {
    use switchboard_domain::Role;
    use uuid::Uuid;

    use super::*;
    use crate::http::auth::Via;

    fn agent(session: u128) -> Agent {
        Agent {
            user: Uuid::from_u128(1).into(),
            member: Uuid::from_u128(2).into(),
            workspace: Uuid::from_u128(3).into(),
            role: Role::Owner,
            session: Some(Uuid::from_u128(session)),
            credential: Uuid::from_u128(session),
            via: Via::Cookie,
        }
    }

    #[test]
    fn a_ticket_is_for_one_session_one_purpose_and_ten_minutes() {
        let master = MasterKeys::parse(&MasterKeys::generate()).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let state = State { kind: AccountKind::FacebookPage, choose: true };
        let text = seal(&master, &agent(7), state.clone(), now);
        let opened = |agent: &Agent, text: &str, at| open::<State>(&master, agent, text, at);
        assert_eq!(opened(&agent(7), &text, now), Some(state));
        assert_eq!(opened(&agent(8), &text, now), None);
        assert_eq!(opened(&agent(7), &text, now + LIFETIME), None);
        let other = Agent { workspace: Uuid::from_u128(4).into(), ..agent(7) };
        assert_eq!(opened(&other, &text, now), None);
        assert!(open::<Granted>(&master, &agent(7), &text, now).is_none());
        assert!(open::<Signup>(&master, &agent(7), &text, now).is_none());
        let signup = seal(&master, &agent(7), Signup { choose: true }, now);
        assert!(open::<Signup>(&master, &agent(7), &signup, now + LIFETIME).is_some());
        for bad in ["", "x", &text[1..], &"A".repeat(10_000)] {
            assert_eq!(opened(&agent(7), bad, now), None);
        }
    }
}
