//! Collecting findings without growing: every kind is counted, the first ones of each are kept.

use norms::{Finding, FindingCode, Severity};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// Findings kept of each kind; the rest is counted.
const KEPT_PER_CODE: u64 = 1000;
/// Longest value that a finding shows, in characters.
const VALUE_CHARS_MAX: usize = 60;

/// Where something was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// Line of a text file or row of a table, from 1.
    pub line: Option<u64>,
    /// Column or key.
    pub field: &'a str,
    /// What stood there.
    pub value: &'a str,
}

/// The findings about one or more inputs.
///
/// ```
/// use exchange::{Findings, Place};
/// let mut findings = Findings::new();
/// findings.set_file("hours.csv");
/// findings.report("value_negative", Place { line: Some(3), field: "SO2", value: "-4" });
/// assert_eq!(findings.total(), 1);
/// assert!(findings.kept()[0].to_line().starts_with("hours.csv:3 [SO2]"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Findings {
    file: String,
    kept: Vec<Finding>,
    counts: BTreeMap<FindingCode, u64>,
}

impl Findings {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the file that the following findings are about.
    pub fn set_file(&mut self, file: &str) {
        file.clone_into(&mut self.file);
    }

    /// Adds one of a kind that [`describe`] knows.
    pub fn report(&mut self, code: FindingCode, place: Place<'_>) {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count > KEPT_PER_CODE {
            return;
        }
        let words = describe(code);
        let mut value: String = place.value.chars().filter(|c| !c.is_control()).take(VALUE_CHARS_MAX).collect();
        if place.value.chars().nth(VALUE_CHARS_MAX).is_some() {
            value.push('…');
        }
        self.kept.push(Finding {
            code,
            severity: words.severity,
            file: self.file.clone(),
            line: place.line,
            field: place.field.to_owned(),
            value,
            message_zh: words.message_zh.to_owned(),
            message_en: words.message_en.to_owned(),
            action_zh: words.action_zh.to_owned(),
            action_en: words.action_en.to_owned(),
        });
    }

    /// Adds one that carries its own place and words.
    pub fn add(&mut self, finding: Finding) {
        let count = self.counts.entry(finding.code).or_default();
        *count += 1;
        if *count <= KEPT_PER_CODE {
            self.kept.push(finding);
        }
    }

    /// Adds those of a part of the same file, in their order.
    pub fn absorb(&mut self, part: Self) {
        for mut finding in part.kept {
            let count = self.counts.get(finding.code).copied().unwrap_or_default();
            let before = self.kept.iter().rev().take_while(|other| other.code == finding.code).count() as u64;
            if count.max(before) < KEPT_PER_CODE {
                finding.file.clone_from(&self.file);
                self.kept.push(finding);
            }
        }
        for (code, count) in part.counts {
            *self.counts.entry(code).or_default() += count;
        }
    }

    /// Adds those about other files, each with its own.
    pub fn append(&mut self, other: Self) {
        for finding in other.kept {
            let count = self.kept.iter().filter(|kept| kept.code == finding.code).count() as u64;
            if count < KEPT_PER_CODE {
                self.kept.push(finding);
            }
        }
        for (code, count) in other.counts {
            *self.counts.entry(code).or_default() += count;
        }
    }

    /// How many there are, kept or not.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// How many there are of each kind.
    #[must_use]
    pub const fn counts(&self) -> &BTreeMap<FindingCode, u64> {
        &self.counts
    }

    /// Whether a row or value was left out.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        // The first ones of every kind are kept, so no kind is missed here.
        self.kept.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The first ones of each kind.
    #[must_use]
    pub fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// Writes them as JSON lines, in the order found; a last line for each kind of which only the first were kept.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_jsonl(&self, path: &Path) -> std::io::Result<()> {
        let mut text = Vec::new();
        for finding in &self.kept {
            serde_json::to_writer(&mut text, finding)?;
            text.push(b'\n');
        }
        for (code, count) in self.counts.iter().filter(|(_, count)| **count > KEPT_PER_CODE) {
            let rest = Finding {
                code,
                severity: describe(code).severity,
                file: String::new(),
                line: None,
                field: String::new(),
                value: count.to_string(),
                message_zh: format!("此类问题共{count}处，只列出前{KEPT_PER_CODE}处"),
                message_en: format!("{count} of this kind, the first {KEPT_PER_CODE} are listed"),
                action_zh: "先改正列出的问题再试".to_owned(),
                action_en: "mend the listed ones and try again".to_owned(),
            };
            serde_json::to_writer(&mut text, &rest)?;
            text.push(b'\n');
        }
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&text)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// Prints up to `per_code` of each kind and the counts, one a line.
    ///
    /// # Errors
    /// When the target cannot be written.
    pub fn print(&self, mut to: impl Write, per_code: usize) -> std::io::Result<()> {
        for (code, count) in &self.counts {
            for finding in self.kept.iter().filter(|finding| finding.code == *code).take(per_code) {
                writeln!(to, "{}", finding.to_line())?;
            }
            if *count > per_code as u64 {
                writeln!(to, "  … {code}: 共{count}处 / {count} in all")?;
            }
        }
        Ok(())
    }
}

