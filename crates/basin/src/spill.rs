//! How a spill travels: arrival, peak and end at every place below it.
//!
//! At each place below, the cloud is a sum of [`Wave`]s, one for each way that leads there. Its concentration is the mass by
//! the flow at the place, times the waves. Mass is kept exactly, and a uniform river gives the formula of the textbooks to
//! rounding; where reaches differ, the first three cumulants of the time of passage are kept and the rest is the form.

use crate::response::{Passing, Stretch, Wave};
use crate::series::Series;
use crate::{FlowState, Network, PlaceKind, Point};

/// Ways that may lead from a release to one place; a network with more braids in a row is refused.
const WAYS_MAX: usize = 256;

/// A release of mass into a river.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spill {
    /// Where.
    pub at: Point,
    /// Mass in kg.
    pub mass_kg: f64,
    /// How long it lasts, evenly, in s; 0 is all at once.
    pub duration_s: f64,
    /// First-order decay in 1/day; 0 for what stays.
    pub decay_per_day: f64,
    /// The concentration in mg/L above which the cloud is there.
    pub threshold_mg_l: f64,
}

/// Why a spill is not computed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SpillError {
    /// A number is out of range.
    #[error("{0} is out of range")]
    OutOfRange(&'static str),
    /// The point lies on no reach.
    #[error("the point lies on no reach")]
    NoSuchPoint,
    /// Braids in a row make too many ways.
    #[error("more than {WAYS_MAX} ways lead from the release to one place")]
    TooManyWays,
}

impl SpillError {
    /// The same in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::OutOfRange(field) => format!("{field}超出范围"),
            Self::NoSuchPoint => "该点不在任何河段上".to_owned(),
            Self::TooManyWays => format!("泄漏点到某一点位的水路超过{WAYS_MAX}条"),
        }
    }
}

/// A cloud at one place. Times are seconds after the release began.
#[derive(Clone, PartialEq, Debug)]
pub struct Passage {
    /// Number of the place.
    pub place: usize,
    /// River distance by the shortest way, in km.
    pub distance_km: f64,
    /// Flow at the place in m³/s.
    pub flow_m3_s: f64,
    /// When the concentration first passes the threshold; none when it never does.
    pub arrival_s: Option<f64>,
    /// When it is highest.
    pub peak_s: f64,
    /// The highest concentration in mg/L.
    pub peak_mg_l: f64,
    /// When it falls below the threshold for the last time.
    pub end_s: Option<f64>,
    /// Mass that passes, in kg; less than the release by decay and by what other arms took.
    pub passing_kg: f64,
    waves: Vec<Wave>,
    duration_s: f64,
    /// g/m³ for 1/s: mass by flow.
    scale: f64,
    /// From which to which second there is something to see.
    span_s: (f64, f64),
}

impl Passage {
    /// For how long the cloud is there, from arrival to end, in s.
    #[must_use]
    pub fn lasts_s(&self) -> Option<f64> {
        Some(self.end_s? - self.arrival_s?)
    }

    /// Mean concentration of the cross-section in mg/L at a time.
    #[must_use]
    pub fn concentration_mg_l(&self, at_s: f64) -> f64 {
        self.scale * self.waves.iter().map(|wave| wave.rate(at_s, self.duration_s)).sum::<f64>()
    }

    /// Times and concentrations of the whole passage, evenly spaced.
    #[must_use]
    pub fn curve(&self, points: usize) -> Vec<(f64, f64)> {
        let (from, to) = self.span_s;
        let step = (to - from) / points.saturating_sub(1).max(1) as f64;
        let times = (0..points).map(|n| from + step * n as f64);
        times.map(|at| (at, self.concentration_mg_l(at))).collect()
    }

    fn new(place: usize, ways: &[Way], flow_m3_s: f64, spill: &Spill) -> Self {
        let mut passage = Self {
            place,
            distance_km: ways.iter().map(|way| way.distance_km).fold(f64::INFINITY, f64::min),
            flow_m3_s,
            arrival_s: None,
            peak_s: 0.0,
            peak_mg_l: 0.0,
            end_s: None,
            passing_kg: 0.0,
            waves: ways.iter().map(|way| way.passing.wave(way.share)).collect(),
            duration_s: spill.duration_s,
            scale: spill.mass_kg * 1_000.0 / flow_m3_s,
            span_s: (0.0, 0.0),
        };
        passage.passing_kg = spill.mass_kg * passage.waves.iter().map(|wave| wave.weight).sum::<f64>();
        passage.find(spill.threshold_mg_l);
        passage
    }

