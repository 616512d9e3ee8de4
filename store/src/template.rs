//! Templates, as the platform described them last.

use jiff::Timestamp;
use serde_json::Value;
use switchboard_domain::{AccountId, TemplateId, WorkspaceId};
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::error::Result;
use crate::pool::Tx;

#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pub id: TemplateId,
    pub account: AccountId,
    pub external: String,
    pub name: String,
    pub language: String,
    pub category: String,
    pub status: String,
    pub quality: Option<String>,
    pub reason: Option<String>,
    pub components: Value,
    pub named: bool,
    pub updated_at: Timestamp,
}

impl Template {
    /// Whether the platform lets it be sent.
    pub fn is_approved(&self) -> bool {
        self.status == "APPROVED"
    }
}

const COLUMNS: &str = "id, account_id, external_id, name, language, category, status, quality,
  reason, components, named, updated_at";

fn read(row: &Row) -> Template {
    Template {
        id: TemplateId(row.get(0)),
        account: AccountId(row.get(1)),
        external: row.get(2),
        name: row.get(3),
        language: row.get(4),
        category: row.get(5),
        status: row.get(6),
        quality: row.get(7),
        reason: row.get(8),
        components: row.get::<_, Json<Value>>(9).0,
        named: row.get(10),
        updated_at: row.get(11),
    }
}

pub async fn get(tx: &Tx, workspace: WorkspaceId, id: TemplateId) -> Result<Option<Template>> {
    let sql = format!("select {COLUMNS} from templates where workspace_id = $1 and id = $2");
    let select = tx.prepare_cached(&sql).await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(id)]).await?;
    Ok(row.as_ref().map(read))
}

/// An account's templates by name.
pub async fn list(tx: &Tx, workspace: WorkspaceId, account: AccountId) -> Result<Vec<Template>> {
    let sql = format!(
        "select {COLUMNS} from templates where workspace_id = $1 and account_id = $2
         order by name, language"
    );
    let select = tx.prepare_cached(&sql).await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &Uuid::from(account)]).await?;
    Ok(rows.iter().map(read).collect())
}

/// Stores a new template. Answers its id, which it may have already.
pub async fn add(tx: &Tx, workspace: WorkspaceId, template: &Template) -> Result<TemplateId> {
    put(tx, workspace, template.account, template).await?;
    let select = tx
        .prepare_cached(
            "select id from templates
             where workspace_id = $1 and account_id = $2 and external_id = $3",
        )
        .await?;
    let account = Uuid::from(template.account);
    let row =
        tx.query_one(&select, &[&Uuid::from(workspace), &account, &template.external]).await?;
    Ok(TemplateId(row.get(0)))
}

/// Makes an account's templates be these, each under the id that it has. What is not among them
/// is gone, unless it waits for its review and is newer than what is listed for sure. Whether
/// anything changed.
pub async fn replace(
    tx: &Tx,
    workspace: WorkspaceId,
    account: AccountId,
    templates: &[Template],
    listed_since: Timestamp,
) -> Result<bool> {
    let mut changed = 0;
    for template in templates {
        changed += put(tx, workspace, account, template).await?;
    }
    let known: Vec<&str> = templates.iter().map(|template| template.external.as_str()).collect();
    let delete = tx
        .prepare_cached(
            "delete from templates
             where workspace_id = $1 and account_id = $2 and external_id <> all($3)
               and not (status = 'PENDING' and updated_at > $4)",
        )
        .await?;
    let (workspace, account) = (Uuid::from(workspace), Uuid::from(account));
    changed += tx.execute(&delete, &[&workspace, &account, &known, &listed_since]).await?;
    Ok(changed > 0)
}

async fn put(
    tx: &Tx,
    workspace: WorkspaceId,
    account: AccountId,
    template: &Template,
) -> Result<u64> {
    let upsert = tx
        .prepare_cached(
            "insert into templates as t (workspace_id, id, account_id, external_id, name, language,
               category, status, quality, reason, components, named, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             on conflict (workspace_id, account_id, external_id) do update
             set name = excluded.name, language = excluded.language, category = excluded.category,
               status = excluded.status, quality = excluded.quality, reason = excluded.reason,
               components = excluded.components, named = excluded.named,
               updated_at = excluded.updated_at
             where (t.name, t.language, t.category, t.status, t.quality, t.reason, t.components,
                    t.named)
               is distinct from (excluded.name, excluded.language, excluded.category,
                    excluded.status, excluded.quality, excluded.reason, excluded.components,
                    excluded.named)",
        )
        .await?;
    Ok(tx
        .execute(
            &upsert,
            &[
                &Uuid::from(workspace),
                &Uuid::from(template.id),
                &Uuid::from(account),
                &template.external,
                &template.name,
                &template.language,
                &template.category,
                &template.status,
                &template.quality,
                &template.reason,
                &Json(&template.components),
                &template.named,
                &template.updated_at,
            ],
        )
        .await?)
}

pub async fn remove(tx: &Tx, workspace: WorkspaceId, id: TemplateId) -> Result<bool> {
    let delete =
        tx.prepare_cached("delete from templates where workspace_id = $1 and id = $2").await?;
    Ok(tx.execute(&delete, &[&Uuid::from(workspace), &Uuid::from(id)]).await? == 1)
}
