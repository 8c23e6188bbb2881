//! Surface water, the sea and groundwater: worked examples, published bulletins, and a plain judge in the test.

use super::{refused, shipped};
use norms::classes::{ClassTable, Reading, WaterBody};
use norms::surface_water::{Change, share};
use norms::{Day, Mean, Measured, Norms, Ratio};
use proptest::prelude::*;

const DAY: &str = "2022-06-30";

fn day() -> Day {
    DAY.parse().unwrap()
}

fn measured(text: &str) -> Measured {
    text.parse().unwrap()
}

/// `CODMn=6.9` or `Hg<0.0001`, as readings of a table.
fn readings(classes: &ClassTable, text: &str) -> Vec<(usize, Reading)> {
    let one = |one: &str| {
        let at = one.find(['=', '<']).unwrap();
        let value = measured(&one[at + 1..]);
        let reading = if one[at..].starts_with('<') { Reading::Below(value) } else { Reading::from(value) };
        (classes.number(&one[..at]).unwrap(), reading)
    };
    text.split_whitespace().map(one).collect()
}

fn section(norms: &Norms, body: WaterBody, text: &str) -> (u8, String, String, String) {
    let rules = norms.surface_water.on(day()).unwrap();
    let classes = &rules.standard.classes;
    let section = rules.section(body, &readings(classes, text), None).unwrap();
    let state = rules.state(section.classified.class).unwrap().state.clone();
    let deciding = classes.names(&section.classified.deciding);
    (section.classified.class, state, deciding, classes.exceeding_text(&section.exceeding))
}

#[test]
fn w1_sections() {
    let norms = shipped();
    let river = "pH=7.6 DO=5.6 CODMn=6.9 CODCr=28 BOD5=4.4 NH3N=1.32 TP=0.31 F=0.6 Oil=0.03";
    let (class, state, deciding, exceedance) = section(&norms, WaterBody::River, river);
    assert_eq!((class, state.as_str(), deciding.as_str()), (5, "中度污染", "TP"));
    assert_eq!(exceedance, "TP(0.55);CODCr(0.40);NH3N(0.32)");
    let rules = norms.surface_water.on(day()).unwrap();
    let classes = &rules.standard.classes;
    let of_items: Vec<u8> = readings(classes, river)
        .into_iter()
        .map(|(number, reading)| classes.items[number].class(WaterBody::River, reading))
        .collect();
    assert_eq!(of_items, [1, 3, 4, 4, 4, 4, 5, 1, 1]);

    for (body, text, class) in [
        (WaterBody::River, "TP=0.06", 2),
        (WaterBody::Lake, "TP=0.06", 4),
        (WaterBody::River, "DO=7.2", 2),
        (WaterBody::River, "pH=9.1", 6),
        (WaterBody::River, "pH=9", 1),
        (WaterBody::River, "NH3N=0.15", 1),
        (WaterBody::River, "NH3N=0.150000001", 2),
        // A detection limit above class I is what is known: not a better class.
        (WaterBody::River, "Hg<0.00004", 1),
        (WaterBody::River, "Hg<0.0001", 3),
    ] {
        assert_eq!(section(&norms, body, text).0, class, "{text}");
    }
    // Oxygen and pH have no multiple; what is first by the rule is first.
    let (_, _, _, exceedance) = section(&norms, WaterBody::River, "pH=9.5 DO=1 CN=0.3 CODMn=30");
    assert_eq!(exceedance, "CN(0.50);CODMn(4.00);pH");
    // Nitrogen and coliforms do not make the class.
    assert_eq!(section(&norms, WaterBody::Lake, "CODMn=2 TN=9 FC=90000").0, 1);
    assert!(rules.section(WaterBody::River, &readings(classes, "TN=9"), None).is_none());
    // A measured saturation of 90 % meets class I of oxygen, and of nothing else.
    let warm = readings(classes, "DO=7.2 TP=0.3");
    assert_eq!(rules.section(WaterBody::River, &warm[..1], Some(measured("90"))).unwrap().classified.class, 1);
    assert_eq!(rules.section(WaterBody::River, &warm[..1], Some(measured("89.9"))).unwrap().classified.class, 2);
    assert_eq!(rules.section(WaterBody::River, &warm, Some(measured("95"))).unwrap().classified.class, 4);
}

