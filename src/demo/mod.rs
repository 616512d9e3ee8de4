//! `switchboard demo`: a workspace that is ready to look at.
//!
//! Its secrets are made once and kept in the data folder, readable by their owner alone. All that
//! it shows goes through the same code as everything real.

mod phones;
mod secrets;
mod story;

use std::path::Path;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use switchboard_domain::{MemberId, Role, UserId, WorkspaceId};
use switchboard_store::seal::MasterKeys;
use switchboard_store::user::{self, NewUser};
use switchboard_store::workspace::{self, Founding};
use switchboard_store::{Scope, Store, conversation, member};
use uuid::Uuid;

use crate::clock;
use crate::config::Config;
use crate::password::Passwords;
use crate::state::{App, DemoLogin};

pub use phones::Phones;

const WORKSPACE: &str = "Kiln & Clay";
const OWNER: Person = Person { name: "Ana Ruiz", email: "ana@kiln.example" };
const AGENT: Person = Person { name: "Ben Okafor", email: "ben@kiln.example" };

#[derive(Debug, Clone, Copy)]
struct Person {
    name: &'static str,
    email: &'static str,
}

/// The secrets of a demo.
pub struct Demo {
    password: SecretString,
    /// The page of pretend phones, once they are there.
    phones_url: Option<String>,
}

/// Takes the demo's secrets from its data folder, or makes them. The master key among them goes
/// into the settings, unless those have their own.
pub fn prepare(config: &mut Config) -> anyhow::Result<Demo> {
    let secrets = secrets::load_or_make(&config.data)
        .with_context(|| in_folder("the demo's secrets", &config.data))?;
    if config.master_keys.is_none() {
        config.master_keys = Some(MasterKeys::parse(secrets.master_key.expose_secret())?);
    }
    Ok(Demo { password: secrets.password, phones_url: None })
}

fn in_folder(what: &str, folder: &Path) -> String {
    format!("{what} could not be kept in {}", folder.display())
}

/// Makes the demo's workspace and logins unless they are there.
pub(crate) async fn found(demo: &Demo, store: &Store) -> anyhow::Result<DemoLogin> {
    let tx = store.writers.begin(Scope::default()).await?;
    let workspace = match user::find_login(&tx, OWNER.email).await? {
        Some(login) => {
            let memberships = user::memberships(&tx, login.user).await?;
            memberships.first().context("the demo's owner is in no workspace")?.workspace
        }
        None => {
            drop(tx);
            make(demo, store).await?
        }
    };
    store.keys(workspace).await.context(
        "the master key does not open this database; put back the demo-secrets.toml (or the \
         SWITCHBOARD_MASTER_KEYS) that it was made with",
    )?;
    let tx = store.readers.begin(workspace).await?;
    let widget = workspace::widget(&tx, workspace).await?.context("the demo has no widget")?;
    Ok(DemoLogin {
        workspace,
        widget_key: widget.key,
        email: OWNER.email.to_owned(),
        colleague: AGENT.email.to_owned(),
        password: demo.password.expose_secret().to_owned(),
        phones_url: demo.phones_url.clone(),
    })
}

async fn make(demo: &Demo, store: &Store) -> anyhow::Result<WorkspaceId> {
    let password = demo.password.expose_secret().to_owned();
    let hash = Passwords::default().hash(password).await.map_err(anyhow::Error::msg)?;
    let new = |person: Person, id| NewUser {
        id,
        email: person.email,
        name: person.name,
        password_hash: &hash,
    };
    let founding = Founding {
        workspace: WorkspaceId(Uuid::now_v7()),
        workspace_name: WORKSPACE,
        member: MemberId(Uuid::now_v7()),
        owner: new(OWNER, UserId(Uuid::now_v7())),
    };
    let id = founding.workspace;
    let now = clock::now();
    let tx = store.writers.begin(Scope::default()).await?;
    workspace::found(&tx, &store.master, &founding, now).await?;
    let agent = UserId(Uuid::now_v7());
    tx.act_for(Scope::of(id, agent)).await?;
    user::insert(&tx, &new(AGENT, agent), now).await?;
    member::admit(&tx, id, MemberId(Uuid::now_v7()), agent, Role::Agent, now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Fills an empty demo with a few conversations.
pub(crate) async fn seed(app: &App) -> anyhow::Result<()> {
    let Some(demo) = &app.demo else { return Ok(()) };
    let tx = app.store.readers.begin(demo.workspace).await?;
    let members = member::list(&tx, demo.workspace).await?;
    let id_of = |person: Person| members.iter().find(|m| m.email == person.email).map(|m| m.id);
    let (Some(ana), Some(ben)) = (id_of(OWNER), id_of(AGENT)) else { return Ok(()) };
    let counts = conversation::counts(&tx, demo.workspace, ana).await?;
    drop(tx);
    if counts.open + counts.pending + counts.snoozed + counts.resolved > 0 {
        return Ok(());
    }
    story::tell(app, demo.workspace, ana, ben).await
}

/// What the demo says when it is up.
pub fn welcome(app: &App) -> String {
    let Some(demo) = &app.demo else { return String::new() };
    let url = &app.public_url;
    let lines = [
        "Switchboard is running. Open these, side by side:".to_owned(),
        String::new(),
        format!("  the shop, as a visitor     {url}/demo"),
        format!("  the console, as an agent   {url}/console"),
        format!("  pretend phones, as the     {}", demo.phones_url.as_deref().unwrap_or("(none)")),
        "    customers who use WhatsApp, Messenger, Instagram and Telegram".to_owned(),
        String::new(),
        format!("  sign in as   {}   (or {})", demo.email, demo.colleague),
        format!("  password     {}", demo.password),
        String::new(),
        format!("Everything is kept in {}. Stop with Ctrl+C.", app.config.data.display()),
    ];
    boxed(&lines)
}

fn boxed(lines: &[String]) -> String {
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
    let rule = "─".repeat(width + 4);
    let mut out = format!("╭{rule}╮\n");
    for line in lines {
        let padding = " ".repeat(width - line.chars().count());
        out.push_str(&format!("│  {line}{padding}  │\n"));
    }
    out.push_str(&format!("╰{rule}╯"));
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_box_is_straight() {
        let boxed = super::boxed(&["é".to_owned(), "abc".to_owned()]);
        let widths: Vec<_> = boxed.lines().map(|line| line.chars().count()).collect();
        assert_eq!(widths, [9, 9, 9, 9]);
    }
}
