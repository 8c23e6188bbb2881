//! Accounts, signing in, sessions.

use crate::ground::{Ground, NOON, PASSWORD, account, by, chance, id, new_account, token};
use records::{
    Act, Chance, Limits, Moment, Password, PasswordFault, Records, RecordsError, Refusal, Session, SignIn, Span, Token,
};
use std::time::{Duration, Instant};

struct Try {
    login: &'static str,
    password: &'static str,
    origin: String,
    chance: Chance,
}

impl Try {
    fn new(login: &'static str, password: &'static str) -> Self {
        Self { login, password, origin: "10.0.0.7".to_owned(), chance: chance() }
    }

    fn sign_in<'a>(&'a self, old: Option<&'a Token>) -> SignIn<'a> {
        SignIn {
            login: self.login,
            password: Password(self.password),
            origin: &self.origin,
            device: "Firefox",
            old,
            id: id(),
            chance: &self.chance,
        }
    }
}

async fn attempt(
    records: &Records,
    login: &'static str,
    password: &'static str,
    now: Moment,
) -> Result<(Session, Token), RecordsError> {
    records.sign_in(&Try::new(login, password).sign_in(None), now).await
}

fn refused<T: std::fmt::Debug>(result: Result<T, RecordsError>) -> Refusal {
    result.unwrap_err().refusal().cloned().unwrap()
}

pub(crate) async fn the_first_account_needs_the_code(ground: Ground) {
    let records = ground.open().await;
    assert!(!records.has_accounts().await.unwrap());
    let (old, code) = (token(), token());
    for code in [&old, &code] {
        let mut write = records.begin(Act::new("console", NOON)).await.unwrap();
        write.offer_first_account(code, Span::hours(1)).await.unwrap();
        write.commit().await.unwrap();
    }
    let first = new_account(&records, "Lin").await;
    let claim = async |code: &Token, now| {
        let mut write = records.begin(Act::new("public", now)).await?;
        write.claim_first_account(code, &first).await?;
        write.commit().await
    };
    assert_eq!(refused(claim(&old, NOON).await), Refusal::Code, "a new offer ends the one before");
    assert_eq!(refused(claim(&code, NOON.after(Span::hours(1))).await), Refusal::Code, "too old");
    claim(&code, NOON).await.unwrap();
    assert_eq!(refused(claim(&code, NOON).await), Refusal::NotFirst);
    let mut write = records.begin(by("console")).await.unwrap();
    assert_eq!(refused(write.offer_first_account(&token(), Span::hours(1)).await), Refusal::NotFirst);
    drop(write);
    let lin = records.account_of(" LIN ").await.unwrap();
    assert_eq!((lin.login.as_str(), lin.id, lin.roles.as_slice()), ("lin", first.id, &["screener".to_owned()][..]));
    let mut write = records.begin(by("lin")).await.unwrap();
    let error = write.add_account(&new_account(&records, "lin").await).await;
    assert!(matches!(refused(error), Refusal::Exists { .. }));
    let mut odd = new_account(&records, "lin").await;
    odd.login = "a b".to_owned();
    assert!(matches!(refused(write.add_account(&odd).await), Refusal::Field { field: "login", .. }));
    let weak = records.keep_password("password1234", "wu", "吴", &chance()).await.unwrap_err();
    assert_eq!(weak.refusal(), Some(&Refusal::Password(vec![PasswordFault::Common])));
    assert!(weak.zh().contains("常见密码"), "{}", weak.zh());
}

