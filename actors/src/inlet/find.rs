//! Whose events are, by what they name.

use std::collections::HashMap;

use switchboard_channels::{Event, Route};
use switchboard_domain::{AccountKind, Channel, Identity};
use switchboard_store::account::{self, Owner, route_hashes};
use switchboard_store::deletion;

use crate::rejection::Rejection;
use crate::{Shared, page};

/// The accounts that the routes of a webhook name.
#[derive(Debug, Default)]
pub struct Owners(HashMap<Route, Vec<Owner>>);

/// Looks in the database the next time.
pub fn forget(shared: &Shared, channel: Channel, route: &Route) {
    if let Route::Account(id) = route {
        shared.memory.forget(channel, id);
    }
}

impl Owners {
    pub async fn of(
        shared: &Shared,
        channel: Channel,
        routes: &[Route],
    ) -> Result<Owners, Rejection> {
        let store = &shared.store;
        let hashes = |id: &str| route_hashes(&store.master, channel, id);
        let mut owners: HashMap<Route, Vec<Owner>> = HashMap::new();
        let mut named: HashMap<[u8; 32], &Route> = HashMap::new();
        for route in routes {
            let Route::Account(id) = route else { continue };
            match shared.memory.owners(channel, id) {
                Some(known) => {
                    owners.insert(route.clone(), known.to_vec());
                }
                None => named.extend(hashes(id).into_iter().map(|hash| (hash, route))),
            }
        }
        if !named.is_empty() {
            let all: Vec<[u8; 32]> = named.keys().copied().collect();
            for (hash, owner) in account::find(store, &all).await? {
                let Some(&route) = named.get(&hash) else { continue };
                let owners = owners.entry(route.clone()).or_default();
                if !owners.contains(&owner) {
                    owners.push(owner);
                }
            }
            for route in named.into_values() {
                let (Route::Account(id), Some(found)) = (route, owners.get(route)) else {
                    continue;
                };
                shared.memory.found(channel, id, found);
            }
        }
        for route in routes {
            if owners.contains_key(route) {
                continue;
            }
            let below = match route {
                Route::Account(_) => continue,
                Route::Parent(parent) => account::find_below(store, &hashes(parent)).await?,
                Route::Number { parent, digits } => {
                    let below = account::find_below(store, &hashes(parent)).await?;
                    with_number(shared, below, digits).await?
                }
            };
            if !below.is_empty() {
                owners.insert(route.clone(), below);
            }
        }
        Ok(Owners(owners))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn owners(&self, route: &Route) -> &[Owner] {
        self.0.get(route).map_or(&[], Vec::as_slice)
    }

    /// Anyone of them.
    pub fn any(&self) -> Option<Owner> {
        self.0.values().flatten().min().copied()
    }
}

/// Where a body goes that the platform signed and that names nobody we can read: an account of the
/// channel, as long as all of them are of one workspace. It may hold anyone's messages, so with
/// several workspaces it is kept from all of them.
pub async fn only_tenant(shared: &Shared, channel: Channel) -> Result<Option<Owner>, Rejection> {
    let kinds: Vec<AccountKind> =
        AccountKind::ALL.into_iter().filter(|kind| kind.channel() == channel).collect();
    let accounts = deletion::accounts_of(&shared.store, &kinds).await?;
    let owners = accounts.into_iter().map(|(workspace, account)| Owner { workspace, account });
    let Some(first) = owners.clone().min() else { return Ok(None) };
    let is_alone = owners.into_iter().all(|owner| owner.workspace == first.workspace);
    Ok(is_alone.then_some(first))
}

/// Of these accounts the ones that go by a number.
async fn with_number(
    shared: &Shared,
    owners: Vec<Owner>,
    digits: &str,
) -> Result<Vec<Owner>, Rejection> {
    let mut found = Vec::new();
    for owner in owners {
        let keys = page::keys(&shared.store, owner.workspace).await?;
        let tx = shared.store.readers.begin_by_name(owner.workspace).await?;
        let heads = account::heads(&tx, &keys, owner.workspace, &[owner.account]).await?;
        let handle = heads.first().and_then(|head| head.handle.clone()).unwrap_or_default();
        let number: String = handle.chars().filter(char::is_ascii_digit).collect();
        found.extend((number == digits).then_some(owner));
    }
    Ok(found)
}

/// The people in `events` whose comments are the account's own: a platform gives their author by
/// whichever of the account's ids it likes, and tells them as it tells anybody's.
pub async fn own(
    shared: &Shared,
    owner: Owner,
    channel: Channel,
    events: &[Event],
) -> Result<Vec<Identity>, Rejection> {
    let threads = events.iter().filter_map(|event| event.thread.as_ref());
    let people = threads.filter(|thread| thread.venue.is_comments());
    let people: Vec<&Identity> = people.flat_map(|thread| &thread.peer.identities).collect();
    if people.is_empty() {
        return Ok(vec![]);
    }
    let names = |person: &Identity| {
        let id = person.value().rsplit(':').next().unwrap_or_default();
        route_hashes(&shared.store.master, channel, id)
    };
    let hashes: Vec<[u8; 32]> = people.iter().flat_map(|person| names(person)).collect();
    let found = account::find(&shared.store, &hashes).await?;
    let is_own =
        |person: &&&Identity| names(person).into_iter().any(|hash| found.contains(&(hash, owner)));
    Ok(people.iter().filter(is_own).map(|person| (*person).clone()).collect())
}

/// The platform's id of the account, as far as a route says it.
pub fn named(route: &Route) -> String {
    match route {
        Route::Account(id) => id.clone(),
        Route::Parent(_) | Route::Number { .. } => String::new(),
    }
}
