//! Editions, cases, judgements, objections, follow-ups, impact runs.

use crate::ground::{Ground, NOON, by, id};
use norms::{Day, Term};
use records::{
    About, Act, CaseFilter, Edition, EditionState, FollowUpFilter, FourEyes, GeometryForm, Hash, Moment, NewCase,
    NewEdition, NewImpactRun, NewJudgement, NewObjection, ObjectionState, Records, RecordsError, Refusal, Span, Uuid,
    Write,
};

const CITY: &str = "350200";

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn term(from: &str, to: &str) -> Term {
    let side = |text: &str| (!text.is_empty()).then(|| day(text));
    Term { from: side(from), to: side(to) }
}

fn edition(id: &str, term: Term) -> NewEdition<'_> {
    NewEdition { id, city: CITY, title: id, content: Hash::of(id.as_bytes()), term }
}

/// One step in a unit of its own.
async fn step(
    records: &Records,
    actor: &str,
    now: Moment,
    work: impl AsyncFnOnce(&mut Write) -> Result<(), RecordsError>,
) -> Result<(), RecordsError> {
    let mut write = records.begin(Act::new(actor, now)).await?;
    work(&mut write).await?;
    write.commit().await
}

/// Imported by wu, checked by chen, published by lin.
async fn published(records: &Records, id: &str, term: Term, now: Moment) {
    let content = Hash::of(id.as_bytes());
    step(records, "wu", now, async |write| write.import_edition(&edition(id, term)).await).await.unwrap();
    step(records, "chen", now, async |write| write.check_edition(id, content, "0 findings").await).await.unwrap();
    step(records, "lin", now, async |write| write.publish_edition(id, FourEyes::Required, None).await).await.unwrap();
}

fn case<'a>(id: Uuid, number: &'a str, units: &'a [String], answer: &'a [u8]) -> NewCase<'a> {
    NewCase {
        id,
        number,
        edition: "xm-2025",
        edition_hash: Hash::of(b"xm-2025"),
        engine: "zoning 0.1.0",
        as_of: Day::from_ymd(2026, 1, 1).unwrap(),
        title: "某电镀项目",
        facts: r#"{"industry": "C3360",  "delta_voc_t":0.50}"#,
        geometry_form: GeometryForm::Wkb,
        geometry: &[1, 1, 0, 0, 0, 255, 0],
        verdict: "PROHIBITED",
        units,
        answer,
        valid_until: Day::from_ymd(2026, 6, 30),
        words: "集美 后溪 C3360",
    }
}

/// A row in every table that keeps what was told.
pub(crate) async fn one_of_each(records: &Records) {
    published(records, "xm-2025", term("2025-01-01", ""), NOON).await;
    let units = ["ZH35021110001".to_owned()];
    let (case_id, judgement, objection) = (id(), id(), id());
    step(records, "lin", NOON, async |write| {
        write.add_case(&case(case_id, "XM-1", &units, b"{}")).await?;
        let about = About::KeyInCase("serious_water_polluter".to_owned(), case_id);
        write.add_judgement(&signed(judgement, about, "yes")).await?;
        write.revoke_judgement(judgement, "signed by mistake").await?;
        let words = NewObjection {
            id: objection,
            edition: "xm-2025",
            layer: "redline",
            feature: "7",
            text: "偏移",
            contact: "",
        };
        write.file_objection(&words).await?;
        write.add_follow_up(id(), CITY, &units[0], 2025, "{}").await?;
        write.add_impact_run(&impact(id(), b"report")).await
    })
    .await
    .unwrap();
}

fn signed(id: Uuid, about: About, value: &'static str) -> NewJudgement<'static> {
    NewJudgement {
        id,
        edition: "xm-2025",
        about,
        official: "陈某",
        authority: "厦门市集美生态环境局",
        value,
        reason: "现场核查",
    }
}

fn impact(id: Uuid, report: &[u8]) -> NewImpactRun<'_> {
    NewImpactRun { id, from: "xm-2025", to: "xm-2025", projects: 200, changed: 31, report }
}

