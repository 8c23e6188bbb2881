//! The control units: every cell of the city belongs to one.
//!
//! Units grow from seeds over the cells of their district's land or sea. The second edition splits some, merges as many
//! and moves some borders, so that the number stays.

use super::fields::{Base, Fields};
use super::mesh::{Cell, Mesh};
use super::model::Model;
use super::outline::{Outline, Owner};
use super::{Error, place::Polygon};
use crate::dice::Dice;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// One control unit of one edition.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// `ZH`, six digits of the district, the class, four of the serial.
    pub(super) code: String,
    pub(super) owner: Owner,
    /// 1 优先, 2 重点, 3 一般.
    pub(super) class: u8,
    pub(super) serial: u32,
    pub(super) cells: BTreeSet<Cell>,
    /// Codes in the edition before; its own code when it was only moved, none in the first edition.
    pub(super) parents: Vec<String>,
    /// What happened since the edition before.
    pub(super) change: Change,
}

/// What became of a unit since the edition before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    None,
    Split,
    Merged,
    Moved,
}

impl Change {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Change::None => "",
            Change::Split => "split",
            Change::Merged => "merged",
            Change::Moved => "moved",
        }
    }
}

impl Unit {
    pub(super) fn polygons(&self, mesh: &Mesh) -> Vec<Polygon> {
        mesh.polygons(&self.cells)
    }
}

fn code(outline: &Outline, owner: Owner, class: u8, serial: u32) -> String {
    format!("ZH{}{class}{serial:04}", outline.districts[owner.district].code)
}

/// The units of the first edition, in the order of their codes.
pub(super) fn first(
    model: &Model,
    outline: &Outline,
    mesh: &Mesh,
    fields: &Fields,
    seed: u64,
) -> Result<Vec<Unit>, Error> {
    let mut grounds: BTreeMap<Owner, BTreeSet<Cell>> = BTreeMap::new();
    for (cell, owner) in mesh.cells() {
        grounds.entry(owner).or_default().insert(cell);
    }
    let mut units = Vec::new();
    for (district, entry) in outline.districts.iter().enumerate() {
        let counts = model
            .units
            .iter()
            .find(|counts| counts.district == entry.code)
            .ok_or_else(|| Error::Model { at: format!("[[units]] of {}", entry.code), why: "is missing".to_owned() })?;
        let mut parts = Vec::new();
        for (sea, count) in [(false, counts.land), (true, counts.sea)] {
            let owner = Owner { district, sea };
            let cells = grounds.remove(&owner).unwrap_or_default();
            let mut dice = Dice::new(seed, &format!("units {} {sea}", entry.code));
            if cells.len() < count * 4 {
                let why = format!("has {} cells, too few for {count} units", cells.len());
                return Err(Error::Model { at: format!("{} sea={sea}", entry.code), why });
            }
            parts.extend(grow(mesh, &cells, count, &mut dice).into_iter().map(|cells| (owner, cells)));
        }
        // The wildest are 优先, the most built-up of the rest 重点.
        let wild = |cells: &BTreeSet<Cell>| {
            cells.iter().map(|cell| fields.at(Base::Wild, mesh.middle(*cell))).sum::<f64>() / cells.len() as f64
        };
        parts.sort_by(|a, b| wild(&b.1).total_cmp(&wild(&a.1)));
        let general = parts.len().saturating_sub(counts.priority + counts.key);
        let mut serials = [0; 4];
        for (index, (owner, cells)) in parts.into_iter().enumerate() {
            let class = match index {
                _ if index < counts.priority => 1,
                _ if index < counts.priority + general => 3,
                _ => 2,
            };
            serials[class as usize] += 1;
            let serial = serials[class as usize];
            let code = code(outline, owner, class, serial);
            units.push(Unit { code, owner, class, serial, cells, parents: Vec::new(), change: Change::None });
        }
    }
    units.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(units)
}

