//! The Telegram Bot API.

mod announce;
mod change;
mod control;
mod files;
mod input;
mod markup;
mod memory;
mod params;
mod profile;
mod refused;
mod send;
mod shown;
mod target;
mod text;
mod updates;
mod webhook;

use std::io;
use std::time::Duration;

use actix_web::web::{self, Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::stream;

pub use announce::announce;
pub use memory::{Memory, message_id};

use crate::faults::{Kind, of_gateway};
use crate::world::{Account, Platform, World};
use params::Params;
use refused::{Answer, Done, Refused};

const RETRY_AFTER_SECONDS: u32 = 3;

/// The routes under `/telegram`, and what is commanded of it under `/control/telegram`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/telegram/bot{token}/{method}", web::route().to(call))
        .route("/telegram/file/bot{token}/{path:.*}", web::get().to(files::download))
        .route("/control/telegram/connection", web::post().to(control::connect))
        .route("/control/telegram/connection", web::delete().to(control::forget))
        .route("/control/telegram/owner", web::post().to(control::owner_says))
        .route("/control/telegram/group", web::post().to(control::group))
        .route("/control/telegram/migrate", web::post().to(control::migrate))
        .route("/control/telegram/update", web::post().to(control::inject));
}

/// The bot that a token opens.
fn bot_of_token(world: &World, token: &str) -> Answer<Account> {
    let is_token = token
        .split_once(':')
        .is_some_and(|(id, secret)| id.parse::<u64>().is_ok() && secret.len() >= 20);
    if !is_token {
        return Err(Refused::not_found());
    }
    let state = world.lock();
    let revoked = state.tokens.get(token).is_some_and(|token| token.revoked);
    let account = state.account_of_token(Platform::Telegram, token).cloned();
    account.filter(|_| !revoked).ok_or_else(Refused::unauthorized)
}

/// One call of a method.
async fn call(
    world: Data<World>,
    request: HttpRequest,
    path: Path<(String, String)>,
    payload: Payload,
) -> HttpResponse {
    let (token, method) = path.into_inner();
    let strikes = |kind| world.strike(Platform::Telegram, kind, &method);
    if strikes(Kind::TimeoutBeforeAccept).is_some() {
        return hang_up();
    }
    let answer = match struck(&world, &method) {
        Some(refused) => Err(refused),
        None => run(&world, &request, payload, &token, &method).await,
    };
    if strikes(Kind::TimeoutAfterAccept).is_some() {
        return hang_up();
    }
    for (kind, status) in Kind::OF_GATEWAYS {
        if strikes(kind).is_some() {
            return of_gateway(status);
        }
    }
    match answer {
        Ok(done) => done.response(),
        Err(refused) => refused.response(),
    }
}

/// What the sandbox was told to answer instead.
fn struck(world: &World, method: &str) -> Option<Refused> {
    let strikes = |kind| world.strike(Platform::Telegram, kind, method);
    if strikes(Kind::Broken).is_some() {
        return Some(Refused::broken());
    }
    if strikes(Kind::RevokedToken).is_some() {
        return Some(Refused::unauthorized());
    }
    let fault = strikes(Kind::TooMany)?;
    let seconds = fault.seconds.unwrap_or(RETRY_AFTER_SECONDS);
    Some(Refused::too_many(Duration::from_secs(seconds.into())))
}

/// Closes the connection without an answer: a body that fails at once ends it before its head has
/// been written.
fn hang_up() -> HttpResponse {
    let lost = || async { Err::<Bytes, io::Error>(io::Error::other("hung up")) };
    HttpResponse::Ok().streaming(stream::once(lost()))
}

async fn run(
    world: &World,
    request: &HttpRequest,
    payload: Payload,
    token: &str,
    method: &str,
) -> Answer<Done> {
    let account = bot_of_token(world, token)?;
    let params = Params::read(request, payload).await?;
    let (bot, params) = (account.id.as_str(), &params);
    match method.to_lowercase().as_str() {
        "getme" => profile::me(&account),
        "getupdates" => updates::get(world, bot, params).await,
        "setwebhook" => webhook::set(world, bot, params),
        "deletewebhook" => webhook::delete(world, bot, params),
        "getwebhookinfo" => webhook::info(world, bot),
        "sendmessage" => send::text(world, bot, params),
        "sendphoto" => send::file(world, bot, ("sendPhoto", "photo", "image"), params).await,
        "senddocument" => {
            send::file(world, bot, ("sendDocument", "document", "document"), params).await
        }
        "sendvideo" => send::file(world, bot, ("sendVideo", "video", "video"), params).await,
        "sendanimation" => {
            send::file(world, bot, ("sendAnimation", "animation", "animation"), params).await
        }
        "sendaudio" => send::file(world, bot, ("sendAudio", "audio", "audio"), params).await,
        "sendvoice" => send::file(world, bot, ("sendVoice", "voice", "voice"), params).await,
        "sendvideonote" => {
            send::file(world, bot, ("sendVideoNote", "video_note", "video_note"), params).await
        }
        "sendsticker" => {
            send::file(world, bot, ("sendSticker", "sticker", "sticker"), params).await
        }
        "sendmediagroup" => send::album(world, bot, params).await,
        "sendlocation" => send::location(world, bot, params, false),
        "sendvenue" => send::location(world, bot, params, true),
        "sendcontact" => send::contact(world, bot, params),
        "sendpoll" => send::poll(world, bot, params),
        "editmessagetext" => change::edit(world, bot, "editMessageText", params),
        "editmessagecaption" => change::edit(world, bot, "editMessageCaption", params),
        "editmessagereplymarkup" => change::edit(world, bot, "editMessageReplyMarkup", params),
        "deletemessage" => change::delete(world, bot, params),
        "deletemessages" => change::delete_all(world, bot, "deleteMessages", params),
        "deletebusinessmessages" => {
            change::delete_all(world, bot, "deleteBusinessMessages", params)
        }
        "setmessagereaction" => change::react(world, bot, params),
        "sendchataction" => change::action(world, bot, params),
        "answercallbackquery" => change::answer_query(world, bot, params),
        "readbusinessmessage" => change::read_business(world, bot, params),
        "getfile" => files::get(world, bot, params),
        "getchat" => profile::chat(world, bot, params),
        "getchatmember" => profile::chat_member(world, bot, params),
        "getuserprofilephotos" => profile::photos(),
        "getbusinessconnection" => profile::connection(world, bot, params),
        "setmycommands"
        | "deletemycommands"
        | "setmyname"
        | "setmydescription"
        | "setmyshortdescription"
        | "setchatmenubutton" => Done::yes(),
        _ => Err(Refused {
            description: "Not Found: method not found".into(),
            ..Refused::not_found()
        }),
    }
}
