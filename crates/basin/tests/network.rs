//! Flow, sources and spills on whole networks, beside formulas and numbers worked by hand.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use basin::{Load, Network, Point, Spill, SpillError};
use norms::NormFile;
use std::fmt::Write as _;

fn load(nodes: &str, reaches: &str, places: &str) -> Network {
    let source = include_str!("../../../cities/xiamen/basin/source.toml").to_owned();
    let table = |path: &str, text: String| NormFile { path: path.to_owned(), text };
    let files = [
        table("source.toml", source),
        table("nodes.csv", format!("node,name_zh,name_en,lon,lat\n{nodes}")),
        table(
            "reaches.csv",
            format!(
                "reach,name_zh,name_en,from,to,length_km,inflow_m3_s,share,braid,width_m,depth_m,width_exponent,\
                 depth_exponent,slope,dispersion_m2_s\n{reaches}"
            ),
        ),
        table("places.csv", format!("place,name_zh,name_en,kind,reach,km\n{places}")),
    ];
    Network::load(&files).unwrap()
}

fn xiamen() -> Network {
    let file = |path: &str, text: &str| NormFile { path: path.to_owned(), text: text.to_owned() };
    Network::load(&[
        file("source.toml", include_str!("../../../cities/xiamen/basin/source.toml")),
        file("nodes.csv", include_str!("../../../cities/xiamen/basin/nodes.csv")),
        file("reaches.csv", include_str!("../../../cities/xiamen/basin/reaches.csv")),
        file("places.csv", include_str!("../../../cities/xiamen/basin/places.csv")),
    ])
    .unwrap()
}

/// One chain of reaches, each with a section at 9/10 of it: (km, width, dispersion) with depth 1 m and 10 m³/s.
fn chain(reaches: &[(f64, f64, f64)]) -> Network {
    let (mut nodes, mut lines, mut places) = (String::new(), String::new(), String::new());
    for n in 0..=reaches.len() {
        writeln!(nodes, "n{n},点,node,118,24.{n:04}").unwrap();
    }
    for (n, (km, width, dispersion)) in reaches.iter().enumerate() {
        let inflow = if n == 0 { 10 } else { 0 };
        writeln!(lines, "r{n},段,reach,n{n},n{},{km},{inflow},,,{width},1,,,,{dispersion}", n + 1).unwrap();
        writeln!(places, "s{n},断面,section,section,r{n},{}", km * 0.9).unwrap();
    }
    load(&nodes, &lines, &places)
}

/// A sequence of numbers in [0, 1) from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn all_at_once(at: Point, mass_kg: f64) -> Spill {
    Spill { at, mass_kg, duration_s: 0.0, decay_per_day: 0.0, threshold_mg_l: 0.01 }
}

/// C = M / (A √(4πDt)) · exp(-(x - ut)² / 4Dt - kt), whatever the number of reaches.
#[test]
fn a_point_release_in_a_uniform_river_is_the_analytic_solution() {
    let (velocity, dispersion) = (0.5_f64, 25.0_f64);
    for pieces in [1, 4, 20] {
        let network = chain(&vec![(20.0 / f64::from(pieces), 20.0, dispersion); pieces as usize]);
        let flows = network.flows(1.0).unwrap();
        let decay_per_day = 0.7;
        let spill = Spill { decay_per_day, ..all_at_once(Point { reach: 0, km: 0.0 }, 500.0) };
        let passages = network.spill(&flows, &spill).unwrap();
        let last = passages.last().unwrap();
        let x = last.distance_km * 1_000.0;
        let formula = |t: f64| {
            500_000.0 / (20.0 * (4.0 * std::f64::consts::PI * dispersion * t).sqrt())
                * (-(x - velocity * t).powi(2) / (4.0 * dispersion * t) - decay_per_day / 86_400.0 * t).exp()
        };
        for (at, value) in last.curve(500).into_iter().filter(|(at, _)| *at > 0.0) {
            assert!((value - formula(at)).abs() <= 1e-9 * formula(at).max(1e-12), "{pieces} {at}");
        }
        // The threshold is passed exactly there, to a millisecond.
        for (time, sign) in [(last.arrival_s.unwrap(), 1.0), (last.end_s.unwrap(), -1.0)] {
            assert!(formula(time) >= 0.01 * (1.0 - 1e-9) && formula(time - sign * 2e-3) < 0.01);
        }
        assert!(
            formula(last.peak_s) >= formula(last.peak_s + 1.0) && formula(last.peak_s) >= formula(last.peak_s - 1.0)
        );
        // dC/dt = 0 at T with u'² = u² + 4Dk: t = (√(D² + u'²x²) - D) / u'².
        let tilted = velocity * velocity + 4.0 * dispersion * decay_per_day / 86_400.0;
        let top = ((dispersion.powi(2) + tilted * x * x).sqrt() - dispersion) / tilted;
        assert!((last.peak_s - top).abs() < 0.5 && (last.peak_mg_l - formula(top)).abs() < 1e-9 * formula(top));
    }
}

