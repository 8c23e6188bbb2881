//! The unit of work, the chain, the outbox, idempotency, numbers.

use crate::ground::{Ground, NOON, by, id, new_account};
use records::{
    Act, Answer, Fault, GENESIS, Hash, Link, NumberPattern, OnceKey, Records, RecordsError, Refusal, Span, Verdict,
};
use serde_json::json;

async fn events(records: &Records, count: usize) {
    let mut write = records.begin(by("lin").from("10.0.0.7")).await.unwrap();
    for number in 0..count {
        write.tell("test.event", "thing", &format!("t{number}"), &json!({ "n": number, "名": "值" })).await.unwrap();
    }
    write.commit().await.unwrap();
}

pub(crate) async fn a_unit_that_is_dropped_leaves_nothing(ground: Ground) {
    let records = ground.open().await;
    events(&records, 3).await;
    let before = ground.counts().await;
    let pattern = NumberPattern::parse("N-{n}").unwrap();
    for explicit in [true, false] {
        let account = new_account(&records, "lin").await;
        let mut write = records.begin(by("root")).await.unwrap();
        write.add_account(&account).await.unwrap();
        assert_eq!(write.next_number(&pattern).await.unwrap(), "N-1");
        write.tell("x", "y", "z", &json!({})).await.unwrap();
        if explicit {
            write.roll_back().await.unwrap();
        } else {
            drop(write);
        }
        // The next unit waits until the one before is gone.
        records.begin(by("root")).await.unwrap().roll_back().await.unwrap();
        assert_eq!(ground.counts().await, before);
    }
}

