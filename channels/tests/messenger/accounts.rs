//! Pages as accounts: who they are, how they are, what was written before.

use switchboard_channels::account::ProblemKind;
use switchboard_channels::inbound::{Media, Source};
use switchboard_channels::messenger::Messenger;
use switchboard_channels::platform::Fetch;
use switchboard_channels::{Batch, Platform, Profile};
use switchboard_domain::{AccountKind, AttachmentKind, FailureCode};

use crate::meta_calls::{credentials, describe, reply};
use crate::support;

#[test]
fn a_page_says_who_it_is() {
    let page = credentials(AccountKind::FacebookPage, "104", None);
    assert_eq!(
        describe(&Ok(Messenger.about(&page))),
        "Get Graph /me as Bearer\n  ?fields=id,name,username,picture{url}\n"
    );
    let body = r#"{"id":104,"name":"Kiln & Clay","username":"kiln",
                   "picture":{"data":{"url":"https://p.example.com/1.jpg"}}}"#;
    let info = Messenger.read_about(&reply(200, body)).expect("a Page");
    assert_eq!((info.id.as_str(), info.name.as_str()), ("104", "Kiln & Clay"));
    assert_eq!(info.handle.as_deref(), Some("@kiln"));
    assert_eq!(info.picture.as_deref(), Some("https://p.example.com/1.jpg"));
    let error = support::sample("messenger", "api_error_token");
    let failure = Messenger.read_about(&reply(400, error)).unwrap_err();
    assert_eq!(failure.code, FailureCode::TokenLost);
    assert!(Messenger.read_about(&reply(200, "{}")).is_err());
}

#[test]
fn a_page_is_subscribed_to_everything_that_is_read() {
    let page = credentials(AccountKind::FacebookPage, "104", None);
    let requests = Messenger.subscribe(&page, "https://hooks.example.com");
    let [request] = requests.as_slice() else { panic!("one request") };
    assert_eq!(request.path, "/104/subscribed_apps");
    let [(name, fields)] = request.query.as_slice() else { panic!("one member") };
    assert_eq!(name, "subscribed_fields");
    for field in ["messages", "message_echoes", "feed", "standby", "message_reads"] {
        assert!(fields.split(',').any(|known| known == field), "{field}");
    }
    let undone = Messenger.unsubscribe(&page).remove(0);
    assert_eq!(describe(&Ok(undone)), "Delete Graph /104/subscribed_apps as Bearer\n");
}

