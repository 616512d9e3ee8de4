//! One websocket: its greeting, its commands in turn, and the frames that wait for it.
//!
//! The only file that names the websocket library. A session sleeps while its client does not
//! read, so nothing here decides whether it is too slow: the hub does, through the queue.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use actix_web_actors::ws::{
    self, CloseReason, Message as Frame, ProtocolError, WebsocketContext, WsResponseBuilder,
};
use bytes::BytesMut;
use bytestring::ByteString;
use switchboard_actors::clock;
use switchboard_actors::queue::{FrameQueue, Pushed};
use switchboard_actors::trace;
use switchboard_actors::workspace::Join;
use switchboard_actors::workspace::hub::encode;
use switchboard_domain::SessionId;
use switchboard_domain::load::Class;
use switchboard_wire::agent::{AgentFrame, Done};
use switchboard_wire::{CloseCode, Code, FRAME_MAX_BYTES, HELLO_WITHIN_SECONDS};

use super::guard::{Guard, Watch};
use super::peer::{Asked, Door, Peer};
use super::upgrade::Incoming;
use crate::limits::{Bucket, Rate};
use crate::state::{App, Counted};

/// Commands that wait for the one before them; beyond it they are answered `rate_limited`.
const WAITING_MAX: usize = 256;
/// Frames in a row that could not be understood before the socket is closed.
const GARBLED_MAX: u32 = 20;
/// A client that keeps up with one slice gets the next after this.
const NEXT_SLICE: Duration = Duration::from_millis(1);

/// While a command is at work, what comes waits so long for its answer: mostly it is the event of
/// that same command, a moment before it is answered, and both go out in one piece.
const ANSWER_WITHIN: Duration = Duration::from_millis(2);

/// Something waits in the queue.
#[derive(Message)]
#[rtype(result = "()")]
struct Wake;

enum State {
    /// Has not said `hello` yet; closed when it does not come.
    Waiting(Door, SpawnHandle),
    /// Is being found out.
    Opening,
    Open(Box<Peer>),
    Closed,
}

/// The actor behind one websocket.
pub struct Session {
    id: SessionId,
    app: Data<App>,
    state: State,
    queue: Option<Arc<FrameQueue>>,
    waiting: VecDeque<Asked>,
    busy: bool,
    /// What waits is held back for an answer until this fires.
    holding: Option<SpawnHandle>,
    bucket: Option<(Rate, Bucket)>,
    garbled: u32,
    fragments: BytesMut,
    guard: Watch,
    door: Option<Door>,
    /// Whether the log has why it ended.
    told: bool,
    /// One of the open sockets, until it is gone.
    _open: Counted,
}

/// Turns an upgrade request into a session.
pub fn start(
    app: Data<App>,
    door: Door,
    request: &HttpRequest,
    incoming: Incoming,
) -> Result<HttpResponse, actix_web::Error> {
    let (guarded, guard) = Guard::new(incoming);
    let session = Session {
        id: clock::new_id(),
        _open: app.sockets.enter(),
        app,
        state: State::Closed,
        queue: None,
        waiting: VecDeque::new(),
        busy: false,
        holding: None,
        bucket: None,
        garbled: 0,
        fragments: BytesMut::new(),
        guard,
        door: Some(door),
        told: false,
    };
    WsResponseBuilder::new(session, request, guarded).frame_size(FRAME_MAX_BYTES).start()
}

type Ctx = WebsocketContext<Session>;

impl Actor for Session {
    type Context = Ctx;

    fn started(&mut self, ctx: &mut Ctx) {
        let addr = ctx.address();
        // Never more than one of these waits: the queue wakes once per drain.
        self.queue = Some(Arc::new(FrameQueue::new(move || addr.do_send(Wake))));
        let Some(door) = self.door.take() else { return };
        let limit = Duration::from_secs(HELLO_WITHIN_SECONDS);
        let alarm = ctx.run_later(limit, |session, ctx| session.close(CloseCode::NoHello, ctx));
        self.state = State::Waiting(door, alarm);
    }

    fn stopped(&mut self, _: &mut Ctx) {
        if let Some(queue) = self.queue.take() {
            // One that sleeps because its client does not read is cut off without a word to it.
            if queue.drain().close == Some(CloseCode::TooSlow) {
                self.tell(CloseCode::TooSlow);
            }
            queue.close(CloseCode::Unavailable);
        }
        if let State::Open(peer) = &self.state {
            self.app.cast.leave(peer.workspace(), self.id);
            self.app.cast.shared().signed_in.remove(self.id);
        }
    }
}

