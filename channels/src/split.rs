//! Long text in pieces that a platform takes.

use unicode_segmentation::UnicodeSegmentation;

/// Cuts text into pieces of at most `limit`, as `measure` counts (characters, bytes, UTF-16 units).
/// Joined they are the text again. Cuts between lines where that leaves more than half of a piece,
/// else between words, else between what people see as one character; inside of that only when it
/// alone is longer than a piece.
pub(crate) fn split(text: &str, limit: usize, measure: impl Fn(&str) -> usize) -> Vec<&str> {
    let mut pieces = vec![];
    let mut rest = text;
    while measure(rest) > limit {
        let (piece, after) = rest.split_at(cut(rest, limit, &measure));
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Where the first piece of a text that is too long ends; never at its beginning.
fn cut(text: &str, limit: usize, measure: impl Fn(&str) -> usize) -> usize {
    let (mut used, mut end, mut line, mut word) = (0, 0, 0, 0);
    for (at, cluster) in text.grapheme_indices(true) {
        used += measure(cluster);
        if used > limit {
            break;
        }
        end = at + cluster.len();
        if cluster.chars().all(char::is_whitespace) {
            word = end;
        }
        if cluster.ends_with('\n') {
            line = end;
        }
    }
    match (line, word, end) {
        (line, _, end) if line > end / 2 => line,
        (_, 1.., _) => word,
        (_, _, 1..) => end,
        _ => inside_cluster(text, limit, measure),
    }
}

fn inside_cluster(text: &str, limit: usize, measure: impl Fn(&str) -> usize) -> usize {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let mut end = text.chars().next().map_or(0, char::len_utf8);
    for candidate in ends.take_while(|end| measure(&text[..*end]) <= limit) {
        end = candidate;
    }
    end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chars(text: &str) -> usize {
        text.chars().count()
    }

    #[test]
    fn lines_come_before_words_and_words_before_characters() {
        assert_eq!(split("one two\nthree", 10, chars), ["one two\n", "three"]);
        assert_eq!(split("a\nbcd efg hij", 10, chars), ["a\nbcd efg ", "hij"]);
        assert_eq!(split("abcdefghij", 4, chars), ["abcd", "efgh", "ij"]);
        assert_eq!(split("exactly10!", 10, chars), ["exactly10!"]);
        assert!(split("", 10, chars).is_empty());
    }

    #[test]
    fn what_people_see_as_one_character_stays_whole() {
        assert_eq!(split("👩🏽‍🚀👩🏽‍🚀", 20, str::len), ["👩🏽‍🚀", "👩🏽‍🚀"]);
        assert_eq!(split("ab👩🏽‍🚀", 4, chars), ["ab", "👩🏽‍🚀"]);
        // Unless it alone is too long.
        let tower = format!("e{}", "\u{301}".repeat(9));
        assert_eq!(split(&tower, 4, chars).iter().map(|p| chars(p)).collect::<Vec<_>>(), [4, 4, 2]);
    }

    proptest! {
        #[test]
        fn pieces_fit_and_are_the_text_again(
            text in "(\\PC|[ \n]|👩🏽‍🚀|🇪🇸|é){0,200}", limit in 8usize..40, by in 0usize..3,
        ) {
            let measure = |text: &str| match by {
                0 => text.chars().count(),
                1 => text.len(),
                _ => text.encode_utf16().count(),
            };
            let pieces = split(&text, limit, measure);
            prop_assert_eq!(pieces.concat(), text.clone());
            let mut at = 0;
            for piece in pieces {
                prop_assert!(!piece.is_empty() && measure(piece) <= limit);
                let whole = text.grapheme_indices(true).any(|(start, _)| start == at);
                let huge = text.graphemes(true).any(|cluster| measure(cluster) > limit);
                prop_assert!(whole || huge, "cut at {at}");
                at += piece.len();
            }
        }
    }
}
