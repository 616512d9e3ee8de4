//! What is taken in, and as what.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{fetch, png, shop};
use crate::support::people::{send, upload};
use crate::support::socket::PATIENCE;
use crate::support::{Agent, Visitor, World, database};

#[tokio::test]
async fn a_file_is_what_its_bytes_say_and_not_its_name() {
    let (world, _, visitor) = shop().await;
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    for (name, bytes, mime, kind, disposition) in [
        ("invoice.pdf", png(3, 2), "image/png", "image", "inline"),
        ("photo.png", b"<html><script>alert(1)</script>".to_vec(), "text/plain", "file", "attach"),
        ("logo.svg", svg.into(), "text/plain", "file", "attach"),
        ("page.png", b"MZ\x90\0\x03\0".to_vec(), "application/octet-stream", "file", "attach"),
        ("a.html", b"%PDF-1.7\n\xe2\xe3".to_vec(), "application/pdf", "file", "attach"),
    ] {
        let attachment = visitor.upload(name, bytes.clone()).await.ok();
        assert_eq!((&attachment["mime"], &attachment["kind"]), (&json!(mime), &json!(kind)));
        assert_eq!((&attachment["name"], &attachment["size"]), (&json!(name), &json!(bytes.len())));

        let served = fetch(&world, &attachment["url"]).await;
        let header = |name: &str| served.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-type").starts_with(mime), "{name}: {}", header("content-type"));
        assert!(header("content-disposition").starts_with(disposition), "{name}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").starts_with("sandbox;"), "{name}");
        assert_eq!(served.bytes().await.unwrap(), bytes, "{name}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_name_is_kept_as_it_is_read_and_leads_nowhere() {
    let (world, _, visitor) = shop().await;
    for (offered, kept) in [
        ("Rechnung Müller „März“.txt", "Rechnung Müller „März“.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("in\u{202e}fdp.exe", "infdp.exe"),
        ("", "file"),
    ] {
        let attachment = visitor.upload(offered, b"hello".to_vec()).await.ok();
        assert_eq!(attachment["name"], kept);
        let served = fetch(&world, &attachment["url"]).await;
        let disposition = served.headers()["content-disposition"].to_str().unwrap().to_owned();
        let encoded = disposition.split_once("filename*=UTF-8''").unwrap().1;
        let bytes: Vec<u8> = percent_decoded(encoded);
        assert_eq!(String::from_utf8(bytes).unwrap(), kept, "{disposition}");
    }
    world.stop().await;
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next().unwrap()).to_digit(16).unwrap() as u8;
        bytes.push(if byte == b'%' { digit() << 4 | digit() } else { byte });
    }
    bytes
}

#[tokio::test]
async fn a_picture_gets_a_thumbnail_and_a_broken_one_is_a_plain_file() {
    let (world, ana, visitor) = shop().await;
    let large = visitor.upload("large.png", png(1200, 600)).await.ok();
    assert_eq!((&large["width"], &large["height"]), (&json!(1200), &json!(600)));
    let thumbnail = fetch(&world, &large["thumbnail_url"]).await;
    assert_eq!(thumbnail.headers()["content-type"], "image/jpeg");
    let small = image::load_from_memory(&thumbnail.bytes().await.unwrap()).unwrap();
    assert_eq!((small.width(), small.height()), (480, 240));

    let own = visitor.upload("small.png", png(20, 10)).await.ok();
    assert_eq!((&own["width"], &own["thumbnail_url"]), (&json!(20), &json!(null)));

    let whole = png(1200, 600);
    let half = whole[..whole.len() / 2].to_vec();
    let form = ana.request(Method::POST, "/attachments");
    let broken = upload(form, "half.png", half.clone()).await.ok();
    assert_eq!((&broken["kind"], &broken["thumbnail_url"]), (&json!("file"), &json!(null)));
    assert_eq!(fetch(&world, &broken["url"]).await.bytes().await.unwrap(), half);
    world.stop().await;
}

#[tokio::test]
async fn what_is_no_upload_is_refused_with_words() {
    let (world, _, visitor) = shop().await;
    let empty = visitor.upload("a.txt", vec![]).await;
    assert_eq!((empty.code(), &empty.body["field"]), ("invalid", &json!("file")));
    let request = || visitor.request(Method::POST, "/attachments");
    assert_eq!(send(request().json(&json!({"file": "x"}))).await.code(), "unsupported_media");
    assert_eq!(send(request().body("x")).await.code(), "unsupported_media");
    let other = reqwest::multipart::Form::new().text("other", "x");
    assert_eq!(send(request().multipart(other)).await.body["field"], "file");
    let garbage = request().header("content-type", "multipart/form-data; boundary=x");
    assert_eq!(send(garbage.body("no form at all")).await.code(), "invalid");
    let nobody = reqwest::Client::new().post(world.url("/api/v1/attachments"));
    assert_eq!(upload(nobody, "a.txt", b"x".to_vec()).await.code(), "unauthenticated");
    world.stop().await;
}

