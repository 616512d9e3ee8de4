//! Kinds of messages and updates that have no sample of their own.

use serde_json::{Value, json};
use switchboard_channels::telegram::read;
use switchboard_channels::{AccountEvent, Direction, Event, Notice, Route, Source, What};
use switchboard_domain::{AttachmentKind, Card, ChannelLine};

use super::support::{self, sample};
use super::{BOT, message, update};

/// The one event of an update.
fn event(update: &Value) -> Event {
    let batch = read(BOT, update.to_string().as_bytes());
    assert_eq!(batch.unreadable, [], "readable");
    let [routed] = batch.events.try_into().expect("one event");
    assert_eq!(routed.route, Route::Account(BOT.to_owned()));
    routed.event
}

fn sampled(name: &str) -> Value {
    serde_json::from_slice(&sample("telegram", name)).expect("sample")
}

fn line(update: &Value) -> ChannelLine {
    match event(update).what {
        What::Line(line) => line,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_happens_to_a_chat_is_a_line() {
    let service = |name: &str| {
        let mut update = sampled("group_title_changed");
        let message = update["message"].as_object_mut().expect("message");
        message.remove("new_chat_title");
        message.insert(name.to_owned(), json!({}));
        line(&update)
    };
    let members = [
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "pinned_message",
        "new_chat_photo",
        "delete_chat_photo",
        "group_chat_created",
        "supergroup_chat_created",
        "channel_chat_created",
        "message_auto_delete_timer_changed",
        "connected_website",
        "write_access_allowed",
        "proximity_alert_triggered",
        "boost_added",
        "chat_background_set",
        "chat_owner_left",
        "chat_owner_changed",
        "checklist_tasks_done",
        "checklist_tasks_added",
        "direct_message_price_changed",
        "paid_message_price_changed",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "gift",
        "unique_gift",
        "gift_upgrade_sent",
        "giveaway_created",
        "giveaway_completed",
        "suggested_post_approved",
        "suggested_post_approval_failed",
        "suggested_post_declined",
        "suggested_post_paid",
        "suggested_post_refunded",
        "video_chat_scheduled",
        "video_chat_started",
        "video_chat_ended",
        "video_chat_participants_invited",
        "voice_chat_started",
        "voice_chat_ended",
        "passport_data",
    ];
    let words = members.map(|member| format!("{member}: {:?}\n", service(member)));
    support::check("telegram_service", &words.concat());
}

#[test]
fn the_bots_own_standing_is_told_by_where_it_stood() {
    let changed = |chat: &str, was: &str, is: &str| {
        let mut update = sampled("bot_added_to_group");
        update["my_chat_member"]["chat"]["type"] = chat.into();
        update["my_chat_member"]["old_chat_member"]["status"] = was.into();
        update["my_chat_member"]["new_chat_member"]["status"] = is.into();
        line(&update)
    };
    for (was, is, expected) in [
        ("kicked", "administrator", ChannelLine::AccountAdded),
        ("member", "left", ChannelLine::AccountRemoved),
        ("left", "kicked", ChannelLine::AccountRemoved),
        ("member", "administrator", ChannelLine::AccountPromoted),
        ("administrator", "restricted", ChannelLine::AccountRestricted),
        ("administrator", "member", ChannelLine::AccountDemoted),
        // Lines are stored in the clear, so no free text gets into one.
        ("kicked", "Ana Kowalska", ChannelLine::AccountRemoved),
    ] {
        assert_eq!(changed("supergroup", was, is), expected, "{was} {is}");
    }
    // A person alone does not put the bot out, but blocks it.
    assert_eq!(changed("private", "member", "kicked"), ChannelLine::Blocked);
    assert_eq!(changed("private", "kicked", "member"), ChannelLine::Unblocked);
}

#[test]
fn in_a_channel_it_is_the_accounts_matter() {
    let mut update = sampled("bot_promoted_in_group");
    update["my_chat_member"]["chat"]["type"] = "channel".into();
    let told = event(&update);
    let notice = "The bot is an administrator of the channel Obsługa klienta now.";
    let changed = AccountEvent::Changed { notice: Some(Notice::news(notice)) };
    assert_eq!((told.thread, told.what), (None, What::Account(changed)));
    update["my_chat_member"]["new_chat_member"]["status"] = "kicked".into();
    let notice = Notice::problem("The bot was put out of the channel Obsługa klienta.");
    let changed = AccountEvent::Changed { notice: Some(notice) };
    assert_eq!(event(&update).what, What::Account(changed));
}

fn business(via: &str) -> Direction {
    Direction::Business { via: Some(via.to_owned()), correlation: None }
}

#[test]
fn who_writes_for_the_business_is_known_everywhere() {
    let direction = |update: Value| message(read(BOT, update.to_string().as_bytes())).direction;
    // An administrator answers one person's messages to the channel.
    let mut direct = sampled("channel_direct_message");
    assert_eq!(direction(direct.clone()), Direction::Customer);
    direct["message"]["from"]["id"] = 4900123456i64.into();
    assert_eq!(direction(direct), business("phone"));
    // A post of the channel in the group that discusses it.
    let mut post = sampled("group_message_mention");
    post["message"]["is_automatic_forward"] = true.into();
    assert_eq!(direction(post), business("channel"));
    // Another bot on behalf of the owner.
    let mut other = sampled("business_message_sent_by_bot");
    other["business_message"]["sender_business_bot"] =
        json!({ "id": 1, "is_bot": true, "first_name": "Inny", "username": "inny_bot" });
    let message = message(read(BOT, other.to_string().as_bytes()));
    assert_eq!(message.direction, business("inny_bot"));
    assert_eq!(message.extra.via.as_deref(), Some("inny_bot"));
    assert!(!message.opens_window);
}

#[test]
fn a_file_is_what_its_type_says() {
    let file = |members: Value| message(read(BOT, &update(members))).media.remove(0);
    let document = |mime: &str| file(json!({ "document": { "file_id": "d", "mime_type": mime } }));
    assert_eq!(document("image/jpeg").kind, AttachmentKind::Image);
    assert_eq!(document("image/svg+xml").kind, AttachmentKind::File);
    let unnamed = file(json!({ "document": { "file_id": "d" } }));
    assert_eq!((unnamed.kind, unnamed.mime), (AttachmentKind::File, None));
    let sticker = file(json!({ "sticker": { "file_id": "s", "is_video": true } }));
    assert_eq!(
        (sticker.kind, sticker.mime.as_deref()),
        (AttachmentKind::Video, Some("video/webm"))
    );
    let voice = file(json!({ "voice": { "file_id": "v", "duration": 3 } }));
    assert_eq!(voice.mime.as_deref(), Some("audio/ogg"));
}

#[test]
fn a_photo_is_the_largest_of_its_sizes() {
    let sizes = json!([{ "file_id": "small", "width": 90 }, { "file_id": "large", "width": 1280 }]);
    let photo = message(read(BOT, &update(json!({ "photo": sizes })))).media.remove(0);
    assert_eq!(photo.source, Source::Id { id: "large".to_owned(), url: None, sha256: None });
}

#[test]
fn a_shared_number_is_the_customers_if_it_is_their_own() {
    let phone = |change: &dyn Fn(&mut Value)| {
        let mut update = sampled("message_contact_own");
        change(&mut update["message"]);
        event(&update).thread.expect("thread").peer.phone
    };
    assert_eq!(phone(&|_| {}).as_deref(), Some("+48500111222"));
    assert_eq!(phone(&|message| message["contact"]["user_id"] = 5.into()), None);
    // The owner of a connected account sends their own.
    let owners = |message: &mut Value| {
        message["from"]["id"] = 9.into();
        message["contact"]["user_id"] = 9.into();
    };
    assert_eq!(phone(&owners), None);
    // In a group the number belongs to one of many.
    assert_eq!(phone(&|message| message["chat"]["type"] = "group".into()), None);
}

#[test]
fn a_contact_without_a_name_has_its_number() {
    let contact = json!({ "contact": { "phone_number": "+48 (500) 1", "first_name": "" } });
    let Some(Card::Contacts { contacts }) = message(read(BOT, &update(contact))).extra.card else {
        panic!("no contacts");
    };
    assert_eq!(
        (contacts[0].name.as_str(), &*contacts[0].phones),
        ("+485001", &["+485001".to_owned()][..])
    );
}

#[test]
fn a_tap_on_a_game_or_by_one_of_a_group_says_so() {
    let mut game = sampled("callback_query");
    let query = game["callback_query"].as_object_mut().expect("query");
    query.remove("data");
    query.insert("game_short_name".to_owned(), "snake".into());
    assert_eq!(message(read(BOT, game.to_string().as_bytes())).text, "snake");

    let mut group = sampled("callback_query");
    group["callback_query"]["message"]["chat"] = json!({ "id": -5, "type": "group", "title": "G" });
    let event = event(&group);
    assert!(event.thread.expect("thread").peer.is_group);
    let What::Message(tap) = event.what else { panic!("no message") };
    assert_eq!(tap.extra.sender.as_deref(), Some("Marek Duda"));
    assert_eq!(tap.reply_to.map(|id| id.0).as_deref(), Some("-5:1195"));
}

#[test]
fn updates_of_the_future_are_counted() {
    let update = json!({ "update_id": 1, "brand_new": { "date": 1795176000 } });
    let told = event(&update);
    assert_eq!(told.at.as_second(), 1795176000);
    assert_eq!(told.what, What::Ignored { kind: "brand_new".to_owned() });
}
