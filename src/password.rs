//! Passwords: argon2id, a bounded number at a time, and never faster for an unknown address.

use std::sync::Arc;

use actix_web::web;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use switchboard_domain::person::PASSWORD_MAX_BYTES;
use tokio::sync::Semaphore;

use crate::http::problem::{Failure, Result};

/// Each hash holds 19 MiB while it is made (the crate's default, which OWASP recommends: m=19 MiB,
/// t=2, p=1), so this many wait at the most; the next is asked to come back.
const WAITING_MAX: usize = 32;
const BUSY_RETRY_SECONDS: u32 = 2;

/// Verified when there is no such login, so that the answer takes as long. No password has it:
/// its bytes are not the hash of anything known.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c3dpdGNoYm9hcmQtbm9ib2R5$\
                      bm9ib2R5IGhhcyB0aGlzIHBhc3N3b3JkLCBhdCBhbGw";

/// Hashes and checks passwords. Cloning shares the bounds.
#[derive(Debug, Clone)]
pub struct Passwords {
    waiting: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Passwords {
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            running: Arc::new(Semaphore::new(cores)),
        }
    }
}

impl Passwords {
    /// The hash under which a password is stored, with its own salt and parameters.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.run(move || hash(&password)).await?.map_err(Failure::internal)
    }

    /// Whether `password` has this hash. Without a hash the answer is no, after the same time.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        self.run(move || verify(&password, hash.as_deref())).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = || Failure::unavailable().retry_after(BUSY_RETRY_SECONDS);
        let place = self.waiting.clone().try_acquire_owned().map_err(|_| busy())?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| busy())?;
        // The permits go with the work: it is not stopped when the client goes away.
        let work = move || {
            let _held = (place, turn);
            work()
        };
        Ok(web::block(work).await?)
    }
}

fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

fn verify(password: &str, hash: Option<&str>) -> bool {
    // Nothing that long was ever accepted.
    let password = if password.len() <= PASSWORD_MAX_BYTES { password } else { "" };
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else {
        tracing::error!("a stored password hash could not be read");
        return false;
    };
    let matches = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
    matches && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_its_own_hash_and_no_other() {
        let hashed = hash("correct horse").unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(verify("correct horse", Some(&hashed)));
        assert!(!verify("correct horses", Some(&hashed)));
        assert!(!verify("", Some(&hashed)));
        assert_ne!(hashed, hash("correct horse").unwrap());
    }

    #[test]
    fn nobody_has_a_password_but_costs_the_same() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let somebody = hash("correct horse").unwrap();
        let somebody = PasswordHash::new(&somebody).unwrap();
        assert_eq!(nobody.algorithm, somebody.algorithm);
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(
            nobody.hash.as_ref().map(|hash| hash.as_bytes().len()),
            somebody.hash.as_ref().map(|hash| hash.as_bytes().len())
        );
        assert!(!verify("correct horse", None));
    }

    #[test]
    fn a_damaged_hash_lets_nobody_in() {
        assert!(!verify("x", Some("")));
        assert!(!verify("x", Some("$argon2id$v=19$m=19456,t=2,p=1$abc")));
    }

    #[actix_web::test]
    async fn past_the_bound_one_is_asked_to_come_back() {
        let passwords = Passwords::default();
        let _all = passwords.waiting.clone().try_acquire_many_owned(WAITING_MAX as u32).unwrap();
        let refused = passwords.hash("correct horse".to_owned()).await.unwrap_err();
        assert_eq!(refused.problem().status, 503);
        assert_eq!(refused.problem().retry_after, Some(BUSY_RETRY_SECONDS));
    }
}
