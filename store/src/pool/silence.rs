//! A connection that ends when Postgres owes an answer and says nothing.
//!
//! A host that vanished, or a Postgres that is frozen, closes nothing: whoever waits for it would
//! wait for hours, with the pool's place and perhaps with a lock. Statements end after
//! `statement_timeout`, so a Postgres that is there has answered long before [`SILENCE`].

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// How long an answer may be owed without a byte of it: longer than any statement may take.
pub const SILENCE: Duration = Duration::from_secs(20);

/// Counts the messages of one direction whose kind is among those that matter.
///
/// A message is its kind, one byte, and its length, four, which counts itself; the first that a
/// client sends has no kind.
#[derive(Debug)]
struct Messages {
    counted: &'static [u8],
    head: [u8; 5],
    have: usize,
    /// Bytes of the message's body that are still to come.
    left: usize,
}

impl Messages {
    /// What a client says that is answered when all of it is done: its first message, a simple
    /// query, and the end of a sequence of others.
    fn asked() -> Messages {
        // As if the kind of the first message had come already.
        Messages { counted: b"\0QS", head: [0; 5], have: 1, left: 0 }
    }

    /// That Postgres is ready for what comes next, which ends each answer.
    fn answered() -> Messages {
        Messages { counted: b"Z", head: [0; 5], have: 0, left: 0 }
    }

    /// How many of the counted messages begin in these bytes.
    fn count(&mut self, mut bytes: &[u8]) -> u64 {
        let mut count = 0;
        while !bytes.is_empty() {
            let skipped = self.left.min(bytes.len());
            self.left -= skipped;
            bytes = &bytes[skipped..];
            while self.left == 0
                && self.have < self.head.len()
                && let Some((first, rest)) = bytes.split_first()
            {
                self.head[self.have] = *first;
                self.have += 1;
                bytes = rest;
            }
            if self.have == self.head.len() {
                let [kind, length @ ..] = self.head;
                count += u64::from(self.counted.contains(&kind));
                self.left = (u32::from_be_bytes(length) as usize).saturating_sub(length.len());
                self.have = 0;
            }
        }
        count
    }
}

/// The bytes by which a client asks whether Postgres speaks TLS, and those of the answer, which are
/// messages of neither kind.
const TLS_ASKED: usize = 8;
const TLS_ANSWERED: usize = 1;

/// A stream to Postgres that is watched for silence.
pub struct Watched<S> {
    stream: S,
    asked: Messages,
    answered: Messages,
    /// Answers that are still to come.
    owed: u64,
    /// When silence becomes too long; counts only while something is owed.
    patience: Pin<Box<Sleep>>,
    silence: Duration,
    /// Whoever waits to read, while nothing is owed.
    reader: Option<Waker>,
}

impl<S> Watched<S> {
    pub fn new(stream: S) -> Watched<S> {
        Watched::with(stream, SILENCE)
    }

    /// A stream on which the client first asks for TLS. Where Postgres declines, it goes on as if
    /// nothing had been said.
    pub fn asking_for_tls(stream: S) -> Watched<S> {
        let mut watched = Watched::new(stream);
        watched.asked.left = TLS_ASKED;
        watched.answered.left = TLS_ANSWERED;
        watched
    }

    fn with(stream: S, silence: Duration) -> Watched<S> {
        let patience = Box::pin(tokio::time::sleep(silence));
        Watched {
            stream,
            asked: Messages::asked(),
            answered: Messages::answered(),
            owed: 0,
            patience,
            silence,
            reader: None,
        }
    }

    fn heard_something(&mut self) {
        let until = Instant::now() + self.silence;
        self.patience.as_mut().reset(until);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, buffer) {
            let answers = self.answered.count(&buffer.filled()[before..]);
            self.owed = self.owed.saturating_sub(answers);
            self.heard_something();
            return Poll::Ready(read);
        }
        if self.owed == 0 {
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        ready!(self.patience.as_mut().poll(cx));
        metrics::counter!("switchboard_database_silences_total").increment(1);
        tracing::warn!("a database connection is given up: it owes an answer and says nothing");
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "Postgres says nothing")))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        let asked = self.asked.count(&bytes[..written]);
        if self.owed == 0 && asked > 0 {
            // What was quiet until now had nothing to say; from now on silence counts, which
            // whoever reads has to be woken for.
            self.heard_something();
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
        }
        self.owed += asked;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Watches what is said within TLS, since messages cannot be told apart from without.