/// Finite volumes refined until they hold still (`tests/oracles/basin_spill.py`): rivers of unlike reaches.
#[test]
fn unlike_reaches_agree_with_finite_volumes() {
    let text = include_str!("../../../testdata/basin/chains.csv");
    let mut worst = [0.0_f64; 4];
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |column: usize| cells[column].parse::<f64>().unwrap();
        let reach = |shape: &str| {
            let sizes: Vec<f64> = shape.split(':').map(|size| size.parse().unwrap()).collect();
            (sizes[0], sizes[1], sizes[2])
        };
        let network = chain(&cells[3].split(';').map(reach).collect::<Vec<_>>());
        let spill = Spill {
            decay_per_day: number(1),
            threshold_mg_l: number(5),
            ..all_at_once(Point { reach: 0, km: 0.0 }, number(2))
        };
        let passages = network.spill(&network.flows(1.0).unwrap(), &spill).unwrap();
        let passage = &passages[number(4) as usize];
        let ours = [passage.peak_s, passage.peak_mg_l, passage.arrival_s.unwrap(), passage.end_s.unwrap()];
        let off: Vec<f64> = ours.iter().enumerate().map(|(n, value)| value / number(6 + n) - 1.0).collect();
        println!("{} {}: {off:.5?}", cells[0], cells[4]);
        off.iter().enumerate().for_each(|(n, off)| worst[n] = worst[n].max(off.abs()));
    }
    println!("worst of peak time, peak, arrival, end: {worst:.4?}");
    assert!(worst.iter().zip([0.002, 0.015, 0.005, 0.002]).all(|(worst, bound)| *worst < bound), "{worst:?}");
}

/// The exact solution in Laplace space (`tests/oracles/basin_joints.py`): sections right above joints of short reaches,
/// where a form of three cumulants does worst.
#[test]
fn peaks_at_joints_are_near_the_exact_ones() {
    let text = include_str!("../../../testdata/basin/joints.csv");
    let mut off: Vec<f64> = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let reach = |shape: &str| {
            let sizes: Vec<f64> = shape.split(':').map(|size| size.parse().unwrap()).collect();
            (sizes[0], sizes[1], sizes[2])
        };
        let network = chain(&cells[0].split(';').map(reach).collect::<Vec<_>>());
        let spill = all_at_once(Point { reach: 0, km: 0.0 }, 100.0);
        let passages = network.spill(&network.flows(1.0).unwrap(), &spill).unwrap();
        let (place, peak) = (cells[1].parse::<usize>().unwrap(), cells[2].parse::<f64>().unwrap());
        off.push((passages[place].peak_mg_l / peak - 1.0).abs());
    }
    off.sort_by(f64::total_cmp);
    let part = |percent: usize| off[off.len() * percent / 100];
    println!("peaks off: half {:.4}, 95 % {:.4}, worst {:.4}", part(50), part(95), off[off.len() - 1]);
    assert!(part(50) < 0.005 && part(95) < 0.05 && off[off.len() - 1] < 0.25);
}

#[test]
fn a_release_over_hours_makes_a_plateau_of_rate_by_flow() {
    let network = chain(&[(5.0, 20.0, 10.0)]);
    let duration_s = 12.0 * 3_600.0;
    let spill = Spill { duration_s, ..all_at_once(Point { reach: 0, km: 0.0 }, 432.0) };
    let passage = network.spill(&network.flows(1.0).unwrap(), &spill).unwrap().remove(0);
    // 432 kg in 43 200 s are 10 g/s into 10 m³/s.
    assert!((passage.peak_mg_l - 1.0).abs() < 1e-9);
    assert!((passage.concentration_mg_l(9_000.0 + duration_s / 2.0) - 1.0).abs() < 1e-9);
    // Half of the plateau passes about the travel time after the release begins and ends.
    assert!((passage.concentration_mg_l(9_000.0) - 0.5).abs() < 0.03);
    assert!((passage.concentration_mg_l(9_000.0 + duration_s) - 0.5).abs() < 0.03);
}

