//! One private Postgres for the whole run; a fresh, migrated database for each test.

use std::sync::OnceLock;

use switchboard::cluster::{Cluster, Options};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

/// What the run shares. It ends with the process, and Postgres with it.
struct Shared {
    runtime: Runtime,
    cluster: OnceCell<Cluster>,
    template: OnceCell<()>,
    _data: tempfile::TempDir,
}

const TEMPLATE: &str = "template_switchboard";

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| Shared {
        runtime: tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap(),
        cluster: OnceCell::new(),
        template: OnceCell::new(),
        _data: tempfile::tempdir().unwrap(),
    })
}

/// Runs on the runtime that outlives each test's own.
async fn on_shared<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    shared().runtime.spawn(future).await.unwrap()
}

async fn cluster() -> &'static Cluster {
    let shared = shared();
    let start = || async {
        let data = shared._data.path().to_owned();
        // Several tests run at the same time, with a server or two each.
        let options = Options { connections: 300, ..Options::new(data) };
        on_shared(async move { Cluster::start(options).await.unwrap() }).await
    };
    shared.cluster.get_or_init(start).await
}

/// The address of a database of this name in the run's Postgres.
async fn url_of(name: &str) -> String {
    let url = cluster().await.url();
    // The cluster's own address names its one database, `postgres`, in one of libpq's two forms.
    if url.contains("dbname=") {
        url.split_whitespace()
            .map(
                |part| {
                    if part.starts_with("dbname=") { format!("dbname={name}") } else { part.into() }
                },
            )
            .collect::<Vec<_>>()
            .join(" ")
    } else {
        let (base, query) = url.split_once('?').unwrap_or((&url, ""));
        let base = base.rsplit_once('/').map_or(base, |(base, _)| base);
        format!("{base}/{name}?{query}")
    }
}

/// Runs statements in a database, as the superuser.
pub async fn superuser(url: &str) -> tokio_postgres::Client {
    let url = url.to_owned();
    on_shared(async move {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    })
    .await
}

/// The same where Postgres may be down.
pub async fn try_superuser(url: &str) -> Option<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.ok()?;
    tokio::spawn(connection);
    Some(client)
}

/// The address of a fresh, migrated database.
pub async fn fresh() -> String {
    let admin = superuser(&cluster().await.url()).await;
    shared()
        .template
        .get_or_init(|| async {
            admin.batch_execute(&format!("create database {TEMPLATE}")).await.unwrap();
            let config = url_of(TEMPLATE).await.parse().unwrap();
            on_shared(async move { switchboard_store::migrate::migrate(&config).await.unwrap() })
                .await;
        })
        .await;
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    // Only one copy of a template can be made at a time.
    static COPYING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _copying = COPYING.lock().await;
    admin
        .batch_execute(&format!("create database {name} template {TEMPLATE} strategy file_copy"))
        .await
        .unwrap();
    url_of(&name).await
}

/// The address of a new database without a schema.
pub async fn empty() -> String {
    let admin = superuser(&cluster().await.url()).await;
    let name = format!("empty_{}", uuid::Uuid::now_v7().simple());
    admin.batch_execute(&format!("create database {name} template template0")).await.unwrap();
    url_of(&name).await
}
