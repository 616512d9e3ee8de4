//! A call to the Graph API, taken apart.

use std::collections::HashMap;

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value};

use super::error::GraphError;

/// The biggest body taken: a document of 100 MB with its wrapping.
const BODY_BYTES_MAX: usize = 105 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// `graph.facebook.com`
    Facebook,
    /// `graph.instagram.com`
    Instagram,
}

/// A file of a multipart body.
#[derive(Debug, Clone)]
pub struct Upload {
    pub mime: String,
    pub name: Option<String>,
    pub bytes: Bytes,
}

#[derive(Debug)]
pub struct Call {
    pub host: Host,
    pub method: Method,
    /// The path without the version.
    pub path: Vec<String>,
    pub versioned: bool,
    /// Query, form, and the texts of multipart bodies. Meta takes parameters from any of them.
    pub params: HashMap<String, String>,
    /// The JSON body; of other bodies, an object of their parameters.
    pub json: Value,
    pub file: Option<Upload>,
    /// The bytes of a body that is none of these.
    pub raw: Bytes,
    pub token: Option<String>,
    pub scheme: Scheme,
    pub file_offset: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Bearer,
    OAuth,
    Param,
    None,
}

impl Call {
    pub async fn read(
        host: Host,
        request: &HttpRequest,
        tail: &str,
        payload: actix_web::web::Payload,
    ) -> Result<Call, GraphError> {
        let mut path: Vec<String> =
            tail.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let versioned = path.first().is_some_and(|first| is_version(first));
        if versioned {
            path.remove(0);
        }
        let mut call = Call {
            host,
            method: request.method().clone(),
            path,
            versioned,
            params: pairs(request.query_string()),
            json: Value::Null,
            file: None,
            raw: Bytes::new(),
            token: None,
            scheme: Scheme::None,
            file_offset: header_text(request.headers(), "file_offset").map(str::to_owned),
        };
        let bytes = collect(payload).await?;
        call.take_body(request.headers(), bytes).await?;
        call.take_token(request.headers())?;
        Ok(call)
    }

    pub fn path(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }

    pub fn need_param(&self, name: &str) -> Result<&str, GraphError> {
        self.param(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| GraphError::invalid(format!("The parameter {name} is required")))
    }

    async fn take_body(&mut self, headers: &HeaderMap, bytes: Bytes) -> Result<(), GraphError> {
        let kind = header_text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let kind = kind.to_ascii_lowercase();
        if bytes.is_empty() {
            self.json = self.params_as_json();
        } else if kind.starts_with("application/json") {
            self.json = serde_json::from_slice(&bytes)
                .map_err(|_| GraphError::invalid("Invalid JSON in the body of the request"))?;
            self.merge_json();
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let text = String::from_utf8_lossy(&bytes);
            self.params.extend(pairs(&text));
            self.json = self.params_as_json();
        } else if kind.starts_with("multipart/form-data") {
            self.take_multipart(headers, bytes).await?;
            self.json = self.params_as_json();
        } else {
            self.raw = bytes;
        }
        Ok(())
    }

    /// Texts of the body are parameters as well, where the query has none of that name.
    fn merge_json(&mut self) {
        let Some(map) = self.json.as_object() else { return };
        for (name, value) in map {
            if let Some(text) = value.as_str() {
                self.params.entry(name.clone()).or_insert_with(|| text.to_owned());
            }
        }
    }

    /// Parameters can carry JSON, as `recipient={"id":"…"}` in multipart bodies does.
    fn params_as_json(&self) -> Value {
        let hidden = ["access_token", "appsecret_proof", "appsecret_time"];
        let members = self.params.iter().filter(|(name, _)| !hidden.contains(&name.as_str()));
        let members = members.map(|(name, value)| {
            let parsed = value.starts_with(['{', '[']).then(|| serde_json::from_str(value).ok());
            (name.clone(), parsed.flatten().unwrap_or_else(|| Value::String(value.clone())))
        });
        Value::Object(members.collect::<Map<String, Value>>())
    }

    async fn take_multipart(
        &mut self,
        headers: &HeaderMap,
        bytes: Bytes,
    ) -> Result<(), GraphError> {
        let broken = |_| GraphError::invalid("The multipart body cannot be read");
        let body = stream::once(async move { Ok::<_, PayloadError>(bytes) }).boxed_local();
        let mut parts = Multipart::new(headers, body);
        while let Some(mut part) = parts.try_next().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.content_disposition().and_then(|is| is.get_filename().map(Into::into));
            let mime = part.content_type().map(ToString::to_string);
            let mut content = BytesMut::new();
            while let Some(chunk) = part.try_next().await.map_err(broken)? {
                content.extend_from_slice(&chunk);
            }
            if file.is_some() || matches!(name.as_str(), "file" | "filedata") {
                let mime = mime.unwrap_or_else(|| "application/octet-stream".into());
                self.file = Some(Upload { mime, name: file, bytes: content.freeze() });
            } else {
                self.params.insert(name, String::from_utf8_lossy(&content).into_owned());
            }
        }
        Ok(())
    }

    fn take_token(&mut self, headers: &HeaderMap) -> Result<(), GraphError> {
        let given = header_text(headers, header::AUTHORIZATION.as_str());
        let bearer = given.and_then(|value| value.strip_prefix("Bearer "));
        let oauth = given.and_then(|value| value.strip_prefix("OAuth "));
        (self.token, self.scheme) = match (bearer, oauth, self.param("access_token")) {
            (Some(token), _, _) => (Some(token.to_owned()), Scheme::Bearer),
            (_, Some(token), _) => (Some(token.to_owned()), Scheme::OAuth),
            (_, _, Some(token)) => (Some(token.to_owned()), Scheme::Param),
            (None, None, None) if given.is_some() => {
                return Err(GraphError::token(None, "Malformed access token"));
            }
            (None, None, None) => (None, Scheme::None),
        };
        Ok(())
    }
}

fn is_version(part: &str) -> bool {
    let digits = part.strip_prefix('v').unwrap_or_default();
    digits.split_once('.').is_some_and(|(major, minor)| {
        [major, minor]
            .iter()
            .all(|number| !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit()))
    })
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn pairs(text: &str) -> HashMap<String, String> {
    actix_web::web::Query::<HashMap<String, String>>::from_query(text)
        .map(actix_web::web::Query::into_inner)
        .unwrap_or_default()
}

async fn collect(mut payload: actix_web::web::Payload) -> Result<Bytes, GraphError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| GraphError::invalid("The body cannot be read"))?;
        if bytes.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(GraphError::new(413, 1, "The request is too large"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}
