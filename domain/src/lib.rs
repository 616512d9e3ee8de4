//! The rules of Switchboard as functions of their inputs.
//!
//! Nothing here performs I/O, reads a clock or draws a random number: time, new ids and
//! whatever else the outside decides are arguments. That is what makes every rule a
//! function a test can call a thousand times.

pub mod attachment;
pub mod business;
pub mod channel;
pub mod contact;
pub mod conversation;
pub mod delivery;
pub mod extra;
pub mod gate;
pub mod id;
pub mod line;
pub mod load;
pub mod message;
pub mod origin;
pub mod person;
pub mod presence;
pub mod seq;
pub mod text;
pub mod trace;
pub mod window;
pub mod words;

pub use attachment::{AttachmentKind, MediaType};
pub use business::{Access, BusinessConnection};
pub use channel::{AccountKind, AccountStatus, Channel, Venue};
pub use contact::Identity;
pub use conversation::{Command, Conversation, Event, Marks, PostKind, Refusal, Status};
pub use delivery::{Delivery, DeliveryState, Failure, FailureCode};
pub use extra::{Card, Extra};
pub use id::*;
pub use line::ChannelLine;
pub use message::{Author, MessageHead, MessageKind, Side};
pub use person::{Action, Role};
pub use presence::Presence;
pub use seq::Seq;
pub use window::{Permit, Window};
