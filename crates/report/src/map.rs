//! A map as shapes in a plane, and as a picture: SVG for the page, pixels for word processors.
//!
//! Both pictures are made from one drawing, so that they show the same.

mod drawing;
mod glyphs;
mod place;
mod raster;
mod svg;

use serde::{Deserialize, Serialize};

use crate::png;

pub(crate) use drawing::{Drawing, swatch};
pub(crate) use svg::to_svg;

/// What a map shows. Coordinates are metres in a plane: east, north.
///
/// ```
/// use report::{Colour, Extent, Fill, Hatch, Legend, MapLayer, MapSketch, Place, Shape, Stroke};
///
/// let red: Colour = "#c8102e".parse()?;
/// let site = Shape::Area { rings: vec![vec![[0.0, 0.0], [120.0, 0.0], [120.0, 80.0], [0.0, 80.0]]] };
/// let sketch = MapSketch {
///     extent: Extent::around([&site]).ok_or("no shapes")?.padded(0.5),
///     layers: vec![MapLayer {
///         name: "项目用地".into(),
///         fill: Some(Fill { colour: red, percent: 40, hatch: Some(Hatch::Rising) }),
///         stroke: Some(Stroke { colour: red, width: 2.0, dashed: false }),
///         places: vec![Place { shape: site, label: Some("项目".into()) }],
///     }],
///     notice: "示意图，不作为界线依据".into(),
/// };
/// assert!(sketch.svg(Legend::Below)?.contains("项目用地"));
/// assert!(sketch.png(Legend::Below)?.starts_with(b"\x89PNG"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MapSketch {
    /// What part of the plane is seen; made wider or higher where the picture would be too narrow.
    pub extent: Extent,
    /// What is drawn, the lowest first.
    pub layers: Vec<MapLayer>,
    /// The sentence inside the picture: 示意图, 模拟数据. It stays with the picture wherever it is copied to.
    pub notice: String,
}

impl MapSketch {
    /// Points of all shapes at most.
    pub const POINTS_MAX: usize = 2_000_000;

    /// The map as SVG.
    ///
    /// # Errors
    /// When the map cannot be drawn; see [`MapError`].
    pub fn svg(&self, legend: Legend) -> Result<String, MapError> {
        Ok(to_svg(&Drawing::of(self, legend)?, &self.notice))
    }

    /// The map as PNG, 1,800 pixels wide.
    ///
    /// # Errors
    /// When the map cannot be drawn; see [`MapError`].
    pub fn png(&self, legend: Legend) -> Result<Vec<u8>, MapError> {
        let drawing = Drawing::of(self, legend)?;
        Ok(png::rgb(&raster::pixels(&drawing)))
    }

    /// The picture for a word processor, with its legend: PNG, width and height in units of the drawing.
    pub(crate) fn picture(&self) -> Result<(Vec<u8>, f64, f64), MapError> {
        let drawing = Drawing::of(self, Legend::Below)?;
        Ok((png::rgb(&raster::pixels(&drawing)), drawing.width, drawing.height))
    }
}

/// Where the legend of a map stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Legend {
    /// In the picture, below the map.
    Below,
    /// Not in the picture.
    Apart,
}

/// A rectangle of the plane, metres.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Extent {
    /// Its least easting.
    pub west: f64,
    /// Its least northing.
    pub south: f64,
    /// Its greatest easting.
    pub east: f64,
    /// Its greatest northing.
    pub north: f64,
}

impl Extent {
    /// The least rectangle around shapes; none when they have no finite point.
    #[must_use]
    pub fn around<'a>(shapes: impl IntoIterator<Item = &'a Shape>) -> Option<Self> {
        let mut out: Option<Self> = None;
        for shape in shapes {
            for &[x, y] in shape.points().filter(|[x, y]| x.is_finite() && y.is_finite()) {
                let before = out.unwrap_or(Self { west: x, south: y, east: x, north: y });
                out = Some(Self {
                    west: before.west.min(x),
                    south: before.south.min(y),
                    east: before.east.max(x),
                    north: before.north.max(y),
                });
            }
        }
        out
    }

    /// Widened on every side by a share of its longer side; a single point becomes a square of 100 m.
    #[must_use]
    pub fn padded(self, share: f64) -> Self {
        let longer = (self.east - self.west).max(self.north - self.south);
        let by = if longer > 0.0 { longer * share } else { 50.0 };
        Self { west: self.west - by, south: self.south - by, east: self.east + by, north: self.north + by }
    }
}

