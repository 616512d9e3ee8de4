//! Traces: what a request led to and how long each part took, from a webhook or a command through
//! the journal and the bus to the frames of those who look.
//!
//! A share of requests is recorded. Where a request is in its trace travels with the task that does
//! it, with the messages between actors, with the letters between nodes (`bus/carrier.rs`) and with
//! the rows of what an account is to send or fetch. Nothing here is on the way of a request that is
//! not recorded.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use switchboard_domain::trace::{Parent, Trace};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::clock;

mod export;

pub use export::export;

/// Spans that wait to be sent. Those that find no room are counted and lost.
pub const WAITING_MAX: usize = 8_192;

tokio::task_local! {
    static CURRENT: Option<Trace>;
}

/// Where the running task is, if it is recorded.
pub fn current() -> Option<Trace> {
    CURRENT.try_with(|trace| *trace).ok().flatten()
}

/// Does something at a place in a trace.
pub async fn within<F: Future>(trace: Option<Trace>, work: F) -> F::Output {
    CURRENT.scope(trace, work).await
}

/// Who caused a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A request of somebody else.
    Server,
    /// A part of our own work.
    Internal,
    /// A request of ours to somebody else.
    Client,
    /// Something handed to others who take it up later.
    Producer,
    /// Something taken up that was handed over earlier.
    Consumer,
}

/// What a span says of itself. Never text, names or tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Number(i64),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// A part of a trace that has ended.
#[derive(Debug, Clone)]
pub struct Span {
    pub trace: Trace,
    pub parent: Option<u64>,
    pub name: String,
    pub kind: Kind,
    pub began: Timestamp,
    pub took: Duration,
    pub says: Vec<(&'static str, Value)>,
    /// Other traces that took part.
    pub links: Vec<Trace>,
    pub failed: bool,
}

/// Records spans, or nothing when nobody wants them.
#[derive(Debug, Clone, Default)]
pub struct Tracer(Option<Arc<Recorder>>);

#[derive(Debug)]
struct Recorder {
    to: mpsc::Sender<Span>,
    share: f64,
}

impl Tracer {
    /// Records a `share` of requests, from 0 to 1, and all that somebody before us records.
    pub fn new(share: f64) -> (Tracer, mpsc::Receiver<Span>) {
        let (to, spans) = mpsc::channel(WAITING_MAX);
        (Tracer(Some(Arc::new(Recorder { to, share }))), spans)
    }

    /// Begins a request, perhaps for somebody who traces as well.
    pub fn request(&self, name: &str, parent: Option<Parent>) -> Open {
        let Some(recorder) = &self.0 else { return Open::default() };
        let wanted = match parent {
            Some(parent) => parent.sampled,
            None => recorder.share > 0.0 && clock::chance() < recorder.share,
        };
        if !wanted {
            return Open::default();
        }
        let id = parent.map_or_else(|| Uuid::new_v4().as_u128(), |parent| parent.trace.id);
        open(recorder, name, Kind::Server, id, parent.map(|parent| parent.trace.span))
    }

    /// Begins a part of what `parent` is part of.
    pub fn part(&self, name: &str, kind: Kind, parent: Option<Trace>) -> Open {
        match (&self.0, parent) {
            (Some(recorder), Some(parent)) => {
                open(recorder, name, kind, parent.id, Some(parent.span))
            }
            _ => Open::default(),
        }
    }
}

fn open(recorder: &Arc<Recorder>, name: &str, kind: Kind, id: u128, parent: Option<u64>) -> Open {
    // The lower half of a random id has all of its chance but two bits.
    let span = Uuid::new_v4().as_u128() as u64;
    let span = Span {
        trace: Trace { id, span: span | 1 },
        parent,
        name: name.to_owned(),
        kind,
        began: clock::now(),
        took: Duration::ZERO,
        says: Vec::new(),
        links: Vec::new(),
        failed: false,
    };
    Open(Some(Box::new(Live { recorder: recorder.clone(), started: Instant::now(), span })))
}

/// A part of a trace that goes on until this is dropped; nothing for what is not recorded.
#[derive(Debug, Default)]
pub struct Open(Option<Box<Live>>);

#[derive(Debug)]
struct Live {
    recorder: Arc<Recorder>,
    started: Instant,
    span: Span,
}

impl Open {
    /// Where in the trace it is.
    pub fn trace(&self) -> Option<Trace> {
        self.0.as_ref().map(|live| live.span.trace)
    }

    pub fn rename(&mut self, name: impl FnOnce() -> String) {
        if let Some(live) = &mut self.0 {
            live.span.name = name();
        }
    }

    pub fn say(&mut self, key: &'static str, value: impl Into<Value>) {
        if let Some(live) = &mut self.0 {
            live.span.says.push((key, value.into()));
        }
    }

    /// Names others that took part.
    pub fn link(&mut self, others: &[Trace]) {
        if let Some(live) = &mut self.0 {
            live.span.links.extend_from_slice(others);
        }
    }

    pub fn fail(&mut self) {
        if let Some(live) = &mut self.0 {
            live.span.failed = true;
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let Some(live) = self.0.take() else { return };
        let Live { recorder, started, mut span } = *live;
        span.took = started.elapsed();
        if recorder.to.try_send(span).is_err() {
            metrics::counter!("switchboard_spans_lost_total").increment(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[tokio::test]
    async fn parts_belong_to_what_they_are_part_of_also_in_other_tasks() {
        let (tracer, mut spans) = Tracer::new(0.0);
        let request = tracer.request("request", Parent::parse(PARENT));
        let here = request.trace();
        within(here, async {
            assert_eq!(current(), here);
            let mut part = tracer.part("part", Kind::Internal, current());
            part.say("size", 3_usize);
            drop(part);
        })
        .await;
        assert_eq!(current(), None);
        drop(request);
        let (part, request) = (spans.recv().await.unwrap(), spans.recv().await.unwrap());
        assert_eq!((part.trace.id, part.parent), (request.trace.id, Some(request.trace.span)));
        assert_eq!(request.parent, Some(0x00f0_67aa_0ba9_02b7));
        assert_eq!(part.says, [("size", Value::Number(3))]);
    }

    #[test]
    fn what_nobody_records_costs_nothing_and_says_nothing() {
        let (tracer, mut spans) = Tracer::new(0.0);
        let unsampled = PARENT.replace("-01", "-00");
        for request in [tracer.request("a", None), tracer.request("b", Parent::parse(&unsampled))] {
            assert_eq!(request.trace(), None);
            assert_eq!(tracer.part("c", Kind::Internal, request.trace()).trace(), None);
        }
        assert_eq!(Tracer::default().request("d", Parent::parse(PARENT)).trace(), None);
        assert!(spans.try_recv().is_err());
        let (all, _spans) = Tracer::new(1.0);
        assert!(all.request("e", None).trace().is_some());
    }

    #[test]
    fn spans_that_nobody_fetches_are_lost_and_hold_up_nothing() {
        let (tracer, mut spans) = Tracer::new(1.0);
        for _ in 0..WAITING_MAX + 10 {
            drop(tracer.request("request", None));
        }
        let mut kept = 0;
        while spans.try_recv().is_ok() {
            kept += 1;
        }
        assert_eq!(kept, WAITING_MAX);
    }
}
