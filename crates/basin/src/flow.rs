//! How much water flows in each reach, and how fast.

use crate::response::Stretch;
use crate::{Network, Point, Reach};

/// Water in a reach.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hydraulics {
    /// Flow in m³/s.
    pub flow_m3_s: f64,
    /// Mean velocity in m/s.
    pub velocity_m_s: f64,
    /// Width in m.
    pub width_m: f64,
    /// Mean depth in m.
    pub depth_m: f64,
    /// Longitudinal dispersion in m²/s.
    pub dispersion_m2_s: f64,
    /// Whether the dispersion is an estimate.
    pub estimated: bool,
}

impl Hydraulics {
    pub(crate) fn stretch(&self, decay_per_s: f64) -> Stretch {
        Stretch { velocity: self.velocity_m_s, dispersion: self.dispersion_m2_s, decay: decay_per_s }
    }
}

/// A steady state of the whole network, one entry a reach.
#[derive(Clone, PartialEq, Debug)]
pub struct FlowState(pub(crate) Vec<Hydraulics>);

impl FlowState {
    /// Water in a reach.
    #[must_use]
    pub fn of(&self, reach: usize) -> Option<&Hydraulics> {
        self.0.get(reach)
    }
}

impl Network {
    /// The flows of the tables times a factor: flows add at confluences and part at diversions by share.
    ///
    /// None when the factor is not a positive number.
    ///
    /// ```
    /// # let network = basin::example();
    /// let twice = network.flows(2.0).unwrap();
    /// assert_eq!(twice.of(2).unwrap().flow_m3_s, 2.0 * (4.0 + 2.0));
    /// ```
    #[must_use]
    pub fn flows(&self, factor: f64) -> Option<FlowState> {
        if !(factor.is_finite() && factor > 0.0) {
            return None;
        }
        let mut at_node = vec![0.0; self.nodes.len()];
        let mut flows = vec![0.0; self.reaches.len()];
        for &number in &self.order {
            let reach = &self.reaches[number];
            flows[number] = at_node[reach.from] * reach.share + reach.inflow_m3_s;
            at_node[reach.to] += flows[number];
        }
        let water = self.reaches.iter().zip(flows).map(|(reach, flow)| self.hydraulics(reach, flow, factor));
        Some(FlowState(water.collect()))
    }

    /// The flows of the tables in the proportion in which a point has this flow in m³/s.
    ///
    /// None when the flow is not a positive number.
    #[must_use]
    pub fn flows_with(&self, at: Point, flow_m3_s: f64) -> Option<FlowState> {
        let usual = self.flows(1.0)?.of(at.reach)?.flow_m3_s;
        self.flows(flow_m3_s / usual)
    }

    fn hydraulics(&self, reach: &Reach, usual_flow: f64, factor: f64) -> Hydraulics {
        let flow_m3_s = usual_flow * factor;
        let width_m = reach.width_m * factor.powf(reach.width_exponent);
        let depth_m = reach.depth_m * factor.powf(reach.depth_exponent);
        let velocity_m_s = flow_m3_s / (width_m * depth_m);
        let rule = &self.dispersion;
        let estimate = |slope: f64| {
            let shear_velocity = (rule.gravity_m_s2 * depth_m * slope).sqrt();
            rule.coefficient * (velocity_m_s * width_m).powi(2) / (depth_m * shear_velocity)
        };
        // Loading has seen to it that a reach has the one or the other.
        let dispersion_m2_s = reach.dispersion_m2_s.or(reach.slope.map(estimate)).unwrap_or(f64::NAN);
        let estimated = reach.dispersion_m2_s.is_none();
        Hydraulics { flow_m3_s, velocity_m_s, width_m, depth_m, dispersion_m2_s, estimated }
    }
}
