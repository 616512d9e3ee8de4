//! The Send API: `POST /{page-id}/messages`, and the same of Instagram.

use actix_web::http::Method;
use serde_json::{Map, Value, json};

use super::content::{self, Content};
use super::files::{Got, get};
use super::{Venue, events, find_comment};
use crate::faults::Kind;
use crate::graph::{Answer, Call, Fields, GraphError};
use crate::hooks::Hook;
use crate::world::{Message, Phone, Platform, Reaction, Side, State, Status, World};

const HOUR_MS: i64 = 60 * 60 * 1000;
const WINDOW_MS: i64 = 24 * HOUR_MS;
const HUMAN_AGENT_MS: i64 = 7 * 24 * HOUR_MS;
const PRIVATE_REPLY_MS: i64 = 7 * 24 * HOUR_MS;
const TYPING_MS: i64 = 20_000;
const RATE: usize = 300;

const MEMBERS: [&str; 10] = [
    "recipient",
    "messaging_type",
    "tag",
    "message",
    "reply_to",
    "persona_id",
    "notification_type",
    "sender_action",
    "payload",
    "thread_control",
];
const RECIPIENTS: [&str; 6] =
    ["id", "user_ref", "comment_id", "post_id", "phone_number", "notification_messages_token"];

/// To whom: a person who is known, or the author of a comment.
enum Recipient {
    Person(Phone),
    /// The phone and the comment.
    Comment(Phone, String),
}

pub async fn messages(world: &World, call: &Call, page: &Venue) -> Answer {
    let body = Fields::of(&call.json, "", &MEMBERS)?;
    let recipient = body.object("recipient", &RECIPIENTS)?;
    if RECIPIENTS.iter().filter(|member| recipient.has(member)).count() != 1 {
        return Err(GraphError::invalid("Param recipient must be non-empty and name one person"));
    }
    let (venue, to) = resolve(world, page, &recipient)?;
    if body.has("sender_action") {
        return action(world, &venue, &body, &to);
    }
    let message = body.need("message")?;
    let content = content::read(&venue, message)?;
    check_type(&venue, &body, &content)?;
    let mut files = vec![];
    for file in &content.files {
        files.push(get(world, call, &venue, file).await?);
    }
    let mut state = world.lock();
    let (phone, comment) = match &to {
        Recipient::Person(phone) => (phone, None),
        Recipient::Comment(phone, comment) => (phone, Some(comment)),
    };
    may_send(&mut state, &venue, &body, phone, comment)?;
    let message = build(&mut state, &venue, &body, content, &files, phone)?;
    if let Some(comment) = comment
        && let Some(phone) = state.phone_mut(&phone.id)
        && let Some(comment) = phone.message_mut(comment).and_then(|one| one.comment.as_mut())
    {
        comment.answered = true;
    }
    let mut answer = json!({ "recipient_id": phone.person.id, "message_id": message.id });
    let reusable = files.iter().find_map(|file| file.attachment.clone());
    if let Some(attachment) = reusable {
        answer["attachment_id"] = attachment.into();
    }
    state.accept(&phone.id, message.clone(), "messages", call.json.clone());
    let chance = state.chance();
    let silent =
        state.faults.strike(venue.platform, Kind::DropReceipts, "messages", chance).is_some();
    let hooks: Vec<Hook> = events::after_send(world, &mut state, phone, &message, silent);
    world.push_all(&state, hooks);
    drop(state);
    world.changed(&phone.id);
    Ok(answer)
}

fn resolve(world: &World, page: &Venue, to: &Fields<'_>) -> Result<(Venue, Recipient), GraphError> {
    let state = world.lock();
    let linked = state.accounts.iter().find(|account| {
        page.platform == Platform::Messenger
            && account.platform == Platform::Instagram
            && account.owner == page.account
    });
    let mut venues = vec![page.clone()];
    venues.extend(linked.map(|account| Venue {
        platform: Platform::Instagram,
        account: account.id.clone(),
        by_page: true,
    }));
    if let Some(comment) = to.text("comment_id")?.or(to.text("post_id")?) {
        for venue in venues {
            if let Some(phone) = find_comment(&state, venue.platform, comment)
                .filter(|phone| phone.account == venue.account)
            {
                return Ok((venue, Recipient::Comment(phone.face(), comment.to_owned())));
            }
        }
        return Err(GraphError::new(400, 10_903, "(#10903) This user cant reply to this activity"));
    }
    let id = to.text("id")?;
    for venue in venues {
        if let Some(phone) = id.and_then(|id| state.phone_of(venue.platform, &venue.account, id)) {
            return Ok((venue, Recipient::Person(phone.face())));
        }
    }
    Err(GraphError::invalid("No matching user found").subcode(2_018_001))
}

