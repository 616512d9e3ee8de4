//! Values of request bodies that several endpoints ask for, cleaned or refused by name.

use switchboard_domain::person::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS, password_is_acceptable};
use switchboard_domain::text::{self, NAME_MAX_CHARS};

use super::problem::{Failure, Result};

pub fn name(field: &str, value: &str) -> Result<String> {
    text::name(value).ok_or_else(|| {
        Failure::field(field, format!("between 1 and {NAME_MAX_CHARS} characters are needed"))
    })
}

pub fn email(value: &str) -> Result<String> {
    text::email(value).ok_or_else(|| Failure::field("email", "this is not an e-mail address"))
}

/// A new password of the person with this address and name.
pub fn password(field: &str, value: &str, email: &str, name: &str) -> Result<()> {
    if password_is_acceptable(value, email, name) {
        return Ok(());
    }
    Err(Failure::field(
        field,
        format!(
            "a password has at least {PASSWORD_MIN_CHARS} characters and at most \
             {PASSWORD_MAX_BYTES} bytes, and is neither your name or address nor a few \
             characters repeated"
        ),
    ))
}

/// `#rrggbb`, in lower case.
pub fn color(field: &str, value: &str) -> Result<String> {
    let lowered = value.trim().to_lowercase();
    let digits = lowered.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(lowered);
    }
    Err(Failure::field(field, "a colour is written #rrggbb"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_digits() {
        assert_eq!(color("color", " #2F5BEA ").ok().as_deref(), Some("#2f5bea"));
        for bad in ["", "#", "#12345", "#1234567", "123456", "#12345g", "red", "#ééé"] {
            let refused = color("look.color", bad).unwrap_err();
            assert_eq!(refused.problem().field.as_deref(), Some("look.color"), "{bad}");
        }
    }

    #[test]
    fn the_field_at_fault_is_named() {
        assert_eq!(
            name("workspace", " ").unwrap_err().problem().field.as_deref(),
            Some("workspace")
        );
        assert_eq!(email("x").unwrap_err().problem().field.as_deref(), Some("email"));
        let refused = password("new_password", "short", "a@b.co", "Ana").unwrap_err();
        assert_eq!(refused.problem().field.as_deref(), Some("new_password"));
    }
}
