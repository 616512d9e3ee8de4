//! `loadtest bench`: which figures there are, in which order they are taken, and how they are told.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::figure::Figure;
use crate::figures::{
    backfill, bytes, fanout, inbox, latency, outbox, posts, sockets, start, webhooks,
};
use crate::peers::Kind;
use crate::process;

/// Sockets, log files, pipes and what else stands open beside the crowds.
const OTHER_FILES: u64 = 512;

const NAMES: &str = "\
Figures, by group (those of a group share a server and are taken together):
  bytes    widget_loader_gz_bytes widget_app_gz_bytes console_first_gz_bytes
  start    ready_ms ready_private_ms ready_first_ms idle_rss_mib
  posts    post_acked_per_second post_acked_per_second_one_workspace
  webhooks webhook_acked_per_second webhook_acked_per_second_one_account
           webhook_batched_per_second webhook_to_frame_p50_ms webhook_to_frame_p99_ms
  outbox   outbox_sent_per_second
  backfill backfill_seconds backfill_messages_per_second backfill_peak_rss_mib
  latency  post_to_frame_p50_ms post_to_frame_p99_ms
  fanout   fanout_cpu_us_per_delivery fanout_cpu_us_per_delivery_alone
           with --peers: fanout_cpu_us_per_delivery_centrifugo
           fanout_cpu_us_per_delivery_ws fanout_cpu_us_per_delivery_socketio
  sockets  idle_socket_kib reconnect_storm_seconds reconnect_storm_deep_seconds
           with --peers: idle_socket_kib_centrifugo idle_socket_kib_ws idle_socket_kib_socketio
  inbox    inbox_page_p99_ms inbox_page_growth search_p99_ms search_growth

Only the figures go to standard output, one JSON object per line:
  {\"name\",\"value\",\"unit\",\"against\":{\"name\",\"value\"},\"ratio\",\"cpu_us_per_op\",\"rss_mib\"}
`ratio` is value / against. `against` is a peer that was measured in the same run, or the budget
of the design. docs/performance.md says what each figure means.";

/// How to measure.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = NAMES)]
pub struct Args {
    /// Only this figure or group. May be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// A short run: smaller crowds and windows. For trying things out, not for quoting.
    #[arg(long)]
    quick: bool,
    /// The server to measure; the `switchboard` beside this program otherwise.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    /// The folder of the repository, for the built front ends.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    repository: PathBuf,
    /// Visitors who post at once, and clients of the peer.
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Idle sockets, and clients of the reconnect storm [default: 10000; 1000 with --quick].
    #[arg(long)]
    sockets: Option<usize>,
    /// Conversations of the full inbox [default: 100000; 5000 with --quick; 1000000 with --full].
    #[arg(long)]
    conversations: Option<usize>,
    /// An inbox of a million conversations and ten million messages. Filling it takes an hour or
    /// more, and 25 GB of disk.
    #[arg(long, conflicts_with = "quick")]
    full: bool,
    /// The folder of the peers that are to be measured beside us; `script/bench --peers` makes it.
    #[arg(long, value_name = "FOLDER")]
    peers: Option<PathBuf>,
}

/// What every figure goes by.
#[derive(Debug, Clone)]
pub struct Plan {
    pub server: PathBuf,
    pub repository: PathBuf,
    pub clients: usize,
    pub agents: usize,
    pub sockets: usize,
    pub conversations: usize,
    /// Messages of each of them.
    pub messages: u32,
    /// Where the peers are, if they are to be measured.
    pub peers: Option<PathBuf>,
    /// Messages that wait to be sent in each conversation of the outbox.
    pub sends: usize,
    /// Conversations of the history that is brought.
    pub threads: usize,
    /// Before a window, and of one window.
    pub warm: Duration,
    pub window: Duration,
    /// Windows of which the median is taken.
    pub windows: usize,
}

impl Plan {
    fn new(args: &Args) -> Result<Plan> {
        let beside = || anyhow::Ok(std::env::current_exe()?.with_file_name("switchboard"));
        let server = args.server.clone().map_or_else(beside, Ok)?;
        if !server.is_file() {
            bail!("there is no server at {}; build it, or name it with --server", server.display());
        }
        let seconds = |normal, quick| Duration::from_secs(if args.quick { quick } else { normal });
        let many = |normal, quick| if args.quick { quick } else { normal };
        Ok(Plan {
            server: server.canonicalize()?,
            repository: args.repository.clone(),
            clients: args.clients.clamp(1, 150),
            agents: many(1_000, 200),
            sockets: args.sockets.unwrap_or(many(10_000, 1_000)),
            conversations: args.conversations.unwrap_or(match args.full {
                true => 1_000_000,
                false => many(100_000, 5_000),
            }),
            messages: if args.full { 10 } else { 3 },
            peers: args.peers.clone(),
            sends: many(12, 3),
            threads: many(5_000, 100),
            warm: seconds(2, 1),
            window: seconds(6, 2),
            windows: many(5, 1),
        })
    }
}

impl Plan {
    /// The peers that are there.
    pub fn rivals(&self) -> Vec<Kind> {
        self.peers.as_deref().map(Kind::installed).unwrap_or_default()
    }
}

/// Figures that are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Bytes,
    Start,
    Posts,
    Webhooks,
    Outbox,
    Backfill,
    Latency,
    Fanout,
    Sockets,
    Inbox,
}

impl Group {
    const ALL: [Group; 10] = [
        Group::Bytes,
        Group::Start,
        Group::Posts,
        Group::Webhooks,
        Group::Outbox,
        Group::Backfill,
        Group::Latency,
        Group::Fanout,
        Group::Sockets,
        Group::Inbox,
    ];

