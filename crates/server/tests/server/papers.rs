//! The paper of a case: what it says, that it is always the same, and that a title stays a title.

#![allow(clippy::panic, reason = "a test that cannot go on fails")]

use super::zoning::{map_folder, root};
use flate2::read::DeflateDecoder;
use records::EditionState;
use report::{Block, Document, Runs, Stamp, to_docx, to_html};
use serde_json::Value;
use server::city::CityPack;
use server::norm_files::Library;
use server::registry::editions::{Standing, content_of};
use server::zoning::answers::ScreeningAnswer;
use server::zoning::desk::{Desk, ScreenQuestion};
use server::zoning::paper::{CasePaper, Materials, SignedJudgement, paper, paper_json};
use server::zoning::view::Sight;
use std::io::Read;
use std::path::Path;
use std::sync::LazyLock;

static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let view = CityPack::load("xiamen").unwrap().zoning_view;
    let desk = Desk::open(map_folder(), view, &Library::load(None).unwrap()).unwrap();
    let published = |edition: &server::zoning::Edition| Standing {
        state: EditionState::Published,
        term: edition.term(),
        content: content_of(edition).unwrap(),
    };
    desk.hear(desk.opened().into_iter().map(|edition| (edition.id().to_owned(), published(edition))).collect());
    desk
});

/// The question about one of the 200 projects.
fn question(id: &str) -> ScreenQuestion {
    let text = std::fs::read_to_string(root().join("testdata/zoning/projects-200/projects.geojson")).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    let found = all["features"].as_array().unwrap().iter().find(|one| one["properties"]["id"] == id).unwrap();
    let mut facts = found["properties"].as_object().unwrap().clone();
    facts.remove("id");
    ScreenQuestion {
        edition: Some("xm-2026".to_owned()),
        as_of: Some("2026-06-30".to_owned()),
        crs: Some("EPSG:4490".to_owned()),
        geometry: found["geometry"].clone(),
        corridor_m: None,
        outfall: None,
        facts,
    }
}

struct Case {
    answer: ScreeningAnswer,
    materials: Materials,
    stamp: Stamp,
}

impl Case {
    fn of(question: &ScreenQuestion) -> Self {
        let answer = DESK.screen(question, Sight::Public).unwrap();
        let materials = DESK.materials(question, &answer).unwrap();
        Self { answer, materials, stamp: Stamp::parse("2026-11-24T02:30:00Z").unwrap() }
    }

    fn paper<'a>(&'a self, title: &'a str, judgements: &'a [SignedJudgement]) -> CasePaper<'a> {
        CasePaper {
            number: "厦环研〔2026〕000123 号",
            title,
            issued_at: "2026-11-24 10:30",
            made_at: Some(&self.stamp),
            by: "张三",
            issuer: "厦门市生态环境局",
            answer: &self.answer,
            answer_hash: "0123456789abcdef",
            materials: &self.materials,
            judgements,
            link: "https://example.gov.cn/zoning/cases/000123",
            valid_until: Some("2027-02-22"),
            view: DESK.view(),
        }
    }
}

fn signed(text: &str) -> SignedJudgement {
    SignedJudgement {
        key: None,
        official: "李四".to_owned(),
        authority: "厦门市生态环境局行政审批处".to_owned(),
        value: "NEEDS_JUDGEMENT".to_owned(),
        reason: text.to_owned(),
        at: "2026-11-25 09:00".to_owned(),
        revoked_at: None,
    }
}

