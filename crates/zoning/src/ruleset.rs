//! All rules of an edition: clauses, tables, facts and citations, loaded and checked together.

use crate::citation::Citations;
use crate::clause::{self, Clauses, Effect, Example, Existing, Rule, RuleSetHead};
use crate::expr::{Node, Order, Predicate, PredicateCall, Vocabulary};
use crate::facts::{Answerer, Dictionary};
use crate::finding::{RuleFile, RuleFinding, error, warning};
use crate::table::Tables;
use crate::value::Value;
use norms::Term;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The files that make up the rules of an edition.
#[derive(Clone, Debug, Default)]
pub struct RuleFiles {
    /// Fact dictionaries; the built-in one first, the edition's after it.
    pub facts: Vec<RuleFile>,
    /// Clauses, `rules/*.toml`.
    pub rules: Vec<RuleFile>,
    /// Examples that stand beside the clauses, `rules/*.examples.toml`.
    pub examples: Vec<RuleFile>,
    /// Decision tables, `tables/*.csv`.
    pub tables: Vec<RuleFile>,
    /// Instruments with dates and successors; the built-in ones first, the edition's after them.
    pub citations: Vec<RuleFile>,
    /// Words that no ban may rest on.
    pub words: Vec<RuleFile>,
    /// Keys of the edition's layers, when known: other keys in rules are then errors.
    pub layers: Option<BTreeSet<String>>,
}

/// Which areas have an access list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) enum Lists {
    /// The rules cover the whole city.
    #[default]
    City,
    /// Only units with rows of their own in a table.
    Tables,
    /// Only these units.
    Units(BTreeSet<String>),
}

/// One file's head.
#[derive(Clone, Debug, Default)]
pub(crate) struct Set {
    pub(crate) term: Term,
    pub(crate) existing: Existing,
}

/// Rules that were loaded and checked. What could not be read stays as unknown, never as absent.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    pub(crate) dictionary: Dictionary,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) rules: Vec<Rule>,
    pub(crate) sets: Vec<Set>,
    pub(crate) tables: Tables,
    pub(crate) citations: Citations,
    pub(crate) lists: Lists,
    pub(crate) examples: Vec<(Example, String, u64)>,
    pub(crate) kind: Option<u16>,
    pub(crate) industry: Option<u16>,
    pub(crate) processes: Option<u16>,
    /// Whether some part could not be read at all, so that rules may be absent.
    pub(crate) incomplete: bool,
    /// Predicates of `headroom`, which differ between units.
    pub(crate) headrooms: Vec<u16>,
    pub(crate) hash: String,
}

impl RuleSet {
    /// Loads rules and says everything that is wrong with them.
    ///
    /// A set with findings of severity `error` must not be published. It can still be asked: a rule that could not
    /// be read is unknown, a ban without a basis is a question for an official.
    #[must_use]
    pub fn load(files: &RuleFiles) -> (Self, Vec<RuleFinding>) {
        let mut findings = Vec::new();
        let (dictionary, found) = Dictionary::load(&files.facts);
        findings.extend(found);
        let (citations, found) = Citations::load(&files.citations);
        findings.extend(found);
        let mut set = Self { dictionary, citations, hash: hash(files), ..Self::default() };
        let slot = |name: &str| set.dictionary.slot(name).and_then(|slot| u16::try_from(slot).ok());
        (set.kind, set.industry, set.processes) = (slot("kind"), slot("industry"), slot("processes"));
        for file in &files.rules {
            set.read_rules(file, &mut findings);
        }
        for file in &files.examples {
            let examples = clause::read_examples(file, &mut findings);
            set.examples.extend(examples.into_iter().map(|(example, line)| (example, file.path.clone(), line)));
        }
        set.read_tables(files, &mut findings);
        set.incomplete = findings
            .iter()
            .any(|finding| matches!(finding.code, "toml_form" | "table_form" | "table_cell" | "table_rows"));
        set.link(&mut findings);
        set.check(files, &mut findings);
        set.run_examples(&mut findings);
        (set, findings)
    }

