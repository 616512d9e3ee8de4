//! Business connections: people's own accounts for which an account of ours answers, what their
//! owners allow it, and which word about one of them is the last.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::conversation::Refusal;

/// What the owner of a connected account may allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// To write, and to change what was written.
    Reply,
    /// To mark as read.
    Read,
    /// To delete what was sent through the connection.
    DeleteSent,
    /// To delete anything.
    DeleteAll,
}

impl Right {
    pub const ALL: [Right; 4] = [Right::Reply, Right::Read, Right::DeleteSent, Right::DeleteAll];

    /// The name it is stored under.
    pub fn name(self) -> &'static str {
        match self {
            Right::Reply => "reply",
            Right::Read => "read",
            Right::DeleteSent => "delete_sent",
            Right::DeleteAll => "delete_all",
        }
    }

    pub fn parse(name: &str) -> Option<Right> {
        Right::ALL.into_iter().find(|right| right.name() == name)
    }
}

/// Whether those through whose account a conversation runs let us write there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// They do, or it is nobody's account but ours, or nothing was told of it.
    #[default]
    Open,
    /// They have taken us out, or the platform does not know the connection any more.
    SwitchedOff,
    /// They let us listen and no more.
    NoReply,
}

impl Access {
    pub fn of(enabled: bool, rights: &BTreeSet<Right>) -> Access {
        match (enabled, rights.contains(&Right::Reply)) {
            (false, _) => Access::SwitchedOff,
            (true, false) => Access::NoReply,
            (true, true) => Access::Open,
        }
    }

    pub fn check(self) -> Result<(), Refusal> {
        match self {
            Access::Open => Ok(()),
            Access::SwitchedOff => Err(Refusal::SwitchedOff),
            Access::NoReply => Err(Refusal::MayNotReply),
        }
    }
}

/// Whose account it is, as the platform shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The platform's id of them.
    pub id: String,
    pub name: Option<String>,
    /// Without `@`.
    pub username: Option<String>,
    /// Their private chat with us.
    pub chat: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessConnection {
    /// The platform's name of it.
    pub id: String,
    pub owner: Owner,
    pub enabled: bool,
    pub rights: BTreeSet<Right>,
    /// When it was made, by the platform's clock. It stays while rights are given and taken.
    pub made_at: Timestamp,
    /// The platform's number of the word that told of it; 0 of what we asked for ourselves.
    pub number: i64,
}

impl BusinessConnection {
    pub fn access(&self) -> Access {
        Access::of(self.enabled, &self.rights)
    }

    /// Whether this is a later word than `known`, in whatever order they come: of the connection
    /// that was made later, and of one connection that with the higher number.
    pub fn prevails(&self, known: &BusinessConnection) -> bool {
        (self.made_at, self.number) > (known.made_at, known.number)
    }

    /// The platform was asked, and answered this: it is so now. `None`: there is no such connection
    /// any more. What was told with a lower number stays outdone.
    pub fn asked(&self, answer: Option<BusinessConnection>) -> BusinessConnection {
        match answer {
            Some(answer) if answer.made_at == self.made_at => {
                BusinessConnection { number: self.number, ..answer }
            }
            Some(answer) => answer,
            None => BusinessConnection { enabled: false, ..self.clone() },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(made: i64, number: i64, enabled: bool, rights: &[Right]) -> BusinessConnection {
        BusinessConnection {
            id: "Bk1".to_owned(),
            owner: Owner::default(),
            enabled,
            rights: rights.iter().copied().collect(),
            made_at: Timestamp::from_second(1_700_000_000 + made).expect("in range"),
            number,
        }
    }

    #[test]
    fn only_who_is_enabled_and_may_reply_writes() {
        assert_eq!(told(0, 1, true, &[Right::Reply]).access().check(), Ok(()));
        let silent = told(0, 1, true, &[Right::Read, Right::DeleteAll]);
        assert_eq!(silent.access().check(), Err(Refusal::MayNotReply));
        let off = told(0, 1, false, &[Right::Reply]);
        assert_eq!(off.access().check(), Err(Refusal::SwitchedOff));
        assert_eq!(Access::default().check(), Ok(()));
    }

    #[test]
    fn an_answer_holds_against_what_was_told_before_it() {
        let known = told(5, 7, true, &[Right::Reply]);
        let answer = known.asked(Some(told(5, 0, false, &[])));
        assert!(!answer.enabled);
        assert!(!known.prevails(&answer), "the same word again changes nothing");
        assert!(told(5, 8, true, &[]).prevails(&answer));
        assert_eq!(known.asked(None).access(), Access::SwitchedOff);
        // Connected anew: numbers may have begun anew as well.
        let anew = known.asked(Some(told(9, 0, true, &[])));
        assert!(told(9, 1, true, &[]).prevails(&anew));
        assert!(!told(5, 9, true, &[]).prevails(&anew));
    }

    #[test]
    fn every_right_has_a_name_of_its_own() {
        for right in Right::ALL {
            assert_eq!(Right::parse(right.name()), Some(right));
        }
        assert_eq!(Right::parse("fly"), None);
    }

    proptest! {
        #[test]
        fn any_order_and_repetition_of_words_ends_the_same(
            words in proptest::collection::vec((0i64..3, 0usize..4, any::<bool>()), 1..8),
            order in proptest::collection::vec(0usize..8, 0..24),
        ) {
            // Numbers are given once.
            let told: Vec<BusinessConnection> = (1..)
                .zip(&words)
                .map(|(n, (made, right, enabled))| told(*made, n, *enabled, &[Right::ALL[*right]]))
                .collect();
            let ends = |told: &mut dyn Iterator<Item = &BusinessConnection>| {
                told.fold(None, |known: Option<&BusinessConnection>, next| match known {
                    Some(known) if !next.prevails(known) => Some(known),
                    _ => Some(next),
                })
                .cloned()
            };
            let mut mixed: Vec<usize> = order.iter().map(|at| at % told.len()).collect();
            mixed.extend((0..told.len()).rev());
            let once = ends(&mut told.iter());
            prop_assert_eq!(once, ends(&mut mixed.iter().map(|at| &told[*at])));
        }
    }
}
