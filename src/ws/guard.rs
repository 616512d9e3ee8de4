//! Reads frame headers as they pass, before anything is buffered.
//!
//! The websocket library checks a frame's size only once all of it is in memory, so a stranger
//! could declare, and send, hundreds of megabytes. This guard ends the stream at the header that
//! declares too much; fragments count together. It also lets nothing more in while many frames wait to
//! be taken up: the library goes on reading for as long as bytes come.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::error::PayloadError;
use bytes::{Buf, Bytes};
use futures_util::Stream;
use switchboard_wire::{CloseCode, FRAME_MAX_BYTES};

/// The longest frame header: two bytes, a length of eight, a mask of four (RFC 6455, 5.2).
const HEADER_MAX: usize = 14;
const CONTROL_MAX: u64 = 125;

/// Frames that may wait before no more is read. What was read together with them waits as well.
const WAITING_MAX: u64 = 64;

/// What a session knows of its guard, and the guard of it.
#[derive(Debug, Clone, Default)]
pub struct Watch(Rc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    verdict: Cell<Option<CloseCode>>,
    /// Whole frames that came in, and that the session has not taken up.
    waiting: Cell<u64>,
}

impl Watch {
    /// Why the guard ended the stream; for when the stream fails.
    pub fn verdict(&self) -> Option<CloseCode> {
        self.0.verdict.get()
    }

    /// A frame was taken up.
    pub fn taken(&self) {
        self.0.waiting.set(self.0.waiting.get().saturating_sub(1));
    }
}

/// Where in a stream of frames the next byte lies.
#[derive(Debug, Default)]
struct Headers {
    header: [u8; HEADER_MAX],
    filled: usize,
    /// Bytes of the current frame's payload that are still to come.
    remaining: u64,
    /// Bytes of the message so far, over all of its fragments.
    message: u64,
}

impl Headers {
    /// Looks at the bytes that arrived. How many frames they complete; fails at a header that
    /// declares too much.
    fn pass(&mut self, mut bytes: &[u8]) -> Result<u64, CloseCode> {
        let mut whole = 0;
        while !bytes.is_empty() {
            if self.remaining > 0 {
                let skipped = self.remaining.min(bytes.len() as u64);
                self.remaining -= skipped;
                bytes.advance(usize::try_from(skipped).unwrap_or(bytes.len()));
            } else {
                self.header[self.filled] = bytes[0];
                self.filled += 1;
                bytes.advance(1);
                if self.filled < 2 || self.filled < self.header_length() {
                    continue;
                }
                self.begin_payload()?;
            }
            whole += u64::from(self.remaining == 0);
        }
        Ok(whole)
    }

    fn header_length(&self) -> usize {
        let extended = match self.header[1] & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask = if self.header[1] & 0x80 != 0 { 4 } else { 0 };
        2 + extended + mask
    }

    fn begin_payload(&mut self) -> Result<(), CloseCode> {
        let length = match self.header[1] & 0x7f {
            126 => u64::from(u16::from_be_bytes([self.header[2], self.header[3]])),
            127 => u64::from_be_bytes([
                self.header[2],
                self.header[3],
                self.header[4],
                self.header[5],
                self.header[6],
                self.header[7],
                self.header[8],
                self.header[9],
            ]),
            short => u64::from(short),
        };
        let (last, opcode) = (self.header[0] & 0x80 != 0, self.header[0] & 0x0f);
        self.filled = 0;
        self.remaining = length;
        if opcode >= 8 {
            return if length > CONTROL_MAX { Err(CloseCode::Malformed) } else { Ok(()) };
        }
        self.message = self.message.saturating_add(length);
        if self.message > FRAME_MAX_BYTES as u64 {
            return Err(CloseCode::TooLarge);
        }
        if last {
            self.message = 0;
        }
        Ok(())
    }
}

/// A stream of websocket bytes that ends at a frame that declares too much.
pub struct Guard<S> {
    stream: S,
    headers: Headers,
    watch: Watch,
}

impl<S> Guard<S> {
    pub fn new(stream: S) -> (Guard<S>, Watch) {
        let watch = Watch::default();
        (Guard { stream, headers: Headers::default(), watch: watch.clone() }, watch)
    }
}

