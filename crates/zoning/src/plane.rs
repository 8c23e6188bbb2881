//! Geometry on a plane: exact predicates on the given points, and sums that stay right where edges coincide.
//!
//! Areas are taken without building an intersection polygon ([`shared`]): the sum over pairs of edges of what two
//! trapezoids share is continuous in every coordinate, so that shared and nearly shared edges cannot flip an answer.

pub mod bounds;
pub mod edge;
pub mod index;
pub mod matrix;
pub mod runs;
pub mod shared;
pub mod tree;

pub use bounds::Bounds;
pub use edge::{Contact, Edge, Place};
pub use index::EdgeIndex;
