//! The requests that parts and fleeting things become.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use switchboard_channels::account::Credentials;
use switchboard_channels::platform::ActionTo;
use switchboard_channels::telegram::Telegram;
use switchboard_channels::{
    Action, Auth, Base, Body, BodyPart, ExternalId, Method, Part, Platform, PostFile, Request,
    Sending,
};
use switchboard_domain::extra::{Offer, OfferOption};
use switchboard_domain::window::{Form, Voice, permit};
use switchboard_domain::{
    Access, AccountKind, AttachmentKind, FailureCode, MessageId, Permit, Venue,
};

pub fn credentials() -> Credentials {
    Credentials {
        kind: AccountKind::TelegramBot,
        id: super::BOT.to_owned(),
        other_id: None,
        parent: None,
        token: "7310022841:secret".to_owned(),
        token_expires_at: None,
        token_given_at: None,
        connected_by: None,
        hook_secret: Some("s3cret".to_owned()),
        pin: None,
    }
}

fn permitted(venue: Venue, form: Form) -> Permit {
    permit(Timestamp::UNIX_EPOCH, venue, Access::Open, None, Voice::Person, form).expect("permit")
}

pub fn someone() -> MessageId {
    format!("{}_{:032x}", MessageId::PREFIX, 7).parse().expect("id")
}

pub fn file(mime: &str, size: u64) -> PostFile {
    let kind = AttachmentKind::File;
    let id = format!("att_{:032x}", size).parse().expect("id");
    PostFile { id, kind, mime: mime.to_owned(), name: "f.bin".to_owned(), size, voice: false }
}

pub fn offer(payload: &str) -> Offer {
    let option = |title: &str, payload: &str| OfferOption {
        title: title.to_owned(),
        payload: payload.to_owned(),
    };
    Offer { options: vec![option("Yes", payload), option("No", "n")], list_title: None }
}

/// A place and what is sent to it.
struct Letter {
    thread: Vec<String>,
    address: Map<String, Value>,
    targets: Vec<ExternalId>,
    permit: Permit,
}

impl Letter {
    fn to(key: &str, address: Value) -> Letter {
        Letter {
            thread: vec![key.to_owned()],
            address: address.as_object().expect("address").clone(),
            targets: vec![],
            permit: permitted(Venue::TelegramBot, Form::Free),
        }
    }

    fn about(mut self, targets: &[&str]) -> Letter {
        self.targets = targets.iter().map(|id| ExternalId((*id).to_owned())).collect();
        self
    }

    fn write(&self, part: &Part) -> Result<Request, FailureCode> {
        let credentials = credentials();
        let venue = match self.thread[0].starts_with("b:") {
            true => Venue::TelegramBusiness,
            false => Venue::TelegramBot,
        };
        let sending = Sending {
            credentials: &credentials,
            venue,
            thread: &self.thread,
            address: &self.address,
            permit: self.permit,
            part,
            targets: &self.targets,
            target_is_theirs: true,
            correlation: "c",
            uploads: &[],
            urls: &[],
        };
        assert_eq!(Telegram.upload(&sending, 0), None);
        Telegram.write(&sending).map_err(|failure| failure.code)
    }

    /// Method and parameters, as JSON.
    fn says(&self, part: &Part) -> (String, Value) {
        let request = self.write(part).expect("written");
        assert_eq!(
            (&request.base, request.method, request.auth),
            (&Base::Telegram, Method::Post, Auth::Path)
        );
        let Body::Json(body) = request.body else { panic!("not JSON: {:?}", request.body) };
        (request.path, body)
    }
}