    fn name(self) -> &'static str {
        match self {
            Group::Bytes => "bytes",
            Group::Start => "start",
            Group::Posts => "posts",
            Group::Webhooks => "webhooks",
            Group::Outbox => "outbox",
            Group::Backfill => "backfill",
            Group::Latency => "latency",
            Group::Fanout => "fanout",
            Group::Sockets => "sockets",
            Group::Inbox => "inbox",
        }
    }

    fn figures(self) -> &'static [&'static str] {
        match self {
            Group::Bytes => &bytes::NAMES,
            Group::Start => &start::NAMES,
            Group::Posts => &posts::NAMES,
            Group::Webhooks => &webhooks::NAMES,
            Group::Outbox => &outbox::NAMES,
            Group::Backfill => &backfill::NAMES,
            Group::Latency => &latency::NAMES,
            Group::Fanout => &fanout::NAMES,
            Group::Sockets => &sockets::NAMES,
            Group::Inbox => &inbox::NAMES,
        }
    }

    /// Adds the group's figures to `taken`, as far as it gets.
    async fn measure(self, plan: &Plan, taken: &mut Vec<Figure>) -> Result<()> {
        match self {
            Group::Bytes => bytes::measure(plan, taken),
            Group::Start => start::measure(plan, taken).await,
            Group::Posts => posts::measure(plan, taken).await,
            Group::Webhooks => webhooks::measure(plan, taken).await,
            Group::Outbox => outbox::measure(plan, taken).await,
            Group::Backfill => backfill::measure(plan, taken).await,
            Group::Latency => latency::measure(plan, taken).await,
            Group::Fanout => fanout::measure(plan, taken).await,
            Group::Sockets => sockets::measure(plan, taken).await,
            Group::Inbox => inbox::measure(plan, taken).await,
        }
    }
}

/// The names of everything that can be measured.
#[cfg(test)]
pub fn all_figures() -> Vec<&'static str> {
    Group::ALL.iter().flat_map(|group| group.figures()).copied().collect()
}

/// Which figures are wanted; all when nothing is named.
struct Wanted(Vec<String>);

impl Wanted {
    fn new(names: &[String]) -> Result<Wanted> {
        let known = |name: &String| {
            Group::ALL
                .iter()
                .any(|group| group.name() == name || group.figures().contains(&name.as_str()))
        };
        match names.iter().find(|name| !known(name)) {
            Some(name) => bail!("there is no figure or group {name:?}; see --help"),
            None => Ok(Wanted(names.to_vec())),
        }
    }

    fn has(&self, group: Group, figure: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|name| name == group.name() || name == figure)
    }

    fn group(&self, group: Group) -> bool {
        group.figures().iter().any(|figure| self.has(group, figure))
    }
}

/// Takes the figures that are wanted. One that fails does not keep the others from being told.
pub async fn run(args: Args) -> Result<()> {
    let (plan, wanted) = (Plan::new(&args)?, Wanted::new(&args.only)?);
    let plan = within_limits(plan);
    if plan.peers.is_some() {
        for kind in Kind::ALL.into_iter().filter(|kind| !plan.rivals().contains(kind)) {
            note(&format!("{} is not installed and is left out", kind.name()));
        }
    }
    let mut failed = Vec::new();
    for group in Group::ALL.into_iter().filter(|group| wanted.group(*group)) {
        let begun = Instant::now();
        note(&format!("measuring {}", group.name()));
        let mut taken = Vec::new();
        let measured = group.measure(&plan, &mut taken).await;
        for figure in taken.iter().filter(|figure| wanted.has(group, figure.name)) {
            println!("{}", serde_json::to_string(figure)?);
        }
        note(&format!("    {}: {} s", group.name(), begun.elapsed().as_secs()));
        if let Err(error) = measured {
            note(&format!("    {} could not be measured to the end: {error:#}", group.name()));
            failed.push(group.name());
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("not measured to the end: {}", failed.join(", ")) }
}

/// What a person reads while it runs.
pub fn note(words: &str) {
    eprintln!("{words}");
}

/// Makes room for the crowds of sockets, or the crowd of idle ones smaller.
fn within_limits(mut plan: Plan) -> Plan {
    let peers = plan.rivals().len();
    // The driver's ends of all that are open at the same time.
    let others = (plan.agents * (2 + peers)) as u64;
    let room = room_for(plan.sockets as u64 + others);
    plan.sockets = plan.sockets.min(room.saturating_sub(others) as usize);
    plan
}

/// Makes room for so many sockets, as far as the machine allows. Answers with how many there may
/// be, and says what is missing.
pub fn room_for(sockets: u64) -> u64 {
    let wanted = sockets + OTHER_FILES;
    let limit = process::raise_file_limit(wanted);
    let room = limit.saturating_sub(OTHER_FILES).min(sockets);
    if room < sockets {
        note(&format!(
            "only {limit} files may be open here, which makes {room} sockets of {sockets}; as \
             root, `sysctl fs.nr_open={0}` and `ulimit -n {0}` allow more",
            wanted.next_power_of_two()
        ));
    }
    room
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_or_its_group_can_be_asked_for() {
        let wanted = Wanted::new(&["posts".to_owned(), "ready_ms".to_owned()]).unwrap();
        assert!(wanted.has(Group::Posts, "post_acked_per_second"));
        assert!(wanted.has(Group::Start, "ready_ms") && !wanted.has(Group::Start, "idle_rss_mib"));
        assert!(wanted.group(Group::Start) && !wanted.group(Group::Inbox));
        assert!(Wanted::new(&["nothing".to_owned()]).is_err());
    }

    #[test]
    fn every_figure_is_in_the_help() {
        for group in Group::ALL {
            for figure in group.figures() {
                assert!(NAMES.split_whitespace().any(|word| word == *figure), "{figure}");
            }
        }
    }
}
