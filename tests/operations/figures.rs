//! Figures: who may read them, and that dashboards and alerts name none that does not exist.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use switchboard::figures::catalogue::{FIGURES, Kind};
use switchboard_store::seal::MasterKeys;

use crate::support::people::send;
use crate::support::process::{Process, free_port, program};
use crate::support::socket::say;
use crate::support::{Agent, Visitor, World, database};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn figures_are_told_to_this_machine_and_not_to_whom_a_proxy_brings() {
    let world = World::start().await;
    let url = world.url("/metrics");
    assert_eq!(send(world.http.get(&url)).await.status, 200);
    let passed_on = send(world.http.get(&url).header("x-forwarded-for", "127.0.0.1")).await;
    assert_eq!((passed_on.status, passed_on.code()), (403, "forbidden"));
    let with_nothing = world.http.get(&url).header("via", "1.1 proxy").bearer_auth("");
    assert_eq!(send(with_nothing).await.status, 403);
    world.stop().await;
}

#[tokio::test]
async fn figures_have_an_address_and_a_token_of_their_own_where_the_settings_say_so() {
    let (database, keys) = (database::fresh().await, MasterKeys::generate());
    let data = tempfile::tempdir().unwrap();
    let figures = format!("127.0.0.1:{}", free_port());
    let mut command = program(data.path());
    command.arg("serve").env("DATABASE_URL", &database).env("SWITCHBOARD_MASTER_KEYS", &keys);
    command.env("SWITCHBOARD_METRICS_LISTEN", &figures).env("SWITCHBOARD_METRICS_TOKEN", TOKEN);
    let server = Process::start(command, free_port()).await;
    let client = reqwest::Client::new();
    let beside = client.get(format!("http://{}/metrics", server.address)).bearer_auth(TOKEN);
    assert_eq!(send(beside).await.status, 404);
    let own = || client.get(format!("http://{figures}/metrics"));
    assert_eq!(send(own()).await.status, 401);
    assert_eq!(send(own().bearer_auth("0123456789abcdef0123456789abcdeX")).await.status, 401);
    let told = send(own().bearer_auth(TOKEN)).await;
    assert!(told.body.as_str().unwrap().contains("switchboard_build_info"), "{told:?}");
    let other = send(client.get(format!("http://{figures}/healthz"))).await;
    assert_eq!(other.status, 404, "nothing else is there");
    server.terminate();
    assert!(server.left().await.success());
}

/// The names of the samples in a text of Prometheus, each line of which must be one.
fn samples(text: &str) -> BTreeSet<String> {
    let mut types = BTreeSet::new();
    let mut names = BTreeSet::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (what, name) = (words.next().unwrap(), words.next().unwrap());
            assert!(matches!(what, "HELP" | "TYPE"), "{line}");
            assert!(words.next().is_some_and(|rest| !rest.is_empty()), "{line}");
            if what == "TYPE" {
                assert!(types.insert(name.to_owned()), "{name} has two types");
            }
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let name = series.split('{').next().unwrap();
        assert!(series == name || series.ends_with('}'), "{line}");
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        assert!(types.contains(name) || family.is_some_and(|name| types.contains(name)), "{line}");
        names.insert(name.to_owned());
    }
    names
}

#[tokio::test]
async fn the_figures_of_a_used_server_can_be_read_and_all_are_described() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = visitor.connect(&world).await;
    let _team = ana.connect(&world).await;
    socket.done(say("Hello")).await;
    let told = send(world.http.get(world.url("/metrics"))).await;
    let told = told.body.as_str().unwrap();
    let names = samples(told);
    let known = |name: &str| {
        name.starts_with("process_") || FIGURES.iter().any(|figure| is_of(name, figure.name))
    };
    for name in &names {
        assert!(known(name), "{name} is not in the catalogue");
    }
    for figure in FIGURES.iter().filter(|figure| figure.kind == Kind::Counter) {
        assert!(names.contains(figure.name), "{} is told from the start", figure.name);
    }
    for name in ["process_resident_memory_bytes", "switchboard_journal_commit_seconds_bucket"] {
        assert!(names.contains(name), "{name}");
    }
    assert!(told.contains("switchboard_sessions{kind=\"agent\"}"), "{told}");
    // Of what an alert waits for, the first is a step from nought.
    for begun in [
        "switchboard_unreadable_total{hook=\"telegram\"}",
        "switchboard_webhooks_refused_total{hook=\"whatsapp\"}",
        "switchboard_bus_ignored_total{why=\"forged\"}",
        "switchboard_bus_lost_total{why=\"mailbox\"}",
    ] {
        assert!(told.contains(begun), "{begun} is told from the start");
    }
    world.stop().await;
}

