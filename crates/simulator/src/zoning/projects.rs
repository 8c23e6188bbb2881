//! Made-up projects for screening in bulk: any number from a seed, each by its number alone.

use super::industry::Industries;
use super::mesh::{Mesh, Pattern};
use super::outline::Outline;
use super::place::Place;
use super::shapes::blob;
use super::{Error, Model, Sources, files::csv_line};
use crate::dice::Dice;

/// Facts of a project in the order of their columns.
pub const FACTS: [&str; 41] = [
    "kind",
    "industry",
    "processes",
    "boilers",
    "industrial",
    "two_high",
    "regional_reduction_plan",
    "capacity_swap_needed",
    "capacity_swap_done",
    "captive_coal_power",
    "building_use",
    "dedicated_flue",
    "adjacent_floor_residential",
    "catering_fume",
    "land_use_to",
    "soil_survey",
    "soil_risk_industry",
    "limited_human_activity",
    "water_supply_facility",
    "discharges_pollutants",
    "new_outfall",
    "has_rinse_process",
    "rinse_method",
    "delta_cod_t",
    "offset_cod_t",
    "delta_nh3n_t",
    "offset_nh3n_t",
    "delta_tp_t",
    "offset_tp_t",
    "delta_voc_t",
    "offset_voc_t",
    "low_voc_share",
    "emits_noise",
    "noise_day_db",
    "noise_night_db",
    "hazardous_process",
    "waste_incineration",
    "risk_q",
    "municipal_works",
    "regional_list_conform",
    "national_major_project",
];

/// Facts of works at sea; on land they are known to be nothing.
const SEA_FACTS: [&str; 4] =
    ["reclamation_ha", "natural_shoreline_used_m", "shoreline_compensated", "underwater_noise_work"];

/// What the places of projects are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `lon,lat`: points alone.
    Points,
    /// `wkt`: seven of ten are points, two parcels, one a line.
    Mixed,
}

/// A source of made-up projects.
#[derive(Debug, Clone)]
pub struct Projects {
    /// South-west corner of each cell of the city and whether it is at sea.
    cells: Vec<(Place, bool)>,
    industries: Industries,
    seed: u64,
    /// Side of a cell in steps.
    side: f64,
    /// Chance that a fact is not told.
    hidden: f64,
}

impl Projects {
    /// Prepares the source. `hidden` is the chance, 0 to 1, that a fact is not told.
    ///
    /// # Errors
    /// When model and outline do not fit.
    pub fn new(model: &Model, sources: Sources<'_>, seed: u64, hidden: f64) -> Result<Projects, Error> {
        let outline = Outline::parse(sources.outline, &model.sea_limit)?;
        let pattern = Pattern { name: "projects", extent: model.extent, cell: model.cell, bends: 1, drawn: false };
        let mesh = Mesh::new(&pattern, &outline, seed);
        let side = model.cell * super::place::STEPS;
        let corner = |middle: Place| Place { x: middle.x - (side / 2.0) as i64, y: middle.y - (side / 2.0) as i64 };
        let cells = mesh.cells().map(|(cell, owner)| (corner(mesh.middle(cell)), owner.sea)).collect();
        let industries = Industries::draw(sources.industries, &model.tables, model.seed)?;
        Ok(Projects { cells, industries, seed, side, hidden })
    }

    /// The first line of a table of projects.
    #[must_use]
    pub fn header(form: Form) -> String {
        let place: &[&str] = match form {
            Form::Points => &["id", "lon", "lat"],
            Form::Mixed => &["id", "wkt"],
        };
        csv_line(&[place, &FACTS, &SEA_FACTS].concat())
    }

