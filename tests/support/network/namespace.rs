//! A network namespace that nobody has to remove.

use std::ffi::OsStr;
use std::process::Stdio;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::Loss;

/// Held by a process that ends when this is dropped, and as well when we are killed: it waits for
/// the end of a pipe of ours. The kernel removes a namespace in which nobody is any more, and with
/// it the links that lead there.
pub struct Namespace {
    holder: Child,
}

impl Namespace {
    pub async fn make() -> Result<Namespace, String> {
        let mut holder = Command::new("unshare")
            .args(["--net", "sh", "-c", "echo && exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("unshare: {error}"))?;
        // Before it says so, it is where we are.
        let said = holder.stdout.take().expect("it is piped").read_u8().await;
        if said.is_ok() {
            return Ok(Namespace { holder });
        }
        let ended = holder.wait_with_output().await.map_err(|error| error.to_string())?;
        Err(String::from_utf8_lossy(&ended.stderr).trim().to_owned())
    }

    pub fn pid(&self) -> u32 {
        self.holder.id().expect("it is not waited for")
    }

    /// A program that is to run here.
    pub fn inside(&self, program: impl AsRef<OsStr>) -> std::process::Command {
        let mut command = std::process::Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.pid())).arg("--").arg(program);
        command
    }
}

/// Gives `ip` commands, one in a line, in a namespace or in ours.
pub async fn ip(namespace: Option<&Namespace>, lines: &str) -> Result<(), String> {
    let mut command = match namespace {
        Some(namespace) => namespace.inside("ip"),
        None => std::process::Command::new("ip"),
    };
    command.args(["-batch", "-"]);
    done(command, lines).await.map_err(|why| format!("{why} ({})", lines.trim()))
}

/// Makes a link lose and delay what it sends, or no more.
pub async fn netem(namespace: &Namespace, link: &str, loss: Option<Loss>) -> Result<(), String> {
    let mut command = namespace.inside("tc");
    match loss {
        Some(Loss { percent, delay }) => {
            command.args(["qdisc", "replace", "dev", link, "root", "netem"]);
            command.args(["delay", &format!("{delay}ms"), &format!("{}ms", delay / 2)]);
            command.args(["loss", &format!("{percent}%")]);
        }
        None => {
            command.args(["qdisc", "del", "dev", link, "root"]);
        }
    }
    done(command, "").await
}

/// Runs a program that reads these words to its end; what it says if it fails.
pub async fn done(command: std::process::Command, words: &str) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let running = async {
        let mut child = Command::from(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().expect("it is piped");
        // One that does not listen says why when it ends.
        let _ = stdin.write_all(words.as_bytes()).await;
        drop(stdin);
        child.wait_with_output().await
    };
    let ended = running.await.map_err(|error| format!("{name}: {error}"))?;
    if ended.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&ended.stderr);
    Err(format!("{name}: {}, {}", ended.status, why.trim()))
}
