//! A mesh of bent squares. Areas are sets of its cells, so that neighbours share every vertex of their border.
//!
//! Each edge of the mesh is a little coast of its own: its midpoint moves aside, then the midpoints of its halves, and so
//! on. How far a bend may lean is bounded so that no two edges cross: the bends of one edge stay within 23° of it, and
//! two edges of the mesh meet at 50° or more.

use super::outline::{Outline, Owner};
use super::place::{Place, Polygon, Ring, doubled_area, within};
use crate::dice::Dice;
use std::collections::{BTreeMap, BTreeSet};

/// Greatest lean of the first bend, as a part of the edge's length, and what is left of it from bend to bend.
const LEAN: f64 = 0.08;
const LEAN_KEPT: f64 = 0.6;

/// How far a vertex may be from its place on the regular grid, in parts of a cell.
const JITTER: f64 = 0.12;

/// Two edges meet at this angle at least, in degrees, after a vertex was moved to the outline.
const ANGLE_MIN: f64 = 50.0;

/// The shortest edge of a cell, in parts of its longest, after a vertex was moved.
const EDGE_MIN: f64 = 0.4;

/// How often the borders of the units are drawn smooth.
const SMOOTHINGS: usize = 3;

/// A cell by column and row.
pub(super) type Cell = (usize, usize);
type Vertex = (usize, usize);

/// The mesh over the city's extent.
#[derive(Debug, Clone)]
pub(super) struct Mesh {
    columns: usize,
    rows: usize,
    vertices: Vec<Place>,
    owners: Vec<Option<Owner>>,
    bends: u32,
    seed: u64,
    name: String,
}

/// What a mesh is made of.
pub(super) struct Pattern<'a> {
    pub(super) name: &'a str,
    /// West, south, east, north in degrees.
    pub(super) extent: [f64; 4],
    /// Side of a cell in degrees.
    pub(super) cell: f64,
    /// An edge has 2^bends pieces.
    pub(super) bends: u32,
    /// Whether vertices on the city's lines are moved onto them.
    pub(super) drawn: bool,
}

