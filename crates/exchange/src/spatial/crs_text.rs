//! What a file declares about its coordinate system, read from names, codes, WKT and PROJJSON. Nothing is guessed.

use serde_json::Value;
use zoning::crs::{Crs, CrsFault};

/// The coordinate system that a file or a user declares.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum DeclaredCrs {
    /// Nothing is said: a question to the user.
    #[default]
    Undeclared,
    /// An EPSG code.
    Epsg(u32),
    /// Something without an EPSG code that we know, such as `GCJ-02` or a name of a local system, as written.
    Named(String),
}

impl DeclaredCrs {
    /// Reads `EPSG:4490`, `urn:ogc:def:crs:EPSG::4490`, `OGC:CRS84`, `CGCS2000`, `GCJ-02` or a WKT.
    ///
    /// ```
    /// use exchange::DeclaredCrs;
    /// assert_eq!(DeclaredCrs::of_text("urn:ogc:def:crs:EPSG::4490"), DeclaredCrs::Epsg(4490));
    /// assert_eq!(DeclaredCrs::of_text("urn:ogc:def:crs:OGC:1.3:CRS84"), DeclaredCrs::Epsg(4326));
    /// assert_eq!(DeclaredCrs::of_text("GCJ-02"), DeclaredCrs::Named("GCJ-02".to_owned()));
    /// ```
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let text = text.trim().trim_start_matches('\u{feff}');
        if text.is_empty() {
            return Self::Undeclared;
        }
        if text.contains('[') {
            return Self::of_wkt(text);
        }
        if text.starts_with('{') {
            return serde_json::from_str(text).map_or(Self::Undeclared, |value| Self::of_projjson(&value));
        }
        let upper = text.to_ascii_uppercase();
        if upper.contains("EPSG") || upper.bytes().all(|byte| byte.is_ascii_digit()) {
            let code: String = upper.chars().rev().take_while(char::is_ascii_digit).collect();
            if let Ok(code) = code.chars().rev().collect::<String>().parse() {
                return Self::Epsg(code);
            }
        }
        if upper.ends_with("CRS84") || matches!(upper.as_str(), "WGS84" | "WGS 84" | "WGS-84" | "WGS_84") {
            return Self::Epsg(4326);
        }
        if matches!(upper.as_str(), "CGCS2000" | "CGCS 2000") {
            return Self::Epsg(4490);
        }
        Self::Named(text.to_owned())
    }

    /// Reads PROJJSON as GeoParquet holds it.
    #[must_use]
    pub fn of_projjson(value: &Value) -> Self {
        let id = value.get("id").or_else(|| value.get("ids").and_then(|ids| ids.get(0)));
        let code = id.and_then(|id| id.get("code")).and_then(|code| match code {
            Value::Number(number) => Some(number.to_string()),
            Value::String(text) => Some(text.clone()),
            _ => None,
        });
        let authority = id.and_then(|id| id.get("authority")).and_then(Value::as_str).unwrap_or_default();
        let name = value.get("name").and_then(Value::as_str).unwrap_or_default();
        match code {
            Some(code) if authority == "EPSG" => code.parse().map_or_else(|_| Self::Named(code.clone()), Self::Epsg),
            Some(code) if authority == "OGC" && code == "CRS84" => Self::Epsg(4326),
            _ if name.is_empty() => Self::Undeclared,
            _ => Self::Named(name.to_owned()),
        }
    }

    /// Reads a well-known text, with or without an authority: a `.prj` of ArcGIS has none.
    #[must_use]
    pub fn of_wkt(text: &str) -> Self {
        let name = quoted_after(text, 0).unwrap_or_default();
        if let Some(code) = outer_authority(text) {
            return Self::Epsg(code);
        }
        let upper = text.to_ascii_uppercase();
        let datum = if ["CHINA_2000", "CHINA 2000", "CGCS2000", "CHINA_GEODETIC_COORDINATE_SYSTEM_2000"]
            .iter()
            .any(|mark| upper.contains(mark))
        {
            Datum::Cgcs2000
        } else if upper.contains("WGS_1984") || upper.contains("WGS 84") || upper.contains("WGS84") {
            Datum::Wgs84
        } else {
            return Self::Named(name);
        };
        let plane = upper.starts_with("PROJC");
        match (plane, datum) {
            (false, Datum::Cgcs2000) => Self::Epsg(4490),
            (false, Datum::Wgs84) => Self::Epsg(4326),
            (true, Datum::Cgcs2000) => gauss_kruger(&upper).map_or(Self::Named(name), Self::Epsg),
            (true, Datum::Wgs84) => Self::Named(name),
        }
    }

    /// The system itself; none when undeclared.
    ///
    /// # Errors
    /// When it is on an old datum, or none that is known.
    pub fn known(&self) -> Result<Option<Crs>, CrsFault> {
        match self {
            Self::Undeclared => Ok(None),
            Self::Epsg(code) => Crs::from_epsg(*code).map(Some),
            Self::Named(name) => name.parse().map(Some),
        }
    }

    /// The name under which other programs know it, such as `EPSG:4490`; `None` when undeclared.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Undeclared => None,
            Self::Epsg(code) => Some(format!("EPSG:{code}")),
            Self::Named(name) => Some(name.clone()),
        }
    }

    /// Well-known text of the systems that an edition may have: WGS 84, CGCS2000 and its Gauss–Krüger zones.
    #[must_use]
    pub fn to_wkt(&self) -> Option<String> {
        let Self::Epsg(code) = *self else { return None };
        let wgs84 = r#"GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]"#;
        let cgcs = r#"GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4490"]]"#;
        let (name, meridian, easting) = match code {
            4326 => return Some(wgs84.to_owned()),
            4490 => return Some(cgcs.to_owned()),
            4513..=4533 => {
                let zone = code - 4513 + 25;
                (format!("3-degree Gauss-Kruger zone {zone}"), zone * 3, u64::from(zone) * 1_000_000 + 500_000)
            }
            4534..=4554 => {
                let meridian = (code - 4534 + 25) * 3;
                (format!("3-degree Gauss-Kruger CM {meridian}E"), meridian, 500_000)
            }
            4491..=4501 => {
                let zone = code - 4491 + 13;
                (format!("Gauss-Kruger zone {zone}"), zone * 6 - 3, u64::from(zone) * 1_000_000 + 500_000)
            }
            4502..=4512 => {
                let meridian = (code - 4502 + 13) * 6 - 3;
                (format!("Gauss-Kruger CM {meridian}E"), meridian, 500_000)
            }
            _ => return None,
        };
        Some(format!(
            r#"PROJCS["CGCS2000 / {name}",{cgcs},PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",{meridian}],PARAMETER["scale_factor",1],PARAMETER["false_easting",{easting}],PARAMETER["false_northing",0],UNIT["metre",1],AUTHORITY["EPSG","{code}"]]"#
        ))
    }
}