/// The messaging type and the tag, as far as they can be judged alone.
fn check_type(venue: &Venue, body: &Fields<'_>, content: &Content) -> Result<(), GraphError> {
    let types = ["RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"];
    let kind = body.one_of("messaging_type", &types)?;
    body.one_of("notification_type", &["REGULAR", "SILENT_PUSH", "NO_PUSH"])?;
    if body.has("persona_id") && venue.platform == Platform::Instagram {
        return Err(body.wrong("persona_id", "does not exist on Instagram"));
    }
    match (kind, body.text("tag")?) {
        (Some("MESSAGE_TAG"), Some("HUMAN_AGENT")) => Ok(()),
        (Some("MESSAGE_TAG"), Some("CUSTOMER_FEEDBACK"))
            if venue.platform == Platform::Messenger && content.is_feedback =>
        {
            Ok(())
        }
        (Some("MESSAGE_TAG"), Some(tag)) => Err(GraphError::invalid(format!(
            "The message tag {tag} is not available: it was removed or is not allowed here"
        ))),
        (Some("MESSAGE_TAG"), None) => Err(body.missing("tag")),
        (_, Some(_)) => Err(body.wrong("tag", "needs the messaging_type MESSAGE_TAG")),
        (Some("UTILITY"), None) => Err(GraphError::invalid("UTILITY needs an approved template")),
        (_, None) => Ok(()),
    }
}

/// Window, block, one private reply, rates.
fn may_send(
    state: &mut State,
    venue: &Venue,
    body: &Fields<'_>,
    phone: &Phone,
    comment: Option<&String>,
) -> Result<(), GraphError> {
    let now = state.now();
    let chance = [state.chance(), state.chance()];
    if phone.blocked {
        return Err(GraphError::new(400, 551, "(#551) This person isn't available right now.")
            .subcode(1_545_041));
    }
    if let Some(comment) = comment {
        let comment = state.phone(&phone.id).and_then(|phone| phone.message(comment));
        let comment = comment
            .ok_or_else(|| GraphError::new(400, 10_903, "(#10903) The comment is not there"))?;
        if comment.deleted || comment.at + PRIVATE_REPLY_MS <= now {
            return Err(GraphError::new(
                400,
                10_903,
                "(#10903) This user cant reply to this activity",
            ));
        }
        if comment.comment.as_ref().is_some_and(|place| place.answered) {
            return Err(GraphError::new(400, 10_900, "(#10900) Activity already replied to"));
        }
    } else {
        let lasts =
            if body.text("tag")? == Some("HUMAN_AGENT") { HUMAN_AGENT_MS } else { WINDOW_MS };
        let open = phone.last_said_at.is_some_and(|at| now < at + lasts);
        let struck = state
            .faults
            .strike(venue.platform, Kind::ClosedWindow, "messages", chance[0])
            .is_some();
        if !open || struck {
            let subcode = if venue.platform == Platform::Instagram { 2_534_022 } else { 2_018_278 };
            let message = "(#10) This message is sent outside of allowed window.";
            return Err(GraphError::new(400, 10, message).subcode(subcode));
        }
    }
    if state.faults.strike(venue.platform, Kind::RateLimits, "messages", chance[1]).is_some() {
        let sent = state.messenger.sent.entry(venue.account.clone()).or_default();
        sent.retain(|at| at + 1000 > now);
        if sent.len() >= RATE {
            return Err(GraphError::new(
                400,
                613,
                "(#613) Calls to this api have exceeded the rate limit.",
            ));
        }
        sent.push(now);
    }
    Ok(())
}

