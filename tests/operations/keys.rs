//! Another master key takes the place of the first, while servers run.

use std::process::{Command, Stdio};

use serde_json::json;
use switchboard_store::seal::MasterKeys;

use super::{run, words};
use crate::support::accounts::{Connected, NOWHERE, text, whatsapp};
use crate::support::people::upload;
use crate::support::process::program;
use crate::support::socket::{reply, say};
use crate::support::stage::until;
use crate::support::{Agent, Visitor, World, database};

/// A server on a database, with these keys.
async fn server(database: &str, keys: &str) -> World {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    World::listening(listener, database.to_owned(), keys.to_owned(), NOWHERE).await
}

/// A command on a database, with these keys.
fn command(data: &std::path::Path, database: &str, keys: &str, name: &[&str]) -> Command {
    let mut command = program(data);
    command.args(name).env("DATABASE_URL", database).env("SWITCHBOARD_MASTER_KEYS", keys);
    command.env("SWITCHBOARD_LISTEN", "127.0.0.1:0");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_rotated_under_traffic_and_without_the_old_one_everything_opens() {
    let (old, new) = (MasterKeys::generate(), MasterKeys::generate());
    let both = format!("{new},{old}");
    let database = database::fresh().await;
    let data = tempfile::tempdir().unwrap();
    let doctor = async |keys: &str| {
        words(&run(command(data.path(), &database, keys, &["doctor"])).await.stdout)
    };

    // What the old key protects: a conversation, a file, an account.
    let world = server(&database, &old).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    assert_eq!(account.tell(&whatsapp(&[text("wamid.1", 9, "before")], &[])).await.status, 200);
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    visitor.connect(&world).await.done(say("kept")).await;
    let request = visitor.request(reqwest::Method::POST, "/attachments");
    upload(request, "letter.txt", b"a letter".to_vec()).await.ok();
    let others = [Agent::sign_up(&world, "Ben").await, Agent::sign_up(&world, "Eva").await];
    world.stop().await;

    let world = server(&database, &both).await;
    assert!(doctor(&both).await.contains("3 workspaces; `switchboard keys rotate`"));
    let (ana, visitor, account) = (ana.at(&world), visitor.at(&world), account.at(&world));
    let mut socket = visitor.connect(&world).await;
    let traffic = async {
        for n in 0..60 {
            socket.done(say(&format!("{n}"))).await;
            let hook = whatsapp(&[text(&format!("wamid.t{n}"), 5, "during")], &[]);
            assert_eq!(account.tell(&hook).await.status, 200);
        }
    };
    let rotate = run(command(data.path(), &database, &both, &["keys", "rotate"]));
    let (rotated, ()) = tokio::join!(rotate, traffic);
    let said = words(&rotated.stdout);
    assert!(rotated.status.success(), "{rotated:?}");
    assert!(said.contains("3 workspaces and 1 accounts were changed"), "{said}");
    let again = run(command(data.path(), &database, &both, &["keys", "rotate"])).await;
    assert!(words(&again.stdout).contains("0 workspaces and 0 accounts"), "{again:?}");
    assert!(doctor(&both).await.contains("may be dropped"));
    world.stop().await;

    // The old one alone is noticed, and said.
    let refused = run(command(data.path(), &database, &old, &["serve"])).await;
    let said = words(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("is protected by the master key") && said.contains("put the missing"));
    assert!(doctor(&old).await.contains("BAD   keys in use"), "{}", doctor(&old).await);

    // Without it, everything opens.
    let world = server(&database, &new).await;
    let (ana, account) = (ana.at(&world), account.at(&world));
    for other in &others {
        other.at(&world).get("/me").await.ok();
    }
    let thread = format!("/conversations/{}/messages?limit=100", visitor.conversation());
    let thread = ana.get(&thread).await.ok().to_string();
    assert!(thread.contains("\"kept\"") && thread.contains("\"59\""), "{thread}");
    assert_eq!(account.tell(&whatsapp(&[text("wamid.2", 1, "after")], &[])).await.status, 200);
    until("the account is found", async || {
        let page = ana.get("/conversations").await.ok().to_string();
        page.contains("after").then_some(())
    })
    .await;
    ana.connect(&world).await.done(reply(&visitor.conversation(), "public", "answered")).await;
    let found = ana.get("/search?q=kept").await.ok();
    assert_ne!(found["items"], json!([]), "{found}");
    world.stop().await;
}
