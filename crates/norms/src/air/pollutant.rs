//! The six pollutants of GB 3095 table 1.

use std::fmt;

/// One of the six, in the order in which tables name them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Pollutant {
    /// Sulphur dioxide.
    So2,
    /// Nitrogen dioxide.
    No2,
    /// Particles up to 10 µm.
    Pm10,
    /// Particles up to 2.5 µm.
    Pm25,
    /// Carbon monoxide.
    Co,
    /// Ozone.
    O3,
}

impl Pollutant {
    /// How many there are.
    pub const COUNT: usize = 6;
    /// All of them.
    pub const ALL: [Self; Self::COUNT] = [Self::So2, Self::No2, Self::Pm10, Self::Pm25, Self::Co, Self::O3];

    /// Its place in [`Self::ALL`].
    #[inline]
    #[must_use]
    pub const fn number(self) -> usize {
        self as usize
    }

    /// Its name as a parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::So2 => "SO2",
            Self::No2 => "NO2",
            Self::Pm10 => "PM10",
            Self::Pm25 => "PM2_5",
            Self::Co => "CO",
            Self::O3 => "O3",
        }
    }

    /// Its name as a column of an answer.
    #[must_use]
    pub const fn column(self) -> &'static str {
        match self {
            Self::So2 => "so2",
            Self::No2 => "no2",
            Self::Pm10 => "pm10",
            Self::Pm25 => "pm2_5",
            Self::Co => "co",
            Self::O3 => "o3",
        }
    }

    /// The pollutant of a parameter name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pollutant| pollutant.name() == name)
    }
}

/// A set of pollutants.
///
/// ```
/// use norms::air::{Pollutant, PollutantSet};
/// let mut set = PollutantSet::default();
/// set.insert(Pollutant::O3);
/// set.insert(Pollutant::Pm25);
/// assert_eq!(set.names(",", "O3_8h"), "PM2_5,O3_8h");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct PollutantSet(u8);

impl PollutantSet {
    /// Adds one.
    #[inline]
    pub const fn insert(&mut self, pollutant: Pollutant) {
        self.0 |= 1 << pollutant as u8;
    }

    /// Whether it holds one.
    #[inline]
    #[must_use]
    pub const fn contains(self, pollutant: Pollutant) -> bool {
        self.0 & (1 << pollutant as u8) != 0
    }

    /// Whether it is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its members in the usual order.
    pub fn iter(self) -> impl Iterator<Item = Pollutant> {
        Pollutant::ALL.into_iter().filter(move |&pollutant| self.contains(pollutant))
    }

    /// The names of its members; ozone goes by `ozone`, which tells its averaging.
    #[must_use]
    pub fn names(self, separator: &str, ozone: &str) -> String {
        let name = |pollutant: Pollutant| if pollutant == Pollutant::O3 { ozone } else { pollutant.name() };
        self.iter().map(name).collect::<Vec<_>>().join(separator)
    }
}

impl fmt::Debug for PollutantSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<Pollutant> for PollutantSet {
    fn from_iter<I: IntoIterator<Item = Pollutant>>(pollutants: I) -> Self {
        let mut set = Self::default();
        pollutants.into_iter().for_each(|pollutant| set.insert(pollutant));
        set
    }
}