pub(crate) async fn five_wrong_passwords_lock(ground: Ground) {
    let records = ground.open().await;
    account(&records, "lin").await;
    // A login that nobody has is answered alike at every step.
    for login in ["lin", "nobody"] {
        for minute in 0..5 {
            let now = NOON.after(Span::minutes(minute));
            assert_eq!(refused(attempt(&records, login, "wrong wrong wrong", now).await), Refusal::Credentials);
        }
        let now = NOON.after(Span::minutes(6));
        let until = NOON.after(Span::minutes(19));
        assert_eq!(refused(attempt(&records, login, PASSWORD, now).await), Refusal::Locked { until });
    }
    let error = attempt(&records, "lin", PASSWORD, NOON.after(Span::minutes(18))).await.unwrap_err();
    assert!(error.to_string().ends_with("after 2026-01-01T12:19:00"), "{error}");
    attempt(&records, "LIN", PASSWORD, NOON.after(Span::minutes(19))).await.unwrap();
    // Success forgets the tries.
    for _ in 0..4 {
        let wrong = attempt(&records, "lin", "wrong wrong wrong", NOON.after(Span::minutes(20))).await;
        assert_eq!(refused(wrong), Refusal::Credentials);
    }
    attempt(&records, "lin", PASSWORD, NOON.after(Span::minutes(20))).await.unwrap();
    let refusals = records.audit_after(0, 1_000).await.unwrap();
    let refusals: Vec<_> = refusals.iter().filter(|event| event.action == "sign_in.refuse").collect();
    assert_eq!(refusals.len(), 14);
    assert_eq!(refusals.iter().filter(|event| event.body.contains(r#""locked":true"#)).count(), 2);
    assert!(refusals.iter().all(|event| !event.body.contains("nobody") && event.id != "nobody"));
}

pub(crate) async fn many_tries_at_a_time_gain_nothing(ground: Ground) {
    let records = ground.open().await;
    account(&records, "lin").await;
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let records = records.clone();
            tokio::spawn(async move { refused(attempt(&records, "lin", "wrong wrong wrong", NOON).await) })
        })
        .collect();
    let mut looked_at = 0;
    for task in tasks {
        looked_at += usize::from(task.await.unwrap() == Refusal::Credentials);
    }
    assert_eq!(looked_at, 5);
}

pub(crate) async fn a_network_address_is_locked_too(mut ground: Ground) {
    ground.limits = Limits { tries_of_origin_max: 3, ..Limits::default() };
    let records = ground.open().await;
    account(&records, "lin").await;
    for login in ["a1", "b2", "c3"] {
        assert_eq!(refused(attempt(&records, login, "wrong wrong wrong", NOON).await), Refusal::Credentials);
    }
    assert!(matches!(refused(attempt(&records, "lin", PASSWORD, NOON).await), Refusal::Locked { .. }));
    let mut elsewhere = Try::new("lin", PASSWORD);
    elsewhere.origin = "10.0.0.8".to_owned();
    records.sign_in(&elsewhere.sign_in(None), NOON).await.unwrap();
}

pub(crate) async fn heavy_an_unknown_login_costs_the_same(mut ground: Ground) {
    ground.limits = Limits { tries_max: 1_000, tries_of_origin_max: 1_000, ..Limits::default() };
    let records = ground.open().await;
    account(&records, "lin").await;
    let mut times: [Vec<Duration>; 2] = Default::default();
    for _ in 0..15 {
        for (kind, login) in ["lin", "nobody"].into_iter().enumerate() {
            let start = Instant::now();
            assert_eq!(refused(attempt(&records, login, "wrong wrong wrong", NOON).await), Refusal::Credentials);
            times[kind].push(start.elapsed());
        }
    }
    let [known, unknown] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    // Without the work done for nothing the ratio is far below a half.
    let ratio = unknown.as_secs_f64() / known.as_secs_f64();
    assert!((0.67..1.5).contains(&ratio), "known {known:?}, unknown {unknown:?}");
}

pub(crate) async fn sessions_rotate_end_and_are_listed(ground: Ground) {
    let records = ground.open().await;
    let lin = account(&records, "lin").await;
    let (first, first_token) = attempt(&records, "lin", PASSWORD, NOON).await.unwrap();
    assert_eq!(records.session(&first_token, NOON).await.unwrap(), first);
    assert_eq!(refused(records.session(&token(), NOON).await), Refusal::SessionEnded);
    let text = first_token.reveal();
    assert!(records.session(&Token::parse(&text).unwrap(), NOON).await.is_ok());
    assert!(Token::parse(&text[1..]).is_none() && Token::parse(&text.to_uppercase()).is_none());

    // Signing in again with the old token in hand ends the old session.
    let again = Try::new("lin", PASSWORD);
    let now = NOON.after(Span::minutes(1));
    let (second, second_token) = records.sign_in(&again.sign_in(Some(&first_token)), now).await.unwrap();
    assert_ne!(first_token.reveal(), second_token.reveal());
    assert_eq!(refused(records.session(&first_token, now).await), Refusal::SessionEnded);

    // Idle: the half hour counts from the last time something came.
    let now = now.after(Span::minutes(29));
    assert_eq!(records.session(&second_token, now).await.unwrap().seen_at, now);
    let now = now.after(Span::minutes(29));
    records.session(&second_token, now).await.unwrap();
    let late = now.after(Span::minutes(30));
    assert_eq!(refused(records.session(&second_token, late).await), Refusal::SessionEnded);

    // Absolute: twelve hours, whatever comes.
    let (_, third_token) = attempt(&records, "lin", PASSWORD, NOON).await.unwrap();
    let mut now = NOON;
    while now.after(Span::minutes(25)) < NOON.after(Span::hours(12)) {
        now = now.after(Span::minutes(25));
        records.session(&third_token, now).await.unwrap();
    }
    assert_eq!(refused(records.session(&third_token, NOON.after(Span::hours(12))).await), Refusal::SessionEnded);

    // Listed and killed.
    let (fourth, fourth_token) = attempt(&records, "lin", PASSWORD, NOON.after(Span::minutes(2))).await.unwrap();
    let listed = records.sessions_of(lin, NOON.after(Span::minutes(2))).await.unwrap();
    assert_eq!(listed.first().map(|session| session.id), Some(fourth.id));
    assert!(listed.iter().any(|session| session.id == second.id) && !listed.iter().any(|s| s.id == first.id));
    let mut write = records.begin(by("admin")).await.unwrap();
    write.end_session(fourth.id, "killed").await.unwrap();
    assert_eq!(write.end_session(fourth.id, "killed").await.unwrap_err().code(), "records.missing");
    write.commit().await.unwrap();
    assert_eq!(refused(records.session(&fourth_token, NOON).await), Refusal::SessionEnded);
    let mut write = records.begin(by("lin")).await.unwrap();
    write.sign_out(&second_token).await.unwrap();
    write.sign_out(&second_token).await.unwrap();
    write.commit().await.unwrap();
    let mut write = records.begin(Act::new("system", NOON.after(Span::days(40)))).await.unwrap();
    assert_eq!(write.forget_sessions(Span::days(30)).await.unwrap(), 4);
    write.commit().await.unwrap();
}

pub(crate) async fn a_change_of_roles_password_or_state_ends_sessions(ground: Ground) {
    let records = ground.open().await;
    let lin = account(&records, "lin").await;
    let other = records.keep_password("nine dry geese in a row", "lin", "", &chance()).await.unwrap();
    let short = records.keep_password("too short", "lin", "", &chance()).await.unwrap_err();
    assert_eq!(short.code(), "records.password");

    let (_, token) = attempt(&records, "lin", PASSWORD, NOON).await.unwrap();
    let mut write = records.begin(by("admin")).await.unwrap();
    write.set_roles(lin, &["leader".to_owned(), "auditor".to_owned()]).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(refused(records.session(&token, NOON).await), Refusal::SessionEnded);

    let (kept, token) = attempt(&records, "lin", PASSWORD, NOON).await.unwrap();
    assert_eq!(kept.account.roles, ["auditor", "leader"]);
    let (_, elsewhere) = attempt(&records, "lin", PASSWORD, NOON).await.unwrap();
    let right = Try::new("lin", PASSWORD);
    records.confirm_password(&right.sign_in(None), NOON).await.unwrap();
    let wrong = Try::new("lin", "wrong wrong wrong");
    assert_eq!(refused(records.confirm_password(&wrong.sign_in(None), NOON).await), Refusal::Credentials);
    let mut write = records.begin(by("lin")).await.unwrap();
    write.set_password(lin, &other, false, Some(kept.id)).await.unwrap();
    write.commit().await.unwrap();
    assert!(records.session(&token, NOON).await.is_ok());
    assert_eq!(refused(records.session(&elsewhere, NOON).await), Refusal::SessionEnded);
    assert_eq!(refused(attempt(&records, "lin", PASSWORD, NOON).await), Refusal::Credentials);

    let mut write = records.begin(by("admin")).await.unwrap();
    write.set_disabled(lin, true).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(refused(records.session(&token, NOON).await), Refusal::SessionEnded);
    assert_eq!(refused(attempt(&records, "lin", "nine dry geese in a row", NOON).await), Refusal::Disabled);
    assert_eq!(refused(attempt(&records, "lin", "nine dry geese in a rov", NOON).await), Refusal::Credentials);
    let mut write = records.begin(by("admin")).await.unwrap();
    write.set_disabled(lin, false).await.unwrap();
    assert_eq!(write.set_disabled(id(), true).await.unwrap_err().code(), "records.missing");
    write.commit().await.unwrap();
    attempt(&records, "lin", "nine dry geese in a row", NOON).await.unwrap();
    assert_eq!(records.accounts("", 10).await.unwrap().len(), 1);
}

pub(crate) async fn no_secret_is_kept(ground: Ground) {
    let records = ground.open().await;
    account(&records, "lin").await;
    let (_, token) = attempt(&records, "lin", PASSWORD, NOON).await.unwrap();
    // A password typed as a login.
    attempt(&records, PASSWORD, "x", NOON).await.unwrap_err();
    let secrets = [PASSWORD.to_owned(), token.reveal()];
    for table in crate::ground::TABLES {
        let sql = if ground.is_sqlite() {
            // Every column of every row, as text.
            let columns = ground.hand(&format!("SELECT name FROM pragma_table_info('{table}')")).await.unwrap();
            let texts: Vec<_> = columns.iter().map(|c| format!("coalesce(CAST({c} AS TEXT), '')")).collect();
            format!("SELECT {} FROM {table}", texts.join(" || ' ' || "))
        } else {
            format!("SELECT CAST({table}.* AS TEXT) FROM {table}")
        };
        for row in ground.hand(&sql).await.unwrap() {
            assert!(secrets.iter().all(|secret| !row.contains(secret.as_str())), "{table}: {row}");
        }
    }
    assert!(!format!("{token:?} {:?}", Try::new("lin", PASSWORD).sign_in(Some(&token))).contains("ducks"));
    assert_eq!(format!("{token:?}"), "Token(…)");
}
