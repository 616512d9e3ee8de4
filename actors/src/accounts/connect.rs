//! Accounts come and go: connected, paused, disconnected, by people.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_channels::account::{Credentials, Problem, ProblemKind};
use switchboard_channels::{AccountInfo, Health, Reply, Request};
use switchboard_domain::{
    AccountId, AccountKind, AccountStatus, Author, Delivery, DeliveryState, Failure, FailureCode,
    Seq, WorkspaceId,
};
use switchboard_store::account::{self as accounts, NewAccount, Speaks, route_hash, route_hashes};
use switchboard_store::event::Kind;
use switchboard_store::seal::{Key, MasterKeys, random_token};
use switchboard_store::send::{self, Stranded};
use switchboard_store::{Error, deletion, workspace as workspaces};
use switchboard_wire::Code;

use super::http::Caller;
use super::speaking::{
    BY_PEOPLE, Speaking, bytes, credentials as read_credentials, tell, unreachable,
};
use super::{health, show, templates};
use crate::conversation::{Act, Order, Progress};
use crate::rejection::Rejection;
use crate::{Cast, Shared, clock, page};

/// Rows read at once when an account is taken away.
const PAGE: u32 = 500;
/// Disconnected accounts seen to at once.
const STRANDED_AT_ONCE: u32 = 100;

impl Cast {
    /// Connects an account, or connects it again: asks the platform who it is, keeps what speaks
    /// for it, and sees to it that the platform tells us what happens.
    pub async fn connect(
        &self,
        workspace: WorkspaceId,
        credentials: Credentials,
    ) -> Result<AccountId, Rejection> {
        let shared = &self.shared;
        let (credentials, info) = introduced(shared, workspace, credentials).await?;
        let id = store(shared, workspace, &credentials, &info).await?;
        tell(shared, workspace, id, Kind::AccountChanged).await?;
        let it = self.speaking(workspace, id).await?;
        if !it.is_polled()
            && let Err(why) = health::subscribe(&it).await
        {
            tracing::warn!(account.id = %id, why, "an account was not subscribed");
            let words = format!("The platform does not tell us what happens yet: {why}");
            let problem = Problem { kind: ProblemKind::NotSubscribed, words };
            it.note_health(&Health { problems: vec![problem], facts: vec![] }).await?;
        } else {
            health::check(&it, None).await?;
        }
        templates::sync(&it).await?;
        if it.platform.history(&it.credentials, None, None).is_some() {
            self.start_history(workspace, id).await?;
        }
        shared.accounts.offer();
        shared.accounts.reload(workspace, id);
        tracing::info!(account.id = %id, kind = credentials.kind.name(), "an account was connected");
        Ok(id)
    }

    /// Makes one call of an account, which is written from what speaks for it.
    pub async fn call_as(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
        write: impl FnOnce(&Credentials) -> Request,
    ) -> Result<Reply, Rejection> {
        let it = self.speaking(workspace, account).await?;
        it.call(&write(&it.credentials)).await.map_err(|error| unreachable(&error))
    }

    /// Takes an account away. What waits to be sent fails, also where this process does not live to
    /// tell (see [`Cast::fail_stranded`]); what was said stays.
    pub async fn disconnect(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
    ) -> Result<(), Rejection> {
        let it = self.speaking(workspace, account).await?;
        for request in it.platform.unsubscribe(&it.credentials) {
            // The platform may refuse us already; then it tells us nothing either.
            if let Err(error) = it.call(&request).await {
                tracing::debug!(%error, "an account was not unsubscribed");
            }
        }
        self.drop_account(&it).await
    }

    /// The same where the platform does not know us any more: nothing is asked of it.
    pub async fn forget_account(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
    ) -> Result<(), Rejection> {
        let it = self.speaking(workspace, account).await?;
        self.drop_account(&it).await
    }

    async fn drop_account(&self, it: &Speaking) -> Result<(), Rejection> {
        let mut without = it.credentials.clone();
        without.token = String::new();
        // The PIN stays: whoever connects the number again cannot register it by another.
        (without.hook_secret, without.connected_by) = (None, None);
        let tx = it.write().await?;
        let json = bytes(&without)?;
        let epoch = accounts::disconnect(&tx, &it.keys, it.workspace, &it.row, &json).await?;
        tx.commit().await?;
        tell(&self.shared, it.workspace, it.id, Kind::AccountChanged).await?;
        self.shared.accounts.reload(it.workspace, it.id);
        let left = Stranded { workspace: it.workspace, account: it.id, epoch };
        self.fail_waiting(&left).await
    }

