//! What the public is not told of protected layers: their keys, their names, and what they say about a site.
//!
//! The verdict and the outcome of each rule stay as they are: somebody who is refused must be told so. What led there
//! is told as far as it does not speak of a protected layer. A value that is withheld is null, with [`WITHHELD`] as its
//! source; so is every value above it that would give it away.

use super::answers::{ClauseChange, OpenQuestion};
use super::view::{Sight, View};
use exchange::edition::LayerEntry;
use serde_json::Value;
use std::collections::BTreeSet;
use zoning::{NodeTrace, RuleTrace, Trace};

/// In place of the key of a protected layer, and the source of a value that is withheld.
pub(super) const WITHHELD: &str = "protected";
/// In place of its name.
pub(super) const NAME_ZH: &str = "受保护图层";
const NAME_EN: &str = "protected layer";

/// Keys and names that an answer does not tell; none for those who signed in.
#[derive(Default)]
pub(super) struct Veil {
    keys: Vec<String>,
    /// The longest first.
    names: Vec<String>,
}

impl Veil {
    /// What somebody is not told about the layers of an edition.
    pub(super) fn new<'l>(view: &View, layers: impl Iterator<Item = &'l LayerEntry>, sight: Sight) -> Self {
        if sight == Sight::Staff {
            return Self::default();
        }
        let titles = layers.filter(|entry| view.is_protected(&entry.key));
        let titles: Vec<&str> = titles.flat_map(|entry| [entry.title_zh.as_str(), &entry.title_en]).collect();
        // A remark in brackets behind a title is no part of the name.
        let short = titles.iter().filter_map(|title| title.split(['（', '(']).next()).map(str::trim);
        let all = titles.iter().copied().chain(short).chain(view.protected_names.iter().map(String::as_str));
        let unique: BTreeSet<&str> = all.filter(|name| !name.is_empty()).collect();
        let mut names: Vec<String> = unique.into_iter().map(str::to_owned).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Self { keys: view.protected.clone(), names }
    }

    fn is_open(&self) -> bool {
        self.keys.is_empty()
    }

    /// A text without keys and names.
    fn text(&self, text: &mut String) {
        for name in &self.names {
            if text.contains(name.as_str()) {
                *text = text.replace(name.as_str(), if name.is_ascii() { NAME_EN } else { NAME_ZH });
            }
        }
        for key in &self.keys {
            if text.contains(key.as_str()) {
                *text = without_word(text, key);
            }
        }
    }

    /// What is missing, as rules name it: the key stands at the end.
    fn missing(&self, name: &mut String) {
        let key = self.keys.iter().find(|key| name.strip_suffix(key.as_str()).is_some_and(|rest| rest.ends_with(':')));
        if let Some(key) = key {
            name.truncate(name.len() - key.len());
            name.push_str(WITHHELD);
        }
    }

    fn all_missing(&self, names: &mut Vec<String>) {
        names.iter_mut().for_each(|name| self.missing(name));
        names.sort_unstable();
        names.dedup();
    }

    /// Whether a part of a condition asks a protected layer.
    fn hides(&self, node: &NodeTrace) -> bool {
        let key = node.source.strip_prefix("layer:").and_then(|rest| rest.rsplit_once('@')).map(|(key, _)| key);
        key.is_some_and(|key| self.keys.iter().any(|hidden| hidden == key))
    }

    /// Whether a rule that decides asks a protected layer: the shortest way out of it would draw its border.
    pub(super) fn decided_by_hidden(&self, trace: &Trace) -> bool {
        fn asks(veil: &Veil, node: &NodeTrace) -> bool {
            veil.hides(node) || node.parts.iter().any(|part| asks(veil, part))
        }
        let nodes = |rule: &RuleTrace| {
            let musts = rule.must.iter().filter_map(|must| must.node.as_ref());
            rule.when.iter().chain(musts).any(|node| asks(self, node))
        };
        trace.rules.iter().any(|rule| trace.deciding.contains(&rule.id) && nodes(rule))
    }

    /// A trace as it may be told.
    pub(super) fn trace(&self, trace: &mut Trace) {
        if self.is_open() {
            return;
        }
        self.all_missing(&mut trace.missing);
        trace.layers.retain(|key, _| !self.keys.contains(key));
        for rule in &mut trace.rules {
            [&mut rule.title, &mut rule.question, &mut rule.say, &mut rule.note].into_iter().for_each(|t| self.text(t));
            self.all_missing(&mut rule.missing);
            if let Some(when) = &mut rule.when {
                self.node(when);
            }
            for must in &mut rule.must {
                self.text(&mut must.say);
                self.text(&mut must.evidence);
                if let Some(node) = &mut must.node {
                    self.node(node);
                }
            }
        }
        for row in &mut trace.rows {
            self.text(&mut row.say);
            self.all_missing(&mut row.missing);
        }
        let rules = trace.rules.iter_mut().flat_map(|rule| &mut rule.cites);
        for cite in rules.chain(trace.rows.iter_mut().flat_map(|row| &mut row.cites)) {
            self.text(&mut cite.cite.doc);
            self.text(&mut cite.cite.clause);
            self.text(&mut cite.cite.text);
        }
    }

    /// A part of a condition as it may be told; true when its value is withheld.
    fn node(&self, node: &mut NodeTrace) -> bool {
        if self.hides(node) {
            node.text = format!("{NAME_ZH} / a {NAME_EN}");
            node.missing.clear();
            node.unit.clear();
            node.with.clear();
            node.parts.clear();
            withhold(node);
            return true;
        }
        self.text(&mut node.text);
        self.text(&mut node.source);
        let hidden = node.parts.iter_mut().fold(false, |hidden, part| self.node(part) | hidden);
        // What is decided by the other parts alone gives nothing away.
        let decided = match node.op.as_str() {
            "and" => node.parts.iter().any(|part| part.value == Value::Bool(false)),
            "or" => node.parts.iter().any(|part| part.value == Value::Bool(true)),
            _ => false,
        };
        if hidden && !decided {
            withhold(node);
            return true;
        }
        false
    }

    /// Questions as they may be asked; those that no longer differ are one.
    pub(super) fn questions(&self, asked: Vec<OpenQuestion>) -> Vec<OpenQuestion> {
        let mut told: Vec<OpenQuestion> = Vec::new();
        for mut one in asked {
            self.missing(&mut one.missing);
            self.missing(&mut one.fact);
            let texts = [&mut one.question_zh, &mut one.question_en, &mut one.evidence_zh];
            texts.into_iter().for_each(|text| self.text(text));
            match told.iter_mut().find(|other| !self.is_open() && other.missing == one.missing) {
                Some(other) => {
                    other.can_prohibit |= one.can_prohibit;
                    other.rules.extend(one.rules);
                    other.rules.sort_unstable();
                    other.rules.dedup();
                }
                None => told.push(one),
            }
        }
        told
    }

    /// The two texts of a remedy.
    pub(super) fn texts(&self, (mut zh, mut en): (String, String)) -> (String, String) {
        self.text(&mut zh);
        self.text(&mut en);
        (zh, en)
    }

    /// What became of a clause.
    pub(super) fn clause(&self, change: &mut ClauseChange) {
        change.from_text.iter_mut().chain(&mut change.to_text).for_each(|text| self.text(text));
    }
}

