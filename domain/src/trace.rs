//! Where in a trace something happens: what one party tells the next, as W3C Trace Context says it.

/// A place in a trace: the trace and the span in it that whatever follows belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    pub id: u128,
    pub span: u64,
}

/// What a `traceparent` says: where it comes from, and whether that is being recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    pub trace: Trace,
    pub sampled: bool,
}

impl Parent {
    /// Reads a `traceparent`. Of versions to come it reads what they share with this one.
    pub fn parse(text: &str) -> Option<Parent> {
        let mut parts = text.trim().split('-');
        let (version, id) = (parts.next()?, parts.next()?);
        let (span, flags) = (parts.next()?, parts.next()?);
        let ends = version != "00" || parts.next().is_none();
        if version.len() != 2 || version == "ff" || id.len() != 32 || span.len() != 16 || !ends {
            return None;
        }
        let lower =
            |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if flags.len() != 2 || ![version, id, span, flags].into_iter().all(lower) {
            return None;
        }
        let trace = Trace {
            id: u128::from_str_radix(id, 16).ok().filter(|id| *id != 0)?,
            span: u64::from_str_radix(span, 16).ok().filter(|span| *span != 0)?,
        };
        Some(Parent { trace, sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1 })
    }
}

impl Trace {
    /// The place that a `traceparent` names, if that is being recorded.
    pub fn recorded(traceparent: &str) -> Option<Trace> {
        Parent::parse(traceparent).filter(|parent| parent.sampled).map(|parent| parent.trace)
    }
}

impl std::fmt::Display for Trace {
    /// As a `traceparent` of something that is being recorded.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "00-{:032x}-{:016x}-01", self.id, self.span)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_parent_is_read_and_written_as_the_standard_says() {
        let parent = Parent::parse(GIVEN).unwrap();
        assert!(parent.sampled);
        assert_eq!(parent.trace.to_string(), GIVEN);
        let unsampled = GIVEN.replace("-01", "-00");
        assert!(!Parent::parse(&unsampled).unwrap().sampled);
        let later = GIVEN.replacen("00", "01", 1) + "-more";
        assert_eq!(Parent::parse(&later).unwrap().trace, parent.trace);
    }

    #[test]
    fn what_is_no_parent_is_none() {
        for text in [
            "",
            "00",
            "00-0-0-0",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(Parent::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_place_comes_out_as_it_went_in(id in 1u128.., span in 1u64..) {
            let trace = Trace { id, span };
            prop_assert_eq!(Trace::recorded(&trace.to_string()), Some(trace));
        }

        /// Strangers send these.
        #[test]
        fn whatever_is_said_is_read_or_is_none(
            text in prop_oneof![".*", "[0-9a-f+ -]{50,60}", "00-[0-9a-fé]{32}-[0-9a-f]{16}-0."],
        ) {
            if let Some(trace) = Trace::recorded(&text) {
                prop_assert!(trace.id != 0 && trace.span != 0);
            }
        }
    }
}
