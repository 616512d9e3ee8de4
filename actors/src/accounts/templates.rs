//! Templates: what the platform has of an account, kept here; new ones, and old ones taken away.

use jiff::{SignedDuration, Timestamp};
use switchboard_channels::Reply;
use switchboard_channels::template::{Template as Described, TemplateDraft};
use switchboard_domain::{AccountId, Failure, TemplateId, WorkspaceId};
use switchboard_store::event::Kind;
use switchboard_store::template::{self as rows, Template};
use switchboard_store::{Error, Result};
use switchboard_wire::Code;

use super::speaking::{Speaking, unreachable};
use crate::rejection::Rejection;
use crate::{Cast, clock};

/// The most pages that are read.
const PAGES_MAX: usize = 100;
/// A new template may be missing from the platform's lists this long.
const LISTED_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Reads all templates of an account. Whether that worked.
pub async fn sync(it: &Speaking) -> Result<bool> {
    let described = match read(it).await {
        Ok(Some(described)) => described,
        Ok(None) => return Ok(true),
        Err(why) => {
            tracing::warn!(account.id = %it.id, why, "templates were not read");
            return Ok(false);
        }
    };
    let now = clock::now();
    let templates: Vec<_> = described.into_iter().map(|one| row(it.id, one, now)).collect();
    let listed_since = now.checked_sub(LISTED_WITHIN).unwrap_or(now);
    let tx = it.write().await?;
    let changed = rows::replace(&tx, it.workspace, it.id, &templates, listed_since).await?;
    tx.commit().await?;
    if changed {
        it.tell(Kind::TemplatesChanged).await?;
    }
    Ok(true)
}

fn row(account: AccountId, one: Described, now: Timestamp) -> Template {
    Template {
        id: clock::new_id(),
        account,
        external: one.id,
        name: one.name,
        language: one.language,
        category: one.category,
        status: one.status,
        quality: one.quality,
        reason: one.reason,
        components: one.components,
        named: one.named,
        updated_at: now,
    }
}

/// `None` where the channel has none.
async fn read(it: &Speaking) -> Result<Option<Vec<Described>>, String> {
    let words =
        |failure: Failure| failure.detail.unwrap_or_else(|| failure.code.words().to_owned());
    let (mut all, mut page) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let request = it.platform.templates(&it.credentials, page.as_deref());
        let Some(request) = request else { return Ok(None) };
        let reply = it.call(&request).await.map_err(|error| error.to_string())?;
        let read = it.platform.read_templates(&reply).map_err(words)?;
        all.extend(read.templates);
        page = read.next;
        if page.is_none() {
            break;
        }
    }
    Ok(Some(all))
}

impl Cast {
    /// Reads an account's templates from the platform.
    pub async fn sync_templates(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
    ) -> Result<(), Rejection> {
        let it = self.speaking(workspace, account).await?;
        match sync(&it).await? {
            true => Ok(()),
            false => {
                let words = "the platform did not hand out the templates; try again later";
                Err(Rejection::new(Code::Unavailable, words))
            }
        }
    }

    /// Submits a new template, which the platform then looks at.
    pub async fn create_template(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
        draft: TemplateDraft,
    ) -> Result<TemplateId, Rejection> {
        let it = self.speaking(workspace, account).await?;
        let request = it
            .platform
            .create_template(&it.credentials, &draft)
            .map_err(|words| Rejection::new(Code::Invalid, words.join(" ")))?;
        let reply = it.call(&request).await.map_err(|error| unreachable(&error))?;
        succeeded(&reply)?;
        let nameless = || {
            Rejection::from(Error::Corrupt("a template that was made without a name".to_owned()))
        };
        let made = it.platform.created_template(draft, &reply).ok_or_else(nameless)?;
        let made = row(account, made, clock::now());
        let tx = it.write().await?;
        let id = rows::add(&tx, workspace, &made).await?;
        tx.commit().await?;
        it.tell(Kind::TemplatesChanged).await?;
        Ok(id)
    }

    /// Takes a template away, at the platform as well.
    pub async fn delete_template(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
        template: TemplateId,
    ) -> Result<(), Rejection> {
        let it = self.speaking(workspace, account).await?;
        let missing = || Rejection::not_found("there is no such template");
        let tx = self.shared.store.readers.begin(workspace).await?;
        let row = rows::get(&tx, workspace, template).await?;
        drop(tx);
        let row = row.filter(|row| row.account == account).ok_or_else(missing)?;
        let request = it.platform.delete_template(&it.credentials, &row.name, &row.external);
        let reply = it.call(&request.ok_or_else(missing)?).await;
        let reply = reply.map_err(|error| unreachable(&error))?;
        if reply.status != 404 {
            succeeded(&reply)?;
        }
        let tx = it.write().await?;
        rows::remove(&tx, workspace, template).await?;
        tx.commit().await?;
        it.tell(Kind::TemplatesChanged).await?;
        Ok(())
    }
}

fn succeeded(reply: &Reply) -> Result<(), Rejection> {
    if reply.is_success() {
        return Ok(());
    }
    let said = said(reply);
    Err(Rejection::new(Code::Refused, format!("the platform refused: {said}")))
}

/// The platform's words for people, where it has some.
fn said(reply: &Reply) -> String {
    let json = reply.json().unwrap_or_default();
    let error = &json["error"];
    let words = ["error_user_msg", "message"].iter().find_map(|key| error[*key].as_str());
    words.map_or_else(|| super::health::excerpt(&reply.body), str::to_owned)
}
