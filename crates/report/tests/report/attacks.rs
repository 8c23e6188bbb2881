//! What users type stays what they typed: fifty texts that want to be more than text.

use report::{
    Block, Branch, Column, Document, Emphasis, Fact, Inline, Legend, Notice, Row, SignatureLine, legible, to_docx,
    to_html,
};

use crate::package::{parts, well_formed};
use crate::sample;

fn payloads() -> Vec<String> {
    let mut out: Vec<String> = [
        "<script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "</style><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'><svg/onload=alert(1)>",
        "\" onmouseover=\"alert(1)",
        "' style='background:url(http://a/)'",
        "javascript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?xml version=\"1.0\"?>",
        "<!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]>&y;",
        "&lt;b&gt;",
        "&amp;amp;",
        "&#0;",
        "&#x1F;",
        "&nbsp",
        "&unknown;",
        "</w:t></w:r></w:p><w:p/>",
        "<w:br w:type=\"page\"/>",
        "<w:instrText>INCLUDETEXT \"C:\\\\a\"</w:instrText>",
        "{ DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/k calc\" }",
        "=cmd|' /C calc'!A0",
        "@page{content:url(http://a/)}",
        "\\\"; } body { display: none } \"",
        "\\3c script\\3e ",
        "expression(alert(1))",
        "url(javascript:alert(1))",
        "<base href=//a/>",
        "<meta http-equiv=refresh content=0;url=//a/>",
        "<iframe srcdoc='<script>1</script>'>",
        "<math><mi xlink:href=\"javascript:1\">",
        "<svg><use href=\"//a/#b\"/></svg>",
        "</svg><p>",
        "${7*7}{{7*7}}<%= 7*7 %>",
        "%00%0a%0d",
        "../../../etc/passwd",
        "\u{202e}fdp.exe\u{202c}",
        "\u{2066}abc\u{2069}\u{200f}\u{061c}",
        "\0\u{1}\u{8}\u{b}\u{c}\u{1b}[31m\u{7f}",
        "\u{fffe}\u{ffff}\u{1ffff}\u{fdd0}",
        "\u{feff}\u{200b}\u{2060}\u{00ad}",
        "a\r\nb\rc\nd\te",
        "\u{2028}\u{2029}\u{85}",
        "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
        "👩\u{200d}🔬 🇨🇳 𠮷",
        "   前后空格   ",
        "",
        "$(touch x) `id` ; rm -rf",
    ]
    .map(str::to_owned)
    .into();
    out.push("(".repeat(100_000));
    out.push(format!("{}{}", "<b>".repeat(50_000), "[".repeat(50_000)));
    out.push("很长没有空格的一行".repeat(2_000));
    out
}

/// A paper that has a text at every place where one can stand.
fn everywhere(text: &str) -> Document {
    let mut paper = Document::new(text);
    paper.subtitle = Some(text.to_owned());
    paper.number = Some(text.to_owned());
    paper.issuer = Some(text.to_owned());
    paper.notices = vec![Notice::new(Emphasis::Bad, text)];
    paper.push(Block::heading(2, text));
    let inlines = [Inline::text(text), Inline::strong(text), Inline::marked(Emphasis::Good, text)];
    paper.push(Block::paragraph(inlines));
    paper.push(Block::facts([Fact::new(text, text)]));
    paper.push(Block::Table {
        caption: Some(text.to_owned()),
        columns: vec![Column::new(text, 1)],
        rows: vec![Row::new(Emphasis::Caution, [text])],
    });
    paper.push(Block::Tree {
        branches: vec![Branch::new(0, Emphasis::Plain, text), Branch::new(9, Emphasis::Bad, text)],
    });
    paper.push(Block::Note {
        emphasis: Emphasis::Unknown,
        title: Some(text.to_owned()),
        paragraphs: vec![text.into()],
    });
    paper.push(Block::Signatures { lines: vec![SignatureLine::filled(text, text)] });
    paper.push(Block::Code { text: "x".into(), caption: text.to_owned() });
    paper
}

/// The same paper with a text that wants nothing has the same tags.
fn tags(html: &str) -> Vec<String> {
    // Whether a row is long may change with the text; nothing else may.
    let plain = |tag: &str| tag.replace(" short", "").replace(" class=\"long\"", "").replace(" long", "");
    html.split('<').skip(1).map(|tag| plain(tag.split('>').next().unwrap())).collect()
}

#[test]
fn no_text_becomes_markup() {
    assert!(payloads().len() >= 50);
    let harmless = tags(&to_html(&everywhere("一般文字")).unwrap());
    for text in payloads() {
        let shown: String = text.chars().take(60).collect();
        let paper = everywhere(&text);
        let html = to_html(&paper).unwrap();
        let found = tags(&html);
        assert_eq!(found.len(), harmless.len(), "{shown:?}");
        for (found, harmless) in found.iter().zip(&harmless) {
            // Only the author's name stands in an attribute.
            let same =
                found == harmless || (found.starts_with("meta name=\"author\"") && found.matches('"').count() == 4);
            assert!(same, "{shown:?}: {found}");
        }
        let expected = legible(&text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let expected = expected.replace('"', "&quot;").replace('\'', "&#39;");
        assert!(html.contains(&format!("<h1>{expected}</h1>")), "{shown:?}");

        let words: Vec<String> = parts(&to_docx(&paper).unwrap())
            .into_iter()
            .filter(|(name, _)| !name.ends_with(".png"))
            .map(|(_, content)| well_formed(std::str::from_utf8(&content).unwrap()))
            .collect();
        let printed = legible(&text).replace(['\n', '\t'], "");
        let places = words.iter().map(|part| part.matches(printed.as_str()).count()).max().unwrap();
        assert!(printed.is_empty() || places >= 15, "{shown:?} stands at {places} places");
    }
}

#[test]
fn no_name_on_a_map_becomes_markup() {
    let harmless = tags(&sample::sketch().svg(Legend::Below).unwrap()).len();
    for text in payloads() {
        let mut sketch = sample::sketch();
        sketch.notice.clone_from(&text);
        for layer in &mut sketch.layers {
            layer.name.clone_from(&text);
            layer.places[0].label = Some(text.clone());
        }
        let svg = sketch.svg(Legend::Below).unwrap();
        for tag in tags(&svg) {
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
            let known = ["svg", "title", "defs", "pattern", "path", "circle", "text"];
            assert!(known.contains(&name), "{tag}");
            assert!(!tag.contains(" on") && !tag.contains("href"), "{tag}");
        }
        assert!(tags(&svg).len() < harmless + 400, "long names are cut");
        sketch.png(Legend::Below).unwrap();
    }
}

#[test]
fn a_page_asks_for_nothing() {
    let html = to_html(&sample::paper()).unwrap();
    for word in ["<script", "<link", "<iframe", "@import", " src=", "url(http", "url(/", "xlink"] {
        assert!(!html.contains(word), "{word}");
    }
    let outside = html.matches("https://").count();
    assert_eq!(outside, 1, "the one link of the paper");
    assert!(html.contains("default-src 'none'") || html.contains("default-src &#39;none&#39;"));
    assert!(html.contains("<html lang=\"zh-CN\">") && html.contains("name=\"viewport\""));
}
