//! Stations: on the map, as cards, series and calendars.

use super::{Answer, Office, OfficeError, cut, rfc3339};
use crate::air_view::AirView;
use crate::answers;
use lake::{Cell, Limits, Parameter, Station};
use norms::air::{AirDay, AirIndex, Indexed, Pollutant, StationHours, judge_hour};
use norms::{Day, Hour, Month, Rounded};
use std::collections::BTreeMap;

/// Hours of a card's trend and coverage.
const CARD_HOURS: i32 = 24;
/// Groups of a super-station's card, by the groups of the table of parameters.
const SPECIATION: [(&str, &str, &str); 3] =
    [("voc", "挥发性有机物", "VOCs"), ("ion", "水溶性离子", "Ions"), ("carbon", "碳组分", "Carbon")];
/// Hits that a search gives.
const HITS_MAX: usize = 50;

impl Office {
    /// Every station with its judged hour; of the newest hour when none is asked for.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn stations_at(&self, at: Option<Hour>) -> Answer<answers::StationsAt> {
        let view = self.view().await?;
        let at = at.or(view.first_last.map(|(_, last)| last));
        let mut features = Vec::new();
        for station in view.stations.values() {
            let place = station.lon.zip(station.lat);
            features.push(answers::StationFeature {
                kind: "Feature".to_owned(),
                geometry: place.map(|(lon, lat)| answers::Point { kind: "Point".to_owned(), coordinates: [lon, lat] }),
                properties: self.station_now(&view, station, at),
            });
        }
        let synthetic = features.iter().any(|feature| feature.properties.simulated);
        Ok(answers::StationsAt { kind: "FeatureCollection".to_owned(), synthetic, features })
    }

    fn station_now(&self, view: &AirView, station: &Station, at: Option<Hour>) -> answers::StationNow {
        let judged = at.and_then(|hour| self.judged_hour(view, &station.station, hour));
        let index = at.and_then(|hour| self.index_on(hour.day()));
        let indexed = judged.unwrap_or_default();
        let has_values = judged.is_some();
        let simulated = at.is_some_and(|hour| view.is_simulated(&station.station, hour));
        let category = index.zip(indexed.aqi).and_then(|(index, aqi)| index.category(aqi));
        answers::StationNow {
            station: station.station.clone(),
            name_zh: station.name_zh.clone(),
            name_en: station.name_en.clone(),
            kind: station.kind.clone(),
            district: (!station.district.is_empty()).then(|| station.district.clone()),
            evaluated: station.evaluated,
            source: source_now(station, has_values, simulated),
            simulated: simulated && has_values || station.source == crate::import::SIMULATED,
            time: at.map(rfc3339).unwrap_or_default(),
            edition: index.map(|index| index.instrument.id.clone()),
            aqi: indexed.aqi.map(u32::from),
            aqi_available: indexed.aqi_available.map(u32::from),
            category: category.map(|category| category.category.clone()),
            level: category.map(|category| category.level),
            primary: names(indexed, indexed.aqi.is_some()),
            values: index.map(|index| values(index, &indexed)).unwrap_or_default(),
            missing: indexed.missing.iter().map(|pollutant| pollutant.name().to_owned()).collect(),
        }
    }

    /// The judged hour of a station; `None` when it has no row.
    fn judged_hour(&self, view: &AirView, station: &str, hour: Hour) -> Option<Indexed> {
        let hours = view.hours.get(station).filter(|hours| hours.has(hour))?;
        judge_hour(&self.library.norms.air, &[hours], hour, None).map(|judged| judged.indexed)
    }

    /// Level and value of every station for each hour of a span; for the time slider.
    ///
    /// # Errors
    /// When `what` is neither `aqi` nor one of the six pollutants.
    pub async fn frames(&self, from: Hour, to: Hour, what: &str) -> Answer<answers::Frames> {
        let pollutant = match what {
            "" | "aqi" => None,
            name => Some(Pollutant::from_name(name).ok_or_else(|| OfficeError::Bad {
                field: "what".to_owned(),
                zh: "只能是 aqi 或六项污染物之一".to_owned(),
                en: "aqi or one of the six pollutants is wanted".to_owned(),
            })?),
        };
        let view = self.view().await?;
        let mut frames = answers::Frames {
            times: Vec::new(),
            stations: view.stations.keys().cloned().collect(),
            level: Vec::new(),
            value: Vec::new(),
            synthetic: view.stations.keys().any(|station| view.any_simulated(station, from, to)),
        };
        for hour in (from.0..=to.0).map(Hour) {
            let index = self.index_on(hour.day());
            let cell = |station: &String| {
                let indexed = self.judged_hour(&view, station, hour)?;
                let index = index?;
                let (iaqi, value) = match pollutant {
                    None => (indexed.aqi, indexed.aqi.map(f64::from)),
                    Some(pollutant) => {
                        let number = pollutant.number();
                        (indexed.iaqi[number], value(index, &indexed, pollutant))
                    }
                };
                Some((iaqi.and_then(|iaqi| index.category(iaqi)).map(|category| category.level), value))
            };
            let cells: Vec<_> = view.stations.keys().map(cell).collect();
            frames.times.push(rfc3339(hour));
            frames.level.push(cells.iter().map(|cell| cell.and_then(|(level, _)| level)).collect());
            frames.value.push(cells.iter().map(|cell| cell.and_then(|(_, value)| value)).collect());
        }
        Ok(frames)
    }

    /// Stations whose code or name holds a text.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn search(&self, q: &str) -> Answer<answers::StationHits> {
        let view = self.view().await?;
        let wanted = q.trim().to_lowercase();
        let holds = |station: &&Station| {
            [&station.station, &station.name_zh, &station.name_en]
                .iter()
                .any(|name| name.to_lowercase().contains(&wanted))
        };
        let hits = view.stations.values().filter(holds).map(|station| answers::StationHit {
            station: station.station.clone(),
            name_zh: station.name_zh.clone(),
            name_en: station.name_en.clone(),
            kind: station.kind.clone(),
            district: (!station.district.is_empty()).then(|| station.district.clone()),
            lon: station.lon,
            lat: station.lat,
            simulated: station.source == crate::import::SIMULATED,
        });
        Ok(answers::StationHits { items: hits.take(HITS_MAX).collect() })
    }

    fn station<'a>(&self, view: &'a AirView, code: &str) -> Answer<&'a Station> {
        view.stations.get(code).ok_or_else(|| OfficeError::NotFound {
            zh: format!("没有站点{}", cut(code)),
            en: format!("there is no station {}", cut(code)),
        })
    }

    /// The card of a station.
    ///
    /// # Errors
    /// When there is no such station.
    pub async fn card(&self, code: &str, at: Option<Hour>) -> Answer<answers::Card> {
        let view = self.view().await?;
        let station = self.station(&view, code)?;
        let newest = view.hours.get(code).and_then(|hours| hours.hours().last());
        let at = at.or(newest).or(view.first_last.map(|(_, last)| last)).unwrap_or(super::today().hour(0));
        let now = self.station_now(&view, station, Some(at));
        let indexed = self.judged_hour(&view, code, at).unwrap_or_default();
        let index = self.index_on(at.day());
        let category = index.zip(indexed.aqi).and_then(|(index, aqi)| index.category(aqi));
        let available = index.zip(indexed.aqi_available).and_then(|(index, aqi)| index.category(aqi));
        let last_hours = (at.0 - CARD_HOURS + 1..=at.0).map(Hour);
        let trend: Vec<answers::TrendPoint> = last_hours
            .clone()
            .map(|hour| {
                let aqi = self.judged_hour(&view, code, hour).and_then(|indexed| indexed.aqi);
                let level = self.index_on(hour.day()).zip(aqi).and_then(|(index, aqi)| index.category(aqi));
                answers::TrendPoint {
                    time: rfc3339(hour),
                    aqi: aqi.map(u32::from),
                    level: level.map(|category| category.level),
                }
            })
            .collect();
        let has_value = |hours: &StationHours, hour| {
            Pollutant::ALL.into_iter().any(|pollutant| hours.value(hour, pollutant).is_some())
        };
        let present = view.hours.get(code).map_or(0, |hours| last_hours.filter(|&hour| has_value(hours, hour)).count());
        let card_values = Pollutant::ALL.into_iter().filter_map(|pollutant| {
            let named = self.library.norms.parameters.find("air", pollutant.name())?;
            let iaqi = indexed.iaqi[pollutant.number()];
            Some(answers::CardValue {
                parameter: named.parameter.clone(),
                name_zh: named.name_zh.clone(),
                name_en: named.name_en.clone(),
                unit: named.unit.clone(),
                value: index.and_then(|index| value(index, &indexed, pollutant)),
                iaqi: iaqi.map(u32::from),
                level: index.zip(iaqi).and_then(|(index, iaqi)| index.category(iaqi)).map(|category| category.level),
            })
        });
        let values = card_values.collect();
        let extra = self.extra_values(&view, station, at).await?;
        Ok(answers::Card {
            station: register(station),
            time: rfc3339(at),
            edition: now.edition,
            aqi: now.aqi,
            category: now.category,
            level: now.level,
            color: category.map(|category| category.hex.clone()),
            primary: now.primary,
            aqi_available: now.aqi_available,
            category_available: available.map(|category| category.category.clone()),
            missing: now.missing,
            values,
            coverage: answers::Coverage { present: present as u32, expected: CARD_HOURS as u32 },
            trend,
            day: view.day(code, at.day()).and_then(|day| self.day_of(day)),
            speciation: (station.kind == "super").then(|| self.speciation(&extra, at)),
            increment: (station.kind == "roadside").then(|| self.increment(&view, &indexed, index, &extra, at)),
            synthetic: now.simulated || view.any_simulated(code, Hour(at.0 - CARD_HOURS + 1), at),
            source: now.source,
            accuracy_note_zh: None,
            accuracy_note_en: None,
        })
    }

    /// Values of an hour beyond the six pollutants.
    async fn extra_values(
        &self,
        _view: &AirView,
        station: &Station,
        at: Hour,
    ) -> anyhow::Result<BTreeMap<String, f64>> {
        if !matches!(station.kind.as_str(), "super" | "roadside") {
            return Ok(BTreeMap::new());
        }
        let sql = "SELECT parameter, value FROM observation WHERE city = $city AND medium = 'air' AND station = $station \
                   AND month = $month AND time = $time AND period = 'hour' AND flag = '' AND value IS NOT NULL";
        let bound = [
            ("city", Parameter::Text(self.folder.pack.city.code.clone())),
            ("station", Parameter::Text(station.station.clone())),
            ("month", Parameter::Text(at.day().month().to_string())),
            ("time", Parameter::Instant(at.end_micros_utc())),
        ];
        let rows = self.folder.lake.session(Limits::OWN).await?.ask(sql, &bound).await?.rows().await?;
        Ok(rows.iter().filter_map(|row| Some((row[0].to_string(), row[1].as_number()?))).collect())
    }

    fn speciation(&self, extra: &BTreeMap<String, f64>, at: Hour) -> answers::Speciation {
        let groups = SPECIATION.into_iter().map(|(id, name_zh, name_en)| {
            let members: Vec<_> =
                self.library.norms.parameters.iter().filter(|parameter| parameter.group == id).collect();
            let values: Vec<f64> = members.iter().filter_map(|member| extra.get(&member.parameter).copied()).collect();
            let total = (!values.is_empty()).then(|| (values.iter().sum::<f64>() * 100.0).round() / 100.0);
            answers::SpeciationGroup {
                id: id.to_owned(),
                name_zh: name_zh.to_owned(),
                name_en: name_en.to_owned(),
                unit: members.first().map(|member| member.unit.clone()).unwrap_or_default(),
                total,
                items: members
                    .iter()
                    .map(|member| answers::SpeciationItem {
                        parameter: member.parameter.clone(),
                        name_zh: member.name_zh.clone(),
                        name_en: member.name_en.clone(),
                        value: extra.get(&member.parameter).copied(),
                    })
                    .collect(),
            }
        });
        answers::Speciation { time: rfc3339(at), groups: groups.collect() }
    }

    /// A roadside station over the mean of the city's evaluated stations of the same hour.
    fn increment(
        &self,
        view: &AirView,
        indexed: &Indexed,
        index: Option<&AirIndex>,
        extra: &BTreeMap<String, f64>,
        at: Hour,
    ) -> answers::Increment {
        let background: Vec<&str> = view
            .stations
            .values()
            .map(|station| station.station.as_str())
            .filter(|code| {
                view.is_evaluated(code, at.day()) && view.hours.get(*code).is_some_and(|hours| hours.has(at))
            })
            .collect();
        let hours: Vec<&StationHours> = background.iter().filter_map(|code| view.hours.get(*code)).collect();
        let behind = judge_hour(&self.library.norms.air, &hours, at, None).map(|judged| judged.indexed);
        let items = Pollutant::ALL.into_iter().filter_map(|pollutant| {
            let named = self.library.norms.parameters.find("air", pollutant.name())?;
            let index = index?;
            let own = indexed.concentration[pollutant.number()];
            let city = behind.and_then(|behind| behind.concentration[pollutant.number()]);
            let decimals = index.decimals[pollutant.number()];
            let number = |units: Option<i64>| units.map(|units| Rounded { units, decimals }.to_f64());
            Some(answers::IncrementItem {
                parameter: named.parameter.clone(),
                name_zh: named.name_zh.clone(),
                name_en: named.name_en.clone(),
                unit: named.unit.clone(),
                value: number(own),
                background: number(city),
                increment: number(own.zip(city).map(|(own, city)| own - city)),
            })
        });
        let traffic =
            self.library.norms.parameters.find("air", "TRAFFIC").map(|parameter| answers::Traffic {
                value: extra.get("TRAFFIC").copied(),
                unit: parameter.unit.clone(),
            });
        answers::Increment {
            background: background.iter().map(|&code| code.to_owned()).collect(),
            items: items.collect(),
            traffic,
        }
    }

    /// Hourly values of parameters over a span; hours without a value are null.
    ///
    /// # Errors
    /// When there is no such station or parameter.
    pub async fn hours(&self, code: &str, from: Hour, to: Hour, parameters: &[String]) -> Answer<answers::Series> {
        let view = self.view().await?;
        self.station(&view, code)?;
        let count = usize::try_from(to.0 - from.0 + 1).unwrap_or(0);
        let mut series = Vec::new();
        for name in parameters {
            let named = self.library.norms.parameters.find("air", name).filter(|named| named.is_of("air"));
            let named = named.ok_or_else(|| OfficeError::Bad {
                field: "parameter".to_owned(),
                zh: format!("没有项目{}", cut(name)),
                en: format!("there is no parameter {}", cut(name)),
            })?;
            let (mut values, mut flags) = (vec![None; count], vec![None; count]);
            let sql = "SELECT time, value, flag FROM observation WHERE city = $city AND medium = 'air' \
                       AND station = $station AND parameter = $parameter AND period = 'hour' \
                       AND month >= $first AND month <= $last AND time >= $from AND time <= $to";
            let bound = [
                ("city", Parameter::Text(self.folder.pack.city.code.clone())),
                ("station", Parameter::Text(code.to_owned())),
                ("parameter", Parameter::Text(named.parameter.clone())),
                ("first", Parameter::Text(from.day().month().to_string())),
                ("last", Parameter::Text(to.day().month().to_string())),
                ("from", Parameter::Instant(from.end_micros_utc())),
                ("to", Parameter::Instant(to.end_micros_utc())),
            ];
            for row in self.folder.lake.session(Limits::OWN).await?.ask(sql, &bound).await?.rows().await? {
                let Some(Cell::Instant(time)) = row.first() else { continue };
                let place = Hour::from_end_micros_utc(*time).and_then(|hour| usize::try_from(hour.0 - from.0).ok());
                let Some(place) = place.filter(|&place| place < count) else { continue };
                let flag = row[2].to_string();
                // A flagged value does not count, and is no point of a line.
                values[place] = row[1].as_number().filter(|_| flag.is_empty());
                flags[place] = Some(flag).filter(|flag| !flag.is_empty());
            }
            series.push(answers::SeriesItem {
                parameter: named.parameter.clone(),
                name_zh: named.name_zh.clone(),
                name_en: named.name_en.clone(),
                unit: named.unit.clone(),
                values,
                flags,
            });
        }
        Ok(answers::Series {
            station: code.to_owned(),
            times: (from.0..=to.0).map(Hour).map(rfc3339).collect(),
            series,
            synthetic: view.any_simulated(code, from, to),
        })
    }

    /// The judged days of a month.
    ///
    /// # Errors
    /// When there is no such station.
    pub async fn days(&self, code: &str, month: Month) -> Answer<answers::MonthDays> {
        let view = self.view().await?;
        self.station(&view, code)?;
        let first = month.first();
        let days = (0..month.days() as i32).map(|number| {
            let day = Day(first.0 + number);
            view.day(code, day).and_then(|judged| self.day_of(judged)).unwrap_or_else(|| answers::DayJudgement {
                date: day.to_string(),
                aqi: None,
                category: None,
                level: None,
                primary: Vec::new(),
                valid: false,
                values: BTreeMap::new(),
            })
        });
        let (from, to) = (first.hour(0), Month(month.0 + 1).first().hour(-1));
        Ok(answers::MonthDays {
            month: month.to_string(),
            days: days.collect(),
            synthetic: view.any_simulated(code, from, to),
        })
    }

    fn day_of(&self, day: &AirDay) -> Option<answers::DayJudgement> {
        let index = self.index_on(day.day)?;
        let category = day.indexed.aqi.and_then(|aqi| index.category(aqi));
        Some(answers::DayJudgement {
            date: day.day.to_string(),
            aqi: day.indexed.aqi.map(u32::from),
            category: category.map(|category| category.category.clone()),
            level: category.map(|category| category.level),
            primary: names(day.indexed, day.indexed.aqi.is_some()),
            valid: day.indexed.aqi.is_some(),
            values: values(index, &day.indexed),
        })
    }
}

