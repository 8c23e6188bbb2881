//! Who may do what: the one place that decides.
//!
//! Everything that is not named here is refused.

/// Whose part somebody plays. Everybody is the public; whoever signed in plays further parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Anybody.
    Public,
    /// Somebody at the console, who entered the one-time code.
    Operator,
    /// 经办人: keeps cases, signs judgements, answers objections.
    Officer,
    /// 版本管理员: checks, publishes and ends editions.
    Editor,
    /// 系统管理员: makes accounts.
    Administrator,
}

impl Role {
    /// The roles that an account may have.
    pub const OF_ACCOUNTS: [Self; 3] = [Self::Officer, Self::Editor, Self::Administrator];

    /// Its name on the wire and in the records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Operator => "operator",
            Self::Officer => "officer",
            Self::Editor => "editor",
            Self::Administrator => "administrator",
        }
    }

    /// The role of an account with a name; a name that no role has gives nobody anything.
    #[must_use]
    pub fn of_account(name: &str) -> Option<Self> {
        Self::OF_ACCOUNTS.into_iter().find(|role| role.name() == name)
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'a> {
    /// In which parts, beside that of the public.
    pub roles: &'a [Role],
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
    /// Keep something new.
    Keep,
    /// Put one's name to it.
    Sign,
    /// Take the next step of it.
    Decide,
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
    /// Accounts of others.
    Accounts,
    /// Screening cases and follow-up evaluations.
    Cases,
    /// Officials' judgements.
    Judgements,
    /// Objections to data.
    Objections,
    /// Editions of the zoning map and their states.
    Editions,
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
pub fn allow(subject: &Subject<'_>, action: Action, object: Object) -> Decision {
    if open_to_all(action, object) || subject.roles.iter().any(|role| may(*role, action, object)) {
        return Decision::Allowed;
    }
    let anybody = [Role::Operator, Role::Officer, Role::Editor, Role::Administrator];
    if subject.roles.is_empty() && anybody.iter().any(|role| may(*role, action, object)) {
        return Decision::SignInFirst;
    }
    Decision::Refused
}

const fn open_to_all(action: Action, object: Object) -> bool {
    matches!(
        (action, object),
        (Action::Read, Object::OpenData) | (Action::SignIn, Object::Session) | (Action::Keep, Object::Objections)
    )
}

/// What a role may do beside what all may. Nobody signs by the one-time code: a signature is a person's.
const fn may(role: Role, action: Action, object: Object) -> bool {
    use Action::{Decide, Import, Keep, Read, Sign};
    use Object::{Accounts, Cases, Editions, Judgements, Objections, Tables};
    match role {
        Role::Public => false,
        Role::Operator => matches!(
            (action, object),
            (Import, Tables)
                | (Read | Keep, Cases | Accounts)
                | (Read | Decide, Objections | Editions)
                | (Decide, Accounts)
        ),
        Role::Officer => {
            matches!((action, object), (Read | Keep, Cases) | (Sign, Judgements) | (Read | Decide, Objections))
        }
        Role::Editor => matches!((action, object), (Read, Cases) | (Read | Decide, Objections | Editions)),
        Role::Administrator => matches!((action, object), (Read | Keep | Decide, Accounts)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTIONS: [Action; 6] =
        [Action::Read, Action::Import, Action::SignIn, Action::Keep, Action::Sign, Action::Decide];
    const OBJECTS: [Object; 8] = [
        Object::OpenData,
        Object::Tables,
        Object::Session,
        Object::Accounts,
        Object::Cases,
        Object::Judgements,
        Object::Objections,
        Object::Editions,
    ];

    /// `O` the operator, `o` officer, `e` editor, `a` administrator, `*` everybody.
    const NAMED: [(Action, Object, &str); 16] = [
        (Action::Read, Object::OpenData, "*"),
        (Action::SignIn, Object::Session, "*"),
        (Action::Keep, Object::Objections, "*"),
        (Action::Import, Object::Tables, "O"),
        (Action::Read, Object::Cases, "Ooe"),
        (Action::Keep, Object::Cases, "Oo"),
        (Action::Sign, Object::Judgements, "o"),
        (Action::Read, Object::Objections, "Ooe"),
        (Action::Decide, Object::Objections, "Ooe"),
        (Action::Read, Object::Editions, "Oe"),
        (Action::Decide, Object::Editions, "Oe"),
        (Action::Read, Object::Accounts, "Oa"),
        (Action::Keep, Object::Accounts, "Oa"),
        (Action::Decide, Object::Accounts, "Oa"),
        (Action::Read, Object::Tables, ""),
        (Action::Sign, Object::Cases, ""),
    ];

    #[test]
    fn what_is_not_named_is_refused() {
        let letters = [('O', Role::Operator), ('o', Role::Officer), ('e', Role::Editor), ('a', Role::Administrator)];
        for action in ACTIONS {
            for object in OBJECTS {
                let named = NAMED.iter().find(|row| (row.0, row.1) == (action, object)).map_or("", |row| row.2);
                for (letter, role) in letters {
                    let expected =
                        if named == "*" || named.contains(letter) { Decision::Allowed } else { Decision::Refused };
                    let subject = Subject { roles: &[role] };
                    assert_eq!(allow(&subject, action, object), expected, "{role:?} {action:?} {object:?}");
                }
                let public = match named {
                    "*" => Decision::Allowed,
                    "" => Decision::Refused,
                    _ => Decision::SignInFirst,
                };
                assert_eq!(allow(&Subject { roles: &[] }, action, object), public, "{action:?} {object:?}");
            }
        }
    }

    #[test]
    fn parts_add_up_and_unknown_ones_are_none() {
        let both = Subject { roles: &[Role::Officer, Role::Editor] };
        assert_eq!(allow(&both, Action::Sign, Object::Judgements), Decision::Allowed);
        assert_eq!(allow(&both, Action::Decide, Object::Editions), Decision::Allowed);
        assert_eq!(Role::of_account("operator"), None, "no account has the console's part");
        assert_eq!(Role::of_account("officer"), Some(Role::Officer));
    }
}
