//! When a business may write: the windows that platforms hold open after a customer has written.
//!
//! A [`Permit`] is the proof that a message may leave. It can be had from [`permit`] alone, and
//! nothing that talks to a platform builds a message without one.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::business::Access;
use crate::channel::Venue;
use crate::conversation::Refusal;

/// How long a business may write freely after the customer wrote last.
pub const FREE: SignedDuration = SignedDuration::from_hours(24);
/// How long a person, and no automation, may answer on Messenger and Instagram.
pub const HUMAN_AGENT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long a public comment may be answered by a private message.
pub const PRIVATE_REPLY: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Kept back at the end of a window: clocks differ, and messages take their time.
pub const MARGIN: SignedDuration = SignedDuration::from_mins(2);

/// The window of one conversation. Without limit where the venue knows none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Window {
    /// Until then anything may be sent. Absent before the customer's first message.
    pub free_until: Option<Timestamp>,
    /// Until then a person of the team may answer, where the platform allows that.
    pub human_until: Option<Timestamp>,
    /// Whether approved templates may be sent at any time.
    pub templates: bool,
}

/// Whether a reaction of the customer opens the window as a message does: Meta says so of
/// Messenger and Instagram, and of WhatsApp that it is messages and calls that do.
pub fn reaction_opens(venue: Venue) -> bool {
    matches!(venue, Venue::Messenger | Venue::Instagram)
}

/// Where a window stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Unlimited,
    Free { until: Timestamp },
    HumanOnly { until: Timestamp },
    TemplatesOnly,
    Closed,
}

impl Window {
    /// The window at a venue, by when the customer wrote last; `None` where there is none.
    /// `last_inbound` is the platform's time of that message, never that of its arrival.
    pub fn of(venue: Venue, last_inbound: Option<Timestamp>) -> Option<Window> {
        let after = |span: SignedDuration| {
            last_inbound.and_then(|at| at.checked_add(span).ok()?.checked_sub(MARGIN).ok())
        };
        match venue {
            Venue::Web | Venue::TelegramBot => None,
            Venue::Whatsapp => {
                Some(Window { free_until: after(FREE), human_until: None, templates: true })
            }
            Venue::Messenger | Venue::Instagram => Some(Window {
                free_until: after(FREE),
                human_until: after(HUMAN_AGENT),
                templates: false,
            }),
            Venue::TelegramBusiness => {
                Some(Window { free_until: after(FREE), human_until: None, templates: false })
            }
            // A public answer is possible at any time; private ones have a limit of their own.
            Venue::FacebookComments | Venue::InstagramComments => None,
        }
    }

    pub fn standing(&self, now: Timestamp) -> Standing {
        match (self.free_until, self.human_until) {
            (Some(until), _) if now < until => Standing::Free { until },
            (_, Some(until)) if now < until => Standing::HumanOnly { until },
            _ if self.templates => Standing::TemplatesOnly,
            _ => Standing::Closed,
        }
    }
}

/// Who wrote what is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// A person of the team.
    Person,
    /// Anything automatic.
    Machine,
}

/// What is to be sent, as far as windows care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Free words, files, buttons, reactions.
    Free,
    /// A template that the platform approved.
    Template,
    /// A private answer to a public comment of this time.
    PrivateReply { commented_at: Timestamp },
}

/// Proof that a message may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit {
    tag: Option<Tag>,
    form: Allowed,
}

/// What a permit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allowed {
    Free,
    Template,
    PrivateReply,
}

/// The reason a platform wants to be told for a message outside its ordinary window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    HumanAgent,
}

impl Permit {
    /// The tag to send with the message.
    pub fn tag(self) -> Option<Tag> {
        self.tag
    }

    /// Whether free words may be sent with it.
    pub fn is_free(self) -> bool {
        self.form == Allowed::Free
    }

    pub fn is_template(self) -> bool {
        self.form == Allowed::Template
    }

    pub fn is_private_reply(self) -> bool {
        self.form == Allowed::PrivateReply
    }
}

