//! kill -9 of a writer at random moments: every unit is there whole or not at all, and nothing acknowledged is lost.

use crate::ground::{Ground, new_account};
use crate::sizes;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use records::{Act, Answer, Hash, Limits, Moment, NumberPattern, OnceKey, Records, Span, Uuid, Verdict};
use serde_json::json;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

const ADDRESS: &str = "YUNDANG_TEST_RECORDS";

/// The process that is killed: units of several rows each; prints a number once its unit is committed.
pub(crate) fn write_until_killed() {
    let Ok(address) = std::env::var(ADDRESS) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let records = Records::open(&address, Limits::default()).await.unwrap();
        let pattern = NumberPattern::parse("K-{n}").unwrap();
        let account = new_account(&records, "placeholder").await;
        println!("ready");
        for round in 0.. {
            let mut write = records.begin(Act::new("killed", Moment::from_micros(round))).await.unwrap();
            let number = write.next_number(&pattern).await.unwrap();
            let mut account = account.clone();
            // Other processes had other numbers, so this id is new.
            let digits: u128 = number[2..].parse().unwrap();
            account.id = Uuid::from_u128(account.id.as_u128() << 64 | digits);
            account.login = number.clone();
            write.add_account(&account).await.unwrap();
            write.tell("killed.tell", "number", &number, &json!({ "round": round })).await.unwrap();
            let key = OnceKey { subject: "killed".to_owned(), key: number.clone(), request: Hash::of(b"") };
            let answer = Answer { status: 201, body: number.clone().into_bytes() };
            write.keep_answer(&key, &answer, Span::days(7)).await.unwrap();
            write.commit().await.unwrap();
            println!("{number}");
            std::io::stdout().flush().unwrap();
        }
    });
}

/// Starts a writer, kills it after so many acknowledged units and a moment; gives the last number that it told.
fn killed(address: &str, units: usize, micros: u64) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash_child", "--ignored", "--nocapture", "--test-threads=1"])
        .env(ADDRESS, address)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.by_ref().map_while(Result::ok).any(|line| line.ends_with("ready")), "the writer did not start");
    let number = |line: String| line.strip_prefix("K-").and_then(|number| number.parse::<u64>().ok());
    let mut last = lines.by_ref().take(units).map_while(Result::ok).filter_map(number).max().unwrap_or(0);
    std::thread::sleep(Duration::from_micros(micros));
    // SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    // What is in the pipe was acknowledged; half a line was not.
    last = lines.map_while(Result::ok).filter_map(number).max().unwrap_or(0).max(last);
    last
}

pub(crate) async fn heavy_killed_writers_leave_a_whole_chain(ground: Ground) {
    let kills = sizes::size("records_kills");
    let mut chance = ChaCha8Rng::seed_from_u64(sizes::seed());
    let (mut last, mut total) = (0, 0);
    for kill in 0..kills {
        let (units, micros) = (chance.random_range(0..12), chance.random_range(0..6_000));
        let told = killed(&ground.address, units, micros);
        total += told.saturating_sub(last);
        let records = ground.open().await;
        // Waits for a unit that a server still has in its hands.
        records.begin(Act::new("after", Moment::from_micros(0))).await.unwrap().roll_back().await.unwrap();
        let Verdict::Whole(head) = records.verify(&[]).await.unwrap() else {
            panic!("kill {kill}: the chain is broken")
        };
        let count = async |sql: &str| ground.hand(sql).await.unwrap()[0].parse::<u64>().unwrap();
        let done = count("SELECT CAST(coalesce(max(last), 0) AS TEXT) FROM number_series").await;
        assert!(done >= told.max(last), "kill {kill}: {told} was acknowledged, {done} is there");
        // One unit may have been committed and not told.
        assert!(done <= told.max(last) + 1, "kill {kill}");
        for sql in [
            "SELECT CAST(count(*) AS TEXT) FROM user_account",
            "SELECT CAST(count(*) AS TEXT) FROM idempotency",
            "SELECT CAST(count(*) AS TEXT) FROM outbox",
            "SELECT CAST(coalesce(max(position), 0) AS TEXT) FROM outbox",
        ] {
            assert_eq!(count(sql).await, done, "kill {kill}: {sql}");
        }
        assert_eq!(u64::try_from(head.seq).unwrap(), 2 * done, "kill {kill}: two events a unit");
        last = done;
        records.close().await;
    }
    assert!(total > 0, "no writer came to write: nothing is proved");
}