    fn read_rules(&mut self, file: &RuleFile, findings: &mut Vec<RuleFinding>) {
        #[expect(clippy::cast_possible_truncation, reason = "an edition has few files")]
        let number = self.sets.len() as u16;
        let Clauses { head, rules, examples } =
            clause::read(file, number, &self.dictionary, &mut self.vocabulary, findings);
        let set = self.head(file, head.as_ref(), findings);
        self.sets.push(set);
        self.rules.extend(rules);
        self.examples.extend(examples.into_iter().map(|(example, line)| (example, file.path.clone(), line)));
    }

    fn head(&mut self, file: &RuleFile, head: Option<&RuleSetHead>, findings: &mut Vec<RuleFinding>) -> Set {
        let Some(head) = head else { return Set::default() };
        let mut problem = |field: &str, zh: &str, en: &str| {
            findings.push(error("ruleset", &file.path, None, &format!("ruleset.{field}"), "", zh, en));
        };
        let mut day = |value: &Option<toml::Value>, field: &str| {
            let day = value.as_ref().map(clause::day_of);
            if day == Some(None) {
                problem(field, "应为日期，如 2026-01-01", "a date such as 2026-01-01 is wanted");
            }
            day.flatten()
        };
        let term =
            Term { from: day(&head.effective_from, "effective_from"), to: day(&head.effective_to, "effective_to") };
        if !matches!(head.default.as_str(), "" | "stricter_wins") {
            problem("default", "只支持 stricter_wins（从严）", "only `stricter_wins` is known");
        }
        match &head.lists {
            None => {}
            Some(toml::Value::String(word)) if word == "city" => self.lists = Lists::City,
            Some(toml::Value::String(word)) if word == "tables" => self.lists = Lists::Tables,
            Some(toml::Value::Array(units)) => {
                let units = units.iter().filter_map(toml::Value::as_str).map(str::to_owned);
                self.lists = Lists::Units(units.collect());
            }
            Some(_) => {
                problem("lists", "应为 city、tables 或单元代码列表", "`city`, `tables` or a list of units is wanted");
            }
        }
        Set { term, existing: head.existing }
    }

    fn read_tables(&mut self, files: &RuleFiles, findings: &mut Vec<RuleFinding>) {
        let kinds: Option<BTreeSet<&str>> = self.dictionary.get("kind").and_then(|fact| match &fact.kind {
            crate::facts::FactType::Enum { values, open: false } => {
                Some(values.iter().map(|choice| choice.value.as_str()).collect())
            }
            _ => None,
        });
        let known = |kind: &str| kinds.as_ref().is_none_or(|kinds| kinds.contains(kind));
        let mut tables = Tables::default();
        for file in &files.tables {
            tables.read(file, &known, findings);
        }
        tables.index();
        let needs = [
            ("industry", self.industry, tables.rows.iter().any(|row| row.prefix & 0xff != 0)),
            ("kind", self.kind, tables.rows.iter().any(|row| row.kinds != 0)),
            ("processes", self.processes, tables.rows.iter().any(|row| row.processes != 0)),
        ];
        for (name, slot, needed) in needs {
            if needed && slot.is_none() {
                let zh = format!("表格需要事实“{name}”，事实字典中没有");
                let en = format!("the tables need the fact “{name}”, which the dictionary does not know");
                findings.push(error(
                    "fact_unknown",
                    tables.files.first().map_or("", String::as_str),
                    None,
                    name,
                    "",
                    &zh,
                    &en,
                ));
            }
        }
        self.tables = tables;
    }