pub(crate) async fn without_its_audit_event_nothing_is_written(ground: Ground) {
    let records = ground.open().await;
    for table in ["audit", "outbox"] {
        let trigger = if ground.is_sqlite() {
            format!("CREATE TRIGGER deny BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END")
        } else {
            // The function of the append-only tables refuses whatever it is asked about.
            format!("CREATE TRIGGER deny BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION append_only()")
        };
        ground.hand(&trigger).await.unwrap();
        let before = ground.counts().await;
        let mut write = records.begin(by("lin")).await.unwrap();
        let error = write
            .add_follow_up(id(), "350200", "ZH35020310001", 2025, r#"{"air":"up"}"#)
            .await
            .expect_err("an event could not be written");
        assert!(matches!(error, RecordsError::Database { .. }), "{error}");
        assert!(matches!(write.commit().await, Err(RecordsError::Broken)));
        records.begin(by("lin")).await.unwrap().roll_back().await.unwrap();
        assert_eq!(ground.counts().await, before);
        let on = if ground.is_sqlite() { String::new() } else { format!(" ON {table}") };
        ground.hand(&format!("DROP TRIGGER deny{on}")).await.unwrap();
    }
}

pub(crate) async fn a_failed_statement_cannot_be_committed(ground: Ground) {
    let records = ground.open().await;
    ground.hand("DROP TABLE number_series").await.unwrap();
    let mut write = records.begin(by("lin")).await.unwrap();
    write.note("before", "thing", "1", &json!({})).await.unwrap();
    write.next_number(&NumberPattern::parse("{n}").unwrap()).await.unwrap_err();
    let error = write.commit().await.unwrap_err();
    assert_eq!((error.code(), error.zh().is_empty()), ("records.broken", false));
    assert_eq!(records.audit_head().await.unwrap(), Link { seq: 0, hash: GENESIS });
    // A refusal breaks nothing.
    let mut write = records.begin(by("lin")).await.unwrap();
    assert!(write.note("", "thing", "1", &json!({})).await.unwrap_err().refusal().is_some());
    write.note("after", "thing", "1", &json!({})).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(records.audit_head().await.unwrap().seq, 1);
}

pub(crate) async fn the_chain_names_the_first_broken_link(ground: Ground) {
    let records = ground.open().await;
    // More than one page of the check.
    events(&records, 300).await;
    let whole = records.verify(&[]).await.unwrap();
    assert!(matches!(whole, Verdict::Whole(Link { seq: 300, .. })), "{whole:?}");
    ground.unguard("audit").await;
    ground.unguard("outbox").await;
    let column = |name: &str| format!("UPDATE audit SET {name} = {name} || 'x' WHERE seq = 270");
    for change in [
        column("actor"),
        column("origin"),
        column("action"),
        column("object_kind"),
        column("object_id"),
        column("body"),
        column("hash"),
        "UPDATE audit SET at = at + 1 WHERE seq = 270".to_owned(),
        // Characters moved from one field to the next: the lengths are in the hash.
        "UPDATE audit SET actor = 'li', origin = 'n10.0.0.7' WHERE seq = 270".to_owned(),
    ] {
        ground.hand("CREATE TABLE kept AS SELECT * FROM audit WHERE seq = 270").await.unwrap();
        ground.hand(&change).await.unwrap();
        assert_eq!(records.verify(&[]).await.unwrap(), broken(270, Fault::Changed), "{change}");
        let back = "UPDATE audit SET actor = kept.actor, origin = kept.origin, action = kept.action, \
                    object_kind = kept.object_kind, object_id = kept.object_id, body = kept.body, hash = kept.hash, \
                    at = kept.at FROM kept WHERE audit.seq = kept.seq";
        ground.hand(back).await.unwrap();
        ground.hand("DROP TABLE kept").await.unwrap();
        assert_eq!(records.verify(&[]).await.unwrap(), whole);
    }
    let previous = format!("UPDATE audit SET previous = '{}' WHERE seq = 290", Hash::of(b"x"));
    ground.hand(&previous).await.unwrap();
    assert_eq!(records.verify(&[]).await.unwrap(), broken(290, Fault::Unchained));
    // A link before that one comes first.
    ground.hand("DELETE FROM outbox WHERE audit IN (1, 200)").await.unwrap();
    ground.hand("DELETE FROM audit WHERE seq = 200").await.unwrap();
    assert_eq!(records.verify(&[]).await.unwrap(), broken(200, Fault::Absent));
    ground.hand("DELETE FROM audit WHERE seq = 1").await.unwrap();
    assert_eq!(records.verify(&[]).await.unwrap(), broken(1, Fault::Absent));
}

const fn broken(seq: i64, fault: Fault) -> Verdict {
    Verdict::Broken { seq, fault }
}

pub(crate) async fn a_cut_end_and_a_forged_chain_are_found_by_a_head_that_was_kept(ground: Ground) {
    let records = ground.open().await;
    events(&records, 5).await;
    let kept = records.audit_head().await.unwrap();
    events(&records, 2).await;
    assert!(matches!(records.verify(&[kept]).await.unwrap(), Verdict::Whole(Link { seq: 7, .. })));
    ground.unguard("audit").await;
    ground.unguard("outbox").await;
    // Event 5 is written anew, with a right hash, and the events after it are gone: a chain without a fault.
    let mut forged = records.audit_after(4, 1).await.unwrap().remove(0);
    forged.actor = "somebody else".to_owned();
    ground.hand("DELETE FROM outbox WHERE audit > 5").await.unwrap();
    ground.hand("DELETE FROM audit WHERE seq > 5").await.unwrap();
    let sql = format!("UPDATE audit SET actor = '{}', hash = '{}' WHERE seq = 5", forged.actor, forged.hash());
    ground.hand(&sql).await.unwrap();
    assert!(matches!(records.verify(&[]).await.unwrap(), Verdict::Whole(Link { seq: 5, .. })));
    assert_eq!(records.verify(&[kept]).await.unwrap(), broken(5, Fault::Replaced));
    ground.hand("DELETE FROM outbox WHERE audit > 3").await.unwrap();
    ground.hand("DELETE FROM audit WHERE seq > 3").await.unwrap();
    assert_eq!(records.verify(&[kept]).await.unwrap(), broken(4, Fault::Absent));
}

pub(crate) async fn what_was_told_cannot_be_changed(ground: Ground) {
    let records = ground.open().await;
    crate::zoning::one_of_each(&records).await;
    for table in [
        "audit",
        "outbox",
        "edition",
        "edition_step",
        "screening_case",
        "case_unit",
        "judgement",
        "judgement_revoked",
        "objection",
        "objection_step",
        "follow_up",
        "impact_run",
    ] {
        let column = ground.hand(&format!("SELECT CAST(count(*) AS TEXT) FROM {table}")).await.unwrap();
        assert_ne!(column, ["0"], "{table} is empty: nothing is proved");
        let some = match table {
            "audit" => "seq = seq",
            "outbox" => "position = position",
            "case_unit" => "unit = unit",
            "judgement_revoked" => "judgement = judgement",
            "edition_step" | "objection_step" => "step = step",
            _ => "id = id",
        };
        for sql in [format!("UPDATE {table} SET {some}"), format!("DELETE FROM {table}")] {
            let error = ground.hand(&sql).await.expect_err(&sql).to_string();
            assert!(error.contains("append-only"), "{sql}: {error}");
        }
        if !ground.is_sqlite() {
            let error = ground.hand(&format!("TRUNCATE {table} CASCADE")).await.expect_err(table).to_string();
            assert!(error.contains("append-only"), "{table}: {error}");
        }
    }
}

fn once(key: &str, request: &[u8]) -> OnceKey {
    OnceKey { subject: "lin".to_owned(), key: key.to_owned(), request: Hash::of(request) }
}

/// One request: gives the answer and whether it was made here.
async fn post(records: &Records, key: &OnceKey) -> Result<(Answer, bool), RecordsError> {
    let mut write = records.begin(by("lin")).await?;
    if let Some(answer) = write.seen(key).await? {
        return Ok((answer, false));
    }
    let number = write.next_number(&NumberPattern::parse("P-{n:3}").unwrap()).await?;
    tokio::task::yield_now().await;
    let answer = Answer { status: 201, body: number.into_bytes() };
    write.keep_answer(key, &answer, Span::days(7)).await?;
    write.commit().await?;
    Ok((answer, true))
}

pub(crate) async fn of_many_posts_with_one_key_one_is_done(ground: Ground) {
    // Two programs on one database, eight requests each, all at once.
    let programs = [ground.open().await, ground.open().await];
    let key = once("k1", b"body");
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let (records, key) = (programs[number % 2].clone(), key.clone());
            tokio::spawn(async move { post(&records, &key).await.unwrap() })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        let (answer, here) = task.await.unwrap();
        assert_eq!(answer, Answer { status: 201, body: b"P-001".to_vec() });
        made += usize::from(here);
    }
    assert_eq!(made, 1);
    assert_eq!(ground.hand("SELECT CAST(last AS TEXT) FROM number_series").await.unwrap(), ["1"]);
    assert_eq!(programs[0].answer_of(&key, NOON).await.unwrap().unwrap().body, b"P-001");
}

