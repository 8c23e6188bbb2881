//! Greenhouse gases.

use super::{refused, shipped};
use norms::ghg::{ActivityUnit, Factor, GridArea, InventoryError, InventoryLine, inventory};
use norms::{Confidence, Day, Measured, Norms, Origin, Ratio};
use proptest::prelude::*;
use std::sync::LazyLock;

static NORMS: LazyLock<Norms> = LazyLock::new(shipped);

fn number(text: &str) -> Measured {
    text.parse().unwrap()
}

fn today() -> Day {
    "2026-03-01".parse().unwrap()
}

fn line(sector: &str, amount: &str, factor: &Factor) -> InventoryLine {
    InventoryLine { sector: sector.to_owned(), amount: number(amount), unit: factor.unit, factor: factor.clone() }
}

#[test]
fn ghg_g1_factor_of_a_fuel() {
    let factor = |fuel, decimals| NORMS.ghg.fuel_factor(today(), fuel).unwrap().value.rounded(decimals).to_string();
    assert_eq!(factor("raw_coal", 4), "1.9003");
    assert_eq!(
        (factor("raw_coal", 3), factor("diesel", 3), factor("petrol", 3)),
        ("1.900".into(), "3.096".into(), "2.925".into())
    );
    let gas = NORMS.ghg.fuel_factor(today(), "natural_gas").unwrap();
    assert_eq!((gas.value.rounded(3).to_string(), gas.unit), ("21.622".into(), ActivityUnit::TenThousandCubicMetres));
    let fuels = NORMS.ghg.fuels.on(today()).unwrap();
    assert_eq!((fuels.fuels.len(), fuels.fuel("raw_coal").unwrap().kgce), (10, number("0.7143")));
    assert_eq!(fuels.factor("peat"), None);
    let energy = NORMS.ghg.coal_equivalents.on(today()).unwrap().factor("coal").unwrap();
    assert_eq!((energy.value, energy.origin.confidence), (number("2.66").ratio(), Confidence::Memory));
}

#[test]
fn ghg_g1_electricity_of_fujian() {
    let fujian = NORMS.ghg.grid_factor(2023, GridArea::Province("福建")).unwrap();
    // 1000 kWh, in kg.
    assert_eq!(fujian.emission(number("1")).unwrap().to_string(), "0.4211");
    assert_eq!((fujian.year, fujian.origin.confidence), (Some(2023), Confidence::Verified));
    let of = |year, area| {
        let factor = NORMS.ghg.grid_factor(year, area)?;
        Some((factor.value.rounded(4).to_string(), factor.origin.confidence))
    };
    assert_eq!(of(2023, GridArea::Region("华东")), Some(("0.5500".into(), Confidence::Verified)));
    assert_eq!(of(2023, GridArea::National), Some(("0.5306".into(), Confidence::Verified)));
    assert_eq!(of(2023, GridArea::NationalFossil), Some(("0.8273".into(), Confidence::Verified)));
    assert_eq!(of(2022, GridArea::National), Some(("0.5366".into(), Confidence::Verified)));
    assert_eq!(of(2022, GridArea::Region("华东")), Some(("0.5617".into(), Confidence::Memory)));
    assert_eq!(of(2021, GridArea::Province("福建")), Some(("0.4711".into(), Confidence::Memory)));
    assert_eq!(of(2020, GridArea::National), Some(("0.5703".into(), Confidence::Memory)));
    // No year stands in for another.
    assert_eq!((of(2024, GridArea::National), of(2022, GridArea::Province("广东"))), (None, None));
    assert_eq!(NORMS.ghg.grid[&2023].instrument.id, "GRID-2023");
}

fn given(value: &str, unit: ActivityUnit, confidence: Confidence) -> Factor {
    let origin =
        Origin { source: "worked example".to_owned(), confidence, found_in: String::new(), note: String::new() };
    Factor { name_zh: String::new(), value: number(value).ratio(), unit, year: None, origin }
}