    /// Joins rules with their exceptions and marks what differs between units.
    fn link(&mut self, findings: &mut Vec<RuleFinding>) {
        let mut numbers: HashMap<String, u32> = HashMap::new();
        for (number, rule) in self.rows_of_rules() {
            if let Some(first) = numbers.insert(rule.id.clone(), number) {
                let zh = format!("规则编号重复，首见于第 {} 条规则", first + 1);
                let en = format!("the id stands twice, first at rule {}", first + 1);
                findings.push(error("rule_twice", &rule.file, Some(rule.line), "id", &rule.id, &zh, &en));
            }
        }
        let levels: Vec<u8> = self.rules.iter().map(|rule| rule.rank.level()).collect();
        let cited: Vec<bool> = self.rules.iter().map(|rule| !rule.cites.is_empty()).collect();
        let vocabulary = &self.vocabulary;
        let headroom = |number: u16| vocabulary.predicates[usize::from(number)].call == PredicateCall::Headroom;
        let status: Vec<bool> = self.dictionary.facts().iter().map(|fact| fact.answer == Answerer::Status).collect();
        for rule in &mut self.rules {
            for id in rule.unless_rule.clone() {
                let field = format!("{}.unless_rule", rule.id);
                let mut refuse = |code, zh: &str, en: &str| {
                    findings.push(error(code, &rule.file, Some(rule.line), &field, &id, zh, en));
                };
                match numbers.get(&id) {
                    None => refuse("exception_unknown", "没有这条例外规则", "there is no such rule"),
                    Some(&other) if levels[other as usize] < rule.rank.level() => {
                        refuse("exception_rank", "例外规则的层级低于本规则", "the exception is of a lower rank");
                    }
                    Some(&other) if !cited[other as usize] => {
                        refuse("exception_uncited", "例外规则没有依据", "the exception cites no basis");
                    }
                    Some(&other) => rule.exceptions.push(other),
                }
            }
            let programs = || rule.when.iter().chain(rule.must.iter().filter_map(|must| must.expr.as_ref()));
            rule.by_unit |= programs().flat_map(super::expr::Program::predicates).any(headroom);
            rule.by_unit |= programs().flat_map(super::expr::Program::facts).any(|slot| status[usize::from(slot)]);
        }
        self.cut_exception_cycles(findings);
        // A rule differs between units when one of its exceptions does.
        for _ in 0..self.rules.len().min(64) {
            let by_unit: Vec<bool> = self.rules.iter().map(|rule| rule.by_unit).collect();
            for rule in &mut self.rules {
                rule.by_unit |= rule.exceptions.iter().any(|other| by_unit[*other as usize]);
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "interned as u16")]
        let numbers = self.vocabulary.predicates.iter().enumerate().map(|(number, p)| (number as u16, p));
        self.headrooms = numbers.filter(|(_, p)| p.call == PredicateCall::Headroom).map(|(number, _)| number).collect();
    }

    fn rows_of_rules(&self) -> impl Iterator<Item = (u32, &Rule)> {
        #[expect(clippy::cast_possible_truncation, reason = "clauses are thousands")]
        self.rules.iter().enumerate().map(|(number, rule)| (number as u32, rule))
    }

    fn cut_exception_cycles(&mut self, findings: &mut Vec<RuleFinding>) {
        fn leads_back(rules: &[Rule], at: u32, start: u32, seen: &mut BTreeSet<u32>) -> bool {
            // Depth is bounded by the cap below: longer chains count as cycles.
            rules[at as usize].exceptions.iter().any(|&next| {
                next == start || (seen.len() < 64 && seen.insert(next) && leads_back(rules, next, start, seen))
            })
        }
        for number in 0..self.rules.len() {
            #[expect(clippy::cast_possible_truncation, reason = "clauses are thousands")]
            let start = number as u32;
            if leads_back(&self.rules, start, start, &mut BTreeSet::new()) {
                let rule = &mut self.rules[number];
                rule.exceptions.clear();
                let (zh, en) = ("例外关系成环", "exceptions lead back to where they started");
                findings.push(error("exception_cycle", &rule.file, Some(rule.line), "unless_rule", &rule.id, zh, en));
            }
        }
    }

