//! What comes out: one measured value of one parameter of one station and hour.

use std::fmt;
use std::sync::Arc;

use jiff::civil::DateTime;
use serde::Deserialize;

macro_rules! parameters {
    ($($variant:ident $code:literal $decimals:literal $unit:literal $doc:literal;)*) => {
        /// A measured quantity, with the code, unit and decimals of `norms/parameters.csv`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        pub enum Parameter {
            $(#[doc = $doc] #[serde(rename = $code)] $variant,)*
        }

        impl Parameter {
            /// Every parameter that the simulator can measure.
            pub const ALL: &'static [Parameter] = &[$(Parameter::$variant,)*];

            /// Returns the code that files and tables use.
            ///
            /// ```
            /// assert_eq!(simulator::Parameter::Pm25.code(), "PM2_5");
            /// ```
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Parameter::$variant => $code,)* }
            }

            /// Returns how many decimals a value is written with.
            #[must_use]
            pub const fn decimals(self) -> u8 {
                match self { $(Parameter::$variant => $decimals,)* }
            }

            /// Returns the unit of the value.
            #[must_use]
            pub const fn unit(self) -> &'static str {
                match self { $(Parameter::$variant => $unit,)* }
            }
        }
    };
}

parameters! {
    So2 "SO2" 0 "µg/m³" "Sulphur dioxide.";
    No2 "NO2" 0 "µg/m³" "Nitrogen dioxide.";
    Pm10 "PM10" 0 "µg/m³" "Particles below 10 µm.";
    Pm25 "PM2_5" 0 "µg/m³" "Particles below 2.5 µm.";
    Co "CO" 1 "mg/m³" "Carbon monoxide.";
    O3 "O3" 0 "µg/m³" "Ozone.";
    No "NO" 0 "µg/m³" "Nitric oxide.";
    Nox "NOX" 0 "µg/m³" "Nitrogen oxides, as NO2.";
    Oc "OC" 2 "µg/m³" "Organic carbon in PM2.5.";
    Ec "EC" 2 "µg/m³" "Elemental carbon in PM2.5.";
    So4 "SO4" 2 "µg/m³" "Sulphate in PM2.5.";
    No3 "NO3" 2 "µg/m³" "Nitrate in PM2.5.";
    Nh4 "NH4" 2 "µg/m³" "Ammonium in PM2.5.";
    Cl "CL" 2 "µg/m³" "Chloride in PM2.5.";
    Na "NA" 2 "µg/m³" "Sodium in PM2.5.";
    K "K" 2 "µg/m³" "Potassium in PM2.5.";
    Mg "MG" 2 "µg/m³" "Magnesium in PM2.5.";
    Ca "CA" 2 "µg/m³" "Calcium in PM2.5.";
    Alkanes "ALKANES" 2 "ppb" "Alkanes.";
    Alkenes "ALKENES" 2 "ppb" "Alkenes.";
    Acetylene "ACETYLENE" 2 "ppb" "Acetylene.";
    Aromatics "AROMATICS" 2 "ppb" "Aromatic hydrocarbons.";
    Halocarbons "HALOCARBONS" 2 "ppb" "Halogenated hydrocarbons.";
    Ovocs "OVOCS" 2 "ppb" "Oxygenated volatile organic compounds.";
    Temp "TEMP" 1 "°C" "Air temperature.";
    Rh "RH" 0 "%" "Relative humidity.";
    Ws "WS" 1 "m/s" "Wind speed.";
    Wd "WD" 0 "°" "Direction the wind comes from.";
    Rain "RAIN" 1 "mm" "Precipitation of the hour.";
    Traffic "TRAFFIC" 0 "veh/h" "Vehicles counted at the roadside.";
}

impl Parameter {
    /// Whether the parameter is a part of PM2.5 that is analysed for its make-up, or PM10.
    pub(crate) const fn follows_pm25(self) -> bool {
        use Parameter as P;
        matches!(self, P::Pm10 | P::Oc | P::Ec | P::So4 | P::No3 | P::Nh4 | P::Cl | P::Na | P::K | P::Mg | P::Ca)
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A decimal number as an instrument prints it: a whole number of units of the last place.
///
/// Its text form has exactly the decimals of its parameter.
///
/// ```
/// use simulator::Reading;
/// assert_eq!(Reading::round(0.65, 1).to_string(), "0.6"); // half to even
/// assert_eq!(Reading::round(-2.25, 1).to_string(), "-2.2");
/// assert_eq!(Reading::round(17.2, 0).to_string(), "17");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reading {
    /// The value times ten to the power of `decimals`.
    pub mantissa: i64,
    /// Digits after the decimal point.
    pub decimals: u8,
}

impl Reading {
    /// Rounds `value` to `decimals` places, half to even.
    #[must_use]
    pub fn round(value: f64, decimals: u8) -> Reading {
        let scaled = (value * 10_f64.powi(i32::from(decimals))).round_ties_even();
        Reading { mantissa: scaled as i64, decimals }
    }

    /// Returns the nearest binary floating-point number.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.mantissa as f64 / 10_f64.powi(i32::from(self.decimals))
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(u32::from(self.decimals));
        let (whole, part) = (self.mantissa.unsigned_abs() / unit, self.mantissa.unsigned_abs() % unit);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        match self.decimals {
            0 => write!(f, "{sign}{whole}"),
            width => write!(f, "{sign}{whole}.{part:0width$}", width = usize::from(width)),
        }
    }
}

/// Whether a value may be used, in the letters of on-line monitoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flag {
    /// Valid; written as nothing.
    Valid,
    /// The analyser was being calibrated; the value is what the test gas gave.
    Calibration,
    /// Somebody worked on the station.
    Maintenance,
    /// The analyser was faulty.
    Fault,
}

impl Flag {
    /// Returns the letter of the flag column: empty, `C`, `M` or `D`.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Flag::Valid => "",
            Flag::Calibration => "C",
            Flag::Maintenance => "M",
            Flag::Fault => "D",
        }
    }
}

/// One simulated observation. An hour that is missing (power or line off) has no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Code of the station.
    pub station: Arc<str>,
    /// End of the averaging hour, Beijing local time; hour 24 is 00:00 of the next day.
    pub hour_end: DateTime,
    /// What was measured.
    pub parameter: Parameter,
    /// The value as printed.
    pub value: Reading,
    /// Whether it may be used.
    pub flag: Flag,
}
