//! An area as flat coordinates, read from well-known binary into memory that is used again.

use geo::Coord;
use thiserror::Error;

use crate::plane::Bounds;

/// Rings of one area, one after another; reused from area to area.
#[derive(Clone, Debug, Default)]
pub struct Rings {
    pub(super) coords: Vec<Coord<f64>>,
    pub(super) rings: Vec<Ring>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Ring {
    pub(super) end: u32,
    pub(super) hole: bool,
}

/// Why bytes are no area.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum WkbFault {
    /// The bytes end too early, or promise more than there is.
    #[error("the geometry is cut off")]
    CutOff,
    /// Another geometry than an area.
    #[error("the geometry is of kind {0}, an area was expected")]
    NoArea(u32),
    /// A coordinate that is no finite number.
    #[error("a coordinate is no finite number")]
    NotFinite,
    /// More vertices than can be counted.
    #[error("the geometry has too many vertices")]
    TooLarge,
}

impl WkbFault {
    /// What is wrong, in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::CutOff => "几何数据被截断".to_owned(),
            Self::NoArea(kind) => format!("几何类型为 {kind}，应为面"),
            Self::NotFinite => "坐标不是有限数".to_owned(),
            Self::TooLarge => "顶点过多".to_owned(),
        }
    }
}

const POLYGON: u32 = 3;
const MULTI_POLYGON: u32 = 6;

impl Rings {
    /// Forgets the area, keeps the memory.
    pub fn clear(&mut self) {
        self.coords.clear();
        self.rings.clear();
    }

    /// Whether there is no ring.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rings.is_empty()
    }

    /// Number of vertices.
    #[must_use]
    pub fn vertices(&self) -> usize {
        self.coords.len()
    }

    /// Adds a closed ring.
    pub fn push_ring(&mut self, points: impl IntoIterator<Item = (f64, f64)>, hole: bool) {
        self.coords.extend(points.into_iter().map(|(x, y)| Coord { x, y }));
        self.end_ring(hole);
    }

    /// Adds the rings of an area.
    pub fn push_areas(&mut self, areas: &geo::MultiPolygon<f64>) {
        for area in areas {
            self.push_ring(area.exterior().0.iter().map(|c| (c.x, c.y)), false);
            for hole in area.interiors() {
                self.push_ring(hole.0.iter().map(|c| (c.x, c.y)), true);
            }
        }
    }

    /// Adds the rings of a polygon or multipolygon in well-known binary (ISO or extended; Z and M are left out).
    ///
    /// # Errors
    ///
    /// When the bytes are none; the rings are then to be cleared.
    pub fn push_wkb(&mut self, bytes: &[u8]) -> Result<(), WkbFault> {
        Reader { bytes }.geometry(self)
    }

    fn end_ring(&mut self, hole: bool) {
        let end = self.coords.len() as u32;
        if self.rings.last().map_or(0, |ring| ring.end) < end {
            self.rings.push(Ring { end, hole });
        }
    }

    /// Each ring with whether it is a hole.
    pub(super) fn each(&self) -> impl Iterator<Item = (&[Coord<f64>], bool)> {
        let starts = std::iter::once(0).chain(self.rings.iter().map(|ring| ring.end as usize));
        starts.zip(&self.rings).map(|(start, ring)| (&self.coords[start..ring.end as usize], ring.hole))
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds::of(&self.coords)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], WkbFault> {
        let (head, tail) = self.bytes.split_at_checked(count).ok_or(WkbFault::CutOff)?;
        self.bytes = tail;
        Ok(head)
    }

    fn count(&mut self, little: bool) -> Result<u32, WkbFault> {
        let bytes: [u8; 4] = self.take(4)?.try_into().map_err(|_| WkbFault::CutOff)?;
        Ok(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    /// Byte order, kind and number of ordinates.
    fn head(&mut self) -> Result<(bool, u32, usize), WkbFault> {
        let little = self.take(1)? == [1];
        let raw = self.count(little)?;
        let extended = raw & 0xe000_0000;
        if extended & 0x2000_0000 != 0 {
            self.take(4)?;
        }
        let plain = raw & 0x1fff_ffff;
        let more = match plain / 1_000 {
            0 => (extended & 0xc000_0000).count_ones() as usize,
            1 | 2 => 1,
            3 => 2,
            _ => return Err(WkbFault::NoArea(raw)),
        };
        Ok((little, plain % 1_000, 2 + more))
    }

    fn geometry(&mut self, out: &mut Rings) -> Result<(), WkbFault> {
        let (little, kind, ordinates) = self.head()?;
        match kind {
            POLYGON => self.polygon(little, ordinates, out),
            MULTI_POLYGON => {
                for _ in 0..self.count(little)? {
                    let (little, kind, ordinates) = self.head()?;
                    if kind != POLYGON {
                        return Err(WkbFault::NoArea(kind));
                    }
                    self.polygon(little, ordinates, out)?;
                }
                Ok(())
            }
            other => Err(WkbFault::NoArea(other)),
        }
    }

    fn polygon(&mut self, little: bool, ordinates: usize, out: &mut Rings) -> Result<(), WkbFault> {
        for ring in 0..self.count(little)? {
            let count = self.count(little)? as usize;
            let stride = 8 * ordinates;
            let bytes = self.take(count.checked_mul(stride).ok_or(WkbFault::CutOff)?)?;
            if out.coords.len() + count > u32::MAX as usize {
                return Err(WkbFault::TooLarge);
            }
            let start = out.coords.len();
            if little && ordinates == 2 {
                let (pairs, _) = bytes.as_chunks::<16>();
                out.coords.extend(pairs.iter().map(|pair| {
                    let mut x = [0; 8];
                    let mut y = [0; 8];
                    x.copy_from_slice(&pair[..8]);
                    y.copy_from_slice(&pair[8..]);
                    Coord { x: f64::from_le_bytes(x), y: f64::from_le_bytes(y) }
                }));
            } else {
                out.coords.extend(
                    bytes
                        .chunks_exact(stride)
                        .map(|point| Coord { x: ordinate(&point[..8], little), y: ordinate(&point[8..16], little) }),
                );
            }
            // Anything infinite or NaN makes the sum so; a sum of finite degrees or metres stays finite.
            let sum: f64 = out.coords[start..].iter().map(|c| c.x * 0.0 + c.y * 0.0).sum();
            if !sum.is_finite() {
                return Err(WkbFault::NotFinite);
            }
            out.end_ring(ring > 0);
        }
        Ok(())
    }
}

fn ordinate(bytes: &[u8], little: bool) -> f64 {
    let mut raw = [0; 8];
    raw.copy_from_slice(bytes);
    if little { f64::from_le_bytes(raw) } else { f64::from_be_bytes(raw) }
}
