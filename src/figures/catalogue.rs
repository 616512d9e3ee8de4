//! Every figure by name: what it is, and what it counts. Dashboards and alerts name these and no
//! others; a test holds that, and that each of them is counted somewhere.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram};
use switchboard_channels::Hook;

/// How a figure behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows. One without labels is told from the start, so that its absence is a fault.
    Counter,
    CounterBy,
    Gauge,
    /// Seconds, or a number; its unit is in its name.
    Histogram,
}

/// A figure and what it counts.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    pub name: &'static str,
    pub kind: Kind,
    pub help: &'static str,
}

const fn counter(name: &'static str, help: &'static str) -> Figure {
    Figure { name, kind: Kind::Counter, help }
}

const fn counter_by(name: &'static str, help: &'static str) -> Figure {
    Figure { name, kind: Kind::CounterBy, help }
}

const fn gauge(name: &'static str, help: &'static str) -> Figure {
    Figure { name, kind: Kind::Gauge, help }
}

const fn histogram(name: &'static str, help: &'static str) -> Figure {
    Figure { name, kind: Kind::Histogram, help }
}

/// All figures of ours. Those of the process are beside this file.
pub const FIGURES: &[Figure] = &[
    gauge("switchboard_build_info", "1, with the version that runs."),
    gauge("switchboard_started_seconds", "When the server started, in seconds since 1970."),
    gauge("switchboard_draining", "1 while the server leaves."),
    // Requests.
    counter_by("switchboard_http_requests_total", "Requests answered, by method, route, status."),
    histogram("switchboard_http_request_seconds", "Time to an answer, by method and route."),
    gauge("switchboard_http_requests_open", "Requests that are not answered yet."),
    // What the server can take.
    gauge("switchboard_delay_seconds", "Standing delay of a line: work waited for no less."),
    counter_by("switchboard_shed_total", "Refused because the server was late, by class."),
    counter("switchboard_sockets_waited_total", "Websockets that waited to be let in."),
    counter("switchboard_sockets_turned_away_total", "Websockets refused: too many came at once."),
    counter("switchboard_spans_lost_total", "Parts of traces that no collector took."),
    // Websockets.
    gauge("switchboard_sockets_open", "Websockets that are open."),
    counter_by("switchboard_sockets_closed_total", "Websockets closed by the server, by reason."),
    gauge("switchboard_sessions", "Websockets that said who they are, by kind."),
    gauge("switchboard_sessions_waiting_bytes", "Frames that sockets have not taken yet."),
    counter("switchboard_sessions_too_slow_total", "Websockets cut off: they did not read."),
    counter("switchboard_deliveries_total", "Events given to sessions."),
    counter("switchboard_hub_gaps_total", "Events came early: one before them was fetched."),
    // The journal.
    histogram("switchboard_journal_batch_appends", "Appends in a commit."),
    histogram("switchboard_journal_commit_seconds", "Time of a commit."),
    gauge("switchboard_journal_waiting", "Appends whose commit is not answered yet."),
    counter("switchboard_clashes_total", "Appends decided again: another came first."),
    // Actors.
    gauge("switchboard_workspaces_active", "Workspaces in memory."),
    gauge("switchboard_conversations_active", "Conversations in memory."),
    gauge("switchboard_accounts_active", "Accounts that this node speaks for."),
    // Several nodes.
    gauge("switchboard_bus_connected", "1 while a Redis is connected, by server."),
    counter("switchboard_bus_gaps_total", "Topics whose listeners were told to look."),
    counter_by("switchboard_bus_ignored_total", "Hints passed over, by why."),
    counter_by("switchboard_bus_lost_total", "Hints lost, by where."),
    histogram("switchboard_bus_publish_seconds", "Time of a publication, by server."),
    counter("switchboard_bus_published_total", "Hints published to other nodes."),
    counter_by("switchboard_bus_received_total", "Hints of other nodes, by kind."),
    gauge("switchboard_bus_subscriptions", "Channels subscribed to, by server."),
    counter("switchboard_calls_withheld_total", "Calls not made: the hold had run out."),
    counter(
        "switchboard_database_silences_total",
        "Connections given up: Postgres did not answer.",
    ),
    counter("switchboard_hub_fetches_total", "Times that events were read for sessions."),
    counter("switchboard_leases_given_up_total", "Accounts that this node gave up to others."),
    gauge("switchboard_leases_held", "Accounts that this node holds."),
    counter("switchboard_leases_taken_total", "Accounts that this node took."),
    gauge("switchboard_nodes_alive", "Nodes that share the database."),
    // The database.
    gauge("switchboard_database_connections", "Open connections, by pool."),
    gauge("switchboard_database_busy", "Connections at work, by pool."),
    gauge("switchboard_database_waiting", "Callers that wait for a connection, by pool."),
    histogram("switchboard_database_wait_seconds", "Time until a connection was free, by pool."),
    // Channels.
    counter_by("switchboard_webhooks_total", "Verified webhooks, by hook."),
    counter_by("switchboard_webhooks_refused_total", "Webhooks without the right signature."),
    histogram("switchboard_webhook_seconds", "Time until durable, by hook and outcome."),
    counter_by("switchboard_inbound_total", "What webhooks told, by channel and what."),
    counter_by("switchboard_unreadable_total", "Parts of webhooks kept as dead letters, by hook."),
    counter("switchboard_parked_total", "Told of messages that have not come yet."),
    counter("switchboard_spool_kept_total", "Webhooks put on disk, to be taken up later."),
    counter("switchboard_spool_drained_total", "Webhooks taken up from disk."),
    counter("switchboard_spool_lost_total", "Webhooks on disk that were given up."),
    gauge("switchboard_spool_bytes", "Webhooks that wait on disk."),
    counter_by("switchboard_sends_total", "Calls to platforms, by outcome."),
    histogram("switchboard_sends_seconds", "Time of a call to a platform."),
    counter_by("switchboard_fetches_total", "Files fetched from platforms, by whether they came."),
    gauge("switchboard_outbox_sends", "What waits to be sent anywhere, by kind and state."),
    gauge("switchboard_outbox_late_seconds", "How long the oldest of these has been due."),
    gauge("switchboard_accounts_unheld", "Connected accounts that no node speaks for."),
];

/// Tells what each figure is, and begins to count those that have no labels, or whose first count
/// somebody has to hear of.
pub fn describe() {
    for Figure { name, kind, help } in FIGURES.iter().copied() {
        match kind {
            Kind::Counter => {
                describe_counter!(name, help);
                counter!(name).increment(0);
            }
            Kind::CounterBy => describe_counter!(name, help),
            Kind::Gauge => describe_gauge!(name, help),
            Kind::Histogram if name.ends_with("_seconds") => {
                describe_histogram!(name, Unit::Seconds, help);
            }
            Kind::Histogram => describe_histogram!(name, help),
        }
    }
    for hook in [Hook::Whatsapp, Hook::Messenger, Hook::Instagram, Hook::Telegram] {
        begin("switchboard_unreadable_total", "hook", hook.name());
        begin("switchboard_webhooks_refused_total", "hook", hook.name());
    }
    for why in ["forged", "format", "unknown", "repeated"] {
        begin("switchboard_bus_ignored_total", "why", why);
    }
    for why in ["away", "outbox", "inbox", "mailbox"] {
        begin("switchboard_bus_lost_total", "why", why);
    }
}

/// To Prometheus a series that begins at one has not grown: an alert would miss the first event.
fn begin(name: &'static str, label: &'static str, value: &'static str) {
    counter!(name, label => value).increment(0);
}