enum Datum {
    Cgcs2000,
    Wgs84,
}

/// EPSG code of a CGCS2000 Gauss–Krüger zone by its parameters.
fn gauss_kruger(upper: &str) -> Option<u32> {
    if !(upper.contains("GAUSS_KRUGER")
        || upper.contains("TRANSVERSE_MERCATOR")
        || upper.contains("TRANSVERSE MERCATOR"))
    {
        return None;
    }
    let meridian = parameter(upper, &["CENTRAL_MERIDIAN", "LONGITUDE OF NATURAL ORIGIN"])?;
    let easting = parameter(upper, &["FALSE_EASTING", "FALSE EASTING"])?;
    let northing = parameter(upper, &["FALSE_NORTHING", "FALSE NORTHING"]).unwrap_or(0.0);
    let scale = parameter(upper, &["SCALE_FACTOR", "SCALE FACTOR AT NATURAL ORIGIN"]).unwrap_or(1.0);
    let origin = parameter(upper, &["LATITUDE_OF_ORIGIN", "LATITUDE OF NATURAL ORIGIN"]).unwrap_or(0.0);
    if northing != 0.0 || scale != 1.0 || origin != 0.0 || meridian % 3.0 != 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    let third = (75.0..=135.0).contains(&meridian).then(|| (meridian / 3.0) as u32)?;
    if easting == 500_000.0 {
        Some(4534 + third - 25)
    } else if easting == f64::from(third) * 1e6 + 500_000.0 {
        Some(4513 + third - 25)
    } else if meridian % 6.0 == 3.0 && easting == f64::from(third.div_ceil(2)) * 1e6 + 500_000.0 {
        // Six-degree zone n has the central meridian 6n − 3.
        Some(4491 + third.div_ceil(2) - 13)
    } else {
        None
    }
}

fn parameter(upper: &str, names: &[&str]) -> Option<f64> {
    names.iter().find_map(|name| {
        let at = upper.find(&format!("\"{name}\""))? + name.len() + 2;
        let rest = upper[at..].trim_start_matches([',', ' ']);
        let end = rest.find([',', ']'])?;
        rest[..end].trim().parse().ok()
    })
}

/// The authority that closes the outermost bracket, not one of an inner part.
fn outer_authority(text: &str) -> Option<u32> {
    let close = text.trim_end().strip_suffix(']')?.trim_end();
    let start = close.rfind("AUTHORITY[").into_iter().chain(close.rfind("ID[")).max()?;
    let part = &close[start..];
    // Exactly one bracket deep and nothing after it.
    if part.matches('[').count() != 1 || !part.ends_with(']') || depth(&text[..text.find(part)?]) != 1 {
        return None;
    }
    if !part.to_ascii_uppercase().contains("\"EPSG\"") {
        return None;
    }
    let digits: String = part.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn depth(text: &str) -> i64 {
    text.bytes().map(|byte| i64::from(byte == b'[') - i64::from(byte == b']')).sum()
}

fn quoted_after(text: &str, from: usize) -> Option<String> {
    let rest = text.get(from..)?;
    let start = rest.find('"')? + 1;
    let end = rest[start..].find('"')? + start;
    Some(rest[start..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arcgis_prj_without_authority() {
        let text = r#"PROJCS["CGCS2000_3_Degree_GK_CM_117E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",117.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
        assert_eq!(DeclaredCrs::of_text(text), DeclaredCrs::Epsg(4548));
        assert_eq!(DeclaredCrs::of_text(&text.replace("500000.0", "39500000.0")), DeclaredCrs::Epsg(4527));
        assert_eq!(DeclaredCrs::of_text(&text.replace("500000.0", "20500000.0")), DeclaredCrs::Epsg(4498));
        assert_eq!(
            DeclaredCrs::of_text(&text.replace("500000.0", "400000.0")),
            DeclaredCrs::Named("CGCS2000_3_Degree_GK_CM_117E".to_owned())
        );
    }

    #[test]
    fn an_inner_authority_is_not_the_whole() {
        let text = r#"PROJCS["厦门92",GEOGCS["Xian 1980",AUTHORITY["EPSG","4610"]],PROJECTION["Transverse_Mercator"]]"#;
        assert_eq!(DeclaredCrs::of_text(text), DeclaredCrs::Named("厦门92".to_owned()));
        assert_eq!(
            DeclaredCrs::of_text(r#"GEOGCS["China Geodetic Coordinate System 2000",AUTHORITY["EPSG","4490"]]"#),
            DeclaredCrs::Epsg(4490)
        );
    }
}
