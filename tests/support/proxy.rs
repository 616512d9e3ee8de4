//! A wire between two programs that can be cut, stopped, slowed and forgotten.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio_postgres::config::Host;

/// Bytes carried at once.
const CHUNK: usize = 16 * 1024;

/// Where a wire leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl Target {
    /// The Postgres of this address.
    pub fn postgres(url: &str) -> Target {
        let config: tokio_postgres::Config = url.parse().unwrap();
        let port = config.get_ports().first().copied().unwrap_or(5432);
        match &config.get_hosts()[0] {
            Host::Unix(folder) => Target::Unix(folder.join(format!(".s.PGSQL.{port}"))),
            Host::Tcp(host) => Target::Tcp(format!("{host}:{port}").parse().unwrap()),
        }
    }
}

/// How a wire carries what is given to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Condition {
    #[default]
    Clear,
    /// What is sent comes later by this much.
    Slow(Duration),
    /// So many bytes in a second, each way.
    Narrow(u32),
    /// Nothing is carried, and nobody is told. What was sent comes when the wire is clear again.
    Stalled,
    /// Whoever connects is reset.
    Down,
}

/// What every connection of a wire watches.
#[derive(Debug, Clone, Default)]
struct Weather {
    condition: Condition,
    /// Connections that were made before this one are reset.
    cut_before: u64,
    /// Connections that were made before this one carry nothing any more, and nobody is told.
    deaf_before: u64,
    targets: Vec<Target>,
}

/// A wire: an address that leads to one of its targets. It is gone when this is dropped.
pub struct Link {
    address: SocketAddr,
    weather: Arc<watch::Sender<Weather>>,
    made: Arc<AtomicU64>,
    listening: tokio::task::JoinHandle<()>,
}

impl Link {
    pub async fn to(targets: Vec<Target>) -> Link {
        Link::at(Ipv4Addr::LOCALHOST.into(), targets).await
    }

    /// Listens now, though its targets may not be there yet. With several, whoever connects comes
    /// to the next that answers.
    pub async fn at(address: IpAddr, targets: Vec<Target>) -> Link {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let weather = Weather { targets, ..Weather::default() };
        let (weather, watched) = watch::channel(weather);
        let made = Arc::new(AtomicU64::new(0));
        let listening = tokio::spawn(listen(listener, watched, Arc::clone(&made)));
        Link { address, weather: Arc::new(weather), made, listening }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a database behind this wire.
    pub fn to_database(&self, database: &tokio_postgres::Config) -> String {
        let password = String::from_utf8_lossy(database.get_password().unwrap_or_default());
        format!(
            "postgresql://{}:{password}@{}/{}",
            database.get_user().unwrap_or_default(),
            self.address,
            database.get_dbname().unwrap_or_default(),
        )
    }

    /// How many connections were ever made.
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::SeqCst)
    }

    /// Leads new connections elsewhere.
    pub fn lead(&self, targets: Vec<Target>) {
        self.weather.send_modify(|weather| weather.targets = targets);
    }

    pub fn set(&self, condition: Condition) {
        self.weather.send_modify(|weather| weather.condition = condition);
    }

    /// Resets every connection. New ones may be made.
    pub fn cut(&self) {
        let now = self.made.load(Ordering::SeqCst);
        self.weather.send_modify(|weather| weather.cut_before = now);
    }

    /// Every connection becomes half-open: it stays, and carries nothing. New ones may be made.
    pub fn forget(&self) {
        let now = self.made.load(Ordering::SeqCst);
        self.weather.send_modify(|weather| weather.deaf_before = now);
    }

    /// All is well for new connections, and for those that were not lost.
    pub fn heal(&self) {
        self.set(Condition::Clear);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, weather: watch::Receiver<Weather>, made: Arc<AtomicU64>) {
    let turn = Arc::new(AtomicUsize::new(0));
    loop {
        let Ok((near, _)) = listener.accept().await else { continue };
        let number = made.fetch_add(1, Ordering::SeqCst);
        let (weather, turn) = (weather.clone(), Arc::clone(&turn));
        tokio::spawn(async move { connect(near, number, weather, &turn).await });
    }
}

/// Closes a connection as a peer that knows nothing of it would.
fn reset(stream: &TcpStream) {
    let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

/// A connection, however it is made.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn connect(
    near: TcpStream,
    number: u64,
    mut weather: watch::Receiver<Weather>,
    turn: &AtomicUsize,
) {
    let _ = near.set_nodelay(true);
    let _ = weather.wait_for(|weather| weather.condition != Condition::Stalled).await;
    let now = weather.borrow().clone();
    let far = match now.condition {
        Condition::Down => None,
        _ => reach(&now.targets, turn.fetch_add(1, Ordering::SeqCst)).await,
    };
    let Some(far) = far else { return reset(&near) };
    // Read through halves, reset through the descriptor. Halves that are owned apart would say
    // goodbye when they go.
    let watched = socket2::SockRef::from(&near).try_clone().unwrap();
    let (near_reads, near_writes) = tokio::io::split(near);
    let (far_reads, far_writes) = tokio::io::split(far);
    let there = carry(near_reads, far_writes, number, weather.clone());
    let back = carry(far_reads, near_writes, number, weather.clone());
    let carried = async { tokio::join!(there, back) };
    let cut = weather.wait_for(|weather| weather.cut_before > number);
    let was_cut = tokio::select! {
        _ = carried => false,
        _ = cut => true,
    };
    if was_cut {
        let _ = watched.set_linger(Some(Duration::ZERO));
    }
}

