//! Which source causes how much of the load at a section.

use crate::{FlowState, Network, Point};

/// What a source discharges in a month.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Load {
    /// Number of the place.
    pub place: usize,
    /// Mass in kg.
    pub kg: f64,
}

/// What one source adds at a section.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Contribution {
    /// Number of the place.
    pub place: usize,
    /// Mass that reaches the section, in kg.
    pub kg: f64,
    /// Its share of the mass of all sources there; 0 when nothing arrives.
    pub share: f64,
    /// Share of the discharged mass that reaches the section.
    pub kept: f64,
}

impl Network {
    /// What each source adds to the load at a point, the largest first; sources that do not lie above it are left out.
    ///
    /// A load that flows with the water loses `exp(-decay · travel time)`; where the river parts, it parts with the flow.
    /// Loads of one place are added. Values that are negative or no numbers count as nothing.
    ///
    /// ```
    /// # let network = basin::example();
    /// use basin::Load;
    /// let flows = network.flows(1.0).unwrap();
    /// let loads = [Load { place: 0, kg: 100.0 }, Load { place: 1, kg: 300.0 }];
    /// let causes = network.sources(&flows, &loads, 0.0, network.point("S1").unwrap());
    /// assert_eq!((causes[0].place, causes[0].share), (1, 0.75));
    /// ```
    #[must_use]
    pub fn sources(&self, flows: &FlowState, loads: &[Load], decay_per_day: f64, at: Point) -> Vec<Contribution> {
        if self.reaches.get(at.reach).is_none() {
            return Vec::new();
        }
        let kept = Kept::above(self, flows, decay_per_day / 86_400.0, at);
        let mut found: Vec<Contribution> = Vec::new();
        for load in loads.iter().filter(|load| load.kg.is_finite() && load.kg > 0.0) {
            let Some(kept) = self.places.get(load.place).and_then(|place| kept.from(place.at)) else {
                continue;
            };
            match found.iter_mut().find(|other| other.place == load.place) {
                Some(same) => same.kg += load.kg * kept,
                None => found.push(Contribution { place: load.place, kg: load.kg * kept, share: 0.0, kept }),
            }
        }
        let total: f64 = found.iter().map(|one| one.kg).sum();
        if total > 0.0 {
            found.iter_mut().for_each(|one| one.share = one.kg / total);
        }
        found.sort_by(|a, b| b.kg.total_cmp(&a.kg).then(a.place.cmp(&b.place)));
        found
    }
}

/// The share of what passes a point above that reaches the point asked for.
struct Kept<'a> {
    at: Point,
    /// Of what is at a node.
    of_node: Vec<f64>,
    network: &'a Network,
    flows: &'a FlowState,
    decay_per_s: f64,
}

impl<'a> Kept<'a> {
    fn above(network: &'a Network, flows: &'a FlowState, decay_per_s: f64, at: Point) -> Self {
        let of_node = vec![0.0; network.nodes.len()];
        let mut kept = Self { at, of_node, network, flows, decay_per_s };
        for &number in network.order.iter().rev() {
            let reach = &network.reaches[number];
            let entering = Point { reach: number, km: 0.0 };
            kept.of_node[reach.from] += reach.share * kept.from(entering).unwrap_or(0.0);
        }
        kept
    }

    /// None where the point does not lie below.
    fn from(&self, point: Point) -> Option<f64> {
        if point.reach == self.at.reach && point.km <= self.at.km {
            return Some(self.over(point.reach, self.at.km - point.km));
        }
        // What has passed the point asked for on its own reach does not come back.
        let reach = &self.network.reaches[point.reach];
        let below = if point.reach == self.at.reach { 0.0 } else { self.of_node[reach.to] };
        (below > 0.0).then(|| below * self.over(point.reach, reach.length_km - point.km))
    }

    fn over(&self, reach: usize, km: f64) -> f64 {
        let velocity = self.flows.of(reach).map_or(f64::NAN, |water| water.velocity_m_s);
        (-self.decay_per_s * km * 1_000.0 / velocity).exp()
    }
}
