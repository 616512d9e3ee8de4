//! The page itself: HTML with drawn bars.

use std::fmt::Write as _;

use super::catalogue::{Entry, SECTIONS};
use super::{Figures, Measured, Played};
use crate::meter::Cores;

/// In the units of the drawing.
const WIDTH: f64 = 600.0;
const LABEL: f64 = 190.0;
const BAR: f64 = 300.0;
const ROW: f64 = 26.0;

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6470;--paper:#fff;--line:#d9dee5;
--ours:#2f5bea;--other:#a8b1bd;--good:#1a7f45;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebef;--soft:#9aa4b1;--paper:#14171b;
--line:#2c323a;--ours:#7f9dff;--other:#59636f;--good:#58c98a;--bad:#ff8a80}}
body{margin:0 auto;max-width:46rem;padding:2rem 1rem 4rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0}h2{font-size:1.2rem;margin:2.5rem 0 .25rem}
h3{font-size:1rem;margin:1.5rem 0 0;display:flex;gap:.75rem;align-items:baseline}
p{margin:.25rem 0}.soft{color:var(--soft);font-size:.9rem}
.mark{font-size:.8rem;font-weight:400}.good{color:var(--good)}.bad{color:var(--bad)}
svg{display:block;width:100%;height:auto;margin:.25rem 0}
text{font:13px system-ui,sans-serif;fill:var(--ink)}.ours{fill:var(--ours)}.other{fill:var(--other)}
table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{text-align:right;padding:.3rem .5rem;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{text-align:left}.wide{overflow-x:auto}";

/// A whole page. `made` says when and where it was measured.
pub(super) fn page(figures: &Figures, made: &str) -> String {
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>Switchboard, measured</title><style>{STYLE}</style>\
         <h1>Switchboard, measured</h1><p class=\"soft\">{}</p>\
         <p>Server, Postgres and whoever plays the people share this one machine. So read what \
         stands beside a figure, which was measured in the same run, before the figure itself: \
         another machine has other figures, and about the same proportions.</p>",
        escaped(made)
    );
    for section in &SECTIONS {
        let shown: Vec<(&Entry, &Measured)> = section
            .entries
            .iter()
            .filter_map(|entry| Some((entry, figures.by_name.get(entry.name)?)))
            .collect();
        if shown.is_empty() {
            continue;
        }
        let _ = write!(html, "<h2>{}</h2><p class=\"soft\">{}</p>", section.title, section.words);
        for (entry, figure) in shown {
            html.push_str(&drawn(entry, figure, figures));
        }
    }
    if !figures.played.is_empty() {
        html.push_str(&played(&figures.played));
    }
    html.push_str("</html>\n");
    html
}

/// One figure: its title, whether it holds, a sentence, and bars.
fn drawn(entry: &Entry, figure: &Measured, figures: &Figures) -> String {
    let mark = match entry.goal.holds(figure.ratio) {
        Some(true) => "<span class=\"mark good\">holds</span>",
        Some(false) => "<span class=\"mark bad\">misses its goal</span>",
        None => "",
    };
    let mut bars = vec![("Switchboard".to_owned(), figure.value, true)];
    if let Some(against) = &figure.against {
        bars.push((spoken(&against.name), against.value, false));
    }
    for (name, title) in entry.peers {
        let peer = figures.by_name.get(*name);
        bars.extend(peer.map(|peer| ((*title).to_owned(), peer.value, false)));
    }
    format!(
        "<h3>{}{mark}</h3><p class=\"soft\">{}{}</p>{}",
        entry.title,
        entry.words,
        beside(figure),
        svg(entry.title, &bars, &figure.unit)
    )
}

/// What it took, where that was measured.
fn beside(figure: &Measured) -> String {
    let mut words = vec![];
    if let Some(us) = figure.cpu_us_per_op.filter(|_| figure.unit != "µs") {
        words.push(format!("{} µs of the server's processor time for each", number(us)));
    }
    if let Some(mib) = figure.rss_mib.filter(|_| figure.unit != "MiB") {
        words.push(format!("{} MiB of memory", number(mib)));
    }
    words.extend(figure.cores.as_ref().map(|cores| format!("processors in use: {}", busy(cores))));
    match words.is_empty() {
        true => String::new(),
        false => format!(" ({})", words.join("; ")),
    }
}

