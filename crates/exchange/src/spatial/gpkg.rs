//! GeoPackage in: SQLite opened read-only and immutable, real tables only.

use super::crs_text::DeclaredCrs;
use super::limits::Refusal;
use super::wkb::read_wkb;
use super::{Collector, Failure, FeatureTable, ReadOptions, number_text};
use crate::Findings;
use geo::Geometry;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, TypeInfo as _, ValueRef as _};
use std::path::Path;

/// Rows that are held at once.
const PAGE_ROWS: usize = 4096;
const COLUMNS_MAX: usize = 1000;

pub(crate) fn read(path: &Path, options: &ReadOptions, findings: &mut Findings) -> Result<FeatureTable, Failure> {
    // SQLite makes no difference between an absent file and one of another kind.
    let mut head = [0u8; 16];
    std::io::Read::read_exact(&mut std::fs::File::open(path)?, &mut head)
        .map_err(|error| Refusal::file("gpkg_form", &error.to_string()))?;
    if &head != b"SQLite format 3\0" {
        return Err(Refusal::file("gpkg_form", "no SQLite header").into());
    }
    blocking(async move {
        let settings = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .immutable(true)
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON");
        let mut db = SqliteConnection::connect_with(&settings).await.map_err(refused)?;
        let layer = pick_layer(&mut db, options).await?;
        let table = read_layer(&mut db, &layer, options, findings).await;
        // Nothing was written: a failure to close loses nothing.
        let _ = db.close().await;
        Ok(table?)
    })
}

