//! On the real programs, as whoever runs the tests: as root they also show that
//! Postgres is somebody else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

use super::remains::{pid_in, processes_in};
use super::{Cluster, Error, Options};

/// A data folder under a parent that only its owner may enter.
fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn options(folder: &TempDir) -> Options {
    Options::new(folder.path().join("data"))
}

/// The one version's data in this data folder.
fn data_in(options: &Options) -> PathBuf {
    let entries = fs::read_dir(options.data.join("postgres")).unwrap();
    let mut paths = entries.flatten().map(|entry| entry.path());
    let versioned = |path: &PathBuf| path.join("PG_VERSION").exists();
    paths.find(versioned).unwrap().canonicalize().unwrap()
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn count(url: &str) -> i64 {
    let client = connect(url).await.unwrap();
    let sql = "select count(*) from kept";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

async fn remember(url: &str) {
    let client = connect(url).await.unwrap();
    let sql = "create table if not exists kept (n int); insert into kept values (1)";
    client.batch_execute(sql).await.unwrap();
}

/// Polls until the condition holds; a test that waits in vain fails here.
async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn data_outlives_a_stop_and_the_second_start_is_quick() {
    let folder = folder();
    let begun = Instant::now();
    let cluster = Cluster::start(options(&folder)).await.unwrap();
    let first = begun.elapsed();
    remember(&cluster.url()).await;
    cluster.stop().await;
    let data = data_in(&options(&folder));
    assert!(processes_in(&data).is_empty());
    assert!(!data.join("postmaster.pid").exists(), "the stop was clean");

    let begun = Instant::now();
    let cluster = Cluster::start(options(&folder)).await.unwrap();
    println!("first start {first:?}, second {:?}", begun.elapsed());
    assert_eq!(count(&cluster.url()).await, 1);
    cluster.stop().await;
}

#[tokio::test]
async fn stranger_finds_neither_a_port_nor_a_way_in() {
    let folder = folder();
    let cluster = Cluster::start(options(&folder)).await.unwrap();
    let url = cluster.url();
    let client = connect(&url).await.unwrap();
    let setting = |name: &'static str| {
        let client = &client;
        async move {
            let sql = "select current_setting($1)";
            let row = client.query_one(sql, &[&name]).await.unwrap();
            row.get::<_, String>(0)
        }
    };
    assert_eq!(setting("listen_addresses").await, "");
    assert_eq!(setting("synchronous_commit").await, "on");
    assert_eq!(setting("fsync").await, "on");

    let password = url.split([':', '@']).nth(2).unwrap();
    let wrong = url.replace(password, "guess");
    let refused = connect(&wrong).await.err().unwrap();
    assert_eq!(refused.code().unwrap().code(), "28P01");

    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let house = options(&folder).data.join("postgres");
    assert_eq!(mode(&house), 0o700);
    assert_eq!(mode(&house.join("password")), 0o600);
    assert_eq!(mode(&data_in(&options(&folder))), 0o700);
    assert!(!house.join("password.initdb").exists());
    cluster.stop().await;
}

#[tokio::test]
async fn postgres_is_not_root_even_when_we_are() {
    let folder = folder();
    let cluster = Cluster::start(options(&folder)).await.unwrap();
    for pid in processes_in(&data_in(&options(&folder))) {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let uid = status.lines().find(|line| line.starts_with("Uid:"));
        assert!(uid.is_none_or(|line| !line.contains("\t0")), "{uid:?}");
        let environment = fs::read_to_string(format!("/proc/{pid}/environ")).unwrap_or_default();
        assert!(!environment.contains("CARGO"), "ours is none of its business");
    }
    cluster.stop().await;
}

#[tokio::test]
async fn half_made_data_is_made_again() {
    let folder = folder();
    let cluster = Cluster::start(options(&folder)).await.unwrap();
    cluster.stop().await;
    let data = data_in(&options(&folder));
    fs::rename(&data, data.with_extension("new")).unwrap();
    fs::remove_file(data.with_extension("new").join("global/pg_control")).unwrap();

    let cluster = Cluster::start(options(&folder)).await.unwrap();
    remember(&cluster.url()).await;
    assert_eq!(count(&cluster.url()).await, 1);
    assert!(!data.with_extension("new").exists());
    cluster.stop().await;
}

#[tokio::test]
async fn second_owner_is_told_about_the_first() {
    let folder = folder();
    let cluster = Cluster::start(options(&folder)).await.unwrap();
    let refused = Cluster::start(options(&folder)).await.err().unwrap();
    let ours = std::process::id();
    assert!(matches!(refused, Error::InUse { pid: Some(pid), .. } if pid == ours));
    cluster.stop().await;
    let cluster = Cluster::start(options(&folder)).await.unwrap();
    cluster.stop().await;
}

#[tokio::test]
async fn data_of_another_version_is_left_alone() {
    let folder = folder();
    let foreign = options(&folder).data.join("postgres/9");
    fs::create_dir_all(&foreign).unwrap();
    let refused = Cluster::start(options(&folder)).await.err().unwrap();
    assert!(matches!(refused, Error::OtherVersion { existing: 9, .. }), "{refused}");
    assert_eq!(fs::read_dir(&foreign).unwrap().count(), 0);
}

#[tokio::test]
async fn postgres_killed_under_us_comes_back_at_the_same_address() {
    let folder = folder();
    let cluster = Cluster::start(options(&folder)).await.unwrap();
    let url = cluster.url();
    remember(&url).await;
    let data = data_in(&options(&folder));
    for _ in 0..3 {
        let before = pid_in(&data.join("postmaster.pid")).unwrap();
        let client = connect(&url).await.unwrap();
        kill(Pid::from_raw(before), Signal::SIGKILL).unwrap();
        let begun = Instant::now();
        eventually("the old connection ends", async || client.is_closed()).await;
        eventually("a new one is taken", async || connect(&url).await.is_ok()).await;
        println!("back after {:?}", begun.elapsed());
        assert_ne!(pid_in(&data.join("postmaster.pid")).unwrap(), before);
        assert_eq!(count(&url).await, 1);
    }
    cluster.stop().await;
}

#[tokio::test]
async fn drop_stops_postgres_and_frees_the_folder() {
    let folder = folder();
    let cluster = Cluster::start(options(&folder)).await.unwrap();
    let data = data_in(&options(&folder));
    drop(cluster);
    eventually("all of it ends", async || processes_in(&data).is_empty()).await;
    eventually("the folder is free", async || match Cluster::start(options(&folder)).await {
        Ok(again) => {
            again.stop().await;
            true
        }
        Err(_) => false,
    })
    .await;
}

#[tokio::test]
async fn long_path_gets_a_short_socket() {
    let folder = folder();
    let mut options = options(&folder);
    options.data = folder.path().join("a folder's name".repeat(9)).join("données");
    let cluster = Cluster::start(options.clone()).await.unwrap();
    remember(&cluster.url()).await;
    assert_eq!(count(&cluster.url()).await, 1);
    assert!(!data_in(&options).join(".s.PGSQL.5432").exists());
    cluster.stop().await;
    let host = cluster.url().split(['@', ':']).nth(3).unwrap().replace("%2F", "/");
    fs::remove_dir(host).unwrap();
}

/// Starts a cluster in a process of its own, which then waits to be killed.
fn other_owner(options: &Options) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "cluster::tests::owner_that_waits", "--ignored"])
        .env("SWITCHBOARD_TEST_CLUSTER", &options.data)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
