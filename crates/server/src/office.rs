//! The office: every question that the page asks, answered from one city's data folder.

use crate::air_view::AirView;
use crate::answers::{self, Figure};
use crate::data_folder::{DataFolder, Kind};
use crate::figures::{Desk, FigureAnswer};
use crate::http::Visitor;
use crate::import::import;
use crate::norm_files::Library;
use crate::registry::Registry;
use anyhow::Context;
use exchange::{Findings, TableFormat, Target, TextTable};
use indicators::{Definition, Period, Piece, ValueRule, pieces};
use lake::Cell;
use norms::air::{AirIndex, Pollutant};
use norms::{Confidence, Day, Hour};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

mod papers;
mod station;

/// How long an answer may lag behind an import by another process.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Findings that an import report carries.
const FINDINGS_SHOWN: usize = 200;

/// Who publishes the made-up editions of the demo city.
const DEMO_ACTOR: &str = "demo";

/// The source of a register of stations that names none.
const REGISTER: &str = "register";

/// Why a question has no answer.
#[derive(Debug)]
pub enum OfficeError {
    /// There is no such thing.
    NotFound {
        /// What, in Chinese.
        zh: String,
        /// What, in English.
        en: String,
    },
    /// The question is wrong.
    Bad {
        /// Which part of it.
        field: String,
        /// Why, in Chinese.
        zh: String,
        /// Why, in English.
        en: String,
    },
    /// The file is not such a table: nothing of it was taken.
    Unreadable(Vec<answers::Finding>),
    /// Something failed here.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for OfficeError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

type Answer<T> = Result<T, OfficeError>;

/// One city's data, open for questions.
pub struct Office {
    folder: DataFolder,
    library: Arc<Library>,
    view: RwLock<Arc<AirView>>,
    looked: Mutex<Instant>,
    zoning: crate::zoning::desk::Desk,
    registry: Registry,
    /// Where people reach the pages, without a slash at the end.
    address: OnceLock<String>,
}

impl Office {
    /// Opens the office over a data folder.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn open(folder: DataFolder, library: Arc<Library>) -> anyhow::Result<Self> {
        let view = AirView::load(&folder, &library.norms, &folder.lake.versions().await?, false).await?;
        let place = folder.root.join("zoning");
        let zoning = crate::zoning::desk::Desk::open(&place, folder.pack.zoning_view.clone(), &library)?;
        let registry = Registry::open(&folder).await?;
        let office = Self {
            folder,
            library,
            view: RwLock::new(Arc::new(view)),
            looked: Mutex::new(Instant::now()),
            zoning,
            registry,
            address: OnceLock::new(),
        };
        office.look_at_editions().await?;
        Ok(office)
    }

    /// The business records.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Looks what the records say of the zoning editions. Those of the demo city are published at once.
    ///
    /// # Errors
    /// When the records cannot be read or written.
    pub async fn look_at_editions(&self) -> anyhow::Result<()> {
        let mut standings = self.registry.standings().await?;
        if self.folder.kind == Kind::Demo {
            let mut published = false;
            for edition in self.zoning.opened().into_iter().filter(|edition| !standings.contains_key(edition.id())) {
                self.registry.enter(edition, DEMO_ACTOR, "").await?;
                self.registry.publish(edition.id(), self.registry.act(DEMO_ACTOR), None).await?;
                published = true;
            }
            if published {
                standings = self.registry.standings().await?;
            }
        }
        if self.zoning.waits_for_folders(&standings) {
            self.zoning.open_new(&self.library)?;
        }
        self.zoning.hear(standings);
        Ok(())
    }

