//! How much of its budget an account has used up, as the headers of a reply tell.

use serde_json::Value;

/// The highest percentage, and the minutes until calls are allowed again. `headers` are names in
/// any case and their values; those that say nothing of it are passed over.
pub fn usage<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> (Option<u32>, Option<u32>) {
    let mut usage = (None, None);
    for (name, value) in headers {
        if !is_usage(name) {
            continue;
        }
        let Ok(value) = serde_json::from_str::<Value>(value) else { continue };
        // Of an app or a Page: the figures. Of a business: lists of figures by account.
        add(&mut usage, &value);
        for figures in value.as_object().into_iter().flat_map(|accounts| accounts.values()) {
            figures.as_array().into_iter().flatten().for_each(|figures| add(&mut usage, figures));
        }
    }
    usage
}

fn is_usage(name: &str) -> bool {
    ["x-app-usage", "x-page-usage", "x-business-use-case-usage"]
        .iter()
        .any(|usage| usage.eq_ignore_ascii_case(name))
}

fn add(usage: &mut (Option<u32>, Option<u32>), figures: &Value) {
    for key in ["call_count", "total_time", "total_cputime"] {
        usage.0 = usage.0.max(number(figures, key));
    }
    let regain = number(figures, "estimated_time_to_regain_access").filter(|minutes| *minutes > 0);
    usage.1 = usage.1.max(regain);
}

/// Percentages may have a fraction; it counts as used.
fn number(figures: &Value, key: &str) -> Option<u32> {
    let number = figures.get(key)?.as_f64()?.ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    (number >= 0.0).then_some(number as u32)
}
