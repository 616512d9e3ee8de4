//! The settings of the platforms: our apps there, and where they are.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use switchboard_actors::accounts::{App, Platforms, Proxy};

use super::Config;

/// Our app at Meta, for WhatsApp, Messenger and Instagram.
#[derive(Debug, Clone)]
pub struct MetaConfig {
    pub app_id: String,
    pub app_secret: SecretString,
    /// What Meta says when it looks whether a webhook's address is ours.
    pub verify_token: SecretString,
    /// The part of the app that is for Instagram Login has an id and a secret of its own.
    pub instagram: Option<InstagramConfig>,
    /// The configuration of WhatsApp's Embedded Signup at the app.
    pub embedded_signup: Option<String>,
}

#[derive(Debug, Clone)]
pub struct InstagramConfig {
    pub app_id: String,
    pub app_secret: SecretString,
}

impl MetaConfig {
    /// The secrets that may have signed what Meta sends.
    pub fn secrets(&self) -> Vec<&str> {
        let instagram = self.instagram.iter().map(|app| app.app_secret.expose_secret());
        std::iter::once(self.app_secret.expose_secret()).chain(instagram).collect()
    }
}

/// Where the platforms are: addresses without a slash at their end.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Providers {
    pub graph: String,
    pub instagram_graph: String,
    pub instagram_api: String,
    pub telegram: String,
    pub facebook_sign_in: String,
    /// Whence the script comes that opens Embedded Signup's window.
    pub facebook_sdk: String,
    pub instagram_sign_in: String,
    /// `v26.0`
    pub graph_version: String,
    /// How long a sign is waited for that a message was sent whose call was never answered.
    pub uncertain_seconds: u32,
    /// Between two calls for what was written before an account was connected.
    pub history_pause_ms: u32,
}

impl Providers {
    /// What is wrong with them, each as a sentence.
    pub(super) fn check(&self) -> Vec<String> {
        let addresses = [
            ("graph", &self.graph),
            ("instagram_graph", &self.instagram_graph),
            ("instagram_api", &self.instagram_api),
            ("telegram", &self.telegram),
            ("facebook_sign_in", &self.facebook_sign_in),
            ("facebook_sdk", &self.facebook_sdk),
            ("instagram_sign_in", &self.instagram_sign_in),
        ];
        let bad = addresses.into_iter().filter(|(_, address)| !is_address(address));
        let mut wrong: Vec<String> = bad
            .map(|(name, address)| {
                format!(
                    "providers.{name} begins with https:// and has no slash at its end, unlike \
                     {address:?}"
                )
            })
            .collect();
        if !is_version(&self.graph_version) {
            wrong.push(format!(
                "providers.graph_version is such as v26.0, not {:?}",
                self.graph_version
            ));
        }
        wrong
    }
}

fn is_address(address: &str) -> bool {
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.ends_with('/'))
}

fn is_version(version: &str) -> bool {
    let numbers = version.strip_prefix('v').and_then(|rest| rest.split_once('.'));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    numbers.is_some_and(|(major, minor)| digits(major) && digits(minor))
}

impl Config {
    /// The platforms as actors know them. They reach us at `public_url`.
    pub fn platforms(&self, public_url: &str) -> Platforms {
        let app = |id: &String, secret: &SecretString| App {
            id: id.clone(),
            secret: secret.expose_secret().to_owned(),
        };
        let instagram = self.meta.as_ref().and_then(|meta| meta.instagram.as_ref());
        Platforms {
            graph: self.providers.graph.clone(),
            instagram_graph: self.providers.instagram_graph.clone(),
            instagram_api: self.providers.instagram_api.clone(),
            telegram: self.providers.telegram.clone(),
            graph_version: self.providers.graph_version.clone(),
            meta: self.meta.as_ref().map(|meta| app(&meta.app_id, &meta.app_secret)),
            instagram: instagram.map(|found| app(&found.app_id, &found.app_secret)),
            public_url: public_url.to_owned(),
            proxy: self.proxy.clone(),
            uncertain_grace: Duration::from_secs(self.providers.uncertain_seconds.into()),
            history_pause: Duration::from_millis(self.providers.history_pause_ms.into()),
            lease_seconds: self.accounts.lease_seconds,
        }
    }
}

/// The proxy that the environment names, in the usual words.
pub fn proxy(environment: &impl Fn(&str) -> Option<String>) -> Option<Proxy> {
    let first = |names: [&str; 4]| names.into_iter().find_map(environment);
    let url = first(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])?;
    let except = environment("NO_PROXY").or_else(|| environment("no_proxy"));
    Some(Proxy { url, except })
}

