//! How traces cross the bus: beside what a letter tells, in the words in which W3C Trace Context
//! says it. Only what is recorded is carried.

use serde_json::value::RawValue;
use switchboard_domain::trace::Trace;

/// A letter holds the events of many commands. Of more that are recorded the rest end at this node.
const TRACES_MAX: usize = 16;

/// What a letter carries; nothing where nothing is recorded.
pub fn inject(traces: &[Trace]) -> Option<Box<RawValue>> {
    if traces.is_empty() {
        return None;
    }
    let parents: Vec<String> = traces.iter().take(TRACES_MAX).map(Trace::to_string).collect();
    serde_json::value::to_raw_value(&parents).ok()
}

/// The places that a letter names. What cannot be read is passed over: nobody misses more by it
/// than a part of a trace.
pub fn extract(carried: &str) -> Vec<Trace> {
    let parents: Vec<&str> = serde_json::from_str(carried).unwrap_or_default();
    parents.into_iter().filter_map(Trace::recorded).take(TRACES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_cannot_be_read_is_passed_over_alone() {
        let [unsampled, malformed] = [GIVEN.replace("-01", "-00"), GIVEN.replace("4bf9", "+bf9")];
        let carried = format!(r#"["{unsampled}","{malformed}","","{GIVEN}"]"#);
        assert_eq!(extract(&carried), [Trace::recorded(GIVEN).unwrap()]);
        for strange in ["", "null", "7", "{}", "[7]", "[[]]", GIVEN, r#"["\u0030"]"#] {
            assert!(extract(strange).is_empty(), "{strange}");
        }
    }

    #[test]
    fn what_is_not_recorded_takes_no_room_and_what_is_takes_no_more_than_this() {
        assert!(inject(&[]).is_none());
        let many: Vec<Trace> = (1..=100).map(|n| Trace { id: n, span: 1 }).collect();
        assert_eq!(extract(inject(&many).unwrap().get()), many[..TRACES_MAX]);
        let all: Vec<String> = many.iter().map(Trace::to_string).collect();
        assert_eq!(extract(&serde_json::to_string(&all).unwrap()), many[..TRACES_MAX]);
    }

    proptest! {
        #[test]
        fn traces_come_out_as_they_went_in(
            places in prop::collection::vec((1u128.., 1u64..), 1..=TRACES_MAX),
        ) {
            let traces: Vec<Trace> =
                places.into_iter().map(|(id, span)| Trace { id, span }).collect();
            prop_assert_eq!(extract(inject(&traces).unwrap().get()), traces);
        }

        #[test]
        fn whatever_is_carried_is_read_or_passed_over(
            carried in prop_oneof![".*", r#"\[("[0-9a-f-]{55}",?){0,20}\]?"#],
        ) {
            prop_assert!(extract(&carried).len() <= TRACES_MAX);
        }
    }
}
