//! What may be attached, and as what it is shown.

use serde::{Deserialize, Serialize};

/// The largest upload, in bytes.
pub const ATTACHMENT_MAX_BYTES: u64 = 25 * 1024 * 1024;
/// The most files one message carries.
pub const ATTACHMENTS_PER_MESSAGE: usize = 10;
/// The longest file name kept, in characters.
pub const FILE_NAME_MAX_CHARS: usize = 120;
/// Uploads never attached to a message are deleted after this many hours.
pub const ORPHAN_HOURS: i64 = 24;

/// How a file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    Image,
    Audio,
    Video,
    File,
}

impl AttachmentKind {
    pub const ALL: [AttachmentKind; 4] =
        [AttachmentKind::Image, AttachmentKind::Audio, AttachmentKind::Video, AttachmentKind::File];

    pub fn name(self) -> &'static str {
        match self {
            AttachmentKind::Image => "image",
            AttachmentKind::Audio => "audio",
            AttachmentKind::Video => "video",
            AttachmentKind::File => "file",
        }
    }

    pub fn parse(name: &str) -> Option<AttachmentKind> {
        AttachmentKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A type sniffed from a file's first bytes, never taken from its name or sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaType {
    pub mime: &'static str,
    pub kind: AttachmentKind,
    /// Whether a browser may render it in place. Everything else is downloaded.
    pub inline: bool,
}

const fn media(mime: &'static str, kind: AttachmentKind, inline: bool) -> MediaType {
    MediaType { mime, kind, inline }
}

/// The types that are kept under their own name. SVG and HTML run scripts and are not among them.
const KNOWN: [MediaType; 22] = [
    media("image/jpeg", AttachmentKind::Image, true),
    media("image/png", AttachmentKind::Image, true),
    media("image/gif", AttachmentKind::Image, true),
    media("image/webp", AttachmentKind::Image, true),
    media("image/avif", AttachmentKind::Image, true),
    media("image/heif", AttachmentKind::File, false),
    media("audio/mpeg", AttachmentKind::Audio, true),
    media("audio/ogg", AttachmentKind::Audio, true),
    media("audio/m4a", AttachmentKind::Audio, true),
    media("audio/x-wav", AttachmentKind::Audio, true),
    media("audio/aac", AttachmentKind::Audio, true),
    media("audio/opus", AttachmentKind::Audio, true),
    media("video/mp4", AttachmentKind::Video, true),
    media("video/webm", AttachmentKind::Video, true),
    media("video/quicktime", AttachmentKind::Video, true),
    media("application/pdf", AttachmentKind::File, false),
    media("application/zip", AttachmentKind::File, false),
    media(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        AttachmentKind::File,
        false,
    ),
    media(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        AttachmentKind::File,
        false,
    ),
    media(
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        AttachmentKind::File,
        false,
    ),
    media("application/msword", AttachmentKind::File, false),
    media("text/plain", AttachmentKind::File, false),
];

/// The type under which bytes sniffed as `mime` are kept and served; what is not known is an
/// opaque download.
pub fn media_type(mime: &str) -> MediaType {
    KNOWN.into_iter().find(|known| known.mime == mime).unwrap_or(media(
        "application/octet-stream",
        AttachmentKind::File,
        false,
    ))
}

/// The name a file is offered under: its last path part, visible, bounded, never empty.
pub fn file_name(offered: &str) -> String {
    let last = offered.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible: String =
        last.chars().filter(|c| !c.is_control() && !is_direction_override(*c)).collect();
    let trimmed = visible.trim().trim_start_matches('.');
    let Some(total) = Some(trimmed.chars().count()).filter(|n| *n > 0) else {
        return "file".to_owned();
    };
    // The end holds the extension, by which people and programs judge a file.
    trimmed.chars().skip(total.saturating_sub(FILE_NAME_MAX_CHARS)).collect()
}

/// Characters that make `gpj.exe` look like `exe.jpg`.
fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_can_run_scripts_is_an_opaque_download() {
        for mime in ["text/html", "image/svg+xml", "application/javascript", ""] {
            assert_eq!(media_type(mime).mime, "application/octet-stream");
            assert!(!media_type(mime).inline);
        }
        assert!(media_type("image/png").inline);
    }

    #[test]
    fn a_file_name_is_a_name_and_not_a_path() {
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("C:\\x\\a.png"), "a.png");
        assert_eq!(file_name("in\u{202e}gpj.exe"), "ingpj.exe");
        assert_eq!(file_name("\u{0} "), "file");
        assert_eq!(file_name("..."), "file");
        let long = format!("{}.pdf", "x".repeat(500));
        assert_eq!(file_name(&long).chars().count(), FILE_NAME_MAX_CHARS);
        assert!(file_name(&long).ends_with(".pdf"));
    }
}
