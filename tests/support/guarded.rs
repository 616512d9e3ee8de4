//! A Postgres and a Redis that speak TLS and nothing else, with an authority of a test's own.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use switchboard::cluster::binaries::Binaries;
use switchboard::cluster::{Cluster, Options};

use super::process::free_port;
use super::socket::PATIENCE;

/// Whose certificates are for `localhost`, and for no number.
pub struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    pub fn new() -> Authority {
        let folder = tempfile::tempdir().unwrap();
        // Servers that have a user of their own are to read in it.
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let mut own = CertificateParams::new(vec![]).unwrap();
        let name = uuid::Uuid::now_v7().to_string();
        own.distinguished_name.push(DnType::CommonName, name);
        own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = own.self_signed(&key).unwrap();
        let issuer = Issuer::new(own, key);
        let server_key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let server = server.signed_by(&server_key, &issuer).unwrap();
        let authority = Authority { folder };
        for (path, text) in [
            (authority.ca(), certificate.pem()),
            (authority.certificate(), server.pem()),
            (authority.key(), server_key.serialize_pem()),
        ] {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        }
        authority
    }

    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("server.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.folder.path().join("server.key")
    }

    /// Options by which `redis-server` speaks TLS, at no port that is named elsewhere.
    pub fn of_redis(&self) -> Vec<String> {
        let [ca, certificate, key] =
            [self.ca(), self.certificate(), self.key()].map(|path| path.display().to_string());
        ["--tls-ca-cert-file", &ca, "--tls-cert-file", &certificate, "--tls-key-file", &key]
            .into_iter()
            .chain(["--tls-auth-clients", "no"])
            .map(str::to_owned)
            .collect()
    }
}

/// A Postgres on a port of its own that takes nobody in without TLS.
pub struct GuardedPostgres {
    server: Child,
    port: u16,
    password: String,
    _data: tempfile::TempDir,
}

impl GuardedPostgres {
    pub async fn start(authority: &Authority) -> GuardedPostgres {
        let data = tempfile::tempdir().unwrap();
        let cluster = Cluster::start(Options::new(data.path())).await.unwrap();
        cluster.stop().await;
        let binaries = Binaries::installed(None).unwrap().remove(0);
        let house = data.path().join("postgres");
        let password = std::fs::read_to_string(house.join("password")).unwrap().trim().to_owned();
        let files = house.join(binaries.major.to_string());
        std::fs::write(files.join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n")
            .unwrap();
        let server = serve(&binaries, &files, authority);
        let (server, port) = (server.0, server.1);
        let postgres = GuardedPostgres { server, port, password, _data: data };
        let answers = async {
            while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, answers).await.expect("Postgres listens");
        postgres
    }

    /// Its address by this name, protected as `query` says.
    pub fn url(&self, name: &str, query: &str) -> String {
        let GuardedPostgres { port, password, .. } = self;
        format!("postgres://switchboard:{password}@{name}:{port}/postgres?{query}")
    }
}

/// Runs Postgres as whoever owns its files.
fn serve(binaries: &Binaries, files: &Path, authority: &Authority) -> (Child, u16) {
    let owner = std::fs::metadata(files).unwrap();
    let (uid, gid) = (owner.uid(), owner.gid());
    for path in [authority.certificate(), authority.key(), files.join("pg_hba.conf")] {
        chown(path, Some(uid), Some(gid)).unwrap();
    }
    // As far as its files, and no further, it has to see.
    for folder in files.ancestors().skip(1).take(2) {
        std::fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).unwrap();
    }
    let port = free_port();
    let mut command = Command::new(binaries.folder.join("postgres"));
    command.arg("-D").arg(files);
    for setting in [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        format!("unix_socket_directories={}", files.display()),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", authority.certificate().display()),
        format!("ssl_key_file={}", authority.key().display()),
    ] {
        command.args(["-c", &setting]);
    }
    command.current_dir(files).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    (command.uid(uid).gid(gid).spawn().unwrap(), port)
}

impl Drop for GuardedPostgres {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.server.id().try_into().unwrap());
        // At once, and its children with it.
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGQUIT);
        let _ = self.server.wait();
    }
}
