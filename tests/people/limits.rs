//! How often one may try.

use serde_json::json;

use super::{another_browser, email_of, post, sign_in};
use crate::support::people::{Answer, PASSWORD, send};
use crate::support::{Agent, World};

/// Says when to come back, twice, and how much is left.
#[track_caller]
fn is_refused_for_now(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (429, "rate_limited"));
    let seconds: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(answer.body["retry_after"], seconds);
    assert_eq!(answer.headers["ratelimit-remaining"], "0");
}

#[tokio::test]
async fn guessing_a_password_ends_soon_and_says_when_to_come_back() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let ben = Agent::sign_up(&world, "Ben").await;
    for _ in 0..10 {
        let answer = sign_in(&world, email_of(&ana), "not the password").await;
        assert_eq!(answer.code(), "unauthenticated");
    }
    is_refused_for_now(&sign_in(&world, email_of(&ana), "not the password").await);
    // What is right now is not told either.
    is_refused_for_now(&sign_in(&world, &email_of(&ana).to_uppercase(), PASSWORD).await);
    // Others are not in the way, and who is signed in stays so.
    another_browser(&world, &ben).await;
    ana.get("/me").await.ok();
    world.stop().await;
}

#[tokio::test]
async fn a_success_gives_attempts_back_and_strangers_do_not_use_up_ones_own() {
    let settings = "http.trusted_proxies = 1\n\
                    limits.sign_in = { burst = 2, per_minute = 1 }";
    let world = World::with(settings).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let attempt = async |from: &str, password: &str| {
        let body = json!({"email": email_of(&ana), "password": password});
        let request = reqwest::Client::new().post(world.url("/api/v1/sign-in"));
        send(request.header("x-forwarded-for", from).json(&body)).await
    };
    for _ in 0..3 {
        assert_eq!(attempt("198.51.100.7", "wrong password").await.code(), "unauthenticated");
        attempt("198.51.100.7", PASSWORD).await.ok();
    }
    for _ in 0..2 {
        assert_eq!(attempt("203.0.113.9", "wrong password").await.code(), "unauthenticated");
    }
    is_refused_for_now(&attempt("203.0.113.9", PASSWORD).await);
    // A client that makes up hops is still known by what the proxy saw.
    is_refused_for_now(&attempt("198.51.100.7, 203.0.113.9", PASSWORD).await);
    attempt("198.51.100.7", PASSWORD).await.ok();
    world.stop().await;
}

#[tokio::test]
async fn sign_ups_links_boots_and_requests_have_their_limits_too() {
    let settings = "limits.sign_up = { burst = 1, per_minute = 1 }\n\
                    limits.link = { burst = 2, per_minute = 1 }\n\
                    limits.boot = { burst = 2, per_minute = 1 }\n\
                    limits.request = { burst = 6, per_minute = 1 }";
    let world = World::with(settings).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let someone = json!({
        "workspace": "Two", "name": "Ben", "email": "ben@two.example", "password": PASSWORD,
    });
    is_refused_for_now(&post(&world, "/sign-up", someone).await);

    let reset = json!({"token": "guess", "password": PASSWORD});
    for _ in 0..2 {
        assert_eq!(post(&world, "/password-reset", reset.clone()).await.code(), "gone");
    }
    is_refused_for_now(&post(&world, "/password-reset", reset).await);
    let client = reqwest::Client::new();
    let preview = client.get(world.url("/api/v1/invitations/by-token/guess"));
    is_refused_for_now(&send(preview).await);

    let boot = json!({"key": "wk_guess"});
    for _ in 0..2 {
        assert_eq!(post(&world, "/widget/boot", boot.clone()).await.code(), "not_found");
    }
    is_refused_for_now(&post(&world, "/widget/boot", boot).await);

    for left in (0..6).rev() {
        let answer = ana.get("/me").await;
        assert_eq!(answer.headers["ratelimit-limit"], "6");
        assert_eq!(answer.headers["ratelimit-remaining"], left.to_string());
        answer.ok();
    }
    is_refused_for_now(&ana.get("/me").await);
    world.stop().await;
}
