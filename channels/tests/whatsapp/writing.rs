//! Requests of parts, member by member.

use serde_json::{Value, json};
use switchboard_channels::outgoing::Action;
use switchboard_channels::platform::ActionTo;
use switchboard_channels::whatsapp::Whatsapp;
use switchboard_channels::{Body, BodyPart, ExternalId, Part, Platform, PostFile};
use switchboard_domain::extra::{Offer, OfferOption, TemplateValues};
use switchboard_domain::window::Form;
use switchboard_domain::{AttachmentKind, FailureCode, Venue};

use crate::given::{Given, NUMBER, credentials, file, message, permit_for};

fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned(), reply_to: None }
}

fn file_part(file: PostFile, caption: Option<&str>) -> Part {
    Part::File { file, caption: caption.map(str::to_owned), reply_to: None }
}

fn offer(options: usize, list_title: Option<&str>) -> Part {
    let options = (0..options).map(|number| OfferOption {
        title: format!("Option {number}"),
        payload: format!("opt-{number}"),
    });
    let offer = Offer { options: options.collect(), list_title: list_title.map(str::to_owned) };
    Part::Offer { text: "When?".to_owned(), offer, reply_to: None }
}

/// What every message has beside its object.
fn with(kind: &str, object: Value) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+34655120987",
        "biz_opaque_callback_data": "out-42",
        "type": kind,
        kind: object,
    })
}

#[test]
fn a_text() {
    let body = Given::new(text("Hola")).body();
    assert_eq!(body, with("text", json!({ "body": "Hola", "preview_url": false })));
    let body = Given::new(text("See https://shop.example.com")).body();
    assert_eq!(body["text"]["preview_url"], true);
}

#[test]
fn an_answer_quotes_the_first_part_of_what_it_answers() {
    let part = Part::Text { text: "Sí".to_owned(), reply_to: Some(message()) };
    let mut given = Given::new(part);
    assert_eq!(given.body()["context"], json!({ "message_id": "wamid.T1" }));
    // What it answers is not known there: it is sent without.
    given.targets.clear();
    assert_eq!(given.body().get("context"), None);
}

#[test]
fn the_recipient_is_a_number_a_person_or_a_group() {
    let mut given = Given::new(text("Hi"));
    given.thread = vec!["u:HU.b0Zk81LtyQw3"];
    let body = given.body();
    assert_eq!(body["recipient"], "HU.b0Zk81LtyQw3");
    assert_eq!(body.get("to"), None);
    given.thread = vec!["g:Y2FwaV9ncm91cDo"];
    let body = given.body();
    assert_eq!(body["recipient_type"], "group");
    assert_eq!(body["to"], "Y2FwaV9ncm91cDo");
    given.thread = vec![];
    assert_eq!(given.write().expect_err("nobody").code, FailureCode::Unreachable);
}

#[test]
fn files_by_what_they_are() {
    let image = file(AttachmentKind::Image, "image/jpeg", "a.jpg", 1_000);
    let body = Given::new(file_part(image.clone(), Some("Look"))).body();
    assert_eq!(body, with("image", json!({ "id": "1190774520318848", "caption": "Look" })));

    let mut by_address = Given::new(file_part(image, None));
    by_address.uploads = vec![None];
    let body = by_address.body();
    assert_eq!(body, with("image", json!({ "link": "https://files.example.com/9" })));
    by_address.urls = vec![];
    assert_eq!(by_address.write().expect_err("no file").code, FailureCode::FileRejected);

    let pdf = file(AttachmentKind::File, "application/pdf", "factura.pdf", 1_000);
    let document = json!({ "id": "1190774520318848", "filename": "factura.pdf" });
    assert_eq!(Given::new(file_part(pdf, None)).body(), with("document", document));

    let mut voice = file(AttachmentKind::Audio, "audio/ogg", "v.ogg", 1_000);
    voice.voice = true;
    let audio = json!({ "id": "1190774520318848", "voice": true });
    assert_eq!(Given::new(file_part(voice, Some("dropped"))).body(), with("audio", audio));
}

#[test]
fn what_whatsapp_does_not_show_goes_as_a_document() {
    let cases = [
        ("image/png", 5_000_000, "image"),
        ("image/png", 5_000_001, "document"),
        ("image/webp", 10, "document"),
        ("image/gif", 10, "document"),
        ("video/mp4", 16_000_000, "video"),
        ("video/mp4", 16_000_001, "document"),
        ("video/quicktime", 10, "document"),
        ("audio/mpeg", 16_000_000, "audio"),
        ("audio/mpeg", 16_000_001, "document"),
        ("audio/m4a", 10, "audio"),
        ("audio/ogg; codecs=opus", 10, "audio"),
        ("audio/x-wav", 10, "document"),
        ("application/octet-stream", 10, "document"),
    ];
    for (mime, size, kind) in cases {
        let file = file(AttachmentKind::File, mime, "f.bin", size);
        assert_eq!(Given::new(file_part(file, None)).body()["type"], kind, "{mime} of {size}");
    }
}