fn busy(cores: &Cores) -> String {
    let part = |name: &str, cores: Option<f64>| Some(format!("{name} {:.2}", cores?));
    let parts = [
        part("server", Some(cores.server)),
        part("Postgres", cores.postgres),
        part("Redis", cores.redis),
        part("k6", cores.k6),
        part("driver", Some(cores.driver)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Bars, each with its name and its value; all to the same scale.
fn svg(title: &str, bars: &[(String, f64, bool)], unit: &str) -> String {
    let longest = bars.iter().map(|(_, value, _)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let height = ROW * bars.len() as f64;
    let mut drawn = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">",
        escaped(title)
    );
    for (nth, (name, value, ours)) in bars.iter().enumerate() {
        let (top, wide) = (ROW * nth as f64, (BAR * value / longest).max(1.0));
        let class = if *ours { "ours" } else { "other" };
        let (middle, after) = (top + 17.0, LABEL + wide + 8.0);
        let _ = write!(
            drawn,
            "<text x=\"0\" y=\"{middle}\">{}</text>\
             <rect class=\"{class}\" x=\"{LABEL}\" y=\"{}\" width=\"{wide:.1}\" height=\"16\" \
             rx=\"3\"/><text x=\"{after:.1}\" y=\"{middle}\">{}</text>",
            escaped(name),
            top + 4.0,
            escaped(&format!("{} {}", number(*value), unit_words(unit))),
        );
    }
    drawn.push_str("</svg>");
    drawn
}

/// Runs of people, as a table.
fn played(runs: &[Played]) -> String {
    let mut html = String::from(
        "<h2>People, played by k6</h2><p class=\"soft\">Every browser counts what is missing and \
         what comes twice. A run holds when both are nothing, everything was acknowledged, and 99 \
         of 100 messages were in time.</p><div class=\"wide\"><table><tr><th>who<th>servers\
         <th>asked, 1/s<th>acknowledged, 1/s<th>missing<th>double<th>acknowledged, p99 ms\
         <th>seen, p99 ms<th>processors in use<th>",
    );
    for run in runs {
        let ms = |p99: &Option<super::P99>| p99.as_ref().map_or("–".into(), |t| number(t.p99));
        let (class, word) =
            if run.sustained { ("good", "holds") } else { ("bad", "does not hold") };
        let _ = write!(
            html,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td class=\"{class}\">{word}",
            escaped(run.name.trim_start_matches("load_")),
            run.nodes,
            run.rate,
            number(run.acked_per_second),
            run.gaps,
            run.doubles,
            ms(&run.ack_ms),
            ms(&run.frame_ms),
            run.cores.as_ref().map(busy).unwrap_or_default(),
        );
    }
    html.push_str("</table></div>");
    html
}

/// The name of a peer or a limit in words.
fn spoken(name: &str) -> String {
    let words = name.trim_end_matches("_per_second").trim_end_matches("_cpu_us");
    match words {
        "budget" => "its budget".to_owned(),
        "bare_write" => "bare write".to_owned(),
        words if words.ends_with("single_row_inserts") => "bare inserts".to_owned(),
        words if words.starts_with("single_row_insert_p") => match words.ends_with("_plus_5") {
            true => "bare insert + 5 ms".to_owned(),
            false => "bare insert".to_owned(),
        },
        "p50_ms_at_1000_conversations" => "among 1,000".to_owned(),
        "rss_mib_before" => "before".to_owned(),
        "first_connect_seconds" => "first connection".to_owned(),
        other => other.replace('_', " "),
    }
}

fn unit_words(unit: &str) -> &str {
    match unit {
        "1/s" => "a second",
        other => other,
    }
}

/// With separators, and no more digits than say something.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 || v == v.trunc() => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (nth, digit) in whole.chars().enumerate() {
        if nth > 0 && (whole.len() - nth).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if rest.is_empty() { grouped } else { format!("{grouped}.{rest}") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_shows_figures_with_what_stands_beside_them() {
        let text = concat!(
            r#"{"name":"idle_socket_kib","value":21.1,"unit":"KiB","against":{"name":"budget","value":12},"ratio":1.758,"cpu_us_per_op":null,"rss_mib":240}"#,
            "\n",
            r#"{"name":"idle_socket_kib_ws","value":30.5,"unit":"KiB","against":null,"ratio":null,"cpu_us_per_op":null,"rss_mib":null}"#,
        );
        let page = page(&Figures::read(text).unwrap(), "today <here>");
        for wanted in
            ["21.1 KiB", "its budget", "Node ws", "30.5 KiB", "misses its goal", "&lt;here"]
        {
            assert!(page.contains(wanted), "{wanted} is missing");
        }
        assert!(!page.contains("A full inbox"), "nothing was measured of it");
        for outside in ["http:", "https:", "<script", "url("] {
            assert!(!page.contains(outside), "{outside} would need the network");
        }
        assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    }

    #[test]
    fn numbers_are_readable() {
        for (value, text) in [
            (1_234_567.8, "1,234,568"),
            (999.0, "999"),
            (21.12, "21.1"),
            (1.0, "1"),
            (0.146, "0.15"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
