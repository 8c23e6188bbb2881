//! A network of reaches, the places on it, and what lies above and below a point.

use norms::Confidence;

/// A point where reaches begin and end.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// Its code.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Longitude in degrees.
    pub lon: f64,
    /// Latitude in degrees.
    pub lat: f64,
}

/// A stretch of river that flows one way, with one cross-section.
#[derive(Clone, PartialEq, Debug)]
pub struct Reach {
    /// Its code.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Number of the node at its upper end.
    pub from: usize,
    /// Number of the node at its lower end.
    pub to: usize,
    /// Length in km.
    pub length_km: f64,
    /// Water that joins at the upper end, from no other reach, in m³/s.
    pub inflow_m3_s: f64,
    /// Share of the water of its upper node, of those that leave it; 1 where it is the only one.
    pub share: f64,
    /// The braid of which it is an arm.
    pub braid: Option<String>,
    /// Width in m at the flow of the tables.
    pub width_m: f64,
    /// Mean depth in m at the flow of the tables.
    pub depth_m: f64,
    /// Width grows with this power of the flow.
    pub width_exponent: f64,
    /// Depth grows with this power of the flow.
    pub depth_exponent: f64,
    /// Slope of the bed, from which dispersion is estimated.
    pub slope: Option<f64>,
    /// Measured longitudinal dispersion in m²/s; estimated where there is none.
    pub dispersion_m2_s: Option<f64>,
}

/// What stands at a place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PlaceKind {
    /// Where water is sampled.
    Section,
    /// Where waste water comes in.
    Outlet,
    /// Where water is taken.
    Intake,
    /// A gate, weir or bridge where a cloud can be held.
    Interception,
}

impl PlaceKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Section, Self::Outlet, Self::Intake, Self::Interception];

    /// Its name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Section => "section",
            Self::Outlet => "outlet",
            Self::Intake => "intake",
            Self::Interception => "interception",
        }
    }
}

/// A point of a reach.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    /// Number of the reach.
    pub reach: usize,
    /// Distance from its upper end in km.
    pub km: f64,
}

/// A section, outlet, intake or interception point.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
    /// Its code.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// What stands there.
    pub kind: PlaceKind,
    /// Where.
    pub at: Point,
}

/// How dispersion is estimated where none was measured: `coefficient · u² · w² / (h · √(g · h · slope))`.
#[derive(Clone, PartialEq, Debug)]
pub struct DispersionRule {
    /// Its coefficient.
    pub coefficient: f64,
    /// `g` in m/s².
    pub gravity_m_s2: f64,
    /// Whose rule it is.
    pub source: String,
    /// How sure we are of it.
    pub confidence: Confidence,
}

/// Where a network comes from.
#[derive(Clone, PartialEq, Debug)]
pub struct Provenance {
    /// Whether it is made up.
    pub simulated: bool,
    /// Who made it from what.
    pub source: String,
    /// How sure we are of it.
    pub confidence: Confidence,
    /// What must stand beside it, in Chinese.
    pub note_zh: String,
    /// The same in English.
    pub note_en: String,
}

/// Reaches from the springs to the sea, with their places. Made by [`Network::load`].
#[derive(Clone, PartialEq, Debug)]
pub struct Network {
    pub(crate) nodes: Vec<Node>,
    pub(crate) reaches: Vec<Reach>,
    pub(crate) places: Vec<Place>,
    pub(crate) dispersion: DispersionRule,
    pub(crate) provenance: Provenance,
    /// Reaches, none before one that flows into it.
    pub(crate) order: Vec<usize>,
}

/// Which way to look from a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Up,
    Down,
}

/// A part of a reach that lies above or below a point.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TracedReach {
    /// Number of the reach.
    pub reach: usize,
    /// Where the part begins, in km from the upper end of the reach.
    pub from_km: f64,
    /// Where it ends.
    pub to_km: f64,
    /// River distance from the point to the nearer end of the part, by the shortest way.
    pub distance_km: f64,
}

/// A place that lies above or below a point.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TracedPlace {
    /// Number of the place.
    pub place: usize,
    /// River distance by the shortest way.
    pub distance_km: f64,
}

/// What lies above or below a point, the nearest first.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Trace {
    /// Reaches and parts of reaches.
    pub reaches: Vec<TracedReach>,
    /// Places. One at the point itself is not among them.
    pub places: Vec<TracedPlace>,
}

impl Network {
    /// All nodes, in the order of the file.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All reaches, in the order of the file.
    #[must_use]
    pub fn reaches(&self) -> &[Reach] {
        &self.reaches
    }