/// Whether something may be sent now. What the platform's clock allows is nothing where those
/// through whose account it would go do not.
pub fn permit(
    now: Timestamp,
    venue: Venue,
    access: Access,
    last_inbound: Option<Timestamp>,
    voice: Voice,
    form: Form,
) -> Result<Permit, Refusal> {
    access.check()?;
    let granted = |form, tag| Ok(Permit { tag, form });
    match form {
        Form::Template if venue.abilities().templates => return granted(Allowed::Template, None),
        Form::Template => return Err(Refusal::NotOnThisChannel),
        Form::PrivateReply { commented_at } if venue.abilities().private_replies => {
            let age = now.duration_since(commented_at);
            return match age < PRIVATE_REPLY - MARGIN {
                true => granted(Allowed::PrivateReply, None),
                false => Err(Refusal::WindowClosed),
            };
        }
        Form::PrivateReply { .. } => return Err(Refusal::NotOnThisChannel),
        Form::Free => {}
    }
    let Some(window) = Window::of(venue, last_inbound) else { return granted(Allowed::Free, None) };
    match (window.standing(now), voice) {
        (Standing::Unlimited | Standing::Free { .. }, _) => granted(Allowed::Free, None),
        (Standing::HumanOnly { .. }, Voice::Person) => {
            granted(Allowed::Free, Some(Tag::HumanAgent))
        }
        _ => Err(Refusal::WindowClosed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + hours * 3_600).expect("in range")
    }

    fn free(venue: Venue, hours: i64, voice: Voice) -> Result<Permit, Refusal> {
        permit(at(hours), venue, Access::Open, Some(at(0)), voice, Form::Free)
    }

    #[test]
    fn whatsapp_closes_to_free_words_after_a_day_and_stays_open_to_templates() {
        assert!(free(Venue::Whatsapp, 23, Voice::Person).is_ok_and(Permit::is_free));
        assert_eq!(free(Venue::Whatsapp, 24, Voice::Person), Err(Refusal::WindowClosed));
        let template =
            permit(at(500), Venue::Whatsapp, Access::Open, None, Voice::Machine, Form::Template);
        assert!(template.is_ok_and(Permit::is_template));
    }

    #[test]
    fn a_person_may_answer_for_a_week_on_messenger_and_a_machine_may_not() {
        for venue in [Venue::Messenger, Venue::Instagram] {
            let permit = free(venue, 25, Voice::Person).expect("a person may");
            assert_eq!(permit.tag(), Some(Tag::HumanAgent));
            assert_eq!(free(venue, 25, Voice::Machine), Err(Refusal::WindowClosed));
            assert_eq!(free(venue, 7 * 24, Voice::Person), Err(Refusal::WindowClosed));
            assert_eq!(free(venue, 1, Voice::Machine).map(Permit::tag), Ok(None));
        }
    }

    #[test]
    fn nobody_who_never_wrote_is_written_to_freely() {
        for venue in [Venue::Whatsapp, Venue::Messenger, Venue::Instagram, Venue::TelegramBusiness]
        {
            let first = permit(at(0), venue, Access::Open, None, Voice::Person, Form::Free);
            assert_eq!(first, Err(Refusal::WindowClosed), "{venue:?}");
        }
        assert!(permit(at(0), Venue::Web, Access::Open, None, Voice::Person, Form::Free).is_ok());
    }

    #[test]
    fn a_comment_is_answered_privately_within_a_week() {
        let reply = |hours| {
            let form = Form::PrivateReply { commented_at: at(0) };
            permit(at(hours), Venue::FacebookComments, Access::Open, None, Voice::Person, form)
        };
        assert!(reply(167).is_ok_and(Permit::is_private_reply));
        assert_eq!(reply(168), Err(Refusal::WindowClosed));
        let dm = Form::PrivateReply { commented_at: at(0) };
        let refused = permit(at(1), Venue::Messenger, Access::Open, Some(at(0)), Voice::Person, dm);
        assert_eq!(refused, Err(Refusal::NotOnThisChannel));
    }
}