impl Mesh {
    pub(super) fn new(pattern: &Pattern<'_>, outline: &Outline, seed: u64) -> Mesh {
        let [west, south, east, north] = pattern.extent;
        let columns = ((east - west) / pattern.cell).round() as usize;
        let rows = ((north - south) / pattern.cell).round() as usize;
        let mut dice = Dice::new(seed, &format!("mesh {}", pattern.name));
        let mut vertices = Vec::with_capacity((columns + 1) * (rows + 1));
        for row in 0..=rows {
            for column in 0..=columns {
                let x = west + (column as f64 + dice.between(-JITTER, JITTER)) * pattern.cell;
                let y = south + (row as f64 + dice.between(-JITTER, JITTER)) * pattern.cell;
                vertices.push(Place::of_degrees(x, y));
            }
        }
        let mut owners = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let x = west + (column as f64 + 0.5) * pattern.cell;
                let y = south + (row as f64 + 0.5) * pattern.cell;
                owners.push(outline.owner(Place::of_degrees(x, y)));
            }
        }
        let name = pattern.name.to_owned();
        let mut mesh = Mesh { columns, rows, vertices, owners, bends: pattern.bends, seed, name };
        if pattern.drawn {
            mesh.draw(outline, pattern.cell);
        }
        mesh
    }

    /// Moves the vertices between two owners onto the drawn lines, as far as the mesh stays sound.
    fn draw(&mut self, outline: &Outline, cell: f64) {
        let reach = cell * super::place::METRES[1];
        for row in 1..self.rows {
            for column in 1..self.columns {
                let around = [(column - 1, row - 1), (column, row - 1), (column - 1, row), (column, row)];
                let owner = self.owner(around[0]);
                if around.iter().all(|cell| self.owner(*cell) == owner) {
                    continue;
                }
                let at = row * (self.columns + 1) + column;
                let old = self.vertices[at];
                let Some((line, distance)) = outline.nearest_line(old) else { continue };
                if distance > reach {
                    continue;
                }
                self.pull((column, row), line, &around);
            }
        }
    }

    /// Draws stairs smooth: a vertex between two areas moves towards the middle of its neighbours on their border, as
    /// far as the mesh stays sound. Vertices on the lines of the outline, and where three areas meet, stay.
    pub(super) fn smooth(&mut self, area: &BTreeMap<Cell, usize>) {
        for _ in 0..SMOOTHINGS {
            for row in 1..self.rows {
                for column in 1..self.columns {
                    let around = [(column - 1, row - 1), (column, row - 1), (column, row), (column - 1, row)];
                    let areas = around.map(|cell| area.get(&cell));
                    let owners = around.map(|cell| self.owner(cell));
                    let open_sea = owners.iter().all(|owner| owner.is_some_and(|owner| owner.sea));
                    let one_ground = owners[0].is_some() && owners.iter().all(|owner| *owner == owners[0]);
                    if !open_sea && !one_ground {
                        continue;
                    }
                    // The edges between the four cells lead south, east, north and west.
                    let ends = [(column, row - 1), (column + 1, row), (column, row + 1), (column - 1, row)];
                    let border: Vec<Place> =
                        (0..4).filter(|at| areas[*at] != areas[(at + 1) % 4]).map(|at| self.vertex(ends[at])).collect();
                    if let [one, other] = border[..] {
                        let middle = Place { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
                        self.pull((column, row), middle, &around);
                    }
                }
            }
        }
    }

    /// Moves a vertex towards a place as far as the cells about it stay sound.
    fn pull(&mut self, (column, row): Vertex, to: Place, around: &[Cell; 4]) {
        let at = row * (self.columns + 1) + column;
        let old = self.vertices[at];
        for part in [1.0, 0.75, 0.5, 0.25] {
            let mix = |from: i64, to: i64| from + ((to - from) as f64 * part) as i64;
            self.vertices[at] = Place { x: mix(old.x, to.x), y: mix(old.y, to.y) };
            if around.iter().all(|cell| self.is_sound(*cell)) {
                return;
            }
        }
        self.vertices[at] = old;
    }

    /// Whether the corners of a cell are wide enough for the bends of its edges, and no edge much shorter than another.
    fn is_sound(&self, cell: Cell) -> bool {
        let corners = corners(cell).map(|vertex| self.vertex(vertex).degrees());
        let length = |at: usize| {
            let [from, to] = [corners[at], corners[(at + 1) % 4]];
            (to[0] - from[0]).hypot(to[1] - from[1])
        };
        let lengths = [0, 1, 2, 3].map(length);
        let (least, most) = lengths.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), l| (a.min(*l), b.max(*l)));
        if least < EDGE_MIN * most {
            return false;
        }
        (0..4).all(|at| {
            let [before, here, after] = [corners[(at + 3) % 4], corners[at], corners[(at + 1) % 4]];
            let (ax, ay) = (after[0] - here[0], after[1] - here[1]);
            let (bx, by) = (before[0] - here[0], before[1] - here[1]);
            let angle = (ax * by - ay * bx).atan2(ax * bx + ay * by).to_degrees();
            (ANGLE_MIN..=180.0 - ANGLE_MIN / 2.0).contains(&angle)
        })
    }

    fn vertex(&self, (column, row): Vertex) -> Place {
        self.vertices[row * (self.columns + 1) + column]
    }

    /// Whose a cell is; none outside of the city.
    pub(super) fn owner(&self, (column, row): Cell) -> Option<Owner> {
        self.owners[row * self.columns + column]
    }

    /// All cells of the city, row by row.
    pub(super) fn cells(&self) -> impl Iterator<Item = (Cell, Owner)> + '_ {
        let all = (0..self.rows).flat_map(|row| (0..self.columns).map(move |column| (column, row)));
        all.filter_map(|cell| self.owner(cell).map(|owner| (cell, owner)))
    }

    /// The cells that share an edge with one.
    pub(super) fn neighbours(&self, (column, row): Cell) -> impl Iterator<Item = Cell> + use<> {
        let (columns, rows) = (self.columns, self.rows);
        let steps = [(-1, 0), (1, 0), (0, -1), (0, 1)];
        steps.into_iter().filter_map(move |(east, north)| {
            let column = column.checked_add_signed(east).filter(|column| *column < columns)?;
            let row = row.checked_add_signed(north).filter(|row| *row < rows)?;
            Some((column, row))
        })
    }

    /// Middle of a cell.
    pub(super) fn middle(&self, cell: Cell) -> Place {
        let corners = corners(cell).map(|vertex| self.vertex(vertex));
        let sum = |part: fn(&Place) -> i64| corners.iter().map(part).sum::<i64>() / 4;
        Place { x: sum(|place| place.x), y: sum(|place| place.y) }
    }

    /// The border of a set of cells: polygons with their holes, largest first.
    pub(super) fn polygons(&self, cells: &BTreeSet<Cell>) -> Vec<Polygon> {
        let rings: Vec<Ring> = loops(cells).into_iter().map(|vertices| self.bent(&vertices)).collect();
        let (mut outer, holes): (Vec<Ring>, Vec<Ring>) = rings.into_iter().partition(|ring| doubled_area(ring) > 0);
        outer.sort_by_key(|ring| (-doubled_area(ring), ring[0]));
        let mut polygons: Vec<Polygon> = outer.into_iter().map(|ring| Polygon { rings: vec![ring] }).collect();
        for hole in holes {
            // A hole may touch its outer ring at one vertex, so a place in the middle of an edge tells.
            let place = hole[1];
            let around = polygons.iter_mut().rev().find(|polygon| within(place, &polygon.rings[0]));
            if let Some(polygon) = around {
                polygon.rings.push(hole);
            }
        }
        polygons
    }

    /// A loop of mesh vertices with the bends of its edges.
    fn bent(&self, vertices: &[Vertex]) -> Ring {
        let next = vertices.iter().cycle().skip(1);
        let mut ring = Ring::new();
        for (from, to) in vertices.iter().zip(next) {
            let edge = self.edge(*from.min(to), *from.max(to));
            let points = edge.len() - 1;
            if from < to {
                ring.extend(&edge[..points]);
            } else {
                ring.extend(edge[1..].iter().rev());
            }
        }
        ring
    }

    fn edge(&self, from: Vertex, to: Vertex) -> Vec<Place> {
        let mut dice = Dice::new(self.seed, &format!("edge {} {from:?} {to:?}", self.name));
        let mut points = vec![self.vertex(from), self.vertex(to)];
        let mut lean = LEAN;
        for _ in 0..self.bends {
            let mut finer = Vec::with_capacity(points.len() * 2);
            for pair in points.windows(2) {
                let (dx, dy) = ((pair[1].x - pair[0].x) as f64, (pair[1].y - pair[0].y) as f64);
                let aside = dice.between(-lean, lean);
                finer.push(pair[0]);
                finer.push(Place {
                    x: pair[0].x + (dx / 2.0 - dy * aside).round() as i64,
                    y: pair[0].y + (dy / 2.0 + dx * aside).round() as i64,
                });
            }
            finer.push(points[points.len() - 1]);
            points = finer;
            lean *= LEAN_KEPT;
        }
        points
    }
}