/// A chat with the bot, a topic of a forum, one person's messages to a channel, a connection: what
/// a call names, and how the names of its messages begin.
fn places() -> [(Letter, Value, &'static str); 4] {
    let bot = json!({ "chat_id": 5512007733i64 });
    let topic = json!({ "chat_id": -1002233445566i64, "message_thread_id": 77 });
    let direct = json!({ "chat_id": -1005566778899i64, "direct_messages_topic_id": 5512007733i64 });
    let business = json!({ "chat_id": 5512007733i64, "business_connection_id": "Bk:1" });
    let to = |key: &str, place: &Value| {
        let mut address = place.clone();
        address.as_object_mut().expect("place").remove("chat_id");
        Letter::to(key, address)
    };
    [
        (to("5512007733", &bot), bot, "5512007733"),
        (to("-1002233445566:77", &topic), topic, "-1002233445566"),
        (to("-1005566778899:5512007733", &direct), direct, "-1005566778899"),
        (to("b:Bk:1:5512007733", &business), business, "b:Bk:1:5512007733"),
    ]
}

fn with(mut place: Value, members: Value) -> Value {
    place.as_object_mut().expect("place").extend(members.as_object().expect("members").clone());
    place
}

#[test]
fn text_goes_to_each_kind_of_place() {
    let part = Part::Text { text: "Tak & <b>".to_owned(), reply_to: None };
    for (letter, place, _) in places() {
        let body = with(place, json!({ "text": "Tak & <b>" }));
        assert_eq!(letter.says(&part), ("/sendMessage".to_owned(), body));
    }
}

#[test]
fn an_answer_names_the_first_part_and_survives_its_loss() {
    let part = Part::Text { text: "Tak".to_owned(), reply_to: Some(someone()) };
    let reply = json!({ "message_id": 1201, "allow_sending_without_reply": true });
    for (letter, place, chat) in places() {
        let letter = letter.about(&[&format!("{chat}:1201"), &format!("{chat}:1202")]);
        let body = with(place.clone(), json!({ "text": "Tak", "reply_parameters": reply }));
        assert_eq!(letter.says(&part).1, body);
        // A tap, a message of another chat or connection, one that never got a name.
        for target in [&["callback:1201"][..], &["55:1201"], &["b:Bk:2:5512007733:1201"], &[]] {
            let letter = Letter::to(&letter.thread[0], Value::Object(letter.address.clone()));
            let body = with(place.clone(), json!({ "text": "Tak" }));
            assert_eq!(letter.about(target).says(&part).1, body, "{target:?}");
        }
    }
}

#[test]
fn a_group_that_became_a_supergroup_is_written_to_as_that() {
    let part = Part::Text { text: "Tak".to_owned(), reply_to: Some(someone()) };
    for keys in [["-4411223344", "-1002233449999"], ["-1002233449999", "-4411223344"]] {
        let mut letter = Letter::to(keys[0], json!({})).about(&["-4411223344:12"]);
        letter.thread = keys.map(str::to_owned).to_vec();
        let body = json!({ "chat_id": -1002233449999i64, "text": "Tak" });
        assert_eq!(letter.says(&part).1, body, "message 12 is another one there");
    }
}

#[test]
fn offers_are_buttons() {
    let part = Part::Offer { text: "Kiedy?".to_owned(), offer: offer("y"), reply_to: None };
    let keyboard = json!({ "inline_keyboard": [
        [{ "text": "Yes", "callback_data": "y" }], [{ "text": "No", "callback_data": "n" }]
    ]});
    for (letter, place, _) in places() {
        let body = with(place, json!({ "text": "Kiedy?", "reply_markup": keyboard }));
        assert_eq!(letter.says(&part), ("/sendMessage".to_owned(), body));
    }
}

fn field(name: &str, value: &str) -> BodyPart {
    BodyPart::Text { name: name.to_owned(), value: value.to_owned() }
}

fn bytes(name: &str, file: &PostFile) -> BodyPart {
    let (name, attachment) = (name.to_owned(), file.id);
    BodyPart::File { name, attachment, file_name: file.name.clone(), mime: file.mime.clone() }
}

#[test]
fn a_file_goes_as_what_telegram_shows_it_best() {
    let mb = 1024 * 1024;
    let voice = |mime| PostFile { voice: true, ..file(mime, 5) };
    let cases = [
        (file("image/jpeg", 10 * mb), "sendPhoto", "photo"),
        (file("image/jpeg", 10 * mb + 1), "sendDocument", "document"),
        (file("image/heif", 5), "sendDocument", "document"),
        (file("image/gif", 5), "sendAnimation", "animation"),
        (file("video/mp4", 5), "sendVideo", "video"),
        (file("video/webm", 5), "sendDocument", "document"),
        (file("audio/mpeg", 5), "sendAudio", "audio"),
        (file("audio/ogg", 5), "sendDocument", "document"),
        (voice("audio/ogg"), "sendVoice", "voice"),
        (voice("audio/opus"), "sendVoice", "voice"),
        (voice("audio/aac"), "sendDocument", "document"),
        (file("application/pdf", 5), "sendDocument", "document"),
    ];
    for (file, method, name) in cases {
        let part = Part::File {
            file: file.clone(),
            caption: Some("Tak".to_owned()),
            reply_to: Some(someone()),
        };
        let (letter, ..) = places().into_iter().nth(3).expect("place");
        let request = letter.about(&["b:Bk:1:5512007733:9"]).write(&part).expect("written");
        assert_eq!((request.path, request.auth), (format!("/{method}"), Auth::Path));
        let reply = "{\"allow_sending_without_reply\":true,\"message_id\":9}";
        let parts = vec![
            field("business_connection_id", "Bk:1"),
            field("caption", "Tak"),
            field("chat_id", "5512007733"),
            field("reply_parameters", reply),
            bytes(name, &file),
        ];
        assert_eq!(request.body, Body::Multipart(parts));
    }
}

#[test]
fn an_album_is_one_call_with_the_caption_on_its_first_file() {
    let files = vec![file("image/png", 3), file("video/mp4", 4)];
    let part =
        Part::Album { files: files.clone(), caption: Some("Dwa".to_owned()), reply_to: None };
    let request = Letter::to("55", json!({})).write(&part).expect("written");
    assert_eq!(request.path, "/sendMediaGroup");
    let media = json!([
        { "type": "photo", "media": "attach://file0", "caption": "Dwa" },
        { "type": "video", "media": "attach://file1" },
    ]);
    let Body::Multipart(parts) = request.body else { panic!("not multipart") };
    let [chat, BodyPart::Text { name, value }, first, second] = parts.as_slice() else {
        panic!("{parts:?}");
    };
    assert_eq!((chat, name.as_str()), (&field("chat_id", "55"), "media"));
    assert_eq!(serde_json::from_str::<Value>(value).expect("JSON"), media);
    assert_eq!((first, second), (&bytes("file0", &files[0]), &bytes("file1", &files[1])));
}

#[test]
fn reactions_are_set_and_taken_back_in_telegrams_form() {
    let react =
        |emoji: Option<&str>| Part::React { target: someone(), emoji: emoji.map(str::to_owned) };
    let letter = Letter::to("-100:77", json!({ "message_thread_id": 77 })).about(&["-100:12"]);
    let body = |reaction| json!({ "chat_id": -100, "message_id": 12, "reaction": reaction });
    let told = letter.says(&react(Some("❤️")));
    assert_eq!(
        told,
        ("/setMessageReaction".to_owned(), body(json!([{ "type": "emoji", "emoji": "❤" }])))
    );
    assert_eq!(letter.says(&react(None)).1, body(json!([])));
    let business = Letter::to("b:k:5", json!({})).about(&["b:k:5:12"]);
    assert_eq!(business.write(&react(None)), Err(FailureCode::NotPossible));
}

#[test]
fn edits_and_deletions_name_the_message() {
    let edit =
        |text: &str, caption| Part::Edit { target: someone(), text: text.to_owned(), caption };
    let delete = Part::Delete { target: someone() };
    let bot = || Letter::to("55:7", json!({ "message_thread_id": 7 })).about(&["55:12"]);
    let business = || Letter::to("b:k:55", json!({})).about(&["b:k:55:12", "b:k:55:13"]);

    let text = json!({ "chat_id": 55, "message_id": 12, "text": "x" });
    assert_eq!(bot().says(&edit("x", false)), ("/editMessageText".to_owned(), text));
    let caption =
        json!({ "business_connection_id": "k", "chat_id": 55, "message_id": 12, "caption": "x" });
    assert_eq!(business().says(&edit("x", true)), ("/editMessageCaption".to_owned(), caption));
    assert_eq!(bot().write(&edit(&"😀".repeat(2049), false)), Err(FailureCode::TooLong));
    assert_eq!(bot().write(&edit(&"x".repeat(1025), true)), Err(FailureCode::TooLong));

    let one = json!({ "chat_id": 55, "message_id": 12 });
    assert_eq!(bot().says(&delete), ("/deleteMessage".to_owned(), one));
    let two = json!({ "chat_id": 55, "message_ids": [12, 13] });
    assert_eq!(bot().about(&["55:12", "55:13"]).says(&delete), ("/deleteMessages".to_owned(), two));
    let theirs = json!({ "business_connection_id": "k", "message_ids": [12, 13] });
    assert_eq!(business().says(&delete), ("/deleteBusinessMessages".to_owned(), theirs));
    for part in [edit("x", false), delete, Part::React { target: someone(), emoji: None }] {
        assert_eq!(bot().about(&[]).write(&part), Err(FailureCode::TargetGone));
    }
}

#[test]
fn nothing_leaves_without_a_permit_or_to_nowhere() {
    let parts = [
        Part::Text { text: "x".to_owned(), reply_to: None },
        Part::File { file: file("image/png", 1), caption: None, reply_to: None },
        Part::Album { files: vec![], caption: None, reply_to: None },
        Part::Offer { text: "x".to_owned(), offer: offer("y"), reply_to: None },
        Part::React { target: someone(), emoji: None },
    ];
    for part in parts {
        let mut letter = Letter::to("55", json!({})).about(&["55:1"]);
        letter.permit = permitted(Venue::Whatsapp, Form::Template);
        assert_eq!(letter.write(&part), Err(FailureCode::WindowClosed), "{part:?}");
        for nowhere in ["", "x", "b:k:", "55:x", "c:9"] {
            let letter = Letter::to(nowhere, json!({})).about(&["55:1"]);
            assert_eq!(letter.write(&part), Err(FailureCode::Refused), "{nowhere}");
        }
    }
    let comment = Part::CommentReply { target: someone(), text: "x".to_owned() };
    assert_eq!(Letter::to("55", json!({})).write(&comment), Err(FailureCode::NotPossible));
}

#[test]
fn typing_reading_and_confirming_are_told_where_they_can_be() {
    let credentials = credentials();
    let act = |letter: &Letter, action: Action| {
        let (thread, address) = (letter.thread.as_slice(), &letter.address);
        let venue = Venue::TelegramBot;
        let to = ActionTo { credentials: &credentials, venue, thread, address, newest: None };
        let request = Telegram.action(&to, &action)?;
        match request.body {
            Body::Json(body) => Some((request.path, body)),
            other => panic!("{other:?}"),
        }
    };
    let [bot, topic, direct, business] = places();
    for (letter, place, _) in [&bot, &topic, &business] {
        let told = act(letter, Action::Typing { on: true }).expect("told");
        let body = with(place.clone(), json!({ "action": "typing" }));
        assert_eq!(told, ("/sendChatAction".to_owned(), body));
        assert_eq!(act(letter, Action::Typing { on: false }), None, "it ends by itself");
    }
    assert_eq!(act(&direct.0, Action::Typing { on: true }), None);
    let read = || Action::Read { message: ExternalId("b:Bk:1:5512007733:12".to_owned()) };
    let body = with(business.1, json!({ "message_id": 12 }));
    assert_eq!(act(&business.0, read()), Some(("/readBusinessMessage".to_owned(), body)));
    assert_eq!(act(&bot.0, read()), None, "bots read unseen");
    let tap = act(&bot.0, Action::Acknowledge { id: "236".to_owned() });
    assert_eq!(
        tap,
        Some(("/answerCallbackQuery".to_owned(), json!({ "callback_query_id": "236" })))
    );
}
