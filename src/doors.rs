//! By what the webhooks of single accounts are known: kept at hand, so that they are known while the
//! database is away as well.

use std::time::Duration;

use moka::sync::Cache;
use subtle::ConstantTimeEq;
use switchboard_channels::account::Credentials;
use switchboard_domain::AccountId;
use switchboard_store::{Error, Result, Store, account};

const CACHED: u64 = 10_000;
/// A secret that was changed is noticed at once by the one who uses it: what does not fit is
/// looked up again. This bounds how long a former one still fits.
const FOR: Duration = Duration::from_secs(300);

pub struct Doors(Cache<AccountId, Door>);

/// What a webhook of an account must bring, and whose it is.
#[derive(Clone)]
pub struct Door {
    /// The platform's id of the account.
    pub external: String,
    secret: Option<String>,
}

impl Default for Doors {
    fn default() -> Self {
        Doors(Cache::builder().max_capacity(CACHED).time_to_live(FOR).build())
    }
}

/// What became of someone at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Let {
    In {
        external: String,
    },
    Refused,
    /// There is no such account.
    Nobody,
}

impl Doors {
    /// Lets a webhook in that brings the account's secret.
    pub async fn knock(&self, store: &Store, id: AccountId, given: &[u8]) -> Result<Let> {
        if let Some(door) = self.0.get(&id)
            && door.opens_to(given)
        {
            return Ok(Let::In { external: door.external });
        }
        let Some(json) = account::credentials(store, id).await? else { return Ok(Let::Nobody) };
        let known: Credentials =
            serde_json::from_slice(&json).map_err(|error| Error::Corrupt(error.to_string()))?;
        let door = Door { external: known.id, secret: known.hook_secret };
        self.0.insert(id, door.clone());
        Ok(match door.opens_to(given) {
            true => Let::In { external: door.external },
            false => Let::Refused,
        })
    }
}

impl Door {
    /// Compared in constant time. An account without a secret lets nobody in.
    fn opens_to(&self, given: &[u8]) -> bool {
        let known = self.secret.as_deref().unwrap_or_default().as_bytes();
        !known.is_empty() && bool::from(known.ct_eq(given))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_secret_opens_a_door() {
        let door = |secret: Option<&str>| Door {
            external: "7310022841".to_owned(),
            secret: secret.map(str::to_owned),
        };
        assert!(door(Some("s3cret")).opens_to(b"s3cret"));
        for given in ["", "s3cre", "s3crets", "S3CRET"] {
            assert!(!door(Some("s3cret")).opens_to(given.as_bytes()), "{given}");
        }
        for none in [None, Some("")] {
            assert!(!door(none).opens_to(b""), "an account without a secret has no door");
        }
    }
}