/// What passes a section, by the curve, is what was released, on 60 random chains; the seed is printed.
#[test]
fn no_mass_is_made_or_lost_on_any_chain() {
    let seed = std::process::id().into();
    println!("seed {seed}");
    let mut dice = Dice(seed);
    for _ in 0..60 {
        let reaches: Vec<(f64, f64, f64)> = (0..1 + (dice.roll() * 8.0) as usize)
            .map(|_| (0.3 + 10.0 * dice.roll(), 8.0 + 40.0 * dice.roll(), 2.0 + 40.0 * dice.roll()))
            .collect();
        let network = chain(&reaches);
        let duration_s = if dice.roll() < 0.5 { 0.0 } else { 20_000.0 * dice.roll() };
        let spill = Spill { duration_s, ..all_at_once(Point { reach: 0, km: 0.0 }, 100.0) };
        let passages = network.spill(&network.flows(1.0).unwrap(), &spill).unwrap();
        assert_eq!(passages.len(), reaches.len());
        let mut peak = f64::INFINITY;
        for passage in &passages {
            let curve = passage.curve(40_001);
            let step = curve[1].0 - curve[0].0;
            let area: f64 = curve.windows(2).map(|pair| f64::midpoint(pair[0].1, pair[1].1) * step).sum();
            // mg/L · m³/s · s are grams.
            let kg = area * passage.flow_m3_s / 1_000.0;
            assert!((kg - 100.0).abs() < 100.0 * 1e-6, "{kg} at {passage:?}");
            assert!((passage.passing_kg - 100.0).abs() < 1e-9);
            // Along a river a cloud only gets flatter; the form gives this up by a little behind a slow reach.
            assert!(passage.peak_mg_l <= peak * 1.02, "{} after {peak}: {reaches:?}", passage.peak_mg_l);
            peak = passage.peak_mg_l;
            assert!(curve.iter().all(|(_, value)| *value >= 0.0 && *value <= peak * (1.0 + 1e-9)));
        }
    }
}

#[test]
fn a_confluence_dilutes_and_a_diversion_takes_its_share() {
    let network = xiamen();
    let flows = network.flows(1.0).unwrap();
    let flow = |code: &str| {
        let number = network.reaches().iter().position(|reach| reach.code == code).unwrap();
        flows.of(number).unwrap().flow_m3_s
    };
    // By hand: 4.0 + 2.6 + 0.8 = 7.4; 7.4 + 4.2 + 0.4 = 12.0; 0.7 of 12 = 8.4.
    assert!((flow("XX-2") - 7.4).abs() < 1e-12 && (flow("DX-2") - 12.0).abs() < 1e-12);
    assert!((flow("DX-3A") - 8.4).abs() < 1e-12 && (flow("DX-4") - 12.0).abs() < 1e-12);
    assert!((flow("BX-Q") - 12.0).abs() < 1e-12);

    let passages = network.spill(&flows, &all_at_once(network.point("P-LH1").unwrap(), 500.0)).unwrap();
    let code = |place: usize| network.places()[place].code.as_str();
    let order: Vec<&str> = passages.iter().map(|passage| code(passage.place)).collect();
    assert_eq!(order, ["J-XX1", "Y-XX", "J-XX2", "S-XX1", "P-DX2", "J-DXX", "S-DXX"]);
    assert!(passages.windows(2).all(|pair| pair[0].distance_km <= pair[1].distance_km));
    // Both arms of the braid together carry everything to the mouth.
    assert!(passages.iter().all(|passage| (passage.passing_kg - 500.0).abs() < 1e-9));

    let beixi = network.spill(&flows, &all_at_once(Point { reach: 0, km: 0.0 }, 1_000.0)).unwrap();
    let at = |wanted: &str| beixi.iter().find(|passage| code(passage.place) == wanted).unwrap();
    assert!((at("Y-BX").passing_kg - 50.0).abs() < 1e-9 && (at("S-BX2").passing_kg - 950.0).abs() < 1e-9);

    let early = network.interceptions(&passages, 0.0);
    assert_eq!(early.iter().map(|point| code(point.place)).collect::<Vec<_>>(), ["J-XX1", "J-XX2", "J-DXX"]);
    let between = passages.iter().find(|passage| code(passage.place) == "J-XX2").unwrap().arrival_s.unwrap();
    let late = network.interceptions(&passages, between);
    assert_eq!(late.iter().map(|point| code(point.place)).collect::<Vec<_>>(), ["J-DXX"]);
    assert!(late[0].margin_s.unwrap() > 0.0);
}

#[test]
fn up_and_down_are_each_others_mirror() {
    let network = xiamen();
    for place in network.places() {
        for found in network.upstream(place.at).places {
            let other = &network.places()[found.place];
            let back = network.downstream(other.at).places;
            let back = back.iter().find(|back| network.places()[back.place].code == place.code).unwrap();
            assert!((back.distance_km - found.distance_km).abs() < 1e-9);
        }
    }
    let trace = network.upstream(network.point("S-DXX").unwrap());
    let codes: Vec<&str> = trace.reaches.iter().map(|part| network.reaches()[part.reach].code.as_str()).collect();
    assert_eq!(codes, ["DX-4", "DX-3A", "DX-3B", "DX-2", "DX-1", "XX-2", "XX-1", "LH-1"]);
    // 2.6 + 3.6 (the shorter arm) + 3.2 + 10.5.
    assert!((trace.reaches[7].distance_km - 19.9).abs() < 1e-9);
}

