//! Discharge and on-line data.

use super::{refused, shipped};
use norms::discharge::{
    Averaged, Bound, FlagStanding, HourValue, NotJudged, OnlineMedium, Outcome, Outlet, RateFrom, Stack,
    TransmissionCounts, at_reference_oxygen, capture_percent, emission_rate, transmission,
};
use norms::{Confidence, Day, Measured, Month, Norms};
use proptest::prelude::*;
use std::sync::LazyLock;

static NORMS: LazyLock<Norms> = LazyLock::new(shipped);

fn number(text: &str) -> Measured {
    text.parse().unwrap()
}

fn today() -> Day {
    "2026-03-01".parse().unwrap()
}

fn outlet<'a>(table: &'a str, column: &'a str) -> Outlet<'a> {
    Outlet { table, column, ..Outlet::default() }
}

fn outcome(standard: &str, outlet: &Outlet<'_>, parameter: &str, value: &str) -> Outcome {
    NORMS.discharge.limits_on(standard, today()).unwrap().judge(outlet, parameter, number(value)).outcome
}

#[test]
fn hj76_d1_an_hour_needs_45_minutes_a_day_20_hours_a_month_25_days() {
    let gas = NORMS.discharge.online_on(OnlineMedium::Gas, today()).unwrap();
    let of = |count: usize| vec![number("35"); count];
    assert_eq!(gas.hour_mean(of(44)), Averaged::TooFew { have: 44, need: 45 });
    assert_eq!(gas.hour_mean(of(45)), Averaged::Mean { value: number("35"), count: 45 });
    let hours = |count: usize| vec![HourValue { value: number("35"), flow: None }; count];
    assert_eq!(gas.day_mean(&hours(19), 24), Averaged::TooFew { have: 19, need: 20 });
    assert_eq!(gas.day_mean(&hours(20), 24).value(), Some(number("35")));
    let month = |text: &str, days: usize| {
        let day: Day = text.parse().unwrap();
        gas.month_mean(day.month(), of(days)).unwrap().value().is_some()
    };
    assert_eq!((month("2026-03-01", 24), month("2026-03-01", 25)), (false, true));
    assert_eq!((month("2026-02-01", 22), month("2026-02-01", 23)), (false, true));
}

#[test]
fn gb13271_d2_reference_oxygen() {
    let convert = |value: &str, oxygen: &str, reference: &str| {
        at_reference_oxygen(number(value), number(oxygen), number(reference), number("21"))
    };
    assert_eq!(convert("80", "12.5", "9").unwrap().rounded(1).to_string(), "112.9");
    assert_eq!(convert("40", "8", "6").unwrap().rounded(1).to_string(), "46.2");
    for oxygen in ["21", "21.5", "-0.1"] {
        assert_eq!(convert("80", oxygen, "9"), Err(NotJudged::OxygenOutOfRange), "{oxygen}");
    }
    // 40 mg/m³ of dust in a new coal boiler is 56.5 at the reference: above 50.
    let coal = Outlet { oxygen: Some(number("12.5")), ..outlet("new", "coal") };
    let Outcome::Exceeded { times } = outcome("GB13271", &coal, "PM", "40") else { panic!("56.5 is above 50") };
    assert_eq!(times.unwrap().rounded(2).to_string(), "0.13");
    assert_eq!(outcome("GB13271", &coal, "PM", "35"), Outcome::Compliant);
    let unknown = outcome("GB13271", &outlet("new", "coal"), "PM", "35");
    assert_eq!(unknown, Outcome::NotJudged(NotJudged::OxygenUnknown));
    assert_eq!(outcome("GB13271", &outlet("new", "coal"), "BLACKNESS", "1"), Outcome::Compliant);
    assert_eq!(emission_rate(number("35"), number("200000")), Some(number("7")));
}

