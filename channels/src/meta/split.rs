//! Cuts a long text into messages.

use unicode_segmentation::UnicodeSegmentation;

/// Pieces of at most `max` by `measure`, which together are the text. Cut after white space where
/// there is some in the last quarter of a piece, and never inside of what a person sees as one
/// character, unless that alone is too long.
pub(crate) fn split(text: &str, max: usize, measure: fn(&str) -> usize) -> Vec<String> {
    let mut pieces = vec![];
    let mut piece = Piece::default();
    for cluster in text.graphemes(true).flat_map(|cluster| small(cluster, max, measure)) {
        let size = measure(cluster);
        if piece.size + size > max {
            pieces.push(piece.cut(max));
        }
        piece.push(cluster, size);
    }
    if !piece.text.is_empty() {
        pieces.push(piece.text);
    }
    pieces
}

/// A cluster, or its characters when it does not fit anywhere.
fn small(cluster: &str, max: usize, measure: fn(&str) -> usize) -> Vec<&str> {
    match measure(cluster) <= max {
        true => vec![cluster],
        false => cluster.split_inclusive(|_: char| true).collect(),
    }
}

#[derive(Default)]
struct Piece {
    text: String,
    size: usize,
    /// Where the last white space ended: bytes and size.
    space: Option<(usize, usize)>,
}

impl Piece {
    fn push(&mut self, cluster: &str, size: usize) {
        self.text.push_str(cluster);
        self.size += size;
        if cluster.chars().all(char::is_whitespace) {
            self.space = Some((self.text.len(), self.size));
        }
    }

    /// Takes what is sent now, and keeps what follows the last white space.
    fn cut(&mut self, max: usize) -> String {
        let (bytes, size) = match self.space {
            Some((bytes, size)) if size >= max - max / 4 => (bytes, size),
            _ => (self.text.len(), self.size),
        };
        let rest = self.text.split_off(bytes);
        let rest = Piece { size: self.size - size, text: rest, space: None };
        std::mem::replace(self, rest).text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chars(text: &str) -> usize {
        text.chars().count()
    }

    #[test]
    fn a_text_is_cut_at_its_limit_and_not_before() {
        assert_eq!(split("", 10, str::len), Vec::<String>::new());
        assert_eq!(split(&"x".repeat(10), 10, str::len), ["x".repeat(10)]);
        assert_eq!(split(&"x".repeat(11), 10, str::len), ["x".repeat(10), "x".to_owned()]);
        assert_eq!(split("ééééé", 10, str::len), ["ééééé"]);
        assert_eq!(split("éééééa", 10, str::len), ["ééééé", "a"]);
        assert_eq!(split("éééééa", 6, chars), ["éééééa"]);
    }

    #[test]
    fn a_text_is_cut_after_white_space_that_is_near_the_limit() {
        assert_eq!(split("12345678 abc", 10, str::len), ["12345678 ", "abc"]);
        assert_eq!(split("12 45678abc", 10, str::len), ["12 45678ab", "c"]);
    }

    #[test]
    fn what_is_seen_as_one_character_is_not_cut() {
        let family = "👩‍👩‍👧‍👦";
        assert_eq!(split(&format!("abcdefg{family}"), 30, str::len), ["abcdefg", family]);
        assert_eq!(split("a\r\nb", 2, str::len), ["a", "\r\n", "b"]);
        // No message could hold it whole.
        assert_eq!(split(family, 8, str::len).concat(), family);
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text_and_fit(
            text in "[a-z é\n👩🏽‍\u{301}]{0,80}", max in 8usize..40,
        ) {
            for measure in [str::len as fn(&str) -> usize, chars] {
                let pieces = split(&text, max, measure);
                prop_assert_eq!(pieces.concat(), text.as_str());
                prop_assert!(pieces.iter().all(|piece| measure(piece) <= max && !piece.is_empty()));
            }
        }
    }
}