pub(crate) async fn four_eyes_publish(ground: Ground) {
    let records = ground.open().await;
    let draft = edition("e", term("2025-01-01", ""));
    let publish = async |actor: &str, four_eyes| {
        step(&records, actor, NOON, async |write| write.publish_edition("e", four_eyes, None).await).await
    };
    step(&records, "wu", NOON, async |write| write.import_edition(&draft).await).await.unwrap();
    let early = publish("lin", FourEyes::Required).await.unwrap_err();
    assert!(matches!(early.refusal(), Some(Refusal::State { state: "draft", .. })), "{early}");
    let other = Hash::of(b"other folder");
    let wrong = step(&records, "chen", NOON, async |write| write.check_edition("e", other, "").await).await;
    assert!(matches!(wrong.unwrap_err().refusal(), Some(Refusal::Field { field: "content", .. })));
    step(&records, "chen", NOON, async |write| write.check_edition("e", draft.content, "").await).await.unwrap();
    for actor in ["wu", "chen"] {
        let error = publish(actor, FourEyes::Required).await.unwrap_err();
        assert!(matches!(error.refusal(), Some(Refusal::FourEyes { .. })), "{error}");
        assert!(error.zh().contains(actor));
    }
    publish("lin", FourEyes::Required).await.unwrap();
    let twice = publish("lin", FourEyes::Required).await.unwrap_err();
    assert!(matches!(twice.refusal(), Some(Refusal::State { state: "published", .. })));
    let again = step(&records, "wu", NOON, async |write| write.import_edition(&draft).await).await;
    assert_eq!(again.unwrap_err().code(), "records.state", "what is published stays as it is");
    let states: Vec<_> =
        records.edition_steps("e").await.unwrap().into_iter().map(|s| (s.state.word(), s.by)).collect();
    assert_eq!(states, [("draft", "wu".to_owned()), ("checked", "chen".to_owned()), ("published", "lin".to_owned())]);

    // In the demo city one person plays every part, and the audit says so.
    let demo = edition("demo", term("2020-01-01", "2021-01-01"));
    step(&records, "demo", NOON, async |write| {
        write.import_edition(&demo).await?;
        write.check_edition("demo", demo.content, "").await?;
        write.publish_edition("demo", FourEyes::WaivedForDemo, None).await
    })
    .await
    .unwrap();
    let events = records.audit_of("edition", "demo", 10).await.unwrap();
    assert!(events.last().unwrap().body.contains("demo: one person plays every part"));
}

pub(crate) async fn overlap_is_refused_and_an_ended_term_is_not(ground: Ground) {
    let records = ground.open().await;
    published(&records, "old", term("2020-01-01", ""), NOON).await;
    let new = edition("new", term("2026-01-01", ""));
    step(&records, "wu", NOON, async |write| {
        write.import_edition(&new).await?;
        write.check_edition("new", new.content, "").await
    })
    .await
    .unwrap();
    let publish = async |write: &mut Write| write.publish_edition("new", FourEyes::Required, None).await;
    let error = step(&records, "lin", NOON, publish).await.unwrap_err();
    let overlap = Refusal::Overlap { edition: "new".to_owned(), other: "old".to_owned() };
    assert_eq!(error.refusal(), Some(&overlap));
    // One day too many is too many.
    for (end, free) in [("2026-01-02", false), ("2026-01-01", true)] {
        let ended = step(&records, "lin", NOON, async |write| {
            write.end_edition("old", day(end), "新版发布").await?;
            publish(write).await
        });
        assert_eq!(ended.await.is_ok(), free, "{end}");
    }
    let later = step(&records, "lin", NOON, async |write| write.end_edition("old", day("2027-01-01"), "x").await).await;
    assert!(matches!(later.unwrap_err().refusal(), Some(Refusal::Field { field: "to", .. })));
    // Another city's map is another map.
    let other = NewEdition { city: "350300", ..edition("other", term("2020-01-01", "")) };
    step(&records, "wu", NOON, async |write| {
        write.import_edition(&other).await?;
        write.check_edition("other", other.content, "").await
    })
    .await
    .unwrap();
    step(&records, "lin", NOON, async |write| write.publish_edition("other", FourEyes::Required, None).await)
        .await
        .unwrap();
    let backwards = edition("b", term("2026-01-01", "2026-01-01"));
    let error = step(&records, "wu", NOON, async |write| write.import_edition(&backwards).await).await.unwrap_err();
    assert!(matches!(error.refusal(), Some(Refusal::Field { field: "term", .. })));
}

