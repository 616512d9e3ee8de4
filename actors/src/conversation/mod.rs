//! One conversation: decide, append, apply, tell.
//!
//! Commands are taken one at a time: the next waits until the one before it is durable. Another
//! node may hold the same conversation; a clash in Postgres loads the state again and decides
//! again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use switchboard_domain::trace::Trace;
use switchboard_domain::{
    AttachmentId, Author, ContactId, ConversationId, LabelId, MemberId, MessageId, PostKind,
    Status, WorkspaceId,
};
use switchboard_store::contact::Details;
use switchboard_store::conversation::Stored;
use switchboard_wire::agent::{Done, PostAs};

use crate::Shared;
use crate::bus::{Hint, Topic};
use crate::rejection::Rejection;
use crate::trace::{self, Kind};
use crate::workspace::TellTyping;

mod elsewhere;
mod fold;
mod outgoing;
mod perform;
mod prepare;
mod progress;
mod receive;
mod record;

pub use elsewhere::{Before, CameFile, FileProgress, Progress, Read, Received};
pub(crate) use receive::{awaits_echo, correlated};

/// A conversation in which nothing happens retires after this long.
const IDLE: Duration = Duration::from_secs(120);
/// How often a conversation looks whether it is idle.
const LOOK: Duration = Duration::from_secs(30);
/// A command that has not been answered by then is given up on; it may be sent again.
const ACT_WITHIN: Duration = Duration::from_secs(20);
/// Commands that wait for one conversation beyond this are answered `unavailable`.
const MAILBOX: usize = 256;

/// What someone wants of a conversation.
#[derive(Debug, Clone)]
pub enum Order {
    Post {
        reference: String,
        kind: PostKind,
        text: String,
        attachments: Vec<AttachmentId>,
        reply_to: Option<MessageId>,
        /// What the channel carries beside text and files.
        form: Option<PostAs>,
    },
    Edit {
        message: MessageId,
        text: String,
    },
    Delete {
        message: MessageId,
        moderator: bool,
    },
    React {
        message: MessageId,
        emoji: String,
        on: bool,
    },
    Mark {
        delivered: u32,
        read: u32,
    },
    SetStatus(Status),
    Assign(Option<MemberId>),
    Label {
        add: Vec<LabelId>,
        remove: Vec<LabelId>,
    },
    /// A snooze may have ended.
    Wake,
    /// What a platform told of this conversation, in its order.
    Receive(Arc<Received>),
    /// What became of a call to the platform.
    Progress(Arc<Progress>),
    /// A file of a platform has come, or will not.
    File(Arc<FileProgress>),
    /// Sends a message again that failed or may not have been sent.
    Resend {
        message: MessageId,
    },
}

/// A visitor who may not be stored yet: what to store with the first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    pub contact: ContactId,
    pub details: Details,
    /// The business's own id of its user, when vouched for.
    pub user_id: Option<String>,
}

/// Something to do.
#[derive(Debug, Clone)]
pub struct Act {
    pub author: Author,
    pub order: Order,
    /// Given by visitors, whose first message opens the conversation.
    pub newcomer: Option<Newcomer>,
}

/// Does something. Answered after it is durable.
#[derive(Message, Debug)]
#[rtype(result = "Result<Done, Rejection>")]
pub struct Perform {
    pub act: Act,
    /// What it is part of.
    pub trace: Option<Trace>,
}

/// Someone types. Told to whoever looks, and forgotten.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub struct Typing {
    pub author: Author,
    pub on: bool,
    pub note: bool,
}

pub struct Conversation {
    workspace: WorkspaceId,
    id: ConversationId,
    shared: Arc<Shared>,
    /// As it is in Postgres, as far as this node knows; `None` until it is needed.
    loaded: Option<Stored>,
    used: Instant,
}

impl Conversation {
    pub fn new(workspace: WorkspaceId, id: ConversationId, shared: Arc<Shared>) -> Conversation {
        Conversation { workspace, id, shared, loaded: None, used: Instant::now() }
    }
}

impl Actor for Conversation {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        metrics::gauge!("switchboard_conversations_active").increment(1.0);
        ctx.run_interval(LOOK, |actor, ctx| {
            if actor.used.elapsed() >= IDLE {
                let directory = &actor.shared.directory;
                directory.retire_conversation(actor.workspace, actor.id, &ctx.address());
                ctx.stop();
            }
        });
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        metrics::gauge!("switchboard_conversations_active").decrement(1.0);
    }
}

impl Handler<Perform> for Conversation {
    type Result = AtomicResponse<Self, Result<Done, Rejection>>;

    fn handle(&mut self, Perform { act, trace }: Perform, _: &mut Self::Context) -> Self::Result {
        self.used = Instant::now();
        let (shared, workspace, id) = (self.shared.clone(), self.workspace, self.id);
        let loaded = self.loaded.take();
        let performed = async move {
            let mut span = shared.tracer.part("conversation.act", Kind::Internal, trace);
            if span.trace().is_some() {
                span.say("workspace.id", workspace.to_string());
                span.say("conversation.id", id.to_string());
            }
            let performing = perform::perform(&shared, workspace, id, loaded, act);
            let performing = trace::within(span.trace(), performing);
            let given_up = |_| (None, Err(Rejection::unavailable()));
            let (loaded, done) =
                tokio::time::timeout(ACT_WITHIN, performing).await.unwrap_or_else(given_up);
            if let Err(rejection) = &done {
                span.say("refused", rejection.code.title());
            }
            (loaded, done)
        };
        AtomicResponse::new(Box::pin(performed.into_actor(self).map(|(loaded, done), actor, _| {
            actor.loaded = loaded;
            done
        })))
    }
}

impl Handler<Typing> for Conversation {
    type Result = AtomicResponse<Self, ()>;

    fn handle(&mut self, typing: Typing, _: &mut Self::Context) -> Self::Result {
        self.used = Instant::now();
        let (shared, workspace, id) = (self.shared.clone(), self.workspace, self.id);
        let loaded = self.loaded.take();
        let told = async move {
            let loaded = match loaded {
                Some(loaded) => Some(loaded),
                None => perform::load(&shared, workspace, id).await.ok().flatten(),
            };
            if let Some(stored) = &loaded {
                tell_typing(&shared, workspace, stored, typing).await;
            }
            loaded
        };
        AtomicResponse::new(Box::pin(told.into_actor(self).map(|loaded, actor, _| {
            actor.loaded = loaded;
        })))
    }
}

async fn tell_typing(
    shared: &Arc<Shared>,
    workspace: WorkspaceId,
    stored: &Stored,
    typing: Typing,
) {
    let name = match typing.author {
        Author::Agent(member) => {
            let names = shared.names.of(&shared.store, workspace).await.unwrap_or_default();
            names.of(member)
        }
        Author::Visitor(_) | Author::System | Author::Elsewhere => String::new(),
    };
    let typing = TellTyping {
        conversation: stored.state.id,
        contact: stored.state.contact,
        who: typing.author,
        name,
        on: typing.on,
        note: typing.note,
    };
    let hint = Hint::Typing(typing.clone());
    shared.bus.publish(shared.node, Topic::Workspace(workspace), hint);
    if let Some(hub) = shared.directory.workspace(workspace) {
        // Typing that does not fit into the mailbox is not worth waiting for.
        let _ = hub.try_send(typing);
    }
}
