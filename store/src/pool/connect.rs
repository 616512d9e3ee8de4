//! How a connection is made: reached, watched for silence, and set up.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use deadpool_postgres::Connect;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Purpose;
use super::silence::{SILENCE, Watched, WatchedTls};
use crate::postgres::{Address, unreachable};

/// No statement of the server's runs longer than this, in seconds; [`SILENCE`] is longer.
const STATEMENT_SECONDS: u32 = 15;
/// A transaction whose owner says nothing for this long is undone: until then it may hold what
/// others wait for, and its owner may be frozen, or gone without a word. In seconds.
const IDLE_SECONDS: u32 = 10;
/// A quiet connection is asked whether it is still there after this time.
const STILL_THERE: Duration = Duration::from_secs(10);
/// And then this often, until [`SILENCE`] is over: only when it is to be asked again is a connection
/// given up, and left to themselves systems wait more than a minute until then.
const ASKED_AGAIN: Duration = Duration::from_secs(5);
const REACHED_WITHIN: Duration = Duration::from_secs(5);
/// From being reached to the first answer.
const READY_WITHIN: Duration = Duration::from_secs(10);
const PORT: u16 = 5432;

/// Connects, sets the session up and drives it on a runtime of ours: left alone, a connection
/// lives and dies with whichever worker thread first asked for it.
#[derive(Clone)]
pub struct OnRuntime {
    pub runtime: Handle,
    pub purpose: Purpose,
    pub tls: MakeRustlsConnect,
}

type Made = Result<(Client, JoinHandle<()>), Error>;

impl Connect for OnRuntime {
    fn connect(&self, config: &Config) -> Pin<Box<dyn Future<Output = Made> + Send>> {
        let (mut config, runtime, tls) = (config.clone(), self.runtime.clone(), self.tls.clone());
        let session = session(self.purpose);
        notice_silence(&mut config);
        Box::pin(async move {
            let (client, driver) = made(&config, tls, &runtime).await?;
            client.batch_execute(&session).await?;
            Ok((client, driver))
        })
    }
}

/// A connection of its own, for short work as who owns the tables.
pub(crate) async fn alone(address: &Address) -> crate::Result<(Client, JoinHandle<()>)> {
    let Address { mut config, tls, .. } = address.clone();
    config.connect_timeout(REACHED_WITHIN);
    notice_silence(&mut config);
    let runtime = Handle::current();
    within(READY_WITHIN, made(&config, tls, &runtime)).await
}

/// The same for work that may take long: it is not given up while both sides are there. Either
/// notices when the other is gone, but for what a proxy between them holds open.
pub(crate) async fn unhurried(address: &Address) -> crate::Result<(Client, JoinHandle<()>)> {
    let Address { mut config, tls, .. } = address.clone();
    config.connect_timeout(REACHED_WITHIN);
    notice_silence(&mut config);
    let connecting = async {
        let (client, connection) = config.connect(tls).await?;
        Ok((client, tokio::spawn(drive(connection))))
    };
    within(READY_WITHIN, connecting).await
}

async fn within(
    time: Duration,
    connecting: impl Future<Output = Made>,
) -> crate::Result<(Client, JoinHandle<()>)> {
    let ready = async {
        let (client, driver) = connecting.await?;
        client.batch_execute(&notices_silence()).await?;
        Ok((client, driver))
    };
    match tokio::time::timeout(time, ready).await {
        Ok(ready) => ready.map_err(unreachable),
        Err(_) => Err(crate::Error::Unavailable("it does not answer".to_owned())),
    }
}

fn notice_silence(config: &mut Config) {
    config.keepalives_idle(STILL_THERE).keepalives_interval(ASKED_AGAIN);
    config.tcp_user_timeout(SILENCE);
}

async fn made(config: &Config, tls: MakeRustlsConnect, runtime: &Handle) -> Made {
    // Which of several hosts is meant, and whether it may be written to, is the library's art; it
    // hands out no stream that could be watched.
    if let ([host], [] | [_], []) = (config.get_hosts(), config.get_ports(), config.get_hostaddrs())
    {
        let port = config.get_ports().first().copied().unwrap_or(PORT);
        // Where it is not reached the library tries as well, and says better what is wrong.
        match host {
            Host::Tcp(name) => {
                if let Ok(stream) = tcp(name, port).await {
                    return watched(config, stream, name, tls, runtime).await;
                }
            }
            #[cfg(unix)]
            Host::Unix(folder) => {
                let path = folder.join(format!(".s.PGSQL.{port}"));
                if let Ok(stream) = UnixStream::connect(path).await {
                    // Nobody is on the way.
                    let (client, connection) =
                        config.connect_raw(Watched::new(stream), NoTls).await?;
                    return Ok((client, runtime.spawn(drive(connection))));
                }
            }
        }
    }
    let (client, connection) = config.connect(tls).await?;
    Ok((client, runtime.spawn(drive(connection))))
}

async fn watched(
    config: &Config,
    stream: TcpStream,
    name: &str,
    mut tls: MakeRustlsConnect,
    runtime: &Handle,
) -> Made {
    if config.get_ssl_mode() == SslMode::Disable {
        let (client, connection) = config.connect_raw(Watched::new(stream), NoTls).await?;
        return Ok((client, runtime.spawn(drive(connection))));
    }
    let Ok(tls) = MakeTlsConnect::<TcpStream>::make_tls_connect(&mut tls, name);
    let connecting = config.connect_raw(Watched::asking_for_tls(stream), WatchedTls(tls));
    let (client, connection) = connecting.await?;
    Ok((client, runtime.spawn(drive(connection))))
}

async fn tcp(name: &str, port: u16) -> io::Result<TcpStream> {
    let connecting = tokio::time::timeout(REACHED_WITHIN, TcpStream::connect((name, port)));
    let stream = connecting.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    stream.set_nodelay(true)?;
    let socket = SockRef::from(&stream);
    let asked = TcpKeepalive::new().with_time(STILL_THERE).with_interval(ASKED_AGAIN);
    socket.set_tcp_keepalive(&asked)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(SILENCE))?;
    Ok(stream)
}

async fn drive<S, T>(connection: Connection<S, T>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a database connection ended");
    }
}

/// Postgres, too, is to notice that we are gone: whoever is quiet is asked, and what it sends is to be
/// acknowledged, or for a quarter of an hour it would neither ask nor end.
fn notices_silence() -> String {
    format!(
        "set tcp_keepalives_idle = {idle}; set tcp_keepalives_interval = {again}; \
         set tcp_keepalives_count = 3; set tcp_user_timeout = '{silence}s'",
        idle = STILL_THERE.as_secs(),
        again = ASKED_AGAIN.as_secs(),
        silence = SILENCE.as_secs(),
    )
}

/// What every session begins with. Tables are not read from end to end: all that the server asks for
/// has an index, and what is small now will not stay so.
///
/// What a writer asks, it asks by the name of each row, whatever the lists it is given hold: one
/// plan is right for all of them. Left to choose, Postgres plans the look of nearly every commit
/// anew, since the plan for a short list seems cheaper to it.
fn session(purpose: Purpose) -> String {
    let plans = match purpose {
        Purpose::Reading => "auto",
        Purpose::Writing => "force_generic_plan",
    };
    format!(
        "set role switchboard_app; set synchronous_commit = on; \
         set statement_timeout = '{STATEMENT_SECONDS}s'; \
         set idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'; \
         {notices_silence}; \
         set enable_seqscan = off; \
         set plan_cache_mode = {plans}; \
         set time zone 'UTC'",
        notices_silence = notices_silence(),
    )
}