#[test]
fn gb13223_columns_and_confidence() {
    let plants = NORMS.discharge.limits_on("GB13223", today()).unwrap();
    let bound = |table, column, parameter| plants.bound(&outlet(table, column), parameter).map(|(bound, _)| bound);
    let at_most = |text| Ok(Bound::AtMost(number(text)));
    assert_eq!(bound("new", "coal", "SO2"), at_most("100"));
    assert_eq!(bound("existing", "coal_gx_cq_sc_gz", "SO2"), at_most("400"));
    assert_eq!(bound("new", "coal_w_cfb_pre2004", "NOX"), at_most("200"));
    assert_eq!(bound("existing", "oil_boiler", "NOX"), at_most("200"));
    assert_eq!(bound("new", "natural_gas_turbine", "NOX"), at_most("50"));
    assert_eq!(bound("new", "other_gas_boiler", "SO2"), at_most("100"));
    assert_eq!(bound("special", "gas_turbine", "NOX"), at_most("50"));
    assert_eq!(bound("new", "oil_boiler", "Hg"), Err(NotJudged::NoLimit));
    assert_eq!(plants.bound(&outlet("special", "coal"), "PM").unwrap().1.confidence, Confidence::Memory);
    let ultra_low = NORMS.discharge.limits_on("ULTRALOW", today()).unwrap();
    let coal = Outlet { oxygen: Some(number("6")), ..outlet("ultra_low", "coal") };
    assert_eq!(ultra_low.judge(&coal, "SO2", number("35")).outcome, Outcome::Compliant);
}

#[test]
fn gb16297_d3_rates_by_height() {
    let rates = NORMS.discharge.rates_on("GB16297", today()).unwrap();
    let stack = |height: &str| Stack { height: number(height), is_new: true, stands_out: true };
    let rate = |height: &str| rates.rate_limit("PM", "2", stack(height)).unwrap();
    assert_eq!((rate("25").rate, rate("25").from), (number("14.45"), RateFrom::Between));
    assert_eq!((rate("70").rate.rounded(1).to_string(), rate("70").from), ("115.7".into(), RateFrom::Above));
    assert_eq!((rate("10").rate.rounded(2).to_string(), rate("10").low), ("0.78".into(), true));
    assert_eq!((rate("15").rate, rate("15").from, rate("15").low), (number("3.5"), RateFrom::Table, false));
    let old = Stack { is_new: false, ..stack("10") };
    assert_eq!(rates.rate_limit("PM", "2", old).unwrap().rate.rounded(3).to_string(), "1.556");
    let hidden = Stack { stands_out: false, ..stack("30") };
    let lowered = rates.rate_limit("PM", "2", hidden).unwrap();
    assert_eq!((lowered.rate, lowered.near), (number("11.5"), true));
    let judged = rates.judge_rate("PM", "2", stack("25"), number("14.45"));
    assert_eq!((judged.outcome, judged.origin.unwrap().confidence), (Outcome::Compliant, Confidence::Verified));
    assert!(matches!(
        rates.judge_rate("PM", "2", stack("25"), number("14.46")).outcome,
        Outcome::Exceeded { times: Some(_) }
    ));
    for height in ["0", "-5", "1000.001", "9000000000"] {
        let refused = rates.rate_limit("PM", "2", stack(height));
        assert_eq!(refused, Err(NotJudged::HeightOutOfRange), "{height}");
    }
    assert_eq!(rates.rate_limit("PM", "1", stack("20")), Err(NotJudged::NoColumn));
    assert_eq!(rates.rate_limit("X", "2", stack("20")), Err(NotJudged::NoLimit));
    assert_eq!(rates.judge_concentration("NMHC", number("120")).outcome, Outcome::Compliant);
    assert_eq!(rates.item("F").unwrap().fugitive_unit, "µg/m³");
    assert_eq!(rates.judge_fugitive("F", number("20")).outcome, Outcome::Compliant);
}

#[test]
fn transmission_d4() {
    let counts = TransmissionCounts { due: 1000, received: 980, hours_due: 200, hours_valid: 190 };
    let rates = transmission(counts).unwrap();
    assert_eq!(rates.effective.rounded(1).to_string(), "93.1");
    assert_eq!((rates.transmission.rounded(0).units, rates.validity.rounded(0).units), (98, 95));
    assert_eq!(transmission(TransmissionCounts { due: 0, ..counts }), None);
    assert_eq!(transmission(TransmissionCounts { received: 1001, ..counts }), None);
    let rule = NORMS.discharge.transmission.on(today()).unwrap();
    let target = rule.target().unwrap();
    assert_eq!((target.percent_min, target.origin.confidence), (number("90"), Confidence::Memory));
    assert_eq!((rule.repair_days, rule.vouchers_day, rule.origin.confidence), (10, 10, Confidence::Verified));
}

