//! HTTP requests that are no good.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Two, is_problem};
use crate::support::people::{PASSWORD, send};
use crate::support::{Agent, World};

#[tokio::test]
async fn every_kind_of_bad_request_is_a_problem_with_a_code() {
    let Two { world, ana, of_ana, .. } = Two::start().await;
    let json_body = |body: &str| {
        let body = body.as_bytes().to_vec();
        ana.request(Method::POST, "/labels").header("content-type", "application/json").body(body)
    };
    for bad in [
        "",
        "{",
        "null",
        "[]",
        "\"x\"",
        r##"{"name":7,"color":"#000000"}"##,
        r#"{"name":"x"}"#,
        r##"{"name":"x","color":"#000000","unknown":1}"##,
        r##"{"name":"x","name":"y","color":"#000000"}"##,
        &"[".repeat(100_000),
    ] {
        is_problem(&send(json_body(bad)).await, 400, "invalid");
    }
    let labels = || ana.request(Method::POST, "/labels");
    let json =
        |request: reqwest::RequestBuilder| request.header("content-type", "application/json");
    is_problem(&send(json(labels()).body(b"{\"name\":\"\xff\"}".to_vec())).await, 400, "invalid");
    is_problem(&send(labels().body("{}")).await, 415, "unsupported_media");
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(300 * 1024));
    is_problem(&send(json(labels()).body(large.clone())).await, 413, "too_large");
    let parts = large
        .into_bytes()
        .chunks(10_000)
        .map(|c| Ok::<_, std::io::Error>(c.to_vec()))
        .collect::<Vec<_>>();
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(parts));
    is_problem(&send(json(labels()).body(stream)).await, 413, "too_large");

    for (method, path, status, code) in [
        (Method::GET, "/nothing", 404, "not_found"),
        (Method::GET, "/conversations/nonsense", 404, "not_found"),
        (Method::GET, "/conversations/cnv_zz", 404, "not_found"),
        (Method::GET, "/conversations/%ff%fe", 404, "not_found"),
        (Method::DELETE, "/me", 405, "invalid"),
        (Method::PUT, "/conversations", 405, "invalid"),
        (Method::GET, "/sign-in", 405, "invalid"),
        (Method::GET, "/conversations?limit=x", 400, "invalid"),
        (Method::GET, "/conversations?limit=-1", 400, "invalid"),
        (Method::GET, "/conversations?status=closed", 400, "invalid"),
        (Method::GET, "/conversations?unknown=1", 400, "invalid"),
        (Method::GET, "/conversations?cursor=nonsense", 400, "invalid"),
        (Method::GET, "/search", 400, "invalid"),
        (Method::GET, "/search?q=", 400, "invalid"),
        (Method::GET, "/events?after=-1", 400, "invalid"),
    ] {
        is_problem(&send(ana.request(method.clone(), path)).await, status, code);
    }
    // The id of one kind of thing names no other.
    let contact = format!("/conversations/{}", of_ana.id);
    is_problem(&ana.get(&contact).await, 404, "not_found");
    for path in ["/nothing", "/api", "/api/v2/me", "/ws/other", "/.env", "/console/assets/none.js"]
    {
        let request = reqwest::Client::new().get(world.url(path));
        is_problem(&send(request).await, 404, "not_found");
    }
    for path in ["/healthz", "/metrics", "/ws/agent", "/api/v1/openapi.json", "/console"] {
        let answer = send(reqwest::Client::new().post(world.url(path))).await;
        is_problem(&answer, 405, "invalid");
        assert!(answer.headers["allow"].to_str().unwrap().contains("GET"), "{path}");
    }
    let plain = reqwest::Client::new().get(world.url("/ws/visitor"));
    is_problem(&send(plain).await, 400, "invalid");
    world.stop().await;
}

