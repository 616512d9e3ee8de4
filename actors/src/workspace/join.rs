//! How a session comes in: welcomed, then given what it missed or a snapshot, then live.

use actix::prelude::*;
use std::time::Duration;
use switchboard_domain::{Seq, SessionId, Side};
use switchboard_store::{
    Result, conversation, event, label, member, message, workspace as workspaces,
};
use switchboard_wire::CloseCode;
use switchboard_wire::agent::{AgentFrame, AgentSnapshot};
use switchboard_wire::view::PresenceOf;
use switchboard_wire::visitor::{VisitorFrame, VisitorSnapshot};

use super::hub::{CatchUp, encode};
use super::{Audience, FETCH, Join, Workspace};
use crate::accounts::show;
use crate::replay;
use crate::view::{self as views, Viewing};
use crate::{Shared, clock, page};

/// A client further behind than this gets a snapshot.
const RESUME_MAX: u64 = 10_000;
/// Conversations in an agent's snapshot, and messages in a visitor's.
const FIRST_PAGE: u32 = 50;
/// A client that does not read its catch-up is looked at again after this long, this often.
const PAUSE: Duration = Duration::from_millis(50);
const PAUSES_MAX: u32 = 600;

impl Handler<Join> for Workspace {
    type Result = ();

    fn handle(&mut self, join: Join, ctx: &mut Self::Context) {
        let Join { session, audience, queue, resume } = join;
        let last = self.hub.last();
        let cursor = resume
            .filter(|(epoch, after)| {
                *epoch == self.epoch
                    && *after <= last
                    && *after >= self.first
                    && last.0 - after.0 <= RESUME_MAX
            })
            .map(|(_, after)| after)
            // Reading all that was missed in all conversations, for each visitor that comes back,
            // would be a stampede; a visitor's snapshot is one conversation.
            .filter(|after| matches!(audience, Audience::Agent(_)) || self.hub.remembers(*after));
        let snapshot = cursor.is_none();
        let (epoch, seq) = (self.epoch.clone(), last);
        queue.push(match audience {
            Audience::Agent(me) => {
                encode(&AgentFrame::Welcome { session, epoch, seq, me, snapshot })
            }
            Audience::Visitor(_) => {
                encode(&VisitorFrame::Welcome { session, epoch, seq, snapshot })
            }
        });
        self.hub.join(session, audience, queue, cursor.unwrap_or(last));
        self.quiet_since = None;
        metrics::gauge!("switchboard_sessions", "kind" => audience.kind()).increment(1.0);
        match cursor {
            Some(_) => self.catch_up(session, 0, ctx),
            None => self.snapshot(session, audience, ctx),
        }
        self.tell_presence(audience);
    }
}

impl Workspace {
    /// Brings a session up to the hub, a page at a time, as fast as its client reads.
    fn catch_up(&mut self, session: SessionId, pauses: u32, ctx: &mut Context<Self>) {
        let after = match self.hub.catch_up(session) {
            CatchUp::Fetch(after) => after,
            CatchUp::Full => {
                ctx.run_later(PAUSE, move |actor, ctx| actor.catch_up(session, 0, ctx));
                return;
            }
            CatchUp::Live | CatchUp::Gone => return self.tell_newcomer(session),
        };
        let Some(queue) = self.hub.queue(session) else { return };
        if queue.is_closed() || pauses > PAUSES_MAX {
            queue.close(CloseCode::TooSlow);
            return self.leave(session, ctx);
        }
        if queue.is_slow() {
            ctx.run_later(PAUSE, move |actor, ctx| actor.catch_up(session, pauses + 1, ctx));
            return;
        }
        let (shared, id) = (self.shared.clone(), self.id);
        let page = async move {
            let now = clock::now();
            replay::since(&shared.store, &shared.links, &shared.names, now, id, after, FETCH).await
        };
        ctx.spawn(page.into_actor(self).map(move |page, actor, ctx| match page {
            Ok(page) if page.is_empty() => actor.turn_away(session, ctx),
            Ok(page) => {
                actor.hub.feed(session, &page);
                actor.catch_up(session, 0, ctx);
            }
            Err(error) => {
                tracing::warn!(workspace.id = %actor.id, %error, "a session could not catch up");
                actor.turn_away(session, ctx);
            }
        }));
    }

    /// Sends a session that cannot be served away; it may come back.
    fn turn_away(&mut self, session: SessionId, ctx: &mut Context<Self>) {
        if let Some(queue) = self.hub.queue(session) {
            queue.close(CloseCode::Unavailable);
        }
        self.leave(session, ctx);
    }

