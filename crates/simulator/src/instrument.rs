//! What the instruments make of the true air: noise, drift, calibrations, faults and lost hours.

use crate::chemistry::Sample;
use crate::dice::Dice;
use crate::model::Instruments;
use crate::row::{Flag, Parameter, Reading};
use crate::weather::Hour;

/// Instruments of a station; all parameters of one analyser fail and are calibrated together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Analyser {
    So2,
    Nox,
    Co,
    O3,
    Pm10,
    Pm25,
    Carbon,
    Ions,
    Voc,
    Weather,
    Counter,
}

impl Analyser {
    const ALL: [Analyser; 11] = [
        Analyser::So2,
        Analyser::Nox,
        Analyser::Co,
        Analyser::O3,
        Analyser::Pm10,
        Analyser::Pm25,
        Analyser::Carbon,
        Analyser::Ions,
        Analyser::Voc,
        Analyser::Weather,
        Analyser::Counter,
    ];

    fn of(parameter: Parameter) -> Analyser {
        use Parameter as P;
        match parameter {
            P::So2 => Analyser::So2,
            P::No2 | P::No | P::Nox => Analyser::Nox,
            P::Co => Analyser::Co,
            P::O3 => Analyser::O3,
            P::Pm10 => Analyser::Pm10,
            P::Pm25 => Analyser::Pm25,
            P::Oc | P::Ec => Analyser::Carbon,
            P::So4 | P::No3 | P::Nh4 | P::Cl | P::Na | P::K | P::Mg | P::Ca => Analyser::Ions,
            P::Alkanes | P::Alkenes | P::Acetylene | P::Aromatics | P::Halocarbons | P::Ovocs => Analyser::Voc,
            P::Temp | P::Rh | P::Ws | P::Wd | P::Rain => Analyser::Weather,
            P::Traffic => Analyser::Counter,
        }
    }

    /// Gas analysers are fed with zero gas in the night.
    fn is_calibrated(self) -> bool {
        matches!(self, Analyser::So2 | Analyser::Nox | Analyser::Co | Analyser::O3 | Analyser::Voc)
    }
}

/// State of one analyser.
#[derive(Debug, Clone)]
struct State {
    /// Day (from the model's first) of the next calibration, and its hour.
    calibration: (i64, usize),
    /// Days since the last calibration, and the drift at its end.
    since_calibration: f64,
    drift: f64,
    /// Hours to the next fault; hours of the present one.
    to_fault: f64,
    fault: f64,
    /// A faulty analyser stands still at its last value or multiplies.
    stuck: bool,
    flag: Flag,
}

/// The instruments of one station.
#[derive(Debug)]
pub(crate) struct Cabin {
    settings: Instruments,
    parameters: Vec<Parameter>,
    dice: Dice,
    states: Vec<State>,
    last: Vec<f64>,
    /// Hours of the present power cut.
    dark: f64,
    maintenance: (i64, usize),
    day: i64,
}

impl Cabin {
    pub(crate) fn new(station: &str, settings: Instruments, parameters: &[Parameter], seed: u64) -> Cabin {
        let mut dice = Dice::new(seed, &format!("instruments {station}"));
        let states = Analyser::ALL
            .iter()
            .map(|_| State {
                calibration: (
                    dice.between(0.0, f64::from(settings.calibration_days)) as i64,
                    calibration_hour(&settings, &mut dice),
                ),
                since_calibration: 0.0,
                drift: settings.drift * dice.between(-1.0, 1.0),
                to_fault: dice.exponential(settings.fault_days * 24.0),
                fault: 0.0,
                stuck: false,
                flag: Flag::Valid,
            })
            .collect();
        let first_maintenance = dice.between(0.0, f64::from(settings.maintenance_days)) as i64;
        Cabin {
            settings,
            parameters: parameters.to_vec(),
            states,
            last: vec![0.0; Parameter::ALL.len()],
            dark: 0.0,
            maintenance: (first_maintenance, 10),
            day: 0,
            dice,
        }
    }