fn withhold(node: &mut NodeTrace) {
    node.value = Value::Null;
    node.kind = "withheld".to_owned();
    node.source = WITHHELD.to_owned();
}

/// A text with the name of a layer in place of its key, where the key stands as a word of its own.
fn without_word(text: &str, key: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(key) {
        let (before, after) = (&rest[..at], &rest[at + key.len()..]);
        let inside = before.chars().next_back().is_some_and(part) || after.chars().next().is_some_and(part);
        out.push_str(before);
        out.push_str(if inside { key } else { NAME_ZH });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_where_it_is_a_word() {
        let text = without_word("touches('water_1') and water_12 > 0 or x_water_1", "water_1");
        assert_eq!(text, "touches('受保护图层') and water_12 > 0 or x_water_1");
    }

    #[test]
    fn a_changed_clause_names_no_protected_layer() {
        let told = |veil: &Veil| {
            let mut change = ClauseChange {
                id: "R02".to_owned(),
                kind: "changed".to_owned(),
                from_text: Some("一级区内禁止新建，touches('water_1')".to_owned()),
                to_text: Some("Nothing is built in the first-class zone".to_owned()),
            };
            veil.clause(&mut change);
            (change.from_text.unwrap_or_default(), change.to_text.unwrap_or_default())
        };
        let names = ["first-class zone", "一级区"].map(str::to_owned).to_vec();
        let (from, to) = told(&Veil { keys: vec!["water_1".to_owned()], names });
        assert_eq!(from, "受保护图层内禁止新建，touches('受保护图层')");
        assert_eq!(to, "Nothing is built in the protected layer");
        assert!(told(&Veil::default()).0.contains("一级区"), "staff reads it");
    }
}
