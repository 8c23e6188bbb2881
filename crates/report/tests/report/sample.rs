//! A paper with every kind of block, as a screening would make it. Everything in it is made up.

use report::{
    Align, Block, Branch, Colour, Column, Document, Emphasis, Extent, Fact, Fill, Hatch, Inline, LinkTarget, MapLayer,
    MapSketch, Notice, Place, Row, Runs, Shape, SignatureLine, Stamp, Stroke,
};

pub(crate) fn paper() -> Document {
    let mut paper = Document::new("生态环境分区管控选址研判意见");
    paper.subtitle = Some("某电子元件生产线扩建项目".into());
    paper.number = Some("演示〔2026〕研判 000123 号".into());
    paper.issuer = Some("演示市生态环境局".into());
    paper.made_at = Some(Stamp::parse("2026-11-24T02:30:00Z").unwrap());
    paper.notices = vec![
        Notice::new(Emphasis::Caution, "演示数据（模拟），不对应任何真实项目"),
        Notice::new(Emphasis::Unknown, "系统研判意见（辅助），未经签发仅供参考"),
    ];
    let link = LinkTarget::parse("https://example.gov.cn/cases/000123").unwrap();

    paper.push(Block::heading(1, "研判结论"));
    paper.push(Block::paragraph([
        Inline::text("依据所载分区版本，本项目的研判结论为"),
        Inline::marked(Emphasis::Bad, "禁止准入"),
        Inline::text("；若改用"),
        Inline::strong("逆流漂洗工艺"),
        Inline::text("，最好情形为"),
        Inline::marked(Emphasis::Caution, "附条件允许"),
        Inline::text("。全部条款、依据和未知事项见下文，在线核对见"),
        Inline::link("案卷页面", link),
        Inline::text("。"),
    ]));
    paper.push(Block::Note {
        emphasis: Emphasis::Unknown,
        title: Some("还缺两项信息".into()),
        paragraphs: vec!["镀槽总容积（立方米）".into(), "是否位于已批复的电镀集控区内".into()],
    });
    paper.push(Block::heading(1, "项目与用地"));
    paper.push(Block::heading(2, "基本情况"));
    paper.push(Block::facts([
        Fact::new("项目名称", "某电子元件生产线扩建项目 <二期> & “改造”"),
        Fact::new("行业", "C3982 电子电路制造"),
        Fact::new("用地面积", "1.2044 公顷（高斯—克吕格平面，中央经线 117°）"),
        Fact::new("结论", Inline::marked(Emphasis::Bad, "禁止准入")),
        Fact::new("研判日期", "2026-11-24"),
    ]));
    paper.push(Block::heading(2, "位置"));
    paper.push(Block::Map { sketch: sketch(), caption: "项目与管控单元、要素图层的位置关系".into() });

    paper.push(Block::heading(1, "逐条研判"));
    paper.push(Block::heading(3, "单元与图层"));
    paper.push(Block::Table {
        caption: Some("涉及的管控单元".into()),
        columns: vec![
            Column::new("编码", 30),
            Column::new("名称", 30),
            Column::new("类别", 14).aligned(Align::Centre),
            Column::new("面积（公顷）", 18).aligned(Align::End),
        ],
        rows: vec![
            Row::new(Emphasis::Bad, ["ZH35021120003", "演示工业组团重点管控单元", "重点", "1.1932"]),
            Row::new(Emphasis::Caution, ["ZH35021110001", "演示水源优先保护单元", "优先", "0.0112"]),
            Row::new(Emphasis::Plain, ["ZH35021130001", "演示一般管控单元", "一般", "0.0000"]),
        ],
    });
    paper.push(Block::heading(4, "条款"));
    let rows = (1..=40).map(|number| {
        let (emphasis, words) = match number % 5 {
            0 => (Emphasis::Bad, "不符合"),
            1 => (Emphasis::Good, "符合"),
            2 => (Emphasis::Caution, "附条件"),
            3 => (Emphasis::Unknown, "信息不足"),
            _ => (Emphasis::Plain, "不涉及"),
        };
        let cells: [Runs; 4] = [
            format!("R-{number:03}").into(),
            format!("空间布局约束第（{number}）项：新建、扩建项目应当符合所在单元的准入要求，并按规定落实削减替代。")
                .into(),
            Inline::marked(emphasis, words).into(),
            format!("演示清单第{number}条").into(),
        ];
        Row::new(emphasis, cells)
    });
    paper.push(Block::Table {
        caption: Some("逐条对照".into()),
        columns: vec![
            Column::new("编号", 12).aligned(Align::Centre),
            Column::new("要求", 50),
            Column::new("结论", 18).aligned(Align::Centre),
            Column::new("依据", 20),
        ],
        rows: rows.collect(),
    });
    paper.push(Block::heading(1, "推导过程"));
    paper.push(Block::Tree {
        branches: vec![
            Branch::new(0, Emphasis::Bad, "R-005 电镀准入：成立，禁止"),
            Branch::new(1, Emphasis::Good, "行业代码以 C39 开头：真（申请人填报）"),
            Branch::new(1, Emphasis::Bad, "且"),
            Branch::new(2, Emphasis::Good, "涉及电镀工序：真（申请人填报）"),
            Branch::new(
                2,
                Emphasis::Unknown,
                "镀槽总容积 > 20 m³：未知，需补充填报；若不大于该值，本条不成立，结论改为附条件允许",
            ),
            Branch::new(1, Emphasis::Plain, "依据：演示清单（2026 年版）第五条"),
            Branch::new(0, Emphasis::Good, "R-006 生态保护红线：不重叠，最近距离 412.6 m"),
        ],
    });
    paper.push(Block::note(Emphasis::Caution, "水源地图层的精度为 ±10 m，边界在误差内移动时结论会变，需要实测。"));
    paper.push(Block::Signatures {
        lines: vec![
            SignatureLine::blank("签发人"),
            SignatureLine::blank("日　期"),
            SignatureLine::filled("经办人", "张三（演示）"),
        ],
    });
    paper.push(Block::PageBreak);
    paper.push(Block::heading(1, "核验"));
    paper
        .push(Block::Code { text: "https://example.gov.cn/cases/000123".into(), caption: "扫码查看案卷".into() });
    paper
}