/// Places that are drawn alike and have one line in the legend.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MapLayer {
    /// Its name in the legend.
    pub name: String,
    /// How areas and points are filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<Fill>,
    /// How outlines and lines are drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stroke: Option<Stroke>,
    /// Its places.
    pub places: Vec<Place>,
}

/// A shape and the words beside it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// Where it is.
    pub shape: Shape,
    /// Its name on the map; left out where it would cover another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A shape in the plane: east, north.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Shape {
    /// Rings, outer and inner alike: what an odd number of them encloses is inside. They need not be closed.
    Area {
        /// The rings.
        rings: Vec<Vec<[f64; 2]>>,
    },
    /// A line.
    Line {
        /// Its points.
        points: Vec<[f64; 2]>,
    },
    /// A point.
    Point {
        /// Where.
        at: [f64; 2],
    },
}

impl Shape {
    fn points(&self) -> Box<dyn Iterator<Item = &[f64; 2]> + '_> {
        match self {
            Self::Area { rings } => Box::new(rings.iter().flatten()),
            Self::Line { points } => Box::new(points.iter()),
            Self::Point { at } => Box::new(std::iter::once(at)),
        }
    }
}

/// How an area is filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fill {
    /// Its colour.
    pub colour: Colour,
    /// How much of it covers what is below: 0 nothing, 100 all.
    pub percent: u8,
    /// Lines in the same colour, for eyes and printers without colours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hatch: Option<Hatch>,
}

/// Lines across an area.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hatch {
    /// From lower left to upper right.
    Rising,
    /// From upper left to lower right.
    Falling,
    /// Both.
    Crossed,
    /// Level.
    Level,
    /// Dots.
    Dotted,
}

/// How a line is drawn.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Stroke {
    /// Its colour.
    pub colour: Colour,
    /// Its width where the picture is 900 wide; between 0.2 and 20.
    pub width: f64,
    /// Whether it is broken.
    #[serde(default)]
    pub dashed: bool,
}

/// A colour as `#rrggbb`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(pub [u8; 3]);

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl std::str::FromStr for Colour {
    type Err = MapError;

    fn from_str(text: &str) -> Result<Self, MapError> {
        let fault = || MapError::Colour(text.chars().take(20).collect());
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or_else(fault)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(fault());
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| fault())?;
        let [_, red, green, blue] = value.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl TryFrom<String> for Colour {
    type Error = MapError;

    fn try_from(text: String) -> Result<Self, MapError> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

/// Why a map cannot be drawn.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MapError {
    /// The extent is empty, turned around or not finite.
    #[error(
        "图幅须为有限的矩形，西小于东、南小于北 / the extent is a finite rectangle with west < east and south < north"
    )]
    Extent,
    /// A coordinate is no number.
    #[error(
        "图层“{layer}”第 {place} 个要素的坐标不是有限数 / a coordinate of place {place} of layer “{layer}” is not finite"
    )]
    Coordinate {
        /// Name of the layer.
        layer: String,
        /// Which place, from 1.
        place: usize,
    },
    /// More points than a picture can show.
    #[error("图形共 {found} 个点，上限 {max}；请先概化 / the shapes have {found} points, at most {max}; simplify them first", max = MapSketch::POINTS_MAX)]
    Points {
        /// How many.
        found: usize,
    },
    /// A colour is written wrongly.
    #[error("颜色须写作 #rrggbb / a colour is written as #rrggbb: {0}")]
    Colour(String),
}
