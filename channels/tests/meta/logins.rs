//! Logins: the addresses people are sent to, the exchanges, and what the replies hold.

use switchboard_channels::meta::oauth::facebook::{self, Inspection};
use switchboard_channels::meta::oauth::{App, instagram, read_redirect, read_token, whatsapp};
use switchboard_domain::FailureCode;

use crate::meta_calls::{at, describe, reply};
use crate::{support, text, vector};

const APP: App<'static> = App { id: "118", secret: "hush" };
const BACK: &str = "https://inbox.example.com/oauth?a=1";

fn sample(name: &str) -> switchboard_channels::Reply {
    reply(200, support::sample("meta", name))
}

#[test]
fn people_are_sent_to_the_consent_screen() {
    let dialog = "https://www.facebook.com/v26.0/dialog/oauth";
    assert_eq!(
        facebook::authorize(dialog, "118", BACK, "s1", None),
        "https://www.facebook.com/v26.0/dialog/oauth?client_id=118\
         &redirect_uri=https%3A%2F%2Finbox.example.com%2Foauth%3Fa%3D1&state=s1\
         &response_type=code&scope=pages_show_list%2Cpages_messaging%2Cpages_manage_metadata\
         %2Cpages_read_engagement%2Cpages_manage_engagement%2Cpages_read_user_content\
         %2Cbusiness_management%2Cinstagram_basic%2Cinstagram_manage_messages\
         %2Cinstagram_manage_comments"
    );
    let by_configuration = facebook::authorize(dialog, "118", BACK, "s1", Some("77"));
    assert!(by_configuration.ends_with("&response_type=code&config_id=77"));
    assert_eq!(
        instagram::authorize("https://www.instagram.com/oauth/authorize", "119", BACK, "s 1"),
        "https://www.instagram.com/oauth/authorize?client_id=119\
         &redirect_uri=https%3A%2F%2Finbox.example.com%2Foauth%3Fa%3D1&response_type=code\
         &scope=instagram_business_basic%2Cinstagram_business_manage_messages\
         %2Cinstagram_business_manage_comments&state=s%201"
    );
}

#[test]
fn people_come_back_with_a_code_or_a_refusal() {
    let fragment = vector("oauth_redirect_instagram_fragment");
    let (_, query) = text(&fragment, "url").split_once('?').expect("a query");
    let redirect = read_redirect(query);
    assert_eq!(redirect.code.as_deref(), Ok(text(&fragment, "code_to_use")));
    assert_eq!(redirect.state.as_deref(), Some("s1"));
    let routed = text(&fragment, "code_as_some_routers_deliver_it").replace('#', "%23");
    let redirect = read_redirect(&format!("state=s1&code={routed}"));
    assert_eq!(redirect.code.as_deref(), Ok(text(&fragment, "code_to_use")));

    let denied = read_redirect(text(&vector("oauth_redirect_denied"), "query"));
    assert_eq!(denied.state.as_deref(), Some("s1"));
    let failure = denied.code.unwrap_err();
    assert_eq!(failure.code, FailureCode::Permission);
    assert_eq!(failure.detail.as_deref(), Some("access_denied: Invented"));
    assert!(read_redirect("").code.is_err());
    assert!(read_redirect("code=%23_").code.is_err());
}

#[test]
fn codes_and_tokens_are_exchanged() {
    assert_eq!(
        describe(&Ok(facebook::exchange_code(APP, Some(BACK), "AQ"))),
        "Get Graph /oauth/access_token as None\n  ?client_id=118\n  ?client_secret=hush\n  \
         ?code=AQ\n  ?redirect_uri=https://inbox.example.com/oauth?a=1\n"
    );
    // Embedded Signup has no redirect.
    assert_eq!(
        describe(&Ok(facebook::exchange_code(APP, None, "AQ"))),
        "Get Graph /oauth/access_token as None\n  ?client_id=118\n  ?client_secret=hush\n  ?code=AQ\n"
    );
    assert_eq!(
        describe(&Ok(facebook::exchange_long_lived(APP, "EAAshort"))),
        "Get Graph /oauth/access_token as None\n  ?grant_type=fb_exchange_token\n  \
         ?client_id=118\n  ?client_secret=hush\n  ?fb_exchange_token=EAAshort\n"
    );
    assert_eq!(
        describe(&Ok(instagram::exchange_code(APP, BACK, "AQ"))),
        "Post InstagramApi /oauth/access_token as None\n  client_id=118\n  client_secret=hush\n  \
         grant_type=authorization_code\n  redirect_uri=https://inbox.example.com/oauth?a=1\n  code=AQ\n"
    );
    assert_eq!(
        describe(&Ok(instagram::exchange_long_lived("hush", "IGshort"))),
        "Get InstagramGraphUnversioned /access_token as None\n  ?grant_type=ig_exchange_token\n  \
         ?client_secret=hush\n  ?access_token=IGshort\n"
    );
}

