//! What is done with a file before it is kept: how many at once, what it is, how it is shown.

pub mod picture;
pub mod slots;
pub mod sniff;

use std::sync::Arc;

use tokio::sync::Semaphore;

pub use slots::Slots;

use crate::config;

/// Pictures decoded at once: each may take a decoder's whole allowance of memory.
const DECODED_AT_ONCE: usize = 2;

/// The bounds that all uploads share.
#[derive(Debug, Clone)]
pub struct Uploads {
    pub slots: Slots,
    pub decoders: Arc<Semaphore>,
}

impl Uploads {
    pub fn new(bounds: &config::Uploads) -> Uploads {
        Uploads {
            slots: Slots::new(bounds.at_once, bounds.at_once_per_workspace),
            decoders: Arc::new(Semaphore::new(DECODED_AT_ONCE)),
        }
    }
}