pub(crate) async fn in_force_as_known_then(ground: Ground) {
    let records = ground.open().await;
    let [t1, t2, t3] = [0, 10, 20].map(|days| NOON.after(Span::days(days)));
    published(&records, "first", term("2025-01-01", ""), t1).await;
    step(&records, "lin", t2, async |write| write.end_edition("first", day("2026-06-01"), "新版").await).await.unwrap();
    published(&records, "second", term("2026-06-01", ""), t2).await;
    step(&records, "lin", t3, async |write| write.withdraw_edition("second", "法院判决").await).await.unwrap();
    let known = async |on: &str, at: Moment| {
        records.in_force(CITY, day(on), at).await.unwrap().map(|edition: Edition| edition.id)
    };
    let before = NOON.before(Span::seconds(1));
    for (on, at, expected) in [
        ("2025-03-01", before, None),
        ("2024-12-31", t1, None),
        ("2025-01-01", t1, Some("first")),
        ("2026-07-01", t1, Some("first")),
        ("2026-05-31", t2, Some("first")),
        ("2026-06-01", t2, Some("second")),
        ("2026-07-01", t2, Some("second")),
        ("2026-07-01", t3, None),
        ("2026-05-31", t3, Some("first")),
        // What was known then is what was known then, whatever came later.
        ("2026-07-01", t2.after(Span::days(9)), Some("second")),
        ("2026-07-01", t1.after(Span::days(9)), Some("first")),
    ] {
        assert_eq!(known(on, at).await.as_deref(), expected, "{on} as known at {}", at.beijing());
    }
    assert_eq!(records.in_force("999999", day("2025-03-01"), t3).await.unwrap(), None);
    assert_eq!(records.edition("second").await.unwrap().now.state, EditionState::Withdrawn);
    assert_eq!(records.editions(CITY, t1).await.unwrap().len(), 1);
    // A clock that was set back does not let a step hide the one after it.
    step(&records, "lin", t1, async |write| write.end_edition("first", day("2026-05-01"), "更正").await).await.unwrap();
    assert_eq!(known("2026-05-15", t2).await, None);
    assert_eq!(known("2026-05-15", t2.before(Span::seconds(1))).await.as_deref(), Some("first"));
}

pub(crate) async fn a_case_is_replayed_to_the_byte(ground: Ground) {
    let records = ground.open().await;
    published(&records, "xm-2025", term("2025-01-01", ""), NOON).await;
    let units = ["ZH2".to_owned(), "ZH1".to_owned(), "ZH2".to_owned()];
    // No text at all: what comes back are the bytes, not a reading of them.
    let answer: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let case_id = id();
    let new = case(case_id, "XM-2026-00001", &units, &answer);
    step(&records, "lin", NOON, async |write| {
        assert_eq!(write.add_case(&new).await?, Hash::of(&answer));
        Ok(())
    })
    .await
    .unwrap();
    // A program that is started later, after the edition has gone.
    step(&records, "lin", NOON, async |write| write.withdraw_edition("xm-2025", "x").await).await.unwrap();
    records.close().await;
    let records = ground.open().await;
    let kept = records.case(case_id).await.unwrap();
    assert_eq!(kept.answer, answer);
    assert_eq!((kept.facts.as_str(), kept.geometry.as_slice()), (new.facts, new.geometry));
    assert_eq!((kept.edition_hash, kept.engine.as_str()), (Hash::of(b"xm-2025"), "zoning 0.1.0"));
    assert_eq!(kept.line.units, ["ZH1", "ZH2"]);
    assert_eq!(kept.line.valid_until, Some(day("2026-06-30")));
    assert_eq!(records.case_of_number("XM-2026-00001").await.unwrap(), case_id);
    let event = records.audit_of("case", &case_id.to_string(), 1).await.unwrap().remove(0);
    assert!(event.body.contains(&Hash::of(&answer).to_string()), "the audit vouches for the answer");
    assert_eq!(records.case(id()).await.unwrap_err().code(), "records.missing");

    for (wrong, code) in [
        (NewCase { number: "XM-2026-00001", id: id(), ..new.clone() }, "records.exists"),
        (NewCase { number: "XM-2", ..new.clone() }, "records.exists"),
        (NewCase { number: "XM-2", id: id(), edition: "none", ..new.clone() }, "records.missing"),
        (NewCase { number: "XM-2", id: id(), edition_hash: Hash::of(b""), ..new.clone() }, "records.field"),
        (NewCase { number: " ", id: id(), ..new.clone() }, "records.field"),
        (NewCase { number: "XM-2", id: id(), units: &[String::new()], ..new.clone() }, "records.field"),
    ] {
        let error =
            step(&records, "lin", NOON, async |write| write.add_case(&wrong).await.map(drop)).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }

    // An answer that somebody changed is not given out.
    ground.unguard("screening_case").await;
    ground.hand("UPDATE screening_case SET answer = geometry").await.unwrap();
    assert_eq!(records.case(case_id).await.unwrap_err().code(), "records.damaged");
}