#[test]
fn tokens_are_read_in_every_shape() {
    let read = |name| read_token(&sample(name), at(0)).expect(name);
    let long = read("oauth_facebook_long_lived");
    assert_eq!(
        (long.token.as_str(), long.expires_at),
        ("EAAInventedLongLived", Some(at(5_183_944)))
    );
    assert_eq!(read("oauth_facebook_long_lived_without_expiry").expires_at, None);
    assert_eq!(read("oauth_instagram_long_lived").token, "IGAAInventedLong");
    for name in ["oauth_instagram_short_lived", "oauth_instagram_short_lived_flat"] {
        let short = read(name);
        assert_eq!(short.token, "IGAAInventedShort");
        assert_eq!(short.user_id.as_deref(), Some("27115550009988776"));
    }
    let signup = vector("oauth_embedded_signup_code_exchange")["response"].to_string();
    let business = read_token(&reply(200, signup), at(0)).expect("a token");
    assert_eq!((business.token.as_str(), business.expires_at), ("EAAInventedBusinessToken", None));

    let error = reply(400, support::sample("meta", "oauth_instagram_error"));
    let failure = read_token(&error, at(0)).unwrap_err();
    assert_eq!(failure.detail.as_deref(), Some("400: Invented text: code was already used."));
    assert!(read_token(&reply(200, "{}"), at(0)).is_err());
    assert!(!format!("{long:?}").contains("EAA"), "tokens are not printed");
}

#[test]
fn pages_are_listed_with_what_is_linked_to_them() {
    let (pages, next) = facebook::read_pages(&sample("oauth_facebook_pages")).expect("Pages");
    assert_eq!(next, None);
    let [jardin, other] = pages.as_slice() else { panic!("two Pages") };
    assert_eq!((jardin.id.as_str(), jardin.name.as_str()), ("104771529900318", "Jardin Invented"));
    assert_eq!(jardin.token, "EAAInventedPageToken");
    let linked = jardin.instagram.as_ref().expect("an account");
    assert_eq!(linked.id, "17841460001122334");
    assert_eq!(linked.username.as_deref(), Some("salao.invented"));
    assert!(jardin.may_message());
    assert!(!other.may_message());
    assert_eq!(other.instagram, None);
    assert!(!format!("{jardin:?}").contains("EAA"), "tokens are not printed");
    assert!(describe(&Ok(facebook::pages(Some("QVFI")))).ends_with("?after=QVFI\n"));
    let me = facebook::read_me(&reply(200, r#"{"id":"10230","name":"Ana"}"#));
    assert_eq!(me, Ok(("10230".to_owned(), "Ana".to_owned())));
    assert_eq!(describe(&Ok(facebook::me())), "Get Graph /me as Bearer\n  ?fields=id,name\n");
}

#[test]
fn tokens_are_inspected() {
    assert_eq!(
        describe(&Ok(facebook::inspect("EAA"))),
        "Get Graph /debug_token as App\n  ?input_token=EAA\n"
    );
    let business = facebook::read_inspection(&sample("debug_token")).expect("an inspection");
    assert!(business.is_valid);
    assert_eq!((business.expires_at, business.data_access_expires_at), (None, None));
    assert_eq!(business.user_id.as_deref(), Some("122100334455667788"));
    for scope in whatsapp::SCOPES {
        assert_eq!(business.assets(scope), ["310428876512904"]);
    }

    let ended = facebook::read_inspection(&sample("debug_token_invalid")).expect("an inspection");
    assert_eq!(
        ended,
        Inspection {
            is_valid: false,
            app_id: Some("1180427736655091".to_owned()),
            user_id: Some("10230011223344556".to_owned()),
            expires_at: Some(at(-6_000)),
            scopes: vec!["pages_messaging".to_owned()],
            problem: Some("190/463: Invented text: session expired.".to_owned()),
            ..Inspection::default()
        }
    );
}

#[test]
fn numbers_are_listed_and_registered() {
    let request = describe(&Ok(whatsapp::phone_numbers("310")));
    assert!(request.starts_with("Get Graph /310/phone_numbers as Bearer\n"), "{request}");
    let body = r#"{"data":[{"id":"598","display_phone_number":"+1 555 078 3881",
        "verified_name":"Kiln & Clay","quality_rating":"GREEN","platform_type":"CLOUD_API",
        "is_on_biz_app":true,"status":"CONNECTED"},{"no":"id"}]}"#;
    let numbers = whatsapp::read_phone_numbers(&reply(200, body)).expect("numbers");
    let [number] = numbers.as_slice() else { panic!("one number") };
    assert_eq!((number.id.as_str(), number.display.as_str()), ("598", "+1 555 078 3881"));
    assert!(number.is_on_phone);
    assert_eq!(
        describe(&Ok(whatsapp::register("598", "123456"))),
        "Post Graph /598/register as Bearer\n  {\"messaging_product\":\"whatsapp\",\"pin\":\"123456\"}\n"
    );
}