    fn snapshot(&mut self, session: SessionId, audience: Audience, ctx: &mut Context<Self>) {
        let (shared, id) = (self.shared.clone(), self.id);
        let presence = self.present();
        let online = self.is_team_online();
        let load = async move {
            match audience {
                Audience::Agent(me) => agent_snapshot(&shared, id, me, presence).await,
                Audience::Visitor(contact) => visitor_snapshot(&shared, id, contact, online).await,
            }
        };
        ctx.spawn(load.into_actor(self).map(move |loaded, actor, ctx| match loaded {
            Ok((seq, frame)) => {
                if let Some(queue) = actor.hub.queue(session) {
                    queue.push(frame);
                }
                actor.hub.advance(session, seq);
                actor.catch_up(session, 0, ctx);
            }
            Err(error) => {
                tracing::warn!(workspace.id = %actor.id, %error, "a snapshot could not be made");
                actor.turn_away(session, ctx);
            }
        }));
    }

    /// Tells a session that has just gone live who is there: what changed while it caught up
    /// was not sent to it.
    fn tell_newcomer(&mut self, session: SessionId) {
        let Some(queue) = self.hub.queue(session) else { return };
        match self.hub.audience(session) {
            Some(Audience::Agent(_)) => {
                for presence in self.present() {
                    queue.push_ephemeral(encode(&AgentFrame::Presence(presence)));
                }
            }
            Some(Audience::Visitor(_)) => {
                let online = self.is_team_online();
                queue.push_ephemeral(encode(&VisitorFrame::Presence { online }));
            }
            None => {}
        }
    }
}

type Snapshot = (Seq, bytestring::ByteString);

/// All of it is read at one moment, which the position names.
async fn agent_snapshot(
    shared: &Shared,
    workspace: switchboard_domain::WorkspaceId,
    me: switchboard_domain::MemberId,
    presence: Vec<PresenceOf>,
) -> Result<Snapshot> {
    let keys = page::keys(&shared.store, workspace).await?;
    let tx = shared.store.readers.begin_snapshot(workspace).await?;
    let position = page::position(&tx, workspace).await?;
    let members = member::list(&tx, workspace).await?;
    let labels = label::list(&tx, workspace).await?;
    let row = workspaces::get(&tx, workspace).await?;
    let counts = conversation::counts(&tx, workspace, me).await?;
    let filter = conversation::Filter { status: Some("open"), ..Default::default() };
    let rows = conversation::page(&tx, &keys, workspace, &filter, None, FIRST_PAGE).await?;
    let missing = || switchboard_store::Error::Corrupt(format!("{workspace} without {me}"));
    let mine = members.iter().find(|member| member.id == me).ok_or_else(missing)?;
    let snapshot = Box::new(AgentSnapshot {
        me: replay::member(mine),
        workspace: replay::workspace(row.as_ref().ok_or_else(missing)?),
        members: members.iter().map(replay::member).collect(),
        labels: labels.iter().map(replay::label).collect(),
        accounts: show::all(&tx, &keys, workspace).await?,
        counts: views::counts(&counts),
        next: page::next_cursor(&rows, FIRST_PAGE),
        conversations: rows.iter().map(views::conversation).collect(),
        presence,
    });
    Ok((position.last, encode(&AgentFrame::Snapshot { seq: position.last, snapshot })))
}

async fn visitor_snapshot(
    shared: &Shared,
    workspace: switchboard_domain::WorkspaceId,
    contact: switchboard_domain::ContactId,
    online: bool,
) -> Result<Snapshot> {
    let keys = page::keys(&shared.store, workspace).await?;
    let names = shared.names.of(&shared.store, workspace).await?;
    let tx = shared.store.readers.begin_snapshot(workspace).await?;
    let position: event::Position = page::position(&tx, workspace).await?;
    let row = conversation::of_contact(&tx, &keys, workspace, contact).await?;
    let newest = match &row {
        None => vec![],
        Some(row) => {
            let (side, slice) = (Side::Visitor, message::Slice::Newest);
            let limit = FIRST_PAGE + 1;
            message::page(&tx, &keys, workspace, row.state.id, side, slice, limit).await?
        }
    };
    let more = newest.len() > FIRST_PAGE as usize;
    let viewing = Viewing { workspace, links: &shared.links, now: clock::now() };
    let messages = newest.iter().skip(usize::from(more));
    let snapshot = Box::new(VisitorSnapshot {
        conversation: row.as_ref().map(views::visitor_conversation),
        messages: messages.filter_map(|m| viewing.visitor_message(m, &names)).collect(),
        more,
        online,
    });
    Ok((position.last, encode(&VisitorFrame::Snapshot { seq: position.last, snapshot })))
}
