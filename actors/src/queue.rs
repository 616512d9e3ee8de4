//! The frames that wait for one socket: bounded in bytes, and filled without waiting.
//!
//! A websocket session sleeps while its client does not read, so it can neither notice that nor
//! count what piles up. The hub therefore fills this queue and judges by it: past the soft bound
//! ephemeral frames are left out, past the hard bound the session is cut off and the queue let go.

use std::collections::VecDeque;

use bytestring::ByteString;
use parking_lot::Mutex;
use switchboard_wire::CloseCode;

/// Above this many waiting bytes, typing, presence and beats are left out.
pub const SOFT_BYTES: usize = 128 * 1024;
/// Above this many waiting bytes the client is too slow.
pub const HARD_BYTES: usize = 1024 * 1024;
/// The most bytes handed to the socket at once, so that what it holds itself stays small.
const SLICE_BYTES: usize = 64 * 1024;

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    Queued,
    /// An ephemeral frame that a slow client goes without.
    LeftOut,
    /// The queue is closed; the session should be forgotten.
    Closed,
}

/// What the socket should do now.
#[derive(Debug, Default)]
pub struct Drained {
    pub frames: Vec<ByteString>,
    pub close: Option<CloseCode>,
    /// Whether more is waiting.
    pub more: bool,
}

#[derive(Debug, Default)]
struct Inner {
    frames: VecDeque<ByteString>,
    bytes: usize,
    close: Option<CloseCode>,
    /// Whether the socket was woken and has not drained since.
    woken: bool,
}

