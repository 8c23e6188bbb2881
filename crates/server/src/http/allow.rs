//! Who may do what: the one place that decides.
//!
//! Everything that is not named here is refused.

/// Whose part somebody plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Anybody.
    Public,
    /// Somebody who entered the one-time code.
    Operator,
}

impl Role {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Operator => "operator",
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// In which part.
    pub role: Role,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Look at it.
    Read,
    /// Bring a file in.
    Import,
    /// Begin or end a session.
    SignIn,
}

impl Action {
    /// True when something changes, so that the request must come from our own pages or from no page at all.
    #[must_use]
    pub const fn changes(self) -> bool {
        !matches!(self, Self::Read)
    }
}

/// What it is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// Observations, judgements, figures, norms: what the law opens to everybody.
    OpenData,
    /// The tables that files come into.
    Tables,
    /// The asker's own session.
    Session,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allowed,
    /// Not without signing in.
    SignInFirst,
    /// Not at all.
    Refused,
}

/// Decides whether somebody may do something to something.
#[must_use]
pub const fn allow(subject: &Subject, action: Action, object: Object) -> Decision {
    match (subject.role, action, object) {
        (_, Action::Read, Object::OpenData)
        | (_, Action::SignIn, Object::Session)
        | (Role::Operator, Action::Import, Object::Tables) => Decision::Allowed,
        (Role::Public, Action::Import, Object::Tables) => Decision::SignInFirst,
        _ => Decision::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_refused() {
        let named = [
            (Role::Public, Action::Read, Object::OpenData, Decision::Allowed),
            (Role::Operator, Action::Read, Object::OpenData, Decision::Allowed),
            (Role::Public, Action::SignIn, Object::Session, Decision::Allowed),
            (Role::Operator, Action::SignIn, Object::Session, Decision::Allowed),
            (Role::Operator, Action::Import, Object::Tables, Decision::Allowed),
            (Role::Public, Action::Import, Object::Tables, Decision::SignInFirst),
        ];
        for role in [Role::Public, Role::Operator] {
            for action in [Action::Read, Action::Import, Action::SignIn] {
                for object in [Object::OpenData, Object::Tables, Object::Session] {
                    let expected = named
                        .iter()
                        .find(|row| (row.0, row.1, row.2) == (role, action, object))
                        .map_or(Decision::Refused, |row| row.3);
                    assert_eq!(allow(&Subject { role }, action, object), expected, "{role:?} {action:?} {object:?}");
                }
            }
        }
    }
}
