//! Coordinate systems: only declared ones, only known ones, and never a silent shift.
//!
//! Everything meets in CGCS2000 longitude and latitude in degrees, x = longitude or east, y = latitude or north.
//! WGS 84 is read as CGCS2000: the definitions agree to centimetres, but positions of today differ from those of
//! epoch 2000.0 by decimetres of plate motion; fine for screening, not for survey ([`Crs::remark_zh`] says so).

pub mod gauss;
pub mod plausible;
pub mod shifted;

use geo::Coord;
use thiserror::Error;

pub use gauss::{Strip, Zone};
pub use plausible::{Candidate, CityFrame, Reading};

/// A declared coordinate system.
///
/// ```
/// use zoning::crs::Crs;
/// let crs: Crs = "EPSG:4548".parse()?;
/// let place = crs.to_geographic(geo::Coord { x: 610_000.0, y: 2_710_000.0 })?;
/// assert!((place.x - 118.09).abs() < 0.01 && (place.y - 24.49).abs() < 0.01);
/// # Ok::<(), zoning::crs::CrsFault>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Crs {
    /// CGCS2000 longitude and latitude, EPSG:4490.
    Cgcs2000,
    /// WGS 84 longitude and latitude, EPSG:4326; read as CGCS2000.
    Wgs84,
    /// CGCS2000 Gauss–Krüger, EPSG:4491–4554.
    Gauss(Zone),
    /// Web Mercator, EPSG:3857.
    WebMercator,
    /// The shifted system of Chinese web maps.
    Gcj02,
    /// Baidu's shift on top of it.
    Bd09,
}

/// Why a coordinate system or a coordinate cannot be used.
#[derive(Clone, PartialEq, Debug, Error)]
pub enum CrsFault {
    /// No name or code that is known here.
    #[error("the coordinate system `{0}` is not known here")]
    Unknown(String),
    /// A datum whose transformation needs parameters that only the bureau has.
    #[error("`{given}` is on the datum {datum}: a datum transformation with the bureau's own parameters is needed")]
    DatumTransform {
        /// As given.
        given: String,
        /// The datum.
        datum: &'static str,
    },
    /// A coordinate that the system cannot hold.
    #[error("({x}, {y}) is no coordinate of {crs}")]
    OutOfRange {
        /// As given.
        x: f64,
        /// As given.
        y: f64,
        /// Name of the system.
        crs: String,
    },
}

impl CrsFault {
    /// Short stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "crs_unknown",
            Self::DatumTransform { .. } => "crs_datum_transform",
            Self::OutOfRange { .. } => "crs_out_of_range",
        }
    }

    /// What is wrong, in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Unknown(given) => format!("不认识的坐标系“{given}”"),
            Self::DatumTransform { given, datum } => {
                format!("“{given}”属于{datum}：需要使用本局的转换参数进行基准转换")
            }
            Self::OutOfRange { x, y, crs } => format!("({x}, {y}) 不是 {crs} 的坐标"),
        }
    }

    /// What to do, in Chinese.
    #[must_use]
    pub fn action_zh(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "请声明 EPSG:4490、EPSG:4513–4554、EPSG:4326、EPSG:3857、GCJ-02 或 BD-09",
            Self::DatumTransform { .. } => "请先由测绘单位转换为 CGCS2000，或由本局配置转换参数",
            Self::OutOfRange { .. } => "请检查坐标系的声明与坐标顺序",
        }
    }

    /// What to do, in English.
    #[must_use]
    pub fn action_en(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "declare EPSG:4490, EPSG:4513–4554, EPSG:4326, EPSG:3857, GCJ-02 or BD-09",
            Self::DatumTransform { .. } => {
                "have it transformed to CGCS2000 by a surveyor, or let the bureau configure its parameters"
            }
            Self::OutOfRange { .. } => "check the declared system and the order of the coordinates",
        }
    }
}

const BEIJING_54: &str = "1954年北京坐标系 (Beijing 1954)";
const XIAN_80: &str = "1980西安坐标系 (Xian 1980)";
const EQUATOR_RADIUS: f64 = 6_378_137.0;

impl std::str::FromStr for Crs {
    type Err = CrsFault;