#[test]
fn health_tells_what_is_wrong() {
    let page = credentials(AccountKind::FacebookPage, "104", None);
    assert_eq!(Messenger.health(&page).len(), 2);
    let fields = &Messenger.subscribe(&page, "")[0].query[0].1;
    let fields: Vec<&str> = fields.split(',').collect();
    let subscribed = |fields: &[&str]| {
        let app = serde_json::json!({ "id": "118", "subscribed_fields": fields });
        reply(200, serde_json::json!({ "data": [app] }).to_string())
    };
    let ok = || reply(200, r#"{"id":"104"}"#);
    let problems = |replies: &[_]| Messenger.read_health(&page, "", replies).problems;
    assert_eq!(problems(&[ok(), subscribed(&fields)]), []);
    let none = problems(&[ok(), reply(200, r#"{"data":[]}"#)]);
    assert_eq!(none[0].kind, ProblemKind::NotSubscribed);
    assert_eq!(none[0].words, "Meta does not send us what happens on this account.");
    let some = problems(&[ok(), subscribed(&fields[1..])]);
    assert_eq!(some[0].words, "Meta does not send us everything: messages.");
    let error = support::sample("messenger", "api_error_token");
    let lost = problems(&[reply(400, error.clone()), reply(400, error)]);
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].kind, ProblemKind::Token);
    assert_eq!(
        lost[0].words,
        "The access token is no longer valid. Connect the account again \
         (190/460: Invented text: session invalidated.)."
    );
    let forbidden = support::sample("meta", "graph_error_permission");
    let kinds = problems(&[ok(), reply(403, forbidden)]);
    assert_eq!(kinds[0].kind, ProblemKind::Permission);
}

#[test]
fn people_have_profiles_where_the_platform_shows_them() {
    let page = credentials(AccountKind::FacebookPage, "104", None);
    let request = Messenger.profile(&page, &["7719".to_owned()]).expect("a request");
    assert_eq!(
        describe(&Ok(request)),
        "Get Graph /7719 as Bearer\n  ?fields=first_name,last_name,profile_pic,id\n"
    );
    assert_eq!(Messenger.profile(&page, &["c:7719".to_owned()]), None);
    let read = |name| Messenger.read_profile(&reply(200, support::sample("messenger", name)));
    let picture = "https://platform-lookaside.fbsbx.com/platform/profilepic/?psid=7719020043315586";
    let lea = Profile {
        name: Some("Léa Marchal".to_owned()),
        picture: Some(picture.to_owned()),
        ..Profile::default()
    };
    assert_eq!(read("api_profile"), Some(lea));
    assert_eq!(read("api_profile_unavailable"), None);
}

#[test]
fn history_is_brought_page_by_page() {
    let page = credentials(AccountKind::FacebookPage, "104771529900318", None);
    let ask =
        |thread, after| describe(&Ok(Messenger.history(&page, thread, after).expect("a request")));
    assert_eq!(
        ask(None, Some("QVFIa1")),
        "Get Graph /104771529900318/conversations as Bearer\n  ?platform=messenger\n  \
         ?fields=id,updated_time\n  ?limit=25\n  ?after=QVFIa1\n"
    );
    assert!(ask(Some("t_1"), None).starts_with(
        "Get Graph /t_1 as Bearer\n  ?fields=messages.limit(20){id,created_time,from,to,message,"
    ));
    let list = support::sample("messenger", "api_conversations");
    let read = Messenger.read_history(&page, None, &reply(200, list)).expect("a page");
    assert_eq!(read.threads, ["t_1220011"]);
    assert_eq!(read.next.as_deref(), Some("QVFIa1"));
    let end = Messenger.read_history(
        &page,
        None,
        &reply(200, r#"{"data":[],"paging":{"cursors":{"after":"x"}}}"#),
    );
    assert_eq!(end.expect("a page").next, None);
    let thread = r#"{"messages":{"data":[
        {"id":"m_3","created_time":"2026-11-20T10:00:02+0000","from":{"id":"104771529900318"},
         "to":{"data":[{"id":"7"}]},"message":"Oui","reply_to":{"mid":"m_1"}},
        {"id":"m_2","created_time":"2026-11-20T10:00:01+0000","from":{"id":"7","name":"Ana"},
         "to":{"data":[{"id":"104771529900318"}]},"message":"",
         "attachments":{"data":[
            {"id":1,"mime_type":"image/png","name":"a.png","size":5,"image_data":{"url":"https://c.example.com/a.png"}},
            {"id":2,"mime_type":"audio/mp4","file_url":"https://c.example.com/b.mp4"},
            {"id":3,"mime_type":"application/pdf","name":"c.pdf","file_url":"https://c.example.com/c.pdf"}]}},
        {"id":"m_0","created_time":"never","from":{"id":"7"},"message":"lost"},
        {"id":"m_1","created_time":"2026-11-20T10:00:00+0000","from":{"id":"7"},
         "shares":{"data":[{"link":"https://shop.example.com/p","name":"Pot"}]}},
        {"id":"m_s","created_time":"2026-11-20T09:00:00+0000","from":{"id":"7"},
         "sticker":"https://c.example.com/s.png"}]}}"#;
    let thread = Messenger.read_history(&page, Some("t_1"), &reply(200, thread)).expect("a page");
    let events = [read.events, thread.events].concat();
    support::check("messenger_history", &support::describe(&Batch { events, unreadable: vec![] }));
}

#[test]
fn files_are_fetched_where_they_are() {
    let page = credentials(AccountKind::FacebookPage, "104", None);
    let media =
        |source| Media { kind: AttachmentKind::Image, mime: None, name: None, size: None, source };
    let url = "https://scontent.example.com/1.jpg".to_owned();
    let Fetch::Bytes(request) = Messenger.fetch(&page, &media(Source::Url { url }), None) else {
        panic!("at once");
    };
    assert_eq!(
        describe(&Ok(request)),
        "Get Given(\"https://scontent.example.com/1.jpg\")  as None\n"
    );
    let gone = media(Source::Gone { why: "it was taken back".to_owned() });
    assert!(matches!(Messenger.fetch(&page, &gone, None), Fetch::Failed { retry: false, .. }));
}
