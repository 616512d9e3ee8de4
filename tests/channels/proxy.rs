//! Calls to platforms go by the proxy that is named; addresses that platforms name never do. And no
//! call leaves once the account is no longer held.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader};
use std::net::TcpListener;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use serde_json::json;
use switchboard_actors::accounts::hold::Hold;
use switchboard_actors::accounts::http::{CallError, Caller};
use switchboard_actors::accounts::{Accounts, Platforms, Proxy};
use switchboard_actors::files::{ByteStream, Files, NotTaken, Opened, Taken};
use switchboard_actors::trace::Tracer;
use switchboard_channels::account::Credentials;
use switchboard_channels::{Base, Request};
use switchboard_domain::{AccountId, AttachmentId, WorkspaceId};
use switchboard_store::lease::Held;
use switchboard_store::seal::Key;
use uuid::Uuid;

struct NoFiles;

impl Files for NoFiles {
    fn open(
        &self,
        _: WorkspaceId,
        _: AttachmentId,
        _: Key,
    ) -> BoxFuture<'static, io::Result<Option<Opened>>> {
        Box::pin(async { Ok(None) })
    }

    fn take(
        &self,
        _: WorkspaceId,
        _: AttachmentId,
        _: Key,
        _: ByteStream,
        _: u64,
    ) -> BoxFuture<'static, Result<Taken, NotTaken>> {
        Box::pin(async { Err(NotTaken::Empty) })
    }
}

/// A proxy that lets nothing through; what it is asked for.
fn proxy() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, heard) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut line = String::new();
            let mut reader = BufReader::new(stream);
            let _ = reader.read_line(&mut line);
            // Told before the connection is closed: whoever called goes on when it is.
            if asked.send(line).is_err() {
                return;
            }
            drop(reader);
        }
    });
    (url, heard)
}

#[tokio::test]
async fn platforms_are_reached_by_the_proxy_and_named_addresses_are_not() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (url, heard) = proxy();
    let platforms = Platforms {
        graph: "https://graph.test".to_owned(),
        instagram_graph: "https://direct.test".to_owned(),
        proxy: Some(Proxy { url, except: Some("direct.test".to_owned()) }),
        ..Platforms::default()
    };
    let accounts = Accounts::new(platforms, Arc::new(NoFiles), Tracer::default()).unwrap();
    let credentials = json!({"kind": "telegram_bot", "id": "7", "token": "7:secret"});
    let credentials: Credentials = serde_json::from_value(credentials).unwrap();
    let workspace = WorkspaceId(Uuid::now_v7());
    let (files, credentials) = (&HashMap::new(), &credentials);
    let caller = Caller { workspace, credentials, files, hold: None };
    let named = Base::Given("https://files.test/picture".to_owned());
    for base in [named, Base::InstagramGraph, Base::Graph] {
        let called = accounts.http().call(caller, &Request::get(base, "/me")).await;
        assert!(called.is_err());
    }
    let asked: Vec<String> = heard.try_iter().collect();
    assert_eq!(asked, ["CONNECT graph.test:443 HTTP/1.1\r\n"]);
}

#[tokio::test]
async fn a_call_that_was_prepared_before_the_hold_ran_out_does_not_leave_after_it() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (url, heard) = proxy();
    let platforms = Platforms { graph: url, ..Platforms::default() };
    let accounts = Accounts::new(platforms, Arc::new(NoFiles), Tracer::default()).unwrap();
    let credentials = json!({"kind": "telegram_bot", "id": "7", "token": "7:secret"});
    let credentials: Credentials = serde_json::from_value(credentials).unwrap();
    let workspace = WorkspaceId(Uuid::now_v7());
    let (files, credentials) = (&HashMap::new(), &credentials);
    let hold = Hold::new(Duration::from_secs(15));
    let held = Held { workspace, account: AccountId(Uuid::now_v7()), epoch: 1 };
    let right = Some(hold.right(held.account, held.epoch));
    let caller = Caller { workspace, credentials, files, hold: right };
    let request = Request::get(Base::Graph, "/me");
    let withheld = accounts.http().call(caller, &request).await;
    assert!(matches!(withheld, Err(CallError::NotSent(_))), "{withheld:?}");
    assert!(accounts.http().fetch(caller, &request).await.is_err());
    assert_eq!(heard.try_iter().count(), 0);
    hold.renewed(Instant::now(), &[held]);
    assert!(matches!(accounts.http().call(caller, &request).await, Err(CallError::Unanswered(_))));
    assert_eq!(heard.try_iter().count(), 1);
}
