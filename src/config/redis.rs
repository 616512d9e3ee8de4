//! The settings of what nodes tell one another through.

use std::path::PathBuf;

use serde::Deserialize;
use switchboard_actors::bus::redis::Address;

use super::named;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Redis {
    url: String,
    /// Certificates in PEM; none for those that the world trusts.
    ca_file: PathBuf,
}

/// The servers, of which the environment knows better than the file. Notes what is wrong.
pub(super) fn check(
    redis: &Redis,
    environment: &impl Fn(&str) -> Option<String>,
    wrong: &mut Vec<String>,
) -> Vec<Address> {
    let url = environment("REDIS_URL").unwrap_or_else(|| redis.url.clone());
    if url.trim().is_empty() {
        return vec![];
    }
    let ca = match redis.ca_file.as_os_str().is_empty() {
        true => None,
        false => match std::fs::read(&redis.ca_file) {
            Ok(ca) => Some(ca),
            Err(error) => {
                let path = redis.ca_file.display();
                wrong.push(format!("redis.ca_file: {path} could not be read: {error}"));
                return vec![];
            }
        },
    };
    Address::parse_all(&url, ca.as_deref()).unwrap_or_else(|error| {
        wrong.push(format!("{} cannot be used: {error}", named("redis.url", "REDIS_URL")));
        vec![]
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Config, ConfigError};

    fn config(text: &str, url: Option<&str>) -> Result<Config, ConfigError> {
        let url = url.map(str::to_owned);
        Config::from_parts(text, |name| url.clone().filter(|_| name == "REDIS_URL"))
    }

    #[test]
    fn redis_is_where_the_environment_or_the_file_says_or_nowhere() {
        let shown = |config: Config| format!("{:?}", config.redis);
        assert_eq!(shown(config("", None).unwrap()), "[]");
        let file = "[redis]\nurl = \"redis://one:1\"";
        assert_eq!(shown(config(file, None).unwrap()), "[one:1]");
        let several = "redis://:secret@two:2,redis://three:3";
        assert_eq!(shown(config(file, Some(several)).unwrap()), "[two:2, three:3]");
    }

    #[test]
    fn a_wrong_address_is_said_without_its_password() {
        let ConfigError(wrong) = config("", Some("redis//:secret@host")).unwrap_err();
        assert!(wrong[0].contains("REDIS_URL"), "{wrong:?}");
        assert!(!wrong[0].contains("secret"), "{wrong:?}");
        let file = "[redis]\nurl = \"rediss://one\"\nca_file = \"/nowhere\"";
        let ConfigError(wrong) = config(file, None).unwrap_err();
        assert!(wrong[0].contains("/nowhere"), "{wrong:?}");
    }
}
