//! The way to a customer's file.

use switchboard_channels::platform::Fetch;
use switchboard_channels::whatsapp::Whatsapp;
use switchboard_channels::{Auth, Base, Media, Platform, Reply, Request, Source};
use switchboard_domain::{AttachmentKind, FailureCode};

use crate::given::{NUMBER, credentials, reply};
use crate::support::sample;

const URL: &str = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1190774520318844\
    &source=webhook&ext=1795176300&hash=ARmInventedHash";

fn media(url: Option<&str>) -> Media {
    let source =
        Source::Id { id: "1190774520318844".into(), url: url.map(str::to_owned), sha256: None };
    Media { kind: AttachmentKind::Image, mime: None, name: None, size: None, source }
}

fn fetch(media: &Media, resolved: Option<&Reply>) -> Fetch {
    Whatsapp.fetch(&credentials(), media, resolved)
}

fn bytes(url: &str) -> Fetch {
    let request = Request::get(Base::Given(url.to_owned()), "");
    assert_eq!(request.auth, Auth::Bearer);
    Fetch::Bytes(request)
}

fn resolve() -> Fetch {
    Fetch::Ask(Request::get(Base::Graph, "/1190774520318844").query("phone_number_id", NUMBER))
}

#[test]
fn the_address_of_the_webhook_comes_first() {
    assert_eq!(fetch(&media(Some(URL)), None), bytes(URL));
    assert_eq!(fetch(&media(None), None), resolve());
}

#[test]
fn a_dead_address_is_asked_for_anew() {
    for status in [400, 403, 404, 410] {
        assert_eq!(fetch(&media(Some(URL)), Some(&reply(status, ""))), resolve());
    }
    let resolved = reply(200, sample("whatsapp", "api_media_url"));
    assert_eq!(fetch(&media(Some(URL)), Some(&resolved)), bytes(URL));
    assert_eq!(fetch(&media(None), Some(&resolved)), bytes(URL));
}

#[test]
fn what_is_gone_is_given_up_and_what_is_late_is_not() {
    let failed = |told: Fetch| match told {
        Fetch::Failed { retry, failure } => (retry, failure.code),
        other => panic!("{other:?}"),
    };
    let gone = r#"{"error":{"message":"does not exist","code":100,"error_subcode":33}}"#;
    let told = failed(fetch(&media(Some(URL)), Some(&reply(400, gone))));
    assert_eq!(told, (false, FailureCode::Refused));
    let told = failed(fetch(&media(None), Some(&reply(404, ""))));
    assert_eq!(told, (false, FailureCode::Refused));
    let told = failed(fetch(&media(Some(URL)), Some(&reply(503, ""))));
    assert_eq!(told, (true, FailureCode::PlatformDown));
    // Once the account is connected again, the file may still be there.
    let token = reply(401, sample("whatsapp", "api_error_token_expired"));
    assert_eq!(failed(fetch(&media(None), Some(&token))), (true, FailureCode::TokenLost));
    let source = Source::Gone { why: "too large".into() };
    let never = Media { source, ..media(None) };
    assert_eq!(failed(fetch(&never, None)), (false, FailureCode::FileRejected));
}