#[test]
fn a_business_account_is_shared_when_every_scope_was_granted_for_it() {
    let business = facebook::read_inspection(&sample("debug_token")).expect("an inspection");
    let app = "1180427736655091";
    assert_eq!(whatsapp::shared(&business, app), Ok(vec!["310428876512904".to_owned()]));
    let refused = |inspection: &Inspection, app: &str| {
        let failure = whatsapp::shared(inspection, app).unwrap_err();
        assert_eq!(failure.code, FailureCode::Permission);
        failure.detail.expect("why")
    };
    assert!(refused(&business, "2").contains("not of this app"));
    let ended = facebook::read_inspection(&sample("debug_token_invalid")).expect("an inspection");
    assert!(refused(&ended, app).contains("session expired"));
    let without = Inspection { scopes: vec![whatsapp::SCOPES[0].to_owned()], ..business.clone() };
    assert!(refused(&without, app).contains(whatsapp::SCOPES[1]));

    let of = |manage: &[&str], message: Option<&[&str]>| {
        let owned = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
        let named = |scope: &str, ids| (scope.to_owned(), owned(ids));
        let mut targets = vec![named(whatsapp::SCOPES[0], manage)];
        targets.extend(message.map(|ids| named(whatsapp::SCOPES[1], ids)));
        whatsapp::shared(&Inspection { targets, ..business.clone() }, app).expect("granted")
    };
    assert_eq!(of(&["1", "2"], Some(&["2", "3"])), ["2"]);
    assert_eq!(of(&["1", "2"], None), ["1", "2"]);
    assert!(of(&["1"], Some(&["2"])).is_empty());
}

#[test]
fn why_a_number_was_not_registered_is_said_with_what_to_do() {
    let error = |code: i64| {
        let body = format!(r#"{{"error":{{"code":{code},"message":"Invented"}}}}"#);
        whatsapp::read_registered(&reply(400, body)).unwrap_err().detail.expect("why")
    };
    assert_eq!(whatsapp::read_registered(&reply(200, r#"{"success":true}"#)), Ok(()));
    assert!(error(133_005).contains("two-step verification"));
    assert!(error(133_016).contains("three days"));
    assert_eq!(error(100), "100: Invented");
}

/// Every vector of the reference is read by some test.
#[test]
fn no_vector_is_left_out() {
    let tests = concat!(
        include_str!("../meta.rs"),
        include_str!("logins.rs"),
        include_str!("../instagram/accounts.rs")
    );
    for (name, _) in support::samples("meta") {
        let by_prefix = ["graph_error_"].iter().any(|prefix| name.starts_with(prefix));
        assert!(by_prefix || tests.contains(&format!("\"{name}\"")), "{name}");
    }
}