    /// Fails what is left waiting for accounts that were disconnected: whoever did so may have died
    /// before it was told, or somebody posted at that moment. Done by several nodes, or twice, it
    /// comes to the same.
    pub async fn fail_stranded(&self) -> Result<(), Rejection> {
        for left in send::stranded(&self.shared.store, STRANDED_AT_ONCE).await? {
            match self.fail_waiting(&left).await {
                Ok(()) => {
                    tracing::info!(account.id = %left.account, "what was left of an account was seen to")
                }
                // The others need not wait for this one.
                Err(rejection) => {
                    tracing::warn!(account.id = %left.account, %rejection, "something waits still");
                }
            }
        }
        Ok(())
    }

    /// Tells of everything that waits for a disconnected account that it will not be sent.
    async fn fail_waiting(&self, left: &Stranded) -> Result<(), Rejection> {
        let Stranded { workspace, account, epoch } = *left;
        let (mut after, mut failed) = ((Seq(0), 0), Ok(()));
        loop {
            let tx = self.shared.store.readers.begin(workspace).await?;
            let rows = send::after(&tx, workspace, account, after, PAGE).await?;
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            let standing = send::standing(&tx, workspace, &ids).await?;
            drop(tx);
            let Some(last) = rows.last() else { return failed };
            after = (last.seq, last.part);
            for row in standing {
                let Some(waiting) = rows.iter().find(|waiting| waiting.id == row.id) else {
                    continue;
                };
                let progress = Progress {
                    send: row.id,
                    account,
                    epoch,
                    message: row.message,
                    part: row.part,
                    posts: row.posts,
                    last: row.last,
                    ids: vec![],
                    delivery: ended(waiting.state),
                    keep: false,
                };
                let order = Order::Progress(Arc::new(progress));
                let act = Act { author: Author::System, order, newcomer: None };
                let told = self.act(workspace, waiting.conversation, act).await;
                if told.as_ref().is_err_and(|rejection| rejection.code == Code::Gone) {
                    // Connected again meanwhile: what waits is sent.
                    return Ok(());
                }
                match told {
                    // None of the others could be told either.
                    Err(rejection) if rejection.code == Code::Unavailable => {
                        return Err(rejection);
                    }
                    // One that cannot be told keeps nobody else's from being told.
                    Err(rejection) => failed = Err(rejection),
                    Ok(_) => {}
                }
            }
        }
    }

    /// Holds back what is to be sent, or lets it go on.
    pub async fn set_paused(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
        paused: bool,
    ) -> Result<(), Rejection> {
        let it = self.speaking(workspace, account).await?;
        let status = match (it.row.status, paused) {
            (AccountStatus::Active, true) => AccountStatus::Paused,
            (AccountStatus::Paused, false) => AccountStatus::Active,
            // What the platform paused stays so from now on, also when the platform is content.
            (AccountStatus::Paused, true) if it.row.held => AccountStatus::Paused,
            (AccountStatus::Paused, true) | (AccountStatus::Active, false) => return Ok(()),
            _ => return Err(Rejection::new(Code::Refused, "connect the account again first")),
        };
        it.turn(status, None).await?;
        self.shared.accounts.reload(workspace, account);
        Ok(())
    }

    pub async fn rename_account(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
        name: &str,
    ) -> Result<(), Rejection> {
        let it = self.speaking(workspace, account).await?;
        let tx = it.write().await?;
        let changed = accounts::set_name(&tx, workspace, account, name).await?;
        tx.commit().await?;
        if changed {
            it.tell(Kind::AccountChanged).await?;
        }
        Ok(())
    }

    /// Asks the platform how an account is.
    pub async fn check_account(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
    ) -> Result<(), Rejection> {
        let it = self.speaking(workspace, account).await?;
        health::check(&it, None).await?;
        self.shared.accounts.reload(workspace, account);
        Ok(())
    }

