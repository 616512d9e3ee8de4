//! Where a Postgres is, as whom it is spoken to, and how the way to it is protected.
//!
//! `sslmode` and `sslrootcert` mean what they mean to libpq (its manual, "SSL Support"), but that
//! authorities which no `sslrootcert` names are those that browsers trust.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme,
};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Error;

#[derive(Debug, thiserror::Error)]
pub enum BadAddress {
    #[error("it looks like postgres://user:password@host:5432/database")]
    Unreadable,
    #[error(
        "sslmode is one of disable, allow, prefer, require, verify-ca and verify-full, not {0:?}"
    )]
    Mode(String),
    #[error("the certificates of sslrootcert, {}, could not be read: {why}", path.display())]
    Roots { path: PathBuf, why: String },
}

/// How much is known of who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Nothing is encrypted.
    None,
    /// Encrypted where Postgres can; whoever is on the way can read along all the same, or pretend
    /// to be it.
    Preferred,
    /// Encrypted, with whoever answers.
    Encrypted,
    /// Encrypted, with somebody whom an authority vouches for, whatever the name.
    Authority,
    /// Encrypted, with whom the address names.
    Verified,
}

/// The address of a database. Prints without its password.
#[derive(Clone)]
pub struct Address {
    pub(crate) config: Config,
    pub(crate) tls: MakeRustlsConnect,
    protection: Protection,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("hosts", &self.config.get_hosts())
            .field("database", &self.config.get_dbname())
            .field("protection", &self.protection)
            .finish()
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    /// Reads an address in one of libpq's two forms, and the file that its `sslrootcert` names.
    fn from_str(text: &str) -> Result<Address, BadAddress> {
        let Parts { rest, mode, roots } = Parts::of(text)?;
        let mut config: Config = rest.parse().map_err(|_| BadAddress::Unreadable)?;
        let (ssl, protection) = match (mode.as_deref(), &roots) {
            (Some("disable"), _) => (SslMode::Disable, Protection::None),
            (None | Some("allow" | "prefer"), _) => (SslMode::Prefer, Protection::Preferred),
            (Some("require"), None) => (SslMode::Require, Protection::Encrypted),
            (Some("require" | "verify-ca"), _) => (SslMode::Require, Protection::Authority),
            (Some("verify-full"), _) => (SslMode::Require, Protection::Verified),
            (Some(other), _) => return Err(BadAddress::Mode(other.to_owned())),
        };
        config.ssl_mode(ssl);
        let tls = connector(protection, roots.as_deref())?;
        Ok(Address { config, tls, protection })
    }
}

impl Address {
    pub fn protection(&self) -> Protection {
        self.protection
    }

    /// Whether what is said passes through a network.
    pub fn is_remote(&self) -> bool {
        self.config.get_hosts().iter().any(|host| match host {
            Host::Tcp(name) => {
                let loopback = name.parse::<std::net::IpAddr>().map(|ip| ip.is_loopback());
                name != "localhost" && !loopback.unwrap_or(false)
            }
            #[cfg(unix)]
            Host::Unix(_) => false,
        })
    }
}

/// Whoever cannot connect is told why, which the library keeps for the cause.
pub(crate) fn unreachable(error: tokio_postgres::Error) -> Error {
    use std::error::Error as _;
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    let said = error.to_string();
    Error::Unavailable(if said.ends_with(&cause) { said } else { said + &cause })
}

/// An address without what only this file understands.
struct Parts {
    rest: String,
    mode: Option<String>,
    roots: Option<PathBuf>,
}

impl Parts {
    fn of(text: &str) -> Result<Parts, BadAddress> {
        let (mut mode, mut roots) = (None, None);
        let mut is_ours = |pair: &str| match pair.split_once('=') {
            Some(("sslmode", value)) => {
                mode = Some(value.to_owned());
                true
            }
            Some(("sslrootcert", value)) => {
                roots = Some(value.to_owned()).filter(|value| value != "system");
                true
            }
            _ => false,
        };
        let rest = if let Some((place, query)) = text.split_once('?') {
            let rest: Vec<&str> = query.split('&').filter(|pair| !is_ours(pair)).collect();
            if rest.is_empty() { place.to_owned() } else { format!("{place}?{}", rest.join("&")) }
        } else if text.contains("://") {
            text.to_owned()
        } else {
            // The other form: pairs between spaces. A value in quotes may hold spaces, and is left
            // to whoever understands them.
            text.split(' ').filter(|pair| !is_ours(pair)).collect::<Vec<_>>().join(" ")
        };
        let roots = roots.map(|path| decoded(&path)).transpose()?;
        Ok(Parts { rest, mode, roots: roots.map(PathBuf::from) })
    }
}

