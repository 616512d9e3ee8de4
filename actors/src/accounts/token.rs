//! Tokens that end are renewed before they do.

use switchboard_store::{Result, account as accounts};

use super::speaking::{Speaking, bytes};
use crate::clock;

/// Gives the account's token a longer life. Whether there is a new one; it is stored before the
/// old one is let go of.
pub async fn renew(it: &Speaking) -> Result<bool> {
    let now = clock::now();
    let Some(request) = it.platform.renew(&it.credentials, now) else { return Ok(false) };
    let reply = match it.call(&request).await {
        Ok(reply) => reply,
        Err(error) => {
            tracing::warn!(account.id = %it.id, %error, "a token was not renewed; later again");
            return Ok(false);
        }
    };
    let (token, expires_at) = match it.platform.read_token(&reply, now) {
        Ok(renewed) => renewed,
        Err(failure) => {
            let (code, detail) = (failure.code, failure.detail);
            tracing::warn!(account.id = %it.id, ?code, detail, "a token was not renewed");
            return Ok(false);
        }
    };
    let mut credentials = it.credentials.clone();
    credentials.token = token;
    credentials.token_expires_at = expires_at;
    credentials.token_given_at = Some(now);
    let tx = it.write().await?;
    let now_there = accounts::get(&tx, &it.keys, it.workspace, it.id).await?;
    if now_there.is_none_or(|row| row.credentials != it.row.credentials) {
        tracing::info!(account.id = %it.id, "an account was connected again while its token was renewed");
        return Ok(true);
    }
    let json = bytes(&credentials)?;
    accounts::set_credentials(&tx, &it.keys, it.workspace, &it.row, &json, expires_at).await?;
    tx.commit().await?;
    tracing::info!(account.id = %it.id, "a token was renewed");
    Ok(true)
}