    /// What the loader itself does not see: bases, vague words, layers.
    fn check(&self, files: &RuleFiles, findings: &mut Vec<RuleFinding>) {
        let words = vague_words(&files.words, findings);
        for rule in &self.rules {
            let mut say = |is_error: bool, code, field: &str, value: &str, zh: &str, en: &str| {
                let make = if is_error { error } else { warning };
                findings.push(make(code, &rule.file, Some(rule.line), &format!("{}.{field}", rule.id), value, zh, en));
            };
            if rule.effect == Effect::Prohibit {
                if rule.cites.is_empty() {
                    let zh = "禁止性规则没有依据：按人工研判处理";
                    say(true, "prohibit_uncited", "cite", "", zh, "a ban cites no basis: it becomes a review");
                }
                let texts = std::iter::once(&rule.title).chain(rule.cites.iter().map(|cite| &cite.text));
                for text in texts {
                    if let Some(word) = words.iter().find(|word| text.contains(word.as_str())) {
                        let zh = format!("条文含“{word}”，不宜直接禁止");
                        let en = format!("the clause says “{word}”, which is no plain ban");
                        say(false, "vague_words", "title", text, &zh, &en);
                    }
                }
            }
            let repealed = rule.cites.iter().find(|cite| cite.repealed && cite.successor.is_none());
            if let Some(cite) = repealed {
                let zh = "依据已废止且未登记替代条款：按人工研判处理";
                say(
                    false,
                    "basis_repealed",
                    "cite",
                    &cite.label(),
                    zh,
                    "the basis is repealed without a successor: it becomes a review",
                );
            }
        }
        self.check_tables(&words, findings);
        if let Some(layers) = &files.layers {
            self.check_layers(layers, findings);
        }
    }

    fn check_tables(&self, words: &[String], findings: &mut Vec<RuleFinding>) {
        /// Findings of one kind about table rows; the rest is for `lint`.
        const ROWS_SHOWN_MAX: usize = 1_000;
        let vague: BTreeMap<u32, &String> = (0..self.tables.rows.len())
            .map(|number| self.tables.rows[number].say)
            .collect::<BTreeSet<u32>>()
            .into_iter()
            .filter_map(|say| {
                Some((say, words.iter().find(|word| self.tables.texts.get(say).contains(word.as_str()))?))
            })
            .collect();
        let bans = || self.tables.rows.iter().filter(|row| row.effect == Effect::Prohibit);
        let place =
            |row: &crate::table::Row| (self.tables.files[usize::from(row.file)].as_str(), Some(u64::from(row.line)));
        for row in bans().filter(|row| row.cite == 0).take(ROWS_SHOWN_MAX) {
            let (file, line) = place(row);
            let (zh, en) = ("禁止性条件没有依据：按人工研判处理", "a ban cites no basis: it becomes a review");
            findings.push(error("prohibit_uncited", file, line, "cite", &self.tables.row_id(row), zh, en));
        }
        for (row, word) in bans().filter_map(|row| Some((row, vague.get(&row.say)?))).take(ROWS_SHOWN_MAX) {
            let (file, line) = place(row);
            let zh = format!("条文含“{word}”，不宜直接禁止");
            let en = format!("the clause says “{word}”, which is no plain ban");
            findings.push(warning("vague_words", file, line, "say", self.tables.texts.get(row.say), &zh, &en));
        }
    }

    fn check_layers(&self, layers: &BTreeSet<String>, findings: &mut Vec<RuleFinding>) {
        for rule in &self.rules {
            for program in rule.when.iter().chain(rule.must.iter().filter_map(|must| must.expr.as_ref())) {
                for number in program.predicates() {
                    let Predicate { call, key } = &self.vocabulary.predicates[usize::from(number)];
                    if call.asks_layer() && !layers.contains(key) {
                        let field = format!("{}.when", rule.id);
                        let zh = format!("版本中没有图层“{key}”：该条件恒为未知");
                        let en = format!("the edition has no layer “{key}”: the condition stays unknown");
                        findings.push(error("layer_unknown", &rule.file, Some(rule.line), &field, key, &zh, &en));
                    }
                }
            }
        }
    }

