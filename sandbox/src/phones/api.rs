//! What the customers can be made to do.

use actix_web::error::{InternalError, JsonPayloadError};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::samples;
use crate::world::preset::PAGE;
use crate::world::{
    Action, Attachment, Comment, Draft, Person, Phone, Platform, Refusal, Side, State, World,
};

/// A file of 24 MB, as base64.
pub const LARGEST_BODY: usize = 34 * 1024 * 1024;

/// The post under which people comment, unless they name another.
const POST: &str = "122100000000000777";
const REEL: &str = "17900000000000777";

pub fn unread(error: JsonPayloadError, _request: &HttpRequest) -> actix_web::Error {
    let answer = HttpResponse::BadRequest().json(json!({ "error": error.to_string() }));
    InternalError::from_response(error, answer).into()
}

fn refused(refusal: Refusal) -> HttpResponse {
    let (mut answer, why) = match refusal {
        Refusal::NoSuchPhone => (HttpResponse::NotFound(), "There is no such phone."),
        Refusal::NoSuchMessage => (HttpResponse::NotFound(), "That message is not there."),
        Refusal::NoSuchButton => (HttpResponse::NotFound(), "That button is not there."),
        Refusal::Empty => (HttpResponse::BadRequest(), "There is nothing to send."),
        Refusal::NotYours => (HttpResponse::Conflict(), "Only own messages can be changed."),
        Refusal::TooLate => (HttpResponse::Conflict(), "That message is too old to be changed."),
        Refusal::Blocked => (HttpResponse::Conflict(), "You blocked this business."),
    };
    answer.json(json!({ "error": why }))
}

