//! A data folder: one city, demo or real, never both. `yundang.toml` in it says which.

use crate::city::CityPack;
use crate::cli::Usage;
use anyhow::{Context, bail};
use lake::{Lake, Location, Precedence, Ranks};
use norms::{Norms, Term};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MARKER: &str = "yundang.toml";

/// Whether a folder holds simulated data.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The demo city: simulated rows, marked so.
    Demo,
    /// A real city: no simulated row is taken.
    Real,
}

impl Kind {
    /// `demo` or `real`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Real => "real",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Marker {
    schema: String,
    kind: Kind,
    city: String,
    /// Where the tables lie, when not in the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lake: Option<String>,
    /// The database of the records, when it is not a file in the folder. A password belongs into `PGPASSWORD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    records: Option<String>,
    /// False while a demo city is being made: such a folder is made anew.
    complete: bool,
}

/// An open data folder.
#[derive(Debug)]
pub struct DataFolder {
    /// Where it lies.
    pub root: PathBuf,
    /// Demo or real.
    pub kind: Kind,
    /// Its city.
    pub pack: Arc<CityPack>,
    /// Its lake.
    pub lake: Lake,
    /// The database of its records, when that is no file in the folder.
    pub records: Option<String>,
}

/// Where a city keeps what is not in its folder.
#[derive(Clone, Copy, Default, Debug)]
pub struct Elsewhere<'a> {
    /// The tables of the lake: another folder or `s3://bucket/prefix`.
    pub lake: Option<&'a str>,
    /// The business records: `postgres://…`.
    pub records: Option<&'a str>,
}

impl DataFolder {
    /// Makes a folder for a city. The folder must be empty or not there; so must the place of its tables, when `lake`
    /// names one outside.
    ///
    /// # Errors
    /// When something stands there already, or it cannot be written.
    pub async fn create(
        root: &Path,
        kind: Kind,
        city: &str,
        elsewhere: Elsewhere<'_>,
        norms: Arc<Norms>,
    ) -> anyhow::Result<Self> {
        let pack = CityPack::load(city)?;
        let writing = || format!("{}: 无法写入 / cannot be written", root.display());
        std::fs::create_dir_all(root).with_context(writing)?;
        if std::fs::read_dir(root).with_context(writing)?.next().is_some() {
            bail!(Usage(format!("{}: 文件夹不是空的 / the folder is not empty", root.display())));
        }
        // Two cities must not share tables, so a lake that is there already is refused.
        let lake_text = elsewhere.lake.map_or_else(|| root.join("lake").to_string_lossy().into_owned(), str::to_owned);
        let made = Lake::create(&Location::parse(&lake_text)?).await?.with_norms(norms);
        let records = elsewhere.records.map(str::to_owned);
        let folder = Self { root: root.to_owned(), kind, pack: Arc::new(pack), lake: made, records };
        folder.write_marker(kind == Kind::Real, elsewhere.lake)?;
        Ok(folder)
    }

    /// Opens a folder.
    ///
    /// # Errors
    /// When it is no data folder, or its lake cannot be opened.
    pub async fn open(root: &Path, norms: Arc<Norms>) -> anyhow::Result<Self> {
        let marker = Self::marker(root)?.ok_or_else(|| {
            Usage(format!(
                "{0}: 不是数据文件夹，先运行 yundang init --data {0} --city xiamen / no data folder; run that first",
                root.display()
            ))
        })?;
        let pack = CityPack::load(&marker.city)?;
        let lake = marker.lake.unwrap_or_else(|| root.join("lake").to_string_lossy().into_owned());
        let lake = Lake::open(&Location::parse(&lake)?).await?.with_norms(norms);
        Ok(Self { root: root.to_owned(), kind: marker.kind, pack: Arc::new(pack), lake, records: marker.records })
    }

    /// The kind of the folder there, and whether it is complete; `None` when there is none.
    ///
    /// # Errors
    /// When its marker cannot be read.
    pub fn look(root: &Path) -> anyhow::Result<Option<(Kind, bool)>> {
        Ok(Self::marker(root)?.map(|marker| (marker.kind, marker.complete)))
    }

    /// Says that a demo city has been made to its end.
    ///
    /// # Errors
    /// When the marker cannot be written.
    pub fn complete(&self) -> anyhow::Result<()> {
        self.write_marker(true, None)
    }

    fn marker(root: &Path) -> anyhow::Result<Option<Marker>> {
        let path = root.join(MARKER);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(toml::from_str(&text).with_context(|| path.display().to_string())?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    fn write_marker(&self, complete: bool, lake: Option<&str>) -> anyhow::Result<()> {
        let marker = Marker {
            schema: "data-folder/1".to_owned(),
            kind: self.kind,
            city: self.pack.city.id.clone(),
            lake: lake.map(str::to_owned),
            records: self.records.clone(),
            complete,
        };
        let mut file = tempfile::NamedTempFile::new_in(&self.root)?;
        std::io::Write::write_all(&mut file, toml::to_string(&marker)?.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(self.root.join(MARKER))?;
        Ok(())
    }
}

/// The precedence of sources from the tables of norms.
///
/// # Errors
/// When a file is wrong.
pub fn precedence(files: &[norms::NormFile]) -> anyhow::Result<Precedence> {
    #[derive(Deserialize)]
    struct Table {
        instrument: norms::Instrument,
        precedence: Other,
        source: Vec<Source>,
    }
    #[derive(Deserialize)]
    struct Other {
        other: i32,
    }
    #[derive(Deserialize)]
    struct Source {
        source: String,
        rank: i32,
    }
    let mut precedence = Precedence::flat();
    for file in files.iter().filter(|file| file.path.starts_with("precedence/") && file.path.ends_with(".toml")) {
        let table: Table = toml::from_str(&file.text).with_context(|| file.path.clone())?;
        let by_source = table.source.into_iter().map(|source| (source.source, source.rank)).collect();
        let term: Term = table.instrument.term();
        precedence
            .add(term, Ranks { by_source, other: table.precedence.other })
            .map_err(|_| anyhow::anyhow!("{}: 有效期重叠 / terms overlap", file.path))?;
    }
    Ok(precedence)
}
