//! Splits text into the words that search knows: lower case, without accents, in any script.
//! Runs of Han, Hiragana and Katakana have no spaces, so each pair of neighbours is a word too.

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// The most words one message is found by.
pub const WORDS_MAX: usize = 512;
/// Words longer than this, in characters, are cut: a pasted blob is not a word.
pub const WORD_MAX_CHARS: usize = 40;

/// The distinct words of `text`, sorted, at most [`WORDS_MAX`].
pub fn words(text: &str) -> Vec<String> {
    let folded: String =
        text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let mut found = BTreeSet::new();
    let mut previous: Option<(usize, char)> = None;
    for (start, word) in folded.unicode_word_indices() {
        if found.len() >= WORDS_MAX {
            break;
        }
        let ideograph = single_char(word).filter(|c| is_unspaced(*c));
        if let Some(this) = ideograph {
            if let Some((at, before)) = previous
                && at + before.len_utf8() == start
            {
                found.insert(format!("{before}{this}"));
            }
            previous = Some((start, this));
        }
        found.insert(word.chars().take(WORD_MAX_CHARS).collect());
    }
    found.into_iter().take(WORDS_MAX).collect()
}

fn single_char(word: &str) -> Option<char> {
    let mut chars = word.chars();
    chars.next().filter(|_| chars.next().is_none())
}

fn is_unspaced(c: char) -> bool {
    matches!(c as u32, 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0x20000..=0x2fa1f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_ignore_case_accents_and_punctuation() {
        assert_eq!(words("¿Dónde está MI pedido? mi PEDIDO!"), ["donde", "esta", "mi", "pedido"]);
    }

    #[test]
    fn chinese_is_found_by_characters_and_pairs() {
        assert_eq!(words("订单号"), ["单", "单号", "号", "订", "订单"]);
    }

    #[test]
    fn a_pasted_blob_stays_bounded() {
        assert_eq!(words(&"x".repeat(10_000)), ["x".repeat(WORD_MAX_CHARS)]);
        let many: String = (0..5_000).map(|i| format!("w{i} ")).collect();
        assert_eq!(words(&many).len(), WORDS_MAX);
    }
}