fn act(world: &World, phone: &str, action: Action) -> HttpResponse {
    match world.act(phone, action) {
        Ok(id) => HttpResponse::Ok().json(json!({ "id": id })),
        Err(refusal) => refused(refusal),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Send {
    text: Option<String>,
    media: Option<Files>,
    reply_to: Option<String>,
    location: Option<Value>,
    contact: Option<Contact>,
    /// An emoji, for those who read along; what is sent is the sample sticker.
    sticker: Option<String>,
    #[serde(default)]
    story_reply: bool,
    #[serde(default)]
    story_mention: bool,
    comment: Option<CommentOn>,
    /// The advertisement, link or product that led here, as the platform describes it.
    referral: Option<Value>,
    #[serde(default)]
    unsupported: bool,
}

/// One file, or several that go as one message.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Files {
    One(File),
    Several(Vec<File>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: String,
    name: Option<String>,
    data_url: Option<String>,
    /// `image`, `voice`, `pdf` or `sticker`.
    sample: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact {
    name: String,
    phone: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum CommentOn {
    /// The usual post.
    Usual(bool),
    Post {
        post: Option<String>,
        parent: Option<String>,
    },
}

pub async fn send(world: Data<World>, phone: Path<String>, asked: Json<Send>) -> HttpResponse {
    let drafted = {
        let mut state = world.lock();
        let face = state.phone(&phone).map(Phone::face);
        face.map(|face| draft(&world, &mut state, &face, asked.into_inner()))
    };
    match drafted {
        None => refused(Refusal::NoSuchPhone),
        Some(Err(why)) => HttpResponse::BadRequest().json(json!({ "error": why })),
        Some(Ok(draft)) => {
            let mut drafts = separate(&world, &phone, draft).into_iter();
            let first = drafts.next().map(|draft| act(&world, &phone, Action::Say(draft)));
            drafts.for_each(|draft| drop(world.act(&phone, Action::Say(draft))));
            first.unwrap_or_else(|| refused(Refusal::Empty))
        }
    }
}

/// WhatsApp and Telegram send each file as a message of its own, the words with the first of them.
/// Telegram says which belong together.
fn separate(world: &World, phone: &str, draft: Draft) -> Vec<Draft> {
    let mut state = world.lock();
    let platform = state.phone(phone).map(|phone| phone.face().platform);
    let group = match platform {
        Some(Platform::Telegram) => Some(state.decimal_id("139")),
        Some(Platform::Whatsapp) => None,
        _ => return vec![draft],
    };
    if draft.media.len() < 2 {
        return vec![draft];
    }
    let mut shared = Draft { media: vec![], ..draft };
    let mut drafts = vec![];
    for file in draft.media {
        let mut one = Draft { media: vec![file], ..shared.clone() };
        if let Some(group) = &group {
            one.card["media_group_id"] = json!(group);
        }
        drafts.push(one);
        (shared.text, shared.reply_to) = (None, None);
    }
    drafts
}

fn draft(world: &World, state: &mut State, phone: &Phone, asked: Send) -> Result<Draft, String> {
    let mut draft = Draft { text: asked.text, reply_to: asked.reply_to, ..Draft::default() };
    let files = match asked.media {
        None => vec![],
        Some(Files::One(file)) => vec![file],
        Some(Files::Several(files)) => files,
    };
    for file in files {
        draft.media.push(keep(state, phone, file)?);
    }
    if let Some(location) = asked.location {
        if !(location["latitude"].is_number() && location["longitude"].is_number()) {
            return Err("a location has a latitude and a longitude".into());
        }
        draft.kind = Some("location".into());
        draft.card = location;
    }
    if let Some(Contact { name, phone }) = asked.contact {
        let first = name.split(' ').next().unwrap_or_default();
        draft.kind = Some("contacts".into());
        draft.card = json!([{
            "name": { "formatted_name": name, "first_name": first },
            "phones": [{ "phone": phone, "type": "CELL" }],
        }]);
    }
    if asked.sticker.is_some() {
        draft.media.push(sample(state, phone, "sticker")?);
    }
    if asked.story_reply || asked.story_mention {
        draft.kind = Some(if asked.story_reply { "story_reply" } else { "story_mention" }.into());
        let picture = sample(state, phone, "image")?.media;
        let url = world.media_url(state, &picture);
        draft.card = json!({ "story": { "id": state.decimal_id("18"), "url": url } });
    }
    if let Some(referral) = asked.referral {
        if draft.card.is_array() {
            return Err("a contact has no referral".into());
        }
        draft.card["referral"] = referral;
    }
    draft.comment = comment(phone.platform, asked.comment);
    if asked.unsupported {
        draft.kind = Some("unsupported".into());
    }
    Ok(draft)
}

fn comment(platform: Platform, asked: Option<CommentOn>) -> Option<Comment> {
    let (post, parent) = match asked? {
        CommentOn::Usual(false) => return None,
        CommentOn::Usual(true) => (None, None),
        CommentOn::Post { post, parent } => (post, parent),
    };
    let usual = match platform {
        Platform::Messenger => format!("{PAGE}_{POST}"),
        _ => REEL.to_owned(),
    };
    Some(Comment { post: post.unwrap_or(usual), parent, hidden: false, answered: false })
}

fn keep(state: &mut State, phone: &Phone, file: File) -> Result<Attachment, String> {
    if let Some(name) = &file.sample {
        return sample(state, phone, name);
    }
    let data = file.data_url.ok_or("a file is a data_url or a sample")?;
    let (head, data) = data.split_once(',').ok_or("that is no data URL")?;
    let mime = head.strip_prefix("data:").and_then(|head| head.strip_suffix(";base64"));
    let mime = mime.ok_or("that is no data URL in base64")?;
    let mime = mime.split(';').next().filter(|mime| !mime.is_empty());
    let mime = mime.unwrap_or("application/octet-stream");
    let bytes = STANDARD.decode(data).map_err(|error| error.to_string())?;
    Ok(store(state, phone, file.kind, mime, file.name, bytes))
}

fn sample(state: &mut State, phone: &Phone, name: &str) -> Result<Attachment, String> {
    let sample = samples::make(name).ok_or_else(|| format!("there is no sample {name}"))?;
    let name = sample.name.map(ToOwned::to_owned);
    Ok(store(state, phone, sample.kind.into(), sample.mime, name, sample.bytes))
}

fn store(
    state: &mut State,
    phone: &Phone,
    kind: String,
    mime: &str,
    name: Option<String>,
    bytes: Vec<u8>,
) -> Attachment {
    let (bytes, from) = (Bytes::from(bytes), Side::Customer);
    let media = state.add_media(phone.platform, &phone.account, from, mime, name.clone(), bytes);
    Attachment { media, kind, name }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    message: String,
    text: String,
}

pub async fn edit(world: Data<World>, phone: Path<String>, asked: Json<Edit>) -> HttpResponse {
    let Edit { message, text } = asked.into_inner();
    act(&world, &phone, Action::Edit { message, text })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delete {
    message: String,
}

pub async fn delete(world: Data<World>, phone: Path<String>, asked: Json<Delete>) -> HttpResponse {
    act(&world, &phone, Action::Delete { message: asked.into_inner().message })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct React {
    message: String,
    emoji: Option<String>,
}

pub async fn react(world: Data<World>, phone: Path<String>, asked: Json<React>) -> HttpResponse {
    let React { message, emoji } = asked.into_inner();
    act(&world, &phone, Action::React { message, emoji })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tap {
    message: String,
    payload: String,
}

pub async fn tap(world: Data<World>, phone: Path<String>, asked: Json<Tap>) -> HttpResponse {
    let Tap { message, payload } = asked.into_inner();
    act(&world, &phone, Action::Tap { message, payload })
}

pub async fn read(world: Data<World>, phone: Path<String>) -> HttpResponse {
    act(&world, &phone, Action::Read)
}

pub async fn typing(world: Data<World>, phone: Path<String>) -> HttpResponse {
    act(&world, &phone, Action::Typing)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    on: bool,
}

pub async fn block(world: Data<World>, phone: Path<String>, asked: Json<Block>) -> HttpResponse {
    act(&world, &phone, Action::Block(asked.on))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    platform: Platform,
    account: String,
    name: String,
}

/// Gives someone new a phone. Answers its id and that of the person.
pub async fn people(world: Data<World>, asked: Json<NewPerson>) -> HttpResponse {
    let NewPerson { platform, account, name } = asked.into_inner();
    let mut state = world.lock();
    let connected =
        platform == Platform::Telegram && state.telegram.connections.contains_key(&account);
    if name.trim().is_empty() || !(connected || state.account(platform, &account).is_some()) {
        let error = json!({ "error": "A name and an account of the platform are needed." });
        return HttpResponse::BadRequest().json(error);
    }
    let number = state.number();
    let mut digits = |begins: &str, long: usize| {
        let id = state.decimal_id(begins);
        id[..long].to_owned()
    };
    let id = match platform {
        Platform::Whatsapp => digits("1650", 11),
        Platform::Messenger => digits("77", 16),
        Platform::Instagram => digits("178", 16),
        Platform::Telegram => digits("61", 10),
    };
    let user_id = (platform == Platform::Whatsapp).then(|| format!("US.{}", digits("7", 17)));
    let username: String = name.to_lowercase().split_whitespace().collect::<Vec<_>>().join("_");
    let has_username = matches!(platform, Platform::Instagram | Platform::Telegram);
    let person =
        Person { id: id.clone(), name, username: has_username.then_some(username), user_id };
    let phone = format!("{}-{number}", platform.name());
    state.add_phone(phone.clone(), platform, &account, person);
    drop(state);
    world.changed(&phone);
    HttpResponse::Ok().json(json!({ "id": phone, "person": id }))
}
