//! Saying a figure: the verb follows from the computed sign, never from a template's wish.

use crate::{Definition, TextTemplate};
use norms::Rounded;

/// Where a value went against the year before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// It rose.
    Up,
    /// It fell.
    Down,
    /// It is the same, as printed.
    Flat,
}

impl Direction {
    /// `up`, `down` or `flat`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Flat => "flat",
        }
    }
}

/// A sentence in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Said {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// The direction from one printed value to another.
///
/// ```
/// use indicators::{Direction, direction};
/// use norms::Rounded;
/// let whole = |units| Rounded { units, decimals: 0 };
/// assert_eq!(direction(whole(22), whole(20)), Direction::Up);
/// ```
#[must_use]
pub fn direction(now: Rounded, before: Rounded) -> Direction {
    match now.ratio().cmp(&before.ratio()) {
        std::cmp::Ordering::Greater => Direction::Up,
        std::cmp::Ordering::Less => Direction::Down,
        std::cmp::Ordering::Equal => Direction::Flat,
    }
}

/// The sentence of a figure. Without a value it says so; without a direction it takes the verb `none`, or says that too.
#[must_use]
pub fn say(definition: &Definition, value: Option<&str>, direction: Option<Direction>) -> Said {
    let Some(value) = value else {
        return Said {
            zh: format!("{}：数据不足，不发布", definition.name_zh),
            en: format!("{}: not published, too little data", definition.name_en),
        };
    };
    let fill = |template: &TextTemplate, text: &str, language: &str, no_verb: &str| {
        let way = direction.map_or("none", Direction::name);
        let verb = template.verbs.get(&format!("verb_{way}_{language}")).map_or(no_verb, String::as_str);
        text.replace("{value}", value).replace("{verb}", verb)
    };
    let text = &definition.text;
    Said {
        zh: fill(text, &text.zh, "zh", "（无上年数据）"),
        en: fill(text, &text.en, "en", "(no data of the year before)"),
    }
}

/// Says the directions of several figures: together when they agree, each by itself when not.
#[must_use]
pub fn say_directions(names: &[(String, String)], directions: &[Option<Direction>]) -> Option<Said> {
    let known: Vec<Direction> = directions.iter().copied().collect::<Option<_>>()?;
    let words = |direction| match direction {
        Direction::Up => ("同比上升", "rose"),
        Direction::Down => ("同比下降", "fell"),
        Direction::Flat => ("同比持平", "stayed level"),
    };
    let all_same = known.windows(2).all(|pair| pair[0] == pair[1]);
    let first = *known.first()?;
    if all_same {
        let zh: Vec<&str> = names.iter().map(|(zh, _)| zh.as_str()).collect();
        let en: Vec<&str> = names.iter().map(|(_, en)| en.as_str()).collect();
        let (verb_zh, verb_en) = words(first);
        return Some(Said {
            zh: format!("{}浓度{verb_zh}", zh.join("和")),
            en: format!("{} {verb_en} against the year before", en.join(" and ")),
        });
    }
    let each = names.iter().zip(&known);
    let (zh, en): (Vec<String>, Vec<String>) = each
        .map(|((zh, en), direction)| {
            let (verb_zh, verb_en) = words(*direction);
            (format!("{zh}浓度{verb_zh}"), format!("{en} {verb_en}"))
        })
        .unzip();
    Some(Said { zh: zh.join("，"), en: format!("{} against the year before", en.join(", ")) })
}

/// A piece of a paragraph.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece<'a> {
    /// Plain text.
    Text(&'a str),
    /// The sentence of a figure.
    Figure(&'a str),
}

/// The pieces of a paragraph: text, and `{ID}` for figures.
///
/// ```
/// use indicators::{Piece, pieces};
/// assert_eq!(pieces("a{F047}。"), [Piece::Text("a"), Piece::Figure("F047"), Piece::Text("。")]);
/// ```
#[must_use]
pub fn pieces(paragraph: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = paragraph;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((id, tail)) = after.split_once('}') else { break };
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Figure(id));
        rest = tail;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposite_signs_are_never_said_together() {
        let names = [("二氧化氮".to_owned(), "NO2".to_owned()), ("臭氧".to_owned(), "O3".to_owned())];
        let both = say_directions(&names, &[Some(Direction::Up), Some(Direction::Up)]).unwrap();
        assert_eq!(both.zh, "二氧化氮和臭氧浓度同比上升");
        let each = say_directions(&names, &[Some(Direction::Up), Some(Direction::Down)]).unwrap();
        assert_eq!(each.zh, "二氧化氮浓度同比上升，臭氧浓度同比下降");
        assert_eq!(say_directions(&names, &[Some(Direction::Up), None]), None);
    }

    #[test]
    fn without_a_year_before_the_sentence_is_whole() {
        let file = r#"
            schema = "figures/1"
            [[figure]]
            id = "X"
            name_zh = "浓度"
            name_en = "level"
            definition_zh = "…"
            definition_en = "…"
            class = "M"
            unit = ""
            comparison = "year_before"
            norms = []
            version = 1
            [figure.value]
            sql = "SELECT 1"
            [figure.rows]
            sql = "SELECT 1"
            [figure.text]
            zh = "浓度{verb}{value}"
            en = "the level {verb} {value}"
            verb_down_zh = "降至"
            verb_none_zh = "为"
        "#;
        let file = norms::NormFile { path: "figures/x.toml".to_owned(), text: file.to_owned() };
        let catalogue = crate::Catalogue::load(&[file]).unwrap();
        let figure = &catalogue.figures[0];
        assert_eq!(say(figure, Some("17"), Some(Direction::Down)).zh, "浓度降至17");
        let first = say(figure, Some("17"), None);
        assert_eq!((&*first.zh, &*first.en), ("浓度为17", "the level (no data of the year before) 17"));
        assert_eq!(say(figure, None, None).zh, "浓度：数据不足，不发布");
    }
}
