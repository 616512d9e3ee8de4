//! The figures in words, in the order in which they are shown.

/// When a figure is good enough, as its ratio to what stands beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// At least so many times as much.
    AtLeast(f64),
    /// No more than that.
    Within,
    /// It is told, and there is no goal.
    Told,
}

impl Goal {
    /// Whether it is reached; `None` where there is none.
    pub fn holds(self, ratio: Option<f64>) -> Option<bool> {
        match self {
            Goal::AtLeast(times) => Some(ratio? >= times),
            Goal::Within => Some(ratio? <= 1.0),
            Goal::Told => None,
        }
    }
}

pub struct Section {
    pub title: &'static str,
    pub words: &'static str,
    pub entries: &'static [Entry],
}

pub struct Entry {
    pub name: &'static str,
    pub title: &'static str,
    pub words: &'static str,
    pub goal: Goal,
    /// Figures of peers that are shown beside it.
    pub peers: &'static [(&'static str, &'static str)],
}

const fn entry(name: &'static str, title: &'static str, words: &'static str, goal: Goal) -> Entry {
    Entry { name, title, words, goal, peers: &[] }
}

pub const SECTIONS: [Section; 6] = [
    Section {
        title: "How much comes in",
        words: "Everything counted here has been written to disk before it is acknowledged. Beside \
                it: the same Postgres, at the same time, writing single rows and nothing else.",
        entries: &[
            entry(
                "post_acked_per_second",
                "Chat messages a second, eight teams",
                "Visitors write as fast as they are answered; an agent of each team watches.",
                Goal::AtLeast(1.0),
            ),
            entry(
                "post_acked_per_second_one_workspace",
                "Chat messages a second, one team",
                "The same with everybody in one team, whose messages have one common order.",
                Goal::Told,
            ),
            entry(
                "webhook_acked_per_second",
                "WhatsApp messages a second, eight numbers",
                "Signed webhooks of one message each, with contact, conversation and all.",
                Goal::AtLeast(1.0),
            ),
            entry(
                "webhook_acked_per_second_one_account",
                "WhatsApp messages a second, one number",
                "The same to a single number.",
                Goal::Told,
            ),
            entry(
                "webhook_batched_per_second",
                "WhatsApp messages a second, in batches",
                "Webhooks of 100 messages, as platforms send them when much is going on.",
                Goal::AtLeast(5.0),
            ),
            entry(
                "backfill_messages_per_second",
                "Old messages brought a second",
                "The history of a Page when it is connected, without the pauses that spare the \
                 platform.",
                Goal::Told,
            ),
        ],
    },
    Section {
        title: "How much goes out",
        words: "Answers on their way to a platform.",
        entries: &[entry(
            "outbox_sent_per_second",
            "Answers accepted by a platform a second",
            "By 32 Pages of a stand-in on the same machine, each row noted before and after.",
            Goal::Told,
        )],
    },
    Section {
        title: "How soon somebody sees it",
        words: "From the moment at which a message was due until an agent's browser has it, at half \
                of the highest rate. A stall counts for every message that waited in it. Beside it: \
                a bare insert at the same rate, counted the same way.",
        entries: &[
            entry("post_to_frame_p50_ms", "Chat, the middle one", "", Goal::Told),
            entry("post_to_frame_p99_ms", "Chat, 99 of 100", "", Goal::Told),
            entry("webhook_to_frame_p50_ms", "WhatsApp, the middle one", "", Goal::Told),
            entry(
                "webhook_to_frame_p99_ms",
                "WhatsApp, 99 of 100",
                "May take five milliseconds more than the bare insert.",
                Goal::Within,
            ),
        ],
    },
    Section {
        title: "Many people at once",
        words: "What it takes to pass a message on, to keep a connection open, and to have everybody \
                back after a failure.",
        entries: &[
            Entry {
                name: "fanout_cpu_us_per_delivery",
                title: "Processor time of one delivery",
                words: "A message to 1,000 open browsers, with storing it. The peers store nothing.",
                goal: Goal::Within,
                peers: &[
                    ("fanout_cpu_us_per_delivery_centrifugo", "Centrifugo"),
                    ("fanout_cpu_us_per_delivery_ws", "Node ws"),
                    ("fanout_cpu_us_per_delivery_socketio", "socket.io"),
                ],
            },
            entry(
                "fanout_cpu_us_per_delivery_alone",
                "The same when messages come one by one",
                "Beside it: writing as many bytes to a bare connection.",
                Goal::Told,
            ),
            Entry {
                name: "idle_socket_kib",
                title: "Memory of an open, silent browser",
                words: "10,000 of them are connected and wait.",
                goal: Goal::Within,
                peers: &[
                    ("idle_socket_kib_centrifugo", "Centrifugo"),
                    ("idle_socket_kib_ws", "Node ws"),
                    ("idle_socket_kib_socketio", "socket.io"),
                ],
            },
            entry(
                "reconnect_storm_seconds",
                "Everybody back after a cut",
                "10,000 come back at once and catch up. Beside it: their first connection.",
                Goal::Told,
            ),
            entry(
                "reconnect_storm_deep_seconds",
                "The same after a long absence",
                "More was missed than the server keeps at hand.",
                Goal::Told,
            ),
        ],
    },
    Section {
        title: "A full inbox",
        words: "Turning pages and searching among very many conversations, and how much slower that \
                is than among 1,000.",
        entries: &[
            entry("inbox_page_p99_ms", "A page of the inbox, 99 of 100", "", Goal::Within),
            entry("inbox_page_growth", "A page, the middle one", "", Goal::Told),
            entry("search_p99_ms", "A search, 99 of 100", "", Goal::Within),
            entry("search_growth", "A search, the middle one", "", Goal::Told),
        ],
    },
    Section {
        title: "Small things",
        words: "What the server and its pages weigh.",
        entries: &[
            entry("ready_ms", "From start to ready", "On a Postgres that runs.", Goal::Within),
            entry("ready_private_ms", "The same with its own Postgres", "", Goal::Told),
            entry("ready_first_ms", "The very first start", "It makes its database.", Goal::Told),
            entry("idle_rss_mib", "Memory of an idle server", "", Goal::Within),
            entry("backfill_peak_rss_mib", "Memory while history is brought", "", Goal::Told),
            entry("backfill_seconds", "Time to bring it", "", Goal::Told),
            entry("widget_loader_gz_bytes", "The widget on the customer's page", "", Goal::Within),
            entry("widget_app_gz_bytes", "The widget once it is opened", "", Goal::Within),
            entry("console_first_gz_bytes", "The console's first view", "", Goal::Within),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench;

    #[test]
    fn every_figure_is_explained_and_nothing_else_is() {
        let mut told: Vec<&str> = SECTIONS
            .iter()
            .flat_map(|section| section.entries)
            .flat_map(|entry| {
                std::iter::once(entry.name).chain(entry.peers.iter().map(|(name, _)| *name))
            })
            .collect();
        let mut measured = bench::all_figures();
        told.sort_unstable();
        measured.sort_unstable();
        assert_eq!(told, measured);
    }

    #[test]
    fn a_goal_is_reached_or_not() {
        assert_eq!(Goal::AtLeast(5.0).holds(Some(4.9)), Some(false));
        assert_eq!(Goal::Within.holds(Some(1.0)), Some(true));
        assert_eq!(Goal::Within.holds(None), None);
        assert_eq!(Goal::Told.holds(Some(9.0)), None);
    }
}
