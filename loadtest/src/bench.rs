//! `loadtest bench`: which figures there are, in which order they are taken, and how they are told.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::figure::Figure;
use crate::figures::{bytes, fanout, inbox, latency, posts, sockets, start, webhooks};
use crate::process;

/// Sockets, log files, pipes and what else stands open beside the crowds.
const OTHER_FILES: u64 = 512;

const NAMES: &str = "\
Figures, by group (those of a group share a server and are taken together):
  bytes    widget_loader_gz_bytes widget_app_gz_bytes console_first_gz_bytes
  start    ready_ms ready_private_ms ready_first_ms idle_rss_mib
  posts    post_acked_per_second post_acked_per_second_one_workspace
  webhooks webhook_acked_per_second webhook_acked_per_second_one_account
           webhook_batched_per_second
  latency  post_to_frame_p50_ms post_to_frame_p99_ms
  fanout   fanout_cpu_us_per_delivery fanout_cpu_us_per_delivery_alone
  sockets  idle_socket_kib reconnect_storm_seconds reconnect_storm_deep_seconds
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
    /// Conversations of the full inbox [default: 100000; 5000 with --quick].
    #[arg(long)]
    conversations: Option<usize>,
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
            conversations: args.conversations.unwrap_or(many(100_000, 5_000)),
            warm: seconds(2, 1),
            window: seconds(6, 2),
            windows: many(5, 1),
        })
    }
}

/// Figures that are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Bytes,
    Start,
    Posts,
    Webhooks,
    Latency,
    Fanout,
    Sockets,
    Inbox,
}

impl Group {
    const ALL: [Group; 8] = [
        Group::Bytes,
        Group::Start,
        Group::Posts,
        Group::Webhooks,
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
            Group::Latency => latency::measure(plan, taken).await,
            Group::Fanout => fanout::measure(plan, taken).await,
            Group::Sockets => sockets::measure(plan, taken).await,
            Group::Inbox => inbox::measure(plan, taken).await,
        }
    }
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

/// Makes room for the crowd of sockets, or the crowd smaller.
fn within_limits(mut plan: Plan) -> Plan {
    let wanted = plan.sockets.max(plan.agents * 2) as u64 + OTHER_FILES;
    let limit = process::raise_file_limit(wanted);
    if limit < wanted {
        plan.sockets = limit.saturating_sub(OTHER_FILES) as usize;
        note(&format!(
            "only {limit} files may be open here, so there are {} sockets; \
             `ulimit -n {wanted}` as root allows more",
            plan.sockets
        ));
    }
    plan
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
