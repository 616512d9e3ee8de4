//! A request to a platform and its reply, before and after the network.

use switchboard_domain::AttachmentId;

/// Where a request goes. The server knows the addresses; each can be configured.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Base {
    /// Meta's Graph API. The configured version is put before the path.
    Graph,
    /// The Graph API of Instagram Login. The configured version is put before the path.
    InstagramGraph,
    /// As both, without a version: token endpoints, for example `/oauth/access_token`.
    GraphUnversioned,
    InstagramGraphUnversioned,
    /// Where Instagram Login exchanges its code.
    InstagramApi,
    /// `https://api.telegram.org`; the path begins with `/bot<token>`, put in by [`Auth::Path`].
    Telegram,
    /// A whole address that the platform gave us, for example of a file. Only `https`, and only
    /// public hosts, unless the configured base is itself local.
    Given(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Delete,
}

/// How the account's token travels. It is never part of these values, so they can be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    None,
    /// `Authorization: Bearer`, with `appsecret_proof` where the app's secret is known.
    Bearer,
    /// `Authorization: OAuth`, for resumable uploads.
    OAuth,
    /// Telegram: `/bot<token>` before the path.
    Path,
    /// Telegram: `/file/bot<token>` before the path.
    FilePath,
    /// The app's own token, `app id|app secret`, as bearer.
    App,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Empty,
    Json(serde_json::Value),
    Form(Vec<(String, String)>),
    Multipart(Vec<Part>),
    /// Bytes of a file, as they are.
    File {
        attachment: AttachmentId,
        mime: String,
    },
}

/// A part of a multipart body.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Text {
        name: String,
        value: String,
    },
    /// The file's bytes, which the caller puts in.
    File {
        name: String,
        attachment: AttachmentId,
        file_name: String,
        mime: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: Method,
    pub base: Base,
    /// Begins with `/`; empty for [`Base::Given`].
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(&'static str, String)>,
    pub auth: Auth,
    pub body: Body,
}

impl Request {
    pub fn get(base: Base, path: impl Into<String>) -> Request {
        Request {
            method: Method::Get,
            base,
            path: path.into(),
            query: vec![],
            headers: vec![],
            auth: Auth::Bearer,
            body: Body::Empty,
        }
    }

    pub fn post(base: Base, path: impl Into<String>, body: Body) -> Request {
        Request { method: Method::Post, body, ..Request::get(base, path) }
    }

    pub fn delete(base: Base, path: impl Into<String>) -> Request {
        Request { method: Method::Delete, ..Request::get(base, path) }
    }

    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Request {
        self.query.push((name.into(), value.into()));
        self
    }

    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Request {
        self.auth = auth;
        self
    }
}

/// What came back. A call that got no reply has none: see [`crate::Outcome`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Seconds, from `Retry-After`.
    pub retry_after: Option<u32>,
    /// The highest percentage in the usage headers, if there were any.
    pub usage_percent: Option<u32>,
    /// Minutes until calls are allowed again, from the usage headers.
    pub regain_minutes: Option<u32>,
    /// At most a megabyte.
    pub body: Vec<u8>,
}

impl Reply {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}