fn source_now(station: &Station, has_values: bool, simulated: bool) -> String {
    match (has_values, simulated) {
        (true, true) => crate::import::SIMULATED.to_owned(),
        (true, false) if station.source == crate::import::SIMULATED => "measured".to_owned(),
        _ => station.source.clone(),
    }
}

fn register(station: &Station) -> answers::CardStation {
    answers::CardStation {
        station: station.station.clone(),
        name_zh: station.name_zh.clone(),
        name_en: station.name_en.clone(),
        city: station.city.clone(),
        district: (!station.district.is_empty()).then(|| station.district.clone()),
        medium: station.medium.clone(),
        kind: station.kind.clone(),
        lon: station.lon,
        lat: station.lat,
        evaluated: station.evaluated,
        from: station.valid_from.map(|day| day.to_string()).unwrap_or_default(),
        to: station.valid_to.map(|day| day.to_string()),
        source: station.source.clone(),
        simulated: station.source == crate::import::SIMULATED,
    }
}

fn names(indexed: Indexed, published: bool) -> Vec<String> {
    let primary = if published { indexed.primary } else { norms::air::PollutantSet::default() };
    primary.iter().map(|pollutant| pollutant.name().to_owned()).collect()
}

fn value(index: &AirIndex, indexed: &Indexed, pollutant: Pollutant) -> Option<f64> {
    let number = pollutant.number();
    indexed.concentration[number].map(|units| Rounded { units, decimals: index.decimals[number] }.to_f64())
}

fn values(index: &AirIndex, indexed: &Indexed) -> BTreeMap<String, Option<f64>> {
    Pollutant::ALL
        .into_iter()
        .map(|pollutant| (pollutant.name().to_owned(), value(index, indexed, pollutant)))
        .collect()
}
