//! All tables of norms together.

use crate::air::{AirIndex, AirLimits, AirNorms, AirStatistics, Composite};
use crate::discharge::DischargeNorms;
use crate::ghg::GhgNorms;
use crate::groundwater::GroundwaterStandard;
use crate::litter::LitterNorms;
use crate::noise::NoiseNorms;
use crate::sea::SeaNorms;
use crate::soil::SoilNorms;
use crate::surface_water::SurfaceWaterNorms;
use crate::{Dated, Instrument, LoadError, NormFile, Parameters, Units, Words};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// An instrument and the table of it that the program knows.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The instrument.
    pub instrument: Instrument,
    /// Path of its file below the norms folder.
    pub file: String,
    /// What the table rules: the name of its schema, such as `air-limits` or `surface-water`.
    pub table: String,
}

/// Every norm that the program knows, checked.
#[derive(Clone, Debug, Default)]
pub struct Norms {
    /// What is measured.
    pub parameters: Parameters,
    /// Units of files.
    pub units: Units,
    /// Words of files.
    pub words: Words,
    /// Ambient air.
    pub air: AirNorms,
    /// Surface water.
    pub surface_water: SurfaceWaterNorms,
    /// The sea.
    pub sea: SeaNorms,
    /// GB/T 14848.
    pub groundwater: Dated<GroundwaterStandard>,
    /// Noise.
    pub noise: NoiseNorms,
    /// Soil.
    pub soil: SoilNorms,
    /// Discharge of water and gas, with on-line data.
    pub discharge: DischargeNorms,
    /// Marine litter.
    pub litter: LitterNorms,
    /// Greenhouse gases.
    pub ghg: GhgNorms,
    /// Instruments with the tables that hold them, in order of their ids.
    pub instruments: Vec<Entry>,
    /// SHA-256 over paths and texts of all files, in hexadecimal.
    pub hash: String,
}

impl Norms {
    /// Reads all files, in any order. Paths ending in neither `.toml` nor `.csv` are passed over, and so are folders
    /// that belong to other readers (`sources/`, `precedence/`, `zoning/`): these take part in the hash alone.
    ///
    /// # Errors
    /// Every error of every file, each with file, line and field.
    pub fn load(files: &[NormFile]) -> Result<Self, Vec<LoadError>> {
        let mut norms = Self::default();
        let mut errors = Vec::new();
        let mut sorted: Vec<&NormFile> = files.iter().collect();
        sorted.sort_by(|a, b| a.path.cmp(&b.path));
        let mut digest = Sha256::new();
        for file in sorted {
            for part in [&file.path, &file.text] {
                digest.update((part.len() as u64).to_le_bytes());
                digest.update(part);
            }
            if let Err(error) = norms.read(file) {
                errors.push(error);
            }
        }
        norms.hash = digest.finalize().iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        norms.instruments.sort_by(|a, b| a.instrument.id.cmp(&b.instrument.id));
        if norms.parameters.iter().next().is_none() && errors.is_empty() {
            errors.push(LoadError {
                file: "parameters.csv".to_owned(),
                line: 0,
                field: String::new(),
                message_zh: "缺少参数表".to_owned(),
                message_en: "the table of parameters is missing".to_owned(),
            });
        }
        if errors.is_empty() { Ok(norms) } else { Err(errors) }
    }

    fn read(&mut self, file: &NormFile) -> Result<(), LoadError> {
        if file.path == "parameters.csv" {
            self.parameters = Parameters::load(file)?;
            return Ok(());
        }
        if file.path == "units.csv" {
            self.units = Units::load(file)?;
            return Ok(());
        }
        if file.path == "words.csv" {
            self.words = Words::load(file)?;
            return Ok(());
        }
        let other_reader = ["sources/", "precedence/", "zoning/"].iter().any(|folder| file.path.starts_with(folder));
        if other_reader || !file.path.ends_with(".toml") {
            return Ok(());
        }
        let head: Head = file.table()?;
        let term = head.instrument.term();
        match head.schema.as_str() {
            "air-index/1" => self.air.index.add_of(file, term, AirIndex::load(file)?)?,
            "air-limits/1" => self.air.limits.add_of(file, term, AirLimits::load(file)?)?,
            "air-statistics/1" => self.air.statistics.add_of(file, term, AirStatistics::load(file)?)?,
            "air-composite/1" => self.air.composite.add_of(file, term, Composite::load(file)?)?,
            "groundwater/1" => self.groundwater.add_of(file, term, GroundwaterStandard::load(file)?)?,
            "rounding/1" | "catalogue/1" => {}
            schema => {
                let known = self.surface_water.read(schema, term, file)?
                    || self.sea.read(schema, term, file)?
                    || self.noise.read(schema, term, file)?
                    || self.soil.read(schema, term, file)?
                    || self.discharge.read(schema, term, file)?
                    || self.litter.read(schema, term, file)?
                    || self.ghg.read(schema, term, file)?;
                if !known {
                    return Err(file.error(
                        "schema",
                        &format!("不认识的表格类型“{schema}”"),
                        &format!("the schema “{schema}” is not known"),
                    ));
                }
            }
        }
        let table = head.schema.split('/').next().unwrap_or_default().to_owned();
        self.instruments.push(Entry { instrument: head.instrument, file: file.path.clone(), table });
        Ok(())
    }
}

/// What every file of norms starts with.
#[derive(serde::Deserialize)]
struct Head {
    schema: String,
    instrument: Instrument,
}
