//! The demo city: simulated years from the city pack's model, beside the few real hours that were published, through
//! the same import as any file.

use crate::data_folder::{DataFolder, Elsewhere, Kind};
use crate::import::{SIMULATED, import};
use crate::norm_files::Library;
use anyhow::{Context, bail};
use exchange::{Findings, TableFormat, Target, TextTable};
use jiff::civil::date;
use lake::{CityIndex, Evidence, WorklogEntry};
use norms::Norms;
use simulator::{Model, simulate};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

/// Opens the demo city in a folder, making it first when it is not there. A folder that was left half-made is made anew.
///
/// # Errors
/// When the folder holds a real city or something else, or cannot be written.
pub async fn open_or_make(root: &Path, city: &str, library: &Library, norms: Arc<Norms>) -> anyhow::Result<DataFolder> {
    match DataFolder::look(root)? {
        Some((Kind::Real, _)) => bail!(crate::cli::Usage(format!(
            "{}: 这是真实城市的数据文件夹，演示与真实数据不放在一起 / this folder holds a real city; demo and real data never share one",
            root.display()
        ))),
        Some((Kind::Demo, true)) => return DataFolder::open(root, norms).await,
        Some((Kind::Demo, false)) => std::fs::remove_dir_all(root)
            .with_context(|| format!("{}: 无法清空 / cannot be emptied", root.display()))?,
        None => {}
    }
    eprintln!("正在生成演示城市 / making the demo city: {}", root.display());
    let folder = DataFolder::create(root, Kind::Demo, city, Elsewhere::default(), norms).await?;
    fill(&folder, library).await?;
    folder.complete()?;
    Ok(folder)
}

async fn fill(folder: &DataFolder, library: &Library) -> anyhow::Result<()> {
    let pack = &folder.pack;
    let now = jiff::Timestamp::now();
    let mut findings = Findings::new();
    let bytes = |text: &str| text.as_bytes().to_vec();

    let register = pack.text("demo/stations.csv")?;
    let table = TextTable::of_bytes(bytes(register), TableFormat::Csv, &mut findings);
    import(folder, library, Target::Station, SIMULATED, table, now, &mut findings).await?;

    let hours = simulated_hours(pack.text("demo/model.toml")?, register)?;
    eprintln!("  模拟小时值 / simulated hours: {} MB", hours.len() >> 20);
    let table = TextTable::of_bytes(hours.into_bytes(), TableFormat::Csv, &mut findings);
    let imported = import(folder, library, Target::Observation, SIMULATED, table, now, &mut findings).await?;
    if let Some(imported) = imported {
        eprintln!("  写入 / written: {} 行 rows", imported.rows_new);
    }

    media(folder, library, now, &mut findings).await?;

    let real = TextTable::of_bytes(bytes(pack.text("demo/real_hours.csv")?), TableFormat::Csv, &mut findings);
    import(folder, library, Target::Observation, "cnemc-hourly", real, now, &mut findings).await?;

    folder.lake.write_city_index(&city_index(pack.text("demo/city_index.csv")?, &pack.city.code)?).await?;
    folder.lake.write_evidence(&evidence(pack.text("evidence.csv")?, &pack.city.code)?).await?;
    zoning_map(folder, library)?;
    if findings.total() > 0 {
        findings.print(std::io::stderr().lock(), 5)?;
        bail!("演示数据有误 / the demo data are wrong");
    }
    Ok(())
}