fn corners((column, row): Cell) -> [Vertex; 4] {
    [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
}

/// Loops of vertices round a set of cells, the set on their left; each visits a vertex once.
fn loops(cells: &BTreeSet<Cell>) -> Vec<Vec<Vertex>> {
    let mut onward: BTreeMap<Vertex, Vec<Vertex>> = BTreeMap::new();
    for cell in cells {
        let (column, row) = *cell;
        let beyond = [
            row.checked_sub(1).map(|row| (column, row)),
            Some((column + 1, row)),
            Some((column, row + 1)),
            column.checked_sub(1).map(|column| (column, row)),
        ];
        let corners = corners(*cell);
        for (side, other) in beyond.into_iter().enumerate() {
            if !other.is_some_and(|other| cells.contains(&other)) {
                onward.entry(corners[side]).or_default().push(corners[(side + 1) % 4]);
            }
        }
    }
    let mut found = Vec::new();
    while let Some(start) = onward.keys().next().copied() {
        let mut path = vec![start];
        let mut here = start;
        while let Some(next) = step(&mut onward, here) {
            // Where the way crosses itself it has closed a loop.
            if let Some(at) = path.iter().position(|vertex| *vertex == next) {
                found.push(path.split_off(at));
            }
            path.push(next);
            here = next;
        }
    }
    found
}

fn step(onward: &mut BTreeMap<Vertex, Vec<Vertex>>, from: Vertex) -> Option<Vertex> {
    let ways = onward.get_mut(&from)?;
    let next = ways.pop();
    if ways.is_empty() {
        onward.remove(&from);
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(cells: &[Cell]) -> Vec<usize> {
        let mut sizes: Vec<usize> = loops(&cells.iter().copied().collect()).iter().map(Vec::len).collect();
        sizes.sort_unstable();
        sizes
    }

    #[test]
    fn loops_go_round_once() {
        assert_eq!(sizes(&[(0, 0)]), [4]);
        assert_eq!(sizes(&[(0, 0), (1, 0)]), [6]);
        assert_eq!(sizes(&[(0, 0), (1, 1)]), [4, 4], "two cells that touch at a corner");
        let frame: Vec<Cell> = (0..9).map(|at| (at % 3, at / 3)).filter(|cell| *cell != (1, 1)).collect();
        assert_eq!(sizes(&frame), [4, 12], "a hole is a loop");
        let open: Vec<Cell> = frame.into_iter().filter(|cell| *cell != (0, 0)).collect();
        assert_eq!(sizes(&open), [4, 12], "a hole that touches the border at a corner is a loop of its own");
    }
}
