//! What can go wrong in the store.

use crate::seal::SealError;

/// A failure of the store. What a lookup does not find is an `Option`, not an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Postgres cannot be reached, is stopping or starting, or did not answer in time. Whether a
    /// commit under way took effect is not known.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A unique key already has this value.
    #[error("already there: {constraint}")]
    Taken { constraint: String },
    /// Whoever writes this spoke for the account once, and another node does by now.
    #[error("another node speaks for this account by now")]
    Fenced,
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A row that the schema rules out.
    #[error("the database holds something it should not: {0}")]
    Corrupt(String),
    #[error("the database refused: {0}")]
    Database(#[source] Box<tokio_postgres::Error>),
    #[error("the schema could not be brought up to date: {0}")]
    Migration(String),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether the same call may succeed later.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Error::Unavailable(_))
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let Some(db) = error.as_db_error() else {
            // No answer of the server: the connection is gone, or what came could not be read.
            return if error.is_closed() || is_io(&error) {
                Error::Unavailable(error.to_string())
            } else {
                Error::Database(Box::new(error))
            };
        };
        let code = db.code();
        if *code == SqlState::UNIQUE_VIOLATION {
            let constraint = db.constraint().unwrap_or_default().to_owned();
            return Error::Taken { constraint };
        }
        // 08: connection, 53: resources, 57P: operator intervention, 40: rolled back.
        let class = &code.code()[..2];
        if matches!(class, "08" | "53" | "40") || code.code().starts_with("57P") {
            return Error::Unavailable(db.message().to_owned());
        }
        Error::Database(Box::new(error))
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<std::io::Error>() {
            return true;
        }
        source = inner.source();
    }
    false
}

impl From<deadpool_postgres::PoolError> for Error {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => match Error::from(error) {
                // A server that refuses us while it starts is on its way.
                Error::Database(error) if error.as_db_error().is_none() => {
                    Error::Unavailable(error.to_string())
                }
                other => other,
            },
            other => Error::Unavailable(other.to_string()),
        }
    }
}
