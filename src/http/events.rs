//! What a websocket would have resumed with, for those who ask from time to time.

use actix_web::web::{self, Data, Json, Query, ServiceConfig};
use serde::Deserialize;
use switchboard_actors::page;
use switchboard_actors::replay::{self, Told};
use switchboard_domain::{Seq, WorkspaceId};
use switchboard_store::event::Position;
use switchboard_wire::Problem;
use switchboard_wire::rest::conversation::{Events, NumberedEvent};
use utoipa::IntoParams;

use super::auth::Agent;
use super::problem::{Failure, Result};
use crate::clock;
use crate::state::App;

/// How many events an answer holds unless the caller says otherwise, and at the most.
const EVENTS: u32 = 100;
const EVENTS_MAX: u32 = 500;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/events").route(web::get().to(list)));
}

/// Which events are asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Only events after this `seq`; from the beginning unless said otherwise.
    #[param(value_type = Option<u64>)]
    after: Option<Seq>,
    /// 100 unless said otherwise, 500 at the most.
    limit: Option<u32>,
}

/// The events after a position, oldest first, with the rows they concern as those are now.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "conversations", params(EventsQuery),
    responses(
        (status = 200, description = "Without a gap", body = Events),
        (status = 410, description = "`after` is too old, or of another epoch; the detail names \
         the position to go on from after reading the lists again", body = Problem),
    ),
)]
pub async fn list(app: Data<App>, agent: Agent, query: Query<EventsQuery>) -> Result<Json<Events>> {
    let run = since(&app, agent.workspace, &query).await?;
    let more = run.more();
    let event = |told: Told| NumberedEvent { seq: told.seq, at: told.at, event: told.agents };
    let events = run.told.into_iter().map(event).collect();
    Ok(Json(Events { epoch: run.position.epoch, events, more }))
}

/// A run of a workspace's events without a gap.
#[derive(Debug)]
pub(super) struct Run {
    pub told: Vec<Told>,
    /// Everything up to here is in `told`.
    pub covered: Seq,
    /// Where the workspace is.
    pub position: Position,
}

impl Run {
    pub fn more(&self) -> bool {
        self.covered < self.position.last
    }
}

/// The events that `query` asks for, or gone.
pub(super) async fn since(app: &App, workspace: WorkspaceId, query: &EventsQuery) -> Result<Run> {
    let after = query.after.unwrap_or_default();
    let limit = query.limit.unwrap_or(EVENTS).clamp(1, EVENTS_MAX);
    let (now, names) = (clock::now(), &app.cast.shared().names);
    let told = replay::since(&app.store, &app.links, names, now, workspace, after, limit).await?;
    // Read afterwards: what was pruned meanwhile is noticed.
    let tx = app.store.readers.begin(workspace).await?;
    let position = page::position(&tx, workspace).await?;
    drop(tx);
    check(after, told.first().map(|told| told.seq), &position)?;
    let covered = told.last().map_or(after, |told| told.seq);
    Ok(Run { told, covered, position })
}

/// Refuses where something between `after` and the first event found is missing.
fn check(after: Seq, first: Option<Seq>, position: &Position) -> Result<()> {
    let contiguous = first.is_none_or(|first| first.0 == after.0.saturating_add(1));
    if contiguous && (position.first..=position.last).contains(&after) {
        return Ok(());
    }
    let last = position.last;
    Err(Failure::gone(format!(
        "the events after {after} are not there; read everything again and go on after {last}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_never_passed_over_in_silence() {
        let position = Position { epoch: String::new(), first: Seq(10), last: Seq(20) };
        let check = |after, first: Option<u64>| check(Seq(after), first.map(Seq), &position);
        assert!(check(10, Some(11)).is_ok());
        assert!(check(19, Some(20)).is_ok());
        assert!(check(20, None).is_ok());
        // An event that was committed after they were read.
        assert!(check(19, None).is_ok());
        for (after, first) in [(9, Some(10)), (0, None), (10, Some(12)), (21, None)] {
            let gone = check(after, first).unwrap_err();
            assert_eq!(gone.code(), switchboard_wire::Code::Gone, "{after} {first:?}");
        }
        assert!(check(u64::MAX, None).is_err());
    }

    #[test]
    fn there_is_more_until_the_position_is_covered() {
        let run = |covered| Run {
            told: vec![],
            covered: Seq(covered),
            position: Position { epoch: String::new(), first: Seq(0), last: Seq(20) },
        };
        assert!(run(19).more());
        assert!(!run(20).more());
    }
}