    /// All places, in the order of the file.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// How dispersion is estimated.
    #[must_use]
    pub const fn dispersion(&self) -> &DispersionRule {
        &self.dispersion
    }

    /// Where the network comes from.
    #[must_use]
    pub const fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The place of a code.
    #[must_use]
    pub fn place(&self, code: &str) -> Option<&Place> {
        self.places.iter().find(|place| place.code == code)
    }

    /// The point of a place's code, or of `REACH:KM`.
    #[must_use]
    pub fn point(&self, text: &str) -> Option<Point> {
        if let Some(place) = self.place(text) {
            return Some(place.at);
        }
        let (code, km) = text.rsplit_once(':')?;
        let reach = self.reaches.iter().position(|reach| reach.code == code)?;
        let km = km.parse().ok().filter(|km| (0.0..=self.reaches[reach].length_km).contains(km))?;
        Some(Point { reach, km })
    }

    /// Longitude and latitude of a point, on the straight line between the nodes of its reach.
    #[must_use]
    pub fn position(&self, point: Point) -> Option<(f64, f64)> {
        let reach = self.reaches.get(point.reach)?;
        let (from, to) = (&self.nodes[reach.from], &self.nodes[reach.to]);
        let share = (point.km / reach.length_km).clamp(0.0, 1.0);
        Some((from.lon + (to.lon - from.lon) * share, from.lat + (to.lat - from.lat) * share))
    }

    /// What lies above a point: the whole basin whose water passes it.
    ///
    /// ```
    /// # let network = basin::example();
    /// let trace = network.upstream(network.point("S2").unwrap());
    /// let codes: Vec<&str> = trace.places.iter().map(|found| network.places()[found.place].code.as_str()).collect();
    /// assert_eq!(codes, ["J1", "P2", "P1"]);
    /// ```
    #[must_use]
    pub fn upstream(&self, of: Point) -> Trace {
        self.trace(of, Way::Up)
    }

    /// What lies below a point.
    #[must_use]
    pub fn downstream(&self, of: Point) -> Trace {
        self.trace(of, Way::Down)
    }

    /// Reaches that leave a node.
    pub(crate) fn leaving(&self, node: usize) -> impl Iterator<Item = usize> {
        self.reaches.iter().enumerate().filter(move |(_, reach)| reach.from == node).map(|(number, _)| number)
    }

    fn trace(&self, of: Point, way: Way) -> Trace {
        let Some(start) = self.reaches.get(of.reach) else {
            return Trace::default();
        };
        // Shortest distance from the point to each node; reaches are met in an order in which it is final.
        let mut to_node = vec![f64::INFINITY; self.nodes.len()];
        let (first_km, first_node) = match way {
            Way::Up => (of.km, start.from),
            Way::Down => (start.length_km - of.km, start.to),
        };
        to_node[first_node] = first_km;
        let part = match way {
            Way::Up => (0.0, of.km),
            Way::Down => (of.km, start.length_km),
        };
        let mut reaches = vec![TracedReach { reach: of.reach, from_km: part.0, to_km: part.1, distance_km: 0.0 }];
        let mut visit = |number: usize| {
            let reach = &self.reaches[number];
            let (near, far) = match way {
                Way::Up => (reach.to, reach.from),
                Way::Down => (reach.from, reach.to),
            };
            let distance_km = to_node[near];
            if distance_km.is_finite() {
                reaches.push(TracedReach { reach: number, from_km: 0.0, to_km: reach.length_km, distance_km });
                to_node[far] = to_node[far].min(distance_km + reach.length_km);
            }
        };
        match way {
            Way::Up => self.order.iter().rev().copied().for_each(&mut visit),
            Way::Down => self.order.iter().copied().for_each(&mut visit),
        }
        let mut places: Vec<TracedPlace> = Vec::new();
        for (number, place) in self.places.iter().enumerate() {
            let parts = reaches.iter().filter(|part| part.reach == place.at.reach);
            for part in parts.filter(|part| (part.from_km..=part.to_km).contains(&place.at.km)) {
                let within = match way {
                    Way::Up => part.to_km - place.at.km,
                    Way::Down => place.at.km - part.from_km,
                };
                if part.distance_km + within > 0.0 {
                    places.push(TracedPlace { place: number, distance_km: part.distance_km + within });
                }
            }
        }
        reaches.retain(|part| part.to_km > part.from_km);
        reaches.sort_by(|a, b| a.distance_km.total_cmp(&b.distance_km).then(a.reach.cmp(&b.reach)));
        places.sort_by(|a, b| a.distance_km.total_cmp(&b.distance_km).then(a.place.cmp(&b.place)));
        Trace { reaches, places }
    }
}
