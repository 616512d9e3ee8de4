//! Pages of lists: how long they are, and where the next one begins.

use serde::Deserialize;
use switchboard_domain::Seq;
use switchboard_store::message::{Message, Slice};
use utoipa::IntoParams;

use super::problem::{Failure, Result};

/// How many rows a page holds unless the caller says otherwise, and at the most.
pub const PAGE: u32 = 50;
pub const PAGE_MAX: u32 = 100;

/// The length of a page that was asked for, brought within its bounds.
pub fn limit(asked: Option<u32>) -> u32 {
    asked.unwrap_or(PAGE).clamp(1, PAGE_MAX)
}

/// Which messages of a conversation a member asks for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MessagesQuery {
    /// Only messages before this `seq`.
    #[param(value_type = Option<u64>)]
    pub before: Option<Seq>,
    /// Only messages after this `seq`, the oldest of them first. Not together with `before`.
    #[param(value_type = Option<u64>)]
    pub after: Option<Seq>,
    /// 50 unless said otherwise, 100 at the most.
    pub limit: Option<u32>,
}

impl MessagesQuery {
    pub fn slice(&self) -> Result<Slice> {
        match (self.before, self.after) {
            (None, None) => Ok(Slice::Newest),
            (Some(seq), None) => Ok(Slice::Before(seq)),
            (None, Some(seq)) => Ok(Slice::After(seq)),
            (Some(_), Some(_)) => Err(Failure::field("after", "say `before` or `after`, not both")),
        }
    }
}

/// Which messages of their conversation a visitor asks for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OlderQuery {
    /// Only messages before this `seq`.
    #[param(value_type = Option<u64>)]
    pub before: Option<Seq>,
    /// 50 unless said otherwise, 100 at the most.
    pub limit: Option<u32>,
}

impl OlderQuery {
    pub fn slice(&self) -> Slice {
        self.before.map_or(Slice::Newest, Slice::Before)
    }
}

/// Cuts messages, oldest first, that were read with one more than `limit` to their page. With it
/// comes the `seq` that the next page is asked for with, as `before` or, where this page went
/// forwards, as `after`; nothing when there are no more.
pub fn cut(mut rows: Vec<Message>, slice: Slice, limit: u32) -> (Vec<Message>, Option<Seq>) {
    if rows.len() <= limit as usize {
        return (rows, None);
    }
    let edge = match slice {
        Slice::Newest | Slice::Before(_) => {
            rows.remove(0);
            rows.first()
        }
        Slice::After(_) => {
            rows.pop();
            rows.last()
        }
    };
    let next = edge.map(|message| message.seq);
    (rows, next)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use switchboard_domain::{Author, MessageKind};
    use uuid::Uuid;

    use super::*;

    fn message(seq: u64) -> Message {
        Message {
            id: Uuid::from_u128(u128::from(seq)).into(),
            conversation: Uuid::from_u128(1).into(),
            contact: Uuid::from_u128(1).into(),
            seq: Seq(seq),
            rev: Seq(seq),
            n: None,
            kind: MessageKind::Note,
            author: Author::System,
            text: String::new(),
            files: vec![],
            reply_to: None,
            reactions: vec![],
            activity: None,
            extra: switchboard_domain::Extra::default(),
            delivery: None,
            parts: None,
            sent_at: None,
            created_at: Timestamp::UNIX_EPOCH,
            edited_at: None,
            deleted_at: None,
            reference: None,
        }
    }

    #[test]
    fn a_page_has_bounds() {
        let bounded = [(None, 50), (Some(0), 1), (Some(7), 7), (Some(100_000), 100)];
        for (asked, given) in bounded {
            assert_eq!(limit(asked), given, "{asked:?}");
        }
    }

    #[test]
    fn the_next_page_begins_where_this_one_ends_and_only_if_there_is_one() {
        let check = |slice, seqs: &[u64], page: &[u64], next: Option<u64>| {
            let rows = seqs.iter().copied().map(message).collect();
            let (rows, found) = cut(rows, slice, 3);
            assert_eq!(rows.iter().map(|row| row.seq.0).collect::<Vec<_>>(), page, "{slice:?}");
            assert_eq!(found, next.map(Seq), "{slice:?}");
        };
        check(Slice::Newest, &[], &[], None);
        check(Slice::Newest, &[1, 2, 3], &[1, 2, 3], None);
        check(Slice::Newest, &[1, 2, 3, 4], &[2, 3, 4], Some(2));
        check(Slice::Before(Seq(9)), &[5, 6, 7, 8], &[6, 7, 8], Some(6));
        check(Slice::After(Seq(1)), &[2, 3, 4, 5], &[2, 3, 4], Some(4));
        check(Slice::After(Seq(1)), &[2, 3], &[2, 3], None);
    }

    #[test]
    fn a_page_goes_one_way() {
        let query = |before: Option<u64>, after: Option<u64>| MessagesQuery {
            before: before.map(Seq),
            after: after.map(Seq),
            limit: None,
        };
        assert_eq!(query(None, None).slice().unwrap(), Slice::Newest);
        assert_eq!(query(Some(3), None).slice().unwrap(), Slice::Before(Seq(3)));
        assert_eq!(query(None, Some(3)).slice().unwrap(), Slice::After(Seq(3)));
        assert!(query(Some(3), Some(3)).slice().is_err());
    }
}