pub(crate) async fn a_key_for_another_request_is_refused_until_it_expires(ground: Ground) {
    let records = ground.open().await;
    post(&records, &once("k", b"one")).await.unwrap();
    let other = once("k", b"two");
    let error = post(&records, &other).await.unwrap_err();
    assert_eq!(error.refusal(), Some(&Refusal::KeyReused { key: "k".to_owned() }));
    assert!(records.answer_of(&other, NOON).await.is_err());
    // Another subject's key is another key.
    let theirs = OnceKey { subject: "wu".to_owned(), ..other.clone() };
    assert!(post(&records, &theirs).await.unwrap().1);
    let later = Act::new("lin", NOON.after(Span::days(7)));
    let mut write = records.begin(later.clone()).await.unwrap();
    assert_eq!(write.seen(&other).await.unwrap(), None);
    write.keep_answer(&other, &Answer { status: 200, body: vec![0, 255] }, Span::days(7)).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(records.answer_of(&other, later.now).await.unwrap().unwrap().body, [0, 255]);
    let mut write = records.begin(Act::new("lin", NOON.after(Span::days(13)))).await.unwrap();
    assert_eq!(write.forget_answers().await.unwrap(), 1, "that of the other subject");
    write.commit().await.unwrap();
}

pub(crate) async fn numbers_have_no_gaps(ground: Ground) {
    let records = ground.open().await;
    let pattern = NumberPattern::parse("厦环研〔{year}〕{n:5}号").unwrap();
    let take = async |commit: bool, now| {
        let mut write = records.begin(Act::new("lin", now)).await.unwrap();
        let number = write.next_number(&pattern).await.unwrap();
        if commit {
            write.commit().await.unwrap();
        }
        number
    };
    assert_eq!(take(true, NOON).await, "厦环研〔2026〕00001号");
    assert_eq!(take(false, NOON).await, "厦环研〔2026〕00002号");
    assert_eq!(take(true, NOON).await, "厦环研〔2026〕00002号");
    assert_eq!(take(true, NOON.after(Span::days(365))).await, "厦环研〔2027〕00001号");
    assert_eq!(take(true, NOON).await, "厦环研〔2026〕00003号");
    for wrong in ["", "{n}{n}", "{n:13}", "{m}{n}", "x{n", "{n:a}", "{n}}"] {
        assert_eq!(NumberPattern::parse(wrong).unwrap_err().code(), "records.field", "{wrong}");
    }
}

pub(crate) async fn the_outbox_is_read_from_a_position(ground: Ground) {
    let records = ground.open().await;
    events(&records, 3).await;
    let mut write = records.begin(by("lin")).await.unwrap();
    write.note("only.audit", "thing", "n", &json!({})).await.unwrap();
    write.tell("told", "thing", "t", &json!({ "a": 1 })).await.unwrap();
    write.commit().await.unwrap();
    let all = records.outbox_after(0, 100).await.unwrap();
    assert_eq!(
        all.iter().map(|told| (told.position, told.audit)).collect::<Vec<_>>(),
        [(1, 1), (2, 2), (3, 3), (4, 5)]
    );
    let page = records.outbox_after(2, 1).await.unwrap();
    assert_eq!((page.len(), page[0].position, page[0].body.as_str()), (1, 3, r#"{"n":2,"名":"值"}"#));
    assert_eq!(records.outbox_after(4, 100).await.unwrap(), []);
    let of = records.audit_of("thing", "t", 10).await.unwrap();
    assert_eq!((of.len(), of[0].seq, of[0].actor.as_str()), (1, 5, "lin"));
}

pub(crate) async fn text_with_nul_is_refused_alike(ground: Ground) {
    let records = ground.open().await;
    let mut write = records.begin(by("lin")).await.unwrap();
    let error = write.note("a\0b", "thing", "1", &json!({})).await.unwrap_err();
    assert_eq!(error.code(), "records.field");
    let error = write.note("ok", "thing", "1\0", &json!({})).await.unwrap_err();
    assert_eq!(error.code(), "records.field");
    write.note("ok", "thing", "1", &json!({ "escaped": "\0" })).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(records.begin(by(" ")).await.unwrap_err().code(), "records.field");
}
