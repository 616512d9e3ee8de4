//! Search over the team's messages, by words.

use std::collections::HashMap;

use actix_web::web::{self, Data, Json, Query, ServiceConfig};
use serde::Deserialize;
use switchboard_actors::{page, view as views};
use switchboard_domain::words::words;
use switchboard_domain::{ConversationId, Seq};
use switchboard_store::{conversation, message};
use switchboard_wire::Problem;
use switchboard_wire::rest::Page;
use switchboard_wire::rest::conversation::SearchHit;
use utoipa::IntoParams;

use super::auth::Agent;
use super::conversations::not_a_cursor;
use super::messages::viewing;
use super::paging;
use super::problem::{Failure, Result};
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/search").route(web::get().to(search)));
}

/// What is looked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words, all of which a message must hold. Case and accents do not matter.
    q: String,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// 50 unless said otherwise, 100 at the most.
    limit: Option<u32>,
}

/// Messages and notes that hold every word, newest first.
#[utoipa::path(
    get, path = "/api/v1/search", tag = "conversations", params(SearchQuery),
    responses(
        (status = 200, description = "A page of hits", body = Page<SearchHit>),
        (status = 400, description = "There is no word in the query", body = Problem),
    ),
)]
pub async fn search(
    app: Data<App>,
    agent: Agent,
    query: Query<SearchQuery>,
) -> Result<Json<Page<SearchHit>>> {
    let limit = paging::limit(query.limit);
    let words = words(&query.q);
    if words.is_empty() {
        return Err(Failure::field("q", "say at least one word to look for"));
    }
    let before = query.cursor.as_deref().map(cursor).transpose()?;
    let workspace = agent.workspace;
    let keys = page::keys(&app.store, workspace).await?;
    let tx = app.store.readers.begin_snapshot(workspace).await?;
    let found = message::search(&tx, &keys, workspace, &words, before, limit).await?;
    let ids = conversations(found.iter().map(|message| message.conversation));
    let rows = conversation::many(&tx, &keys, workspace, &ids).await?;
    drop(tx);
    let rows: HashMap<_, _> =
        rows.iter().map(|row| (row.state.id, views::conversation(row))).collect();
    let viewing = viewing(&app, workspace);
    let hits = found.iter().filter_map(|message| {
        let conversation = rows.get(&message.conversation)?.clone();
        Some(SearchHit { message: viewing.message(message), conversation })
    });
    let full = found.len() >= limit as usize;
    let next = found.last().filter(|_| full).map(|message| message.seq.to_string());
    Ok(Json(Page { items: hits.collect(), next }))
}

/// The position of the last hit, in print.
fn cursor(text: &str) -> Result<Seq> {
    text.parse().map(Seq).map_err(|_| not_a_cursor())
}

/// Each once.
fn conversations(of: impl Iterator<Item = ConversationId>) -> Vec<ConversationId> {
    let mut ids: Vec<_> = of.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_cursor_is_a_position() {
        assert_eq!(cursor("42"), Ok(Seq(42)));
        for bad in ["", "-1", "4.2", "x", "99999999999999999999"] {
            assert!(cursor(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_conversation_with_many_hits_is_read_once() {
        let id = |n| ConversationId(Uuid::from_u128(n));
        assert_eq!(conversations([id(2), id(1), id(2)].into_iter()), [id(1), id(2)]);
    }
}
