//! Cuts long texts.

use unicode_segmentation::UnicodeSegmentation;

/// How Telegram counts, at most: UTF-16 units.
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Pieces of at most `limit` units that together are the text. Cut after white space in the last
/// quarter of a piece where there is any, else between what people see as characters.
pub fn split(text: &str, limit: usize) -> Vec<&str> {
    let mut pieces = vec![];
    let mut rest = text;
    while units(rest) > limit {
        let (piece, tail) = rest.split_at(cut(rest, limit));
        pieces.push(piece);
        rest = tail;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Where the first piece of a text that is too long ends; never at its start.
fn cut(text: &str, limit: usize) -> usize {
    let (mut position, mut end, mut blank) = (0, 0, None);
    for (start, grapheme) in text.grapheme_indices(true) {
        position += units(grapheme);
        if position > limit {
            break;
        }
        end = start + grapheme.len();
        if grapheme.chars().all(char::is_whitespace) && position > limit / 4 * 3 {
            blank = Some(end);
        }
    }
    match blank.unwrap_or(end) {
        0 => within_a_grapheme(text, limit),
        end => end,
    }
}

/// A single "character" longer than the limit is not one that people see.
fn within_a_grapheme(text: &str, limit: usize) -> usize {
    let mut position = 0;
    let mut fits = text.char_indices().take_while(|(_, character)| {
        position += character.len_utf16();
        position <= limit
    });
    fits.by_ref().last().map_or(text.len(), |(start, character)| start + character.len_utf8())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_limit_itself_fits() {
        let text = "x".repeat(4096);
        assert_eq!(split(&text, 4096), [text.as_str()]);
        let text = "😀".repeat(2049);
        assert_eq!(
            split(&text, 4096).iter().map(|piece| units(piece)).collect::<Vec<_>>(),
            [4096, 2]
        );
    }

    #[test]
    fn words_stay_whole_near_the_end_of_a_piece() {
        assert_eq!(split("one two three", 10), ["one two ", "three"]);
        assert_eq!(split("one twothree", 10), ["one twothr", "ee"]);
    }

    #[test]
    fn what_looks_like_one_character_stays_one() {
        assert_eq!(split("ab👩🏽‍🚀cd", 8), ["ab", "👩🏽‍🚀c", "d"]);
        let endless = format!("a{}", "\u{301}".repeat(9));
        assert_eq!(split(&endless, 5).concat(), endless);
    }

    proptest! {
        #[test]
        fn pieces_fit_and_make_the_text_again(text in "\\PC{0,60}", limit in 2usize..12) {
            let pieces = split(&text, limit);
            prop_assert_eq!(pieces.concat(), text.as_str());
            prop_assert!(pieces.iter().all(|piece| (1..=limit).contains(&units(piece))));
        }
    }
}
