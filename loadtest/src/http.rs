//! People over HTTP: an owner who signs up, and visitors who boot the widget.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use switchboard_wire::rest::Page;
use switchboard_wire::rest::account::{Me, SignUp};
use switchboard_wire::rest::settings::WidgetSettings;
use switchboard_wire::rest::widget::{Boot, Booted};
use switchboard_wire::view::Conversation;

use crate::server::Server;

const PASSWORD: &str = "a password for measurements";
/// The most that a page holds.
const PAGE: usize = 100;
const PATIENCE: Duration = Duration::from_secs(60);

/// The owner of a workspace, signed in.
#[derive(Debug, Clone)]
pub struct Owner {
    http: reqwest::Client,
    pub base: String,
    pub cookie: String,
    pub me: Me,
    /// The key of the workspace's widget.
    pub key: String,
}

impl Owner {
    /// Founds a workspace.
    pub async fn sign_up(server: &Server, name: &str) -> Result<Owner> {
        Owner::sign_up_at(&server.url(""), name).await
    }

    /// Founds a workspace at this address, which has no slash at its end.
    pub async fn sign_up_at(base: &str, name: &str) -> Result<Owner> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        let body = SignUp {
            workspace: format!("Workspace {name}"),
            name: format!("Owner {name}"),
            email: format!("owner-{name}@bench.example"),
            password: PASSWORD.to_owned(),
        };
        let answer = http.post(format!("{base}/api/v1/sign-up")).json(&body).send().await?;
        let cookie = answer.headers().get("set-cookie").and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        let me = read(answer).await?;
        let cookie = cookie.context("signing up gave no cookie")?;
        let mut owner = Owner { http, base: base.to_owned(), cookie, me, key: String::new() };
        owner.key = owner.get::<WidgetSettings>("/widget-settings").await?.key;
        Ok(owner)
    }

    /// Where the server is now: it may have come back elsewhere.
    pub fn moved_to(&mut self, server: &Server) {
        self.base = server.url("");
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        read(self.request(path).send().await?).await
    }

    /// All conversations, page by page.
    pub async fn conversations(&self) -> Result<Vec<Conversation>> {
        let (mut all, mut cursor) = (vec![], String::new());
        loop {
            let path = format!("/conversations?status=all&limit={PAGE}{cursor}");
            let page: Page<Conversation> = self.get(&path).await?;
            all.extend(page.items);
            let Some(next) = page.next else { return Ok(all) };
            cursor = format!("&cursor={next}");
        }
    }

    /// Asks and reads the whole answer, but makes nothing of it.
    pub async fn fetch(&self, path: &str) -> Result<usize> {
        let answer = self.request(path).send().await?.error_for_status()?;
        Ok(answer.bytes().await?.len())
    }

    fn request(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.get(self.api(path)).header("cookie", &self.cookie)
    }

    /// A new visitor's token.
    pub async fn boot(&self) -> Result<String> {
        let boot =
            Boot { key: self.key.clone(), token: None, identity: None, locale: None, page: None };
        Ok(self.post::<_, Booted>("/widget/boot", &boot).await?.token)
    }

    pub async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T> {
        self.change(self.http.post(self.api(path)), body).await
    }

    pub async fn patch<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T> {
        self.change(self.http.patch(self.api(path)), body).await
    }

    async fn change<B: Serialize, T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
        body: &B,
    ) -> Result<T> {
        let request = request.header("cookie", &self.cookie).header("origin", &self.base);
        read(request.json(body).send().await?).await
    }

    fn api(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.base)
    }
}

async fn read<T: DeserializeOwned>(answer: reqwest::Response) -> Result<T> {
    let (status, url) = (answer.status(), answer.url().path().to_owned());
    let text = answer.text().await?;
    if !status.is_success() {
        bail!("{url} answered {status}: {text}");
    }
    serde_json::from_str(&text).with_context(|| format!("{url} answered something else"))
}