pub(crate) fn sketch() -> MapSketch {
    let colour = |text: &str| text.parse::<Colour>().unwrap();
    let area = |points: &[[f64; 2]]| Shape::Area { rings: vec![points.to_vec()] };
    let stroke = |text: &str, width, dashed| Some(Stroke { colour: colour(text), width, dashed });
    let fill = |text: &str, percent, hatch| Some(Fill { colour: colour(text), percent, hatch });
    let place = |shape, label: &str| Place { shape, label: (!label.is_empty()).then(|| label.to_owned()) };

    let site =
        area(&[[455_120.0, 2_712_080.0], [455_260.0, 2_712_095.0], [455_250.0, 2_712_190.0], [455_110.0, 2_712_170.0]]);
    let units = [
        place(
            area(&[
                [454_500.0, 2_711_600.0],
                [455_400.0, 2_711_700.0],
                [455_500.0, 2_712_500.0],
                [454_600.0, 2_712_600.0],
            ]),
            "ZH35021120003 演示工业组团",
        ),
        place(
            area(&[
                [455_400.0, 2_711_700.0],
                [456_400.0, 2_711_500.0],
                [456_300.0, 2_712_400.0],
                [455_500.0, 2_712_500.0],
            ]),
            "ZH35021130001",
        ),
    ];
    let reserve = Shape::Area {
        rings: vec![
            vec![
                [454_650.0, 2_712_150.0],
                [455_000.0, 2_712_150.0],
                [455_000.0, 2_712_480.0],
                [454_650.0, 2_712_480.0],
            ],
            vec![
                [454_750.0, 2_712_230.0],
                [454_900.0, 2_712_230.0],
                [454_900.0, 2_712_380.0],
                [454_750.0, 2_712_380.0],
            ],
        ],
    };
    let river = Shape::Line {
        points: vec![
            [454_300.0, 2_711_900.0],
            [454_900.0, 2_711_980.0],
            [455_300.0, 2_711_900.0],
            [456_500.0, 2_712_150.0],
        ],
    };
    MapSketch {
        extent: Extent::around([&site]).unwrap().padded(3.0),
        layers: vec![
            MapLayer {
                name: "重点管控单元".into(),
                fill: fill("#e88a8a", 35, None),
                stroke: stroke("#a94442", 1.5, false),
                places: vec![units[0].clone()],
            },
            MapLayer {
                name: "一般管控单元".into(),
                fill: fill("#f2dc7c", 45, Some(Hatch::Dotted)),
                stroke: stroke("#8a7a20", 1.5, false),
                places: vec![units[1].clone()],
            },
            MapLayer {
                name: "饮用水水源保护区".into(),
                fill: fill("#2d7f3f", 20, Some(Hatch::Rising)),
                stroke: stroke("#2d7f3f", 1.2, true),
                places: vec![place(reserve, "水源保护区")],
            },
            MapLayer {
                name: "河流岸线".into(),
                fill: None,
                stroke: stroke("#2166ac", 3.0, false),
                places: vec![place(river, "演示溪")],
            },
            MapLayer {
                name: "监测断面".into(),
                fill: fill("#2166ac", 100, None),
                stroke: None,
                places: vec![place(Shape::Point { at: [454_900.0, 2_711_980.0] }, "断面甲")],
            },
            MapLayer {
                name: "项目用地（申请人提交的范围）".into(),
                fill: fill("#c8102e", 30, Some(Hatch::Crossed)),
                stroke: stroke("#c8102e", 2.5, false),
                places: vec![place(site, "项目用地")],
            },
        ],
        notice: "示意图（模拟数据），不作为界线依据".into(),
    }
}
