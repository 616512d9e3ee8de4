//! Connections to platforms. Those on which a call went unanswered are left behind together: whatever
//! swallowed one of them, a firewall that forgot or a peer that is gone without a word, is likely to
//! have swallowed the others that wait to be used again, and each would cost a call its whole time.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::{Client, ClientBuilder};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Open connections to one host that wait for their next use, and for how long: shorter than large
/// sites keep theirs, since a call on one that is just being closed may or may not have been made.
const IDLE_PER_HOST: usize = 32;
const IDLE_FOR: Duration = Duration::from_secs(30);
/// A quiet connection is asked whether it is still there this often, and what is sent is
/// acknowledged within this time, or the connection is given up.
const STILL_THERE: Duration = Duration::from_secs(10);
const GIVEN_UP_AFTER: Duration = Duration::from_secs(20);

/// A client, and as which of its kind.
#[derive(Debug, Clone)]
pub struct Wire {
    pub client: Client,
    number: u64,
}

type Build = Box<dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync>;

#[derive(Clone)]
pub struct Wires {
    build: Arc<Build>,
    now: Arc<Mutex<Wire>>,
}

impl Wires {
    /// `build` adds to what all clients have.
    pub fn new(
        build: impl Fn(ClientBuilder) -> ClientBuilder + Send + Sync + 'static,
    ) -> reqwest::Result<Wires> {
        let client = build(common()).build()?;
        let now = Arc::new(Mutex::new(Wire { client, number: 0 }));
        Ok(Wires { build: Arc::new(Box::new(build)), now })
    }

    pub fn get(&self) -> Wire {
        self.now.lock().clone()
    }

    /// Begins anew, unless that was done since `deaf` was taken. Calls under way end as they are.
    pub fn leave(&self, deaf: &Wire) {
        let mut now = self.now.lock();
        if now.number != deaf.number {
            return;
        }
        match (self.build)(common()).build() {
            Ok(client) => *now = Wire { client, number: deaf.number + 1 },
            Err(error) => tracing::debug!(%error, "connections could not be left behind"),
        }
    }
}

fn common() -> ClientBuilder {
    let builder = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_WITHIN)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .pool_idle_timeout(IDLE_FOR)
        .tcp_keepalive(STILL_THERE)
        .http2_keep_alive_interval(STILL_THERE)
        .http2_keep_alive_timeout(STILL_THERE)
        .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")));
    #[cfg(target_os = "linux")]
    let builder = builder.tcp_user_timeout(GIVEN_UP_AFTER);
    builder
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers the first call of each of the first two connections, and then hears nothing more on
    /// them; answers everything on those that come later.
    async fn deaf_after_one(listener: TcpListener) {
        for nth in 0.. {
            let Ok((mut socket, _)) = listener.accept().await else { return };
            tokio::spawn(async move {
                let (mut heard, mut answers) = ([0; 4_096], 0);
                while socket.read(&mut heard).await.is_ok_and(|n| n > 0) {
                    if nth < 2 && answers == 1 {
                        continue;
                    }
                    answers += 1;
                    let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                }
            });
        }
    }

    #[tokio::test]
    async fn after_one_call_that_nobody_answered_no_other_is_made_on_an_old_connection() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        tokio::spawn(deaf_after_one(listener));
        let wires = Wires::new(|builder| builder).expect("a client");
        let call = |wire: Wire| {
            let request = wire.client.get(url.as_str()).timeout(Duration::from_millis(300));
            async move { request.send().await }
        };
        let (one, two) = tokio::join!(call(wires.get()), call(wires.get()));
        assert!(one.is_ok() && two.is_ok());
        let wire = wires.get();
        assert!(call(wire.clone()).await.is_err_and(|error| error.is_timeout()));
        wires.leave(&wire);
        wires.leave(&wire);
        assert!(call(wires.get()).await.is_ok());
        assert_eq!(wires.get().number, 1);
    }
}
