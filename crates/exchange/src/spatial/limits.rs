//! What is refused before it can hurt: bytes, vertices, features, archive entries, packing ratio.

use geo::Coord;

/// Bounds on a spatial file. The default is for uploads by strangers.
///
/// ```
/// assert!(exchange::Limits::default().vertices < exchange::Limits::own_data().vertices);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of a file, packed and unpacked.
    pub bytes: u64,
    /// Vertices over all features.
    pub vertices: u64,
    /// Features.
    pub features: u64,
    /// Bytes of all attributes as text.
    pub text_bytes: u64,
    /// Bytes of one attribute as text.
    pub value_bytes: u64,
    /// Features times fields; an empty one costs memory too.
    pub cells: u64,
    /// Entries of an archive.
    pub entries: u64,
    /// Unpacked bytes for each packed byte of an archive entry.
    pub ratio: u64,
}

impl Limits {
    /// For an upload: 50 MB, 200,000 vertices.
    pub const UPLOAD: Self = Self {
        bytes: 50 << 20,
        vertices: 200_000,
        features: 100_000,
        text_bytes: 64 << 20,
        value_bytes: 1 << 20,
        cells: 2_500_000,
        entries: 1000,
        ratio: 100,
    };

    /// For files of the bureau's own operator: an edition's layers.
    #[must_use]
    pub const fn own_data() -> Self {
        Self {
            bytes: 4 << 30,
            vertices: 100_000_000,
            features: 10_000_000,
            text_bytes: 4 << 30,
            value_bytes: 64 << 20,
            cells: 400_000_000,
            entries: 10_000,
            ratio: 1000,
        }
    }

    pub(crate) fn check_bytes(&self, bytes: u64) -> Result<(), Refusal> {
        if bytes > self.bytes {
            return Err(Refusal::file("file_large", &format!("{bytes} > {} bytes", self.bytes)));
        }
        Ok(())
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::UPLOAD
    }
}

/// Why a file or one of its features is not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) line: Option<u64>,
    pub(crate) field: String,
    pub(crate) value: String,
    /// Whether the whole file is refused.
    pub(crate) fatal: bool,
}

impl Refusal {
    /// The whole file is refused.
    pub(crate) fn file(code: &'static str, value: &str) -> Self {
        Self { code, line: None, field: String::new(), value: value.to_owned(), fatal: true }
    }

    /// The shape of one feature cannot be used.
    pub(crate) fn shape(code: &'static str, value: &str) -> Self {
        Self { fatal: false, ..Self::file(code, value) }
    }

    pub(crate) fn at(mut self, line: Option<u64>) -> Self {
        self.line = self.line.or(line);
        self
    }

    pub(crate) fn field(mut self, field: &str) -> Self {
        field.clone_into(&mut self.field);
        self
    }
}

/// What is left of the limits while a file is read.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    limits: Limits,
    vertices: u64,
    features: u64,
    text_bytes: u64,
    cells: u64,
}

impl Budget {
    pub(crate) const fn new(limits: Limits) -> Self {
        Self { limits, vertices: 0, features: 0, text_bytes: 0, cells: 0 }
    }

    /// Takes `count` vertices before they are read.
    pub(crate) fn vertices(&mut self, count: u64) -> Result<(), Refusal> {
        self.vertices = self.vertices.saturating_add(count);
        if self.vertices > self.limits.vertices {
            return Err(Refusal::file("vertices_many", &format!("> {}", self.limits.vertices)));
        }
        Ok(())
    }

    /// One vertex: counted and finite.
    pub(crate) fn vertex(&mut self, x: f64, y: f64) -> Result<Coord<f64>, Refusal> {
        self.vertices(1)?;
        finite(x, y)
    }

    pub(crate) fn feature(&mut self, values: &[String]) -> Result<(), Refusal> {
        self.features += 1;
        if self.features > self.limits.features {
            return Err(Refusal::file("features_many", &format!("> {}", self.limits.features)));
        }
        self.cells += values.len() as u64;
        self.check_cells(self.cells)?;
        if values.iter().any(|value| value.len() as u64 > self.limits.value_bytes) {
            return Err(Refusal::file("value_long", &format!("> {} bytes", self.limits.value_bytes)));
        }
        self.text_bytes += values.iter().map(|value| value.len() as u64).sum::<u64>();
        if self.text_bytes > self.limits.text_bytes {
            return Err(Refusal::file("file_large", &format!("attributes > {} bytes", self.limits.text_bytes)));
        }
        Ok(())
    }

    pub(crate) fn check_cells(&self, cells: u64) -> Result<(), Refusal> {
        if cells > self.limits.cells {
            return Err(Refusal::file("cells_many", &format!("> {}", self.limits.cells)));
        }
        Ok(())
    }
}

/// A vertex whose coordinates are finite and not beyond any map.
pub(crate) fn finite(x: f64, y: f64) -> Result<Coord<f64>, Refusal> {
    // No coordinate system of ours counts beyond 10⁹ m; larger ones are damage.
    if x.abs() < 1e9 && y.abs() < 1e9 {
        Ok(Coord { x, y })
    } else {
        Err(Refusal::shape("coordinate_form", &format!("{x} {y}")))
    }
}
