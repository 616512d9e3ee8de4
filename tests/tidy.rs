//! Keeps the house tidy: layers point one way, SQL and libraries stay in their places.

use std::path::{Path, PathBuf};

const CRATES: [&str; 8] =
    ["domain", "wire", "channels", "store", "actors", "src", "sandbox", "loadtest"];

/// Every source file below these folders, with its text.
fn sources(folders: &[&str], extension: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("{folder:?} is there")) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if !matches!(name.as_str(), "node_modules" | "dist" | "target") {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(!found.is_empty(), "{folders:?} hold no {extension}");
    found
}

/// Fails for each file of `folders` that names one of `words`.
fn forbid(folders: &[&str], words: &[&str], why: &str) {
    for (path, text) in sources(folders, "rs") {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in words {
                assert!(!code.contains(word), "{}:{}: {word}: {why}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn domain_knows_no_io_no_clock_and_no_chance() {
    let words = [
        "tokio",
        "async ",
        "std::fs",
        "std::net",
        "Timestamp::now",
        "SystemTime",
        "Instant::now",
        "getrandom",
        "serde_json",
        "now_v7",
        "new_v4",
    ];
    forbid(&["domain/src"], &words, "domain is pure");
}

#[test]
fn layers_point_one_way() {
    let up = |crates: &[&'static str]| crates.to_vec();
    forbid(
        &["domain/src"],
        &up(&["switchboard_wire", "switchboard_store", "switchboard_actors"]),
        "domain knows no other layer",
    );
    forbid(
        &["wire/src"],
        &up(&["switchboard_store", "switchboard_actors", "actix"]),
        "wire does not know who sends it",
    );
    forbid(
        &["store/src"],
        &up(&["switchboard_wire", "switchboard_actors", "actix"]),
        "store knows neither actors nor HTTP",
    );
    forbid(&["actors/src"], &["actix_web", "actix_http"], "actors know no HTTP server");
    forbid(
        &["channels/src"],
        &up(&["switchboard_wire", "switchboard_store", "switchboard_actors", "actix"]),
        "channels does not know who asks",
    );
    forbid(
        &["sandbox/src"],
        &up(&[
            "switchboard_domain",
            "switchboard_wire",
            "switchboard_channels",
            "switchboard_store",
            "switchboard_actors",
        ]),
        "a stand-in that shared our code would share our mistakes",
    );
}

#[test]
fn channels_are_values_without_io_clock_or_chance() {
    let words = [
        "tokio",
        "async ",
        "std::fs",
        "std::net",
        "reqwest",
        "Timestamp::now",
        "SystemTime",
        "Instant::now",
        "getrandom",
        "now_v7",
        "new_v4",
    ];
    forbid(&["channels/src"], &words, "channels performs no I/O");
}

#[test]
fn nothing_outside_names_a_channel_s_own_types() {
    let words = [
        "whatsapp::Whatsapp",
        "messenger::Messenger",
        "instagram::Instagram::",
        "telegram::Telegram",
    ];
    forbid(&["actors/src", "store/src", "src", "wire/src"], &words, "ask `channels::platform`");
}

#[test]
fn manifests_agree_with_the_layers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (layer, forbidden) in [
        ("domain", &["switchboard-wire", "switchboard-store", "switchboard-actors", "tokio"][..]),
        ("channels", &["switchboard-wire", "switchboard-store", "switchboard-actors", "tokio"][..]),
        ("sandbox", &["switchboard-domain", "switchboard-channels", "switchboard-actors"][..]),
        ("wire", &["switchboard-store", "switchboard-actors", "tokio"][..]),
        ("store", &["switchboard-wire", "switchboard-actors", "actix"][..]),
        ("actors", &["actix-web", "tokio-postgres", "deadpool-postgres"][..]),
    ] {
        let manifest = std::fs::read_to_string(root.join(layer).join("Cargo.toml")).unwrap();
        for name in forbidden {
            let named = manifest.lines().any(|line| {
                line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
            });
            assert!(!named, "{layer}/Cargo.toml depends on {name}");
        }
    }
}

#[test]
fn sql_is_written_in_store_alone() {
    let words =
        ["select ", "insert into", "delete from", "\"update ", "query_one(", "batch_execute("];
    forbid(&["domain/src", "wire/src", "actors/src"], &words, "SQL belongs to store");
    for (path, text) in sources(&["src"], "rs") {
        let allowed = path.starts_with("src/cluster");
        for word in ["insert into", "delete from", "query_one(", "batch_execute("] {
            assert!(allowed || !text.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn the_websocket_library_is_named_in_one_file() {
    for (path, text) in sources(&["src", "actors/src"], "rs") {
        if path != Path::new("src/ws/session.rs") {
            assert!(!text.contains("actix_web_actors"), "{}", path.display());
        }
    }
}

/// The calls of others take the number under which the account is held, and ask for it themselves.
/// Rotation of the master keys is not by an account's owner.
#[test]
fn whoever_speaks_for_an_account_writes_of_it_only_as_long_as_it_does() {
    let fenced =
        ["speaking.rs", "connect.rs", "sending.rs", "settling.rs", "fetching.rs", "rotation.rs"];
    for (path, text) in sources(&["actors/src/accounts"], "rs") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let writes = text.contains("writers.begin");
        assert!(!writes || fenced.contains(&name.as_str()), "{}: use `write`", path.display());
    }
}

#[test]
fn production_code_neither_unwraps_nor_leaves_things_for_later() {
    for (path, text) in sources(&CRATES, "rs") {
        let name = path.to_string_lossy().into_owned();
        for word in ["todo!(", "unimplemented!(", "TODO", "FIXME"] {
            assert!(!text.contains(word), "{name}: {word}");
        }
        let production = text.split("#[cfg(test)]").next().unwrap_or_default();
        let is_test = name.contains("/tests") || name.ends_with("tests.rs");
        assert!(is_test || !production.contains(".unwrap()"), "{name} unwraps");
    }
}

#[test]
fn every_module_says_what_it_owns() {
    for (path, text) in sources(&CRATES, "rs") {
        let is_test = path.to_string_lossy().contains("tests.rs");
        assert!(is_test || text.starts_with("//!"), "{} has no opening line", path.display());
    }
}

#[test]
fn files_stay_readable() {
    for (path, text) in sources(&CRATES, "rs") {
        let lines = text.lines().count();
        assert!(lines <= 620, "{} has {lines} lines; look for the seam", path.display());
    }
}

#[test]
fn front_ends_know_the_wire_alone() {
    for (folder, other) in [("widget/src", "console"), ("console/src", "widget")] {
        for (path, text) in sources(&[folder], "ts") {
            let import = format!("@switchboard/{other}");
            assert!(!text.contains(&import), "{} imports {import}", path.display());
        }
    }
}