/// Stations, samples and works of the media beside air.
async fn media(
    folder: &DataFolder,
    library: &Library,
    now: jiff::Timestamp,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let register = folder.pack.text("demo/places.csv")?;
    let table = TextTable::of_bytes(register.as_bytes().to_vec(), TableFormat::Csv, findings);
    import(folder, library, Target::Station, SIMULATED, table, now, findings).await?;

    let model = simulator::media::MediaModel::parse(folder.pack.text("demo/media.toml")?)?;
    let places = simulator::media::places(register)?;
    let mut text = String::from("station,time,period,parameter,value,flag\n");
    for row in simulator::media::simulate(&model, &places, model.seed, model.years())? {
        let (time, period, flag) = (row.time.strftime("%Y-%m-%dT%H:%M"), row.period.name(), row.flag.letter());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{},{time},{period},{},{},{flag}", row.station, row.parameter, row.value);
    }
    let table = TextTable::of_bytes(text.into_bytes(), TableFormat::Csv, findings);
    let imported = import(folder, library, Target::Observation, SIMULATED, table, now, findings).await?;
    if let Some(imported) = imported {
        eprintln!("  水、声、土等 / water, noise, soil and others: {} 行 rows", imported.rows_new);
    }

    let works = simulator::media::worklog(&model, &places, model.seed)?;
    let entry = |work: simulator::media::WorkEntry| {
        let (year, month, day) = (work.date.year(), work.date.month(), work.date.day());
        let date = norms::Day::from_ymd(i32::from(year), month.unsigned_abs().into(), day.unsigned_abs().into());
        Ok(WorklogEntry {
            city: folder.pack.city.code.clone(),
            entry: work.entry,
            kind: work.kind,
            subject: work.subject,
            date: date.context("worklog: date")?,
            quantity: Some(work.quantity.to_string().parse().context("worklog: quantity")?),
            unit: work.unit,
            note: work.note.to_owned(),
            source: SIMULATED.to_owned(),
        })
    };
    let works: Vec<WorklogEntry> = works.into_iter().map(entry).collect::<anyhow::Result<_>>()?;
    folder.lake.write_worklog(&works).await?;
    Ok(())
}

/// The made-up zoning map, one folder an edition, as `zoning` below the data folder.
fn zoning_map(folder: &DataFolder, library: &Library) -> anyhow::Result<()> {
    let pack = &folder.pack;
    let model = simulator::zoning::Model::parse(pack.text("demo/zoning.toml")?)?;
    let industries = library.files.iter().find(|file| file.path == "catalogues/gbt4754_2017.csv");
    let sources = simulator::zoning::Sources {
        outline: pack.text("districts.geojson")?,
        industries: industries.map_or("", |file| file.text.as_str()),
        citations: pack.text("zoning/citations.csv")?,
        rules: &|name| pack.text(&format!("zoning/{name}")).ok(),
    };
    for edition in simulator::zoning::make(&model, sources, model.seed)? {
        eprintln!("  分区管控 / zoning edition: {}", edition.id);
        for file in &edition.files {
            let path = folder.root.join("zoning").join(&edition.id).join(&file.path);
            let parent = path.parent().unwrap_or(&folder.root);
            std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
            std::fs::write(&path, &file.bytes).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

/// The hours of the model's years as a long table.
fn simulated_hours(model: &str, register: &str) -> anyhow::Result<String> {
    let model = Model::parse(model).context("demo/model.toml")?;
    let years = model.years();
    let mut stations = Vec::new();
    for row in csv::Reader::from_reader(register.as_bytes()).records() {
        let row = row.context("demo/stations.csv")?;
        let kind =
            simulator::Kind::from_name(&row[6]).with_context(|| format!("demo/stations.csv: kind {}", &row[6]))?;
        stations.push(simulator::Station::new(&row[0], kind));
    }
    let (from, to) = (date(*years.start(), 1, 1), date(*years.end() + 1, 1, 1));
    let mut text = String::from("station,time,parameter,value,flag\n");
    for row in simulate(&model, &stations, model.seed, from, to)? {
        let (day, clock) = (row.hour_end.date(), row.hour_end.hour());
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{},{day}T{clock:02}:00,{},{},{}",
            row.station,
            row.parameter.code(),
            row.value,
            row.flag.letter()
        );
    }
    Ok(text)
}

fn city_index(text: &str, city: &str) -> anyhow::Result<Vec<CityIndex>> {
    let mut rows = Vec::new();
    for row in csv::Reader::from_reader(text.as_bytes()).records() {
        let row = row.context("demo/city_index.csv")?;
        rows.push(CityIndex {
            city: city.to_owned(),
            period: row[0].to_owned(),
            city_name: row[1].to_owned(),
            value: Some(row[2].parse().context("demo/city_index.csv")?),
            source: row[3].to_owned(),
        });
    }
    Ok(rows)
}

fn evidence(text: &str, city: &str) -> anyhow::Result<Vec<Evidence>> {
    let mut rows = Vec::new();
    for row in csv::Reader::from_reader(text.as_bytes()).records() {
        let row = row.context("evidence.csv")?;
        rows.push(Evidence {
            city: city.to_owned(),
            figure: row[0].to_owned(),
            period: row[1].to_owned(),
            value: row[2].to_owned(),
            issuer: row[3].to_owned(),
            document: row[4].to_owned(),
            date: row[5].parse().ok(),
            source_text: row[6].to_owned(),
            source: row[3].to_owned(),
        });
    }
    Ok(rows)
}
