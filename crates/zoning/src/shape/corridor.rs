//! The ground that a line takes: a road or a pipeline with its width.

use geo::algorithm::buffer::{BufferStyle, LineCap, LineJoin};
use geo::{Buffer, Coord, LineString, MultiLineString};

use super::{Consent, Form, Shape, ShapeFault, ShapeLimits};

/// Widest corridor in metres that is taken for one: more is a unit that was mixed up.
pub const WIDTH_MAX_M: f64 = 2_000.0;

/// Turn of each straight piece of a rounded corner, in radians: a corner of 100 m width is round to 6 cm.
const CORNER_STEP: f64 = 0.1;

impl Shape {
    /// The corridor of lines on a plane: `width_m` wide in all, half of it on each side, with flat ends and round
    /// corners. What crosses or overlaps counts once.
    ///
    /// ```
    /// use zoning::shape::{Consent, Shape, ShapeLimits, wkt};
    /// let line = wkt::read("LINESTRING(0 0, 100 0)", ShapeLimits::UPLOAD)?;
    /// let line = Shape::check(line, ShapeLimits::UPLOAD, Consent::Refuse)?.shape;
    /// let corridor = line.corridor(8.0)?;
    /// assert!((zoning::measure::plane_area(corridor.areas().unwrap()) - 800.0).abs() < 0.01);
    /// # Ok::<(), Vec<zoning::shape::ShapeFault>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When it is no line, or the width is not between 0 and [`WIDTH_MAX_M`].
    pub fn corridor(&self, width_m: f64) -> Result<Self, Vec<ShapeFault>> {
        let Form::Lines(lines) = &self.0 else { return Err(vec![ShapeFault::CorridorOfNoLine]) };
        if !(width_m > 0.0 && width_m <= WIDTH_MAX_M) {
            return Err(vec![ShapeFault::CorridorWidth { width: width_m, limit: WIDTH_MAX_M }]);
        }
        let style = BufferStyle::new(width_m / 2.0).line_cap(LineCap::Butt).line_join(LineJoin::Round(CORNER_STEP));
        let lines = MultiLineString(lines.iter().map(without_ends).collect());
        // Where arcs meet on the grid of the buffer, the repair is ours to agree to.
        let areas = lines.buffer_with_style(style).into();
        Shape::check(areas, ShapeLimits::MAP, Consent::Repair).map(|checked| checked.shape)
    }
}

/// A closed line has no ends: it begins within its first edge and ends a little farther, over its beginning.
fn without_ends(line: &LineString<f64>) -> LineString<f64> {
    match line.0.as_slice() {
        [a, b, .., last] if line.0.len() > 3 && a == last => {
            let at = |share: f64| Coord { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
            let around = line.0[1..].iter().copied();
            LineString(std::iter::once(at(1.0 / 3.0)).chain(around).chain([at(2.0 / 3.0)]).collect())
        }
        _ => line.clone(),
    }
}