/// The first target from this one on that takes the connection.
async fn reach(targets: &[Target], turn: usize) -> Option<Box<dyn Stream>> {
    for step in 0..targets.len() {
        let far: Option<Box<dyn Stream>> = match &targets[(turn + step) % targets.len()] {
            Target::Tcp(address) => match TcpStream::connect(address).await {
                Ok(stream) => {
                    let _ = stream.set_nodelay(true);
                    Some(Box::new(stream))
                }
                Err(_) => None,
            },
            Target::Unix(path) => match UnixStream::connect(path).await {
                Ok(stream) => Some(Box::new(stream)),
                Err(_) => None,
            },
        };
        if far.is_some() {
            return far;
        }
    }
    None
}

/// Carries one direction as the weather allows, until one side ends it.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    number: u64,
    mut weather: watch::Receiver<Weather>,
) {
    let mut bytes = vec![0; CHUNK];
    while let Ok(count) = from.read(&mut bytes).await {
        if weather.borrow().deaf_before > number {
            if count == 0 {
                // Not even the end of it comes to the other side.
                return std::future::pending().await;
            }
            continue;
        }
        let condition = loop {
            let condition = weather.borrow_and_update().condition;
            if condition != Condition::Stalled {
                break condition;
            }
            if weather.changed().await.is_err() {
                return;
            }
        };
        match condition {
            Condition::Slow(by) => tokio::time::sleep(by).await,
            Condition::Narrow(bytes) => {
                let share = count as f64 / f64::from(bytes.max(1));
                tokio::time::sleep(Duration::from_secs_f64(share)).await;
            }
            Condition::Clear | Condition::Stalled | Condition::Down => {}
        }
        if count == 0 || to.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A listener that answers whatever it hears with the same.
    async fn echo() -> Target {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut reads, mut writes) = stream.into_split();
                    tokio::io::copy(&mut reads, &mut writes).await
                });
            }
        });
        Target::Tcp(address)
    }

    async fn heard(stream: &mut TcpStream, said: &[u8]) -> std::io::Result<bool> {
        stream.write_all(said).await?;
        let mut heard = vec![0; said.len()];
        stream.read_exact(&mut heard).await?;
        Ok(heard == said)
    }

    #[tokio::test]
    async fn a_wire_that_is_cut_resets_and_one_that_is_down_refuses() {
        let link = Link::to(vec![echo().await]).await;
        let mut stream = TcpStream::connect(link.address()).await.unwrap();
        assert!(heard(&mut stream, b"one").await.unwrap());
        link.cut();
        let lost = heard(&mut stream, b"two").await.unwrap_err();
        assert_ne!(lost.kind(), std::io::ErrorKind::UnexpectedEof, "a reset, not an end: {lost}");
        let mut again = TcpStream::connect(link.address()).await.unwrap();
        assert!(heard(&mut again, b"three").await.unwrap());
        link.set(Condition::Down);
        let mut refused = TcpStream::connect(link.address()).await.unwrap();
        assert!(heard(&mut refused, b"four").await.is_err());
        assert!(heard(&mut again, b"five").await.unwrap(), "what is there stays");
    }

    #[tokio::test]
    async fn a_wire_that_is_stalled_brings_everything_later() {
        let link = Link::to(vec![echo().await]).await;
        let mut stream = TcpStream::connect(link.address()).await.unwrap();
        assert!(heard(&mut stream, b"one").await.unwrap());
        link.set(Condition::Stalled);
        stream.write_all(b"two").await.unwrap();
        let mut bytes = [0; 3];
        let silence = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut bytes));
        assert!(silence.await.is_err(), "nothing comes");
        link.heal();
        stream.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"two");
    }

    #[tokio::test]
    async fn a_half_open_wire_stays_silent_and_a_new_one_works() {
        let link = Link::to(vec![echo().await]).await;
        let mut deaf = TcpStream::connect(link.address()).await.unwrap();
        assert!(heard(&mut deaf, b"one").await.unwrap());
        link.forget();
        let silence = tokio::time::timeout(Duration::from_millis(50), heard(&mut deaf, b"two"));
        assert!(silence.await.is_err(), "neither an answer nor an end");
        let mut fresh = TcpStream::connect(link.address()).await.unwrap();
        assert!(heard(&mut fresh, b"three").await.unwrap());
    }

    #[tokio::test]
    async fn whoever_connects_comes_to_the_next_that_answers() {
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let link = Link::to(vec![Target::Tcp(nobody), echo().await]).await;
        for _ in 0..4 {
            let mut stream = TcpStream::connect(link.address()).await.unwrap();
            assert!(heard(&mut stream, b"hello").await.unwrap());
        }
    }
}
