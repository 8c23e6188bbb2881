//! Soil.

use super::{refused, shipped};
use norms::soil::{FarmlandUse, LandClass, SoilUnjudged, SoilValue, SoilVerdict};
use norms::{Confidence, Day, Measured};
use proptest::prelude::*;

fn number(text: &str) -> Measured {
    text.parse().unwrap()
}

fn today() -> Day {
    "2026-03-01".parse().unwrap()
}

fn value<'a>(parameter: &'a str, value: &str) -> SoilValue<'a> {
    SoilValue { parameter, value: number(value), background: None }
}

#[test]
fn gb15618_d6_cadmium_in_paddy() {
    let norms = shipped();
    let farmland = norms.soil.farmland.on(today()).unwrap();
    let limits = farmland.limits(number("6.2"), FarmlandUse::Paddy, "Cd").unwrap();
    assert_eq!((limits.screening, limits.control), (number("0.4"), Some(number("2"))));
    for (content, verdict) in [
        ("0.4", SoilVerdict::BelowScreening),
        ("0.41", SoilVerdict::Between),
        ("2", SoilVerdict::Between),
        ("2.001", SoilVerdict::AboveControl),
    ] {
        let judged = farmland.judge(number("6.2"), FarmlandUse::Paddy, &[value("Cd", content)]);
        assert_eq!(judged.verdict(), Some(verdict), "{content}");
    }
}

#[test]
fn gb15618_table_1_bins_of_ph_and_uses() {
    let norms = shipped();
    let farmland = norms.soil.farmland.on(today()).unwrap();
    let screening =
        |ph: &str, land, parameter: &str| farmland.limits(number(ph), land, parameter).unwrap().screening.to_string();
    for (ph, expected) in
        [("5.5", "0.3"), ("5.51", "0.4"), ("6.5", "0.4"), ("6.6", "0.6"), ("7.5", "0.6"), ("7.6", "0.8")]
    {
        assert_eq!(screening(ph, FarmlandUse::Paddy, "Cd"), expected, "{ph}");
    }
    assert_eq!(screening("6", FarmlandUse::Rotation, "Cd"), "0.3");
    assert_eq!(screening("6", FarmlandUse::Rotation, "Hg"), "0.5");
    assert_eq!(screening("6", FarmlandUse::Orchard, "Cu"), "150");
    assert_eq!(screening("6", FarmlandUse::Paddy, "Cu"), "50");
    assert_eq!(screening("6", FarmlandUse::Orchard, "Zn"), "200");
    assert_eq!(screening("9", FarmlandUse::Other, "DDT"), "0.1");
    // Copper has no control value: however much there is, it is in between.
    let judged = farmland.judge(number("6"), FarmlandUse::Other, &[value("Cu", "100000")]);
    assert_eq!(judged.verdict(), Some(SoilVerdict::Between));
    assert_eq!(judged.items[0].ratio_to_control(), None);
}

#[test]
fn gb36600_deciding_item_and_ratio() {
    let norms = shipped();
    let construction = norms.soil.construction.on(today()).unwrap();
    assert_eq!(construction.parameters().count(), 45 + 7);
    let sample = [value("Cu", "6000"), value("Pb", "801"), value("Ni", "20"), value("XX", "1")];
    let judged = construction.judge(LandClass::First, &sample);
    assert_eq!(judged.verdict(), Some(SoilVerdict::AboveControl));
    let deciding = judged.deciding().unwrap();
    assert_eq!((deciding.parameter, deciding.limits.control), ("Pb", Some(number("800"))));
    assert_eq!(deciding.ratio_to_screening().unwrap().rounded(2).to_string(), "2.00");
    assert_eq!(deciding.ratio_to_control().unwrap().rounded(5).to_string(), "1.00125");
    assert_eq!(judged.unjudged, [("XX", SoilUnjudged::NoLimit)]);
    // On land of the second class lead is above its screening value alone.
    let second = construction.judge(LandClass::Second, &sample);
    assert_eq!((second.verdict(), second.deciding().unwrap().parameter), (Some(SoilVerdict::Between), "Pb"));
    let clean = construction.judge(LandClass::First, &[value("Cu", "2000"), value("Hg", "-1")]);
    assert_eq!((clean.verdict(), clean.deciding()), (Some(SoilVerdict::BelowScreening), None));
    assert_eq!(clean.unjudged, [("Hg", SoilUnjudged::Negative)]);
    assert_eq!(construction.judge(LandClass::First, &[]).verdict(), None);
    let dioxin = construction.limits(LandClass::First, "DIOXIN").unwrap();
    assert_eq!(dioxin.screening, number("0.00001"));
    assert!(construction.land.iter().all(|rule| rule.origin.confidence == Confidence::Memory));
    assert_eq!(construction.land.iter().find(|rule| rule.unclear_use).unwrap().class, LandClass::First);
}

