//! Instagram accounts of both kinds: who they are, how they are, what was written before.

use switchboard_channels::account::{Credentials, ProblemKind};
use switchboard_channels::instagram::Instagram;
use switchboard_channels::{Batch, Platform, Profile};
use switchboard_domain::AccountKind;

use crate::meta_calls::{at, credentials, describe, reply};
use crate::support;

const DAY: i64 = 86_400;

fn login() -> Credentials {
    let account = credentials(AccountKind::InstagramLogin, "17841460001122334", None);
    Credentials { other_id: Some("27115550009988776".to_owned()), ..account }
}

fn page() -> Credentials {
    credentials(AccountKind::InstagramPage, "17841460001122334", Some("104"))
}

#[test]
fn an_account_says_who_it_is() {
    assert_eq!(
        describe(&Ok(Instagram::Login.about(&login()))),
        "Get InstagramGraph /me as Bearer\n  ?fields=user_id,username,name,profile_picture_url\n"
    );
    let me = reply(200, support::sample("instagram", "api_me"));
    let info = Instagram::Login.read_about(&me).expect("an account");
    assert_eq!(info.id, "17841460001122334");
    assert_eq!(info.other_id.as_deref(), Some("27115550009988776"));
    assert_eq!(info.handle.as_deref(), Some("@salao.invented"));
    assert_eq!(info.name, "salao.invented");

    let linked = r#"{"id":"104","name":"Jardin","instagram_business_account":
        {"id":"178","username":"jardin","name":"Jardin!"}}"#;
    let info = Instagram::Page.read_about(&reply(200, linked)).expect("an account");
    assert_eq!((info.id.as_str(), info.parent.as_deref()), ("178", Some("104")));
    assert_eq!(info.name, "Jardin!");
    let alone = Instagram::Page.read_about(&reply(200, r#"{"id":"104","name":"Jardin"}"#));
    let detail = alone.unwrap_err().detail;
    assert_eq!(detail.as_deref(), Some("no Instagram account is linked to this Page"));
}

#[test]
fn subscriptions_differ_by_kind() {
    let subscribe = |kind: Instagram, account: &Credentials| {
        kind.subscribe(account, "https://hooks.example.com").remove(0)
    };
    assert_eq!(
        describe(&Ok(subscribe(Instagram::Login, &login()))),
        "Post InstagramGraph /17841460001122334/subscribed_apps as Bearer\n  \
         ?subscribed_fields=messages,message_reactions,messaging_postbacks,messaging_seen,\
         messaging_referral,message_edit,messaging_optins,messaging_handover,standby,comments,\
         live_comments\n"
    );
    // The list of the Page, for it replaces the one that the Page has.
    let by_page = subscribe(Instagram::Page, &page());
    assert_eq!(by_page.path, "/104/subscribed_apps");
    assert!(by_page.query[0].1.contains("feed"));
    assert_eq!(Instagram::Login.unsubscribe(&login()).len(), 1);
    assert_eq!(Instagram::Page.unsubscribe(&page()), []);
}

#[test]
fn health_tells_what_is_wrong() {
    let none = [reply(200, "{}"), reply(200, r#"{"data":[]}"#)];
    let health = Instagram::Login.read_health(&login(), "", &none);
    assert_eq!(health.problems[0].kind, ProblemKind::NotSubscribed);
    let messages = r#"{"data":[{"id":"1","subscribed_fields":["messages"]}]}"#;
    let some = [reply(200, "{}"), reply(200, messages)];
    assert_eq!(Instagram::Page.read_health(&page(), "", &some).problems, []);
    assert_eq!(Instagram::Login.read_health(&login(), "", &some).problems.len(), 1);
    let paths: Vec<String> =
        Instagram::Page.health(&page()).into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["/me", "/104/subscribed_apps"]);
}

#[test]
fn a_token_is_renewed_in_time_and_not_too_early() {
    let renew = |given, expires, now| {
        let account = Credentials {
            token_given_at: Some(at(given * DAY)),
            token_expires_at: Some(at(expires * DAY)),
            ..login()
        };
        Instagram::Login.renew(&account, at(now * DAY)).map(|request| describe(&Ok(request)))
    };
    let request = "Get InstagramGraphUnversioned /refresh_access_token as Bearer\n  \
                   ?grant_type=ig_refresh_token\n";
    assert_eq!(renew(0, 60, 29), None, "more than 30 days are left");
    assert_eq!(renew(0, 60, 31).as_deref(), Some(request));
    assert_eq!(renew(31, 60, 31), None, "it is not a day old");
    assert_eq!(renew(30, 60, 31).as_deref(), Some(request));
    assert_eq!(renew(0, 60, 60), None, "it has ended");
    let now = at(31 * DAY);
    let undated = Credentials { token_expires_at: Some(at(60 * DAY)), ..login() };
    assert!(Instagram::Login.renew(&undated, now).is_some());
    let pasted = |given| Credentials { token_given_at: Some(at(given * DAY)), ..login() };
    assert!(Instagram::Login.renew(&pasted(30), now).is_some(), "who knows how long it lasts");
    assert_eq!(Instagram::Login.renew(&pasted(31), now), None, "it is not a day old");
    assert_eq!(Instagram::Page.renew(&undated, now), None, "tokens of Pages do not end");

    let refreshed = reply(200, support::sample("meta", "oauth_instagram_refresh"));
    let token = Instagram::Login.read_token(&refreshed, at(0)).expect("a token");
    assert_eq!(token, ("IGAAInventedLong2".to_owned(), Some(at(5_184_000))));
}

#[test]
fn people_have_profiles_where_the_platform_shows_them() {
    let ask = |kind: Instagram, thread: &str| {
        kind.profile(&page(), &[thread.to_owned()]).map(|request| describe(&Ok(request)))
    };
    let fields = "as Bearer\n  ?fields=name,username,profile_pic\n";
    assert_eq!(ask(Instagram::Login, "7"), Some(format!("Get InstagramGraph /7 {fields}")));
    assert_eq!(ask(Instagram::Page, "7"), Some(format!("Get Graph /7 {fields}")));
    assert_eq!(ask(Instagram::Login, "c:7"), None);
    let rita = Profile {
        name: Some("Rita".to_owned()),
        username: Some("rita.invented".to_owned()),
        locale: None,
        picture: Some("https://scontent.cdninstagram.com/v/pic_invented.jpg".to_owned()),
    };
    let profile = reply(200, support::sample("instagram", "api_profile"));
    assert_eq!(Instagram::Login.read_profile(&profile), Some(rita));
    let nameless = reply(200, r#"{"name":null,"username":"rita","id":"7"}"#);
    let profile = Instagram::Login.read_profile(&nameless).expect("a profile");
    assert_eq!((profile.name, profile.username.as_deref()), (None, Some("rita")));
}

#[test]
fn history_is_brought_page_by_page() {
    let path = |kind: Instagram, account: &Credentials| {
        let request = kind.history(account, None, None).expect("a request");
        (request.path, request.query[0].1.clone())
    };
    let instagram = "instagram".to_owned();
    assert_eq!(
        path(Instagram::Login, &login()),
        ("/17841460001122334/conversations".to_owned(), instagram.clone())
    );
    assert_eq!(path(Instagram::Page, &page()), ("/104/conversations".to_owned(), instagram));
    let list = reply(200, support::sample("instagram", "api_conversations"));
    let read = Instagram::Login.read_history(&login(), None, &list).expect("a page");
    assert_eq!(read.threads, ["aWdfZAG06MTpJR01lc3NhZA2VUaHJlYWQInvented"]);
    assert_eq!(read.next.as_deref(), Some("QVFIa"));
    // The account stands there by either of its ids.
    let thread = r#"{"messages":{"data":[
        {"id":"aWd3","created_time":1795176002,"from":{"id":"27115550009988776","username":"salao"},
         "to":{"data":[{"id":"7","username":"rita"}]},"message":"Sim"},
        {"id":"aWd2","created_time":"2026-11-20T10:00:01+0000","from":{"id":"7","username":"rita"},
         "to":{"data":[{"id":"17841460001122334"}]},"message":"","is_unsupported":true},
        {"id":"aWd1","created_time":"2026-11-20T10:00:00+0000","from":{"id":"7","username":"rita"},
         "message":"🔥","story":{"reply_to":{"link":"https://cdn.example.com/story","id":"18"}}}]}}"#;
    let read = Instagram::Login.read_history(&login(), Some("t"), &reply(200, thread));
    let events = read.expect("a page").events;
    support::check("instagram_history", &support::describe(&Batch { events, unreadable: vec![] }));
}
