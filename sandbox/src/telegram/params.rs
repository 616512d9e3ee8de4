//! A call's parameters: from the address, JSON, a form or a multipart body.

use std::collections::HashMap;

use actix_multipart::Multipart;
use actix_web::http::header;
use actix_web::web::Payload;
use actix_web::{FromRequest, HttpRequest};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde_json::{Map, Value};

use super::refused::{Answer, Refused};

/// The largest body that the Bot API takes, with room for what surrounds the file.
const LARGEST_BODY: usize = 50 * 1024 * 1024 + 64 * 1024;

/// A file that came with the call.
#[derive(Debug, Clone)]
pub struct Upload {
    pub name: String,
    pub mime: Option<String>,
    pub bytes: Bytes,
}

#[derive(Debug, Default)]
pub struct Params {
    values: Map<String, Value>,
    uploads: HashMap<String, Upload>,
}

impl Params {
    pub async fn read(request: &HttpRequest, payload: Payload) -> Answer<Params> {
        let mut params = Params::default();
        params.form(request.query_string().as_bytes());
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        if kind.starts_with("multipart/form-data") {
            params.multipart(request, payload).await?;
            return Ok(params);
        }
        let body = whole(payload).await?;
        if kind.starts_with("application/json") {
            params.json(&body)?;
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            params.form(&body);
        } else if !body.is_empty() {
            return Err(Refused::bad("unsupported content type"));
        }
        Ok(params)
    }

    /// The members of an item of an album, read as if they were parameters.
    pub fn of(item: &Value) -> Params {
        Params { values: item.as_object().cloned().unwrap_or_default(), ..Params::default() }
    }

    fn json(&mut self, body: &[u8]) -> Answer<()> {
        if body.is_empty() {
            return Ok(());
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(values)) => self.values.extend(values),
            Ok(_) => return Err(Refused::bad("object expected as parameters")),
            Err(_) => return Err(Refused::bad("can't parse JSON object")),
        }
        self.values.retain(|_, value| !value.is_null());
        Ok(())
    }

    fn form(&mut self, body: &[u8]) {
        let pairs: Vec<(String, String)> =
            actix_web::web::Query::from_query(&String::from_utf8_lossy(body))
                .map(actix_web::web::Query::into_inner)
                .unwrap_or_default();
        self.values.extend(pairs.into_iter().map(|(name, value)| (name, Value::String(value))));
    }

    async fn multipart(&mut self, request: &HttpRequest, payload: Payload) -> Answer<()> {
        let broken = |_| Refused::bad("can't parse multipart body");
        let mut payload = payload.into_inner();
        let mut parts = Multipart::from_request(request, &mut payload).await.map_err(broken)?;
        let mut left = LARGEST_BODY;
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(|_| Refused::bad("can't parse multipart body"))?;
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.content_disposition().and_then(|head| head.get_filename());
            let file = file.map(ToOwned::to_owned);
            let mime = part.content_type().map(ToString::to_string);
            let mut bytes = BytesMut::new();
            while let Some(chunk) = part.next().await {
                let chunk = chunk.map_err(|_| Refused::bad("can't parse multipart body"))?;
                left = left.checked_sub(chunk.len()).ok_or_else(Refused::too_large)?;
                bytes.extend_from_slice(&chunk);
            }
            match file {
                Some(file) => {
                    let upload = Upload { name: file, mime, bytes: bytes.freeze() };
                    self.uploads.insert(name, upload);
                }
                None => {
                    let text = String::from_utf8(bytes.to_vec())
                        .map_err(|_| Refused::bad("strings must be encoded in UTF-8"))?;
                    self.values.insert(name, Value::String(text));
                }
            }
        }
        Ok(())
    }

    /// Everything but the files, for the log.
    pub fn log(&self) -> Value {
        let mut log = self.values.clone();
        for (name, upload) in &self.uploads {
            let file = serde_json::json!({ "file_name": upload.name, "size": upload.bytes.len() });
            log.insert(name.clone(), file);
        }
        Value::Object(log)
    }

    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.uploads.contains_key(name)
    }

    pub fn upload(&self, name: &str) -> Option<&Upload> {
        self.uploads.get(name)
    }

    pub fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(on) => Some(on.to_string()),
            _ => None,
        }
    }

    /// A number, which forms carry as text.
    pub fn number(&self, name: &str) -> Option<i64> {
        match self.values.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    pub fn float(&self, name: &str) -> Option<f64> {
        match self.values.get(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    pub fn is_on(&self, name: &str) -> bool {
        matches!(self.text(name).as_deref(), Some("true" | "True" | "1" | "yes"))
    }

    /// A nested value. Forms carry it as JSON text.
    pub fn nested(&self, name: &str) -> Answer<Option<Value>> {
        match self.values.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| Refused::bad(&format!("can't parse {name} JSON object"))),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    pub fn list(&self, name: &str) -> Answer<Option<Vec<Value>>> {
        match self.nested(name)? {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(_) => Err(Refused::bad(&format!("{name} must be an Array"))),
        }
    }
}

async fn whole(mut payload: Payload) -> Answer<Bytes> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refused::bad("can't read the request"))?;
        if bytes.len() + chunk.len() > LARGEST_BODY {
            return Err(Refused::too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}
