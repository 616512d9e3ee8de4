//! What the customer's page and the console's first view load, compressed.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::bench::Plan;
use crate::figure::Figure;

pub const NAMES: [&str; 3] =
    ["widget_loader_gz_bytes", "widget_app_gz_bytes", "console_first_gz_bytes"];

const LOADER_MAX: f64 = 3.0 * 1024.0;
const APP_MAX: f64 = 25.0 * 1024.0;
const CONSOLE_MAX: f64 = 150.0 * 1024.0;

/// The widget's files under the names that change with their content.
#[derive(Deserialize)]
struct Manifest {
    app: String,
    locales: std::collections::BTreeMap<String, String>,
}

pub fn measure(plan: &Plan, taken: &mut Vec<Figure>) -> Result<()> {
    let widget = plan.repository.join("widget/dist");
    let console = plan.repository.join("console/dist");
    let loader = gzipped(&widget.join("widget.js"))?;
    taken.extend([
        Figure::new(NAMES[0], loader as f64, "bytes").against("budget", LOADER_MAX),
        Figure::new(NAMES[1], app(&widget)? as f64, "bytes").against("budget", APP_MAX),
        Figure::new(NAMES[2], first_view(&console)? as f64, "bytes").against("budget", CONSOLE_MAX),
    ]);
    Ok(())
}

/// The app with its largest language: what opening the widget fetches.
fn app(dist: &Path) -> Result<usize> {
    let path = dist.join("manifest.json");
    let text = std::fs::read_to_string(&path).with_context(|| not_built(&path))?;
    let manifest: Manifest = serde_json::from_str(&text)?;
    let languages: Result<Vec<usize>> =
        manifest.locales.values().map(|file| gzipped(&dist.join(file))).collect();
    Ok(gzipped(&dist.join(manifest.app))? + languages?.into_iter().max().unwrap_or_default())
}

/// The console's page with the scripts and styles that it names.
fn first_view(dist: &Path) -> Result<usize> {
    let path = dist.join("index.html");
    let page = std::fs::read_to_string(&path).with_context(|| not_built(&path))?;
    let mut bytes = gzipped(&path)?;
    for asset in assets(&page) {
        bytes += gzipped(&dist.join(asset))?;
    }
    Ok(bytes)
}

/// The files below `/console/` that a page loads with itself.
fn assets(page: &str) -> Vec<&str> {
    let parts = page.split('"').filter_map(|part| part.strip_prefix("/console/"));
    parts.filter(|path| path.ends_with(".js") || path.ends_with(".css")).collect()
}

/// The size of a file as a browser receives it.
fn gzipped(path: &Path) -> Result<usize> {
    let output = std::process::Command::new("gzip")
        .args(["-9", "-n", "-c"])
        .arg(path)
        .output()
        .context("gzip does not start")?;
    if !output.status.success() {
        bail!("{}: {}", path.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout.len())
}

fn not_built(path: &Path) -> String {
    format!("{} is not there; run `npm run build`", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pages_scripts_and_styles_are_found() {
        let page = r#"<link href="/console/assets/icon.svg"><script src="/console/assets/a.js">
            <link rel="modulepreload" href="/console/assets/b.js"><link href="/console/c.css">"#;
        assert_eq!(assets(page), ["assets/a.js", "assets/b.js", "c.css"]);
    }
}