#[ignore = "the other process of killed_owner_leaves_nothing_that_hinders_the_next"]
async fn owner_that_waits() {
    let Some(data) = std::env::var_os("SWITCHBOARD_TEST_CLUSTER").map(PathBuf::from) else {
        return;
    };
    let cluster = Cluster::start(Options::new(&data)).await.unwrap();
    remember(&cluster.url()).await;
    fs::write(ready(&data), "").unwrap();
    std::future::pending::<()>().await;
}

/// The file by which the other process says that its cluster runs.
fn ready(data: &Path) -> PathBuf {
    data.join("ready")
}

#[tokio::test]
async fn killed_owner_leaves_nothing_that_hinders_the_next() {
    let folder = folder();
    let options = options(&folder);
    for round in 1..=4 {
        let mut owner = other_owner(&options);
        eventually("the other is ready", async || ready(&options.data).exists()).await;
        fs::remove_file(ready(&options.data)).unwrap();
        let data = data_in(&options);
        let postmaster = Pid::from_raw(pid_in(&data.join("postmaster.pid")).unwrap());
        match round {
            // The whole machine, as it were; then Postgres frozen, deaf to signals.
            2 => kill(postmaster, Signal::SIGKILL).unwrap(),
            3 => kill(postmaster, Signal::SIGSTOP).unwrap(),
            _ => {}
        }
        owner.kill().unwrap();
        owner.wait().unwrap();
        let begun = Instant::now();
        let cluster = Cluster::start(options.clone()).await.unwrap();
        println!("round {round}: taken over after {:?}", begun.elapsed());
        assert_eq!(count(&cluster.url()).await, round);
        cluster.stop().await;
        assert!(processes_in(&data).is_empty());
    }
}