/// A paper as lines of words, for people who read the difference.
fn lines(paper: &Document) -> String {
    let words = |runs: &Runs| runs.0.iter().map(report::Inline::words).collect::<String>().replace('\n', " ¶ ");
    let mut out = format!("{} | {:?} | {:?} | {:?}\n", paper.title, paper.subtitle, paper.number, paper.issuer);
    paper.notices.iter().for_each(|notice| out += &format!("! {}\n", notice.text));
    for block in &paper.blocks {
        match block {
            Block::Heading { level, text } => out += &format!("{} {text}\n", "#".repeat(level.get().into())),
            Block::Paragraph { runs } => out += &format!("{}\n", words(runs)),
            Block::Facts { rows } => {
                rows.iter().for_each(|row| out += &format!("- {}: {}\n", row.name, words(&row.value)));
            }
            Block::Table { caption, columns, rows } => {
                let heads: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
                out += &format!("[{}] {}\n", caption.as_deref().unwrap_or_default(), heads.join(" | "));
                for row in rows {
                    let cells: Vec<String> = row.cells.iter().map(words).collect();
                    out += &format!("{:?} {}\n", row.emphasis, cells.join(" | "));
                }
            }
            Block::Map { sketch, caption } => {
                let layers: Vec<String> =
                    sketch.layers.iter().map(|layer| format!("{} {}", layer.name, layer.places.len())).collect();
                out += &format!("map {caption}: {} ({})\n", layers.join(", "), sketch.notice);
            }
            Block::Note { emphasis, paragraphs, .. } => {
                out += &format!("{emphasis:?}: {}\n", paragraphs.iter().map(words).collect::<Vec<_>>().join(" / "));
            }
            Block::Signatures { lines } => {
                lines.iter().for_each(|line| out += &format!("sign {}: {:?}\n", line.label, line.value));
            }
            Block::Code { text, caption } => out += &format!("code {text} {caption}\n"),
            Block::Tree { .. } | Block::PageBreak => {}
        }
    }
    out
}