    /// The line of project `number`; the same whatever was asked for before.
    #[must_use]
    pub fn line(&self, number: u64, form: Form) -> String {
        let mut dice = Dice::new(self.seed, &format!("project {number}"));
        let at = (dice.uniform() * self.cells.len() as f64) as usize;
        let (corner, sea) = self.cells.get(at).copied().unwrap_or((Place { x: 0, y: 0 }, false));
        let shift = |dice: &mut Dice| (dice.uniform() * self.side) as i64;
        // Whole steps of 1e-7 degree, as a surveyor would hand in.
        let round = |value: i64| value / 100 * 100;
        let place = Place { x: round(corner.x + shift(&mut dice)), y: round(corner.y + shift(&mut dice)) };
        let id = format!("S{number:07}");
        let mut cells = vec![id];
        match form {
            Form::Points => {
                let mut text = String::new();
                place.write(&mut text, ',');
                cells.extend(text.split(',').map(str::to_owned));
            }
            Form::Mixed => cells.push(wkt(place, &mut dice)),
        }
        self.facts(sea, &mut dice, &mut cells);
        csv_line(&cells.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn facts(&self, sea: bool, dice: &mut Dice, cells: &mut Vec<String>) {
        let at = (dice.uniform() * self.industries.chosen.len() as f64) as usize;
        let (code, hazard) = self.industries.chosen.get(at).map_or(("", 0), |one| (one.code.as_str(), one.hazard));
        let factory = code.starts_with('C') || code.starts_with('D');
        let fumes = code.starts_with("H62");
        for fact in FACTS {
            let value = match fact {
                "kind" => one_of(dice, &["new", "new", "new", "new", "expand", "expand", "rebuild"]).to_owned(),
                "industry" => code.to_owned(),
                "processes" if factory => {
                    one_of(dice, &["[]", "[]", "[]", "[\"coating\"]", "[\"printing\"]", "[\"electroplating\"]"])
                        .to_owned()
                }
                "processes" => "[]".to_owned(),
                "boilers" if factory && dice.chance(0.15) => {
                    let fuel = one_of(dice, &["gas", "gas", "gas", "biomass", "coal", "heavy_oil"]);
                    let size = one_of(dice, &["4", "10", "20", "35", "65"]);
                    format!("[{{\"fuel\":\"{fuel}\",\"t_h\":{size}}}]")
                }
                "boilers" => "[]".to_owned(),
                "building_use" => {
                    one_of(dice, &["office", "commercial", "mixed", "residential", "industrial"]).to_owned()
                }
                "land_use_to" => {
                    one_of(dice, &["unchanged", "unchanged", "industrial", "residential", "public"]).to_owned()
                }
                "soil_survey" => one_of(dice, &["none", "none", "ongoing", "passed"]).to_owned(),
                "rinse_method" => one_of(dice, &["none", "single", "counter_current", "membrane_reuse"]).to_owned(),
                "industrial" | "emits_noise" => factory.to_string(),
                "catering_fume" => fumes.to_string(),
                "discharges_pollutants" => (factory && dice.chance(0.6)).to_string(),
                "hazardous_process" | "two_high" | "soil_risk_industry" => (hazard > 2 && dice.chance(0.4)).to_string(),
                "waste_incineration" => matches!(code, "D4417" | "N7820").to_string(),
                "has_rinse_process" => (hazard > 1 && dice.chance(0.3)).to_string(),
                "low_voc_share" => one_of(dice, &["1", "0.9", "0.7", "0.6", "0.55", "0.3"]).to_owned(),
                "noise_day_db" => one_of(dice, &["45", "48", "50", "54", "58"]).to_owned(),
                "noise_night_db" => one_of(dice, &["38", "40", "43", "47"]).to_owned(),
                "risk_q" if hazard > 1 => one_of(dice, &["0.1", "0.4", "1", "3"]).to_owned(),
                "risk_q" => "0".to_owned(),
                _ if fact.starts_with("delta_") || fact.starts_with("offset_") => {
                    let most = if factory && dice.chance(0.3) { 6.0 } else { 0.0 };
                    format!("{:.2}", dice.uniform() * most)
                }
                _ => dice.chance(0.06).to_string(),
            };
            cells.push(if dice.chance(self.hidden) { String::new() } else { value });
        }
        for fact in SEA_FACTS {
            let works = sea && dice.chance(0.2);
            cells.push(match fact {
                "reclamation_ha" | "natural_shoreline_used_m" if works => format!("{:.1}", dice.uniform() * 20.0),
                "reclamation_ha" | "natural_shoreline_used_m" => "0".to_owned(),
                _ => works.to_string(),
            });
        }
    }
}

fn one_of<'a>(dice: &mut Dice, words: &[&'a str]) -> &'a str {
    words[(dice.uniform() * words.len() as f64) as usize % words.len()]
}

fn wkt(place: Place, dice: &mut Dice) -> String {
    let lot = dice.uniform();
    let pairs = |ring: &[Place]| {
        let mut text = String::new();
        for (index, place) in ring.iter().enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            place.write(&mut text, ' ');
        }
        text
    };
    if lot < 0.7 {
        return format!("POINT ({})", pairs(&[place]));
    }
    if lot < 0.9 {
        let radius = dice.between(20.0, 150.0);
        let mut ring = blob(place, radius, dice).rings.swap_remove(0);
        ring.extend(ring.first().copied());
        return format!("POLYGON (({}))", pairs(&ring));
    }
    let mut line = vec![place];
    let (mut east, mut north) = (0.0, 0.0);
    for _ in 0..3 {
        east += dice.between(40.0, 200.0);
        north += dice.between(-120.0, 120.0);
        line.push(place.moved(east, north));
    }
    format!("LINESTRING ({})", pairs(&line))
}
