//! Marine litter.

use super::{refused, shipped};
use norms::litter::{LitterError, ShoreSegment, change_percent, count_density, shoreline_cover};
use norms::{Confidence, Day, Measured, Ratio};
use proptest::prelude::*;

fn number(text: &str) -> Measured {
    text.parse().unwrap()
}

fn today() -> Day {
    "2026-03-01".parse().unwrap()
}

fn segment<'a>(shore: &'a str, from: &str, to: &str, area: &str) -> ShoreSegment<'a> {
    ShoreSegment { shore, from: number(from), to: number(to), litter_area: number(area) }
}

#[test]
fn shoreline_cover_refuses_what_was_counted_twice() {
    let survey = [segment("东岸", "2", "3.5", "10"), segment("东岸", "0", "2", "30"), segment("西岸", "1", "2.5", "5")];
    assert_eq!(shoreline_cover(&survey).unwrap(), Ratio::new(9, 1));
    let twice = [segment("东岸", "2", "3.5", "10"), segment("西岸", "0", "2", "30"), segment("东岸", "3.4", "4", "5")];
    assert_eq!(shoreline_cover(&twice), Err(LitterError::Overlap(0, 2)));
    let inside = [segment("东岸", "0", "9", "10"), segment("东岸", "1", "2", "3"), segment("东岸", "9", "10", "3")];
    assert_eq!(shoreline_cover(&inside), Err(LitterError::Overlap(0, 1)));
    assert_eq!(shoreline_cover(&[segment("东岸", "2", "2", "10")]), Err(LitterError::NoLength(0)));
    assert_eq!(shoreline_cover(&[segment("东岸", "2", "3", "-1")]), Err(LitterError::Negative(0)));
    assert_eq!(shoreline_cover(&[]), Err(LitterError::Empty));
    let norms = shipped();
    let tables = norms.litter.tables.on(today()).unwrap();
    let cover = tables.density("shoreline_cover").unwrap();
    assert_eq!((cover.unit.as_str(), cover.origin.confidence), ("m²/km", Confidence::Memory));
    assert_eq!(tables.density("beach").unwrap().origin.confidence, Confidence::Verified);
    assert_eq!(tables.categories.len(), 9);
}

#[test]
fn sizes_change_and_clean_coast() {
    let norms = shipped();
    let tables = norms.litter.tables.on(today()).unwrap();
    let size = |length: &str| tables.size_of(number(length)).map(|size| size.id.as_str());
    for (length, expected) in [("0", "small"), ("2.49", "small"), ("2.5", "medium"), ("10", "large"), ("100", "large")]
    {
        assert_eq!(size(length), Some(expected), "{length}");
    }
    assert_eq!((size("100.1"), size("-1")), (Some("extra_large"), None));
    // The beach of the published survey: 5813.5 items by km².
    assert_eq!(count_density(11_627, number("20"), number("0.1")).unwrap().rounded(1).to_string(), "5813.5");
    assert_eq!(count_density(1, number("0"), number("0.1")), None);
    assert_eq!(change_percent(Ratio::new(8, 1), Ratio::new(9, 1)).unwrap().rounded(1).to_string(), "12.5");
    assert_eq!(change_percent(Ratio::new(0, 1), Ratio::new(9, 1)), None);
    let index = norms.litter.clean_coast.on(today()).unwrap();
    let (value, band) = index.index(11, number("2000")).unwrap();
    assert_eq!((value.rounded(2).to_string(), band.zh.as_str()), ("0.11".into(), "非常清洁"));
    assert_eq!(index.index(1, number("10")).unwrap().1.en, "very clean");
    assert_eq!(index.index(2, number("1")).unwrap().1.en, "extremely dirty");
    assert!(index.index(1, number("0")).is_none());
}

#[test]
fn lies_in_litter_tables_are_refused() {
    let file = "litter/monitoring.toml";
    assert!(refused(file, "upper = 10,", "upper = 2,").message_en.contains("rise"));
    assert!(refused(file, ", upper = 2.5, includes_upper = false", "").message_en.contains("rise"));
    assert!(refused(file, "id = \"beach\"", "id = \"seabed\"").message_en.contains("twice"));
    assert!(refused("litter/clean-coast-index.toml", "[2, 5, 10, 20]", "[2, 5, 10]").message_en.contains("fewer"));
}

proptest! {
    #[test]
    fn a_shore_cut_in_pieces_has_the_same_cover(cuts in prop::collection::vec((1_i64..50, 0_i64..500), 1..20)) {
        let mut from = 0;
        let mut pieces = Vec::new();
        for (length, area) in &cuts {
            let to = from + length;
            let (from_km, to_km) = (Measured::tenths(from), Measured::tenths(to));
            pieces.push(ShoreSegment { shore: "", from: from_km, to: to_km, litter_area: Measured::whole(*area) });
            from = to;
        }
        let area: i64 = cuts.iter().map(|(_, area)| area).sum();
        let whole = ShoreSegment { shore: "", from: Measured::ZERO, to: Measured::tenths(from), litter_area: Measured::whole(area) };
        prop_assert_eq!(shoreline_cover(&pieces), shoreline_cover(&[whole]));
        pieces.push(whole);
        prop_assert!(matches!(shoreline_cover(&pieces), Err(LitterError::Overlap(..))));
    }
}