    /// Reads `EPSG:n`, a bare code, a URN, and the names that files carry.
    fn from_str(text: &str) -> Result<Self, CrsFault> {
        let plain: String =
            text.trim().to_uppercase().chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '/' | '(' | ')')).collect();
        if let Some(code) = code_of(&plain) {
            return Self::from_epsg(code);
        }
        let datum = |datum| CrsFault::DatumTransform { given: text.trim().to_owned(), datum };
        let any = |words: &[&str]| words.iter().any(|word| plain.contains(word));
        if any(&["BEIJING", "北京"]) {
            return Err(datum(BEIJING_54));
        }
        if any(&["XIAN1980", "XIAN80", "XI'AN", "西安"]) {
            return Err(datum(XIAN_80));
        }
        if any(&["GCJ02", "火星"]) {
            return Ok(Self::Gcj02);
        }
        if any(&["BD09", "百度"]) {
            return Ok(Self::Bd09);
        }
        if any(&["CGCS2000", "2000国家大地", "国家2000", "CHINAGEODETICCOORDINATESYSTEM2000"]) {
            return gauss::zone_in_name(&plain).map_or_else(
                || {
                    let projected = any(&["GAUSS", "KRUGER", "GK", "DEGREE", "高斯", "投影"]);
                    if projected { Err(CrsFault::Unknown(text.trim().to_owned())) } else { Ok(Self::Cgcs2000) }
                },
                |zone| Ok(Self::Gauss(zone)),
            );
        }
        if any(&["PSEUDOMERCATOR", "WEBMERCATOR", "MERCATORAUXILIARYSPHERE"]) {
            return Ok(Self::WebMercator);
        }
        if any(&["UTM", "MERCATOR"]) {
            return Err(CrsFault::Unknown(text.trim().to_owned()));
        }
        if any(&["WGS84", "WGS1984", "CRS84"]) {
            return Ok(Self::Wgs84);
        }
        Err(CrsFault::Unknown(text.trim().to_owned()))
    }
}

/// The code in `4490`, `EPSG:4490`, `urn:ogc:def:crs:EPSG::4490`, `http://www.opengis.net/def/crs/EPSG/0/4490`.
fn code_of(plain: &str) -> Option<u32> {
    if let Ok(code) = plain.parse() {
        return Some(code);
    }
    let after = plain.split("EPSG").nth(1)?;
    let digits = after.trim_end_matches('"');
    let start = digits.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    let code = &digits[start..];
    // `.../EPSG/0/4490` has lost its slashes.
    code.strip_prefix('0').unwrap_or(code).parse().ok()
}

impl Crs {
    /// The system of an EPSG code.
    ///
    /// # Errors
    ///
    /// For codes of old datums, and for all others that are not known here.
    pub fn from_epsg(code: u32) -> Result<Self, CrsFault> {
        let datum = |datum| CrsFault::DatumTransform { given: format!("EPSG:{code}"), datum };
        match code {
            4490 => Ok(Self::Cgcs2000),
            4326 => Ok(Self::Wgs84),
            3857 => Ok(Self::WebMercator),
            4491..=4554 => {
                Zone::from_epsg(code).map(Self::Gauss).ok_or_else(|| CrsFault::Unknown(format!("EPSG:{code}")))
            }
            4214 | 2401..=2442 | 21413..=21423 | 21453..=21463 | 21473..=21483 => Err(datum(BEIJING_54)),
            4610 | 2327..=2390 => Err(datum(XIAN_80)),
            _ => Err(CrsFault::Unknown(format!("EPSG:{code}"))),
        }
    }

    /// Its EPSG code, if it has one.
    #[must_use]
    pub fn epsg(&self) -> Option<u32> {
        match self {
            Self::Cgcs2000 => Some(4490),
            Self::Wgs84 => Some(4326),
            Self::WebMercator => Some(3857),
            Self::Gauss(zone) => Some(zone.epsg()),
            Self::Gcj02 | Self::Bd09 => None,
        }
    }