impl<S> Stream for Guard<S>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let shared = self.watch.0.clone();
        if shared.verdict.get().is_some() {
            return Poll::Ready(None);
        }
        // Nobody need be woken: who takes up what waits asks again.
        if shared.waiting.get() >= WAITING_MAX {
            return Poll::Pending;
        }
        let polled = Pin::new(&mut self.stream).poll_next(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &polled {
            match self.headers.pass(bytes) {
                Ok(whole) => shared.waiting.set(shared.waiting.get() + whole),
                Err(code) => {
                    shared.verdict.set(Some(code));
                    return Poll::Ready(Some(Err(PayloadError::Overflow)));
                }
            }
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt};

    use super::*;

    /// A masked frame header as a client sends it.
    fn header(last: bool, opcode: u8, length: u64) -> Vec<u8> {
        let mut bytes = vec![if last { 0x80 | opcode } else { opcode }];
        match length {
            0..=125 => bytes.push(0x80 | length as u8),
            126..=0xffff => {
                bytes.push(0x80 | 126);
                bytes.extend((length as u16).to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 127);
                bytes.extend(length.to_be_bytes());
            }
        }
        bytes.extend([1, 2, 3, 4]);
        bytes
    }

    fn frame(last: bool, opcode: u8, length: u64) -> Vec<u8> {
        let mut bytes = header(last, opcode, length);
        bytes.resize(bytes.len() + length as usize, 7);
        bytes
    }

    /// How many frames these bytes are.
    fn pass(chunks: &[&[u8]]) -> Result<u64, CloseCode> {
        let mut headers = Headers::default();
        chunks.iter().map(|chunk| headers.pass(chunk)).sum()
    }

    #[test]
    fn a_frame_that_declares_too_much_is_refused_at_its_header() {
        let max = FRAME_MAX_BYTES as u64;
        assert_eq!(pass(&[&frame(true, 1, max)]), Ok(1));
        for length in [max + 1, 400 << 20, u64::MAX] {
            assert_eq!(pass(&[&header(true, 1, length)]), Err(CloseCode::TooLarge), "{length}");
        }
    }

    #[test]
    fn fragments_count_together_and_messages_do_not() {
        let half = FRAME_MAX_BYTES as u64 / 2;
        let (first, middle) = (frame(false, 1, half), frame(false, 0, half));
        assert_eq!(pass(&[&first, &middle]), Ok(2));
        assert_eq!(pass(&[&first, &middle, &header(true, 0, 1)]), Err(CloseCode::TooLarge));
        let whole = frame(true, 1, half);
        assert_eq!(pass(&[&whole, &whole, &whole]), Ok(3));
        let ping = frame(true, 9, 5);
        assert_eq!(pass(&[&first, &ping, &middle]), Ok(3));
    }

    #[test]
    fn a_control_frame_is_short() {
        assert_eq!(pass(&[&header(true, 9, 126)]), Err(CloseCode::Malformed));
    }

    #[test]
    fn headers_are_read_however_they_are_cut() {
        let mut bytes = frame(true, 1, 3);
        bytes.extend(frame(true, 1, 300));
        bytes.extend(frame(true, 2, 66_000 / 2));
        bytes.extend(header(true, 1, 1 << 30));
        for size in 1..50 {
            let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
            assert_eq!(pass(&chunks), Err(CloseCode::TooLarge), "in chunks of {size}");
        }
    }

    #[test]
    fn frames_are_counted_once_they_are_whole_however_they_are_cut() {
        let bytes = [frame(true, 9, 0), frame(true, 1, 3), frame(true, 1, 300), header(true, 1, 9)];
        let bytes = bytes.concat();
        for size in 1..50 {
            let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
            assert_eq!(pass(&chunks), Ok(3), "in chunks of {size}");
        }
    }

    #[tokio::test]
    async fn nothing_more_is_read_while_many_frames_wait() {
        let pings = frame(true, 9, 0).repeat(40);
        let source = futures_util::stream::repeat_with(|| Ok(Bytes::from(pings.clone())));
        let (mut guard, watch) = Guard::new(source);
        let mut read = 0;
        while let Some(Some(_)) = guard.next().now_or_never() {
            read += 40;
        }
        assert_eq!(read, 80);
        for _ in 0..16 {
            watch.taken();
        }
        assert!(guard.next().now_or_never().is_none());
        watch.taken();
        assert!(guard.next().now_or_never().is_some());
    }
}
