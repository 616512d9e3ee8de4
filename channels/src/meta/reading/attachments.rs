//! What a message carries beside its text.

use serde_json::Value;
use switchboard_domain::AttachmentKind;
use switchboard_domain::attachment::FILE_NAME_MAX_CHARS;
use switchboard_domain::extra::{Card, Field, Offer, OfferOption};

use crate::inbound::{Media, Source};
use crate::meta::json::{cleaned, edge, id, list, scalar, text, title, url};
use crate::meta::network::Network;
use crate::meta::query;

/// The most lines of a card.
const LINES_MAX: usize = 30;

/// What a message carries, put together.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub media: Vec<Media>,
    pub cards: Vec<Card>,
    /// Stands for the text of a message that has none.
    pub title: Option<String>,
}

pub(crate) fn gather(network: Network, message: &Value) -> Gathered {
    let mut gathered = Gathered::default();
    let attachments = list(message, "attachments");
    let stickers: Vec<Option<String>> = attachments
        .iter()
        .filter(|attachment| attachment["type"] == "sticker")
        .map(|sticker| url(&sticker["payload"], "url"))
        .collect();
    for attachment in attachments {
        // For some months of 2026 a sticker came as an image as well.
        let doubled =
            attachment["type"] == "image" && stickers.contains(&url(&attachment["payload"], "url"));
        if !doubled {
            gathered.add(network, attachment);
        }
    }
    gathered
}

impl Gathered {
    fn add(&mut self, network: Network, attachment: &Value) {
        let kind = title(attachment, "type").unwrap_or_default();
        let payload = &attachment["payload"];
        match kind.as_str() {
            "image" if payload.get("sticker_id").is_some() => self.add_sticker(payload),
            "sticker" => self.add_sticker(payload),
            "image" => self.media.push(file(AttachmentKind::Image, payload)),
            "audio" => self.media.push(file(AttachmentKind::Audio, payload)),
            "video" => self.media.push(file(AttachmentKind::Video, payload)),
            "file" => self.media.push(file(AttachmentKind::File, payload)),
            "story_mention" => {
                self.cards.push(Card::Story { mention: true, url: url(payload, "url") });
            }
            "template" => self.add_template(attachment),
            "location" => self.cards.push(location(payload).unwrap_or_else(|| unsupported(&kind))),
            "appointment_booking" => self.cards.push(details("appointment", payload)),
            "ephemeral" | "unsupported_type" => self.cards.push(unsupported(&kind)),
            _ => self.add_share(network, &kind, attachment),
        }
    }

    fn add_sticker(&mut self, payload: &Value) {
        self.media.push(file(AttachmentKind::Image, payload));
        self.cards.push(Card::Sticker { emoji: None });
    }

    /// Posts, reels, stories, links; and what is not known, as long as it has an address.
    fn add_share(&mut self, network: Network, kind: &str, attachment: &Value) {
        let payload = &attachment["payload"];
        // Of a link, title and address stand beside the payload at times.
        let address = url(payload, "url").or_else(|| url(attachment, "url"));
        let name = title(payload, "title").or_else(|| title(attachment, "title"));
        if address.is_none() && name.is_none() {
            return self.cards.push(unsupported(kind));
        }
        // Instagram gives the picture or video of what was shared, and no page to open. It is
        // fetched as long as it is there, except for stories: they may not outlive themselves.
        let file_kind = match kind {
            "reel" | "ig_reel" => Some(AttachmentKind::Video),
            "share" | "ig_post" | "media" => Some(AttachmentKind::Image),
            _ => None,
        };
        if let (Network::Instagram, Some(file_kind), Some(_)) = (network, file_kind, &address) {
            self.media.push(file(file_kind, payload));
        }
        self.cards.push(Card::Share { kind: shared(kind), title: name, url: address });
    }

    fn add_template(&mut self, attachment: &Value) {
        let payload = &attachment["payload"];
        if let Some(product) = payload.get("product") {
            return self.add_products(list(product, "elements"));
        }
        let generic = payload.get("generic").unwrap_or(payload);
        let elements = list(generic, "elements");
        let names = elements.iter().filter_map(|element| title(element, "title"));
        let names: Vec<String> = names.take(LINES_MAX).collect();
        self.title = text(payload, "text")
            .or_else(|| title(attachment, "title"))
            .or_else(|| (!names.is_empty()).then(|| names.join("\n")));
        let buttons = elements.iter().flat_map(|element| list(element, "buttons"));
        let options: Vec<OfferOption> = list(payload, "buttons")
            .iter()
            .chain(buttons)
            .filter_map(option)
            .take(LINES_MAX)
            .collect();
        self.cards.push(match options.is_empty() {
            false => Card::Choices { offer: Offer { options, list_title: None } },
            true => Card::Details {
                kind: title(payload, "template_type").unwrap_or_else(|| "template".to_owned()),
                title: None,
                lines: vec![],
                url: url(attachment, "url"),
            },
        });
    }