/// Our apps, as the environment says. Notes what is missing of one that is there in part.
pub(super) fn meta(
    environment: &impl Fn(&str) -> Option<String>,
    wrong: &mut Vec<String>,
) -> Option<MetaConfig> {
    let app = together(
        environment,
        ["SWITCHBOARD_META_APP_ID", "SWITCHBOARD_META_APP_SECRET", "SWITCHBOARD_META_VERIFY_TOKEN"],
        wrong,
    );
    let instagram = together(
        environment,
        ["SWITCHBOARD_INSTAGRAM_APP_ID", "SWITCHBOARD_INSTAGRAM_APP_SECRET"],
        wrong,
    );
    let instagram = instagram.map(|[app_id, secret]| InstagramConfig {
        app_id: app_id.trim().to_owned(),
        app_secret: secret.trim().into(),
    });
    let signup = environment("SWITCHBOARD_META_EMBEDDED_SIGNUP_ID").map(|id| id.trim().to_owned());
    if let Some(id) = &signup
        && (id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()))
    {
        wrong.push(format!("SWITCHBOARD_META_EMBEDDED_SIGNUP_ID is digits alone, not {id:?}"));
    }
    match app {
        Some([app_id, secret, verify_token]) => Some(MetaConfig {
            app_id: app_id.trim().to_owned(),
            app_secret: secret.trim().into(),
            verify_token: verify_token.trim().into(),
            instagram,
            embedded_signup: signup,
        }),
        None => {
            let parts = [
                ("SWITCHBOARD_INSTAGRAM_APP_ID", instagram.is_some()),
                ("SWITCHBOARD_META_EMBEDDED_SIGNUP_ID", signup.is_some()),
            ];
            let alone = environment("SWITCHBOARD_META_APP_ID").is_none();
            for (name, _) in parts.into_iter().filter(|(_, there)| *there && alone) {
                wrong.push(format!(
                    "{name} is part of an app at Meta: set SWITCHBOARD_META_APP_ID and what \
                     belongs to it as well"
                ));
            }
            None
        }
    }
}

/// The values of variables that are set together or not at all.
fn together<const N: usize>(
    environment: &impl Fn(&str) -> Option<String>,
    names: [&str; N],
    wrong: &mut Vec<String>,
) -> Option<[String; N]> {
    let values = names.map(environment);
    let there = values.iter().flatten().count();
    if there > 0 && there < N {
        let missing: Vec<&str> =
            names.iter().zip(&values).filter(|(_, v)| v.is_none()).map(|(n, _)| *n).collect();
        wrong.push(format!(
            "{} is not set; {} belong together",
            missing.join(", "),
            names.join(", ")
        ));
        return None;
    }
    values.into_iter().collect::<Option<Vec<_>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::super::ConfigError;
    use super::*;

    const APP: [(&str, &str); 3] = [
        ("SWITCHBOARD_META_APP_ID", "1180"),
        ("SWITCHBOARD_META_APP_SECRET", "s3cret"),
        ("SWITCHBOARD_META_VERIFY_TOKEN", "a word"),
    ];
    const INSTAGRAM: [(&str, &str); 2] =
        [("SWITCHBOARD_INSTAGRAM_APP_ID", "2290"), ("SWITCHBOARD_INSTAGRAM_APP_SECRET", "other")];

    fn config(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_parts(text, |name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_app_is_there_whole_or_not_at_all() {
        assert!(config("", &[]).unwrap().meta.is_none());
        let meta = config("", &APP).unwrap().meta.unwrap();
        assert_eq!((meta.app_id.as_str(), meta.secrets()), ("1180", vec!["s3cret"]));
        let both = config("", &[APP.as_slice(), &INSTAGRAM].concat()).unwrap().meta.unwrap();
        assert_eq!(both.secrets(), ["s3cret", "other"]);
        let signup = [("SWITCHBOARD_META_EMBEDDED_SIGNUP_ID", " 3045 ")];
        let with = config("", &[APP.as_slice(), &signup].concat()).unwrap().meta.unwrap();
        assert_eq!(with.embedded_signup.as_deref(), Some("3045"));
        for part in [&APP[..1], &APP[1..], &INSTAGRAM[..1], &INSTAGRAM[..], &signup] {
            let ConfigError(wrong) = config("", part).unwrap_err();
            assert_eq!(wrong.len(), 1, "{wrong:?}");
        }
        let named = [("SWITCHBOARD_META_EMBEDDED_SIGNUP_ID", "sign-up")];
        assert!(config("", &[APP.as_slice(), &named].concat()).is_err());
    }

    #[test]
    fn a_proxy_is_named_in_the_usual_words() {
        let named = |environment: &[(&str, &str)]| {
            let found = config("", environment).unwrap().platforms("").proxy;
            found.map(|proxy| (proxy.url, proxy.except))
        };
        assert_eq!(named(&[("HTTP_PROXY", "http://p:1")]), None);
        let (tls, all) = (("https_proxy", "http://p:1"), ("ALL_PROXY", "http://p:2"));
        assert_eq!(named(&[tls, all]), Some(("http://p:1".to_owned(), None)));
        let except = Some("localhost".to_owned());
        let all = named(&[all, ("NO_PROXY", "localhost")]);
        assert_eq!(all, Some(("http://p:2".to_owned(), except)));
    }

    #[test]
    fn the_platforms_are_where_they_are_unless_said_otherwise() {
        let usual = config("", &APP).unwrap().platforms("https://chat.example");
        assert_eq!(usual.graph, "https://graph.facebook.com");
        assert_eq!(usual.meta.map(|app| app.id).as_deref(), Some("1180"));
        let elsewhere = "[providers]\ngraph = \"http://127.0.0.1:9/graph\"";
        assert_eq!(config(elsewhere, &[]).unwrap().platforms("").graph, "http://127.0.0.1:9/graph");
        for bad in ["telegram = \"ftp://x\"", "graph = \"https://x/\"", "graph_version = \"26\""] {
            assert!(config(&format!("[providers]\n{bad}"), &[]).is_err(), "{bad}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let printed = format!("{:?}", config("", &APP).unwrap().meta);
        assert!(!printed.contains("s3cret") && !printed.contains("a word"), "{printed}");
    }
}
