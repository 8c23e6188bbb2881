//! Works, visits and intake: entries of which figures are sums.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::model::{Scene, Works, YearVisits, season};
use super::{MediaModel, Place, place};
use crate::dice::Dice;
use crate::{Error, Reading};

const NOTE: &str = "模拟 simulated";

/// One entry of the worklog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkEntry {
    /// Its number, such as `sewer_km-2022-003`; unique.
    pub entry: String,
    /// What it counts: `sewer_km`, `separation_km2`, `sewage_capacity`, `outfall_visit`, `outfall_dry_check`,
    /// `intake_volume`.
    pub kind: String,
    /// Name of the work, or code of the outfall or source.
    pub subject: String,
    /// Day on which it was done; of an intake the last day of its month.
    pub date: Date,
    /// How much.
    pub quantity: Reading,
    /// Unit of the quantity.
    pub unit: String,
    /// That it is simulated.
    pub note: &'static str,
}

/// Makes the worklog of all years of the model, kind by kind, each by date.
///
/// Totals of works and numbers of visits are those of the model; how they split into works and outfalls is chance.
///
/// # Errors
/// [`Error::StationTwice`].
///
/// ```
/// use simulator::media::{MediaModel, places, worklog};
/// let model = MediaModel::parse(include_str!("../../../../cities/xiamen/demo/media.toml"))?;
/// let places = places(include_str!("../../../../cities/xiamen/demo/places.csv"))?;
/// let log = worklog(&model, &places, model.seed)?;
/// let visits = log.iter().filter(|entry| entry.kind == "outfall_visit" && entry.date.year() == 2022);
/// assert_eq!(visits.count(), 1279);
/// # Ok::<(), simulator::Error>(())
/// ```
pub fn worklog(model: &MediaModel, places: &[Place], seed: u64) -> Result<Vec<WorkEntry>, Error> {
    place::check_codes(places)?;
    let scene = Scene::new(model, seed);
    let mut log: Vec<WorkEntry> = model.works.iter().flat_map(|works| built(&scene, works)).collect();
    log.extend(outfall_visits(&scene, places));
    log.extend(dry_checks(&scene, places));
    log.extend(intakes(&scene, places));
    number(&mut log);
    Ok(log)
}

/// Sorts by kind as they came and by date, and numbers the entries of each kind and year.
fn number(log: &mut [WorkEntry]) {
    for of_kind in log.chunk_by_mut(|a, b| a.kind == b.kind) {
        of_kind.sort_by(|a, b| a.date.cmp(&b.date).then_with(|| a.subject.cmp(&b.subject)));
        for of_year in of_kind.chunk_by_mut(|a, b| a.date.year() == b.date.year()) {
            for (entry, number) in of_year.iter_mut().zip(1..) {
                entry.entry = format!("{}-{}-{number:04}", entry.kind, entry.date.year());
            }
        }
    }
}

fn entry(kind: &str, unit: &str, subject: String, date: Date, quantity: Reading) -> WorkEntry {
    WorkEntry {
        entry: String::new(),
        kind: kind.to_owned(),
        subject,
        date,
        quantity,
        unit: unit.to_owned(),
        note: NOTE,
    }
}

/// The works of one kind. The total is split by random weights into whole last places, so that it is kept exactly.
fn built(scene: &Scene<'_>, works: &Works) -> Vec<WorkEntry> {
    let mut dice = scene.dice(&format!("works {}", works.kind));
    let weights: Vec<f64> = (0..works.count).map(|_| (0.5 * dice.normal()).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let total = Reading::round(works.total, works.decimals).mantissa as f64;
    let (mut gone, mut before) = (0.0, 0);
    weights
        .iter()
        .enumerate()
        .map(|(number, weight)| {
            gone += weight;
            let until = if number + 1 == works.count { total } else { (total * gone / sum).round() } as i64;
            let quantity = Reading { mantissa: until - before, decimals: works.decimals };
            before = until;
            let subject = format!("{}{:02}", works.subjects[number % works.subjects.len()], number + 1);
            entry(&works.kind, &works.unit, subject, day_between(&mut dice, works.from, works.to), quantity)
        })
        .collect()
}

fn day_between(dice: &mut Dice, from: Date, to: Date) -> Date {
    let days = to.duration_since(from).as_hours() / 24;
    from.saturating_add(((dice.uniform() * days as f64) as i64).days())
}

/// Every outfall is visited equally often in a year; who is visited once more is chance.
fn outfall_visits(scene: &Scene<'_>, places: &[Place]) -> Vec<WorkEntry> {
    let visits = &scene.model.visits;
    let outfalls: Vec<&Place> = places.iter().filter(|place| place.kind == "sea_outfall").collect();
    let mut log = Vec::new();
    for &YearVisits { year, count } in &visits.by_year {
        let Some(each) = count.checked_div(outfalls.len()) else { continue };
        let mut dice = scene.dice(&format!("visits {year}"));
        let mut order: Vec<(f64, &Place)> = outfalls.iter().map(|place| (dice.uniform(), *place)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let more = count % outfalls.len();
        for (rank, (_, place)) in order.into_iter().enumerate() {
            for _ in 0..each + usize::from(rank < more) {
                let day = day_between(&mut dice, date(year, 1, 1), date(year + 1, 1, 1));
                let once = Reading { mantissa: 1, decimals: 0 };
                log.push(entry(&visits.kind, &visits.unit, place.station.to_string(), day, once));
            }
        }
    }
    log
}

/// One check a quarter of what runs out in dry weather.
fn dry_checks(scene: &Scene<'_>, places: &[Place]) -> Vec<WorkEntry> {
    let visits = &scene.model.visits;
    let checked = places.iter().filter(|place| place.is_in(&visits.dry_programme));
    let mut log = Vec::new();
    for place in checked {
        let mut dice = scene.dice(&format!("dry {}", place.station));
        for (year, month) in scene.model.years().flat_map(|year| [1, 4, 7, 10].map(|month| (year, month))) {
            let first = date(year, month, 1);
            let day = day_between(&mut dice, first, first.saturating_add(3.months()));
            let before = visits.dry_before * (0.5 * dice.normal()).exp();
            let flow = if day < visits.dry_since { before } else { 0.0 };
            let flow = Reading::round(flow, 0);
            log.push(entry(&visits.dry_kind, &visits.dry_unit, place.station.to_string(), day, flow));
        }
    }
    log
}

fn intakes(scene: &Scene<'_>, places: &[Place]) -> Vec<WorkEntry> {
    let intake = &scene.model.intake;
    let mut log = Vec::new();
    let of_sources = places.iter().filter_map(|place| Some((place, *intake.day.get(&*place.station)?)));
    for (place, mean) in of_sources {
        let mut dice = scene.dice(&format!("intake {}", place.station));
        for (year, month) in scene.model.years().flat_map(|year| (1..=12).map(move |month| (year, month))) {
            let last = date(year, month, 1).last_of_month();
            let by_day = mean * (1.0 + intake.season * season(last, 8.0)) * (intake.spread * dice.normal()).exp();
            let volume = Reading::round(by_day * f64::from(last.day()), 1);
            log.push(entry(&intake.kind, &intake.unit, place.station.to_string(), last, volume));
        }
    }
    log
}
