//! What became of the units from one edition to the next, by the ground that they share.

use std::collections::BTreeMap;

use geo::MultiPolygon;

use crate::measure::plane_area;
use crate::plane::matrix;

/// When units count as the same, and when one descends from another. Data of a diff.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineageRules {
    /// Both share at least this of each other: the same unit.
    pub same_share: f64,
    /// A unit descends from another when they share at least this of the smaller.
    pub descends_share: f64,
}

impl Default for LineageRules {
    fn default() -> Self {
        Self { same_share: 0.999_999, descends_share: 0.10 }
    }
}

/// An entry of the area matrix.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Common {
    /// Code in the older edition.
    pub old: String,
    /// Code in the newer edition.
    pub new: String,
    /// What they share, m² of the plane.
    pub area_m2: f64,
    /// Share of the older unit.
    pub of_old: f64,
    /// Share of the newer unit.
    pub of_new: f64,
}

/// What became of some units.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// The same ground, perhaps under another code.
    Same {
        /// Code before.
        old: String,
        /// Code after.
        new: String,
    },
    /// Its boundary moved.
    Moved {
        /// Code before.
        old: String,
        /// Code after.
        new: String,
        /// Ground given away, m².
        lost_m2: f64,
        /// Ground taken, m².
        won_m2: f64,
    },
    /// One became several.
    Split {
        /// Code before.
        old: String,
        /// Codes after.
        new: Vec<String>,
    },
    /// Several became one.
    Merged {
        /// Codes before.
        old: Vec<String>,
        /// Code after.
        new: String,
    },
    /// Several were cut anew into several.
    Redrawn {
        /// Codes before.
        old: Vec<String>,
        /// Codes after.
        new: Vec<String>,
    },
    /// No unit descends from it.
    Gone {
        /// Code before.
        old: String,
    },
    /// It descends from no unit.
    New {
        /// Code after.
        new: String,
    },
}

/// The lineage of two editions.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize)]
pub struct Lineage {
    /// Every pair that shares more than rounding.
    pub matrix: Vec<Common>,
    /// What became of each unit; each stands in one change.
    pub changes: Vec<Change>,
}

/// A unit of an edition: its code and ground.
pub type Unit<'a> = (&'a str, &'a MultiPolygon<f64>);

/// Compares the units of two editions on one plane.
#[must_use]
pub fn lineage(old: &[Unit<'_>], new: &[Unit<'_>], rules: &LineageRules) -> Lineage {
    let ground = |units: &[Unit<'_>]| -> Vec<MultiPolygon<f64>> { units.iter().map(|unit| unit.1.clone()).collect() };
    let sizes = |units: &[Unit<'_>]| -> Vec<f64> { units.iter().map(|unit| plane_area(unit.1)).collect() };
    let (old_m2, new_m2) = (sizes(old), sizes(new));
    let pairs = matrix::between(&ground(old), &ground(new));
    let mut groups = Groups::new(old.len() + new.len());
    for pair in &pairs {
        if pair.area >= rules.descends_share * old_m2[pair.first].min(new_m2[pair.second]) {
            groups.join(pair.first, old.len() + pair.second);
        }
    }
    let mut families: BTreeMap<usize, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for number in 0..old.len() {
        families.entry(groups.head(number)).or_default().0.push(number);
    }
    for number in 0..new.len() {
        families.entry(groups.head(old.len() + number)).or_default().1.push(number);
    }
    let shared = |o: usize, n: usize| pairs.iter().find(|p| (p.first, p.second) == (o, n)).map_or(0.0, |p| p.area);
    let old_codes = |all: &[usize]| all.iter().map(|n| old[*n].0.to_owned()).collect::<Vec<_>>();
    let new_codes = |all: &[usize]| all.iter().map(|n| new[*n].0.to_owned()).collect::<Vec<_>>();
    let changes = families
        .into_values()
        .map(|(before, after)| match (&before[..], &after[..]) {
            ([o], [n]) => {
                let area = shared(*o, *n);
                let codes = (old[*o].0.to_owned(), new[*n].0.to_owned());
                if area >= rules.same_share * old_m2[*o].max(new_m2[*n]) {
                    Change::Same { old: codes.0, new: codes.1 }
                } else {
                    let (lost_m2, won_m2) = ((old_m2[*o] - area).max(0.0), (new_m2[*n] - area).max(0.0));
                    Change::Moved { old: codes.0, new: codes.1, lost_m2, won_m2 }
                }
            }
            ([o], []) => Change::Gone { old: old[*o].0.to_owned() },
            ([], [n]) => Change::New { new: new[*n].0.to_owned() },
            ([o], many) => Change::Split { old: old[*o].0.to_owned(), new: new_codes(many) },
            (many, [n]) => Change::Merged { old: old_codes(many), new: new[*n].0.to_owned() },
            (many, others) => Change::Redrawn { old: old_codes(many), new: new_codes(others) },
        })
        .collect();
    let matrix = pairs
        .iter()
        .map(|pair| Common {
            old: old[pair.first].0.to_owned(),
            new: new[pair.second].0.to_owned(),
            area_m2: pair.area,
            of_old: pair.area / old_m2[pair.first],
            of_new: pair.area / new_m2[pair.second],
        })
        .collect();
    Lineage { matrix, changes }
}

/// Which members belong together.
struct Groups {
    parent: Vec<usize>,
}

impl Groups {
    fn new(count: usize) -> Self {
        Self { parent: (0..count).collect() }
    }

    fn head(&self, mut member: usize) -> usize {
        while self.parent[member] != member {
            member = self.parent[member];
        }
        member
    }

    /// The lesser head stays, so that families come in the order of the older units.
    fn join(&mut self, one: usize, other: usize) {
        let (p, q) = (self.head(one), self.head(other));
        self.parent[p.max(q)] = p.min(q);
    }
}
