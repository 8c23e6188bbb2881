//! The hours of one station, packed: a month is a block of cells, one cell an hour and pollutant.
//!
//! Almost every hourly value is a whole number of tenths below 6,554, so a month starts with 16-bit cells and changes
//! to exact ones when a value asks for it. A nation's year (1,700 stations) takes 180 MB, a fifth of what floats would.

use super::Pollutant;
use crate::{Day, Hour, Measured, Month};

/// A 16-bit cell that holds nothing.
pub const TENTHS_MISSING: u16 = u16::MAX;
/// A 16-bit value that is no whole number of tenths or too large, and must be put as [`Measured`]. Never in a cell.
pub const TENTHS_FINE: u16 = u16::MAX - 1;

const ROW: usize = Pollutant::COUNT;
const DAY: usize = 24 * ROW;
const DAYS: usize = 31;

/// Where an hour lies: month, day of month from 0, hour of day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    month: Month,
    day: u8,
    hour: u8,
}

impl Slot {
    /// The slot of an hour.
    #[inline]
    #[must_use]
    pub fn of(hour: Hour) -> Self {
        let (year, month, day) = hour.day().ymd();
        Self { month: Month(year * 12 + month as i32 - 1), day: (day - 1) as u8, hour: hour.of_day() as u8 }
    }

    /// Another hour `0..24` of the same day.
    #[inline]
    #[must_use]
    pub const fn at_hour(self, hour: usize) -> Self {
        Self { hour: hour as u8, ..self }
    }
}

/// What became of a value that was put.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    /// It was stored.
    New,
    /// The same value stood there.
    Same,
    /// Another value stood there and stays.
    Conflict,
}

/// The bytes of encoded hours break off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("encoded hours break off")]
pub struct NotWhole;

/// A number type of cells.
pub trait Cell: Copy + Ord + Into<i64> {
    /// Stands for no value.
    const MISSING: Self;
    /// Cells per unit.
    const SCALE: i64;
}

impl Cell for u16 {
    const MISSING: Self = TENTHS_MISSING;
    const SCALE: i64 = 10;
}

impl Cell for i64 {
    const MISSING: Self = Self::MIN;
    const SCALE: i64 = 1_000_000_000;
}

/// One month of one station in cells of one type.
#[derive(Clone)]
pub(super) struct Block<C> {
    /// Bit per hour of each day: a row was there, be it without a value.
    present: [u32; DAYS],
    cells: Box<[[C; DAY]]>,
}

impl<C: Cell> Block<C> {
    fn empty() -> Self {
        Self { present: [0; DAYS], cells: vec![[C::MISSING; DAY]; DAYS].into_boxed_slice() }
    }

    pub(super) fn day(&self, day: usize) -> &[C; DAY] {
        &self.cells[day]
    }
}

#[derive(Clone)]
pub(super) enum Cells {
    Tenths(Block<u16>),
    Exact(Block<i64>),
}

impl Cells {
    fn present(&self) -> &[u32; DAYS] {
        match self {
            Self::Tenths(block) => &block.present,
            Self::Exact(block) => &block.present,
        }
    }

    fn present_mut(&mut self) -> &mut [u32; DAYS] {
        match self {
            Self::Tenths(block) => &mut block.present,
            Self::Exact(block) => &mut block.present,
        }
    }

    /// Whether any hour of a day has a row.
    pub(super) fn has_day(&self, day: usize) -> bool {
        self.present()[day] != 0
    }

    fn make_exact(&mut self) {
        if let Self::Tenths(block) = self {
            let mut exact = Block::<i64>::empty();
            exact.present = block.present;
            for (to, from) in exact.cells.as_flattened_mut().iter_mut().zip(block.cells.as_flattened()) {
                if *from != TENTHS_MISSING {
                    *to = Measured::tenths(i64::from(*from)).parts();
                }
            }
            *self = Self::Exact(exact);
        }
    }