#[test]
fn city_inventory_of_the_example() {
    let tonne = |value| given(value, ActivityUnit::Tonne, Confidence::Verified);
    let lines = vec![
        line("fuel", "3000000", &tonne("1.900")),
        line("fuel", "1200000", &tonne("3.05")),
        line("fuel", "90000", &given("21.622", ActivityUnit::TenThousandCubicMetres, Confidence::Verified)),
        line("electricity", "15000000", &given("0.55", ActivityUnit::MegawattHour, Confidence::Memory)),
        line("process", "400000", &tonne("1")),
    ];
    let made = inventory(lines.clone()).unwrap();
    let in_ten_thousands = |tonnes: Measured| tonnes.ratio().over_count(10_000).unwrap().rounded(1).to_string();
    assert_eq!(in_ten_thousands(made.total), "1995.6");
    let sums: Vec<_> = made.sectors.iter().map(|sector| in_ten_thousands(sector.emission)).collect();
    assert_eq!(sums, ["1130.6", "825.0", "40.0"]);
    assert_eq!(made.sectors[0].confidence, Confidence::Verified);
    assert_eq!((made.sectors[1].confidence, made.confidence()), (Confidence::Memory, Some(Confidence::Memory)));
    assert_eq!(made.lines[3].line.factor.origin.source, "worked example");
    let mut wrong = lines;
    wrong[2].unit = ActivityUnit::Tonne;
    assert_eq!(inventory(wrong), Err(InventoryError::Unit(2)));
    let huge = vec![line("fuel", "9000000000", &tonne("9000000000"))];
    assert_eq!(inventory(huge), Err(InventoryError::OutOfRange(0)));
    assert_eq!(inventory(Vec::new()).unwrap().confidence(), None);
    // What was sold is taken off.
    let sold = vec![line("electricity", "-10", &given("0.5", ActivityUnit::MegawattHour, Confidence::Verified))];
    assert_eq!(inventory(sold).unwrap().total, number("-5"));
}

#[test]
fn lies_in_tables_of_greenhouse_gases_are_refused() {
    let fuel = "ghg/fuel.toml";
    let error = refused(fuel, "ncv = 42652", "ncv = 42562");
    assert!(error.message_en.contains("diesel is 3.0894"), "{error}");
    assert!(refused(fuel, "oxidation = 0.94", "oxidation = 1.94").message_en.contains("oxidised"));
    assert!(refused(fuel, "id = \"diesel\"", "id = \"petrol\"").message_en.contains("twice"));
    assert!(refused(fuel, "[44, 12]", "[44, 0]").line > 0);
    let grid = "ghg/grid-2023.toml";
    assert!(refused(grid, "area = \"福建\"", "area = \"江西\"").message_en.contains("twice"));
    assert!(refused(grid, "value = 0.5306", "value = 5306").message_en.contains("at most 2"));
    assert!(refused(grid, "kind = \"national\"", "kind = \"region\"").message_en.contains("country"));
    assert!(refused(grid, "year = 2023", "year = 2022").message_en.contains("twice"));
}

proptest! {
    #[test]
    fn sectors_add_up_to_the_total(lines in prop::collection::vec((0_usize..4, 0_i64..1_000_000, 1_i64..50_000), 0..30)) {
        let lines: Vec<_> = lines
            .into_iter()
            .map(|(sector, tenths, factor)| InventoryLine {
                sector: sector.to_string(),
                amount: Measured::tenths(tenths),
                unit: ActivityUnit::Tonne,
                factor: Factor {
                    value: Ratio::new(i128::from(factor), 10_000),
                    ..given("1", ActivityUnit::Tonne, Confidence::Verified)
                },
            })
            .collect();
        let made = inventory(lines).unwrap();
        let sum = |emissions: &mut dyn Iterator<Item = Measured>| emissions.map(Measured::parts).sum::<i64>();
        prop_assert_eq!(sum(&mut made.sectors.iter().map(|sector| sector.emission)), made.total.parts());
        prop_assert_eq!(sum(&mut made.lines.iter().map(|line| line.emission)), made.total.parts());
    }
}