pub(crate) async fn pages_neither_repeat_nor_leave_out(ground: Ground) {
    let records = ground.open().await;
    published(&records, "xm-2025", term("2025-01-01", ""), NOON).await;
    let add = async |number: u32| {
        // Four cases share each instant: the id decides.
        let at = NOON.after(Span::seconds(number / 4));
        let text = format!("N{number:03}");
        step(&records, "lin", at, async |write| write.add_case(&case(id(), &text, &[], b"x")).await.map(drop)).await
    };
    for number in 0..50 {
        add(number).await.unwrap();
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = records.cases(&CaseFilter::default(), after, 7).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.cursor());
        seen.extend(page.into_iter().map(|line| line.number));
        // New cases come first; they do not push old ones to the next page.
        add(900 + seen.len() as u32).await.unwrap();
    }
    let expected: Vec<_> = (0..50).rev().map(|number| format!("N{number:03}")).collect();
    assert_eq!(seen, expected);
}

pub(crate) async fn cases_are_found(ground: Ground) {
    let records = ground.open().await;
    published(&records, "xm-2025", term("2025-01-01", ""), NOON).await;
    let units = [["U1".to_owned()], ["U2".to_owned()]];
    for (actor, number, verdict, unit, title) in [
        ("lin", "A-1", "ALLOWED", 0, "Electroplating 100%"),
        ("lin", "A-2", "PROHIBITED", 1, "Bakery 100"),
        ("wu", "A-3", "ALLOWED", 1, "面包房_x"),
    ] {
        let new = NewCase { verdict, title, words: "ÉTÉ", ..case(id(), number, &units[unit], b"x") };
        step(&records, actor, NOON, async |write| write.add_case(&new).await.map(drop)).await.unwrap();
    }
    let find = async |filter: CaseFilter| {
        let found = records.cases(&filter, None, 100).await.unwrap();
        found.into_iter().map(|line| line.number).collect::<Vec<_>>().join(" ")
    };
    let all = CaseFilter::default;
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(find(all()).await, "A-3 A-2 A-1");
    assert_eq!(find(CaseFilter { verdict: some("ALLOWED"), ..all() }).await, "A-3 A-1");
    assert_eq!(find(CaseFilter { unit: some("U2"), ..all() }).await, "A-3 A-2");
    assert_eq!(find(CaseFilter { by: some("wu"), unit: some("U2"), ..all() }).await, "A-3");
    assert_eq!(find(CaseFilter { edition: some("none"), ..all() }).await, "");
    for (text, expected) in [
        ("electro", "A-1"),
        ("ELECTRO", "A-1"),
        ("a-2", "A-2"),
        ("面包", "A-3"),
        ("été", "A-3 A-2 A-1"),
        ("100%", "A-1"),
        ("_x", "A-3"),
        ("'; DROP TABLE screening_case; --", ""),
        ("!", ""),
    ] {
        assert_eq!(find(CaseFilter { text: some(text), ..all() }).await, expected, "{text}");
    }
}

