//! The database goes away while platforms tell us things, and whole webhooks come twice.

use std::time::Duration;

use switchboard::cluster::{Cluster, Options};

use crate::support::accounts::{Connected, NOWHERE, text, whatsapp};
use crate::support::{Agent, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_while_postgres_is_away_is_kept_and_comes_in_its_order() {
    let data = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(Options::new(data.path())).await.unwrap();
    let world = World::on_database_with(cluster.url(), NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let hook = |n: i64| whatsapp(&[text(&format!("wamid.{n}"), 60 - n, &format!("{n}"))], &[]);
    assert_eq!(account.tell(&hook(0)).await.status, 200);
    cluster.stop().await;
    for n in 1..6 {
        assert_eq!(account.tell(&hook(n)).await.status, 200, "webhook {n}");
    }
    // What an impatient platform tells again changes nothing.
    assert_eq!(account.tell(&hook(3)).await.status, 200);
    let kept = std::fs::read_dir(world.data().join("spool")).unwrap().count();
    assert!(kept > 0);
    let cluster = Cluster::start(Options::new(data.path())).await.unwrap();
    assert_eq!(account.tell(&hook(6)).await.status, 200);
    let texts = loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let answer = ana.get("/conversations").await;
        if answer.status != 200 {
            continue;
        }
        let id = answer.body["items"][0]["id"].as_str().unwrap().to_owned();
        let page = ana.get(&format!("/conversations/{id}/messages")).await;
        let texts: Vec<String> = page.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["text"].as_str().unwrap().to_owned())
            .collect();
        if texts.len() == 7 {
            break texts;
        }
    };
    assert_eq!(texts, ["0", "1", "2", "3", "4", "5", "6"]);
    while std::fs::read_dir(world.data().join("spool")).unwrap().count() > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    world.stop().await;
    cluster.stop().await;
}
