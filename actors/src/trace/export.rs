//! Sends spans to a collector, as OTLP over HTTP in JSON.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::sync::mpsc;

use super::{Kind, Span, Value};

/// The most spans in a request.
const BATCH_MAX: usize = 512;
/// What comes within this goes together.
const GATHER: Duration = Duration::from_secs(1);
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// Sends spans until there are none to come. `endpoint` is the collector's address without a path,
/// `node` the name by which it tells this process from others.
pub async fn export(endpoint: String, node: String, mut spans: mpsc::Receiver<Span>) {
    let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    let client = match reqwest::Client::builder().timeout(ANSWERED_WITHIN).build() {
        Ok(client) => client,
        Err(error) => return tracing::error!(%error, "traces cannot be sent"),
    };
    let mut batch = Vec::with_capacity(BATCH_MAX);
    let mut is_away = false;
    while spans.recv_many(&mut batch, BATCH_MAX).await > 0 {
        if batch.len() < BATCH_MAX {
            tokio::time::sleep(GATHER).await;
            while batch.len() < BATCH_MAX
                && let Ok(span) = spans.try_recv()
            {
                batch.push(span);
            }
        }
        let body = encode(&node, &batch).to_string();
        let request = client.post(&url).header("content-type", "application/json").body(body);
        let sent = request.send().await.and_then(reqwest::Response::error_for_status);
        if let Err(error) = &sent {
            metrics::counter!("switchboard_spans_lost_total").increment(batch.len() as u64);
            // Once for each time that it goes away.
            if !is_away {
                tracing::warn!(%error, "the collector of traces does not take them");
            }
        }
        is_away = sent.is_err();
        batch.clear();
    }
}

fn encode(node: &str, spans: &[Span]) -> Json {
    json!({"resourceSpans": [{
        "resource": {"attributes": [
            attribute("service.name", &"switchboard".into()),
            attribute("service.version", &env!("CARGO_PKG_VERSION").into()),
            attribute("service.instance.id", &node.into()),
        ]},
        "scopeSpans": [{
            "scope": {"name": "switchboard"},
            "spans": spans.iter().map(encode_span).collect::<Vec<_>>(),
        }],
    }]})
}

fn encode_span(span: &Span) -> Json {
    let began = span.began.as_nanosecond();
    let ended = began + i128::try_from(span.took.as_nanos()).unwrap_or_default();
    let mut json = json!({
        "traceId": format!("{:032x}", span.trace.id),
        "spanId": format!("{:016x}", span.trace.span),
        "name": span.name,
        "kind": match span.kind {
            Kind::Internal => 1,
            Kind::Server => 2,
            Kind::Client => 3,
            Kind::Producer => 4,
            Kind::Consumer => 5,
        },
        // 64-bit numbers are strings in JSON of protocol buffers.
        "startTimeUnixNano": began.to_string(),
        "endTimeUnixNano": ended.to_string(),
        "attributes": span.says.iter().map(|(key, value)| attribute(key, value)).collect::<Vec<_>>(),
    });
    if let Some(parent) = span.parent {
        json["parentSpanId"] = format!("{parent:016x}").into();
    }
    if !span.links.is_empty() {
        let link = |trace: &switchboard_domain::trace::Trace| {
            json!({
                "traceId": format!("{:032x}", trace.id),
                "spanId": format!("{:016x}", trace.span),
            })
        };
        json["links"] = span.links.iter().map(link).collect::<Vec<_>>().into();
    }
    if span.failed {
        json["status"] = json!({"code": 2});
    }
    json
}

fn attribute(key: &str, value: &Value) -> Json {
    let value = match value {
        Value::Text(text) => json!({"stringValue": text}),
        Value::Number(number) => json!({"intValue": number.to_string()}),
    };
    json!({"key": key, "value": value})
}

#[cfg(test)]
mod tests {
    use switchboard_domain::trace::Trace;

    use super::*;

    #[test]
    fn a_span_is_written_as_collectors_read_it() {
        let span = Span {
            trace: Trace { id: 0x4bf9, span: 0xf0 },
            parent: Some(0xa),
            name: "journal.commit".to_owned(),
            kind: Kind::Internal,
            began: "2026-11-22T05:00:00.000001Z".parse().unwrap(),
            took: Duration::from_millis(2),
            says: vec![("appends", Value::Number(32)), ("outcome", "done".into())],
            links: vec![Trace { id: 1, span: 2 }],
            failed: true,
        };
        let json = encode("node", std::slice::from_ref(&span));
        let scope = &json["resourceSpans"][0];
        assert_eq!(scope["resource"]["attributes"][0]["value"]["stringValue"], "switchboard");
        let expected = json!({
            "traceId": "00000000000000000000000000004bf9",
            "spanId": "00000000000000f0",
            "parentSpanId": "000000000000000a",
            "name": "journal.commit",
            "kind": 1,
            "startTimeUnixNano": "1795323600000001000",
            "endTimeUnixNano": "1795323600002001000",
            "attributes": [
                {"key": "appends", "value": {"intValue": "32"}},
                {"key": "outcome", "value": {"stringValue": "done"}},
            ],
            "links": [{
                "traceId": "00000000000000000000000000000001",
                "spanId": "0000000000000002",
            }],
            "status": {"code": 2},
        });
        assert_eq!(scope["scopeSpans"][0]["spans"][0], expected);
    }
}