    /// Reads all instruments for the next hour; to be called for every hour in order.
    ///
    /// `out` gets nothing when the station is dark or the row is lost on the line.
    pub(crate) fn read(&mut self, hour: &Hour, sample: &Sample, out: &mut Vec<(Parameter, Reading, Flag)>) {
        out.clear();
        let settings = self.settings;
        let sent = !self.power_fails(hour) && !self.dice.chance(settings.line_loss);
        self.step_states(hour);
        let mut fine = sample.get(Parameter::Pm25);
        let mut fine_printed = fine;
        for index in 0..self.parameters.len() {
            let parameter = self.parameters[index];
            let state = &self.states[Analyser::of(parameter) as usize];
            let way = (state.since_calibration / f64::from(settings.calibration_days)).min(1.0);
            let drift = 1.0 + state.drift * way;
            let noise = self.dice.normal();
            let truth = sample.get(parameter);
            let exact = match parameter {
                // The coarse part is noisy, the sum is never below the fine part.
                Parameter::Pm10 => {
                    let coarse = truth - sample.get(Parameter::Pm25);
                    truth * drift + coarse * settings.noise * 2.0 * noise
                }
                Parameter::Oc | Parameter::Ec => fine_printed * share(truth, sample) * gain(settings, noise),
                _ if Analyser::of(parameter) == Analyser::Ions => {
                    fine_printed * share(truth, sample) * gain(settings, noise)
                }
                Parameter::Temp => truth + 0.1 * noise,
                Parameter::Wd => (truth + 4.0 * noise).rem_euclid(360.0),
                Parameter::Rh => (truth + 0.8 * noise).clamp(5.0, 100.0),
                Parameter::Rain => truth,
                Parameter::Traffic => truth * (1.0 + 0.02 * noise),
                _ => truth * drift * (1.0 + settings.noise * noise) + 0.3 * unit(parameter) * noise,
            };
            let exact = if parameter == Parameter::Pm10 { exact.max(fine) } else { exact };
            let shown = match state.flag {
                Flag::Valid => exact,
                Flag::Calibration => unit(parameter) * (1.0 + noise.abs()),
                // Hands in the cabin disturb the analysers, not the mast.
                Flag::Maintenance if Analyser::of(parameter) == Analyser::Weather => exact,
                Flag::Maintenance => exact * (0.6 + 0.3 * noise.abs()),
                Flag::Fault if state.stuck => self.last[parameter as usize],
                Flag::Fault => exact * 3.0 + 5.0 * unit(parameter),
            };
            let reading = print(parameter, shown);
            if state.flag == Flag::Valid {
                self.last[parameter as usize] = exact;
                if parameter == Parameter::Pm25 {
                    fine = exact;
                    fine_printed = reading.to_f64();
                }
            }
            if sent {
                out.push((parameter, reading, state.flag));
            }
        }
    }

    fn power_fails(&mut self, hour: &Hour) -> bool {
        let settings = self.settings;
        self.dark -= 1.0;
        if self.dark > 0.0 {
            return true;
        }
        let factor = if hour.typhoon { settings.power_typhoon } else { 1.0 };
        if self.dice.chance(factor / (settings.power_days * 24.0)) {
            self.dark = self.length(settings.power_hours);
        }
        self.dark > 0.0
    }

    fn step_states(&mut self, hour: &Hour) {
        let settings = self.settings;
        if hour.hour == 0 {
            self.day += 1;
        }
        let (maintenance_day, maintenance_hour) = self.maintenance;
        let length = settings.maintenance_hours as usize;
        let in_maintenance =
            self.day == maintenance_day && (maintenance_hour..maintenance_hour + length).contains(&hour.hour);
        if self.day > maintenance_day {
            self.maintenance =
                (self.day + i64::from(settings.maintenance_days) - 1, 9 + (self.dice.between(0.0, 6.0) as usize));
        }
        for (index, analyser) in Analyser::ALL.iter().enumerate() {
            let state = &mut self.states[index];
            state.since_calibration += 1.0 / 24.0;
            state.flag = Flag::Valid;
            state.fault -= 1.0;
            state.to_fault -= 1.0;
            if state.fault <= 0.0 && state.to_fault <= 0.0 {
                // A weather sensor or a counter that fails stands still; others may also run away.
                state.stuck = self.dice.chance(0.6) || matches!(analyser, Analyser::Weather | Analyser::Counter);
                state.to_fault = self.dice.exponential(settings.fault_days * 24.0);
                let length = (0.9 * self.dice.normal()).exp() * settings.fault_hours;
                state.fault = length.clamp(1.0, settings.outage_hours_max);
            }
            if state.fault > 0.0 {
                state.flag = Flag::Fault;
            }
            if analyser.is_calibrated() && self.day >= state.calibration.0 && hour.hour == state.calibration.1 {
                state.flag = Flag::Calibration;
                state.calibration =
                    (self.day + i64::from(settings.calibration_days), calibration_hour(&settings, &mut self.dice));
            }
            if in_maintenance && *analyser != Analyser::Counter {
                state.flag = Flag::Maintenance;
            }
            if matches!(state.flag, Flag::Calibration | Flag::Maintenance) {
                state.since_calibration = 0.0;
                state.drift = settings.drift * self.dice.between(-1.0, 1.0);
            }
        }
    }

    fn length(&mut self, median: f64) -> f64 {
        ((0.9 * self.dice.normal()).exp() * median).clamp(1.0, self.settings.outage_hours_max)
    }
}

fn calibration_hour(settings: &Instruments, dice: &mut Dice) -> usize {
    let [first, last] = settings.calibration_hours.map(f64::from);
    dice.between(first, last + 1.0) as usize
}

/// A species as a part of the true mass.
fn share(truth: f64, sample: &Sample) -> f64 {
    truth / sample.get(Parameter::Pm25).max(0.01)
}

/// Noise of the species; bounded, so that they never outweigh the mass.
fn gain(settings: Instruments, noise: f64) -> f64 {
    1.0 + (settings.noise * noise).clamp(-0.05, 0.05)
}

/// One unit of the last place that the instrument resolves.
fn unit(parameter: Parameter) -> f64 {
    match parameter {
        Parameter::Co => 0.04,
        other => 10_f64.powi(-i32::from(other.decimals())),
    }
}

/// Rounds to the parameter's decimals; concentrations are never printed below one unit.
fn print(parameter: Parameter, value: f64) -> Reading {
    let reading = Reading::round(value, parameter.decimals());
    let least = match parameter {
        Parameter::Temp => i64::MIN,
        Parameter::Rain | Parameter::Traffic | Parameter::Wd | Parameter::Ws => 0,
        _ => 1,
    };
    Reading { mantissa: reading.mantissa.max(least), ..reading }
}