#[test]
fn three_cases_read_as_somebody_read_them() {
    for (id, verdict) in [("P122", "RESTRICTED_UNMET"), ("P176", "PROHIBITED"), ("P092", "NEEDS_INFORMATION")] {
        let case = Case::of(&question(id));
        assert_eq!(case.answer.verdict.word(), verdict);
        let signed = [signed("已现场核实。")];
        let made = paper(&case.paper("演示项目", if id == "P176" { &signed } else { &[] }));
        let text = lines(&made).replace(&case.answer.edition.hash, "…");
        let path = root().join(format!("crates/server/tests/server/papers/{id}.txt"));
        if std::env::var_os("YUNDANG_BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(path).unwrap();
        assert_eq!(text, golden, "run with YUNDANG_BLESS=1 and read the difference");
        if let Some(folder) = std::env::var_os("YUNDANG_SAMPLES") {
            let folder = Path::new(&folder);
            std::fs::write(folder.join(format!("{id}.html")), to_html(&made).unwrap()).unwrap();
            std::fs::write(folder.join(format!("{id}.docx")), to_docx(&made).unwrap()).unwrap();
        }
    }
}

#[test]
fn the_same_case_is_the_same_bytes_and_a_signature_changes_only_what_it_must() {
    let question = question("P122");
    let (one, two) = (Case::of(&question), Case::of(&question));
    assert_eq!(serde_json::to_vec(&one.answer).unwrap(), serde_json::to_vec(&two.answer).unwrap());
    // What is on record comes back from its bytes.
    let kept: ScreeningAnswer = serde_json::from_slice(&serde_json::to_vec(&one.answer).unwrap()).unwrap();
    let kept = Case { answer: kept, ..two };
    let (a, b) = (paper(&one.paper("甲", &[])), paper(&kept.paper("甲", &[])));
    assert_eq!(to_docx(&a).unwrap(), to_docx(&b).unwrap());
    assert_eq!(to_html(&a).unwrap(), to_html(&b).unwrap());
    assert_eq!(paper_json(&one.paper("甲", &[]))["answer"], serde_json::to_value(&one.answer).unwrap());

    let revoked = SignedJudgement { revoked_at: Some("2026-11-26 09:00".to_owned()), ..signed("误签。") };
    let of_a_key = SignedJudgement { key: Some("serious_water_polluter".to_owned()), ..signed("不是。") };
    for (judgements, draft) in
        [(vec![], true), (vec![revoked], true), (vec![of_a_key], true), (vec![signed("已核。")], false)]
    {
        let case = one.paper("甲", &judgements);
        let made = paper(&case);
        let says = |text: &str| made.notices.iter().any(|notice| notice.text.contains(text));
        assert_eq!(says("仅供参考"), draft);
        assert!(says("演示数据（模拟）"));
        assert_eq!(paper_json(&case)["signed"], !draft);
        let verdict = lines(&made).lines().find(|line| line.starts_with("- 结论")).unwrap().to_owned();
        assert_eq!(verdict, "- 结论: 限制：条件未满足");
    }
}

#[test]
fn a_title_stays_a_title() {
    let case = Case::of(&question("P176"));
    let nasty = "</title><script>alert(1)</script>\u{202e}fdp.exe\u{0}]]>&lt;</w:t><w:p/>";
    let judgements = [signed(nasty)];
    let made = paper(&case.paper(nasty, &judgements));
    let html = to_html(&made).unwrap();
    assert!(!html.contains("<script>alert") && !html.contains('\u{202e}') && !html.contains('\0'));
    assert!(html.contains("〔U+202E〕") && html.contains("&lt;script&gt;"));
    let document = document_xml(&to_docx(&made).unwrap());
    balanced(&document);
    assert!(!document.contains('\u{202e}') && document.contains("〔U+202E〕"));
    assert_eq!(paper_json(&case.paper(nasty, &judgements))["title"], nasty, "data is not dressed");
}

#[test]
fn a_site_without_a_system_has_no_map_and_the_paper_says_so() {
    let asked = ScreenQuestion { crs: None, facts: serde_json::Map::new(), ..question("P092") };
    let case = Case::of(&asked);
    let made = paper(&case.paper("乙", &[]));
    let text = lines(&made);
    assert!(text.contains("没有申报坐标系") && !text.contains("map "), "{text}");
    to_docx(&made).unwrap();
    to_html(&made).unwrap();
}

#[test]
fn protected_layers_are_for_staff() {
    let layer = "water_source_1";
    let shown = |sight| {
        let groups = DESK.layers("xm-2026", sight).unwrap().groups;
        groups.into_iter().flat_map(|group| group.layers).find(|one| one.key == layer)
    };
    assert!(shown(Sight::Public).is_none());
    assert!(shown(Sight::Staff).unwrap().protected);
    // A tile, and a search, of something that lies in it.
    let hit = |sight| DESK.search("xm-2026", "水源", sight).unwrap().items.into_iter().find(|one| one.layer == layer);
    assert!(hit(Sight::Public).is_none());
    let tile = |sight| DESK.tile("xm-2026", layer, (8, 211, 110), sight);
    assert!(tile(Sight::Public).is_err() && tile(Sight::Staff).is_ok());
    // The same tile again, now that it is kept.
    assert!(tile(Sight::Public).is_err());
}

/// A small site in the middle of the first feature of a layer.
fn in_the_middle_of(layer: &str) -> Value {
    let path = map_folder().join(format!("xm-2026/layers/{layer}.geojson"));
    let table: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut ring = &table["features"][0]["geometry"]["coordinates"];
    while ring[0][0].is_array() {
        ring = &ring[0];
    }
    let ring = ring.as_array().unwrap();
    let mean = |axis: usize| {
        let all: f64 = ring.iter().map(|point| point[axis].as_f64().unwrap()).sum();
        all / f64::from(u32::try_from(ring.len()).unwrap())
    };
    let (x, y, d) = (mean(0), mean(1), 0.0002);
    serde_json::json!({ "type": "Polygon", "coordinates": [[[x, y], [x + d, y], [x + d, y + d], [x, y + d], [x, y]]] })
}

/// Everything that somebody is told about a site: answer, traces, paper.
fn everything(asked: &ScreenQuestion, sight: Sight) -> (ScreeningAnswer, String) {
    let answer = DESK.screen(asked, sight).unwrap();
    let materials = DESK.materials(asked, &answer).unwrap();
    let case = Case { answer, materials, stamp: Stamp::parse("2026-11-24T02:30:00Z").unwrap() };
    let told = case.paper("某项目", &[]);
    let traces = serde_json::to_string(&DESK.trace(asked, None, sight).unwrap()).unwrap();
    let text = [
        serde_json::to_string(&case.answer).unwrap(),
        traces,
        lines(&paper(&told)),
        to_html(&paper(&told)).unwrap(),
        paper_json(&told).to_string(),
    ]
    .join("\n");
    (case.answer, text)
}

#[test]
fn no_word_of_the_public_names_a_protected_layer() {
    let names =
        ["饮用水水源一级保护区", "饮用水一级保护区", "珍稀海洋物种保护区", "first-class zone", "rare marine species"];
    let mut seen = std::collections::BTreeSet::new();
    let facts = |text: &str| serde_json::from_str::<serde_json::Map<String, Value>>(text).unwrap();
    let cases = [
        ("water_source_1", facts(r#"{"kind":"new","water_supply_facility":false}"#), "R02"),
        // Where an outfall lies is not known: what is missing and what is asked would name the layer.
        ("water_source_1", facts(r#"{"kind":"existing","new_outfall":true}"#), "R06"),
        ("marine_species_reserve", facts(r#"{"kind":"new","underwater_noise_work":true}"#), "R24"),
        ("marine_species_reserve", serde_json::Map::new(), "R24"),
    ];
    for (layer, facts, rule) in cases {
        let asked = ScreenQuestion { geometry: in_the_middle_of(layer), facts, ..question("P176") };
        let (public, told) = everything(&asked, Sight::Public);
        let (staff, known) = everything(&asked, Sight::Staff);
        assert!(staff.layers.iter().any(|one| one.key == layer) && known.contains(layer), "{layer}");
        for word in ["water_source_1", "marine_species_reserve"].into_iter().chain(names) {
            assert!(!told.contains(word), "{layer}: {word}");
            if known.contains(word) {
                seen.insert(word);
            }
        }
        // The verdict and what each rule comes to are the same.
        assert_eq!((public.verdict, public.best, public.worst), (staff.verdict, staff.best, staff.worst));
        let outcomes = |answer: &ScreeningAnswer| -> Vec<(String, String, bool)> {
            answer.rules.iter().map(|one| (one.id.clone(), one.outcome.clone(), one.deciding)).collect()
        };
        assert_eq!(outcomes(&public), outcomes(&staff));
        assert_eq!(public.missing.is_empty(), staff.missing.is_empty());
        let asks = |answer: &ScreeningAnswer| answer.questions.iter().any(|one| one.missing.starts_with("touches"));
        assert_eq!(asks(&public), asks(&staff));

        // Only the value of the layer, and what would give it away, is withheld; staff reads it.
        let tree = |sight| DESK.trace(&asked, Some(rule), sight).unwrap().rules.remove(0).tree;
        let condition = |sight| serde_json::to_value(tree(sight)).unwrap()["children"].to_string();
        assert!(condition(Sight::Public).contains("受保护图层 / a protected layer"), "{rule}");
        assert!(condition(Sight::Staff).contains(&format!("layer:{layer}@xm-2026")), "{rule}");
        if rule == "R24" {
            let leaf = |sight| {
                let whole = serde_json::to_value(tree(sight)).unwrap();
                let all = whole["children"].as_array().unwrap().iter().flat_map(|one| {
                    std::iter::once(one.clone()).chain(one["children"].as_array().into_iter().flatten().cloned())
                });
                let all: Vec<Value> = all.collect();
                let of = |source: &str| all.iter().find(|one| one["source"] == source).cloned();
                of(if sight == Sight::Public { "protected" } else { "layer:marine_species_reserve@xm-2026" }).unwrap()
            };
            assert_eq!(
                (&leaf(Sight::Public)["value"], &leaf(Sight::Staff)["value"]),
                (&Value::Null, &Value::Bool(true))
            );
        }
    }
    // Without the veil the words would have been there.
    for word in ["water_source_1", "marine_species_reserve"].into_iter().chain(names) {
        assert!(seen.contains(word), "{word}");
    }
}

/// The text of `word/document.xml`, read from the package without a library.
fn document_xml(docx: &[u8]) -> String {
    let (mut at, mut found) = (0, None);
    let number = |at: usize, bytes: usize| (0..bytes).rev().fold(0, |sum, i| (sum << 8) | usize::from(docx[at + i]));
    while docx[at..].starts_with(b"PK\x03\x04") {
        let (method, packed, name, extra) =
            (number(at + 8, 2), number(at + 18, 4), number(at + 26, 2), number(at + 28, 2));
        assert!(number(at + 6, 2) & 8 == 0, "sizes stand in the head");
        let from = at + 30 + name + extra;
        let content = &docx[from..from + packed];
        let mut text = Vec::new();
        match method {
            0 => text.extend(content),
            8 => drop(DeflateDecoder::new(content).read_to_end(&mut text).unwrap()),
            other => panic!("method {other}"),
        }
        if &docx[at + 30..at + 30 + name] == b"word/document.xml" {
            found = Some(String::from_utf8(text).unwrap());
        }
        at = from + packed;
    }
    found.unwrap()
}

/// Fails unless every tag is closed by its own.
fn balanced(xml: &str) {
    let mut open = Vec::new();
    for tag in xml.split('<').skip(1).map(|rest| rest.split_once('>').unwrap().0) {
        match tag.strip_prefix('/') {
            _ if tag.starts_with('?') || tag.ends_with('/') => {}
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None => open.push(tag.split(' ').next().unwrap()),
        }
    }
    assert!(open.is_empty());
}
