//! Well-known text, in and out.

use std::fmt::Write as _;

use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::{Parts, Shape, ShapeFault, ShapeLimits};

/// Reads `POINT`, `LINESTRING`, `POLYGON` and their multiples; Z and M are read and left out.
///
/// # Errors
///
/// Where the text is none, and when it holds more vertices than allowed.
pub fn read(text: &str, limits: ShapeLimits) -> Result<Geometry<f64>, Vec<ShapeFault>> {
    let mut reader = Reader { text: text.as_bytes(), at: 0, vertices: 0, limit: limits.vertices_max };
    let geometry = reader.geometry().map_err(|fault| vec![fault])?;
    reader.space();
    if reader.at < reader.text.len() {
        return Err(vec![reader.wrong("the end was expected")]);
    }
    Ok(geometry)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    vertices: usize,
    limit: usize,
}

impl Reader<'_> {
    fn wrong(&self, what: &'static str) -> ShapeFault {
        ShapeFault::Wkt { at: self.at + 1, what }
    }

    fn space(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn word(&mut self) -> String {
        self.space();
        let start = self.at;
        while self.text.get(self.at).is_some_and(u8::is_ascii_alphabetic) {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.text[start..self.at]).to_ascii_uppercase()
    }

    fn sees(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), ShapeFault> {
        if self.sees(byte) { Ok(()) } else { Err(self.wrong(what)) }
    }

    fn geometry(&mut self) -> Result<Geometry<f64>, ShapeFault> {
        let start = self.at;
        let kind = self.word();
        let before = self.at;
        match self.word().as_str() {
            "" | "Z" | "M" | "ZM" => {}
            "EMPTY" => return Err(ShapeFault::Empty),
            _ => self.at = before,
        }
        let before = self.at;
        if self.word() == "EMPTY" {
            return Err(ShapeFault::Empty);
        }
        self.at = before;
        match kind.as_str() {
            "POINT" => {
                self.expect(b'(', "( was expected")?;
                let point = self.coord()?;
                self.expect(b')', ") was expected")?;
                Ok(Point(point).into())
            }
            "LINESTRING" => Ok(self.line()?.into()),
            "POLYGON" => Ok(self.polygon()?.into()),
            "MULTIPOINT" => Ok(MultiPoint(self.list(Self::point)?).into()),
            "MULTILINESTRING" => Ok(MultiLineString(self.list(Self::line)?).into()),
            "MULTIPOLYGON" => Ok(MultiPolygon(self.list(Self::polygon)?).into()),
            _ => {
                self.at = start;
                Err(self.wrong("POINT, LINESTRING, POLYGON or a MULTI… of them was expected"))
            }
        }
    }

    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Result<T, ShapeFault>) -> Result<Vec<T>, ShapeFault> {
        self.expect(b'(', "( was expected")?;
        let mut all = Vec::new();
        loop {
            all.push(one(self)?);
            if !self.sees(b',') {
                self.expect(b')', ", or ) was expected")?;
                return Ok(all);
            }
        }
    }

    fn polygon(&mut self) -> Result<Polygon<f64>, ShapeFault> {
        let mut rings = self.list(Self::line)?;
        let shell = rings.remove(0);
        Ok(Polygon::new(shell, rings))
    }

    fn line(&mut self) -> Result<LineString<f64>, ShapeFault> {
        Ok(LineString(self.list(Self::coord)?))
    }

    fn point(&mut self) -> Result<Point<f64>, ShapeFault> {
        let wrapped = self.sees(b'(');
        let point = self.coord()?;
        if wrapped {
            self.expect(b')', ") was expected")?;
        }
        Ok(Point(point))
    }

    fn coord(&mut self) -> Result<Coord<f64>, ShapeFault> {
        self.vertices += 1;
        if self.vertices > self.limit {
            return Err(ShapeFault::TooManyVertices { count: self.vertices, limit: self.limit });
        }
        let (x, y) = (self.number()?, self.number()?);
        for _ in 0..2 {
            self.space();
            if self.text.get(self.at).is_some_and(|byte| *byte != b',' && *byte != b')') {
                self.number()?;
            }
        }
        Ok(Coord { x, y })
    }

    fn number(&mut self) -> Result<f64, ShapeFault> {
        self.space();
        let start = self.at;
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(*byte, b'+' | b'-' | b'.');
        while self.text.get(self.at).is_some_and(part) {
            self.at += 1;
        }
        let parsed = std::str::from_utf8(&self.text[start..self.at]).ok().and_then(|text| text.parse().ok());
        if parsed.is_none() {
            self.at = start;
        }
        parsed.ok_or_else(|| self.wrong("a number was expected"))
    }
}

pub(super) fn write(shape: &Shape) -> String {
    let mut out = String::new();
    match shape.parts() {
        Parts::Points(points) if points.0.len() == 1 => {
            out.push_str("POINT");
            coords(&mut out, &[points.0[0].0]);
        }
        Parts::Points(points) => {
            out.push_str("MULTIPOINT");
            listed(&mut out, &points.0, |out, point| coords(out, &[point.0]));
        }
        Parts::Lines(lines) if lines.0.len() == 1 => {
            out.push_str("LINESTRING");
            coords(&mut out, &lines.0[0].0);
        }
        Parts::Lines(lines) => {
            out.push_str("MULTILINESTRING");
            listed(&mut out, &lines.0, |out, line| coords(out, &line.0));
        }
        Parts::Areas(areas) if areas.0.len() == 1 => {
            out.push_str("POLYGON");
            rings(&mut out, &areas.0[0]);
        }
        Parts::Areas(areas) => {
            out.push_str("MULTIPOLYGON");
            listed(&mut out, &areas.0, rings);
        }
    }
    out
}

fn rings(out: &mut String, area: &Polygon<f64>) {
    let all: Vec<&LineString<f64>> = std::iter::once(area.exterior()).chain(area.interiors()).collect();
    listed(out, &all, |out, ring| coords(out, &ring.0));
}

fn coords(out: &mut String, all: &[Coord<f64>]) {
    listed(out, all, |out, point| {
        // Writing into a string cannot fail.
        let _ = write!(out, "{} {}", point.x, point.y);
    });
}

fn listed<T>(out: &mut String, all: &[T], each: impl Fn(&mut String, &T)) {
    out.push('(');
    for (number, one) in all.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        each(out, one);
    }
    out.push(')');
}