struct Words {
    severity: Severity,
    message_zh: &'static str,
    message_en: &'static str,
    action_zh: &'static str,
    action_en: &'static str,
}

/// The words of every kind of finding, in one place.
fn describe(code: FindingCode) -> Words {
    let error = |message_zh, message_en, action_zh, action_en| Words {
        severity: Severity::Error,
        message_zh,
        message_en,
        action_zh,
        action_en,
    };
    let warning = |message_zh, message_en, action_zh, action_en| Words {
        severity: Severity::Warning,
        ..error(message_zh, message_en, action_zh, action_en)
    };
    match code {
        "header_missing" => error(
            "表头缺少必需的列",
            "the header lacks a needed column",
            "补上站点和时间列；长表还需项目和数值列",
            "give a station and a time column; a long table also needs parameter and value",
        ),
        "header_twice" => error(
            "同一列出现两次，用第一个",
            "the same column stands twice; the first is used",
            "删去其中一列",
            "remove one of them",
        ),
        "column_unknown" => error(
            "不认识的列，未读",
            "the column is not known and was not read",
            "改用参数表中的名称，或在来源映射中声明",
            "use a name of the table of parameters, or declare it in the source mapping",
        ),
        "parameter_unknown" => error(
            "不认识的项目，该行未用",
            "the parameter is not known; the row was left out",
            "改用参数表中的名称，或把别名加入参数表",
            "use a name of the table of parameters, or add the alias there",
        ),
        "parameter_not_judged" => warning(
            "不属于本项评价的项目，未用",
            "the parameter has no part in this judgement",
            "无需处理",
            "nothing to do",
        ),
        "station_missing" => {
            error("站点为空，该行未用", "no station; the row was left out", "补上站点编号", "give the station")
        }
        "station_unknown" => error(
            "站点不在登记表中，它的行都未用",
            "the station is not in the register; its rows were left out",
            "先导入站点登记表",
            "import the register of stations first",
        ),
        "simulated_in_real" => error(
            "真实城市不收模拟站点，该行未用",
            "a real city takes no simulated station; the row was left out",
            "演示请用 yundang demo 的文件夹",
            "use the folder of `yundang demo` for demonstrations",
        ),
        "time_missing" => error("时间为空，该行未用", "no time; the row was left out", "补上时间", "give the time"),
        "time_form" => error(
            "时间无法读取，该行未用",
            "the time cannot be read; the row was left out",
            "写成北京时间，如 2022-01-31T13:00，不带时区",
            "write Beijing time such as 2022-01-31T13:00, without a zone",
        ),
        "time_zone" => error(
            "时间带有北京以外的时区，该行未用",
            "the time has a zone other than Beijing; the row was left out",
            "换算成北京时间并去掉时区",
            "convert it to Beijing time and drop the zone",
        ),
        "time_not_hour" => error(
            "时间不是整点，该行未用",
            "the time is not on the full hour; the row was left out",
            "给出小时均值的整点时间",
            "give the full hour of the hourly mean",
        ),
        "time_absurd" => error(
            "时间超出1900—2199年，该行未用",
            "the time lies outside 1900-2199; the row was left out",
            "核对年份",
            "check the year",
        ),
        "row_twice" => error(
            "同一站点同一时间出现两次且数值相同，只用第一次",
            "the station and time stand twice with equal values; the first is used",
            "删去重复的行",
            "remove the repeated row",
        ),
        "row_conflict" => error(
            "同一站点同一时间出现两次而数值不同，用第一次",
            "the station and time stand twice with different values; the first is used",
            "核对哪一行正确并删去另一行",
            "find out which row is right and remove the other",
        ),
        "value_form" => error(
            "不是数值，按无值处理",
            "not a number; taken as no value",
            "写成数字；无值时留空或写 NA",
            "write a number; leave it empty or NA when there is none",
        ),
        "value_negative" => error(
            "数值为负，按无值处理",
            "the value is below zero; taken as no value",
            "核对仪器零点，或标记为无效",
            "check the zero of the instrument, or flag it invalid",
        ),
        "value_absurd" => error(
            "数值大得不合理，按无值处理",
            "the value is beyond what is plausible; taken as no value",
            "核对单位和小数点",
            "check the unit and the decimal point",
        ),
        "unit_suspect" => error(
            "一氧化碳大得不合理，可能以µg/m³计，按无值处理",
            "carbon monoxide is beyond what is plausible, perhaps given in µg/m³; taken as no value",
            "一氧化碳以mg/m³计：除以1000后重试",
            "carbon monoxide is in mg/m³: divide by 1000 and try again",
        ),
        "unit_unknown" => error(
            "单位无法换算，未读",
            "the unit cannot be converted; it was not read",
            "改用参数表的单位，或把换算系数加入 units.csv",
            "use the unit of the table of parameters, or add its factor to units.csv",
        ),
        "form_wrong" => error(
            "项目的形态不是标准所用的形态（如氨与氨氮），未读",
            "the parameter is given in another form than the norm wants (as NH3 for NH3-N); it was not read",
            "换算成标准所用的形态，并用其名称",
            "convert it to the form of the norm and use its name",
        ),
        "kind_missing" => warning(
            "没有说明是河流还是湖库，按河流评价",
            "river or lake is not said; judged as a river",
            "加上 kind 列（river 或 lake），或在 --stations 的文件中给出",
            "add a column kind (river or lake), or give it in the file of --stations",
        ),
        "kind_unknown" => error(
            "水体类型无法识别，该行未用",
            "the kind of water body is not known; the row was left out",
            "写 river（河流）或 lake（湖库）",
            "write river or lake",
        ),
        "lake_suspect" => warning(
            "按河流评价，却有透明度：可能是湖库",
            "judged as a river but has a transparency: perhaps a lake",
            "核对水体类型",
            "check the kind of water body",
        ),
        "function_class_missing" => warning(
            "没有功能区类别，不判断是否达标",
            "no function class; whether it is met is not judged",
            "补上功能区类别",
            "give the function class",
        ),
        "function_class_unknown" => error(
            "功能区类别无法识别，不判断是否达标",
            "the function class is not known; whether it is met is not judged",
            "写 Ⅰ 到 Ⅴ（或 1 到 5）",
            "write Ⅰ to Ⅴ (or 1 to 5)",
        ),
        "zone_missing" => warning(
            "没有声环境功能区类别，不判断是否达标",
            "no noise function zone; whether limits are met is not judged",
            "补上 function_zone（0、1、2、3、4a、4b）",
            "give function_zone (0, 1, 2, 3, 4a, 4b)",
        ),
        "zone_unknown" => error(
            "声环境功能区类别无法识别",
            "the noise function zone is not known",
            "写 0、1、2、3、4a 或 4b",
            "write 0, 1, 2, 3, 4a or 4b",
        ),
        "land_use_missing" => error(
            "没有土地利用类型，未评价",
            "no land use; the sample was not judged",
            "补上 land_use（第一类用地、第二类用地、水田、果园、其他、水旱轮作）",
            "give land_use (class1, class2, paddy, orchard, other, rotation)",
        ),
        "land_use_unknown" => error(
            "土地利用类型无法识别",
            "the land use is not known",
            "写第一类用地、第二类用地、水田、果园、其他或水旱轮作",
            "write class1, class2, paddy, orchard, other or rotation",
        ),
        "acidity_missing" => error(
            "农用地没有pH，无法确定限值，未评价",
            "farmland without pH: the limits are not known; the sample was not judged",
            "补上土壤 pH",
            "give the pH of the soil",
        ),
        "standard_missing" => error(
            "排口没有执行标准，未评价",
            "the outlet has no standard; it was not judged",
            "补上 standard，如 GB18918/table1/1A",
            "give standard, such as GB18918/table1/1A",
        ),
        "standard_unknown" => error(
            "执行标准、表或级别无法识别，未评价",
            "the standard, table or grade is not known; it was not judged",
            "写标准、表和级别，如 GB18918/table1/1A；yundang norms list 列出已有的标准",
            "write standard, table and grade, such as GB18918/table1/1A; `yundang norms list` shows what is there",
        ),
        "built_unknown" => error(
            "建设时间无法读取，按不知道处理",
            "the time of building cannot be read; taken as not known",
            "写日期（2006-01-01）或年份（2006）",
            "write a day (2006-01-01) or a year (2006)",
        ),
        "not_judged" => warning(
            "缺少条件，该值未评价",
            "something is missing; the value was not judged",
            "补上所缺的量",
            "give what is missing",
        ),
        "detection_limit_high" => warning(
            "未检出，但检出限高于标准限值，不能证明达标",
            "not detected, but the detection limit is above the limit of the norm: nothing is proved",
            "换用更灵敏的方法",
            "use a more sensitive method",
        ),
        "flag_form" => error(
            "标记无法读取，该值按无效处理",
            "the flag cannot be read; the value was taken as invalid",
            "空、0或N为有效，其余为无效；宽表的整数标记是0到63的位掩码",
            "empty, 0 or N is valid, anything else not; an integer flag of a wide table is a bit mask of 0 to 63",
        ),
        "row_width" => error(
            "列数与表头不符，缺少的按空处理",
            "the row has another number of cells than the header; absent ones are empty",
            "核对分隔符和引号",
            "check separators and quotes",
        ),
        "quote_open" => error(
            "引号没有配对，该行未用",
            "a quote is not closed; the line was left out",
            "补上或删去引号",
            "close the quote or remove it",
        ),
        "line_long" => {
            error("一行过长，未用", "the line is too long and was left out", "核对换行符", "check the line breaks")
        }
        "file_cut" => error(
            "文件不完整，只读到这里",
            "the file is cut off; it was read up to here",
            "重新取得文件",
            "fetch the file again",
        ),
        "file_form" => error(
            "文件无法读取",
            "the file cannot be read",
            "核对格式：CSV、CSV.gz、XLSX或Parquet",
            "check the format: CSV, CSV.gz, XLSX or Parquet",
        ),
        "file_large" => error(
            "文件超过上限，未读",
            "the file is beyond the limit and was not read",
            "分成几个文件，或改用CSV、Parquet",
            "split it, or use CSV or Parquet",
        ),
        "column_type" => error(
            "列的类型不能用",
            "the type of the column cannot be used",
            "站点为文本或整数，时间为不带时区的时间戳，数值为数字",
            "stations are text or integers, times are timestamps without a zone, values are numbers",
        ),
        "encoding" => error("文字编码无法识别", "the text encoding cannot be told", "存为UTF-8", "save it as UTF-8"),
        "city_missing" => error(
            "站点没有所属城市，未计入",
            "the station has no city and was left out",
            "在城市列或站点表中补上",
            "give it in the city column or the file of stations",
        ),
        "edition_missing" => error(
            "这一天没有现行的标准版本，未评价",
            "no edition of the norms is in force on that day; it was not judged",
            "补充标准数据",
            "add the edition to the norms",
        ),
        "value_missing" => error(
            "必填的单元格为空，该行未用",
            "a needed cell is empty; the row was left out",
            "补上该值",
            "give the value",
        ),
        "row_form" => error(
            "该行无法读取，未用",
            "the row cannot be read and was left out",
            "按列名核对各单元格",
            "check the cells against the column names",
        ),
        _ => match crate::spatial::words::describe(code) {
            Some((severity, message_zh, message_en, action_zh, action_en)) => {
                Words { severity, message_zh, message_en, action_zh, action_en }
            }
            None => error("输入有问题", "something is wrong with the input", "核对这一处", "check this place"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_everything_is_counted() {
        let mut findings = Findings::new();
        for line in 0..50_000 {
            findings.report("value_form", Place { line: Some(line), field: "SO2", value: &"x".repeat(500) });
        }
        assert_eq!(findings.total(), 50_000);
        assert_eq!(findings.kept().len(), 1000);
        assert!(findings.kept()[0].value.chars().count() <= VALUE_CHARS_MAX + 1);
        let file = tempfile::NamedTempFile::new().unwrap();
        findings.write_jsonl(file.path()).unwrap();
        assert_eq!(std::fs::read_to_string(file.path()).unwrap().lines().count(), 1001);
    }
}