#[tokio::test]
async fn killed_owner_takes_postgres_along() {
    let folder = folder();
    let options = options(&folder);
    let mut owner = other_owner(&options);
    eventually("the other is ready", async || ready(&options.data).exists()).await;
    let data = data_in(&options);
    owner.kill().unwrap();
    owner.wait().unwrap();
    eventually("Postgres ends by itself", async || processes_in(&data).is_empty()).await;
    assert!(!data.join("postmaster.pid").exists(), "and in good order");
}

#[tokio::test]
async fn orphan_that_nothing_ended_is_stopped_first() {
    let folder = folder();
    let options = options(&folder);
    let cluster = Cluster::start(options.clone()).await.unwrap();
    remember(&cluster.url()).await;
    cluster.stop().await;

    let data = data_in(&options);
    let house = super::house::House::open(&options).unwrap();
    let opened = house.account.open(&data).unwrap();
    let mut orphan = house
        .account
        .command(&house.binaries.postgres(), false)
        .arg("-D")
        .arg(&opened.path)
        .args(["-c", "listen_addresses=", "-c"])
        .arg(format!("unix_socket_directories={}", opened.path.display()))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let url = house.url();
    eventually("the orphan answers", async || connect(&url).await.is_ok()).await;
    drop(house);

    let collected = std::thread::spawn(move || orphan.wait());
    let begun = Instant::now();
    let cluster = Cluster::start(options).await.unwrap();
    println!("orphan replaced after {:?}", begun.elapsed());
    collected.join().unwrap().unwrap();
    assert_eq!(count(&cluster.url()).await, 1);
    cluster.stop().await;
}

#[tokio::test]
async fn lock_file_that_names_somebody_else_is_no_obstacle() {
    let folder = folder();
    let options = options(&folder);
    let cluster = Cluster::start(options.clone()).await.unwrap();
    remember(&cluster.url()).await;
    let data = data_in(&options);
    let file = fs::read_to_string(data.join("postmaster.pid")).unwrap();
    cluster.stop().await;

    // A process of the same account: one that Postgres would take for its own kind.
    let account = super::account::Account::choose(Some(&data)).unwrap();
    let mut bystander = account.command(Path::new("sleep"), false).arg("60").spawn().unwrap();
    let rest = file.split_once('\n').unwrap().1;
    let stale = format!("{}\n{rest}", bystander.id());
    fs::write(data.join("postmaster.pid"), &stale).unwrap();
    fs::write(data.join(".s.PGSQL.5432.lock"), &stale).unwrap();

    let cluster = Cluster::start(options).await.unwrap();
    assert_eq!(count(&cluster.url()).await, 1);
    cluster.stop().await;
    assert!(bystander.try_wait().unwrap().is_none(), "it was left alone");
    bystander.kill().unwrap();
    bystander.wait().unwrap();
}

#[tokio::test]
async fn data_of_root_is_refused_with_advice() {
    if !geteuid().is_root() {
        return;
    }
    let folder = folder();
    let data = options(&folder).data.join("postgres/15");
    fs::create_dir_all(&data).unwrap();
    let refused = Cluster::start(options(&folder)).await.err().unwrap();
    assert!(refused.to_string().contains("chown"), "{refused}");
}
