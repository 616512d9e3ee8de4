//! Files in a bucket: what several nodes share.

use std::path::Path;
use std::process::Command;

use reqwest::Method;
use switchboard_store::seal::MasterKeys;

use super::{fetch, png};
use crate::support::bucket::Bucket;
use crate::support::people::{Answer, upload};
use crate::support::process::{Process, free_port, program};
use crate::support::{Agent, World, database};

struct Node {
    process: Process,
    _data: tempfile::TempDir,
}

async fn node(bucket: &Bucket, database: &str, keys: &str) -> Node {
    let data = tempfile::tempdir().unwrap();
    let command = serve(bucket, database, keys, data.path());
    Node { process: Process::start(command, free_port()).await, _data: data }
}

fn serve(bucket: &Bucket, database: &str, keys: &str, data: &Path) -> Command {
    let mut command = program(data);
    command.arg("serve").env("DATABASE_URL", database).env("SWITCHBOARD_MASTER_KEYS", keys);
    command.envs(bucket.environment());
    command
}

async fn put(by: &Agent, name: &str, bytes: Vec<u8>) -> Answer {
    upload(by.request(Method::POST, "/attachments"), name, bytes).await
}

#[tokio::test]
async fn a_file_uploaded_at_one_node_is_served_by_the_other_whole_or_in_part() {
    let (bucket, database, keys) =
        (Bucket::start().await, database::fresh().await, MasterKeys::generate());
    let one = node(&bucket, &database, &keys).await;
    let other = node(&bucket, &database, &keys).await;
    let here = World::at(one.process.address, database.clone(), keys.clone());
    let there = World::at(other.process.address, database, keys);
    let ana = Agent::sign_up(&here, "Ana").await;

    // More than one part of an upload, and of no round size.
    let large: Vec<u8> = (0..9_500_017u32).map(|i| (i * 31 % 251) as u8).collect();
    let sent = put(&ana, "clay.bin", large.clone()).await.ok();
    let served = fetch(&there, &sent["url"]).await;
    assert!(served.bytes().await.unwrap() == large, "the whole file");
    let url = super::link(&there, &sent["url"]);
    let part = there.http.get(&url).header("range", "bytes=131000-9000000").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert!(part.bytes().await.unwrap() == large[131_000..=9_000_000], "a part of the file");

    let vase = put(&ana, "vase.png", png(900, 700)).await.ok();
    let small = fetch(&there, &vase["thumbnail_url"]).await;
    assert_eq!(small.headers()["content-type"], "image/jpeg");
    for (name, bytes) in bucket.objects() {
        assert!(name.starts_with("prefix/"), "{name}");
        assert!(!bytes.windows(8).any(|window| window == &large[..8]), "{name} is legible");
    }
    assert_eq!(bucket.objects().len(), 3, "a file, a picture and its thumbnail");
    bucket.stop().await;
}

#[tokio::test]
async fn a_bucket_that_is_away_refuses_uploads_and_nothing_else() {
    let (bucket, database, keys) =
        (Bucket::start().await, database::fresh().await, MasterKeys::generate());
    bucket.goes_away(true);
    let node = node(&bucket, &database, &keys).await;
    let world = World::at(node.process.address, database, keys);
    let ana = Agent::sign_up(&world, "Ana").await;
    let refused = put(&ana, "a.txt", b"hello".to_vec()).await;
    assert_eq!(refused.status, 503, "{:?}", refused.body);
    bucket.goes_away(false);
    put(&ana, "a.txt", b"hello".to_vec()).await.ok();
    bucket.stop().await;
}

#[tokio::test]
async fn a_server_does_not_start_on_a_bucket_that_refuses_it() {
    let (bucket, database, keys) =
        (Bucket::start().await, database::fresh().await, MasterKeys::generate());
    let data = tempfile::tempdir().unwrap();
    let mut command = serve(&bucket, &database, &keys, data.path());
    command.env("AWS_ACCESS_KEY_ID", "SOMEBODY").env("SWITCHBOARD_LISTEN", "127.0.0.1:0");
    command.stderr(std::process::Stdio::piped());
    let told = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let words = String::from_utf8_lossy(&told.stderr);
    assert!(!told.status.success(), "{words}");
    assert!(words.contains("the bucket shop-files of SWITCHBOARD_FILES is not usable"), "{words}");
    bucket.stop().await;
}