#[test]
fn gb36600_arsenic_up_to_the_background_does_not_count() {
    let norms = shipped();
    let construction = norms.soil.construction.on(today()).unwrap();
    let with = |parameter, content, background| SoilValue {
        background: Some(number(background)),
        ..value(parameter, content)
    };
    let spared = construction.judge(LandClass::First, &[with("As", "25", "25")]);
    assert_eq!((spared.verdict(), spared.deciding()), (Some(SoilVerdict::BelowScreening), None));
    assert_eq!((spared.items[0].verdict, spared.items[0].within_background), (SoilVerdict::Between, true));
    let above = construction.judge(LandClass::First, &[with("As", "25.1", "25")]);
    assert_eq!(above.verdict(), Some(SoilVerdict::Between));
    let lead = construction.judge(LandClass::First, &[with("Pb", "500", "600")]);
    assert_eq!(lead.verdict(), Some(SoilVerdict::Between));
}

#[test]
fn lies_in_soil_tables_are_refused() {
    let (built, farmed) = ("gb36600/2018.toml", "gb15618/2018.toml");
    let error = refused(
        built,
        "screening = [400, 800], control = [800, 2500]",
        "screening = [400, 800], control = [300, 2500]",
    );
    assert!(error.line > 40 && error.message_en.contains("no lower than screening"), "{error}");
    assert!(refused(built, "screening = [400, 800]", "screening = [900, 800]").line > 40);
    assert!(refused(built, "\"Cd\"", "\"As\"").message_en.contains("twice"));
    assert!(refused(built, "unclear_use = false", "unclear_use = true").message_en.contains("one class"));
    assert!(refused(built, "class = \"second\"", "class = \"first\"").message_en.contains("First"));
    assert!(refused(built, "\"Co\", \"V\"]", "\"COO\", \"V\"]").message_en.contains("COO"));
    assert!(refused(farmed, "[5.5, 6.5, 7.5]", "[5.5, 6.5, 6.5]").message_en.contains("rise"));
    assert!(refused(farmed, "limits = [60, 70, 100, 190]", "limits = [60, 70, 100]").message_en.contains("bin"));
    assert!(
        refused(farmed, "limits = [1.5, 2.0, 3.0, 4.0]", "limits = [1.5, 0.3, 3.0, 4.0]").message_en.contains("below")
    );
    assert!(
        refused(farmed, "uses = [\"paddy\", \"other\"]", "uses = [\"orchard\", \"other\"]")
            .message_en
            .contains("twice")
    );
    assert!(refused(farmed, "uses = [\"paddy\"]", "uses = [\"wood\"]").line > 0);
}

proptest! {
    #[test]
    fn a_verdict_never_gets_better_with_more(content in 0_i64..3_000_000, more in 0_i64..1_000_000, item in 0_usize..52) {
        let norms = shipped_once();
        let construction = norms.soil.construction.on(today()).unwrap();
        let parameter = construction.parameters().nth(item).unwrap();
        for land in LandClass::ALL {
            let judge = |parts: i64| {
                let value = SoilValue { parameter, value: Measured::from_parts(parts * 1_000_000), background: None };
                construction.judge(land, &[value]).verdict()
            };
            prop_assert!(judge(content) <= judge(content + more));
        }
    }
}

fn shipped_once() -> &'static norms::Norms {
    static NORMS: std::sync::LazyLock<norms::Norms> = std::sync::LazyLock::new(shipped);
    &NORMS
}