    /// Name such as `EPSG:4548` or `GCJ-02`, which parses again.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Gcj02 => "GCJ-02".to_owned(),
            Self::Bd09 => "BD-09".to_owned(),
            _ => self.epsg().map(|code| format!("EPSG:{code}")).unwrap_or_default(),
        }
    }

    /// What a reader of the result should know about it, in Chinese; empty when there is nothing.
    #[must_use]
    pub fn remark_zh(&self) -> &'static str {
        match self {
            Self::Cgcs2000 | Self::Gauss(_) => "",
            Self::Wgs84 | Self::WebMercator => {
                "WGS 84 按 CGCS2000 读取：定义相差厘米级，历元与板块运动相差分米级，可用于研判，不可用于测绘"
            }
            Self::Gcj02 | Self::Bd09 => "网络地图偏移坐标，已按公开算法反算，精度约为 1 米级，不可用于测绘",
        }
    }

    /// The same, in English.
    #[must_use]
    pub fn remark_en(&self) -> &'static str {
        match self {
            Self::Cgcs2000 | Self::Gauss(_) => "",
            Self::Wgs84 | Self::WebMercator => {
                "WGS 84 read as CGCS2000: centimetres apart by definition, decimetres by epoch and plate motion; for screening, not for survey"
            }
            Self::Gcj02 | Self::Bd09 => {
                "shifted coordinates of a web map, turned back by the public formula, true to about a metre; not for survey"
            }
        }
    }

    /// CGCS2000 longitude and latitude of a coordinate of this system.
    ///
    /// # Errors
    ///
    /// When the coordinate cannot be one of this system.
    pub fn to_geographic(&self, c: Coord<f64>) -> Result<Coord<f64>, CrsFault> {
        let out = match self {
            Self::Cgcs2000 | Self::Wgs84 => Some(c),
            Self::Gauss(zone) => zone.inverse(c),
            Self::WebMercator => Some(Coord {
                x: (c.x / EQUATOR_RADIUS).to_degrees(),
                y: (c.y / EQUATOR_RADIUS).sinh().atan().to_degrees(),
            }),
            Self::Gcj02 => shifted::gcj02_to_geographic(c),
            Self::Bd09 => shifted::bd09_to_gcj02(c).and_then(shifted::gcj02_to_geographic),
        };
        out.filter(|g| is_geographic(*g)).ok_or_else(|| self.out_of_range(c))
    }

    /// The coordinate of this system of a CGCS2000 longitude and latitude.
    ///
    /// # Errors
    ///
    /// When the place lies outside of what the system can hold.
    pub fn from_geographic(&self, g: Coord<f64>) -> Result<Coord<f64>, CrsFault> {
        if !is_geographic(g) {
            return Err(Self::Cgcs2000.out_of_range(g));
        }
        let out = match self {
            Self::Cgcs2000 | Self::Wgs84 => Some(g),
            Self::Gauss(zone) => zone.forward(g),
            Self::WebMercator => (g.y.abs() < 89.0).then(|| Coord {
                x: g.x.to_radians() * EQUATOR_RADIUS,
                y: g.y.to_radians().tan().asinh() * EQUATOR_RADIUS,
            }),
            Self::Gcj02 => Some(shifted::gcj02(g)),
            Self::Bd09 => Some(shifted::bd09(shifted::gcj02(g))),
        };
        out.ok_or_else(|| self.out_of_range(g))
    }

    /// Carries a coordinate of this system into another. The same system gives the same bits.
    ///
    /// # Errors
    ///
    /// As [`Self::to_geographic`] and [`Self::from_geographic`].
    pub fn carry(&self, to: &Self, c: Coord<f64>) -> Result<Coord<f64>, CrsFault> {
        if self == to { Ok(c) } else { to.from_geographic(self.to_geographic(c)?) }
    }

    /// A whole shape carried into another system.
    ///
    /// # Errors
    ///
    /// The first coordinate that cannot be carried.
    pub fn carry_shape(&self, to: &Self, shape: &crate::shape::Shape) -> Result<crate::shape::Shape, CrsFault> {
        shape.carried(|c| self.carry(to, c).map_err(|_| (c.x, c.y))).map_err(|(x, y)| self.out_of_range(Coord { x, y }))
    }

    fn out_of_range(&self, c: Coord<f64>) -> CrsFault {
        CrsFault::OutOfRange { x: c.x, y: c.y, crs: self.name() }
    }
}

fn is_geographic(g: Coord<f64>) -> bool {
    g.x.abs() <= 360.0 && g.y.abs() <= 90.0
}
