//! Where calls go: the platforms' addresses, and those that platforms name.

use reqwest::Url;
use switchboard_channels::account::Credentials;
use switchboard_channels::{Auth, Base, Request};
use switchboard_domain::AccountKind;

use super::http::CallError;
use super::{App, Platforms, guard};

impl Platforms {
    pub(super) fn bases(&self) -> [&str; 4] {
        [&self.graph, &self.instagram_graph, &self.instagram_api, &self.telegram]
    }

    /// The app by which an account of this kind is reached.
    pub fn app_of(&self, kind: AccountKind) -> Option<&App> {
        match kind {
            AccountKind::InstagramLogin => self.instagram.as_ref(),
            AccountKind::WhatsappNumber
            | AccountKind::FacebookPage
            | AccountKind::InstagramPage => self.meta.as_ref(),
            AccountKind::TelegramBot => None,
        }
    }
}

/// Whether an address is on this machine.
pub(super) fn is_here(url: &str) -> bool {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str);
    matches!(host, Some("localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]" | "[::]"))
}

/// The whole address of a request, without its query.
pub(super) fn url(
    platforms: &Platforms,
    credentials: &Credentials,
    request: &Request,
) -> Result<Url, CallError> {
    let path = &request.path;
    let version = &platforms.graph_version;
    let text = match (&request.base, request.auth) {
        (Base::Graph, _) => format!("{}/{version}{path}", platforms.graph),
        (Base::GraphUnversioned, _) => format!("{}{path}", platforms.graph),
        (Base::InstagramGraph, _) => format!("{}/{version}{path}", platforms.instagram_graph),
        (Base::InstagramGraphUnversioned, _) => format!("{}{path}", platforms.instagram_graph),
        (Base::InstagramApi, _) => format!("{}{path}", platforms.instagram_api),
        (Base::Telegram, Auth::FilePath) => {
            format!("{}/file/bot{}{path}", platforms.telegram, credentials.token)
        }
        (Base::Telegram, _) => format!("{}/bot{}{path}", platforms.telegram, credentials.token),
        (Base::Given(url), _) => url.clone(),
    };
    Url::parse(&text).map_err(|_| CallError::Impossible("the address is not one".to_owned()))
}

/// Names are checked when they are resolved; an address that is written out is checked here.
pub(super) fn check_given(url: &Url) -> Result<(), CallError> {
    let refused = |why: &str| Err(CallError::Impossible(why.to_owned()));
    if url.scheme() != "https" {
        return refused("the platform named an address without https");
    }
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
    match literal {
        Ok(ip) if !guard::is_public(ip) => {
            refused("the platform named an address that is not public")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials {
            kind: AccountKind::TelegramBot,
            id: "7".to_owned(),
            other_id: None,
            parent: None,
            token: "7:secret".to_owned(),
            token_expires_at: None,
            token_given_at: None,
            connected_by: None,
            hook_secret: None,
            pin: None,
        }
    }

    fn address(base: Base, path: &str, auth: Auth) -> String {
        let request = Request::get(base, path).auth(auth);
        url(&Platforms::default(), &credentials(), &request).expect("an address").to_string()
    }

    #[test]
    fn each_base_has_its_address() {
        for (base, path, auth, expected) in [
            (Base::Graph, "/me", Auth::Bearer, "https://graph.facebook.com/v26.0/me"),
            (Base::GraphUnversioned, "/oauth/x", Auth::None, "https://graph.facebook.com/oauth/x"),
            (Base::InstagramGraph, "/me", Auth::Bearer, "https://graph.instagram.com/v26.0/me"),
            (Base::InstagramApi, "/oauth", Auth::None, "https://api.instagram.com/oauth"),
            (Base::Telegram, "/getMe", Auth::Path, "https://api.telegram.org/bot7:secret/getMe"),
            (
                Base::Telegram,
                "/photos/1.jpg",
                Auth::FilePath,
                "https://api.telegram.org/file/bot7:secret/photos/1.jpg",
            ),
        ] {
            assert_eq!(address(base, path, auth), expected);
        }
    }

    #[test]
    fn an_address_that_a_platform_names_is_public_and_https() {
        let check = |text: &str| check_given(&Url::parse(text).expect("an address"));
        assert_eq!(check("https://lookaside.fbsbx.com/x?y"), Ok(()));
        assert_eq!(check("https://157.240.1.1/x"), Ok(()));
        for bad in [
            "http://lookaside.fbsbx.com/x",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://0x7f.1/x",
            "https://169.254.169.254/latest/meta-data",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
