//! The true air at one site: the town's air weighed by the site, the street, and fast reactions.
//!
//! Nitric oxide eats ozone in minutes and light gives it back; the hourly state is their balance.
//! Particles are kept as a list of what they are made of, so that mass and species always agree.

use crate::dice::{Dice, Wander};
use crate::model::{Model, Site};
use crate::row::Parameter;
use crate::sources::Air;

/// µg/m³ of 1 ppb at 25 °C and 1013 hPa.
const OZONE_PER_PPB: f64 = 1.96;
/// The same for NO2.
const NO2_PER_PPB: f64 = 1.88;
/// The same for NO.
const NO_PER_PPB: f64 = 1.23;

/// True values at a site in one hour, by parameter.
#[derive(Debug, Clone)]
pub(crate) struct Sample([f64; Parameter::ALL.len()]);

impl Sample {
    pub(crate) fn get(&self, parameter: Parameter) -> f64 {
        self.0[parameter as usize]
    }

    fn set(&mut self, parameter: Parameter, value: f64) {
        self.0[parameter as usize] = value;
    }
}

/// What fine particles are made of, µg/m³.
#[derive(Debug, Clone, Copy, Default)]
struct Fine {
    so4: f64,
    no3: f64,
    nh4: f64,
    cl: f64,
    na: f64,
    k: f64,
    mg: f64,
    ca: f64,
    om: f64,
    ec: f64,
    other: f64,
}

impl Fine {
    fn mass(&self) -> f64 {
        let ions = self.so4 + self.no3 + self.nh4 + self.cl + self.na + self.k + self.mg + self.ca;
        ions + self.om + self.ec + self.other
    }

    /// Adds secondary particles; ammonium balances the acids, cold air keeps more nitrate.
    fn add_secondary(&mut self, mass: f64, shares: [f64; 5], nitrate_left: f64) {
        let [so4, no3, om, ec, other] = shares;
        let no3 = no3 * nitrate_left;
        let nh4 = 0.36 * so4 + 0.29 * no3;
        let unit = mass / (so4 + no3 + nh4 + om + ec + other);
        self.so4 += so4 * unit;
        self.no3 += no3 * unit;
        self.nh4 += nh4 * unit;
        self.om += om * unit;
        self.ec += ec * unit;
        self.other += other * unit;
    }

    /// Adds dried sea salt; a fifth is water that the salt holds.
    fn add_sea_salt(&mut self, mass: f64) {
        self.cl += 0.42 * mass;
        self.na += 0.25 * mass;
        self.so4 += 0.06 * mass;
        self.mg += 0.03 * mass;
        self.ca += 0.01 * mass;
        self.k += 0.01 * mass;
        self.other += 0.22 * mass;
    }

    fn add_mineral(&mut self, mass: f64) {
        self.ca += 0.07 * mass;
        self.mg += 0.012 * mass;
        self.k += 0.015 * mass;
        self.na += 0.008 * mass;
        self.other += 0.895 * mass;
    }
}

/// Makes the true values of one site, hour after hour.
#[derive(Debug)]
pub(crate) struct SiteAir {
    site: Site,
    dice: Dice,
    burning: Wander,
    dusting: Wander,
    haze: Wander,
    ozone: Wander,
    counting: Wander,
}

impl SiteAir {
    pub(crate) fn new(station: &str, site: &Site, seed: u64) -> SiteAir {
        let mut dice = Dice::new(seed, &format!("site {station}"));
        SiteAir {
            site: site.clone(),
            burning: Wander::new(4.0, &mut dice),
            dusting: Wander::new(6.0, &mut dice),
            haze: Wander::new(10.0, &mut dice),
            ozone: Wander::new(8.0, &mut dice),
            counting: Wander::new(5.0, &mut dice),
            dice,
        }
    }