    /// Finds peak, arrival and end between times that lie close where the cloud bends.
    fn find(&mut self, threshold: f64) {
        let mut times = Vec::new();
        self.waves.iter().for_each(|wave| wave.times(self.duration_s, &mut times));
        times.sort_by(f64::total_cmp);
        times.dedup();
        let mut curve: Vec<(f64, f64)> = times.into_iter().map(|at| (at, self.concentration_mg_l(at))).collect();
        let Some(highest) = (0..curve.len()).max_by(|&a, &b| curve[a].1.total_cmp(&curve[b].1)) else {
            return;
        };
        self.span_s = (curve[0].0, curve[curve.len() - 1].0);
        let (left, right) = (highest.saturating_sub(1), (highest + 1).min(curve.len() - 1));
        let refined = self.highest_between(curve[left].0, curve[right].0);
        let peak = if refined.1 > curve[highest].1 { refined } else { curve[highest] };
        (self.peak_s, self.peak_mg_l) = peak;
        let after = curve.partition_point(|(at, _)| *at < peak.0);
        curve.insert(after, peak);
        let above = |point: &(f64, f64)| point.1 >= threshold;
        if let (Some(first), Some(last)) = (curve.iter().position(above), curve.iter().rposition(above)) {
            self.arrival_s = Some(self.crossing(curve[first.saturating_sub(1)].0, curve[first].0, threshold));
            self.end_s = Some(self.crossing(curve[(last + 1).min(curve.len() - 1)].0, curve[last].0, threshold));
        }
    }

    /// The golden section of a hill.
    fn highest_between(&self, mut from: f64, mut to: f64) -> (f64, f64) {
        const PART: f64 = 0.618_033_988_749_894_8;
        let at = |time: f64| (time, self.concentration_mg_l(time));
        let (mut low, mut high) = (at(to - PART * (to - from)), at(from + PART * (to - from)));
        for _ in 0..40 {
            if low.1 < high.1 {
                (from, low) = (low.0, high);
                high = at(from + PART * (to - from));
            } else {
                (to, high) = (high.0, low);
                low = at(to - PART * (to - from));
            }
        }
        if low.1 < high.1 { high } else { low }
    }

    /// When the threshold is passed, between a time below it and one above it, to a millisecond.
    fn crossing(&self, mut below: f64, mut above: f64, threshold: f64) -> f64 {
        for _ in 0..60 {
            if (above - below).abs() < 1e-3 {
                break;
            }
            let middle = f64::midpoint(below, above);
            if self.concentration_mg_l(middle) >= threshold { above = middle } else { below = middle }
        }
        above
    }
}

/// An interception point that the front has not passed when people get there.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interception {
    /// Number of the place.
    pub place: usize,
    /// River distance in km.
    pub distance_km: f64,
    /// Seconds left between readiness and the front; none when the cloud stays below the threshold there.
    pub margin_s: Option<f64>,
}

/// One way from the release to a point.
#[derive(Clone, Copy, Debug)]
struct Way {
    share: f64,
    distance_km: f64,
    passing: Passing,
}

impl Way {
    fn along(self, passing: Passing, km: f64) -> Self {
        Self { distance_km: self.distance_km + km, passing: self.passing.then(passing), ..self }
    }
}