    /// The fact dictionary.
    #[must_use]
    pub const fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// The clauses, in order of their files.
    #[must_use]
    pub fn clauses(&self) -> &[Rule] {
        &self.rules
    }

    /// The citation map.
    #[must_use]
    pub const fn citations(&self) -> &Citations {
        &self.citations
    }

    /// How many clauses and rows of tables there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rules.len() + self.tables.rows.len()
    }

    /// Whether there is no rule at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// SHA-256 over all files, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Every layer that some rule asks about the project.
    #[must_use]
    pub fn layers_used(&self) -> BTreeSet<&str> {
        let predicates = self.vocabulary.predicates.iter();
        let asked = predicates.filter(|p| p.call.asks_layer() && p.call != PredicateCall::TouchesOutfall);
        asked.map(|predicate| predicate.key.as_str()).collect()
    }

    /// Every layer that some rule asks about the project's outfall.
    #[must_use]
    pub fn outfall_layers(&self) -> BTreeSet<&str> {
        let predicates = self.vocabulary.predicates.iter();
        predicates.filter(|p| p.call == PredicateCall::TouchesOutfall).map(|p| p.key.as_str()).collect()
    }

    /// Every layer whose distance is asked, with the largest limit in metres that it is compared with; none when it
    /// is compared with something that is no constant, so that every distance matters.
    #[must_use]
    pub fn distance_layers(&self) -> BTreeMap<&str, Option<f64>> {
        let mut found: BTreeMap<&str, Option<f64>> = BTreeMap::new();
        let programs =
            self.rules.iter().flat_map(|rule| rule.when.iter().chain(rule.must.iter().filter_map(|m| m.expr.as_ref())));
        for program in programs {
            for (place, node) in program.nodes.iter().enumerate() {
                let Node::Predicate(number) = node else { continue };
                let predicate = &self.vocabulary.predicates[usize::from(*number)];
                if predicate.call != PredicateCall::DistM {
                    continue;
                }
                let limit = program.nodes.iter().find_map(|other| match other {
                    Node::Order(order, a, b) if !matches!(order, Order::Equal | Order::Unequal) => {
                        let constant = |node: u32| match &program.nodes[node as usize] {
                            Node::Const(Value::Number(number)) => Some(number.to_f64()),
                            _ => None,
                        };
                        match (*a as usize == place, *b as usize == place) {
                            (true, _) => constant(*b),
                            (_, true) => constant(*a),
                            _ => None,
                        }
                    }
                    _ => None,
                });
                let entry = found.entry(predicate.key.as_str()).or_insert(Some(f64::NEG_INFINITY));
                *entry = entry.and_then(|before| limit.map(|limit| limit.max(before)));
            }
        }
        found
    }
}

/// The words that no ban may rest on.
fn vague_words(files: &[RuleFile], findings: &mut Vec<RuleFinding>) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Words {
        #[serde(default)]
        vague: Vec<String>,
    }
    let mut words = Vec::new();
    for file in files {
        match toml::from_str::<Words>(&file.text) {
            Ok(more) => words.extend(more.vague),
            Err(problem) => findings.push(file.toml_error(&problem)),
        }
    }
    words
}

fn hash(files: &RuleFiles) -> String {
    let mut digest = Sha256::new();
    let parts = [&files.facts, &files.rules, &files.examples, &files.tables, &files.citations, &files.words];
    for (number, part) in parts.into_iter().enumerate() {
        let mut sorted: Vec<&RuleFile> = part.iter().collect();
        if number != 0 && number != 4 {
            sorted.sort_by(|a, b| a.path.cmp(&b.path));
        }
        for text in sorted.iter().flat_map(|file| [&file.path, &file.text]) {
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        }
    }
    digest.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