#[test]
fn hj355_d5_day_mean_by_flow() {
    let water = NORMS.discharge.online_on(OnlineMedium::Water, today()).unwrap();
    let hour =
        |value: i64, flow: Option<i64>| HourValue { value: Measured::whole(value), flow: flow.map(Measured::whole) };
    let hours = [hour(50, Some(100)), hour(60, Some(300)), hour(40, Some(100))];
    assert_eq!(water.day_mean(&hours, 4).value(), Some(number("54")));
    assert_eq!(water.day_mean(&hours, 5), Averaged::TooFew { have: 3, need: 4 });
    // Without a flow of one hour the mean is arithmetic; an hour in which nothing flowed is no value.
    assert_eq!(
        water.day_mean(&[hour(50, None), hour(60, Some(300)), hour(40, Some(100))], 4).value(),
        Some(number("50"))
    );
    assert_eq!(water.day_mean(&[hour(50, Some(0)), hour(60, Some(300))], 1).value(), Some(number("60")));
    assert_eq!(water.day_mean(&[hour(-1, Some(10))], 1), Averaged::TooFew { have: 0, need: 1 });
    assert_eq!(water.day_mean(&[], 0), Averaged::TooFew { have: 0, need: 1 });
    assert_eq!(water.origin.confidence, Confidence::Memory);
    assert_eq!(water.month_mean(Month::from_ym(2026, 3).unwrap(), []), None);
}

#[test]
fn gb18918_ammonia_in_the_cold() {
    let at =
        |temperature: Option<&str>| Outlet { water_temperature: temperature.map(number), ..outlet("table1", "1A") };
    let judge = |temperature, value| outcome("GB18918", &at(temperature), "NH3N", value);
    assert_eq!(judge(Some("12"), "8"), Outcome::Compliant);
    assert!(matches!(judge(Some("12.1"), "8"), Outcome::Exceeded { .. }));
    assert_eq!(judge(Some("12.1"), "5"), Outcome::Compliant);
    // Not knowing the temperature matters in between alone.
    assert_eq!(judge(None, "5"), Outcome::Compliant);
    assert_eq!(judge(None, "6"), Outcome::NotJudged(NotJudged::WaterTemperatureUnknown));
    let Outcome::Exceeded { times } = judge(None, "12") else { panic!("12 is above 8") };
    assert_eq!(times.unwrap().rounded(1).to_string(), "0.5");
}

#[test]
fn gb18918_rows() {
    let judge = |column, parameter, value| outcome("GB18918", &outlet("table1", column), parameter, value);
    assert_eq!(judge("1A", "COD", "50"), Outcome::Compliant);
    assert!(matches!(judge("1A", "COD", "50.000000001"), Outcome::Exceeded { .. }));
    assert_eq!(judge("3", "Oil", "15"), Outcome::Compliant);
    assert_eq!(judge("2", "TN", "1"), Outcome::NotJudged(NotJudged::NoLimit));
    assert_eq!(judge("4", "TN", "1"), Outcome::NotJudged(NotJudged::NoColumn));
    assert_eq!(judge("1A", "pH", "6"), Outcome::Compliant);
    assert_eq!(judge("1A", "pH", "9.01"), Outcome::Exceeded { times: None });
    assert_eq!(judge("1A", "COD", "-1"), Outcome::NotJudged(NotJudged::Negative));
    assert_eq!(judge("1A", "TP", "0.7"), Outcome::NotJudged(NotJudged::BuiltUnknown));
    let built = |day: &str| Outlet { built: day.parse().ok(), ..outlet("table1", "1A") };
    assert_eq!(outcome("GB18918", &built("2005-12-31"), "TP", "0.7"), Outcome::Compliant);
    assert!(matches!(outcome("GB18918", &built("2006-01-01"), "TP", "0.7"), Outcome::Exceeded { .. }));
    let plants = NORMS.discharge.limits_on("GB18918", today()).unwrap();
    let confidence = |outlet, parameter| plants.bound(&outlet, parameter).unwrap().1.confidence;
    assert_eq!(confidence(built("2005-12-31"), "TP"), Confidence::Memory);
    assert_eq!(confidence(built("2006-01-01"), "TP"), Confidence::Verified);
    assert_eq!(outcome("GB18918", &outlet("table2", "all"), "ALKYL_HG", "0"), Outcome::Compliant);
    assert_eq!(outcome("GB18918", &outlet("table2", "all"), "ALKYL_HG", "0.001"), Outcome::Exceeded { times: None });
    assert_eq!(outcome("GB18918", &outlet("table9", "all"), "Hg", "0"), Outcome::NotJudged(NotJudged::NoTable));
    assert!(plants.removal("3", "COD", number("350")).is_none());
    assert_eq!(plants.removal("3", "COD", number("351")).unwrap().removal_above, number("60"));
    assert_eq!((plants.unit("table1", "FC"), plants.unit("table1", "COD")), (Some("个/L"), Some("mg/L")));
}