impl Network {
    /// How a spill passes every place below it, the nearest first.
    ///
    /// A place at the point of release itself is left out. Flows come from [`Network::flows`].
    ///
    /// # Errors
    /// When a number is out of range, the point is on no reach, or braids make too many ways.
    ///
    /// ```
    /// # let network = basin::example();
    /// use basin::Spill;
    /// let at = network.point("P1").unwrap();
    /// let spill = Spill { at, mass_kg: 500.0, duration_s: 0.0, decay_per_day: 0.0, threshold_mg_l: 0.05 };
    /// let passages = network.spill(&network.flows(1.0).unwrap(), &spill).unwrap();
    /// let first = &passages[0];
    /// assert_eq!(network.places()[first.place].code, "J1");
    /// assert!(first.arrival_s.unwrap() < first.peak_s && first.peak_s < first.end_s.unwrap());
    /// // 500 kg pass in 6 m³/s.
    /// assert!((first.passing_kg - 500.0).abs() < 1e-9);
    /// ```
    pub fn spill(&self, flows: &FlowState, spill: &Spill) -> Result<Vec<Passage>, SpillError> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let not_negative = |value: f64| value.is_finite() && value >= 0.0;
        for (sound, field) in [
            (positive(spill.mass_kg), "mass_kg"),
            (not_negative(spill.duration_s), "duration_s"),
            (not_negative(spill.decay_per_day), "decay_per_day"),
            (positive(spill.threshold_mg_l), "threshold_mg_l"),
            (flows.0.len() == self.reaches.len(), "flows"),
        ] {
            if !sound {
                return Err(SpillError::OutOfRange(field));
            }
        }
        let start = self.reaches.get(spill.at.reach).ok_or(SpillError::NoSuchPoint)?;
        if !(0.0..=start.length_km).contains(&spill.at.km) {
            return Err(SpillError::NoSuchPoint);
        }
        let decay = spill.decay_per_day / 86_400.0;
        let thrown_back = self.thrown_back(flows, decay);
        let mut at_node: Vec<Vec<Way>> = vec![Vec::new(); self.nodes.len()];
        let mut passages = Vec::new();
        for &number in &self.order {
            let reach = &self.reaches[number];
            let stretch = flows.0[number].stretch(decay);
            let (ways, from_km) = if number == spill.at.reach {
                (vec![Way { share: 1.0, distance_km: 0.0, passing: stretch.release() }], spill.at.km)
            } else {
                let back = thrown_back[number] * stretch.way_back(reach.length_km * 1_000.0);
                let enters = Passing::of(Series::ONE / (Series::ONE + back));
                let parted = at_node[reach.from].iter();
                let parted = parted.map(|way| Way { share: way.share * reach.share, ..way.along(enters, 0.0) });
                (parted.collect(), 0.0)
            };
            if ways.is_empty() {
                continue;
            }
            for (place, found) in self.places.iter().enumerate() {
                let km = found.at.km - from_km;
                let here = number == spill.at.reach && km <= 0.0;
                if found.at.reach != number || km < 0.0 || here {
                    continue;
                }
                let back = thrown_back[number] * stretch.way_back((reach.length_km - found.at.km) * 1_000.0);
                let passing = stretch.along(km * 1_000.0).then(Passing::of(Series::ONE + back));
                let ways: Vec<Way> = ways.iter().map(|way| way.along(passing, km)).collect();
                passages.push(Passage::new(place, &ways, flows.0[number].flow_m3_s, spill));
            }
            let km = reach.length_km - from_km;
            let joint = Passing::of(Series::ONE + thrown_back[number]);
            let passing = stretch.along(km * 1_000.0).then(joint);
            let below = &mut at_node[reach.to];
            below.extend(ways.iter().map(|way| way.along(passing, km)));
            if below.len() > WAYS_MAX {
                return Err(SpillError::TooManyWays);
            }
        }
        passages.sort_by(|a, b| a.distance_km.total_cmp(&b.distance_km).then(a.place.cmp(&b.place)));
        Ok(passages)
    }

    /// What each reach throws back at its lower end, from the mouth up. Arms below count by their flow; how far a cloud
    /// spreads up a tributary, and how far that water thins it above the node, is left out.
    fn thrown_back(&self, flows: &FlowState, decay: f64) -> Vec<Series> {
        let stretch = |number: usize| -> Stretch { flows.0[number].stretch(decay) };
        let mut thrown_back = vec![Series::default(); self.reaches.len()];
        // Sums over the arms below a node: flow times what they admit, and flow.
        let mut admitted = vec![(Series::default(), 0.0); self.nodes.len()];
        for &number in self.order.iter().rev() {
            let (reach, flow) = (&self.reaches[number], flows.0[number].flow_m3_s);
            let (sum, flow_below) = admitted[reach.to];
            if flow_below > 0.0 {
                thrown_back[number] = stretch(number).thrown_back(sum * (1.0 / flow_below));
            }
            let back = thrown_back[number] * stretch(number).way_back(reach.length_km * 1_000.0);
            let (sum, flow_below) = &mut admitted[reach.from];
            *sum = *sum + stretch(number).admits(back) * flow;
            *flow_below += flow;
        }
        thrown_back
    }

    /// Interception points that people reach before the front, the nearest first.
    ///
    /// `response_s` is the time from the beginning of the release until a point is ready.
    #[must_use]
    pub fn interceptions(&self, passages: &[Passage], response_s: f64) -> Vec<Interception> {
        let points = passages.iter().filter(|passage| {
            self.places.get(passage.place).is_some_and(|place| place.kind == PlaceKind::Interception)
        });
        let ready = points.filter(|passage| passage.arrival_s.is_none_or(|arrival| arrival > response_s));
        ready
            .map(|passage| Interception {
                place: passage.place,
                distance_km: passage.distance_km,
                margin_s: passage.arrival_s.map(|arrival| arrival - response_s),
            })
            .collect()
    }
}
