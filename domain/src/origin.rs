//! Which pages may carry a workspace's widget.

/// The most allowed origins of a workspace.
pub const ORIGINS_MAX: usize = 50;

/// A rule such as `https://shop.example` or `https://*.shop.example`, in its canonical form,
/// or `None` when it is not one.
pub fn rule(text: &str) -> Option<String> {
    let lowered = text.trim().trim_end_matches('/').to_lowercase();
    let (scheme, rest) = lowered.split_once("://")?;
    let host = rest.strip_prefix("*.").unwrap_or(rest);
    let (name, port) = host.split_once(':').map_or((host, None), |(n, p)| (n, Some(p)));
    let plausible = matches!(scheme, "http" | "https")
        && !name.is_empty()
        && name.split('.').all(|part| !part.is_empty())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
        && port.is_none_or(|p| p.parse::<u16>().is_ok());
    plausible.then(|| {
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let kept = rest.strip_suffix(default_port).unwrap_or(rest);
        format!("{scheme}://{kept}")
    })
}

/// Whether a page of `origin` may carry the widget. No rules means every page may, which is
/// how a workspace starts.
pub fn allows(rules: &[String], origin: &str) -> bool {
    rules.is_empty() || rule(origin).is_some_and(|origin| rules.iter().any(|r| matches(r, &origin)))
}

fn matches(rule: &str, origin: &str) -> bool {
    let Some((scheme, host)) = rule.split_once("://*.") else {
        return rule == origin;
    };
    origin.split_once("://").is_some_and(|(s, h)| {
        s == scheme && h.strip_suffix(host).is_some_and(|sub| sub.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_subdomains_and_nothing_else() {
        let rules = vec!["https://*.shop.example".to_owned()];
        assert!(allows(&rules, "https://www.shop.example"));
        assert!(!allows(&rules, "https://shop.example"));
        assert!(!allows(&rules, "https://evilshop.example"));
        assert!(!allows(&rules, "http://www.shop.example"));
        assert!(!allows(&rules, "https://www.shop.example.evil.example"));
        assert!(!allows(&rules, "null"));
    }

    #[test]
    fn a_rule_is_canonical_or_refused() {
        assert_eq!(rule(" HTTPS://Shop.Example:443/ "), Some("https://shop.example".to_owned()));
        assert_eq!(rule("http://localhost:3000"), Some("http://localhost:3000".to_owned()));
        for bad in ["shop.example", "ftp://a.b", "https://", "https://a b", "https://a:99999", "*"]
        {
            assert_eq!(rule(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_workspace_without_rules_is_open() {
        assert!(allows(&[], "https://anything.example"));
    }
}