    fn add_products(&mut self, products: &[Value]) {
        for product in products.iter().filter(|product| url(product, "image_url").is_some()) {
            let source = Source::Url { url: url(product, "image_url").unwrap_or_default() };
            self.media.push(media(AttachmentKind::Image, None, source));
        }
        let lines = products.iter().take(LINES_MAX).map(|product| Field {
            name: title(product, "title").unwrap_or_default(),
            value: [title(product, "subtitle"), title(product, "retailer_id")]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · "),
        });
        self.cards.push(Card::Details {
            kind: "product".to_owned(),
            title: None,
            lines: lines.collect(),
            url: None,
        });
    }
}

/// What was shared, as people call it.
fn shared(kind: &str) -> String {
    let word = match kind {
        "fallback" => "link",
        "share" | "ig_post" => "post",
        "ig_reel" => "reel",
        "ig_story" => "story",
        kind => kind,
    };
    word.to_owned()
}

/// What cannot be shown, as people call it; the platform says "unsupported" of what it does not
/// name.
fn unsupported(kind: &str) -> Card {
    let kind = match kind {
        "ephemeral" => "disappearing picture or video",
        "unsupported_type" => "message",
        kind => kind,
    };
    Card::Unsupported { kind: kind.to_owned() }
}

fn file(kind: AttachmentKind, payload: &Value) -> Media {
    match url(payload, "url") {
        Some(url) => {
            let name = (kind == AttachmentKind::File).then(|| file_name(&url)).flatten();
            media(kind, name, Source::Url { url })
        }
        None => {
            let why = "The platform did not say where the file is.".to_owned();
            media(kind, None, Source::Gone { why })
        }
    }
}

fn media(kind: AttachmentKind, name: Option<String>, source: Source) -> Media {
    Media { kind, mime: None, name, size: None, source }
}

/// The name of a file is told by the end of its address alone.
pub(crate) fn file_name(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let (_, name) = path.rsplit_once('/')?;
    let name = cleaned(&query::decode(name), FILE_NAME_MAX_CHARS)?;
    name.contains('.').then_some(name)
}

fn option(button: &Value) -> Option<OfferOption> {
    let name = title(button, "title")?;
    let payload = text(button, "payload").or_else(|| url(button, "url")).unwrap_or_default();
    Some(OfferOption { title: name, payload })
}

fn location(payload: &Value) -> Option<Card> {
    let coordinates = payload.get("coordinates")?;
    Some(Card::Location {
        latitude: coordinates.get("lat")?.as_f64()?,
        longitude: coordinates.get("long")?.as_f64()?,
        name: None,
        address: None,
        live: false,
    })
}

/// A card from whatever short members there are.
fn details(kind: &str, payload: &Value) -> Card {
    let members = payload.as_object().into_iter().flatten();
    let lines = members
        .filter(|(key, _)| !matches!(key.as_str(), "title" | "url"))
        .filter_map(|(key, _)| Some(Field { name: key.clone(), value: detail(payload, key)? }));
    Card::Details {
        kind: kind.to_owned(),
        title: title(payload, "title"),
        lines: lines.take(LINES_MAX).collect(),
        url: url(payload, "url"),
    }
}

fn detail(payload: &Value, key: &str) -> Option<String> {
    match crate::meta::json::time(payload, key) {
        Some(time) if key.ends_with("_time") => Some(time.to_string()),
        _ => scalar(payload, key),
    }
}

/// The attachments of a message as the Conversations API gives them.
pub(crate) fn of_history(message: &Value) -> Vec<Media> {
    let attachments = edge(message, "attachments").iter();
    attachments.filter_map(history_file).collect()
}

fn history_file(attachment: &Value) -> Option<Media> {
    let at = |key: &str, member: &str| url(attachment.get(key)?, member);
    let (kind, url) = at("image_data", "url")
        .map(|url| (AttachmentKind::Image, url))
        .or_else(|| at("video_data", "url").map(|url| (AttachmentKind::Video, url)))
        .or_else(|| url(attachment, "file_url").map(|url| (AttachmentKind::File, url)))?;
    let mime = title(attachment, "mime_type");
    let kind = match mime.as_deref() {
        Some(mime) if mime.starts_with("audio/") => AttachmentKind::Audio,
        _ => kind,
    };
    let size = id(attachment, "size").and_then(|size| size.parse().ok());
    let name = title(attachment, "name");
    Some(Media { kind, mime, name, size, source: Source::Url { url } })
}
