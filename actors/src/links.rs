//! Signed, expiring links to files. Pure functions of the time that is given.

use jiff::Timestamp;
use switchboard_domain::{AttachmentId, WorkspaceId};
use switchboard_store::seal::Key;

/// Links made within the same window are equal, so that browsers can cache what is behind them.
const WINDOW_SECONDS: i64 = 3_600;
/// Characters of the signature: 128 bits, URL-safe.
const SIGNATURE_BYTES: usize = 16;

/// Which form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    Full,
    Thumbnail,
}

impl Variant {
    pub fn name(self) -> &'static str {
        match self {
            Variant::Full => "full",
            Variant::Thumbnail => "thumb",
        }
    }

    pub fn parse(name: &str) -> Option<Variant> {
        [Variant::Full, Variant::Thumbnail].into_iter().find(|variant| variant.name() == name)
    }
}

/// Makes and checks links.
#[derive(Debug, Clone)]
pub struct Links {
    keys: Vec<Key>,
    public_url: String,
}

/// What a link claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    pub workspace: WorkspaceId,
    pub attachment: AttachmentId,
    pub variant: Variant,
    /// Unix seconds.
    pub expires: i64,
    /// In hex.
    pub signature: &'a str,
}

impl Links {
    /// The first of `keys` signs; all of them are accepted. At least one is needed.
    pub fn new(keys: Vec<Key>, public_url: impl Into<String>) -> Links {
        assert!(!keys.is_empty(), "links need a key to sign with");
        Links { keys, public_url: public_url.into() }
    }

    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// A link that lives one to two hours, the same throughout an hour.
    pub fn attachment_url(
        &self,
        now: Timestamp,
        workspace: WorkspaceId,
        attachment: AttachmentId,
        variant: Variant,
    ) -> String {
        let expires = (now.as_second().div_euclid(WINDOW_SECONDS) + 2) * WINDOW_SECONDS;
        let signature = signature(&self.keys[0], workspace, attachment, variant, expires);
        format!(
            "{}/api/v1/files/{attachment}?w={workspace}&v={}&e={expires}&s={signature}",
            self.public_url,
            variant.name(),
        )
    }

    /// Whether a link is one of ours and has not expired. Takes the same time wherever a forged
    /// signature differs.
    pub fn verify(&self, now: Timestamp, claim: Claim<'_>) -> bool {
        let genuine = self.keys.iter().fold(false, |genuine, key| {
            let expected =
                signature(key, claim.workspace, claim.attachment, claim.variant, claim.expires);
            genuine | same(expected.as_bytes(), claim.signature.as_bytes())
        });
        genuine && now.as_second() < claim.expires
    }
}

fn signature(
    key: &Key,
    workspace: WorkspaceId,
    attachment: AttachmentId,
    variant: Variant,
    expires: i64,
) -> String {
    let text = format!("{workspace}/{attachment}/{}/{expires}", variant.name());
    switchboard_store::seal::hex(&key.mac(text.as_bytes())[..SIGNATURE_BYTES])
}

fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HOUR: i64 = 3_600;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn links() -> Links {
        Links::new(vec![Key::from_bytes(&[7; 32]).unwrap()], "https://chat.example")
    }

    fn url(links: &Links, now: i64, variant: Variant) -> String {
        links.attachment_url(at(now), Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), variant)
    }

    fn claim(url: &str) -> Claim<'_> {
        let query = url.split_once('?').unwrap().1;
        let value =
            |name| query.split('&').find_map(|pair| pair.strip_prefix(name)).expect("a parameter");
        Claim {
            workspace: value("w=").parse().unwrap(),
            attachment: Uuid::from_u128(2).into(),
            variant: Variant::parse(value("v=")).unwrap(),
            expires: value("e=").parse().unwrap(),
            signature: value("s="),
        }
    }

    #[test]
    fn a_link_is_stable_within_the_hour_and_lives_one_to_two() {
        let links = links();
        let first = url(&links, 10 * HOUR, Variant::Full);
        assert_eq!(first, url(&links, 11 * HOUR - 1, Variant::Full));
        assert_ne!(first, url(&links, 11 * HOUR, Variant::Full));
        assert_eq!(claim(&first).expires, 12 * HOUR);
        assert!(links.verify(at(12 * HOUR - 1), claim(&first)));
        assert!(!links.verify(at(12 * HOUR), claim(&first)));
    }

    #[test]
    fn a_link_opens_nothing_else() {
        let links = links();
        let url = url(&links, HOUR, Variant::Thumbnail);
        let good = claim(&url);
        assert!(links.verify(at(HOUR), good));
        for bad in [
            Claim { variant: Variant::Full, ..good },
            Claim { workspace: Uuid::from_u128(9).into(), ..good },
            Claim { attachment: Uuid::from_u128(9).into(), ..good },
            Claim { expires: good.expires + 1, ..good },
            Claim { signature: "", ..good },
            Claim { signature: &good.signature[1..], ..good },
        ] {
            assert!(!links.verify(at(HOUR), bad), "{bad:?}");
        }
    }

    #[test]
    fn a_link_of_an_older_key_still_opens() {
        let old = links();
        let mine = url(&old, HOUR, Variant::Full);
        let rotated = Links::new(vec![Key::random(), old.keys[0].clone()], "https://chat.example");
        assert!(rotated.verify(at(HOUR), claim(&mine)));
        assert!(!Links::new(vec![Key::random()], "").verify(at(HOUR), claim(&mine)));
    }
}
