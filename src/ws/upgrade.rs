//! Takes a socket out of HTTP: the request for it is answered by the same application as every
//! other, and from then on its bytes pass between the network and the session alone.
//!
//! The HTTP library would go on carrying them, with the buffers of a request and of a response, 8
//! KiB each, for as long as the socket is open. A websocket mostly waits, so here it has none.

use std::cell::RefCell;
use std::future::{Ready, poll_fn, ready};
use std::io;
use std::net::Shutdown;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready as ready_or_pending};
use std::time::Duration;

use actix_codec::{Encoder, Framed};
use actix_http::body::{BodySize, BoxBody, MessageBody};
use actix_http::error::PayloadError;
use actix_http::h1::{Codec, Message};
use actix_http::{ConnectionType, HttpMessage, Method, Request, Response};
use actix_web::dev::{Payload, Service, ServiceFactory, ServiceResponse, forward_ready};
use actix_web::http::StatusCode;
use actix_web::rt::net::TcpStream;
use actix_web::{FromRequest, HttpRequest};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use futures_util::future::LocalBoxFuture;
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use crate::http::problem::Failure;

/// The most that is read at once.
const READ_BYTES: usize = 16 * 1024;
/// How long the other end has to read what was sent last: a socket that is closed while bytes wait
/// to be read is reset, and takes along what it was still to deliver.
const LINGER: Duration = Duration::from_secs(2);

thread_local! {
    /// Where a thread reads, one socket at a time: a socket that waits needs no room of its own.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into_boxed_slice());
}

/// What comes in over a socket that has left HTTP.
#[derive(Debug)]
pub struct Incoming {
    socket: OwnedReadHalf,
    /// What came together with the request.
    early: Bytes,
}

impl FromRequest for Incoming {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions_mut().remove::<Incoming>();
        let words = "this is a websocket's address: ask to upgrade to `websocket`";
        ready(found.ok_or_else(|| Failure::invalid(words)))
    }
}

impl Stream for Incoming {
    type Item = Result<Bytes, PayloadError>;

    /// Ends when the other end is gone, however it went.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.early.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.early))));
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let mut read = ReadBuf::new(scratch);
            let polled = Pin::new(&mut self.socket).poll_read(cx, &mut read);
            let came = ready_or_pending!(polled).map(|()| read.filled());
            Poll::Ready(match came {
                Ok([]) | Err(_) => None,
                Ok(bytes) => Some(Ok(Bytes::copy_from_slice(bytes))),
            })
        })
    }
}

/// The service for requests to leave HTTP: the same application as for every other.
pub struct Upgrades<F> {
    application: Rc<F>,
}

impl<F> Upgrades<F> {
    pub fn of(application: F) -> Upgrades<F> {
        Upgrades { application: Rc::new(application) }
    }
}

impl<F, B> ServiceFactory<(Request, Framed<TcpStream, Codec>)> for Upgrades<F>
where
    F: ServiceFactory<
            Request,
            Config = (),
            Response = ServiceResponse<B>,
            Error = actix_web::Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    type Response = ();
    type Error = actix_web::Error;
    type Config = ();
    type Service = Upgrade<F::Service>;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<Self::Service, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let application = self.application.clone();
        Box::pin(
            async move { Ok(Upgrade { application: Rc::new(application.new_service(()).await?) }) },
        )
    }
}

pub struct Upgrade<A> {
    application: Rc<A>,
}

impl<A, B> Service<(Request, Framed<TcpStream, Codec>)> for Upgrade<A>
where
    A: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ();
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<(), actix_web::Error>>;

    forward_ready!(application);

    fn call(&self, (request, framed): (Request, Framed<TcpStream, Codec>)) -> Self::Future {
        let application = self.application.clone();
        Box::pin(async move { answer(&*application, request, framed).await })
    }
}

/// Answers a request to leave HTTP, and carries what follows until one of the ends has had enough.
async fn answer<A, B>(
    app: &A,
    request: Request,
    framed: Framed<TcpStream, Codec>,
) -> Result<(), actix_web::Error>
where
    A: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody + 'static,
{
    let wants_body = request.method() != Method::HEAD;
    let parts = framed.into_parts();
    let (read, write) = parts.io.into_split();
    let early = Bytes::copy_from_slice(&parts.read_buf);
    drop(parts.read_buf);
    request.extensions_mut().insert(Incoming { socket: read, early });
    let response = match app.call(request).await {
        Ok(response) => Response::from(response.into_parts().1).map_into_boxed_body(),
        Err(error) => Response::from(error),
    };
    let response = match wants_body {
        true => response,
        false => response.map_body(|_, _| BoxBody::new(())),
    };
    // Nobody is left to be told of a socket that fails.
    let _ = carry(write, parts.codec, parts.write_buf, response).await;
    Ok(())
}

async fn carry<B: MessageBody>(
    mut socket: OwnedWriteHalf,
    mut codec: Codec,
    mut buffer: BytesMut,
    response: Response<B>,
) -> io::Result<()> {
    let is_open = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let size = response.body().size();
    let (mut head, body) = response.into_parts();
    if !is_open {
        head.head_mut().set_connection_type(ConnectionType::Close);
    }
    codec.encode(Message::Item((head, size)), &mut buffer)?;
    socket.write_all(&buffer).await?;
    drop(buffer);
    if !matches!(size, BodySize::None | BodySize::Sized(0)) {
        send(&mut socket, body).await?;
    }
    leave(&socket).await
}

/// Sends what the session has for the other end, each piece once the one before it has left: a
/// session whose client does not read is not asked for more.
async fn send<B: MessageBody>(socket: &mut OwnedWriteHalf, body: B) -> io::Result<()> {
    let mut body = pin!(body);
    while let Some(piece) = poll_fn(|cx| body.as_mut().poll_next(cx)).await {
        let piece = piece.map_err(|error| io::Error::other(error.into().to_string()))?;
        socket.write_all(&piece).await?;
    }
    Ok(())
}

/// Says that nothing more comes, and lets the other end read what came last.
async fn leave(socket: &OwnedWriteHalf) -> io::Result<()> {
    let socket = socket.as_ref();
    socket2::SockRef::from(socket).shutdown(Shutdown::Write)?;
    let gone = async {
        loop {
            socket.readable().await?;
            let read = SCRATCH.with_borrow_mut(|scratch| socket.try_read(scratch));
            match read {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    };
    tokio::time::timeout(LINGER, gone).await.unwrap_or(Ok(()))
}