    /// Looks at the editions every few seconds, as long as it is polled: another process may publish or withdraw one.
    pub(crate) async fn keep_looking_at_editions(self: &Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            if let Err(error) = self.look_at_editions().await {
                tracing::error!(%error, "the editions on record cannot be read");
            }
            let office = Arc::clone(self);
            // It fails only when the program ends.
            let _ = tokio::task::spawn_blocking(move || office.zoning.make_ready()).await;
        }
    }

    /// Says where people reach the pages; what was said first stays.
    pub fn reached_at(&self, address: &str) {
        let _ = self.address.set(address.trim_end_matches('/').to_owned());
    }

    /// Where people reach the pages; empty when nobody said so.
    fn address(&self) -> &str {
        self.address.get().map_or("", String::as_str)
    }

    /// The city's own files.
    #[must_use]
    pub fn pack(&self) -> &crate::city::CityPack {
        &self.folder.pack
    }

    /// The zoning desk.
    #[must_use]
    pub const fn zoning(&self) -> &crate::zoning::desk::Desk {
        &self.zoning
    }

    /// The norms and field names that everything is read by.
    pub(crate) fn library(&self) -> &Library {
        &self.library
    }

    /// The judged air of the newest version, read again when somebody has written.
    async fn view(&self) -> anyhow::Result<Arc<AirView>> {
        let due = {
            let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
            let due = looked.elapsed() > LOOK_AGAIN;
            if due {
                *looked = Instant::now();
            }
            due
        };
        let current = self.judged();
        if due && self.folder.lake.versions().await? != current.versions {
            return self.reload().await;
        }
        Ok(current)
    }

    /// The judged air as it was last read.
    fn judged(&self) -> Arc<AirView> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn reload(&self) -> anyhow::Result<Arc<AirView>> {
        let versions = self.folder.lake.versions().await?;
        let view = Arc::new(AirView::load(&self.folder, &self.library.norms, &versions, false).await?);
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&view);
        Ok(view)
    }

    /// A text that changes whenever an answer may change.
    #[must_use]
    pub fn version_tag(&self) -> String {
        let versions = &self.judged().versions;
        format!("{}/{}/{versions}/{}", env!("CARGO_PKG_VERSION"), self.library.norms.hash, self.zoning.news())
    }

    fn index_on(&self, day: Day) -> Option<&AirIndex> {
        self.library.norms.air.index.on(day)
    }

    /// What this city is, which years it has, who asks.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub(crate) async fn meta(&self, visitor: &Visitor) -> Answer<answers::Meta> {
        let view = self.view().await?;
        let city = &self.folder.pack.city;
        let is_demo = view.has_simulated;
        let marks = view.measured_hours().into_iter().map(|hour| answers::TimeMark {
            time: rfc3339(hour),
            name_zh: "真实数据".to_owned(),
            name_en: "measured".to_owned(),
        });
        Ok(answers::Meta {
            product: "Yundang".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            city: answers::City {
                code: city.code.clone(),
                id: city.id.clone(),
                name_zh: city.name_zh.clone(),
                name_en: city.name_en.clone(),
                bureau_zh: city.bureau_zh.clone(),
                bureau_en: city.bureau_en.clone(),
            },
            kind: self.folder.kind.name().to_owned(),
            synthetic: is_demo,
            notice_zh: is_demo.then(|| city.demo.notice_zh.clone()),
            notice_en: is_demo.then(|| city.demo.notice_en.clone()),
            norms_hash: self.library.norms.hash.clone(),
            time: answers::MetaTime {
                first: view.first_last.map(|(first, _)| rfc3339(first)),
                last: view.first_last.map(|(_, last)| rfc3339(last)),
                default: view.first_last.map(|(_, last)| rfc3339(last)),
                marks: marks.collect(),
            },
            years: view.years(),
            counts: answers::Counts { stations: view.stations.len() as u64, observations: view.observations },
            user: visitor.described(),
        })
    }

    /// Categories, colours and breakpoints of the edition in force on a day, or of the newest data.
    ///
    /// # Errors
    /// When no edition is in force.
    pub async fn legend(&self, day: Option<Day>) -> Answer<answers::Legend> {
        let view = self.view().await?;
        let day = day.or(view.first_last.map(|(_, last)| last.day())).unwrap_or(today());
        let index = self.index_on(day).ok_or_else(|| no_edition(day))?;
        let item = |category: &norms::air::Category| answers::LegendItem {
            level: category.level,
            category: category.category.clone(),
            category_en: category.category_en.clone(),
            aqi_from: u32::from(category.aqi_from),
            aqi_to: u32::from(category.aqi_to),
            color: category.hex.clone(),
        };
        let report = index.report(norms::air::Level::Hour, None).context("no hourly report")?;
        let pollutants = Pollutant::ALL.into_iter().filter_map(|pollutant| {
            let entry = report.uses.iter().find(|entry| entry.pollutant == pollutant)?;
            let named = self.library.norms.parameters.find("air", pollutant.name())?;
            Some(answers::LegendPollutant {
                parameter: named.parameter.clone(),
                name_zh: named.name_zh.clone(),
                name_en: named.name_en.clone(),
                unit: named.unit.clone(),
                decimals: index.decimals[pollutant.number()],
                breakpoints: index.columns[entry.column].breakpoints.iter().map(|&value| value as f64).collect(),
            })
        });
        Ok(answers::Legend {
            items: index.categories.iter().map(item).collect(),
            source: format!("{} {}", index.instrument.id, index.instrument.source),
            confidence: confidence(index.instrument.confidence).to_owned(),
            pollutants: pollutants.collect(),
        })
    }

    /// The layers of the map with the number of things in each.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn layers(&self) -> Answer<answers::Layers> {
        let view = self.view().await?;
        let kinds = [
            ("national", "国控站", "National stations"),
            ("city", "市控站", "City stations"),
            ("roadside", "路边站", "Roadside stations"),
            ("super", "超级站", "Super-station"),
        ];
        let layers = kinds.into_iter().filter_map(|(kind, name_zh, name_en)| {
            let count = view.stations.values().filter(|station| station.kind == kind).count() as u64;
            (count > 0).then(|| answers::LayerEntry {
                id: format!("air-{kind}"),
                name_zh: name_zh.to_owned(),
                name_en: name_en.to_owned(),
                count,
                kind: kind.to_owned(),
                on: true,
            })
        });
        let group = answers::LayerGroup {
            id: "air".to_owned(),
            name_zh: "大气".to_owned(),
            name_en: "Air".to_owned(),
            layers: layers.collect(),
        };
        Ok(answers::Layers { groups: vec![group] })
    }

    /// The schematic base map.
    ///
    /// # Errors
    /// Never; the base map is part of the pack.
    #[expect(clippy::unused_async, reason = "one shape for every question")]
    pub async fn base_map(&self) -> Answer<serde_json::Value> {
        let pack = &self.folder.pack;
        let mut map = pack.base_map.clone();
        if let Some(map) = map.as_object_mut() {
            map.insert("note_zh".to_owned(), pack.city.map.note_zh.clone().into());
            map.insert("note_en".to_owned(), pack.city.map.note_en.clone().into());
        }
        Ok(map)
    }

    /// Figures of a period.
    ///
    /// # Errors
    /// When the period is none, or the lake cannot be asked.
    pub async fn figures(&self, period: &str) -> Answer<answers::Figures> {
        let period = read_period(period)?;
        let view = self.view().await?;
        let desk = Desk::open(&self.folder, &self.library.norms, &view).await?;
        let catalogue = &self.folder.pack.catalogue;
        let mut items = Vec::new();
        let mut values = BTreeMap::new();
        for figure in &catalogue.figures {
            let answer = desk.answer(figure, period).await?;
            values.insert(figure.id.clone(), answer.value.clone());
            items.push(self.figure_of(figure, period, &answer, &desk));
        }
        for (item, figure) in items.iter_mut().zip(&catalogue.figures) {
            item.check = figure.check.as_ref().map(|other| check(figure, other, &values));
        }
        let synthetic = items.iter().any(|item| item.synthetic);
        Ok(answers::Figures { period: period.to_string(), position: Some(desk.position()), items, synthetic })
    }

    fn figure_of(&self, figure: &Definition, period: Period, answer: &FigureAnswer, desk: &Desk<'_>) -> Figure {
        let too_little = answer.value.is_none();
        Figure {
            id: figure.id.clone(),
            period: period.to_string(),
            city: self.folder.pack.city.code.clone(),
            name_zh: figure.name_zh.clone(),
            name_en: figure.name_en.clone(),
            value: answer.value.clone(),
            unit: figure.unit.clone(),
            unit_en: Some(figure.unit_en.clone()),
            class: figure.class.letter().to_owned(),
            text_zh: answer.said.zh.clone(),
            text_en: answer.said.en.clone(),
            rows: answer.rows,
            definition_version: figure.version.to_string(),
            comparison: figure.comparison.name().map(str::to_owned),
            previous: answer.previous.clone(),
            direction: answer.direction.map(|direction| direction.name().to_owned()),
            as_of: Some(desk.position()),
            synthetic: answer.synthetic,
            note_zh: too_little.then(|| "这一时段的数据不足，按规定不发布".to_owned()),
            note_en: too_little.then(|| "too little data in this period; not published by rule".to_owned()),
            check: None,
        }
    }

    fn definition(&self, id: &str) -> Answer<&Definition> {
        self.folder.pack.catalogue.figure(id).ok_or_else(|| OfficeError::NotFound {
            zh: format!("没有指标{}", cut(id)),
            en: format!("there is no figure {}", cut(id)),
        })
    }

    /// A figure with its definition, its filter, its norms and its history.
    ///
    /// # Errors
    /// When there is no such figure or period.
    pub async fn figure(&self, id: &str, period: &str) -> Answer<answers::FigureDetail> {
        let (figure, period) = (self.definition(id)?, read_period(period)?);
        let view = self.view().await?;
        let desk = Desk::open(&self.folder, &self.library.norms, &view).await?;
        let answer = desk.answer(figure, period).await?;
        let mut shown = self.figure_of(figure, period, &answer, &desk);
        if let Some(other) = &figure.check {
            let other_value = desk.value(self.definition(other)?, period).await?.0;
            let values = [(figure.id.clone(), answer.value.clone()), (other.clone(), other_value)].into();
            shown.check = Some(check(figure, other, &values));
        }
        let mut history = Vec::new();
        for year in view.years() {
            let Ok(year) = year.to_string().parse::<Period>() else { continue };
            let value = desk.value(figure, year).await?.0;
            history.push(answers::HistoryItem { period: year.to_string(), value });
        }
        let instruments = self.library.norms.instruments.iter().map(|entry| &entry.instrument);
        let rests_on = instruments.filter(|instrument| {
            figure.norms.iter().any(|start| instrument.id.starts_with(start))
                && instrument.term().contains(period.last_day())
        });
        let norms = rests_on.map(|instrument| answers::FigureNorm {
            id: instrument.id.clone(),
            title_zh: instrument.title_zh.clone(),
            title_en: instrument.title_en.clone(),
            confidence: confidence(instrument.confidence).to_owned(),
        });
        Ok(answers::FigureDetail {
            figure: shown,
            definition_zh: figure.definition_zh.clone(),
            definition_en: figure.definition_en.clone(),
            sql: Some(figure.rows_sql.clone()),
            rounding: Some("GB/T 8170-2008".to_owned()),
            source: Some(source_of(figure).to_owned()),
            norms: norms.collect(),
            evidence: self.evidence(figure, period, &desk).await?,
            history,
        })
    }

    async fn evidence(
        &self,
        figure: &Definition,
        period: Period,
        desk: &Desk<'_>,
    ) -> anyhow::Result<Option<answers::Evidence>> {
        if figure.value != ValueRule::Evidence {
            return Ok(None);
        }
        let (columns, rows) = desk.rows(figure, period, 0, 1).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let cell = |name: &str| {
            let number = columns.iter().position(|column| column == name);
            number.and_then(|number| row.get(number)).map(ToString::to_string).unwrap_or_default()
        };
        Ok(Some(answers::Evidence {
            issuer: cell("issuer"),
            document: cell("document"),
            date: cell("date"),
            source_text: cell("source_text"),
        }))
    }

    /// Some rows behind a figure.
    ///
    /// # Errors
    /// When there is no such figure, period or place to go on from.
    pub async fn figure_rows(
        &self,
        id: &str,
        period: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Answer<answers::FigureRows> {
        let (figure, period) = (self.definition(id)?, read_period(period)?);
        let skip: usize = cursor.map_or(Ok(0), str::parse).map_err(|_| OfficeError::Bad {
            field: "cursor".to_owned(),
            zh: "续读位置无效".to_owned(),
            en: "no such place to go on from".to_owned(),
        })?;
        let view = self.view().await?;
        let desk = Desk::open(&self.folder, &self.library.norms, &view).await?;
        let answer = desk.answer(figure, period).await?;
        let (columns, rows) = desk.rows(figure, period, skip, limit).await?;
        let mut places = Vec::new();
        for code in desk.stations(figure, period).await? {
            let Some(station) = view.stations.get(&code) else { continue };
            if let (Some(lon), Some(lat)) = (station.lon, station.lat) {
                places.push(answers::RowPlace {
                    station: code,
                    lon,
                    lat,
                    name_zh: station.name_zh.clone(),
                    name_en: station.name_en.clone(),
                    value: serde_json::Value::Null,
                });
            }
        }
        let end = skip + rows.len();
        Ok(answers::FigureRows {
            rows: rows.iter().map(|row| columns.iter().cloned().zip(row.iter().map(json)).collect()).collect(),
            columns: columns.iter().map(|key| column(key)).collect(),
            total: answer.rows,
            next: ((end as u64) < answer.rows && !rows.is_empty()).then(|| end.to_string()),
            geo: places,
            synthetic: answer.synthetic,
        })
    }

    /// All rows behind a figure as text, for a file.
    ///
    /// # Errors
    /// As [`Self::figure_rows`].
    pub async fn figure_rows_table(&self, id: &str, period: &str) -> Answer<(Vec<String>, Vec<Vec<String>>)> {
        /// As many rows as a sheet of a workbook takes.
        const ROWS_MAX: usize = 1_048_575;
        let (figure, period) = (self.definition(id)?, read_period(period)?);
        let view = self.view().await?;
        let desk = Desk::open(&self.folder, &self.library.norms, &view).await?;
        let (columns, rows) = desk.rows(figure, period, 0, ROWS_MAX).await?;
        Ok((columns, rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect()))
    }

    /// The air section of the summary.
    ///
    /// # Errors
    /// When there is no such period or section.
    pub async fn summary(&self, period: &str) -> Answer<answers::Summary> {
        let figures = self.figures(period).await?;
        let section = self.folder.pack.catalogue.sections.get("air").ok_or_else(|| OfficeError::NotFound {
            zh: "没有这一节".to_owned(),
            en: "there is no such section".to_owned(),
        })?;
        let by_id: BTreeMap<&str, &Figure> = figures.items.iter().map(|item| (item.id.as_str(), item)).collect();
        let segments = |paragraph: &indicators::Paragraph| {
            let pairs = pieces(&paragraph.zh).into_iter().zip(pieces(&paragraph.en));
            let segments = pairs.map(|pair| match pair {
                (Piece::Figure(id), _) => {
                    let figure = by_id.get(id);
                    answers::Segment {
                        figure: Some(id.to_owned()),
                        text_zh: figure.map(|figure| figure.text_zh.clone()).unwrap_or_default(),
                        text_en: figure.map(|figure| figure.text_en.clone()).unwrap_or_default(),
                        direction: figure.and_then(|figure| figure.direction.clone()),
                    }
                }
                (Piece::Text(zh), en) => answers::Segment {
                    figure: None,
                    text_zh: zh.to_owned(),
                    text_en: if let Piece::Text(en) = en { en.to_owned() } else { String::new() },
                    direction: None,
                },
            });
            segments.collect::<Vec<_>>()
        };
        Ok(answers::Summary {
            title_zh: section.title_zh.clone(),
            title_en: section.title_en.clone(),
            paragraphs: section
                .paragraph
                .iter()
                .map(|paragraph| answers::Paragraph { segments: segments(paragraph) })
                .collect(),
            synthetic: figures.synthetic,
            position: figures.position,
        })
    }

    /// Every instrument with its dates, source and confidence.
    ///
    /// # Errors
    /// Never; the norms are loaded.
    #[expect(clippy::unused_async, reason = "one shape for every question")]
    pub async fn norms(&self) -> Answer<answers::NormList> {
        let item = |norms::Entry { instrument, file, table }: &norms::Entry| answers::NormItem {
            id: instrument.id.clone(),
            title_zh: instrument.title_zh.clone(),
            title_en: instrument.title_en.clone(),
            kind: table.clone(),
            from: instrument.from.map(|day| day.to_string()),
            to: instrument.to.map(|day| day.to_string()),
            confidence: confidence(instrument.confidence).to_owned(),
            source: instrument.source.clone(),
            files: vec![file.clone()],
            notes: [&instrument.found_in, &instrument.note]
                .into_iter()
                .filter(|note| !note.is_empty())
                .cloned()
                .chain(memory_notes(&self.library, file))
                .collect(),
        };
        let norms = &self.library.norms;
        Ok(answers::NormList { hash: norms.hash.clone(), items: norms.instruments.iter().map(item).collect() })
    }

    /// How far a new city has come.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn start(&self) -> Answer<answers::StartState> {
        let view = self.view().await?;
        let (stations, observations) = (view.stations.len() as u64, view.observations);
        let step = |id: &str, done, count| answers::StartStep { id: id.to_owned(), done, count };
        Ok(answers::StartState {
            kind: self.folder.kind.name().to_owned(),
            steps: vec![
                step("station", stations > 0, Some(stations)),
                step("observation", observations > 0, Some(observations)),
                step("figure", !view.city_days.is_empty(), None),
            ],
        })
    }

    /// Declared sources, and the plain table that needs no declaration.
    ///
    /// # Errors
    /// Never; the mappings are loaded.
    #[expect(clippy::unused_async, reason = "one shape for every question")]
    pub async fn sources(&self) -> Answer<answers::Sources> {
        let register = answers::SourceItem {
            id: REGISTER.to_owned(),
            name_zh: "站点登记表".to_owned(),
            name_en: "register of stations".to_owned(),
            table: "station".to_owned(),
            note_zh: "一行一个站点，列名见“需要的列”；没有“来源”列时记为 register。".to_owned(),
            note_en: "one station in a row, columns as listed; without a column “source” it is “register”".to_owned(),
        };
        let plain = answers::SourceItem {
            id: "import".to_owned(),
            name_zh: "通用表格".to_owned(),
            name_en: "plain table".to_owned(),
            table: "observation".to_owned(),
            note_zh: "列名用参数表中的名称或别名：站点、时间、SO2、NO2……".to_owned(),
            note_en: "columns by the names or aliases of the table of parameters: station, time, SO2, NO2, …"
                .to_owned(),
        };
        let declared = self.library.sources.values().map(|source| answers::SourceItem {
            id: source.id.clone(),
            name_zh: source.name_zh.clone(),
            name_en: source.name_en.clone(),
            table: "observation".to_owned(),
            note_zh: source.source.clone(),
            note_en: source.note.clone(),
        });
        Ok(answers::Sources { items: [register, plain].into_iter().chain(declared).collect() })
    }

    /// Imports a file of a user.
    ///
    /// # Errors
    /// When table or source are unknown, or the lake cannot be written.
    pub async fn import(&self, table: &str, source: &str, name: &str, body: Vec<u8>) -> Answer<answers::ImportReport> {
        let target = match table {
            "station" => Target::Station,
            "observation" => Target::Observation,
            _ => {
                return Err(OfficeError::Bad {
                    field: "table".to_owned(),
                    zh: "只能是 station 或 observation".to_owned(),
                    en: "station or observation is wanted".to_owned(),
                });
            }
        };
        let mut findings = Findings::new();
        findings.set_file(&cut(name));
        let content = TextTable::of_bytes(body, TableFormat::of_name(name), &mut findings);
        let now = jiff::Timestamp::now();
        let imported = import(&self.folder, &self.library, target, source, content, now, &mut findings).await;
        let imported = imported.map_err(|error| match error.downcast::<crate::cli::Usage>() {
            Ok(usage) => OfficeError::Bad { field: "source".to_owned(), zh: usage.0.clone(), en: usage.0 },
            Err(error) => OfficeError::Failed(error),
        })?;
        let shown = findings
            .kept()
            .iter()
            .take(FINDINGS_SHOWN)
            .map(|finding| serde_json::to_value(finding).and_then(serde_json::from_value::<answers::Finding>))
            .collect::<Result<Vec<_>, _>>()?;
        let Some(imported) = imported else { return Err(OfficeError::Unreadable(shown)) };
        self.reload().await?;
        Ok(answers::ImportReport {
            table: table.to_owned(),
            rows_read: imported.rows_read,
            rows_new: imported.rows_new,
            rows_equal: imported.rows_equal,
            rows_revised: imported.rows_revised,
            findings: shown,
            findings_total: findings.total(),
        })
    }
}