/// Runs a future to its end on a thread of its own, so that it may be called from anywhere.
pub(crate) fn blocking<T: Send, E: Send + From<std::io::Error>>(
    task: impl Future<Output = Result<T, E>> + Send,
) -> Result<T, E> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| -> Result<T, E> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(task)
        });
        match thread.join() {
            Ok(result) => result,
            Err(_) => Err(std::io::Error::other("the SQLite library gave up").into()),
        }
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` wants")]
fn refused(error: sqlx::Error) -> Refusal {
    Refusal::file("gpkg_form", &error.to_string())
}

struct Layer {
    table: String,
    geometry: String,
    crs: DeclaredCrs,
}

async fn pick_layer(db: &mut SqliteConnection, options: &ReadOptions) -> Result<Layer, Refusal> {
    let rows = sqlx::query(
        "SELECT c.table_name, g.column_name, s.organization, s.organization_coordsys_id, s.srs_name, s.srs_id
         FROM gpkg_contents c
         JOIN gpkg_geometry_columns g ON g.table_name = c.table_name
         JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table'
         LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id
         WHERE c.data_type = 'features' ORDER BY c.table_name LIMIT 1001",
    )
    .fetch_all(&mut *db)
    .await
    .map_err(refused)?;
    let mut layers = Vec::new();
    for row in rows {
        let table: String = row.try_get(0).map_err(refused)?;
        if options.layer.as_ref().is_some_and(|wanted| *wanted != table) {
            continue;
        }
        let text = |at: usize| row.try_get::<Option<String>, _>(at).ok().flatten().unwrap_or_default();
        let number = |at: usize| row.try_get::<Option<i64>, _>(at).ok().flatten().unwrap_or(0);
        let code = u32::try_from(number(3)).ok().filter(|code| *code > 0);
        let crs = match code {
            // −1 and 0 are the undefined systems of the standard.
            _ if number(5) <= 0 => DeclaredCrs::Undeclared,
            Some(code) if text(2).eq_ignore_ascii_case("EPSG") => DeclaredCrs::Epsg(code),
            _ => DeclaredCrs::of_text(&text(4)),
        };
        layers.push(Layer { table, geometry: row.try_get(1).map_err(refused)?, crs });
    }
    match layers.len() {
        0 => Err(Refusal::file("layer_missing", options.layer.as_deref().unwrap_or_default())),
        1 => layers.pop().ok_or_else(|| Refusal::file("layer_missing", "")),
        _ => {
            let names: Vec<_> = layers.iter().map(|layer| layer.table.as_str()).collect();
            Err(Refusal::file("layers_many", &names.join(" ")))
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn read_layer(
    db: &mut SqliteConnection,
    layer: &Layer,
    options: &ReadOptions,
    findings: &mut Findings,
) -> Result<FeatureTable, Refusal> {
    let info = sqlx::query(AssertSqlSafe(format!("PRAGMA table_info({})", quoted(&layer.table))))
        .fetch_all(&mut *db)
        .await
        .map_err(refused)?;
    let mut fields = Vec::new();
    for row in info {
        let name: String = row.try_get(1).map_err(refused)?;
        let kind: String = row.try_get(2).map_err(refused)?;
        let key: i64 = row.try_get(5).map_err(refused)?;
        // The row number that every table has is no attribute.
        let row_number = key > 0 && ["fid", "ogc_fid", "objectid"].contains(&name.to_ascii_lowercase().as_str());
        if !row_number && name != layer.geometry {
            fields.push((name, kind.eq_ignore_ascii_case("BOOLEAN")));
        }
    }
    if fields.len() > COLUMNS_MAX {
        return Err(Refusal::file("fields_many", &format!("> {COLUMNS_MAX}")));
    }
    let columns: String = fields.iter().map(|(name, _)| format!(", {}", quoted(name))).collect();
    let select = format!(
        "SELECT rowid, {}{columns} FROM {} WHERE rowid > ?1 ORDER BY rowid LIMIT {PAGE_ROWS}",
        quoted(&layer.geometry),
        quoted(&layer.table)
    );
    let mut collector = Collector::new(options, findings);
    let mut last = i64::MIN;
    loop {
        let page = sqlx::query(AssertSqlSafe(select.clone())).bind(last).fetch_all(&mut *db).await.map_err(refused)?;
        for row in &page {
            let next: i64 = row.try_get(0).map_err(refused)?;
            // A damaged index can give the same rows for ever.
            if next <= last && last != i64::MIN {
                return Err(Refusal::file("gpkg_form", "rows out of order"));
            }
            last = next;
            let number = collector.features.len() as u64 + 1;
            let values = fields
                .iter()
                .enumerate()
                .map(|(n, (_, boolean))| cell_text(row, n + 2, *boolean))
                .collect::<Result<Vec<_>, _>>()
                .map_err(|refusal| refusal.at(Some(number)))?;
            let shape = match row.try_get::<Option<&[u8]>, _>(1) {
                Ok(Some(blob)) => read_blob(blob, &mut collector),
                Ok(None) => Ok(None),
                Err(error) => Err(Refusal::shape("shape_form", &error.to_string())),
            };
            collector.push(None, values, shape)?;
        }
        if page.len() < PAGE_ROWS {
            break;
        }
    }
    Ok(FeatureTable {
        crs: layer.crs.clone(),
        fields: fields.into_iter().map(|(name, _)| name.trim_end().to_owned()).collect(),
        features: collector.features,
        name: layer.table.clone(),
        encoding: None,
    })
}

fn cell_text(row: &SqliteRow, at: usize, boolean: bool) -> Result<String, Refusal> {
    let raw = row.try_get_raw(at).map_err(refused)?;
    if raw.is_null() {
        return Ok(String::new());
    }
    Ok(match raw.type_info().name() {
        "INTEGER" | "BOOLEAN" | "INT4" | "BIGINT" => {
            let value = row.try_get_unchecked::<i64, _>(at).map_err(refused)?;
            if boolean { (value != 0).to_string() } else { value.to_string() }
        }
        "REAL" => number_text(row.try_get_unchecked::<f64, _>(at).map_err(refused)?),
        "BLOB" => String::new(),
        _ => row.try_get_unchecked::<String, _>(at).map_err(refused)?,
    })
}

/// A geometry blob: magic, flags, envelope, WKB.
fn read_blob(blob: &[u8], collector: &mut Collector<'_>) -> Result<Option<Geometry<f64>>, Refusal> {
    let form = |why: &str| Refusal::shape("shape_form", why);
    let &[b'G', b'P', 0, flags, ..] = blob else { return Err(form("no GeoPackage geometry")) };
    if flags & 0b10_0000 != 0 {
        return Err(form("extended geometry"));
    }
    let envelope = match (flags >> 1) & 0b111 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        other => return Err(form(&format!("envelope {other}"))),
    };
    let wkb = blob.get(8 + envelope..).ok_or_else(|| Refusal::shape("shape_cut", "header"))?;
    read_wkb(wkb, &mut collector.budget)
}