pub(crate) async fn judgements_end_with_their_edition(ground: Ground) {
    let records = ground.open().await;
    published(&records, "xm-2025", term("2025-01-01", "2027-01-01"), NOON).await;
    let (one, two) = (id(), id());
    let key = "serious_water_polluter";
    let (general, special) = (id(), id());
    step(&records, "chen", NOON, async |write| {
        write.add_case(&case(one, "1", &[], b"x")).await?;
        write.add_case(&case(two, "2", &[], b"x")).await?;
        write.add_judgement(&signed(general, About::Key(key.to_owned()), "no")).await?;
        write.add_judgement(&signed(special, About::KeyInCase(key.to_owned(), one), "yes")).await?;
        write.add_judgement(&signed(id(), About::Case(two), "accepted")).await
    })
    .await
    .unwrap();
    let on = async |case, date: &str| {
        let found = records.judgement_on(key, case, "xm-2025", day(date)).await.unwrap();
        found.map(|judgement| judgement.value)
    };
    assert_eq!(on(Some(one), "2026-01-01").await.as_deref(), Some("yes"));
    assert_eq!(on(Some(two), "2026-01-01").await.as_deref(), Some("no"));
    assert_eq!(on(None, "2026-01-01").await.as_deref(), Some("no"));
    assert_eq!(on(None, "2027-01-01").await, None, "after the term");
    step(&records, "chen", NOON, async |write| write.revoke_judgement(special, "更正").await).await.unwrap();
    assert_eq!(on(Some(one), "2026-01-01").await.as_deref(), Some("no"));
    let twice = step(&records, "chen", NOON, async |write| write.revoke_judgement(special, "更正").await).await;
    assert_eq!(twice.unwrap_err().code(), "records.state");
    let of = records.judgements_of_case(one).await.unwrap();
    assert_eq!((of.len(), of[0].revoked_at), (1, Some(NOON)));
    let anonymous = NewJudgement { official: " ", ..signed(id(), About::Case(one), "x") };
    let error = step(&records, "chen", NOON, async |write| write.add_judgement(&anonymous).await).await.unwrap_err();
    assert!(matches!(error.refusal(), Some(Refusal::Field { field: "official", .. })));
    let nowhere = signed(id(), About::Case(id()), "x");
    let error = step(&records, "chen", NOON, async |write| write.add_judgement(&nowhere).await).await.unwrap_err();
    assert_eq!(error.code(), "records.missing");
    step(&records, "lin", NOON, async |write| write.withdraw_edition("xm-2025", "x").await).await.unwrap();
    assert_eq!(on(None, "2026-01-01").await, None, "the edition is withdrawn");
}

pub(crate) async fn objections_follow_their_steps(ground: Ground) {
    let records = ground.open().await;
    published(&records, "xm-2025", term("2025-01-01", ""), NOON).await;
    let (right, wrong) = (id(), id());
    for (id, feature) in [(right, "r-12"), (wrong, "")] {
        let words = NewObjection {
            id,
            edition: "xm-2025",
            layer: "redline",
            feature,
            text: "红线压到已建厂房",
            contact: "0592-0000000",
        };
        step(&records, "zhang", NOON, async |write| write.file_objection(&words).await).await.unwrap();
    }
    let answer = async |id, state| {
        step(&records, "wu", NOON, async |write| write.answer_objection(id, state, "已核实").await).await
    };
    assert_eq!(answer(right, ObjectionState::Corrected).await.unwrap_err().code(), "records.state");
    answer(right, ObjectionState::Accepted).await.unwrap();
    answer(wrong, ObjectionState::Rejected).await.unwrap();
    assert_eq!(answer(wrong, ObjectionState::Accepted).await.unwrap_err().code(), "records.state");
    assert_eq!(answer(right, ObjectionState::Filed).await.unwrap_err().code(), "records.state");
    answer(right, ObjectionState::Corrected).await.unwrap();
    assert_eq!(answer(id(), ObjectionState::Accepted).await.unwrap_err().code(), "records.missing");
    let now = records.objection(right).await.unwrap();
    assert_eq!((now.state, now.by.as_str(), now.state_by.as_str()), (ObjectionState::Corrected, "zhang", "wu"));
    assert_eq!(records.objections(Some("xm-2025"), None, 10).await.unwrap().len(), 2);
    let rejected = records.objections(None, Some(ObjectionState::Rejected), 10).await.unwrap();
    assert_eq!(rejected.iter().map(|objection| objection.id).collect::<Vec<_>>(), [wrong]);
    let told = records.outbox_after(0, 100).await.unwrap();
    assert!(told.iter().all(|told| !told.body.contains("厂房")), "the words of a citizen stay in the records");
}

