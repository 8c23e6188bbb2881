//! The description of the standard's interface (OpenAPI 3.0): made from the collections that the asker sees, with the
//! columns that each can be asked by.

use super::query::{LIMIT_MAX, LIMIT_USUAL, RESERVED};
use super::{GEOJSON, JSON, SCHEMA};
use crate::http::problem::PROBLEM_JSON;
use crate::zoning::features::{Collection, Column};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The description of some collections below an address.
pub(super) fn description(base: &str, collections: &[(&Collection<'_>, &[Column])]) -> Value {
    let mut paths = Map::new();
    for (path, id, kind, summary, schema) in [
        ("/", "landing", JSON, "入口 Landing page", "landing"),
        ("/conformance", "conformance", JSON, "符合的标准 Conformance classes", "conformance"),
        ("/api", "api", super::OPENAPI, "本说明 This description", "object"),
        ("/collections", "collections", JSON, "要素集 Collections", "collections"),
    ] {
        paths.insert(path.to_owned(), operation(id, summary, kind, schema, &["f"], false));
    }
    for (path, id, kind, summary, schema) in [
        ("", "collection", JSON, "一个要素集 A collection", "collection"),
        ("/queryables", "queryables", SCHEMA, "可查询的属性 What it can be asked by", "object"),
        ("/schema", "schema", SCHEMA, "要素的结构 The form of its features", "object"),
    ] {
        let operation = operation(id, summary, kind, schema, &["collectionId", "f"], true);
        paths.insert(format!("/collections/{{collectionId}}{path}"), operation);
    }
    let one = operation("feature", "一个要素 A feature", GEOJSON, "feature", &["collectionId", "featureId", "f"], true);
    paths.insert("/collections/{collectionId}/items/{featureId}".to_owned(), one);

    let filters = filters(collections);
    for (number, (collection, columns)) in collections.iter().enumerate() {
        let mut parameters = vec!["bbox", "datetime", "limit", "offset", "f"];
        let own = columns.iter().filter_map(|column| filters.get(&(column.name.as_str(), column.number)));
        parameters.extend(own.map(|(key, _)| key.as_str()));
        let (zh, en) = collection.titles();
        let summary = format!("{zh} {en}");
        let items = operation(&format!("items{number}"), &summary, GEOJSON, "features", &parameters, true);
        paths.insert(format!("/collections/{}/items", collection.id()), items);
    }
    let mut parameters = usual_parameters(collections);
    parameters.extend(filters.into_values());
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "筼筜 Yundang：OGC API – Features",
            "description": "生态环境分区管控各版本的单元与图层。坐标为 CGCS2000 经纬度，作为 CRS84 给出：定义相差厘米级，历元与板块运动相差分米级。\
                            Units and layers of every edition of the zoning map. Coordinates are CGCS2000 longitude and latitude, given as \
                            CRS84: centimetres apart by definition, decimetres by epoch and plate motion.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0" },
        },
        "servers": [{ "url": base }],
        "tags": [{ "name": "features", "description": "要素 Features" }],
        "paths": paths,
        "components": { "parameters": parameters, "responses": responses(), "schemas": schemas() },
    })
}

fn operation(id: &str, summary: &str, kind: &str, schema: &str, parameters: &[&str], named: bool) -> Value {
    let refer = |place: &str, name: &str| json!({ "$ref": format!("#/components/{place}/{name}") });
    let parameters: Vec<Value> = parameters.iter().map(|name| refer("parameters", name)).collect();
    let mut responses = Map::new();
    let page = json!({ "schema": { "type": "string" } });
    let good = json!({
        "description": "回答 The answer", "content": { kind: { "schema": refer("schemas", schema) }, "text/html": page },
    });
    responses.insert("200".to_owned(), good);
    for status in ["400", "406", "500"].into_iter().chain(named.then_some("404")) {
        responses.insert(status.to_owned(), refer("responses", status));
    }
    json!({ "get": {
        "tags": ["features"], "summary": summary, "operationId": id, "parameters": parameters, "responses": responses,
    } })
}

/// For each column that some collection can be asked by, the key and the words of its parameter.
fn filters<'a>(collections: &[(&Collection<'_>, &'a [Column])]) -> BTreeMap<(&'a str, bool), (String, Value)> {
    let columns = collections.iter().flat_map(|(_, columns)| columns.iter());
    let asked = columns.filter(|column| !RESERVED.contains(&column.name.as_str()));
    let mut filters: BTreeMap<(&str, bool), (String, Value)> =
        asked.map(|column| ((column.name.as_str(), column.number), (String::new(), Value::Null))).collect();
    for (number, ((name, is_number), filter)) in filters.iter_mut().enumerate() {
        let kind = if *is_number { "number" } else { "string" };
        let words = format!("属性 {name} 等于该值 Features whose {name} is this");
        let parameter = json!({
            "name": name, "in": "query", "required": false, "description": words, "schema": { "type": kind },
            "style": "form", "explode": false,
        });
        *filter = (format!("column{number}"), parameter);
    }
    filters
}

