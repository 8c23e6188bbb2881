//! A million points, or a hundred thousand areas, laid over tens of thousands of zones.
//!
//! The smaller side ([`Points`] or [`Parcels`]) is indexed once; zones stream past it, one at a time, each read from
//! flat coordinates once. A zone's edges are looked up among the points or boxes at their height, so that an edge
//! that is near nothing costs a few nanoseconds. Zones are independent of one another: callers feed them from as many
//! threads as they like, each with a [`Rings`] and a scratch of its own.
//!
//! A point hits the zone whose interior contains it. Areas hit when they share a point; a shared boundary alone counts
//! with area 0. Everything lies in the plane of the input coordinates.
//!
//! ```
//! use zoning::overlay::{PointScratch, Points, Rings};
//! let points = Points::new(&[0.5, 1.0, 3.0], &[0.5, 1.0, 3.0]);
//! let mut zone = Rings::default();
//! zone.push_ring([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)], false);
//! let mut hits = Vec::new();
//! points.within(&zone, &mut PointScratch::default(), |point| hits.push(point));
//! assert_eq!(hits, [0]); // (1, 1) lies on the boundary
//! ```

mod parcels;
mod points;
mod rings;

pub use parcels::{ParcelScratch, Parcels};
pub use points::{PointScratch, Points};
pub use rings::{Rings, WkbFault};
