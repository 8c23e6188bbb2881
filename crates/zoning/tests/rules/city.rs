//! Rules, grounds and random numbers that the proofs share.

use std::collections::BTreeMap;
use zoning::ground::{Coverage, Ground, LayerFinding, Meeting, UnitPiece};
use zoning::{
    Dictionary, Facts, InForce, Judgement, Judgements, Ledger, Project, RuleFile, RuleFiles, RuleSet, Screened, Status,
    Surroundings,
};

pub(crate) const UNIT: &str = "ZH35020320001";

/// A file of the repository.
pub(crate) fn file(path: &str) -> RuleFile {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    RuleFile::new(path, std::fs::read_to_string(format!("{root}/{path}")).unwrap())
}

/// The built-in files with these rules.
pub(crate) fn files(rules: Vec<RuleFile>) -> RuleFiles {
    RuleFiles {
        facts: vec![file("norms/zoning/facts.toml")],
        rules,
        citations: vec![file("norms/zoning/instruments.csv")],
        words: vec![file("norms/zoning/words.toml")],
        ..RuleFiles::default()
    }
}

/// The thirty sample clauses.
pub(crate) fn sample() -> RuleSet {
    RuleSet::load(&files(vec![file("testdata/zoning/rules-sample.toml")])).0
}

/// One project with everything that belongs to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(crate) facts: serde_json::Map<String, serde_json::Value>,
    pub(crate) answers: BTreeMap<String, serde_json::Value>,
    pub(crate) judged: BTreeMap<String, bool>,
}

pub(crate) struct Built {
    pub(crate) facts: Facts,
    pub(crate) ground: Ground,
    pub(crate) judgements: Judgements,
    pub(crate) ledger: Ledger,
    pub(crate) status: Status,
}

pub(crate) fn unit(code: &str) -> UnitPiece {
    UnitPiece { code: code.into(), name: String::new(), class: 2, size: 100.0, share: 1.0, sliver: false }
}

pub(crate) fn finding() -> LayerFinding {
    LayerFinding {
        coverage: Coverage::Complete,
        meeting: Meeting::Apart,
        inside: false,
        area_m2: 0.0,
        length_m: 0.0,
        share: 0.0,
        distance_m: Some(1e6),
        depth_m: 0.0,
        margin_m: 0.0,
        protrusion_m: 0.0,
        sliver_width_m: 0.0,
        accuracy_m: 0.0,
        touch_counts: false,
        features: Vec::new(),
    }
}

pub(crate) fn judgement(value: bool) -> Judgement {
    Judgement { value, by: "某".into(), reason: "r".into(), date: "2026-01-02".into() }
}

impl Case {
    pub(crate) fn build(&self, dictionary: &Dictionary, day: &str) -> Built {
        let mut ground = Ground { units: vec![unit(UNIT)], tiled: true, ..Ground::default() };
        ground.outfall = Some(BTreeMap::new());
        let mut ledger = Ledger::default();
        let day: norms::Day = day.parse().unwrap();
        for (name, value) in &self.answers {
            let (call, key) = name.split_once(':').unwrap();
            if call == "headroom" {
                ledger.put(UNIT, key, day.year(), value.to_string().parse().unwrap(), day);
                continue;
            }
            let layers = if call == "touches_outfall" { ground.outfall.as_mut().unwrap() } else { &mut ground.layers };
            let layer = layers.entry(key.to_owned()).or_insert_with(finding);
            match call {
                "touches" | "touches_outfall" => {
                    layer.meeting = if value.as_bool().unwrap() { Meeting::Solid } else { Meeting::Apart };
                }
                "inside" => layer.inside = value.as_bool().unwrap(),
                "dist_m" => layer.distance_m = value.as_f64(),
                _ => panic!("{call}"),
            }
        }
        Built {
            facts: Facts::from_json(dictionary, &self.facts).unwrap(),
            ground,
            judgements: Judgements(self.judged.iter().map(|(key, value)| (key.clone(), judgement(*value))).collect()),
            ledger,
            status: Status::default(),
        }
    }
}

impl Built {
    pub(crate) fn project(&self) -> Project<'_> {
        Project {
            facts: &self.facts,
            ground: &self.ground,
            judgements: &self.judgements,
            submitted: None,
            crs_declared: true,
        }
    }

    pub(crate) fn around(&self) -> Surroundings<'_> {
        Surroundings { ledger: &self.ledger, status: &self.status }
    }

    pub(crate) fn screen<'a>(&'a self, law: &'a InForce<'a>) -> Screened<'a> {
        law.screen(self.project(), self.around())
    }
}

/// Plain pseudo-random numbers (splitmix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn is(&mut self, share: f64) -> bool {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64 <= share
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}