    /// Returns the true values of the next hour; to be called for every hour in order.
    pub(crate) fn step(&mut self, model: &Model, air: &Air) -> Sample {
        let hour = &air.hour;
        let year = &model.year[hour.year];
        let (background, chemistry) = (&model.background, &model.chemistry);
        let burning = (0.16 * self.burning.step(&mut self.dice)).exp();
        let dusting = (0.20 * self.dusting.step(&mut self.dice)).exp();
        let haze = (0.05 * self.haze.step(&mut self.dice)).exp();
        let ozone = (0.03 * self.ozone.step(&mut self.dice)).exp();
        let counting = (0.05 * self.counting.step(&mut self.dice)).exp();

        let weights = self.site.sources.array();
        let mut load: [f64; 5] = std::array::from_fn(|index| air.tracers[index] * weights[index] * burning);
        if let Some(bearing) = self.site.port_bearing {
            load[2] *= 1.0 + 0.7 * (hour.wind_from - bearing).to_radians().cos();
        }
        load[3] *= dusting / burning;

        let mut nox = background.nox;
        let mut so2 = background.so2 * year.sulphur;
        let mut co = air.carbon_monoxide;
        let mut voc = background.voc;
        let mut fine = Fine::default();
        let mut mineral = 0.0;
        let mut coarse = 0.0;
        for (source, load) in model.sources().zip(load) {
            nox += source.nox * load;
            so2 += source.so2 * load * year.sulphur;
            co += source.co * load;
            for (all, one) in voc.iter_mut().zip(source.voc) {
                *all += one * load;
            }
            let kept = 0.4 + 0.6 * air.unwashed;
            fine.om += source.om * load * kept;
            fine.ec += source.ec * load * kept;
            mineral += source.mineral * load * kept;
            coarse += source.coarse * load * kept;
        }
        // Small burning gives potassium.
        fine.k += 0.03 * model.source.get("domestic").map_or(0.0, |source| source.om * load[4]);

        let mut vehicles = 0.0;
        let mut fresh = 0.0;
        if let Some(street) = self.site.street {
            vehicles = street.vehicles * air.activity[0] * counting;
            let emission = &model.street;
            let weight = 1.0 + street.heavy * (emission.heavy_factor - 1.0);
            let at_kerb = vehicles / 1000.0 / (hour.wind / street.shelter + 0.8) * burning;
            let added = emission.nox * at_kerb * weight;
            nox += added;
            fresh = added * (1.0 - emission.reacted) / NO2_PER_PPB;
            co += emission.co * at_kerb;
            fine.ec += 0.35 * emission.pm25 * at_kerb * weight;
            fine.om += 0.35 * emission.pm25 * at_kerb * weight;
            mineral += 0.30 * emission.pm25 * at_kerb * weight;
            coarse += emission.coarse * at_kerb * air.unwashed;
        }

        let nitrate_left = chemistry.nitrate_per_degree.powf((hour.temperature - 10.0).max(0.0));
        let regional = air.regional * self.site.regional * haze;
        fine.add_secondary(regional, chemistry.regional_shares, nitrate_left);
        fine.add_secondary(air.secondary * haze, chemistry.local_shares, nitrate_left);
        coarse += regional * background.coarse_ratio;
        let salt = air.sea_salt * self.site.sea * dusting;
        fine.add_sea_salt(salt * background.sea_salt_fine);
        coarse += salt;
        let sand = hour.sand * haze * air.unwashed;
        mineral += sand * model.dust_event.fine_share;
        coarse += sand * (1.0 - model.dust_event.fine_share);
        fine.add_mineral(mineral);

        let oxidant = (air.ozone + air.ozone_made * self.site.photochemistry) * ozone;
        // What has just left an exhaust has met no ozone yet and keeps the share it left with.
        let nox_ppb = nox / NO2_PER_PPB;
        let mixed = nox_ppb - fresh;
        let ox = oxidant + chemistry.no2_share * mixed;
        let balanced = balance(mixed, ox, chemistry.photostationary * hour.light);
        let no2_ppb = balanced + chemistry.no2_share * fresh;
        let ozone_ppb = ox - balanced;

        let mut sample = Sample([0.0; Parameter::ALL.len()]);
        let mass = fine.mass();
        for (parameter, value) in [
            (Parameter::So2, so2),
            (Parameter::No2, no2_ppb * NO2_PER_PPB),
            (Parameter::Pm10, mass + coarse),
            (Parameter::Pm25, mass),
            (Parameter::Co, co),
            (Parameter::O3, ozone_ppb * OZONE_PER_PPB),
            (Parameter::No, (nox_ppb - no2_ppb) * NO_PER_PPB),
            (Parameter::Nox, nox),
            (Parameter::Oc, fine.om / chemistry.om_to_oc),
            (Parameter::Ec, fine.ec),
            (Parameter::So4, fine.so4),
            (Parameter::No3, fine.no3),
            (Parameter::Nh4, fine.nh4),
            (Parameter::Cl, fine.cl),
            (Parameter::Na, fine.na),
            (Parameter::K, fine.k),
            (Parameter::Mg, fine.mg),
            (Parameter::Ca, fine.ca),
            (Parameter::Alkanes, voc[0]),
            (Parameter::Alkenes, voc[1] * (1.0 - 0.40 * hour.light)),
            (Parameter::Acetylene, voc[2]),
            (Parameter::Aromatics, voc[3] * (1.0 - 0.35 * hour.light)),
            (Parameter::Halocarbons, voc[4]),
            (Parameter::Ovocs, voc[5] * (1.0 + 0.90 * hour.light)),
            (Parameter::Temp, hour.temperature),
            (Parameter::Rh, hour.humidity),
            (Parameter::Ws, hour.wind),
            (Parameter::Wd, hour.wind_from),
            (Parameter::Rain, hour.rain),
            (Parameter::Traffic, vehicles),
        ] {
            sample.set(parameter, value);
        }
        sample
    }
}

/// Returns the NO2 (ppb) of the balance NO + O3 ⇌ NO2 at given NOx and Ox = O3 + NO2.
///
/// With `ratio` = j/k: (NOx − NO2)(Ox − NO2) = ratio · NO2. In the dark the scarcer of both is used up.
fn balance(nox: f64, ox: f64, ratio: f64) -> f64 {
    let sum = nox + ox + ratio;
    (sum - (sum * sum - 4.0 * nox * ox).max(0.0).sqrt()) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_eats_ozone_in_the_dark_and_light_gives_it_back() {
        assert!((balance(10.0, 40.0, 0.0) - 10.0).abs() < 1e-9);
        assert!((balance(60.0, 40.0, 0.0) - 40.0).abs() < 1e-9);
        let by_day = balance(10.0, 40.0, 15.0);
        assert!(by_day < 8.0);
        assert!(((10.0 - by_day) * (40.0 - by_day) - 15.0 * by_day).abs() < 1e-9);
    }

    #[test]
    fn species_add_up_to_the_mass() {
        let mut fine = Fine::default();
        fine.add_secondary(10.0, [0.3, 0.2, 0.25, 0.05, 0.2], 0.5);
        fine.add_sea_salt(2.0);
        fine.add_mineral(3.0);
        assert!((fine.mass() - 15.0).abs() < 1e-9);
    }
}