/// One socket's queue. Shared by the hub, which fills it, and the session, which drains it.
pub struct FrameQueue {
    inner: Mutex<Inner>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for FrameQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrameQueue").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl FrameQueue {
    /// `wake` tells the session that there is something to drain; it is called once per drain.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> FrameQueue {
        FrameQueue { inner: Mutex::default(), wake: Box::new(wake) }
    }

    /// Adds a frame that must arrive.
    pub fn push(&self, frame: ByteString) -> Pushed {
        self.push_all(std::slice::from_ref(&frame))
    }

    /// Adds frames that must arrive, in this order. The session is woken once for all of them.
    pub fn push_all(&self, frames: &[ByteString]) -> Pushed {
        let mut inner = self.inner.lock();
        if inner.close.is_some() {
            return Pushed::Closed;
        }
        for frame in frames {
            // One frame passes however large: it is not the client that made it so.
            if inner.bytes > 0 && inner.bytes + frame.len() > HARD_BYTES {
                metrics::counter!("switchboard_sessions_too_slow_total").increment(1);
                self.close_locked(inner, CloseCode::TooSlow);
                return Pushed::Closed;
            }
            inner.bytes += frame.len();
            inner.frames.push_back(frame.clone());
        }
        self.wake_locked(inner);
        Pushed::Queued
    }

    /// Adds a frame that a slow client can do without.
    pub fn push_ephemeral(&self, frame: ByteString) -> Pushed {
        if self.is_slow() { Pushed::LeftOut } else { self.push(frame) }
    }

    /// Whether what waits is above the soft bound.
    pub fn is_slow(&self) -> bool {
        self.inner.lock().bytes > SOFT_BYTES
    }

    pub fn waiting_bytes(&self) -> usize {
        self.inner.lock().bytes
    }

    pub fn is_closed(&self) -> bool {
        self.inner.lock().close.is_some()
    }

    /// Ends the session with a code. Frames that still wait are let go, except on a move, which
    /// a client that keeps up should not notice.
    pub fn close(&self, code: CloseCode) {
        let inner = self.inner.lock();
        if inner.close.is_none() {
            self.close_locked(inner, code);
        }
    }

    fn close_locked(&self, mut inner: parking_lot::MutexGuard<'_, Inner>, code: CloseCode) {
        inner.close = Some(code);
        if code != CloseCode::Moving {
            inner.frames = VecDeque::new();
            inner.bytes = 0;
        }
        self.wake_locked(inner);
    }

    fn wake_locked(&self, mut inner: parking_lot::MutexGuard<'_, Inner>) {
        let first = !std::mem::replace(&mut inner.woken, true);
        drop(inner);
        if first {
            (self.wake)();
        }
    }

    /// Takes the next slice. When `more` is set the caller drains again, after the socket has
    /// had its turn.
    pub fn drain(&self) -> Drained {
        let mut inner = self.inner.lock();
        if inner.bytes <= SLICE_BYTES {
            // As nearly always: all of it, without moving it frame by frame. An idle socket is
            // left without a buffer.
            inner.bytes = 0;
            inner.woken = false;
            let frames = Vec::from(std::mem::take(&mut inner.frames));
            return Drained { frames, close: inner.close, more: false };
        }
        let mut drained = Drained::default();
        let mut taken = 0;
        while let Some(frame) = inner.frames.front() {
            if taken > 0 && taken + frame.len() > SLICE_BYTES {
                break;
            }
            taken += frame.len();
            drained.frames.extend(inner.frames.pop_front());
        }
        inner.bytes -= taken.min(inner.bytes);
        drained.more = !inner.frames.is_empty();
        inner.woken = drained.more;
        if !drained.more {
            drained.close = inner.close;
            // An idle socket keeps no buffer.
            inner.frames = VecDeque::new();
        }
        drained
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn queue() -> (FrameQueue, Arc<AtomicUsize>) {
        let wakes = Arc::new(AtomicUsize::new(0));
        let counter = wakes.clone();
        (
            FrameQueue::new(move || {
                counter.fetch_add(1, Ordering::SeqCst);
            }),
            wakes,
        )
    }

    fn frame(bytes: usize) -> ByteString {
        "x".repeat(bytes).into()
    }

    #[test]
    fn a_session_is_woken_once_per_drain() {
        let (queue, wakes) = queue();
        queue.push(frame(1));
        queue.push(frame(1));
        assert_eq!(wakes.load(Ordering::SeqCst), 1);
        assert_eq!(queue.drain().frames.len(), 2);
        queue.push(frame(1));
        assert_eq!(wakes.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_run_of_frames_wakes_once_and_keeps_its_order() {
        let (queue, wakes) = queue();
        assert_eq!(queue.push_all(&["a".into(), "b".into(), "c".into()]), Pushed::Queued);
        assert_eq!(wakes.load(Ordering::SeqCst), 1);
        assert_eq!(queue.drain().frames, ["a", "b", "c"]);
        let large = frame(HARD_BYTES / 2);
        let run = [large.clone(), large.clone(), large];
        assert_eq!(queue.push_all(&run), Pushed::Closed);
        assert_eq!(queue.drain().frames, [""; 0]);
    }

    #[test]
    fn a_client_that_does_not_read_is_cut_off_and_holds_nothing() {
        let (queue, _) = queue();
        let mut pushed = 0;
        while queue.push(frame(10_000)) == Pushed::Queued {
            pushed += 10_000;
        }
        assert!(pushed <= HARD_BYTES);
        assert_eq!(queue.inner.lock().bytes, 0);
        assert_eq!(queue.drain().close, Some(CloseCode::TooSlow));
        assert_eq!(queue.push(frame(1)), Pushed::Closed);
    }

    #[test]
    fn a_slow_client_goes_without_ephemeral_frames_and_misses_no_other() {
        let (queue, _) = queue();
        queue.push(frame(SOFT_BYTES + 1));
        assert_eq!(queue.push_ephemeral(frame(1)), Pushed::LeftOut);
        assert_eq!(queue.push(frame(1)), Pushed::Queued);
    }

    #[test]
    fn draining_hands_over_slices_in_order() {
        let (queue, _) = queue();
        for n in 0..100 {
            queue.push(format!("{n:0>4000}").into());
        }
        let mut seen = Vec::new();
        loop {
            let drained = queue.drain();
            assert!(drained.frames.iter().map(|f| f.len()).sum::<usize>() <= SLICE_BYTES);
            seen.extend(drained.frames);
            if !drained.more {
                break;
            }
        }
        let numbers: Vec<usize> = seen.iter().map(|f| f.parse().unwrap()).collect();
        assert_eq!(numbers, (0..100).collect::<Vec<_>>());
    }
}
