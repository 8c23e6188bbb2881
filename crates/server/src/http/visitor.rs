//! Who sent a request.

use super::allow::{Action, Decision, Object, Role, Subject, allow};
use crate::answers;
use records::Session;

/// Who sent a request, and the parts that they play.
#[derive(Clone, Debug)]
pub(crate) enum Visitor {
    /// Nobody in particular.
    Public,
    /// Somebody who entered the one-time code of the console.
    Operator,
    /// Somebody who signed in with an account.
    Person(Box<Person>),
}

/// Somebody with an account.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) session: Session,
    roles: Vec<Role>,
}

impl Visitor {
    /// The person of a session. Who must change a password first plays no part until then.
    pub(crate) fn of(session: Session) -> Self {
        let roles = if session.account.must_change {
            Vec::new()
        } else {
            session.account.roles.iter().filter_map(|name| Role::of_account(name)).collect()
        };
        Self::Person(Box::new(Person { session, roles }))
    }

    pub(crate) fn roles(&self) -> &[Role] {
        match self {
            Self::Public => &[],
            Self::Operator => &[Role::Operator],
            Self::Person(person) => &person.roles,
        }
    }

    pub(crate) fn must_change(&self) -> bool {
        matches!(self, Self::Person(person) if person.session.account.must_change)
    }

    /// The name that stands in the audit.
    pub(crate) fn actor(&self) -> &str {
        match self {
            Self::Public => "public",
            Self::Operator => "operator",
            Self::Person(person) => &person.session.account.login,
        }
    }

    /// Whose part it is, in one word: `public`, `operator`, `account`.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Operator => "operator",
            Self::Person(_) => "account",
        }
    }

    /// Who it is and what they may do, as the page hears it.
    pub(crate) fn described(&self) -> answers::User {
        let doors = [
            ("import", Action::Import, Object::Tables),
            ("cases", Action::Keep, Object::Cases),
            ("judge", Action::Sign, Object::Judgements),
            ("objections", Action::Decide, Object::Objections),
            ("editions", Action::Decide, Object::Editions),
            ("accounts", Action::Keep, Object::Accounts),
        ];
        let subject = Subject { roles: self.roles() };
        let open = |door: &(&str, Action, Object)| allow(&subject, door.1, door.2) == Decision::Allowed;
        let who = self.person().map(|person| {
            let account = &person.session.account;
            answers::Who {
                login: account.login.clone(),
                display_name: account.display_name.clone(),
                roles: account.roles.clone(),
                must_change: account.must_change,
            }
        });
        let may = doors.iter().filter(|door| open(door)).map(|door| door.0.to_owned()).collect();
        answers::User { role: self.kind().to_owned(), who, may }
    }

    pub(crate) const fn person(&self) -> Option<&Person> {
        match self {
            Self::Person(person) => Some(person),
            Self::Public | Self::Operator => None,
        }
    }
}