/// What one figure says against another that checks it.
fn check(figure: &Definition, other: &str, values: &BTreeMap<String, Option<String>>) -> answers::FigureCheck {
    let value = |id: &str| values.get(id).cloned().flatten();
    let (own, against) = (value(&figure.id), value(other));
    let (text_zh, text_en) = match (own, against) {
        (Some(own), Some(against)) if own == against => {
            (format!("与自算值{against}一致"), format!("agrees with the own computation, {against}"))
        }
        (Some(own), Some(against)) => (
            format!("自算值为{against}，与发布值{own}不同；发布值不改"),
            format!("the own computation gives {against}, not {own}; the published value stands"),
        ),
        _ => ("无自算值可核对".to_owned(), "no own computation to check with".to_owned()),
    };
    answers::FigureCheck { other: other.to_owned(), text_zh, text_en }
}

/// Notes on the parts of a file that are from memory.
fn memory_notes(library: &Library, path: &str) -> Vec<String> {
    let Some(file) = library.files.iter().find(|file| file.path == path) else { return Vec::new() };
    let mut section = String::new();
    let mut notes = Vec::new();
    for line in file.text.lines() {
        if line.starts_with('[') {
            line.trim_matches(['[', ']']).clone_into(&mut section);
        } else if line.contains("confidence") && line.contains("\"memory\"") && section != "instrument" {
            notes.push(format!("[{section}] 凭记忆，待核对 / from memory, to be checked"));
        }
    }
    notes.dedup();
    notes
}

