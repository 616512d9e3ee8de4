//! Templates that platforms approve before they may be sent.

use switchboard_domain::{AccountId, TemplateId, WorkspaceId};
use uuid::Uuid;

use crate::error::Result;
use crate::pool::Tx;

/// A template as it is kept here.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pub id: TemplateId,
    pub account: AccountId,
    pub name: String,
    pub language: String,
    /// As the platform writes it: `APPROVED`.
    pub status: String,
    pub components: serde_json::Value,
    /// Whether its variables have names.
    pub named: bool,
}

pub async fn get(tx: &Tx, workspace: WorkspaceId, id: TemplateId) -> Result<Option<Template>> {
    let select = tx
        .prepare_cached(
            "select account_id, name, language, status, components, named from templates
             where workspace_id = $1 and id = $2",
        )
        .await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(id)]).await?;
    Ok(row.map(|row| Template {
        id,
        account: AccountId(row.get(0)),
        name: row.get(1),
        language: row.get(2),
        status: row.get(3),
        components: row.get(4),
        named: row.get(5),
    }))
}