fn build(
    state: &mut State,
    venue: &Venue,
    body: &Fields<'_>,
    content: Content,
    files: &[Got],
    phone: &Phone,
) -> Result<Message, GraphError> {
    let reply_to = match body.has("reply_to") {
        true => Some(body.object("reply_to", &["mid"])?.need_text("mid", 512)?.to_owned()),
        false => None,
    };
    if let Some(mid) = &reply_to
        && state.phone(&phone.id).is_none_or(|phone| phone.message(mid).is_none())
    {
        return Err(body.wrong("reply_to", "is not a message of this conversation"));
    }
    let at = state.now();
    let id = state.message_id(phone);
    // Instagram has no delivery event, but its phones have the message all the same.
    debug_assert_eq!(venue.platform, phone.platform);
    Ok(Message {
        text: content.text,
        media: files.iter().map(|file| file.shown.clone()).collect(),
        reply_to,
        buttons: content.buttons,
        card: content.card,
        opaque: content.metadata,
        status: Status::Delivered,
        ..Message::new(id, Side::Business, content.kind, at)
    })
}

fn action(world: &World, venue: &Venue, body: &Fields<'_>, to: &Recipient) -> Answer {
    let kinds = ["typing_on", "typing_off", "mark_seen", "react", "unreact"];
    let kind = body.one_of("sender_action", &kinds)?.unwrap_or_default();
    if ["message", "messaging_type", "tag", "reply_to"].iter().any(|member| body.has(member)) {
        return Err(GraphError::invalid("sender_action goes alone"));
    }
    let Recipient::Person(face) = to else {
        return Err(GraphError::invalid("sender_action needs the id of a person"));
    };
    let mut state = world.lock();
    let now = state.now();
    let phone = state.phone_mut(&face.id).ok_or_else(|| GraphError::no_such_object(&face.id))?;
    match kind {
        "typing_on" => phone.typing_until = now + TYPING_MS,
        "typing_off" => phone.typing_until = 0,
        "mark_seen" => phone
            .thread
            .iter_mut()
            .filter(|message| message.from == Side::Customer)
            .for_each(|message| message.status = Status::Read),
        _ => {
            let payload = body.object("payload", &["message_id", "reaction"])?;
            let id = payload.need_text("message_id", 512)?;
            let message =
                phone.message_mut(id).ok_or_else(|| payload.wrong("message_id", "is not known"))?;
            message.reactions.retain(|reaction| reaction.by != Side::Business);
            if kind == "react" {
                let reaction = payload.need_text("reaction", 32)?;
                if venue.by_page && venue.platform == Platform::Instagram && reaction != "love" {
                    return Err(payload.wrong("reaction", "must be love"));
                }
                let emoji = if reaction == "love" { "❤" } else { reaction };
                message.reactions.push(Reaction { by: Side::Business, emoji: emoji.to_owned() });
            }
            let id = id.to_owned();
            state.note(&face.id, Some(id), "messages", json!({ "sender_action": kind }));
        }
    }
    drop(state);
    world.changed(&face.id);
    Ok(json!({ "recipient_id": face.person.id }))
}

/// `/{page-id}/messenger_profile`
pub fn profile_edge(world: &World, call: &Call, account: &str) -> Answer {
    let members = [
        "get_started",
        "greeting",
        "ice_breakers",
        "persistent_menu",
        "commands",
        "whitelisted_domains",
        "account_linking_url",
        "platform",
    ];
    let mut state = world.lock();
    let profile = state.messenger.profiles.entry(account.to_owned()).or_default();
    match call.method {
        Method::GET => {
            let asked = call.param("fields").unwrap_or_default();
            let found: Map<String, Value> = asked
                .split(',')
                .filter_map(|name| Some((name.to_owned(), profile.get(name)?.clone())))
                .collect();
            Ok(json!({ "data": [found] }))
        }
        Method::POST => {
            Fields::of(&call.json, "", &members)?;
            profile.extend(call.json.as_object().cloned().unwrap_or_default());
            Ok(json!({ "result": "success" }))
        }
        Method::DELETE => {
            for name in call.json["fields"].as_array().into_iter().flatten() {
                profile.remove(name.as_str().unwrap_or_default());
            }
            Ok(json!({ "result": "success" }))
        }
        _ => Err(GraphError::invalid("Unsupported request method")),
    }
}