pub(crate) async fn follow_ups_have_revisions(ground: Ground) {
    let records = ground.open().await;
    let mut write = records.begin(by("sta")).await.unwrap();
    assert_eq!(write.add_follow_up(id(), CITY, "U1", 2025, r#"{"pm2_5": "21"}"#).await.unwrap(), 1);
    assert_eq!(write.add_follow_up(id(), CITY, "U2", 2025, "{}").await.unwrap(), 1);
    assert_eq!(write.add_follow_up(id(), CITY, "U1", 2025, r#"{"pm2_5": "20"}"#).await.unwrap(), 2);
    assert_eq!(write.add_follow_up(id(), CITY, "U1", 2024, "{}").await.unwrap(), 1);
    for wrong in ["", "[]", "{", "3"] {
        assert_eq!(write.add_follow_up(id(), CITY, "U1", 2025, wrong).await.unwrap_err().code(), "records.field");
    }
    write.commit().await.unwrap();
    let of_year = FollowUpFilter { year: Some(2025), ..FollowUpFilter::default() };
    let newest = records.follow_ups(CITY, &of_year, None, 10).await.unwrap();
    let mut shown: Vec<_> = newest.iter().map(|f| (f.unit.as_str(), f.revision, f.indicators.as_str())).collect();
    shown.sort_unstable();
    assert_eq!(shown, [("U1", 2, r#"{"pm2_5": "20"}"#), ("U2", 1, "{}")]);
    let of_unit = FollowUpFilter { unit: Some("U1".to_owned()), ..FollowUpFilter::default() };
    let of_unit = records.follow_ups(CITY, &of_unit, None, 10).await.unwrap();
    assert!(of_unit.len() == 2 && of_unit.iter().all(|f| f.unit == "U1"), "{of_unit:?}");
    // Page by page everything comes once.
    let (mut pages, mut after) = (Vec::new(), None);
    while let [one] = records.follow_ups(CITY, &FollowUpFilter::default(), after, 1).await.unwrap().as_slice() {
        after = Some(one.cursor());
        pages.push((one.unit.clone(), one.year, one.revision));
    }
    pages.sort_unstable();
    let all = [("U1", 2024, 1), ("U1", 2025, 2), ("U2", 2025, 1)].map(|(unit, year, n)| (unit.to_owned(), year, n));
    assert_eq!(pages, all);
    assert!(records.follow_ups("other", &FollowUpFilter::default(), None, 10).await.unwrap().is_empty());
}

pub(crate) async fn an_impact_run_goes_with_publishing(ground: Ground) {
    let records = ground.open().await;
    published(&records, "xm-2025", term("2025-01-01", "2026-01-01"), NOON).await;
    let next = edition("xm-2026", term("2026-01-01", ""));
    let (run, other) = (id(), id());
    step(&records, "wu", NOON, async |write| {
        write.import_edition(&next).await?;
        write.check_edition("xm-2026", next.content, "").await?;
        write.add_impact_run(&NewImpactRun { to: "xm-2026", ..impact(run, b"\x00report\xff") }).await?;
        write.add_impact_run(&impact(other, b"")).await
    })
    .await
    .unwrap();
    let publish = async |run| {
        step(&records, "lin", NOON, async |write| write.publish_edition("xm-2026", FourEyes::Required, Some(run)).await)
            .await
    };
    assert_eq!(publish(other).await.unwrap_err().code(), "records.missing", "a run of another edition");
    publish(run).await.unwrap();
    assert_eq!(records.edition("xm-2026").await.unwrap().now.impact, Some(run));
    let kept = records.impact_run(run).await.unwrap();
    assert_eq!((kept.report.as_slice(), kept.changed, kept.by.as_str()), (b"\x00report\xff".as_slice(), 31, "wu"));
    let many = NewImpactRun { changed: 201, ..impact(id(), b"") };
    let error = step(&records, "wu", NOON, async |write| write.add_impact_run(&many).await).await.unwrap_err();
    assert_eq!(error.code(), "records.field");
}