#[tokio::test]
async fn what_is_no_http_gets_a_refusal_or_nothing_and_harms_nobody() {
    let world = World::start().await;
    let many_headers: String = (0..500).map(|n| format!("x-{n}: {n}\r\n")).collect();
    for request in [
        "nonsense\r\n\r\n".to_owned(),
        "GET /healthz HTTP/9.9\r\n\r\n".to_owned(),
        "GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n".to_owned(),
        "POST /api/v1/sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\
         transfer-encoding: chunked\r\n\r\n0\r\n\r\n"
            .to_owned(),
        format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(200_000)),
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{many_headers}\r\n"),
        "\u{0}\u{0}\u{0}\u{0}\r\n\r\n".to_owned(),
    ] {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = [0; 12];
        if stream.read_exact(&mut answer).await.is_ok() {
            let shown = &request[..request.len().min(60)];
            assert!(answer.starts_with(b"HTTP/1.1 4"), "{shown:?}: {:?}", answer);
        }
    }
    reqwest::get(world.url("/healthz")).await.unwrap().error_for_status().unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_zero_byte_is_nowhere_a_fault_of_the_server() {
    let Two { world, ana, of_ana, .. } = Two::start().await;
    let zero = "a\u{0}b";
    let conversation = format!("/conversations/{}", of_ana.conversation());
    let contact = format!("/contacts/{}", of_ana.id);
    let page = ana.get(&format!("{conversation}/messages")).await.ok();
    let message = page["items"][0]["id"].as_str().unwrap().to_owned();
    let look = json!({"color": "#112233", "position": "end", "title": zero, "greeting": zero,
                      "theme": "auto"});
    let mine = |method: Method, path: String, body: Value| ana.request(method, &path).json(&body);
    let client = reqwest::Client::new();
    let public =
        |path: &str, body: Value| client.post(world.url(&format!("/api/v1{path}"))).json(&body);
    let (post, patch) = (Method::POST, Method::PATCH);
    let mut requests = vec![
        public(
            "/sign-up",
            json!({"workspace": zero, "name": "A", "email": "a@b.example", "password": PASSWORD}),
        ),
        public(
            "/sign-up",
            json!({"workspace": "A", "name": zero, "email": "c@d.example", "password": PASSWORD}),
        ),
        public(
            "/sign-up",
            json!({"workspace": "A", "name": "A", "email": "a\u{0}@b.example", "password": PASSWORD}),
        ),
        public(
            "/sign-up",
            json!({"workspace": "A", "name": "A", "email": "e@f.example", "password": "a long\u{0} password"}),
        ),
        public("/sign-in", json!({"email": "a\u{0}@b.example", "password": zero})),
        public("/sign-in", json!({"email": "a@b.example", "password": zero})),
        public("/password-reset", json!({"token": zero, "password": PASSWORD})),
        public("/invitations/accept", json!({"token": zero, "name": zero, "password": PASSWORD})),
        public("/widget/boot", json!({"key": zero})),
        public(
            "/widget/boot",
            json!({"key": ana.widget_key().await, "token": zero, "locale": zero}),
        ),
        public(
            "/widget/boot",
            json!({"key": ana.widget_key().await, "identity": {"user_id": zero, "hash": zero}}),
        ),
        mine(patch.clone(), "/me".into(), json!({"name": zero})),
        mine(patch.clone(), "/workspace".into(), json!({"name": zero})),
        mine(patch.clone(), "/widget-settings".into(), json!({"look": look})),
        mine(patch.clone(), "/widget-settings".into(), json!({"origins": [zero]})),
        mine(post.clone(), "/labels".into(), json!({"name": zero, "color": "#000000"})),
        mine(post.clone(), "/labels".into(), json!({"name": "x", "color": zero})),
        mine(post.clone(), "/tokens".into(), json!({"name": zero})),
        mine(
            post.clone(),
            "/invitations".into(),
            json!({"email": "z\u{0}@b.example", "role": "agent"}),
        ),
        mine(patch.clone(), contact, json!({"name": zero, "phone": zero, "remark": zero})),
        mine(post.clone(), format!("{conversation}/messages"), json!({"text": zero, "ref": zero})),
        mine(post, format!("{conversation}/messages"), json!({"text": "\u{0}"})),
        mine(patch, format!("{conversation}/messages/{message}"), json!({"text": zero})),
    ];
    for path in [
        "/search?q=a%00b".to_owned(),
        "/conversations?cursor=%00".to_owned(),
        "/conversations?assignee=%00".to_owned(),
        "/conversations/%00".to_owned(),
        "/invitations/by-token/%00".to_owned(),
        "/widget/config?key=%00".to_owned(),
    ] {
        requests.push(ana.request(Method::GET, &path));
    }
    let react = format!("{conversation}/messages/{message}/reactions/%00");
    requests.push(ana.request(Method::PUT, &react));
    let of_visitor = of_ana.request(Method::POST, "/visitor/messages");
    requests.push(of_visitor.json(&json!({"text": zero, "ref": zero})));
    let mut wrong = Vec::new();
    for request in requests {
        let (client, built) = request.build_split();
        let built = built.unwrap();
        let words = format!("{} {}", built.method(), built.url());
        let body = built.body().and_then(|body| body.as_bytes()).unwrap_or_default().to_vec();
        let answer = send(reqwest::RequestBuilder::from_parts(client, built)).await;
        let body = String::from_utf8_lossy(&body).into_owned();
        let shown = answer.body.to_string();
        if answer.status >= 500 || (answer.status < 400 && shown.contains("\\u0000")) {
            wrong.push(format!("{words} {body}: {} {shown}", answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.stop().await;
}

#[tokio::test]
async fn a_request_that_never_ends_is_ended() {
    let world = World::with("http.request_timeout_seconds = 1").await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let mut head = TcpStream::connect(world.address).await.unwrap();
    head.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let mut body = TcpStream::connect(world.address).await.unwrap();
    let begun = format!(
        "POST /api/v1/labels HTTP/1.1\r\nhost: x\r\ncookie: {}\r\norigin: {}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{{",
        ana.cookie,
        world.url("")
    );
    body.write_all(begun.as_bytes()).await.unwrap();
    for stream in [&mut head, &mut body] {
        let mut answer = Vec::new();
        let ended =
            tokio::time::timeout(crate::support::socket::PATIENCE, stream.read_to_end(&mut answer));
        ended.await.expect("the server hangs up").ok();
        let text = String::from_utf8_lossy(&answer);
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 4"), "{text}");
    }
    world.stop().await;
}
