//! Signed links, and the parts of a file.

use jiff::SignedDuration;
use serde_json::json;
use switchboard_actors::links::{Links, Variant};
use switchboard_store::seal::MasterKeys;

use super::{fetch, fetch_problem, link, png, shop};
use crate::support::people::send;

#[tokio::test]
async fn a_link_opens_one_file_in_one_form_until_it_expires() {
    let (world, _, visitor) = shop().await;
    let one = visitor.upload("one.png", png(900, 900)).await.ok();
    let two = visitor.upload("two.txt", b"two".to_vec()).await.ok();
    let url = one["url"].as_str().unwrap();
    fetch(&world, &one["url"]).await.error_for_status().unwrap();

    let id = |file: &serde_json::Value| file["id"].as_str().unwrap().to_owned();
    let expires = url.split("&e=").nth(1).unwrap().split('&').next().unwrap();
    let later = (expires.parse::<i64>().unwrap() + 3_600).to_string();
    let signature = url.split("&s=").nth(1).unwrap();
    let flipped = if signature.starts_with('0') { "1" } else { "0" }.to_owned() + &signature[1..];
    let workspace = url.split("w=").nth(1).unwrap().split('&').next().unwrap();
    for forged in [
        url.replace(&id(&one), &id(&two)),
        url.replace("v=full", "v=thumb"),
        url.replace(expires, &later),
        url.replace(signature, &flipped),
        url.replace(signature, ""),
        url.replace(signature, &signature[1..]),
        url.replace(workspace, "wsp_00000000000000000000000000000000"),
    ] {
        assert_ne!(forged, url);
        assert_eq!(fetch_problem(&world, &forged).await.code(), "forbidden", "{forged}");
    }
    for broken in [url.replace("&s=", "&x="), url.replace(expires, "soon")] {
        assert_eq!(fetch_problem(&world, &broken).await.code(), "invalid", "{broken}");
    }
    assert_eq!(fetch_problem(&world, &url.replace("v=full", "v=huge")).await.code(), "not_found");

    // Signed by the right key, three hours ago.
    let keys = MasterKeys::parse(&world.keys).unwrap().derive_all("file link");
    let links = Links::new(keys, world.url(""));
    let sign = |hours| {
        let then = switchboard_actors::clock::now() - SignedDuration::from_hours(hours);
        let (workspace, file) = (workspace.parse().unwrap(), id(&one).parse().unwrap());
        links.attachment_url(then, workspace, file, Variant::Full)
    };
    fetch(&world, &json!(sign(0))).await.error_for_status().unwrap();
    assert_eq!(fetch_problem(&world, &sign(3)).await.code(), "forbidden");
    world.stop().await;
}

#[tokio::test]
async fn a_part_of_a_file_is_the_part_that_was_asked_for() {
    let (world, _, visitor) = shop().await;
    // Over several of the chunks in which it is sealed.
    let bytes: Vec<u8> = (0..200_000_u32).flat_map(|n| n.to_be_bytes()).collect();
    let size = bytes.len();
    let file = visitor.upload("numbers.bin", bytes.clone()).await.ok();
    let url = link(&world, &file["url"]);
    let client = reqwest::Client::new();
    for (range, first, end) in [
        ("bytes=0-0", 0, 1),
        ("bytes=0-9", 0, 10),
        ("bytes=65535-65536", 65_535, 65_537),
        ("bytes=65536-262143", 65_536, 262_144),
        ("bytes=799999-", 799_999, size),
        ("bytes=-7", size - 7, size),
        ("bytes=700000-9999999", 700_000, size),
    ] {
        let answer = client.get(&url).header("range", range).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 206, "{range}");
        let expected = format!("bytes {first}-{}/{size}", end - 1);
        assert_eq!(answer.headers()["content-range"], expected.as_str());
        assert_eq!(answer.bytes().await.unwrap(), bytes[first..end], "{range}");
    }
    let outside = client.get(&url).header("range", "bytes=800000-");
    let outside = send(outside).await;
    assert_eq!((outside.status, outside.code()), (416, "invalid"));
    assert_eq!(outside.headers["content-range"], "bytes */800000");
    let odd = client.get(&url).header("range", "bytes=5-4").send().await.unwrap();
    assert_eq!((odd.status().as_u16(), odd.bytes().await.unwrap().len()), (200, size));

    let head = client.head(&url).send().await.unwrap();
    assert_eq!(head.headers()["accept-ranges"], "bytes");
    assert_eq!(head.headers()["content-length"], "800000");
    let etag = head.headers()["etag"].clone();
    let known = client.get(&url).header("if-none-match", &etag).send().await.unwrap();
    assert_eq!(known.status().as_u16(), 304);
    let changed = client.get(&url).header("range", "bytes=0-9").header("if-range", "\"other\"");
    assert_eq!(changed.send().await.unwrap().status().as_u16(), 200);
    world.stop().await;
}
