//! How edges run through an area: which stretches lie inside, along its boundary, and outside.

use geo::Coord;

use super::edge::{Contact, Place, side};
use super::{Bounds, Edge};

/// A stretch of an edge, as shares of its way, and where its interior lies.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stretch {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Where it lies.
    pub place: Place,
    /// On the boundary: whether both areas lie on the same side of it.
    pub same_side: bool,
}

/// Cuts an edge where edges of an area meet it and tells where each stretch lies.
///
/// `near` holds at least the edges of the area whose boxes meet the edge's; `locate` places a point in the area.
pub fn stretches(edge: &Edge, near: &[Edge], mut locate: impl FnMut(Coord<f64>) -> Place, out: &mut Vec<Stretch>) {
    let bounds = edge.bounds();
    let mut cuts = vec![0.0, 1.0];
    let mut along: Vec<(f64, f64, bool)> = Vec::new();
    for other in near.iter().filter(|other| other.bounds().meets(&bounds)) {
        match edge.contact(other) {
            Contact::None => {}
            Contact::Cross => cuts.extend(edge.crossing(other)),
            Contact::Touch => {
                cuts.extend([other.a, other.b].into_iter().filter(|p| edge.holds(*p)).map(|p| edge.foot(p)));
                if side(edge.a, edge.b, other.a) == 0.0 && side(edge.a, edge.b, other.b) == 0.0 {
                    let (from, to) = (edge.foot(other.a), edge.foot(other.b));
                    along.push((from.min(to), from.max(to), from < to));
                }
            }
        }
    }
    cuts.retain(|t| (0.0..=1.0).contains(t));
    cuts.sort_unstable_by(f64::total_cmp);
    cuts.dedup();
    for pair in cuts.windows(2) {
        let middle = f64::midpoint(pair[0], pair[1]);
        let on = along.iter().find(|(from, to, _)| *from <= middle && middle <= *to);
        let (place, same_side) = match on {
            Some((_, _, same)) => (Place::Boundary, *same),
            None => (locate(edge.at(middle)), false),
        };
        out.push(Stretch { from: pair[0], to: pair[1], place, same_side });
    }
}

/// Length of the boundary of what two areas share. Both lists hold edges with the interior on the left; `near` at
/// least those of the second area whose boxes meet the first's; `locate` places a point in the second.
pub fn shared_perimeter(
    subject: &[Edge],
    bounds: &Bounds,
    near: &[Edge],
    mut locate: impl FnMut(Coord<f64>) -> Place,
) -> f64 {
    let mut length = 0.0;
    let mut found = Vec::new();
    for edge in subject {
        found.clear();
        stretches(edge, near, &mut locate, &mut found);
        length += edge.length() * counted(&found, true);
    }
    for edge in near.iter().filter(|edge| edge.bounds().meets(bounds)) {
        found.clear();
        stretches(edge, subject, |p| super::edge::locate(subject, p), &mut found);
        length += edge.length() * counted(&found, false);
    }
    length
}

/// Share of an edge that bounds what is shared; a common stretch counts once, on the first area's side.
fn counted(stretches: &[Stretch], first: bool) -> f64 {
    stretches
        .iter()
        .filter(|s| s.place == Place::Inside || (first && s.place == Place::Boundary && s.same_side))
        .map(|s| s.to - s.from)
        .sum()
}

/// Whether edges of two areas share a point.
#[must_use]
pub fn any_contact(subject: &[Edge], near: &[Edge]) -> bool {
    near.iter().any(|other| {
        let bounds = other.bounds();
        subject.iter().any(|edge| edge.bounds().meets(&bounds) && edge.contact(other) != Contact::None)
    })
}
