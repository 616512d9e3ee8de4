//! Files: uploading, what they are taken for, who gets them, and how they lie on the disk.

mod access;
mod bucket;
mod links;
mod uploads;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

use crate::support::people::{Answer, send};
use crate::support::{Agent, Visitor, World};

/// A world with an agent and a visitor.
async fn shop() -> (World, Agent, Visitor) {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    (world, ana, visitor)
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let image = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 90]));
    DynamicImage::from(image).write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

/// The link of an attachment, as this server is reached by its tests.
fn link(world: &World, url: &Value) -> String {
    let at = url.as_str().unwrap().find("/api/").unwrap();
    world.url(&url.as_str().unwrap()[at..])
}

async fn fetch(world: &World, url: &Value) -> reqwest::Response {
    reqwest::get(link(world, url)).await.unwrap()
}

async fn fetch_problem(world: &World, url: &str) -> Answer {
    send(reqwest::Client::new().get(link(world, &json!(url)))).await
}

/// A message of the visitor's with one file.
fn with_file(attachment: &Value) -> Value {
    let reference = uuid::Uuid::now_v7().to_string();
    json!({"type": "post", "ref": reference, "text": "", "attachments": [attachment["id"]]})
}
