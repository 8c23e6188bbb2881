//! How the zoning map is shown: names, colours and what the public does not see, from the city pack.

use super::answers::UnitClass;
use super::paper::PaperWords;
use serde::Deserialize;

/// `zoning/view.toml` of a city pack.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct View {
    /// How sure the colours are.
    pub confidence: String,
    /// Keys of layers that the public does not see.
    #[serde(default)]
    pub protected: Vec<String>,
    /// Other names under which rules speak of these layers.
    #[serde(default)]
    pub protected_names: Vec<String>,
    /// Classes of units.
    #[serde(default, rename = "class")]
    pub classes: Vec<Class>,
    /// Dimensions of requirements.
    #[serde(default, rename = "dimension")]
    pub dimensions: Vec<Named>,
    /// Words of the six verdicts.
    #[serde(default, rename = "verdict")]
    pub verdicts: Vec<VerdictWords>,
    /// Groups of layers, in order.
    #[serde(default, rename = "group")]
    pub groups: Vec<Group>,
    /// Words of the paper about a case, from a file of their own.
    #[serde(skip)]
    pub paper: PaperWords,
}

/// A class of units.
#[derive(Clone, Debug, Deserialize)]
pub struct Class {
    /// 1, 2 or 3.
    pub class: u8,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Colour of the ground.
    pub fill: String,
    /// Colour of the edge.
    pub stroke: String,
}

/// Something with two names.
#[derive(Clone, Debug, Deserialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
}

/// A verdict in words.
#[derive(Clone, Debug, Deserialize)]
pub struct VerdictWords {
    /// Its word in files.
    pub verdict: zoning::Verdict,
    /// Chinese.
    pub name_zh: String,
    /// English.
    pub name_en: String,
    /// What it means, Chinese.
    pub sentence_zh: String,
    /// What it means, English.
    pub sentence_en: String,
}

/// A group of layers.
#[derive(Clone, Debug, Deserialize)]
pub struct Group {
    /// Its Chinese name, as `layers.csv` has it.
    pub id: String,
    /// English name.
    pub name_en: String,
    /// Colour of the ground.
    pub fill: String,
    /// Colour of the edge.
    pub stroke: String,
}

/// Who looks at the map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sight {
    /// Anybody: protected layers are not shown.
    Public,
    /// Somebody who signed in.
    Staff,
}

impl From<&Class> for UnitClass {
    fn from(class: &Class) -> Self {
        Self {
            class: class.class.to_string(),
            name_zh: class.name_zh.clone(),
            name_en: class.name_en.clone(),
            fill: class.fill.clone(),
            stroke: class.stroke.clone(),
        }
    }
}

impl View {
    /// Reads the table.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The class of a digit.
    #[must_use]
    pub fn class(&self, digit: u8) -> Option<&Class> {
        self.classes.iter().find(|class| class.class == digit)
    }

    /// Whether the public does not see a layer.
    #[must_use]
    pub fn is_protected(&self, key: &str) -> bool {
        self.protected.iter().any(|protected| protected == key)
    }

    /// Whether somebody sees a layer.
    #[must_use]
    pub fn shows(&self, key: &str, sight: Sight) -> bool {
        sight == Sight::Staff || !self.is_protected(key)
    }

    /// The words of a verdict.
    #[must_use]
    pub fn verdict(&self, verdict: zoning::Verdict) -> Option<&VerdictWords> {
        self.verdicts.iter().find(|words| words.verdict == verdict)
    }
}
