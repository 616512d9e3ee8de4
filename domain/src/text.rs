//! Limits of what people type, and the one place where typed text is cleaned.

/// The longest message, in characters.
pub const MESSAGE_MAX_CHARS: usize = 8_000;
/// The longest name of a person, workspace or label, in characters.
pub const NAME_MAX_CHARS: usize = 80;
/// The longest e-mail address, in bytes (RFC 5321).
pub const EMAIL_MAX_BYTES: usize = 254;
/// The longest emoji of a reaction, in bytes: joined sequences with skin tones fit.
pub const EMOJI_MAX_BYTES: usize = 64;

/// Trims the ends, unifies line ends and drops control characters that no one can see.
pub fn clean(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let visible: String =
        unified.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    visible.trim().to_owned()
}

/// A name on one line, or `None` when nothing is left or it is too long.
pub fn name(text: &str) -> Option<String> {
    let one_line = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let length = one_line.chars().count();
    (1..=NAME_MAX_CHARS).contains(&length).then_some(one_line)
}

/// A plausible e-mail address in lower case: one `@`, a dot in the domain, no spaces.
/// Whether it receives mail is for a message to find out.
pub fn email(text: &str) -> Option<String> {
    let address = text.trim().to_lowercase();
    let (local, domain) = address.split_once('@')?;
    let plausible = !local.is_empty()
        && address.len() <= EMAIL_MAX_BYTES
        && domain.split('.').count() >= 2
        && domain.split('.').all(|part| !part.is_empty())
        && !domain.contains('@')
        && !address.chars().any(|c| c.is_whitespace() || c.is_control() || c == '<' || c == '>');
    plausible.then_some(address)
}

/// Whether `text` can serve as a reaction: short, visible and not a word.
pub fn is_emoji(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= EMOJI_MAX_BYTES
        && unicode_segmentation::UnicodeSegmentation::graphemes(text, true).count() == 1
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
        && text.chars().any(|c| !c.is_ascii_alphanumeric() && !c.is_alphabetic())
        && (!text.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_keeps_lines_and_drops_what_no_one_sees() {
        assert_eq!(clean("  a\r\nb\u{0}\u{7}c\t \n"), "a\nbc");
    }

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(name(" Ana \n María "), Some("Ana María".to_owned()));
        assert_eq!(name(" \u{0} "), None);
        assert_eq!(name(&"x".repeat(NAME_MAX_CHARS + 1)), None);
    }

    #[test]
    fn an_email_is_lowered_and_must_be_plausible() {
        assert_eq!(email(" Ana@Example.COM "), Some("ana@example.com".to_owned()));
        for bad in ["", "ana", "@b.c", "a@b", "a@b..c", "a b@c.d", "a@b@c.d", "a@.c"] {
            assert_eq!(email(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_reaction_is_one_emoji() {
        for good in ["👍", "❤️", "👩🏽‍🚀", "🇪🇸", "1️⃣"] {
            assert!(is_emoji(good), "{good}");
        }
        for bad in ["", "a", "ok", "é", "👍👍", " ", "7", "\u{0}"] {
            assert!(!is_emoji(bad), "{bad}");
        }
    }
}