/// Whether a sample belongs to a figure.
fn is_of(sample: &str, figure: &str) -> bool {
    let end = sample.strip_prefix(figure);
    end.is_some_and(|end| matches!(end, "" | "_bucket" | "_sum" | "_count"))
}

/// The names that begin like ours in a text.
fn named(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.split(|c: char| !is_part(c))
        .filter(|word| word.starts_with("switchboard_") || word.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_figure_is_counted_somewhere_and_described_once() {
    let mut counted = BTreeSet::new();
    for folder in ["src", "actors/src", "store/src"] {
        for text in super::sources(folder) {
            let calls = ["counter!(", "gauge!(", "histogram!("];
            for part in calls.iter().flat_map(|call| text.split(*call).skip(1)) {
                if let Some(name) = part.trim_start().strip_prefix('"') {
                    counted.insert(name.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
    let described: BTreeSet<String> = FIGURES.iter().map(|figure| figure.name.to_owned()).collect();
    assert_eq!(described.len(), FIGURES.len(), "one is described twice");
    assert_eq!(counted, described);
}

#[test]
fn dashboards_and_alerts_name_figures_that_exist_and_pages_that_exist() {
    let dashboard: Value = serde_json::from_str(&read("ops/grafana/switchboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() >= 20, "{}", panels.len());
    let mut ids = BTreeSet::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "two panels are {}", panel["id"]);
        assert!(panel["title"].is_string() && panel["gridPos"]["w"].is_u64(), "{panel}");
        let queries = panel["targets"].as_array().map_or(0, Vec::len);
        assert!(panel["type"] == "row" || queries > 0, "{panel}");
    }
    let alerts: Value = serde_yaml_ng::from_str(&read("ops/prometheus/alerts.yml")).unwrap();
    let runbook = read("docs/operations.md");
    let mut rules = 0;
    for rule in
        alerts["groups"].as_array().unwrap().iter().flat_map(|g| g["rules"].as_array().unwrap())
    {
        let name = rule["alert"].as_str().unwrap();
        assert!(rule["expr"].is_string() && rule["labels"]["severity"].is_string(), "{name}");
        assert!(rule["annotations"]["summary"].is_string(), "{name}");
        let link = rule["annotations"]["runbook_url"].as_str().unwrap();
        let anchor = format!("docs/operations.md#{}", name.to_lowercase());
        assert!(link.ends_with(&anchor), "{link} is not {anchor}");
        assert!(runbook.contains(&format!("\n### {name}\n")), "no runbook for {name}");
        rules += 1;
    }
    assert!(rules >= 15, "{rules}");
    let sample: Value = serde_yaml_ng::from_str(&read("ops/prometheus/prometheus.yml")).unwrap();
    assert!(sample["scrape_configs"].is_array() && sample["rule_files"].is_array());

    let shown: BTreeSet<String> = ["ops/grafana/switchboard.json", "ops/prometheus/alerts.yml"]
        .iter()
        .flat_map(|path| named(&read(path)))
        .collect();
    for figure in FIGURES {
        let is_shown = shown.iter().any(|name| is_of(name, figure.name));
        assert!(is_shown, "{} is on no panel and in no alert", figure.name);
    }

    let process = ["cpu_seconds_total", "resident_memory_bytes", "open_fds", "max_fds", "threads"];
    for path in ["ops/grafana/switchboard.json", "ops/prometheus/alerts.yml", "docs/operations.md"]
    {
        for name in named(&read(path)) {
            let ours = FIGURES.iter().any(|figure| is_of(&name, figure.name));
            let of_process =
                name.strip_prefix("process_").is_some_and(|end| process.contains(&end));
            // The two roles of the database are named alike.
            let role = matches!(name.as_str(), "switchboard_app" | "switchboard_lookup");
            assert!(ours || of_process || role, "{path} names {name}, which does not exist");
        }
    }
}
