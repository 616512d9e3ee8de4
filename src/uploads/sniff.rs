//! What a file is, judged by its bytes. Its name and what its sender says are not asked.

use switchboard_domain::MediaType;
use switchboard_domain::attachment::media_type;

/// The first bytes that are looked at: enough to tell the kinds of archives apart.
pub const HEAD_BYTES: usize = 64 * 1024;

/// Watches a file go by.
#[derive(Debug, Default)]
pub struct Sniffer {
    head: Vec<u8>,
    text: TextCheck,
    size: u64,
}

impl Sniffer {
    pub fn see(&mut self, bytes: &[u8]) {
        let room = HEAD_BYTES - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.text.see(bytes);
        self.size += bytes.len() as u64;
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// The verdict on what went by.
    pub fn media_type(&self) -> MediaType {
        match infer::get(&self.head) {
            // Markup is text to us; as such it is never rendered.
            Some(known) if known.matcher_type() != infer::MatcherType::Text => {
                media_type(known.mime_type())
            }
            _ if self.text.holds() => media_type("text/plain"),
            _ => media_type(""),
        }
    }
}

/// Whether all bytes are legible UTF-8.
#[derive(Debug, Default)]
struct TextCheck {
    broken: bool,
    /// The beginning of a character whose end is still to come.
    partial: Vec<u8>,
}

impl TextCheck {
    fn see(&mut self, bytes: &[u8]) {
        if self.broken
            || bytes.iter().any(|b| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c))
        {
            self.broken = true;
            return;
        }
        let mut bytes = bytes;
        while !self.partial.is_empty() {
            let Some((first, rest)) = bytes.split_first() else { return };
            self.partial.push(*first);
            bytes = rest;
            match std::str::from_utf8(&self.partial) {
                Ok(_) => self.partial.clear(),
                Err(error) if error.error_len().is_none() => {}
                Err(_) => {
                    self.broken = true;
                    return;
                }
            }
        }
        if let Err(error) = std::str::from_utf8(bytes) {
            match error.error_len() {
                None => self.partial = bytes[error.valid_up_to()..].to_vec(),
                Some(_) => self.broken = true,
            }
        }
    }

    fn holds(&self) -> bool {
        !self.broken && self.partial.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniff(bytes: &[u8], step: usize) -> &'static str {
        let mut sniffer = Sniffer::default();
        bytes.chunks(step).for_each(|part| sniffer.see(part));
        assert_eq!(sniffer.size(), bytes.len() as u64);
        sniffer.media_type().mime
    }

    #[test]
    fn bytes_decide_and_not_names() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        for (bytes, mime) in [
            (&png[..], "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"%PDF-1.7\n\xe2\xe3", "application/pdf"),
            ("héllo — wörld 👋\n".as_bytes(), "text/plain"),
            (b"<!doctype html><script>alert(1)</script>", "text/plain"),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "text/plain"),
            (b"#!/bin/sh\nrm -rf /\n", "text/plain"),
            (b"MZ\x90\0\x03\0\0\0", "application/octet-stream"),
            (b"\x7fELF\x02\x01\x01\0", "application/octet-stream"),
            (b"text \0 with a zero", "application/octet-stream"),
            (b"caf\xe9 in latin-1", "application/octet-stream"),
            (b"cut off \xe2\x82", "application/octet-stream"),
        ] {
            for step in [1, 2, 3, 7, 1_000] {
                assert_eq!(sniff(bytes, step), mime, "{bytes:?} by {step}");
            }
        }
    }
}