fn decoded(text: &str) -> Result<String, BadAddress> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, more) = rest.split_at_checked(2).ok_or(BadAddress::Unreadable)?;
        let digits = str::from_utf8(digits).map_err(|_| BadAddress::Unreadable)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| BadAddress::Unreadable)?);
        rest = more;
    }
    String::from_utf8(bytes).map_err(|_| BadAddress::Unreadable)
}

fn connector(
    protection: Protection,
    roots: Option<&Path>,
) -> Result<MakeRustlsConnect, BadAddress> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let check = Arc::new(Check {
        chain: match protection {
            Protection::None | Protection::Preferred | Protection::Encrypted => None,
            Protection::Authority | Protection::Verified => Some(chain(roots, &provider)?),
        },
        any_name: protection != Protection::Verified,
        provider: provider.clone(),
    });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring knows TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(check)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn chain(
    roots: Option<&Path>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, BadAddress> {
    let mut store = RootCertStore::empty();
    let build = |store: RootCertStore| {
        WebPkiServerVerifier::builder_with_provider(store.into(), provider.clone()).build()
    };
    let Some(path) = roots else {
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        return Ok(build(store).expect("there are authorities"));
    };
    let bad = |why: String| BadAddress::Roots { path: path.to_owned(), why };
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| bad(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| bad(error.to_string()))?;
        store.add(certificate).map_err(|error| bad(error.to_string()))?;
    }
    build(store).map_err(|_| bad("there are none in it".to_owned()))
}

/// Checks as much of a certificate as the address asks for, and always that whoever shows it holds
/// its key.
#[derive(Debug)]
struct Check {
    chain: Option<Arc<WebPkiServerVerifier>>,
    any_name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Check {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        let checked = chain.verify_server_cert(end_entity, intermediates, server_name, ocsp, now);
        match checked {
            // The name is what is looked at last.
            Err(TlsError::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.any_name => Ok(ServerCertVerified::assertion()),
            checked => checked,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protection(text: &str) -> Result<Protection, String> {
        text.parse().map(|address: Address| address.protection()).map_err(|e| e.to_string())
    }

    #[test]
    fn an_address_says_how_its_way_is_protected() {
        for (text, expected) in [
            ("postgres://ana:secret@db/app", Protection::Preferred),
            ("host=/run/postgres user=ana dbname=app", Protection::Preferred),
            ("host=db user=ana sslmode=disable", Protection::None),
            ("postgres://db/app?sslmode=disable", Protection::None),
            ("postgres://db/app?sslmode=require&application_name=x", Protection::Encrypted),
            ("postgres://db/app?sslmode=verify-ca", Protection::Authority),
            ("host=db sslmode=verify-full sslrootcert=system", Protection::Verified),
            ("postgres://db/app?sslrootcert=system&sslmode=verify-full", Protection::Verified),
        ] {
            assert_eq!(protection(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let refused = |text| protection(text).unwrap_err();
        assert!(refused("postgres://db/app?sslmode=on").contains("not \"on\""));
        assert!(refused("postgres//db").contains("it looks like"));
        let file = refused("postgres://db/app?sslmode=verify-ca&sslrootcert=/no%20where.pem");
        assert!(file.contains("/no where.pem"), "{file}");
        assert!(refused("postgres://db/app?sslrootcert=/%zz&sslmode=require").contains("looks"));
    }

    #[test]
    fn a_password_is_never_printed() {
        let address: Address = "postgres://ana:secret@db/app".parse().unwrap();
        assert!(!format!("{address:?}").contains("secret"));
        assert!(address.is_remote());
        for near in ["postgres://127.0.0.1/app", "postgres://localhost/app", "host=/run user=a"] {
            assert!(!near.parse::<Address>().unwrap().is_remote(), "{near}");
        }
    }
}