fn usual_parameters(collections: &[(&Collection<'_>, &[Column])]) -> Map<String, Value> {
    let query = |name: &str, words: &str, schema: Value| {
        json!({
            "name": name, "in": "query", "required": false, "description": words, "schema": schema, "style": "form",
            "explode": false,
        })
    };
    let path = |name: &str, words: &str, schema: Value| json!({ "name": name, "in": "path", "required": true, "description": words, "schema": schema });
    let ids: Vec<String> = collections.iter().map(|(collection, _)| collection.id()).collect();
    let numbers = json!({
        "type": "array", "minItems": 4, "maxItems": 6, "items": { "type": "number" },
    });
    let all = json!({
        "f": query("f", "格式：json、html；缺省按 Accept Format: json or html; by Accept without it",
            json!({ "type": "string", "enum": ["json", "html"] })),
        "bbox": query("bbox", "西、南、东、北，经纬度；西大于东则跨 180° 经线；六个数时高度不起作用 West, south, east, north in \
            longitude and latitude; a west above the east spans the 180th meridian; heights of six numbers say nothing", numbers),
        "datetime": query("datetime", "版本在该时刻或区间内有效的才有要素 An instant or interval in which the edition must be in force",
            json!({ "type": "string" })),
        "limit": query("limit", "一页最多的要素 The most features of a page",
            json!({ "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_USUAL })),
        "offset": query("offset", "跳过的要素 Features before the page", json!({ "type": "integer", "minimum": 0, "default": 0 })),
        "collectionId": path("collectionId", "要素集 Collection", json!({ "type": "string", "enum": ids })),
        "featureId": path("featureId", "要素 Feature", json!({ "type": "string" })),
    });
    if let Value::Object(all) = all { all } else { Map::new() }
}

fn responses() -> Value {
    let problem = |words: &str| {
        let schema = json!({ "schema": { "$ref": "#/components/schemas/problem" } });
        json!({ "description": words, "content": { PROBLEM_JSON: schema } })
    };
    json!({
        "400": problem("请求有误 Bad request"), "404": problem("没有找到 Not found"),
        "406": problem("没有所要的格式 No such format"), "500": problem("内部错误 Internal error"),
    })
}

fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let list = |name: &str| json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{name}") } });
    let geometry = json!({
        "type": "object", "nullable": true, "required": ["type"], "properties": { "type": text },
    });
    let count = json!({ "type": "integer", "minimum": 0 });
    json!({
        "object": { "type": "object" },
        "link": {
            "type": "object", "required": ["href", "rel", "type"],
            "properties": { "href": text, "rel": text, "type": text, "title": text },
        },
        "landing": {
            "type": "object", "required": ["links"],
            "properties": { "title": text, "description": text, "links": list("link") },
        },
        "conformance": {
            "type": "object", "required": ["conformsTo"],
            "properties": { "conformsTo": { "type": "array", "items": text } },
        },
        "collections": {
            "type": "object", "required": ["links", "collections"],
            "properties": { "links": list("link"), "collections": list("collection") },
        },
        "collection": {
            "type": "object", "required": ["id", "links"],
            "properties": {
                "id": text, "title": text, "title_en": text, "description": text, "itemType": text, "links": list("link"),
                "crs": { "type": "array", "items": text }, "extent": { "type": "object" },
                "synthetic": { "type": "boolean" }, "notice_zh": text, "notice_en": text,
            },
        },
        "feature": {
            "type": "object", "required": ["type", "geometry", "properties", "links"],
            "properties": {
                "type": { "type": "string", "enum": ["Feature"] },
                "id": { "oneOf": [{ "type": "string" }, { "type": "integer" }] },
                "geometry": geometry, "properties": { "type": "object" }, "links": list("link"),
                "synthetic": { "type": "boolean" },
            },
        },
        "features": {
            "type": "object", "required": ["type", "features", "links", "timeStamp", "numberMatched", "numberReturned"],
            "properties": {
                "type": { "type": "string", "enum": ["FeatureCollection"] },
                "features": { "type": "array", "items": { "type": "object" } }, "links": list("link"),
                "timeStamp": { "type": "string", "format": "date-time" }, "numberMatched": count,
                "numberReturned": count, "synthetic": { "type": "boolean" }, "notice_zh": text, "notice_en": text,
            },
        },
        "problem": {
            "type": "object", "required": ["type", "title", "status", "detail", "title_en", "detail_en"],
            "properties": {
                "type": text, "title": text, "status": { "type": "integer" }, "detail": text, "title_en": text,
                "detail_en": text, "instance": text,
            },
        },
    })
}

/// What a collection can be asked by, as a JSON schema.
pub(super) fn queryables(id: &str, title: &str, columns: &[Column]) -> Value {
    let asked = columns.iter().filter(|column| !RESERVED.contains(&column.name.as_str()));
    let mut properties: Map<String, Value> = asked.map(property).collect();
    properties.insert("geometry".to_owned(), json!({ "x-ogc-role": "primary-geometry", "format": "geometry-any" }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": id, "title": title, "type": "object",
        "properties": properties, "additionalProperties": false,
    })
}

/// The form of a collection's features, as a JSON schema.
///
/// A column `id` that names the features is their member `id`: clients that read this make a column of that member.
pub(super) fn schema(id: &str, title: &str, columns: &[Column], naming: Option<&Column>) -> Value {
    let own = columns.iter().filter(|column| !(column.name == "id" && naming == Some(*column)));
    let properties: Map<String, Value> = own.map(property).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": id, "title": title, "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": { "const": "Feature" },
            "id": { "type": if naming.is_some() { "string" } else { "integer" } },
            "geometry": { "type": ["object", "null"] },
            "properties": { "type": "object", "properties": properties },
        },
    })
}

fn property(column: &Column) -> (String, Value) {
    let kind = if column.number { "number" } else { "string" };
    (column.name.clone(), json!({ "title": column.name, "type": kind }))
}