impl Session {
    /// Says why and ends. The client may still be reading what came before.
    fn close(&mut self, code: CloseCode, ctx: &mut Ctx) {
        metrics::counter!("switchboard_sockets_closed_total", "reason" => code.reason())
            .increment(1);
        self.tell(code);
        ctx.close(Some(CloseReason {
            code: ws::CloseCode::Other(code.number()),
            description: Some(code.reason().to_owned()),
        }));
        ctx.stop();
    }

    /// Has the log say why it ended, once.
    fn tell(&mut self, code: CloseCode) {
        // Who leaves closes everybody: that is no news.
        if code != CloseCode::Moving && !std::mem::replace(&mut self.told, true) {
            tracing::info!(session.id = %self.id, reason = code.reason(), "a websocket is closed");
        }
    }

    fn text(&mut self, text: &str, ctx: &mut Ctx) {
        match &self.state {
            State::Waiting(door, _) => match door.greeting(text) {
                Ok(greeting) => self.greet(greeting, ctx),
                Err(garbled) => {
                    self.refuse(None, Code::Invalid, garbled.message, None);
                    self.flush(ctx);
                    self.close(CloseCode::Malformed, ctx);
                }
            },
            State::Opening => {
                // A client that does not wait for its welcome has no peer to speak as yet.
                self.refuse(None, Code::Invalid, "wait for the welcome".to_owned(), None);
            }
            State::Open(peer) => match peer.asked(text) {
                Ok(asked) => self.take(asked, ctx),
                Err(garbled) => {
                    self.garbled += 1;
                    self.refuse(garbled.id, Code::Invalid, garbled.message, None);
                    if self.garbled >= GARBLED_MAX {
                        self.flush(ctx);
                        self.close(CloseCode::Malformed, ctx);
                    }
                }
            },
            State::Closed => {}
        }
    }

    fn greet(&mut self, greeting: super::peer::Greeting, ctx: &mut Ctx) {
        let State::Waiting(door, alarm) = std::mem::replace(&mut self.state, State::Opening) else {
            return;
        };
        ctx.cancel_future(alarm);
        if self.app.is_draining() {
            return self.close(CloseCode::Moving, ctx);
        }
        let (app, resume) = (self.app.clone(), greeting.resume.clone());
        let opening = door.open(app, greeting).into_actor(self);
        ctx.spawn(opening.map(move |opened, session, ctx| match opened {
            Ok(peer) => session.join(peer, resume, ctx),
            Err(code) => session.close(code, ctx),
        }));
    }

    fn join(
        &mut self,
        peer: Peer,
        resume: Option<(String, switchboard_domain::Seq)>,
        ctx: &mut Ctx,
    ) {
        let Some(queue) = self.queue.clone() else { return };
        let rates = &self.app.config.limits;
        let rate = match &peer {
            Peer::Agent { login, .. } => {
                self.app.cast.shared().signed_in.add(self.id, login.clone(), &queue);
                rates.agent_frames
            }
            Peer::Visitor { .. } => rates.visitor_frames,
        };
        self.bucket = Some((rate, Bucket::full(rate, Instant::now())));
        let (workspace, audience) = (peer.workspace(), peer.audience());
        self.state = State::Open(Box::new(peer));
        let join = Join { session: self.id, audience, queue, resume };
        let cast = self.app.cast.clone();
        let joining = async move { cast.join(workspace, join).await };
        ctx.spawn(joining.into_actor(self).map(|joined, session, ctx| {
            if joined.is_err() {
                session.close(CloseCode::Unavailable, ctx);
            }
        }));
    }

    /// Puts a command in line.
    fn take(&mut self, asked: Asked, ctx: &mut Ctx) {
        self.garbled = 0;
        let verdict = self.bucket.as_mut().map(|(rate, bucket)| bucket.take(*rate, Instant::now()));
        if let Some(seconds) = verdict.and_then(|verdict| verdict.retry_after) {
            let words = "too many commands; wait a little".to_owned();
            return self.refuse(Some(asked.id), Code::RateLimited, words, Some(seconds));
        }
        if let Err(busy) = self.app.load.admit(Class::Commands) {
            let words = "the server is too busy for this now; nothing was changed".to_owned();
            return self.refuse(Some(asked.id), Code::Unavailable, words, Some(busy.retry_after));
        }
        if self.waiting.len() >= WAITING_MAX {
            let words = "too many commands are waiting for their answers".to_owned();
            return self.refuse(Some(asked.id), Code::RateLimited, words, Some(1));
        }
        self.waiting.push_back(asked);
        self.next(ctx);
    }