#[test]
fn a_file_is_uploaded_beforehand() {
    let sound = file(AttachmentKind::Audio, "audio/m4a", "note.m4a", 10);
    let given = Given::new(file_part(sound.clone(), None));
    let request = given.with(|sending| Whatsapp.upload(sending, 0)).expect("a request");
    assert_eq!(request.path, format!("/{NUMBER}/media"));
    let text = |name: &str, value: &str| BodyPart::Text { name: name.into(), value: value.into() };
    let bytes = BodyPart::File {
        name: "file".into(),
        attachment: sound.id,
        file_name: "note.m4a".into(),
        mime: "audio/mp4".into(),
    };
    let parts = vec![text("messaging_product", "whatsapp"), text("type", "audio/mp4"), bytes];
    assert_eq!(request.body, Body::Multipart(parts));
    assert_eq!(given.with(|sending| Whatsapp.upload(sending, 1)), None);
    assert_eq!(Given::new(text_part()).with(|sending| Whatsapp.upload(sending, 0)), None);
}

fn text_part() -> Part {
    text("no file")
}

#[test]
fn up_to_three_options_are_buttons() {
    let buttons = json!([
        { "type": "reply", "reply": { "id": "opt-0", "title": "Option 0" } },
        { "type": "reply", "reply": { "id": "opt-1", "title": "Option 1" } },
    ]);
    let expected = json!({
        "type": "button", "body": { "text": "When?" }, "action": { "buttons": buttons },
    });
    assert_eq!(Given::new(offer(2, None)).body(), with("interactive", expected));
    assert_eq!(Given::new(offer(3, None)).body()["interactive"]["type"], "button");
}

#[test]
fn up_to_ten_options_are_a_list() {
    let list = Given::new(offer(4, None)).body()["interactive"].clone();
    let rows: Vec<Value> = (0..4)
        .map(|number| json!({ "id": format!("opt-{number}"), "title": format!("Option {number}") }))
        .collect();
    let action = json!({ "button": "Choose", "sections": [{ "rows": rows }] });
    assert_eq!(list, json!({ "type": "list", "body": { "text": "When?" }, "action": action }));
    let titled = Given::new(offer(10, Some("Times of the day to come"))).body();
    assert_eq!(titled["interactive"]["action"]["button"], "Times of the day to ");
    assert_eq!(Given::new(offer(11, None)).body()["type"], "text");
}

#[test]
fn a_reaction_is_given_and_taken_back() {
    let react =
        |emoji: Option<&str>| Part::React { target: message(), emoji: emoji.map(str::to_owned) };
    let given = Given::new(react(Some("👍")));
    let body = given.body();
    assert_eq!(body, with("reaction", json!({ "message_id": "wamid.T1", "emoji": "👍" })));
    let body = Given::new(react(None)).body();
    assert_eq!(body["reaction"]["emoji"], "");
    let lost = Given { targets: vec![], ..given };
    assert_eq!(lost.write().expect_err("no target").code, FailureCode::TargetGone);
}

#[test]
fn what_whatsapp_cannot_do_is_refused() {
    let target = message();
    let impossible = [
        Part::Edit { target, text: "x".into(), caption: false },
        Part::Delete { target },
        Part::CommentReply { target, text: "x".into() },
        Part::PrivateReply { target, text: "x".into() },
        Part::Album { files: vec![], caption: None, reply_to: None },
    ];
    for part in impossible {
        let failure = Given::new(part).write().expect_err("impossible");
        assert_eq!(failure.code, FailureCode::NotPossible);
    }
}

#[test]
fn a_permit_is_for_what_it_says() {
    let template = Part::Template {
        name: "hello".into(),
        language: "en".into(),
        components: json!([]),
        values: TemplateValues::default(),
        file: None,
    };
    let free = [text("x"), offer(2, None), Part::React { target: message(), emoji: None }];
    for part in free {
        let closed = Given { permit: permit_for(Form::Template), ..Given::new(part) };
        assert_eq!(closed.write().expect_err("closed").code, FailureCode::WindowClosed);
    }
    let wrong = Given { permit: permit_for(Form::Free), ..Given::new(template) };
    assert_eq!(wrong.write().expect_err("wrong permit").code, FailureCode::WindowClosed);
}

#[test]
fn reading_and_typing_are_shown_under_a_message() {
    let newest = ExternalId("wamid.N".to_owned());
    let credentials = credentials();
    let to = ActionTo {
        credentials: &credentials,
        venue: Venue::Whatsapp,
        thread: &[],
        address: &serde_json::Map::new(),
        newest: Some(&newest),
    };
    let body = |action| match Whatsapp.action(&to, &action).map(|request| request.body) {
        Some(Body::Json(body)) => Some(body),
        _ => None,
    };
    let read =
        json!({ "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.M" });
    let message = ExternalId("wamid.M".to_owned());
    assert_eq!(body(Action::Read { message }), Some(read));
    let typing = json!({
        "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.N",
        "typing_indicator": { "type": "text" },
    });
    assert_eq!(body(Action::Typing { on: true }), Some(typing));
    assert_eq!(body(Action::Typing { on: false }), None);
    assert_eq!(body(Action::Acknowledge { id: "x".into() }), None);
    let nowhere = ActionTo { newest: None, ..to };
    assert_eq!(Whatsapp.action(&nowhere, &Action::Typing { on: true }), None);
}
