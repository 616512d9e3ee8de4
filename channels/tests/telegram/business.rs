//! What Telegram says of those who let a bot answer for them, and what it answers when asked.

use serde_json::json;
use switchboard_channels::telegram::{Telegram, read};
use switchboard_channels::{Body, Platform, What};
use switchboard_domain::business::Right;
use switchboard_domain::{Access, BusinessConnection};

use super::BOT;
use super::replies::reply;
use super::support::sample;

fn told(name: &str) -> BusinessConnection {
    let [routed] = read(BOT, &sample("telegram", name)).events.try_into().expect("one event");
    match routed.event.what {
        What::Connection(connection) => *connection,
        other => panic!("{other:?}"),
    }
}

#[test]
fn of_the_words_about_one_connection_the_one_with_the_higher_number_holds() {
    let connected = told("business_connected");
    let silent = told("business_connected_without_reply_right");
    let gone = told("business_disconnected");
    assert_eq!(connected.made_at, gone.made_at, "the date is when it was made");
    assert!(silent.prevails(&connected) && gone.prevails(&silent));
    assert!(!connected.prevails(&gone) && !gone.prevails(&gone));
    let access = [&connected, &silent, &gone].map(BusinessConnection::access);
    assert_eq!(access, [Access::Open, Access::NoReply, Access::SwitchedOff]);
}

#[test]
fn a_connection_is_asked_about_and_may_be_gone() {
    let request = Telegram.connection("Bk1").expect("asks");
    let wanted = json!({ "business_connection_id": "Bk1" });
    assert_eq!(
        (request.path.as_str(), request.body),
        ("/getBusinessConnection", Body::Json(wanted))
    );

    let body = json!({ "ok": true, "result": {
        "id": "Bk1", "user": { "id": 4900, "is_bot": false, "first_name": "Sofia" },
        "user_chat_id": 4900, "date": 1795176000, "is_enabled": true,
        "rights": { "can_reply": true, "can_delete_all_messages": true, "can_edit_bio": true } } });
    let answer = Telegram.read_connection(&reply(200, body.to_string())).expect("read");
    let answer = answer.expect("there");
    assert_eq!((answer.number, answer.owner.name.as_deref()), (0, Some("Sofia")));
    assert_eq!(answer.rights, [Right::Reply, Right::DeleteAll].into());

    let refused = |code: u16, words: &str| {
        let body = json!({ "ok": false, "error_code": code, "description": words });
        Telegram.read_connection(&reply(code, body.to_string()))
    };
    for gone in ["business connection not found", "BUSINESS_CONNECTION_INVALID"] {
        assert_eq!(refused(400, &format!("Bad Request: {gone}")), Ok(None));
    }
    // Of these nobody knows whether it is there.
    assert!(refused(500, "Internal Server Error").is_err());
    assert!(refused(401, "Unauthorized").is_err());
    assert!(Telegram.read_connection(&reply(200, "{\"ok\":true,\"result\":{}}")).is_err());
}