#[test]
fn w2_rivers_and_published_basins() {
    let norms = shipped();
    let rules = norms.surface_water.on(day()).unwrap();
    let tenths = |text: &str| measured(text).ratio();
    for (good, worst, state) in [
        ("96.9", "0", "优"),
        ("80.9", "5.3", "良好"),
        ("72.6", "8.1", "轻度污染"),
        ("78.9", "5.3", "良好"),
        ("61.0", "13.7", "轻度污染"),
        ("90", "0", "优"),
        ("89.9", "0", "良好"),
        ("75", "25", "良好"),
        ("74.9", "19.9", "轻度污染"),
        ("74.9", "20", "中度污染"),
        ("50", "39.9", "中度污染"),
        ("50", "40", "重度污染"),
    ] {
        assert_eq!(rules.state_of_shares(tenths(good), tenths(worst)).unwrap().state, state, "{good} {worst}");
    }
    let river = rules.river_of_classes(&[2, 3, 3, 4, 5, 6]).unwrap();
    assert_eq!((river.state.state.as_str(), river.counts), ("轻度污染", [3, 1, 6]));
    assert_eq!(share(3, 6, 1).unwrap().to_string(), "50.0");
    assert_eq!(share(1, 6, 1).unwrap().to_string(), "16.7");
    // Four sections are judged as the mean of their items: IV, although three of them are better.
    let classes = &rules.standard.classes;
    let four: Vec<_> = ["TP=0.1", "TP=0.1", "TP=0.1", "TP=0.7"].map(|text| readings(classes, text)).into();
    let river = rules.river(&four).unwrap();
    assert_eq!((river.class, river.state.state.as_str()), (Some(4), "轻度污染"));
}

#[test]
fn w3_trophic_index() {
    let norms = shipped();
    let rules = norms.surface_water.on(day()).unwrap();
    let (index, word) = rules.trophic(&[10.0, 0.05, 1.0, 0.8, 4.0]).unwrap();
    assert!((index - 48.81).abs() < 0.005 && word == "中营养", "{index}");
    assert_eq!(rules.trophic(&[1.0, 0.0025, 0.03, 12.0, 0.4]).unwrap().1, "贫营养");
    assert!(rules.trophic(&[10.0, 0.05, 0.0, 0.8, 4.0]).is_none());
    assert!(rules.trophic(&[10.0]).is_none());
}

#[test]
fn w4_w5_shares_and_the_index_of_cities() {
    let norms = shipped();
    assert_eq!(share(32, 32, 1).unwrap().to_string(), "100.0");
    let index = norms.surface_water.index.on(day()).unwrap();
    let classes = &norms.surface_water.on(day()).unwrap().standard.classes;
    let oxygen = index.item(classes, WaterBody::River, classes.number("DO").unwrap(), measured("7.4").into()).unwrap();
    assert!((oxygen - 5.0 / 7.4).abs() < 1e-12);
    assert!((index.city((6.0, 8), (5.2, 2)).unwrap() - 5.84).abs() < 1e-12);
    assert!(index.city((0.0, 0), (0.0, 0)).is_none());
}

#[test]
fn changes_have_words() {
    let norms = shipped();
    let rule = &norms.surface_water.on(day()).unwrap().evaluation.change;
    let words = [(3, 3), (4, 3), (3, 4), (5, 3), (1, 6)].map(|(before, now)| rule.of_classes(before, now));
    assert_eq!(words, [Change::Same, Change::Better, Change::Worse, Change::ClearlyBetter, Change::ClearlyWorse]);
    let words = ["10", "10.1", "20", "20.1", "-10", "-10.1", "-20.1"].map(|x| rule.of_shares(measured(x).ratio()));
    use Change::{Better, ClearlyBetter, ClearlyWorse, Same, Worse};
    assert_eq!(words, [Same, Better, Better, ClearlyBetter, Same, Worse, ClearlyWorse]);
}

#[test]
fn s1_s2_the_sea() {
    let norms = shipped();
    let rules = norms.sea.on(day()).unwrap();
    let classes = &rules.standard.classes;
    for (text, index, word) in [
        ("COD=2 DIN=0.2 DIP=0.015", "1.33", "轻度富营养化"),
        ("COD=3 DIN=0.3 DIP=0.03", "6.00", "中度富营养化"),
        ("COD=4 DIN=0.4 DIP=0.03", "10.67", "重度富营养化"),
        ("COD=5 DIN=0.5 DIP=0.045", "25.00", "重度富营养化"),
        ("COD=1.1 DIN=0.35 DIP=0.028", "2.40", "轻度富营养化"),
    ] {
        let (found, of) = rules.eutrophication(&readings(classes, text)).unwrap();
        assert_eq!((found.rounded(2).to_string().as_str(), of), (index, word), "{text}");
    }
    // Oxygen on its limit does not meet it; phosphate of 0.030 is class 2.
    for (text, class) in
        [("DO=6", 2), ("DO=6.01", 1), ("DIP=0.030", 2), ("DIP=0.031", 4), ("FC=9000", 4), ("COD=5.1", 5)]
    {
        assert_eq!(rules.point(&readings(classes, text)).unwrap().classified.class, class, "{text}");
    }
    assert_eq!(classes.word(5), "劣四类");
    for (shares, grade) in [
        (["34.5", "33.3", "10.1", "6.5", "15.6"], "一般"),
        (["19.8", "48.1", "14.8", "7.4", "9.9"], "一般"),
        (["37.4", "45.1", "9.9", "5.5", "2.2"], "良好"),
        (["15.9", "31.0", "12.4", "9.7", "31.0"], "差"),
        (["57.6", "18.2", "5.3", "3.8", "15.2"], "一般"),
        (["28.6", "38.2", "7.0", "7.6", "18.6"], "一般"),
        (["60", "30", "10", "0", "0"], "优"),
        (["20", "20", "10", "9", "41"], "极差"),
    ] {
        let shares = shares.map(|text| measured(text).ratio());
        assert_eq!(rules.region(shares).unwrap().grade, grade, "{shares:?}");
    }
}