#[test]
fn gb8978_and_gb37822_rows() {
    let judge = |table, column, parameter, value| outcome("GB8978", &outlet(table, column), parameter, value);
    assert_eq!(judge("table1", "all", "BaP", "0.00003"), Outcome::Compliant);
    assert!(matches!(judge("table1", "all", "BaP", "0.000031"), Outcome::Exceeded { .. }));
    assert_eq!(judge("table4", "1", "COD", "100"), Outcome::Compliant);
    assert_eq!(judge("table4", "3", "NH3N", "100"), Outcome::NotJudged(NotJudged::NoLimit));
    assert!(matches!(judge("table4_municipal", "1", "COD", "61"), Outcome::Exceeded { .. }));
    assert_eq!(outcome("GB37822", &outlet("general", "hour"), "NMHC", "10"), Outcome::Compliant);
    assert!(matches!(outcome("GB37822", &outlet("special", "any"), "NMHC", "20.1"), Outcome::Exceeded { .. }));
}

#[test]
fn hj212_flags() {
    let flags = NORMS.discharge.flags_of("HJ212-2017").unwrap();
    assert_eq!(flags.standing("N"), FlagStanding::Valid);
    for flag in ["F", "M", "S", "D", "C", "T", "B"] {
        assert_eq!(flags.standing(flag), FlagStanding::Invalid, "{flag}");
    }
    assert_eq!(flags.standing("Z"), FlagStanding::Unknown);
    assert_eq!(NORMS.discharge.flags_of("HJT212-2005").unwrap().standing("P"), FlagStanding::Invalid);
}

#[test]
fn hj75_11_3_what_stands_in_for_missing_hours() {
    let gas = NORMS.discharge.online_on(OnlineMedium::Gas, today()).unwrap();
    let hours = |invalid, gap| {
        gas.substitution(capture_percent(2160, invalid, 160).unwrap(), gap).map(|rule| rule.highest_of_hours)
    };
    assert_eq!((hours(200, 24), hours(200, 25)), (Some(180), Some(720)));
    assert_eq!((hours(201, 1), hours(500, 100), hours(501, 1)), (Some(2160), Some(2160), None));
    assert_eq!(capture_percent(2160, 0, 2160), None);
    assert_eq!(gas.capture.as_ref().unwrap().percent_min, number("75"));
}