    /// Does the next command. One at a time, so that they take effect in the order they came.
    fn next(&mut self, ctx: &mut Ctx) {
        let State::Open(peer) = &mut self.state else { return };
        if self.busy {
            return;
        }
        let Some(mut asked) = self.waiting.pop_front() else {
            self.waiting = VecDeque::new();
            return;
        };
        self.busy = true;
        peer.note(&mut asked.command);
        let mut span = self.app.cast.shared().tracer.request("websocket command", None);
        span.say("session.id", self.id.to_string());
        let acting = Peer::clone(peer).act(self.app.cast.clone(), self.id, asked.command);
        let acting = async move { trace::within(span.trace(), acting).await };
        let id = asked.id;
        ctx.spawn(acting.into_actor(self).map(move |result, session, ctx| {
            session.busy = false;
            match result {
                Ok(done) => session.answer(id, done),
                // Who came in is not known any more. What was asked is asked again as who is.
                Err(no) if no.code == Code::Unauthenticated => {
                    return session.close(CloseCode::Unauthenticated, ctx);
                }
                Err(no) => session.refuse(Some(id), no.code, no.message, no.retry_after),
            }
            session.release(ctx);
            session.next(ctx);
        }));
    }

    /// Both sockets answer in the same words.
    fn answer(&self, id: u32, done: Done) {
        self.push(encode(&AgentFrame::Ok { id, done }));
    }

    fn refuse(&self, id: Option<u32>, code: Code, message: String, retry_after: Option<u32>) {
        self.push(encode(&AgentFrame::No { id, code, message, retry_after }));
    }

    fn push(&self, frame: ByteString) {
        if let Some(queue) = &self.queue
            && queue.push(frame) == Pushed::Closed
        {
            tracing::debug!(session.id = %self.id, "an answer came after the close");
        }
    }

    /// Lets what was held back for an answer go, with the answer.
    fn release(&mut self, ctx: &mut Ctx) {
        if let Some(alarm) = self.holding.take() {
            ctx.cancel_future(alarm);
            self.flush(ctx);
        }
    }

    /// Hands what waits to the socket, a slice at a time.
    fn flush(&mut self, ctx: &mut Ctx) {
        let Some(queue) = &self.queue else { return };
        let drained = queue.drain();
        for frame in drained.frames {
            ctx.text(frame);
        }
        if drained.more {
            ctx.notify_later(Wake, NEXT_SLICE);
        }
        if let Some(code) = drained.close {
            self.close(code, ctx);
        }
    }

    /// Puts fragments together. The guard has bounded their sum.
    fn fragment(&mut self, item: actix_http::ws::Item, ctx: &mut Ctx) {
        use actix_http::ws::Item;
        match item {
            Item::FirstText(bytes) => {
                self.fragments = BytesMut::from(&bytes[..]);
            }
            Item::Continue(bytes) => self.fragments.extend_from_slice(&bytes),
            Item::Last(bytes) => {
                self.fragments.extend_from_slice(&bytes);
                let whole: Bytes = std::mem::take(&mut self.fragments).freeze();
                match std::str::from_utf8(&whole) {
                    Ok(text) => self.text(text, ctx),
                    Err(_) => self.close(CloseCode::Malformed, ctx),
                }
            }
            Item::FirstBinary(_) => self.close(CloseCode::Malformed, ctx),
        }
    }
}

impl Handler<Wake> for Session {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Ctx) {
        if self.holding.is_some() {
            return;
        }
        if !self.busy {
            return self.flush(ctx);
        }
        self.holding = Some(ctx.run_later(ANSWER_WITHIN, |session, ctx| {
            session.holding = None;
            session.flush(ctx);
        }));
    }
}

impl StreamHandler<Result<Frame, ProtocolError>> for Session {
    fn handle(&mut self, frame: Result<Frame, ProtocolError>, ctx: &mut Ctx) {
        self.guard.taken();
        match frame {
            Ok(Frame::Text(text)) => self.text(&text, ctx),
            Ok(Frame::Ping(bytes)) => ctx.pong(&bytes),
            Ok(Frame::Pong(_) | Frame::Nop) => {}
            Ok(Frame::Continuation(item)) => self.fragment(item, ctx),
            Ok(Frame::Close(reason)) => {
                ctx.close(reason);
                ctx.stop();
            }
            Ok(Frame::Binary(_)) => self.close(CloseCode::Malformed, ctx),
            Err(ProtocolError::Overflow) => self.close(CloseCode::TooLarge, ctx),
            Err(_) => {
                let code = self.guard.verdict().unwrap_or(CloseCode::Malformed);
                self.close(code, ctx);
            }
        }
    }

    /// The client is gone without a word.
    fn finished(&mut self, ctx: &mut Ctx) {
        ctx.stop();
    }
}
