//! Zoning control: may this project stand here, under which clauses, and what is still unknown?
//!
//! Two halves that meet in [`ground`]. The geometry half takes a project's shape and an edition's map and tells what
//! lies where. The rule half takes that, the project's facts and the edition's clauses, and gives a verdict with a
//! trace of every rule. Nothing here reads a file, a clock or a socket.
//!
//! Geometry, in the order in which it is used: [`crs`] (declared systems) → [`shape`] (checked shapes) → [`siting`]
//! (an edition's map, asked what the ground of a project is) → [`ground`]; [`measure`] has areas and lengths,
//! [`plane`] the arithmetic below.

pub mod codes;
pub mod crs;
pub mod ground;
pub mod lineage;
pub mod measure;
pub mod overlay;
pub mod plane;
pub mod shape;
pub mod siting;
pub mod topology;

mod answers;
mod citation;
mod clause;
mod conditions;
mod examples;
mod expr;
mod facts;
mod finding;
mod impact;
mod in_force;
mod lint;
mod nearest;
mod number;
mod questions;
mod replay;
mod ruleset;
mod search;
mod surroundings;
mod table;
mod trace;
mod value;
mod verdict;

pub use answers::Boundary;
pub use citation::{Basis, Citations, Cite};
pub use clause::{Applies, Conf, Dimension, Effect, Example, Existing, Must, Rank, Rule, Scope};
pub use conditions::Condition;
pub use expr::{Predicate, PredicateCall};
pub use facts::{Adjustable, Answerer, Choice, Dictionary, Fact, FactError, FactType, Facts, Field};
pub use finding::{RuleFile, RuleFinding};
pub use impact::{Changed, Impact, Judged, Piece, RuleChange};
pub use in_force::InForce;
pub use lint::{Known, Lint, LintFinding, LintKind};
pub use nearest::{Adjustment, Change, Mover, Remedy};
pub use number::{Number, NumberError};
pub use questions::Question;
pub use ruleset::{RuleFiles, RuleSet};
pub use surroundings::{Judgement, JudgementTable, Judgements, Ledger, Status, choices};
pub use trace::{CiteTrace, GuardTrace, MustTrace, NodeTrace, RowTrace, RuleTrace, Trace};
pub use value::{Record, Value};
pub use verdict::{Outcome, Project, RuleKey, Screened, Surroundings, Tolerance, Verdict};

use expr::is_code_prefix as expr_code_prefix;
