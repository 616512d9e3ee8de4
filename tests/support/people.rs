//! Clients: an agent by cookie, a visitor by token.

use reqwest::Method;
use serde_json::{Value, json};

use super::socket::PATIENCE;
use super::{Socket, World};

/// A password that every test's people use.
pub const PASSWORD: &str = "correct horse battery";

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body, when all went well.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        self.body
    }

    /// The code of a problem.
    #[track_caller]
    pub fn code(&self) -> &str {
        assert!(self.status >= 400, "{} {}", self.status, self.body);
        self.body["code"].as_str().unwrap_or_default()
    }
}

/// Sends a request as it is.
pub async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

/// The value of the session cookie that an answer sets.
pub fn cookie_of(answer: &Answer) -> String {
    let set = answer.headers.get("set-cookie").expect("a cookie is set").to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

/// Someone of the team, signed in.
#[derive(Clone)]
pub struct Agent {
    base: String,
    http: reqwest::Client,
    pub cookie: String,
    pub me: Value,
}

impl Agent {
    /// The owner of a new workspace.
    pub async fn sign_up(world: &World, name: &str) -> Agent {
        let http = world.http.clone();
        let email = format!("{}@{}.example", name.to_lowercase(), uuid::Uuid::now_v7().simple());
        let body = json!({
            "workspace": format!("{name}'s shop"), "name": name, "email": email,
            "password": PASSWORD,
        });
        let ask = || send(http.post(world.url("/api/v1/sign-up")).json(&body));
        let begun = std::time::Instant::now();
        loop {
            let answer = ask().await;
            // Whoever tests on a machine that is busy with other things may be told to come back.
            if answer.status != 503 || begun.elapsed() > PATIENCE {
                return Agent::of(world, answer);
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }

    /// Whom a sign-up, sign-in or accepted invitation let in.
    #[track_caller]
    pub fn of(world: &World, answer: Answer) -> Agent {
        assert!((200..300).contains(&answer.status), "{} {}", answer.status, answer.body);
        let cookie = cookie_of(&answer);
        let (base, http) = (world.url(""), world.http.clone());
        Agent { base, http, cookie, me: answer.ok() }
    }

    /// The same person at another node.
    pub fn at(&self, world: &World) -> Agent {
        Agent { base: world.url(""), ..self.clone() }
    }

    pub fn id(&self) -> &str {
        self.me["member"]["id"].as_str().unwrap()
    }

    pub fn workspace(&self) -> &str {
        self.me["workspace"]["id"].as_str().unwrap()
    }

    /// A colleague who accepted an invitation.
    pub async fn colleague(&self, world: &World, name: &str, role: &str) -> Agent {
        let email = format!("{}@{}.example", name.to_lowercase(), uuid::Uuid::now_v7().simple());
        let invitation =
            self.post("/invitations", json!({"email": email, "role": role})).await.ok();
        let token = invitation["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let body = json!({"token": token, "name": name, "password": PASSWORD});
        let request = self.http.post(world.url("/api/v1/invitations/accept")).json(&body);
        Agent::of(world, send(request).await)
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}/api/v1{path}", self.base))
            .header("cookie", &self.cookie)
            .header("origin", &self.base)
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// An agent's socket, not greeted yet.
    pub async fn dial(&self, world: &World) -> Socket {
        let origin = world.url("");
        Socket::dial(world, "/ws/agent", &[("cookie", &self.cookie), ("origin", &origin)]).await
    }

    /// An agent's socket with a snapshot.
    pub async fn connect(&self, world: &World) -> Socket {
        let mut socket = self.dial(world).await;
        socket.greet(json!({"type": "hello"})).await;
        socket
    }

    /// The key of the workspace's widget.
    pub async fn widget_key(&self) -> String {
        self.get("/widget-settings").await.ok()["key"].as_str().unwrap().to_owned()
    }
}

/// Someone on a page that carries the widget.
#[derive(Clone)]
pub struct Visitor {
    base: String,
    http: reqwest::Client,
    pub token: String,
    pub id: String,
}

impl Visitor {
    pub async fn boot(world: &World, key: &str) -> Visitor {
        Visitor::boot_with(world, json!({"key": key})).await
    }

    pub async fn boot_with(world: &World, body: Value) -> Visitor {
        let http = world.http.clone();
        let booted = send(http.post(world.url("/api/v1/widget/boot")).json(&body)).await.ok();
        Visitor {
            base: world.url(""),
            http,
            token: booted["token"].as_str().unwrap().to_owned(),
            id: booted["visitor"].as_str().unwrap().to_owned(),
        }
    }

    /// The same visitor at another node.
    pub fn at(&self, world: &World) -> Visitor {
        Visitor { base: world.url(""), http: world.http.clone(), ..self.clone() }
    }

    /// A visitor's conversation takes the visitor's id.
    pub fn conversation(&self) -> String {
        self.id.replace("con_", "cnv_")
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}/api/v1{path}", self.base))
            .header("authorization", format!("Bearer {}", self.token))
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// A visitor's socket with a snapshot.
    pub async fn connect(&self, world: &World) -> Socket {
        let mut socket = Socket::dial(world, "/ws/visitor", &[]).await;
        socket.greet(json!({"type": "hello", "token": self.token})).await;
        socket
    }

    /// Uploads a file; the answer is the attachment.
    pub async fn upload(&self, name: &str, bytes: Vec<u8>) -> Answer {
        upload(self.request(Method::POST, "/attachments"), name, bytes).await
    }
}

/// Sends a file as a form does.
pub async fn upload(request: reqwest::RequestBuilder, name: &str, bytes: Vec<u8>) -> Answer {
    let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
    send(request.multipart(reqwest::multipart::Form::new().part("file", part))).await
}