#[test]
fn lies_in_discharge_tables_are_refused() {
    let water = "gb18918/2002.toml";
    let error = refused(water, "max = [50, 60, 100, 120]", "max = [50, 60, 40, 120]");
    assert!(error.line > 20 && error.message_en.contains("never fall"), "{error}");
    assert!(refused(water, "max = [50, 60, 100, 120]", "max = [50, 60, 100]").message_en.contains("columns"));
    assert!(refused(water, "max = [50, 60, 100, 120]", "max = [50, 60, -100, 120]").message_en.contains("positive"));
    assert!(refused(water, "max = [8, 15, 30, \"none\"]", "max = [4, 15, 30, \"none\"]").message_en.contains("cold"));
    assert!(refused(water, "within = [6, 9]", "within = [9, 6]").message_en.contains("within"));
    assert!(refused(water, "built_to = 2006-01-01", "built_to = 2007-01-01").message_en.contains("twice"));
    assert!(refused(water, "column = \"3\"", "column = \"5\"").message_en.contains("grade 5"));
    let gas = "gb13271/2014.toml";
    assert!(refused(gas, "coal = 9,", "coal = 21,").message_en.contains("below that of air"));
    assert!(refused(gas, "coal = 9,", "cole = 9,").message_en.contains("known column"));
    assert!(refused(gas, "id = \"new\"", "id = \"existing\"").message_en.contains("twice"));
    let rates = "gb16297/1996.toml";
    assert_eq!(refused(rates, "[20, 4.3, 6.6]", "[20, 2.3, 6.6]").field, "rates");
    assert_eq!(refused(rates, "[20, 4.3, 6.6]", "[20, 4.3]").field, "rates");
    assert_eq!(refused(rates, "[20, 4.3, 6.6]", "[15, 4.3, 6.6]").field, "rates");
    assert!(refused(rates, "exponent = 2", "exponent = 0").message_en.contains("power"));
    assert!(refused(rates, "factor = 0.5", "factor = 1.5").message_en.contains("factor"));
    assert!(refused("hj75/2017.toml", "day_hours_min = 20", "day_hours_min = 25").message_en.contains("24 hours"));
    assert!(refused("hj75/2017.toml", "hours_above = 24", "hours_above = 23").message_en.contains("different"));
    assert!(refused("hj212/2017.toml", "flag = \"F\"", "flag = \"N\"").message_en.contains("twice"));
    assert!(refused("transmission/2013.toml", "percent_min = 90", "percent_min = 70").message_en.contains("rise"));
}

const EPSILON: i64 = 2_000_000;

proptest! {
    #[test]
    fn a_rate_rises_with_the_height_without_a_jump(
        millimetres in 1_000_i64..120_000, item in 0_usize..13, is_new: bool, stands_out: bool,
    ) {
        let rates = NORMS.discharge.rates_on("GB16297", today()).unwrap();
        let parameter = &rates.items[item].parameter;
        let rate = |millimetres: i64| {
            let stack = Stack { height: Measured::from_parts(millimetres * 1_000_000), is_new, stands_out };
            rates.rate_limit(parameter, "2", stack).unwrap().rate
        };
        let (here, higher) = (rate(millimetres), rate(millimetres + 1));
        prop_assert!(here < higher, "{} {}", here, higher);
        // A new stack's rate is halved below 15 m: there alone it jumps.
        if !(is_new && millimetres == 14_999) {
            let slope = higher.parts() - here.parts();
            prop_assert!(slope <= here.parts() / 100 + EPSILON, "{} {}", here, higher);
        }
    }

    #[test]
    fn more_oxygen_converts_to_more(value in 1_i64..100_000, oxygen in 0_i64..2_098, reference in 0_i64..2_000) {
        let parts = |hundredths: i64| Measured::from_parts(hundredths * 10_000_000);
        let convert = |oxygen| at_reference_oxygen(parts(value), parts(oxygen), parts(reference), number("21")).unwrap();
        prop_assert!(convert(oxygen) <= convert(oxygen + 1));
        prop_assert_eq!(convert(reference), parts(value));
        prop_assert!((oxygen > reference) == (convert(oxygen) > parts(value)) || oxygen == reference);
    }

    #[test]
    fn a_mean_by_flow_lies_between_its_hours(hours in prop::collection::vec((0_i64..10_000, 1_i64..10_000), 1..25)) {
        let water = NORMS.discharge.online_on(OnlineMedium::Water, today()).unwrap();
        let values: Vec<HourValue> = hours
            .iter()
            .map(|&(value, flow)| HourValue { value: Measured::tenths(value), flow: Some(Measured::tenths(flow)) })
            .collect();
        let mean = water.day_mean(&values, values.len() as u32).value().unwrap();
        let tenths = hours.iter().map(|&(value, _)| Measured::tenths(value));
        prop_assert!(tenths.clone().min().unwrap() <= mean && mean <= tenths.max().unwrap());
    }
}