#[test]
fn classes_are_known_by_their_words() {
    let norms = shipped();
    let water = &norms.surface_water.on(day()).unwrap().standard.classes;
    for (word, class) in [("Ⅲ", 3), ("III类", 3), ("iv", 4), ("劣Ⅴ类", 6), ("劣V", 6), ("5", 5), (" Ⅰ类 ", 1)]
    {
        assert_eq!(water.class_of(word), Some(class), "{word}");
    }
    for word in ["", "七", "0", "7", "VI"] {
        assert_eq!(water.class_of(word), None, "{word}");
    }
    assert_eq!(norms.sea.on(day()).unwrap().standard.classes.class_of("二类"), Some(2));
}

#[test]
fn groundwater_bands_and_what_is_not_detected() {
    let norms = shipped();
    let standard = norms.groundwater.on(day()).unwrap();
    for (text, class) in [
        ("pH=6.5", 1),
        ("pH=6.4", 4),
        ("pH=9.0", 4),
        ("pH=9.1", 5),
        ("LAS<0.05", 1),
        ("LAS=0.05", 2),
        ("ALPHA=0.6", 4),
        ("CHCl3=0.007", 3),
        ("NO3N=20", 3),
        ("Fe=2.1", 5),
    ] {
        assert_eq!(standard.well(&readings(&standard.classes, text)).unwrap().class, class, "{text}");
    }
    assert!(norms.groundwater.on("2018-04-30".parse().unwrap()).is_none());
}

#[test]
fn tables_that_lie_are_refused_with_their_line() {
    for (from, to, why) in [
        ("at_most = [2, 4, 6, 10, 15]", "at_most = [2, 4, 3, 10, 15]", "fall"),
        ("at_least = [7.5, 6, 5, 3, 2]", "at_least = [7.5, 6, 5, 3]", "each class"),
        ("at_least = [7.5, 6, 5, 3, 2]", "at_least = [2, 3, 5, 6, 7.5]", "rise"),
        ("parameter = \"CODMn\"", "parameter = \"DO\"", "twice"),
        ("at_most = [15, 15, 20, 30, 40]", "at_most = [15, 15, 20, 30, 40], above = [1, 1, 1, 1, 1]", "wanted"),
    ] {
        let error = refused("gb3838/2002.toml", from, to);
        assert!(error.message_en.contains(why) && error.line > 0, "{error}");
        assert!(!error.message_zh.is_ascii(), "{error}");
    }
}

/// A judge of one item in floating point, as somebody would write it at once.
fn plain_class(limits: &[f64], value: f64) -> u8 {
    limits.iter().position(|limit| value <= *limit).unwrap_or(limits.len()) as u8 + 1
}

proptest! {
    #[test]
    fn means_fall_into_the_classes_of_a_plain_judge(values in prop::collection::vec(0_i64..25_000, 1..40)) {
        let norms = shipped_once();
        let classes = &norms.surface_water.on(day()).unwrap().standard.classes;
        let mut mean = Mean::default();
        values.iter().for_each(|value| mean.add(Measured::from_parts(value * 1_000_000)));
        let exact = values.iter().sum::<i64>() as f64 / values.len() as f64 / 1000.0;
        for (name, limits) in [("CODMn", [2.0, 4.0, 6.0, 10.0, 15.0]), ("NH3N", [0.15, 0.5, 1.0, 1.5, 2.0])] {
            // A mean within a rounding error of a limit is for the exact judge alone.
            prop_assume!(limits.iter().all(|limit| (limit - exact).abs() > 1e-9));
            let number = classes.number(name).unwrap();
            let class = classes.items[number].class(WaterBody::River, Reading::Mean(mean));
            prop_assert_eq!(class, plain_class(&limits, exact));
        }
    }

    #[test]
    fn more_of_a_pollutant_is_never_better(parts in 0_i64..30_000_000_000, more in 0_i64..9_000_000_000) {
        let norms = shipped_once();
        let rules = norms.surface_water.on(day()).unwrap();
        for (number, item) in rules.standard.classes.items.iter().enumerate() {
            let [a, b] = [parts, parts + more].map(|parts| item.class(WaterBody::Lake, Measured::from_parts(parts).into()));
            match item.parameter.as_str() {
                "DO" => prop_assert!(b <= a),
                "pH" => {}
                _ => prop_assert!(b >= a, "{number}"),
            }
        }
    }
}

fn shipped_once() -> &'static Norms {
    static NORMS: std::sync::OnceLock<Norms> = std::sync::OnceLock::new();
    NORMS.get_or_init(shipped)
}

#[test]
fn products_of_ratios_are_exact() {
    let third = Ratio::new(1, 3);
    assert!(third.times(Ratio::new(3, 4)) == Ratio::new(1, 4));
    assert_eq!(Ratio::new(2, 3).to_measured().to_string(), "0.666666667");
}