/// Cuts a set of cells into `count` parts that grow from far-apart seeds at uneven speed.
fn grow(mesh: &Mesh, cells: &BTreeSet<Cell>, count: usize, dice: &mut Dice) -> Vec<BTreeSet<Cell>> {
    let all: Vec<Cell> = cells.iter().copied().collect();
    let mut seeds: Vec<Cell> = Vec::new();
    while seeds.len() < count.min(all.len()) {
        let apart = |cell: &Cell| {
            let middle = mesh.middle(*cell);
            seeds.iter().map(|seed| middle.metres_to(mesh.middle(*seed))).fold(f64::INFINITY, f64::min)
        };
        let tries: Vec<Cell> = (0..8).map(|_| all[(dice.uniform() * all.len() as f64) as usize]).collect();
        let best = tries.into_iter().max_by(|a, b| apart(a).total_cmp(&apart(b)));
        seeds.extend(best.filter(|best| !seeds.contains(best)));
    }
    let mut parts = vec![BTreeSet::new(); seeds.len()];
    let mut left = cells.clone();
    let mut heap: BinaryHeap<Reverse<(u64, Cell, usize)>> =
        seeds.iter().enumerate().map(|(part, seed)| Reverse((0, *seed, part))).collect();
    while let Some(Reverse((time, cell, part))) = heap.pop() {
        if !left.remove(&cell) {
            continue;
        }
        parts[part].insert(cell);
        for next in mesh.neighbours(cell).filter(|next| left.contains(next)) {
            heap.push(Reverse((time + 40 + (dice.uniform() * 60.0) as u64, next, part)));
        }
    }
    // What no seed could reach, such as an islet, goes to the part of the nearest seed.
    for cell in left {
        let middle = mesh.middle(cell);
        let distance = |part: &usize| middle.metres_to(mesh.middle(seeds[*part]));
        if let Some(part) = (0..seeds.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))) {
            parts[part].insert(cell);
        }
    }
    parts
}

/// The units of the next edition.
pub(super) fn next(model: &Model, outline: &Outline, mesh: &Mesh, before: &[Unit], seed: u64) -> Vec<Unit> {
    let mut dice = Dice::new(seed, "units of the next edition");
    let mut units: Vec<Unit> = before
        .iter()
        .map(|unit| Unit { parents: vec![unit.code.clone()], change: Change::None, ..unit.clone() })
        .collect();
    let mut serials: BTreeMap<(usize, u8), u32> = BTreeMap::new();
    for unit in before {
        let last = serials.entry((unit.owner.district, unit.class)).or_default();
        *last = unit.serial.max(*last);
    }
    let mut fresh = |owner: Owner, class: u8| {
        let serial = serials.entry((owner.district, class)).or_default();
        *serial += 1;
        (code(outline, owner, class, *serial), *serial)
    };

    let mut moved = 0;
    for at in 0..units.len() {
        if moved == model.change.moved {
            break;
        }
        // Every third pair, so that the changes lie all over the city.
        if at % 3 == 0 && units[at].change == Change::None {
            let pair = neighbour(mesh, &units, at).filter(|other| units[*other].cells.len() > 30);
            if let Some(other) = pair {
                move_border(mesh, &mut units, at, other, model.change.moved_cells);
                moved += 1;
            }
        }
    }
    for _ in 0..model.change.split {
        let whole = (0..units.len())
            .filter(|at| units[*at].change == Change::None && !units[*at].owner.sea)
            .max_by_key(|at| units[*at].cells.len());
        let Some(at) = whole else { break };
        let unit = units.remove(at);
        for cells in grow(mesh, &unit.cells, 2, &mut dice) {
            let (code, serial) = fresh(unit.owner, unit.class);
            let parents = vec![unit.code.clone()];
            units.push(Unit { code, serial, cells, parents, change: Change::Split, ..unit.clone() });
        }
    }
    for _ in 0..model.change.merged {
        let pairs = (0..units.len())
            .filter(|at| units[*at].change == Change::None)
            .filter_map(|at| neighbour(mesh, &units, at).map(|other| (at, other)));
        let small = pairs.min_by_key(|(at, other)| (units[*at].cells.len() + units[*other].cells.len(), *at));
        let Some((at, other)) = small else { break };
        let (second, first) = (units.remove(at.max(other)), units.remove(at.min(other)));
        let (code, serial) = fresh(first.owner, first.class);
        let cells = first.cells.union(&second.cells).copied().collect();
        let parents = vec![first.code.clone(), second.code.clone()];
        units.push(Unit { code, serial, cells, parents, change: Change::Merged, ..first });
    }
    units.sort_by(|a, b| a.code.cmp(&b.code));
    units
}

/// Another unchanged unit of the same ground and class that shares an edge.
fn neighbour(mesh: &Mesh, units: &[Unit], at: usize) -> Option<usize> {
    let unit = &units[at];
    let beyond: BTreeSet<Cell> = unit.cells.iter().flat_map(|cell| mesh.neighbours(*cell)).collect();
    units.iter().position(|other| {
        other.code != unit.code
            && other.change == Change::None
            && (other.owner, other.class) == (unit.owner, unit.class)
            && !other.cells.is_disjoint(&beyond)
    })
}

/// Gives some cells of `from` along the common border to `to`.
fn move_border(mesh: &Mesh, units: &mut [Unit], to: usize, from: usize, most: usize) {
    let beyond: BTreeSet<Cell> = units[to].cells.iter().flat_map(|cell| mesh.neighbours(*cell)).collect();
    let given: Vec<Cell> = units[from].cells.intersection(&beyond).take(most).copied().collect();
    for cell in given {
        units[from].cells.remove(&cell);
        units[to].cells.insert(cell);
    }
    units[from].change = Change::Moved;
    units[to].change = Change::Moved;
}