    /// All accounts of a workspace, as people see them.
    pub async fn accounts(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Vec<switchboard_wire::rest::channels::Account>, Rejection> {
        let keys = page::keys(&self.shared.store, workspace).await?;
        let tx = self.shared.store.readers.begin(workspace).await?;
        Ok(show::all(&tx, &keys, workspace).await?)
    }

    /// An account that is connected, for what a person wants of it.
    pub(super) async fn speaking(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
    ) -> Result<Speaking, Rejection> {
        let it = Speaking::load(&self.shared, workspace, account, BY_PEOPLE).await?;
        it.filter(|it| it.row.status != AccountStatus::Disconnected)
            .ok_or_else(|| Rejection::not_found("there is no such account"))
    }
}

/// What becomes of a row whose account is gone. Of a call that was begun nobody hears any more.
fn ended(state: send::State) -> Delivery {
    match state {
        send::State::Waiting => Delivery {
            state: DeliveryState::Failed,
            failure: Some(Failure::new(FailureCode::TokenLost)),
        },
        send::State::Sending { .. } | send::State::Uncertain => {
            Delivery { state: DeliveryState::Uncertain, failure: None }
        }
    }
}

/// Lets the platform say for which account the token speaks.
async fn introduced(
    shared: &Shared,
    workspace: WorkspaceId,
    mut credentials: Credentials,
) -> Result<(Credentials, AccountInfo), Rejection> {
    let platform = switchboard_channels::platform(credentials.kind);
    let none = HashMap::new();
    let caller = Caller { workspace, credentials: &credentials, files: &none, hold: None };
    let reply = shared.accounts.http().call(caller, &platform.about(&credentials)).await;
    let reply = reply.map_err(|error| unreachable(&error))?;
    let info = platform.read_about(&reply).map_err(|failure| {
        let words = super::speaking::problem(ProblemKind::Token, &failure).words;
        Rejection::new(Code::Refused, words)
    })?;
    credentials.id = info.id.clone();
    credentials.other_id = info.other_id.clone().or(credentials.other_id);
    credentials.parent = info.parent.clone().or(credentials.parent);
    credentials.token_given_at = credentials.token_given_at.or(Some(clock::now()));
    if credentials.kind == AccountKind::TelegramBot && credentials.hook_secret.is_none() {
        credentials.hook_secret = Some(random_token());
    }
    Ok((credentials, info))
}

/// Keeps an account under the id that it has, or under a new one.
async fn store(
    shared: &Shared,
    workspace: WorkspaceId,
    credentials: &Credentials,
    info: &AccountInfo,
) -> Result<AccountId, Rejection> {
    let keys = page::keys(&shared.store, workspace).await?;
    let tx = shared.store.writers.begin(workspace).await?;
    // Two who connect one account at once must not make two of it.
    workspaces::lock(&tx, workspace).await?;
    let known = accounts::list(&tx, &keys, workspace).await?.into_iter().find(|row| {
        row.kind == credentials.kind
            && read_credentials(row).is_ok_and(|known| known.id == credentials.id)
    });
    let mut credentials = credentials.clone();
    let stored = match known {
        Some(row) => {
            if let Ok(before) = read_credentials(&row) {
                // What the platform was told of us stays so; it takes no other PIN later.
                credentials.hook_secret = before.hook_secret.or(credentials.hook_secret);
                credentials.pin = before.pin.or(credentials.pin);
            }
            let speaks = speaks(&shared.store.master, &credentials)?;
            let replaced = accounts::reconnect(&tx, &keys, workspace, &row, &speaks).await;
            replaced.map(|()| row.id)
        }
        None => {
            let speaks = speaks(&shared.store.master, &credentials)?;
            let new = NewAccount {
                id: clock::new_id(),
                kind: credentials.kind,
                key: Key::random(),
                credentials: speaks.credentials,
                name: info.name.clone(),
                handle: info.handle.clone(),
                routes: speaks.routes,
                parent_route: speaks.parent_route,
                connected_by: speaks.connected_by,
            };
            let now = clock::now();
            accounts::insert(&tx, &keys, workspace, &new, Seq(0), now).await.map(|()| new.id)
        }
    };
    match stored {
        Err(Error::Taken { .. }) => {
            let words = "this account is connected to another workspace of this server";
            Err(Rejection::new(Code::Conflict, words))
        }
        Err(error) => Err(error.into()),
        Ok(id) => {
            tx.commit().await?;
            Ok(id)
        }
    }
}

/// What speaks for an account, and the hashes that find it under the keys of the ring.
pub(super) fn speaks(master: &MasterKeys, credentials: &Credentials) -> Result<Speaks, Rejection> {
    let channel = credentials.kind.channel();
    let hash = |id: &String| route_hash(master, channel, id);
    let ids = [Some(&credentials.id), credentials.other_id.as_ref()];
    Ok(Speaks {
        credentials: bytes(credentials)?,
        // Under every key, so that an account is connected once also while keys change.
        routes: ids
            .into_iter()
            .flatten()
            .flat_map(|id| route_hashes(master, channel, id))
            .collect(),
        parent_route: credentials.parent.as_ref().map(hash),
        connected_by: credentials
            .connected_by
            .as_ref()
            .map(|person| deletion::connector_hash(master, person)),
        renew_at: credentials.token_expires_at,
    })
}
