//! What a project or an area of the map looks like: checked points, lines or areas.

mod check;
mod corridor;
mod fault;
pub mod wkt;

pub use check::{Place as FaultPlace, self_crossings};
pub use corridor::WIDTH_MAX_M as CORRIDOR_WIDTH_MAX_M;
pub use fault::{ShapeFault, ShapeNote};

use geo::{BoundingRect, Coord, Geometry, MapCoords, MultiLineString, MultiPoint, MultiPolygon};

use crate::plane::Bounds;

/// How much a shape may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShapeLimits {
    /// Most vertices, repeated ones included.
    pub vertices_max: usize,
}

impl ShapeLimits {
    /// For a project that somebody uploads.
    pub const UPLOAD: Self = Self { vertices_max: 200_000 };
    /// For an area of the map.
    pub const MAP: Self = Self { vertices_max: 20_000_000 };
}

/// Whether crossings may be repaired.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consent {
    /// A shape that crosses itself is refused, with the places.
    Refuse,
    /// The person who gave the shape agreed to a repair, which is reported.
    Repair,
}

/// Points, lines or areas whose coordinates are finite and whose areas are simple; shells run counter-clockwise.
///
/// ```
/// use zoning::shape::{Consent, Shape, ShapeLimits};
/// let geometry = zoning::shape::wkt::read("POLYGON((0 0, 0 2, 2 2, 2 0, 0 0))", ShapeLimits::UPLOAD)?;
/// let checked = Shape::check(geometry, ShapeLimits::UPLOAD, Consent::Refuse)?;
/// assert_eq!(checked.shape.wkt(), "POLYGON((0 0,2 0,2 2,0 2,0 0))");
/// # Ok::<(), Vec<zoning::shape::ShapeFault>>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Shape(Form);

#[derive(Clone, PartialEq, Debug)]
enum Form {
    Points(MultiPoint<f64>),
    Lines(MultiLineString<f64>),
    Areas(MultiPolygon<f64>),
}

/// A shape without its privacy, to match on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Parts<'a> {
    /// Points.
    Points(&'a MultiPoint<f64>),
    /// Lines.
    Lines(&'a MultiLineString<f64>),
    /// Areas.
    Areas(&'a MultiPolygon<f64>),
}

/// A checked shape and what was put right on the way.
#[derive(Clone, PartialEq, Debug)]
pub struct Checked {
    /// The shape.
    pub shape: Shape,
    /// What was put right, and what was noticed.
    pub notes: Vec<ShapeNote>,
}

impl Shape {
    /// Checks a geometry as it was read.
    ///
    /// # Errors
    ///
    /// Every fault that was found, places included; crossings only under [`Consent::Refuse`].
    pub fn check(geometry: Geometry<f64>, limits: ShapeLimits, consent: Consent) -> Result<Checked, Vec<ShapeFault>> {
        check::check(geometry, limits, consent)
    }

    /// A single point.
    ///
    /// # Errors
    ///
    /// When a coordinate is not a finite number.
    pub fn point(x: f64, y: f64) -> Result<Self, ShapeFault> {
        if x.is_finite() && y.is_finite() {
            Ok(Self(Form::Points(MultiPoint::from(vec![(x, y)]))))
        } else {
            Err(ShapeFault::NotFinite { x, y })
        }
    }

    /// What it consists of.
    #[must_use]
    pub fn parts(&self) -> Parts<'_> {
        match &self.0 {
            Form::Points(points) => Parts::Points(points),
            Form::Lines(lines) => Parts::Lines(lines),
            Form::Areas(areas) => Parts::Areas(areas),
        }
    }

    /// Its areas, if it consists of areas.
    #[must_use]
    pub fn areas(&self) -> Option<&MultiPolygon<f64>> {
        match &self.0 {
            Form::Areas(areas) => Some(areas),
            Form::Points(_) | Form::Lines(_) => None,
        }
    }

    /// Its box.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        let rect = match &self.0 {
            Form::Points(points) => points.bounding_rect(),
            Form::Lines(lines) => lines.bounding_rect(),
            Form::Areas(areas) => areas.bounding_rect(),
        };
        rect.map_or(Bounds::EMPTY, |rect| Bounds { min: rect.min(), max: rect.max() })
    }

    /// Number of vertices.
    #[must_use]
    pub fn vertices(&self) -> usize {
        use geo::CoordsIter;
        match &self.0 {
            Form::Points(points) => points.coords_count(),
            Form::Lines(lines) => lines.coords_count(),
            Form::Areas(areas) => areas.coords_count(),
        }
    }

    /// The same shape with every coordinate carried elsewhere, such as into another coordinate system.
    ///
    /// # Errors
    ///
    /// The first that `carry` gives.
    pub fn carried<E: Copy>(&self, carry: impl Fn(Coord<f64>) -> Result<Coord<f64>, E> + Copy) -> Result<Self, E> {
        Ok(Self(match &self.0 {
            Form::Points(points) => Form::Points(points.try_map_coords(carry)?),
            Form::Lines(lines) => Form::Lines(lines.try_map_coords(carry)?),
            Form::Areas(areas) => Form::Areas(areas.try_map_coords(carry)?),
        }))
    }

    /// As well-known text, with digits enough to read the same numbers again.
    #[must_use]
    pub fn wkt(&self) -> String {
        wkt::write(self)
    }

    /// As a geometry of `geo`: a single one when it has one part.
    #[must_use]
    pub fn geometry(&self) -> Geometry<f64> {
        match &self.0 {
            Form::Points(points) if points.0.len() == 1 => points.0[0].into(),
            Form::Points(points) => points.clone().into(),
            Form::Lines(lines) if lines.0.len() == 1 => lines.0[0].clone().into(),
            Form::Lines(lines) => lines.clone().into(),
            Form::Areas(areas) if areas.0.len() == 1 => areas.0[0].clone().into(),
            Form::Areas(areas) => areas.clone().into(),
        }
    }
}