#[test]
fn sources_share_the_load_with_decay_and_by_arms() {
    let network = xiamen();
    let flows = network.flows(1.0).unwrap();
    let number = |code: &str| network.places().iter().position(|place| place.code == code).unwrap();
    let loads = [("P-LH1", 1_000.0), ("P-XX1", 1_000.0), ("P-DX1", 500.0), ("P-HX1", 900.0), ("P-DX2", f64::NAN)]
        .map(|(code, kg)| Load { place: number(code), kg });
    let at = network.point("S-DXX").unwrap();
    let whole = network.sources(&flows, &loads, 0.0, at);
    assert_eq!(whole.iter().map(|one| one.share).collect::<Vec<_>>(), [0.4, 0.4, 0.2]);
    let fading = network.sources(&flows, &loads, 0.5, at);
    assert!((fading.iter().map(|one| one.share).sum::<f64>() - 1.0).abs() < 1e-12);
    // By hand: P-DX1 to the end of DX-1, 6.5 km with 26 · 0.9 m² for 4.2 m³/s, and so on; arms weigh 0.7 and 0.3.
    let seconds = |km: f64, area: f64, flow: f64| km * 1_000.0 * area / flow;
    let kept = |seconds: f64| (-0.5 / 86_400.0 * seconds).exp();
    let arms = 0.7 * kept(seconds(3.6, 48.0 * 1.4, 8.4)) + 0.3 * kept(seconds(4.4, 26.0 * 1.1, 3.6));
    let ends = kept(seconds(6.5, 26.0 * 0.9, 4.2) + seconds(3.2, 60.0 * 1.3, 12.0) + seconds(2.6, 90.0 * 1.8, 12.0));
    let dongxi = fading.iter().find(|one| one.place == number("P-DX1")).unwrap();
    assert!((dongxi.kept - ends * arms).abs() < 1e-12 && (dongxi.kg - 500.0 * ends * arms).abs() < 1e-9);
    // At the intake of the canal a source sends what the canal takes.
    let canal = network.sources(&flows, &[Load { place: 0, kg: 100.0 }], 0.0, network.point("Y-BX").unwrap());
    assert!((canal[0].kg - 5.0).abs() < 1e-12);
}

#[test]
fn what_is_out_of_range_is_refused() {
    let network = xiamen();
    let flows = network.flows(1.0).unwrap();
    let good = all_at_once(Point { reach: 0, km: 1.0 }, 1.0);
    let bad = [
        Spill { mass_kg: -1.0, ..good },
        Spill { mass_kg: f64::NAN, ..good },
        Spill { duration_s: f64::INFINITY, ..good },
        Spill { threshold_mg_l: 0.0, ..good },
        Spill { decay_per_day: -0.1, ..good },
    ];
    assert!(bad.iter().all(|spill| matches!(network.spill(&flows, spill), Err(SpillError::OutOfRange(_)))));
    for at in [Point { reach: 99, km: 0.0 }, Point { reach: 0, km: 99.0 }, Point { reach: 0, km: f64::NAN }] {
        assert_eq!(network.spill(&flows, &Spill { at, ..good }), Err(SpillError::NoSuchPoint));
    }
    assert!(network.flows(0.0).is_none() && network.flows(f64::NAN).is_none());
    assert!(network.point("BX-1:99").is_none() && network.point("BX-1:x").is_none() && network.point("").is_none());
}

/// 100 reaches with 100 places within 10 ms; the time is printed.
#[test]
fn a_spill_over_a_hundred_reaches_is_quick() {
    let network =
        chain(&(0..100).map(|n| (1.0 + f64::from(n % 7), 15.0 + f64::from(n % 11), 20.0)).collect::<Vec<_>>());
    let flows = network.flows(1.0).unwrap();
    for duration_s in [0.0, 7_200.0] {
        let spill = Spill { duration_s, ..all_at_once(Point { reach: 0, km: 0.0 }, 500.0) };
        let mut times: Vec<_> = (0..9)
            .map(|_| {
                let start = std::time::Instant::now();
                assert_eq!(network.spill(&flows, &spill).unwrap().len(), 100);
                start.elapsed()
            })
            .collect();
        times.sort();
        println!("100 reaches, release of {duration_s} s: {:?}", times[4]);
        assert!(times[0].as_millis() < 50, "{times:?}");
    }
}