/// The head of an upload and the beginning of its body, on a connection of its own.
async fn begin(world: &World, visitor: &Visitor, framing: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "POST /api/v1/attachments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: multipart/form-data; boundary=b\r\n{framing}\r\n\r\n",
        visitor.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

const PART: &str =
    "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n";

async fn answer_of(mut stream: impl AsyncReadExt + Unpin) -> String {
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    let read = async {
        while !String::from_utf8_lossy(&answer).contains("\"code\"") {
            match stream.read(&mut part).await {
                Ok(n) if n > 0 => answer.extend_from_slice(&part[..n]),
                _ => break,
            }
        }
    };
    // Sealing without optimisation is slow, on a busy machine more so.
    tokio::time::timeout(3 * PATIENCE, read).await.expect("an answer comes in time");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn too_large_a_file_is_refused_by_its_declared_length_before_it_is_sent() {
    let (world, _, visitor) = shop().await;
    let stream = begin(&world, &visitor, "content-length: 419430400").await;
    let answer = answer_of(stream).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("too_large"), "{answer}");
    world.stop().await;
}

#[tokio::test]
async fn too_large_a_file_is_refused_while_it_streams_and_leaves_nothing() {
    let (world, _, visitor) = shop().await;
    let (reader, mut writer) =
        begin(&world, &visitor, "transfer-encoding: chunked").await.into_split();
    let sending = tokio::spawn(async move {
        let chunk = [7; 256 * 1024];
        let mut sent = 0;
        let head = format!("{:x}\r\n{PART}\r\n", PART.len());
        writer.write_all(head.as_bytes()).await.unwrap();
        // Would go on for four times the limit.
        while sent < 100 << 20 {
            let head = format!("{:x}\r\n", chunk.len());
            let parts = [head.as_bytes(), &chunk, b"\r\n"];
            for part in parts {
                if writer.write_all(part).await.is_err() {
                    return sent;
                }
            }
            sent += chunk.len();
        }
        sent
    });
    let answer = answer_of(reader).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("too_large"), "{answer}");
    sending.abort();
    assert_eq!(super::access::files_in(world.data()), Vec::<Vec<u8>>::new());
    world.stop().await;
}

#[tokio::test]
async fn only_so_many_uploads_run_at_once_for_a_workspace() {
    let world = World::with("uploads.at_once_per_workspace = 1").await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let other = Agent::sign_up(&world, "Zoe").await;
    let slow = format!("{PART}slow\r\n--b--\r\n");
    let mut first = begin(&world, &visitor, &format!("content-length: {}", slow.len())).await;
    first.write_all(&slow.as_bytes()[..PART.len() + 2]).await.unwrap();

    // It has its place once the server writes it down.
    let staging = world.data().join("files/staging");
    let begun = async {
        while super::access::files_in(&staging).is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, begun).await.expect("it begins");
    let refused = visitor.upload("b.txt", b"second".to_vec()).await;
    assert_eq!((refused.status, refused.code()), (429, "rate_limited"));
    assert!(refused.body["detail"].as_str().unwrap().contains("at once"), "{refused:?}");
    assert!(refused.headers.contains_key("retry-after"));
    let elsewhere = other.request(Method::POST, "/attachments");
    upload(elsewhere, "c.txt", b"other workspace".to_vec()).await.ok();

    first.write_all(&slow.as_bytes()[PART.len() + 2..]).await.unwrap();
    let mut answer = [0; 12];
    first.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 201");
    visitor.upload("b.txt", b"second".to_vec()).await.ok();
    world.stop().await;
}

#[tokio::test]
async fn an_upload_that_no_message_took_up_is_removed_after_a_day() {
    let (world, ana, visitor) = shop().await;
    let old = visitor.upload("old.txt", b"old".to_vec()).await.ok();
    let new = visitor.upload("new.txt", b"new".to_vec()).await.ok();
    let path = |file: &serde_json::Value| format!("/attachments/{}", file["id"].as_str().unwrap());
    let id = uuid::Uuid::try_parse(old["id"].as_str().unwrap().trim_start_matches("att_")).unwrap();
    let database = database::superuser(&world.database).await;
    let aged = "update attachments set created_at = now() - interval '25 hours' where id = $1";
    database.execute(aged, &[&id]).await.unwrap();

    // Each server looks when it starts.
    let node = world.beside().await;
    let gone = async {
        while ana.get(&path(&old)).await.status == 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("it is removed");
    ana.get(&path(&new)).await.ok();
    node.stop().await;
    world.stop().await;
}