/// The tables of the lake that a value is made of.
const fn source_of(figure: &Definition) -> &'static str {
    match figure.value {
        ValueRule::AirPeriod { .. } | ValueRule::Direction { .. } | ValueRule::Change { .. } => "observation",
        ValueRule::Evidence => "evidence",
        ValueRule::AirRank => "observation, city_index",
        ValueRule::Sql { .. } => "SQL",
    }
}

fn column(key: &str) -> answers::Column {
    let (name_zh, name_en) = match key {
        "station" => ("站点", "station"),
        "parameter" => ("项目", "parameter"),
        "time" => ("时间（时段末）", "time (end)"),
        "value" => ("数值", "value"),
        "flag" => ("标记", "flag"),
        "source" => ("来源", "source"),
        "revision" => ("修订", "revision"),
        "city_name" => ("城市", "city"),
        "period" => ("时段", "period"),
        "figure" => ("指标", "figure"),
        "issuer" => ("发布机关", "issuer"),
        "document" => ("文件", "document"),
        "date" => ("日期", "date"),
        "source_text" => ("原文", "text"),
        other => (other, other),
    };
    answers::Column { key: key.to_owned(), name_zh: name_zh.to_owned(), name_en: name_en.to_owned() }
}

/// A cell of an answer as JSON.
pub(crate) fn json(cell: &Cell) -> serde_json::Value {
    match cell {
        Cell::Empty => serde_json::Value::Null,
        Cell::YesNo(yes) => (*yes).into(),
        Cell::Count(count) => (*count).into(),
        Cell::Number(number) => (*number).into(),
        other => other.to_string().into(),
    }
}

fn read_period(text: &str) -> Answer<Period> {
    text.parse().map_err(|error: indicators::PeriodError| OfficeError::Bad {
        field: "period".to_owned(),
        zh: error.to_string(),
        en: error.to_string(),
    })
}

fn no_edition(day: Day) -> OfficeError {
    OfficeError::NotFound {
        zh: format!("{day}没有现行的标准版本"),
        en: format!("no edition of the norms is in force on {day}"),
    }
}

const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Memory => "memory",
        Confidence::Verified => "verified",
    }
}

/// The end of an hour as RFC 3339 in Beijing time.
fn rfc3339(hour: Hour) -> String {
    format!("{}:00+08:00", hour.end_label())
}

pub(crate) fn today() -> Day {
    let hours = jiff::Timestamp::now().as_second().div_euclid(3600) + 8;
    Day(i32::try_from(hours.div_euclid(24)).unwrap_or_default())
}

/// A text from outside, short enough to be shown.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}
