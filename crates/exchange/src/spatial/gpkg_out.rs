//! GeoPackage out, as GDAL and ArcGIS open it. Written beside the target, then renamed.

use super::FeatureTable;
use super::crs_text::DeclaredCrs;
use super::gpkg::blocking;
use super::wkb::write_wkb;
use geo::{BoundingRect, Geometry};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{AssertSqlSafe, Connection as _};
use std::fmt::Write as _;
use std::path::Path;

const SCHEMA: &str = "
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian', -1, 'NONE', -1, 'undefined', NULL),
  ('Undefined geographic', 0, 'NONE', 0, 'undefined', NULL);
";

/// Writes features as one layer of a GeoPackage; attributes as text. The content depends on the table alone: the time
/// of change that the format wants is the beginning of 1970.
///
/// # Errors
/// When the file cannot be written.
pub fn write_geopackage(table: &FeatureTable, name: &str, path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = tempfile::NamedTempFile::new_in(folder)?.into_temp_path();
    let target: &Path = &temporary;
    blocking(async move {
        let settings = SqliteConnectOptions::new().filename(target).journal_mode(SqliteJournalMode::Memory);
        let failed = |error: sqlx::Error| std::io::Error::other(error);
        let mut db = SqliteConnection::connect_with(&settings).await.map_err(failed)?;
        write_all(&mut db, table, name).await.map_err(failed)?;
        db.close().await.map_err(failed)
    })?;
    std::fs::File::open(&temporary)?.sync_all()?;
    temporary.persist(path).map_err(|error| error.error)
}

async fn write_all(db: &mut SqliteConnection, table: &FeatureTable, name: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(SCHEMA).execute(&mut *db).await?;
    let srs = match &table.crs {
        DeclaredCrs::Epsg(code) => i64::from(*code),
        _ => -1,
    };
    let mut work = db.begin().await?;
    if let DeclaredCrs::Epsg(code) = &table.crs {
        sqlx::query("INSERT INTO gpkg_spatial_ref_sys VALUES (?1, ?2, 'EPSG', ?2, ?3, NULL)")
            .bind(format!("EPSG:{code}"))
            .bind(srs)
            .bind(table.crs.to_wkt().unwrap_or_else(|| "undefined".to_owned()))
            .execute(&mut *work)
            .await?;
    }
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let columns = column_names(&table.fields);
    let (mut create, mut marks) = (String::new(), String::new());
    for (n, column) in columns.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(create, ", {} TEXT", quoted(column));
        let _ = write!(marks, ", ?{}", n + 2);
    }
    let create =
        format!("CREATE TABLE {} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom BLOB{create})", quoted(name));
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *work).await?;
    let insert = format!("INSERT INTO {} VALUES (NULL, ?1{marks})", quoted(name));
    for feature in &table.features {
        let blob = feature.shape.as_ref().map(|shape| geometry_blob(shape, srs));
        let mut query = sqlx::query(AssertSqlSafe(insert.clone())).bind(blob);
        for value in &feature.values {
            query = query.bind(if value.is_empty() { None } else { Some(value.as_str()) });
        }
        query.execute(&mut *work).await?;
    }
    let bounds = table.features.iter().filter_map(|feature| feature.shape.as_ref()?.bounding_rect());
    let bounds =
        bounds.fold(None::<[f64; 4]>, |all, rect| {
            let here = [rect.min().x, rect.min().y, rect.max().x, rect.max().y];
            Some(all.map_or(here, |all| {
                [all[0].min(here[0]), all[1].min(here[1]), all[2].max(here[2]), all[3].max(here[3])]
            }))
        });
    let mut contents = sqlx::query(
        "INSERT INTO gpkg_contents VALUES (?1, 'features', ?1, '', '1970-01-01T00:00:00.000Z', ?3, ?4, ?5, ?6, ?2)",
    )
    .bind(name)
    .bind(srs);
    for n in 0..4 {
        contents = contents.bind(bounds.map(|bounds| bounds[n]));
    }
    contents.execute(&mut *work).await?;
    sqlx::query("INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', ?2, ?3, 0, 0)")
        .bind(name)
        .bind(kind_name(table))
        .bind(srs)
        .execute(&mut *work)
        .await?;
    work.commit().await
}

/// Column names that differ from one another and from ours, without regard to case.
fn column_names(fields: &[String]) -> Vec<String> {
    let mut taken = std::collections::BTreeSet::from(["fid".to_owned(), "geom".to_owned()]);
    fields
        .iter()
        .map(|field| {
            let mut name = if field.is_empty() { "field".to_owned() } else { field.clone() };
            while !taken.insert(name.to_lowercase()) {
                name.push('_');
            }
            name
        })
        .collect()
}

fn kind_name(table: &FeatureTable) -> &'static str {
    let mut kinds = table.features.iter().filter_map(|feature| feature.shape.as_ref()).map(|shape| match shape {
        Geometry::Point(_) => "POINT",
        Geometry::MultiPoint(_) => "MULTIPOINT",
        Geometry::LineString(_) | Geometry::Line(_) => "LINESTRING",
        Geometry::MultiLineString(_) => "MULTILINESTRING",
        Geometry::MultiPolygon(_) => "MULTIPOLYGON",
        Geometry::GeometryCollection(_) => "GEOMETRYCOLLECTION",
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => "POLYGON",
    });
    match kinds.next() {
        Some(first) if kinds.all(|kind| kind == first) => first,
        _ => "GEOMETRY",
    }
}

fn geometry_blob(shape: &Geometry<f64>, srs: i64) -> Vec<u8> {
    let mut blob = b"GP\0".to_vec();
    let bounds = shape.bounding_rect();
    // Little-endian, with an envelope of four numbers when there is one.
    blob.push(if bounds.is_some() { 0b11 } else { 0b1_0001 });
    blob.extend(i32::try_from(srs).unwrap_or(-1).to_le_bytes());
    if let Some(rect) = bounds {
        for value in [rect.min().x, rect.max().x, rect.min().y, rect.max().y] {
            blob.extend(value.to_le_bytes());
        }
    }
    write_wkb(shape, &mut blob);
    blob
}
