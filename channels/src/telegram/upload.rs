//! As what a file of ours is sent.

use crate::outgoing::PostFile;

/// The largest photo, and the largest file of any other kind.
const PHOTO_MAX: u64 = 10 * 1024 * 1024;
pub const FILE_MAX: u64 = 50 * 1024 * 1024;

/// The methods that send a file, each with rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Photo,
    Animation,
    Video,
    Voice,
    Audio,
    Document,
}

impl Form {
    /// What Telegram shows a file as best. What it would not take as that is a document.
    pub fn of(file: &PostFile) -> Form {
        match file.mime.as_str() {
            "image/jpeg" | "image/png" | "image/webp" if file.size <= PHOTO_MAX => Form::Photo,
            "image/gif" => Form::Animation,
            "video/mp4" => Form::Video,
            "audio/ogg" | "audio/opus" | "audio/mpeg" | "audio/m4a" | "audio/mp4" if file.voice => {
                Form::Voice
            }
            "audio/mpeg" | "audio/m4a" | "audio/mp4" => Form::Audio,
            _ => Form::Document,
        }
    }

    pub fn method(self) -> &'static str {
        match self {
            Form::Photo => "sendPhoto",
            Form::Animation => "sendAnimation",
            Form::Video => "sendVideo",
            Form::Voice => "sendVoice",
            Form::Audio => "sendAudio",
            Form::Document => "sendDocument",
        }
    }

    /// The parameter that carries the file; also its type in an album.
    pub fn name(self) -> &'static str {
        match self {
            Form::Photo => "photo",
            Form::Animation => "animation",
            Form::Video => "video",
            Form::Voice => "voice",
            Form::Audio => "audio",
            Form::Document => "document",
        }
    }

    /// Whether both can be in one album.
    pub fn goes_with(self, other: Form) -> bool {
        let visual = |form| matches!(form, Form::Photo | Form::Video);
        let alike = self == other && matches!(self, Form::Audio | Form::Document);
        alike || visual(self) && visual(other)
    }
}
