//! All tables of norms together.

use crate::air::{AirIndex, AirLimits, AirNorms, AirStatistics, Composite};
use crate::discharge::{DischargeLimits, DischargeNorms, OnlineFlags, OnlineValidity, StackRates, TransmissionRule};
use crate::ghg::{CoalEquivalents, FuelFactors, GhgNorms, GridFactors};
use crate::litter::{CleanCoastIndex, LitterNorms, LitterTables};
use crate::noise::{NoiseEmission, NoiseEvaluation, NoiseNorms, NoiseValidity, NoiseZones};
use crate::soil::{SoilConstruction, SoilFarmland, SoilNorms};
use crate::{Instrument, LoadError, NormFile, Parameters};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Every norm that the program knows, checked.
#[derive(Clone, Debug, Default)]
pub struct Norms {
    /// What is measured.
    pub parameters: Parameters,
    /// Ambient air.
    pub air: AirNorms,
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
    /// Instruments with the file that holds them, in order of their ids.
    pub instruments: Vec<(Instrument, String)>,
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
        norms.instruments.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
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
        let other_reader = ["sources/", "precedence/", "zoning/"].iter().any(|folder| file.path.starts_with(folder));
        if other_reader || !file.path.ends_with(".toml") {
            return Ok(());
        }
        let head: Head = file.table()?;
        let overlap =
            || file.error("instrument", "与另一版本的有效期重叠", "its term overlaps that of another edition");
        let term = head.instrument.term();
        match head.schema.as_str() {
            "air-index/1" => self.air.index.add(term, AirIndex::load(file)?).map_err(|_| overlap())?,
            "air-limits/1" => self.air.limits.add(term, AirLimits::load(file)?).map_err(|_| overlap())?,
            "air-statistics/1" => self.air.statistics.add(term, AirStatistics::load(file)?).map_err(|_| overlap())?,
            "air-composite/1" => self.air.composite.add(term, Composite::load(file)?).map_err(|_| overlap())?,
            "noise-zones/1" => self.noise.zones.add(term, NoiseZones::load(file)?).map_err(|_| overlap())?,
            "noise-evaluation/1" => {
                self.noise.evaluation.add(term, NoiseEvaluation::load(file)?).map_err(|_| overlap())?;
            }
            "noise-validity/1" => self.noise.validity.add(term, NoiseValidity::load(file)?).map_err(|_| overlap())?,
            "noise-emission/1" => {
                let edition = NoiseEmission::load(file)?;
                let editions = self.noise.emission.entry(edition.standard.clone()).or_default();
                editions.add(term, edition).map_err(|_| overlap())?;
            }
            "soil-construction/1" => {
                self.soil.construction.add(term, SoilConstruction::load(file)?).map_err(|_| overlap())?;
            }
            "soil-farmland/1" => self.soil.farmland.add(term, SoilFarmland::load(file)?).map_err(|_| overlap())?,
            "discharge-limits/1" => {
                let edition = DischargeLimits::load(file)?;
                let editions = self.discharge.limits.entry(edition.standard.clone()).or_default();
                editions.add(term, edition).map_err(|_| overlap())?;
            }
            "stack-rates/1" => {
                let edition = StackRates::load(file)?;
                let editions = self.discharge.rates.entry(edition.standard.clone()).or_default();
                editions.add(term, edition).map_err(|_| overlap())?;
            }
            "online-validity/1" => {
                let edition = OnlineValidity::load(file)?;
                let editions = self.discharge.online.entry(edition.medium).or_default();
                editions.add(term, edition).map_err(|_| overlap())?;
            }
            "online-flags/1" => {
                let flags = OnlineFlags::load(file)?;
                if self.discharge.flags_of(&flags.instrument.id).is_some() {
                    return Err(overlap());
                }
                self.discharge.flags.push(flags);
            }
            "online-transmission/1" => {
                self.discharge.transmission.add(term, TransmissionRule::load(file)?).map_err(|_| overlap())?;
            }
            "litter/1" => self.litter.tables.add(term, LitterTables::load(file)?).map_err(|_| overlap())?,
            "litter-index/1" => {
                self.litter.clean_coast.add(term, CleanCoastIndex::load(file)?).map_err(|_| overlap())?;
            }
            "ghg-fuel/1" => self.ghg.fuels.add(term, FuelFactors::load(file)?).map_err(|_| overlap())?,
            "ghg-coal-equivalent/1" => {
                self.ghg.coal_equivalents.add(term, CoalEquivalents::load(file)?).map_err(|_| overlap())?;
            }
            "ghg-grid/1" => {
                let factors = GridFactors::load(file)?;
                let year = factors.year;
                if self.ghg.grid.insert(year, factors).is_some() {
                    return Err(file.error("year", "该年的因子重复", "the factors of this year stand twice"));
                }
            }
            "rounding/1" | "catalogue/1" => {}
            unknown => {
                return Err(file.error(
                    "schema",
                    &format!("不认识的表格类型“{unknown}”"),
                    &format!("the schema “{unknown}” is not known"),
                ));
            }
        }
        self.instruments.push((head.instrument, file.path.clone()));
        Ok(())
    }
}

/// What every file of norms starts with.
#[derive(serde::Deserialize)]
struct Head {
    schema: String,
    instrument: Instrument,
}