    fn value(&self, day: usize, cell: usize) -> Option<Measured> {
        match self {
            Self::Tenths(block) => {
                let value = block.cells[day][cell];
                (value != TENTHS_MISSING).then(|| Measured::tenths(i64::from(value)))
            }
            Self::Exact(block) => {
                let value = block.cells[day][cell];
                (value != i64::MISSING).then(|| Measured::from_parts(value))
            }
        }
    }
}

/// The hourly values of the six pollutants at one station, any years.
///
/// ```
/// use norms::{Hour, Measured, air::{Pollutant, Put, Slot, StationHours}};
/// let mut hours = StationHours::default();
/// let hour = Hour::ending("2022-01-01T13:00").unwrap();
/// assert_eq!(hours.put(Slot::of(hour), Pollutant::Co, Measured::tenths(7)), Put::New);
/// assert_eq!(hours.put(Slot::of(hour), Pollutant::Co, Measured::tenths(8)), Put::Conflict);
/// assert_eq!(hours.value(hour, Pollutant::Co), Some(Measured::tenths(7)));
/// ```
#[derive(Clone, Default)]
pub struct StationHours {
    months: Vec<(Month, Cells)>,
    last: usize,
    bytes: usize,
}

impl StationHours {
    /// Bytes of its blocks.
    #[inline]
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether nothing was put.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.months.is_empty()
    }

    /// Number of the month's block, made when it is not there. The last one asked for is found at once.
    #[inline]
    fn block_number(&mut self, month: Month) -> usize {
        if self.months.get(self.last).is_some_and(|(last, _)| *last == month) {
            return self.last;
        }
        self.last = match self.months.binary_search_by_key(&month, |(month, _)| *month) {
            Ok(number) => number,
            Err(number) => {
                self.months.insert(number, (month, Cells::Tenths(Block::empty())));
                self.bytes += DAYS * DAY * size_of::<u16>();
                number
            }
        };
        self.last
    }

    /// Notes that there is a row for an hour; tells whether there was one before.
    pub fn mark(&mut self, slot: Slot) -> bool {
        let number = self.block_number(slot.month);
        let bits = &mut self.months[number].1.present_mut()[usize::from(slot.day)];
        let bit = 1 << slot.hour;
        let before = *bits & bit != 0;
        *bits |= bit;
        before
    }

    /// Puts a whole row of tenths; cells that are [`TENTHS_MISSING`] or [`TENTHS_FINE`] are passed over.
    ///
    /// Tells whether it was put: when there was a row for the hour already, that one stays.
    #[inline]
    pub fn put_row(&mut self, slot: Slot, row: [u16; Pollutant::COUNT]) -> bool {
        let number = self.block_number(slot.month);
        let cells = &mut self.months[number].1;
        let bit = 1_u32 << slot.hour;
        let day = usize::from(slot.day);
        if cells.present()[day] & bit != 0 {
            return false;
        }
        cells.present_mut()[day] |= bit;
        let at = usize::from(slot.hour) * ROW;
        match cells {
            Cells::Tenths(block) => {
                let target = &mut block.cells[day][at..at + ROW];
                for (cell, value) in target.iter_mut().zip(row) {
                    *cell = if value == TENTHS_FINE { TENTHS_MISSING } else { value };
                }
            }
            Cells::Exact(block) => {
                for (cell, value) in block.cells[day][at..at + ROW].iter_mut().zip(row) {
                    if value < TENTHS_FINE {
                        *cell = Measured::tenths(i64::from(value)).parts();
                    }
                }
            }
        }
        true
    }

    /// The six cells of an hour for writing tenths, [`TENTHS_MISSING`] where nothing stands, and notes that there is a
    /// row; `None` when the month holds exact values and every value must be put by itself.
    #[inline]
    pub fn tenths_row(&mut self, slot: Slot) -> Option<&mut [u16; Pollutant::COUNT]> {
        let number = self.block_number(slot.month);
        let Cells::Tenths(block) = &mut self.months[number].1 else { return None };
        block.present[usize::from(slot.day)] |= 1 << slot.hour;
        block.cells[usize::from(slot.day)].as_chunks_mut().0.get_mut(usize::from(slot.hour))
    }

    /// Puts one value of tenths below [`TENTHS_FINE`]. The first value of an hour stays.
    #[inline]
    pub fn put_tenths(&mut self, slot: Slot, pollutant: usize, value: u16) -> Put {
        debug_assert!(value < TENTHS_FINE);
        let number = self.block_number(slot.month);
        let day = usize::from(slot.day);
        match &mut self.months[number].1 {
            Cells::Tenths(block) => {
                block.present[day] |= 1 << slot.hour;
                let cell = &mut block.cells[day][usize::from(slot.hour) * ROW + pollutant];
                if *cell == TENTHS_MISSING {
                    *cell = value;
                    return Put::New;
                }
                if *cell == value { Put::Same } else { Put::Conflict }
            }
            Cells::Exact(_) => self.put(slot, Pollutant::ALL[pollutant], Measured::tenths(i64::from(value))),
        }
    }

    /// Puts one exact value. The first value of an hour stays.
    pub fn put(&mut self, slot: Slot, pollutant: Pollutant, value: Measured) -> Put {
        let number = self.block_number(slot.month);
        let tenth = value.parts() / (i64::SCALE / u16::SCALE);
        let is_tenths = value == Measured::tenths(tenth) && (0..i64::from(TENTHS_FINE)).contains(&tenth);
        let cells = &mut self.months[number].1;
        match cells {
            Cells::Tenths(_) if is_tenths => return self.put_tenths(slot, pollutant.number(), tenth as u16),
            Cells::Tenths(_) => {
                cells.make_exact();
                self.bytes += DAYS * DAY * (size_of::<i64>() - size_of::<u16>());
            }
            Cells::Exact(_) => {}
        }
        let Cells::Exact(block) = cells else { return Put::Conflict };
        let day = usize::from(slot.day);
        block.present[day] |= 1 << slot.hour;
        let cell = &mut block.cells[day][usize::from(slot.hour) * ROW + pollutant.number()];
        if *cell == i64::MISSING {
            *cell = value.parts();
            return Put::New;
        }
        if *cell == value.parts() { Put::Same } else { Put::Conflict }
    }

    /// The value of an hour.
    #[must_use]
    pub fn value(&self, hour: Hour, pollutant: Pollutant) -> Option<Measured> {
        let slot = Slot::of(hour);
        let number = self.months.binary_search_by_key(&slot.month, |(month, _)| *month).ok()?;
        self.months[number].1.value(usize::from(slot.day), usize::from(slot.hour) * ROW + pollutant.number())
    }

    /// Whether there was a row for an hour.
    #[must_use]
    pub fn has(&self, hour: Hour) -> bool {
        let slot = Slot::of(hour);
        self.months
            .binary_search_by_key(&slot.month, |(month, _)| *month)
            .is_ok_and(|number| self.months[number].1.present()[usize::from(slot.day)] & (1 << slot.hour) != 0)
    }

    /// The days with at least one row, in order.
    pub fn days(&self) -> impl Iterator<Item = Day> + '_ {
        self.months.iter().flat_map(|(month, cells)| {
            let first = month.first().0;
            let present = cells.present().iter().enumerate();
            present.filter(|(_, bits)| **bits != 0).map(move |(day, _)| Day(first + day as i32))
        })
    }

    /// The hours with a row, in order.
    pub fn hours(&self) -> impl Iterator<Item = Hour> + '_ {
        self.months.iter().flat_map(|(month, cells)| {
            let first = month.first().0;
            cells.present().iter().enumerate().flat_map(move |(day, &bits)| {
                (0..24)
                    .filter(move |hour| bits & (1 << hour) != 0)
                    .map(move |hour| Hour((first + day as i32) * 24 + hour))
            })
        })
    }

    /// The block of a month and the place of a day in it.
    pub(super) fn day_cells(&self, day: Day) -> Option<(&Cells, usize)> {
        let month = day.month();
        let number = self.months.binary_search_by_key(&month, |(month, _)| *month).ok()?;
        Some((&self.months[number].1, (day.0 - month.first().0) as usize))
    }

    /// Blocks in order of time with their months.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (Month, &Cells)> {
        self.months.iter().map(|(month, cells)| (*month, cells))
    }

    /// Appends its rows to `out`, in a form that [`Self::merge`] reads; hours without a row take no room.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for (month, cells) in &self.months {
            out.extend(month.0.to_le_bytes());
            let exact = matches!(cells, Cells::Exact(_));
            let rows: u32 = cells.present().iter().map(|bits| bits.count_ones()).sum();
            out.extend((rows | u32::from(exact) << 31).to_le_bytes());
            for (day, &bits) in cells.present().iter().enumerate() {
                for hour in (0..24).filter(|hour| bits & (1 << hour) != 0) {
                    out.extend([day as u8, hour as u8]);
                    let row = hour * ROW..hour * ROW + ROW;
                    match cells {
                        Cells::Tenths(block) => {
                            block.cells[day][row].iter().for_each(|value| out.extend(value.to_le_bytes()));
                        }
                        Cells::Exact(block) => {
                            block.cells[day][row].iter().for_each(|value| out.extend(value.to_le_bytes()));
                        }
                    }
                }
            }
        }
    }

    /// Puts the rows that [`Self::encode`] wrote after those that are there. `twice` is told of hours and pollutants that
    /// have a value already, and whether it differs.
    ///
    /// # Errors
    /// When the bytes are not whole.
    pub fn merge(&mut self, mut bytes: &[u8], mut twice: impl FnMut(Hour, Pollutant, Put)) -> Result<(), NotWhole> {
        while !bytes.is_empty() {
            let month = Month(i32::from_le_bytes(take(&mut bytes)?));
            let head = u32::from_le_bytes(take(&mut bytes)?);
            let (exact, rows) = (head >> 31 == 1, head & (u32::MAX >> 1));
            for _ in 0..rows {
                let [day, hour] = take(&mut bytes)?;
                let slot = Slot { month, day, hour };
                self.mark(slot);
                for pollutant in Pollutant::ALL {
                    let value = if exact {
                        let value = i64::from_le_bytes(take(&mut bytes)?);
                        (value != i64::MISSING).then(|| Measured::from_parts(value))
                    } else {
                        let value = u16::from_le_bytes(take(&mut bytes)?);
                        (value != TENTHS_MISSING).then(|| Measured::tenths(i64::from(value)))
                    };
                    let Some(value) = value else { continue };
                    let put = self.put(slot, pollutant, value);
                    if put != Put::New {
                        twice(Hour((month.first().0 + i32::from(day)) * 24 + i32::from(hour)), pollutant, put);
                    }
                }
            }
        }
        Ok(())
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], NotWhole> {
    let (head, tail) = bytes.split_first_chunk::<N>().ok_or(NotWhole)?;
    *bytes = tail;
    Ok(*head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn behaves_as_a_map(rows in prop::collection::vec((0_i32..3000, 0_usize..6, 0_i64..80_000, any::<bool>()), 0..300)) {
            let mut hours = StationHours::default();
            let mut model = BTreeMap::new();
            for (hour, pollutant, value, fine) in rows {
                let pollutant = Pollutant::ALL[pollutant];
                let value = if fine { Measured::from_parts(value * 1_000_000) } else { Measured::tenths(value) };
                let put = hours.put(Slot::of(Hour(hour)), pollutant, value);
                let stood = *model.entry((Hour(hour), pollutant)).or_insert(value);
                prop_assert_eq!(put == Put::Conflict, stood != value);
            }
            let mut bytes = Vec::new();
            hours.encode(&mut bytes);
            let mut again = StationHours::default();
            again.merge(&bytes, |_, _, _| ()).unwrap();
            for hour in (0..3000).map(Hour) {
                for pollutant in Pollutant::ALL {
                    let expected = model.get(&(hour, pollutant)).copied();
                    prop_assert_eq!(hours.value(hour, pollutant), expected);
                    prop_assert_eq!(again.value(hour, pollutant), expected);
                }
            }
            let days: std::collections::BTreeSet<_> = model.keys().map(|(hour, _)| hour.day()).collect();
            prop_assert_eq!(hours.days().collect::<Vec<_>>(), days.into_iter().collect::<Vec<_>>());
        }
    }
}
