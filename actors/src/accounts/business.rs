//! How the connections are by which an account answers for people, by asking the platform: what it
//! told may have been lost, and after a quiet week it begins to count its words anew.

use switchboard_domain::{Access, BusinessConnection};
use switchboard_store::event::Kind;
use switchboard_store::{Result, account as accounts, business_connection as connections};

use super::speaking::Speaking;

/// Looks at the account's connections, as many as people are shown.
pub async fn refresh(it: &Speaking) -> Result<()> {
    let of = std::slice::from_ref(&it.row);
    let tx = it.shared.store.readers.begin(it.workspace).await?;
    let mut known = connections::of_accounts(&tx, &it.keys, it.workspace, of).await?;
    drop(tx);
    let mut changed = false;
    for known in known.remove(&it.id).unwrap_or_default() {
        let Some(now) = ask(it, &known.id, Some(&known)).await else { break };
        changed |= note(it, Some(&known), &now).await?;
    }
    if changed { it.tell(Kind::AccountChanged).await } else { Ok(()) }
}

/// Looks at the connection with this name, of which nothing is known or something is in doubt.
/// Where that cannot be done nobody knows better than the platform, which has the last word.
pub async fn look(it: &Speaking, id: &str) -> Access {
    looked(it, id).await.unwrap_or_else(|error| {
        tracing::warn!(account.id = %it.id, %error, "a connection could not be looked at");
        Access::Open
    })
}

async fn looked(it: &Speaking, id: &str) -> Result<Access> {
    let tx = it.shared.store.readers.begin(it.workspace).await?;
    let known = connections::get(&tx, &it.keys, &it.row.key, it.workspace, it.id, id).await?;
    drop(tx);
    let Some(now) = ask(it, id, known.as_ref()).await else { return Ok(Access::Open) };
    if note(it, known.as_ref(), &now).await? {
        it.tell(Kind::AccountChanged).await?;
    }
    Ok(now.access())
}

/// How the connection is now; `None` where the platform does not say, or knows as little as we do.
async fn ask(
    it: &Speaking,
    id: &str,
    known: Option<&BusinessConnection>,
) -> Option<BusinessConnection> {
    let reply = it.call(&it.platform.connection(id)?).await.ok()?;
    match (it.platform.read_connection(&reply), known) {
        (Ok(answer), Some(known)) => Some(known.asked(answer)),
        (Ok(answer), None) => answer,
        (Err(failure), _) => {
            tracing::debug!(account.id = %it.id, ?failure, "nothing was said of a connection");
            None
        }
    }
}

/// Notes how the connection is, unless something was told of it since it was asked about. Whether
/// that is news.
async fn note(
    it: &Speaking,
    known: Option<&BusinessConnection>,
    now: &BusinessConnection,
) -> Result<bool> {
    if known == Some(now) {
        return Ok(false);
    }
    let (keys, key) = (&it.keys, &it.row.key);
    let tx = it.write().await?;
    if !accounts::hold(&tx, it.workspace, it.id).await? {
        return Ok(false);
    }
    let meanwhile = connections::get(&tx, keys, key, it.workspace, it.id, &now.id).await?;
    if meanwhile.as_ref() != known {
        return Ok(false);
    }
    connections::put(&tx, keys, key, it.workspace, it.id, now).await?;
    tx.commit().await?;
    Ok(true)
}
