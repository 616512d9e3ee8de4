//! Who on the team may do what.

use serde::{Deserialize, Serialize};

/// A member's role. Each includes what the one before it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Agent,
    Admin,
    Owner,
}

/// What a role is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Read and answer conversations, edit contacts and apply labels.
    Converse,
    /// Remove what a colleague wrote.
    Moderate,
    /// Create, rename and delete labels.
    ManageLabels,
    /// Change the widget's looks, words and allowed origins.
    ManageWidget,
    /// Invite, re-role or remove a member that holds, or is to hold, this role.
    ManageMember(Role),
    /// Rename the workspace.
    ManageWorkspace,
    /// Connect and disconnect accounts, make templates, look at what could not be read.
    ManageChannels,
}

/// Whether a member with this role may do this.
pub fn permits(role: Role, action: Action) -> bool {
    match action {
        Action::Converse => true,
        Action::Moderate | Action::ManageLabels | Action::ManageWidget => role >= Role::Admin,
        // Admins look after agents and one another; only an owner makes or unmakes owners.
        Action::ManageMember(Role::Owner) => role == Role::Owner,
        Action::ManageMember(_) => role >= Role::Admin,
        Action::ManageWorkspace | Action::ManageChannels => role >= Role::Admin,
    }
}

/// The shortest password, in characters (NIST SP 800-63B asks for eight at the least).
pub const PASSWORD_MIN_CHARS: usize = 10;
/// The longest password, in bytes: hashing is linear in it.
pub const PASSWORD_MAX_BYTES: usize = 256;

/// Whether a new password is long enough, not too long and not the person's own name or address.
pub fn password_is_acceptable(password: &str, email: &str, name: &str) -> bool {
    let lowered = password.to_lowercase();
    password.chars().count() >= PASSWORD_MIN_CHARS
        && password.len() <= PASSWORD_MAX_BYTES
        && lowered != email.to_lowercase()
        && lowered != name.to_lowercase()
        && password.chars().collect::<std::collections::HashSet<_>>().len() > 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_owner_makes_or_unmakes_owners() {
        assert!(permits(Role::Owner, Action::ManageMember(Role::Owner)));
        assert!(!permits(Role::Admin, Action::ManageMember(Role::Owner)));
        assert!(permits(Role::Admin, Action::ManageMember(Role::Admin)));
        assert!(!permits(Role::Agent, Action::ManageMember(Role::Agent)));
    }

    #[test]
    fn an_agent_converses_and_manages_nothing() {
        assert!(permits(Role::Agent, Action::Converse));
        for action in
            [Action::Moderate, Action::ManageLabels, Action::ManageWidget, Action::ManageWorkspace]
        {
            assert!(!permits(Role::Agent, action), "{action:?}");
        }
    }

    #[test]
    fn a_password_is_long_varied_and_not_ones_name() {
        assert!(password_is_acceptable("correct horse", "a@b.co", "Ana"));
        for bad in ["short", "aaaaaaaaaaaa", "ana@example.com"] {
            assert!(!password_is_acceptable(bad, "ana@example.com", "Ana"), "{bad}");
        }
        assert!(!password_is_acceptable(&"ab1x".repeat(100), "a@b.co", "Ana"));
    }
}
