//! Where a Redis is, and how it is spoken to.

use std::fmt;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::io::tcp::{TcpSettings, socket2::TcpKeepalive};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo,
    ProtocolVersion, PushInfo, RedisResult, TlsCertificates,
};

/// A server that does not answer for this long is taken to be away.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// What was sent and is not acknowledged by then ends the connection.
const UNACKNOWLEDGED_FOR: Duration = Duration::from_secs(6);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error(
        "it looks like redis://user:password@host:6379, or rediss:// for TLS; several are \
         separated by commas"
    )]
    Unreadable,
    #[error("TLS without a check of the certificate is no protection; name a `ca_file` instead")]
    Insecure,
    #[error("the certificates in `ca_file` could not be read: {0}")]
    Certificates(String),
    #[error("{0} is named twice")]
    Twice(String),
}

/// One server. Prints without its password.
#[derive(Clone)]
pub struct Address {
    client: Client,
    shown: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// What a look at a server found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// Such as `7.2.4`.
    pub version: String,
}

impl Address {
    /// Reads addresses separated by commas. `ca`: the certificates, in PEM, that a server over TLS
    /// is checked against, instead of those the world trusts.
    pub fn parse_all(text: &str, ca: Option<&[u8]>) -> Result<Vec<Address>, BadAddress> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let all = parts.map(|part| Address::parse(part, ca)).collect::<Result<Vec<_>, _>>()?;
        if all.is_empty() {
            return Err(BadAddress::Unreadable);
        }
        for (place, address) in all.iter().enumerate() {
            if all[..place].iter().any(|other| other.shown == address.shown) {
                return Err(BadAddress::Twice(address.shown.clone()));
            }
        }
        Ok(all)
    }

    fn parse(text: &str, ca: Option<&[u8]>) -> Result<Address, BadAddress> {
        let info = text.into_connection_info().map_err(|_| BadAddress::Unreadable)?;
        if let ConnectionAddr::TcpTls { insecure: true, .. } = info.addr() {
            return Err(BadAddress::Insecure);
        }
        let shown = info.addr().to_string();
        let is_tls = matches!(info.addr(), ConnectionAddr::TcpTls { .. });
        let info = tuned(info);
        let client = match ca {
            Some(ca) if is_tls => {
                let root_cert = Some(ca.to_vec());
                let certificates = TlsCertificates { client_tls: None, root_cert };
                Client::build_with_tls(info, certificates)
                    .map_err(|error| BadAddress::Certificates(error.to_string()))?
            }
            _ => Client::open(info).map_err(|_| BadAddress::Unreadable)?,
        };
        Ok(Address { client, shown })
    }

    /// Connects, and hands what is published to `heard`.
    pub async fn connect(
        &self,
        heard: impl Fn(PushInfo) -> Result<(), ()> + Send + Sync + 'static,
    ) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER_WITHIN))
            .set_response_timeout(Some(ANSWER_WITHIN))
            .set_push_sender(heard);
        self.client.get_multiplexed_async_connection_with_config(&config).await
    }

    /// Looks whether the server answers and lets us publish and subscribe.
    pub async fn probe(&self) -> RedisResult<Probed> {
        let mut connection = self.connect(|_| Ok(())).await?;
        let channel = format!("switchboard:{}:doctor", super::super::letter::FORMAT);
        connection.subscribe(&channel).await?;
        let published = redis::cmd("PUBLISH").arg(&channel).arg("").to_owned();
        let _: i64 = published.query_async(&mut connection).await?;
        let told: redis::Value = redis::cmd("HELLO").query_async(&mut connection).await?;
        let fields: std::collections::HashMap<String, redis::Value> =
            redis::from_redis_value(told)?;
        let version = fields.get("version").cloned().map(redis::from_redis_value::<String>);
        Ok(Probed { version: version.transpose()?.unwrap_or_default() })
    }
}

/// Answers at once, and notices a peer that is gone without a word.
fn tuned(info: ConnectionInfo) -> ConnectionInfo {
    let settings = info.redis_settings().clone();
    // Naming the library would take another right, and older servers do not know it.
    let settings = settings.set_protocol(ProtocolVersion::RESP3).set_skip_set_lib_name();
    let keepalive =
        TcpKeepalive::new().with_time(ANSWER_WITHIN).with_interval(Duration::from_secs(1));
    let tcp = TcpSettings::default()
        .set_nodelay(true)
        .set_keepalive(keepalive)
        .set_user_timeout(UNACKNOWLEDGED_FOR);
    info.set_redis_settings(settings).set_tcp_settings(tcp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_printed_without_their_passwords() {
        let text = "redis://ana:secret@one:6379/2, rediss://two:7000";
        let all = Address::parse_all(text, None).unwrap();
        assert_eq!(format!("{all:?}"), "[one:6379, two:7000]");
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said() {
        for bad in ["", " , ", "localhost:6379", "http://x", "redis://", "redis://a/b"] {
            assert_eq!(Address::parse_all(bad, None).unwrap_err(), BadAddress::Unreadable, "{bad}");
        }
        let insecure = Address::parse_all("rediss://x/#insecure", None).unwrap_err();
        assert_eq!(insecure, BadAddress::Insecure);
        let twice = Address::parse_all("redis://x:1,redis://x:1", None).unwrap_err();
        assert_eq!(twice, BadAddress::Twice("x:1".to_owned()));
        let garbled = Address::parse_all("rediss://x", Some(b"-----BEGIN CERTIFICATE-----\n?"));
        assert!(matches!(garbled, Err(BadAddress::Certificates(_))), "{garbled:?}");
    }
}
