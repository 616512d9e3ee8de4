//! A Postgres that speaks TLS and nothing else, and a certificate to do so with.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use switchboard::cluster::binaries::Binaries;
use switchboard::cluster::{Cluster, Options};

use super::process::free_port;
use super::socket::PATIENCE;

/// A key and a certificate of `localhost`, signed by itself, and of no number.
pub struct Certificate {
    folder: tempfile::TempDir,
}

impl Certificate {
    pub fn new() -> Certificate {
        let folder = tempfile::tempdir().unwrap();
        // Servers that have a user of their own are to read in it.
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let certificate = Certificate { folder };
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
            .args(["-nodes", "-days", "2", "-subj", "/CN=localhost"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-addext", "subjectAltName=DNS:localhost", "-keyout"])
            .arg(certificate.key())
            .arg("-out")
            .arg(certificate.path())
            .stderr(Stdio::null())
            .status()
            .expect("openssl is installed: script/bootstrap --tests");
        assert!(made.success());
        certificate
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
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
    pub async fn start(certificate: &Certificate) -> GuardedPostgres {
        let data = tempfile::tempdir().unwrap();
        let cluster = Cluster::start(Options::new(data.path())).await.unwrap();
        cluster.stop().await;
        let binaries = Binaries::installed(None).unwrap().remove(0);
        let house = data.path().join("postgres");
        let password = std::fs::read_to_string(house.join("password")).unwrap().trim().to_owned();
        let files = house.join(binaries.major.to_string());
        std::fs::write(files.join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n")
            .unwrap();
        let (server, port) = serve(&binaries, &files, certificate);
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
fn serve(binaries: &Binaries, files: &Path, certificate: &Certificate) -> (Child, u16) {
    let owner = std::fs::metadata(files).unwrap();
    let (uid, gid) = (owner.uid(), owner.gid());
    for path in [certificate.path(), certificate.key(), files.join("pg_hba.conf")] {
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
        format!("ssl_cert_file={}", certificate.path().display()),
        format!("ssl_key_file={}", certificate.key().display()),
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