pub struct WatchedTls<T>(pub T);

impl<S, T> TlsConnect<Watched<S>> for WatchedTls<T>
where
    T: TlsConnect<S>,
    T::Future: Send + 'static,
    T::Error: 'static,
{
    type Stream = Watched<T::Stream>;
    type Error = T::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Stream, Self::Error>> + Send>>;

    fn connect(self, stream: Watched<S>) -> Self::Future {
        let handshake = self.0.connect(stream.stream);
        Box::pin(async { Ok(Watched::new(handshake.await?)) })
    }
}

impl<S: TlsStream + Unpin> TlsStream for Watched<S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.stream.channel_binding()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], length.as_slice(), body].concat()
    }

    fn startup() -> Vec<u8> {
        message(0, b"\0\x03\0\0user\0app\0\0").split_off(1)
    }

    #[test]
    fn messages_are_counted_however_they_are_cut() {
        let texts = [startup(), message(b'p', b"Q"), message(b'Q', b"select 1\0")];
        let more = [message(b'P', b"SQZ"), message(b'S', b""), message(b'X', b"")];
        let all: Vec<u8> = texts.into_iter().chain(more).flatten().collect();
        for size in 1..=all.len() {
            let mut asked = Messages::asked();
            let count: u64 = all.chunks(size).map(|chunk| asked.count(chunk)).sum();
            assert_eq!(count, 3, "in pieces of {size}");
        }
        let mut answered = Messages::answered();
        let heard = [message(b'D', b"ZZZZZZZZ"), message(b'Z', b"I"), message(b'Z', b"T")];
        assert_eq!(answered.count(&heard.concat()), 2);
    }

    #[tokio::test]
    async fn a_question_for_tls_that_is_declined_is_not_taken_for_a_message() {
        let (near, mut far) = tokio::io::duplex(1_024);
        let mut watched = Watched::asking_for_tls(near);
        let mut bytes = [0; 64];
        watched.write_all(b"\0\0\0\x08\x04\xd2\x16\x2f").await.unwrap();
        far.write_all(b"N").await.unwrap();
        assert_eq!(watched.read(&mut bytes).await.unwrap(), 1);
        assert_eq!(watched.owed, 0);
        watched.write_all(&startup()).await.unwrap();
        assert_eq!(watched.owed, 1);
        far.write_all(&message(b'Z', b"I")).await.unwrap();
        assert_eq!(watched.read(&mut bytes).await.unwrap(), 6);
        assert_eq!(watched.owed, 0);
    }

    #[tokio::test]
    async fn silence_ends_a_connection_only_while_an_answer_is_owed() {
        let (near, mut far) = tokio::io::duplex(1_024);
        let silence = Duration::from_millis(40);
        let mut watched = Watched::with(near, silence);
        let mut bytes = [0; 64];
        watched.write_all(&startup()).await.unwrap();
        far.write_all(&message(b'Z', b"I")).await.unwrap();
        assert!(watched.read(&mut bytes).await.unwrap() > 0);
        // Nothing is owed: it may be quiet for as long as it likes.
        let quiet = tokio::time::timeout(silence * 4, watched.read(&mut bytes)).await;
        assert!(quiet.is_err());
        // Of two questions one is answered.
        watched.write_all(&message(b'Q', b"a\0").repeat(2)).await.unwrap();
        far.write_all(&message(b'Z', b"I")).await.unwrap();
        assert!(watched.read(&mut bytes).await.unwrap() > 0);
        let ended = watched.read(&mut bytes).await.unwrap_err();
        assert_eq!(ended.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn whoever_asks_while_another_waits_to_read_is_not_waited_for_without_end() {
        let (near, _far) = tokio::io::duplex(1_024);
        let (mut reads, mut writes) =
            tokio::io::split(Watched::with(near, Duration::from_millis(40)));
        let reading = tokio::spawn(async move { reads.read(&mut [0; 64]).await });
        tokio::task::yield_now().await;
        writes.write_all(&startup()).await.unwrap();
        assert_eq!(reading.await.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
