//! What the records say of editions: which are in force, and how one gets there.

use super::{Registry, now};
use crate::zoning::Edition;
use norms::{Day, Term};
use records::{EditionState, Hash, NewEdition, RecordsError, Uuid};
use std::collections::BTreeMap;

/// An edition as the records have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Draft, checked, published, withdrawn.
    pub state: EditionState,
    /// The days in which it is in force, once it is published.
    pub term: Term,
    /// The hash of the folder that was imported.
    pub content: Hash,
}

/// What the records say of all editions, by id.
pub type Standings = BTreeMap<String, Standing>;

impl Standing {
    /// Whether it is in force on a day.
    #[must_use]
    pub fn in_force(&self, day: Day) -> bool {
        self.state == EditionState::Published && self.term.contains(day)
    }
}

/// The hash of an edition's folder as the records keep it.
///
/// # Errors
/// Never for an edition that was opened: its hash is one.
pub fn content_of(edition: &Edition) -> anyhow::Result<Hash> {
    let text = &edition.files.hash.whole;
    Hash::parse(text)
        .ok_or_else(|| anyhow::anyhow!("{}: 内容哈希无法读取 / its content hash is none: {text}", edition.id()))
}

impl Registry {
    /// What the records say now.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn standings(&self) -> Result<Standings, RecordsError> {
        let editions = self.records().editions(&self.city, now()).await?;
        Ok(editions
            .into_iter()
            .map(|edition| {
                let step = edition.now;
                (edition.id, Standing { state: step.state, term: step.term, content: step.content })
            })
            .collect())
    }

    /// Puts an edition whose folder was checked on record, unless it is there with this content already: as a draft that
    /// was checked, in one unit of work.
    ///
    /// # Errors
    /// When the id is on record with other content and published, or the records fail.
    pub async fn enter(&self, edition: &Edition, actor: &str, report: &str) -> anyhow::Result<()> {
        let content = content_of(edition)?;
        let before = match self.records().edition(edition.id()).await {
            Ok(before) => Some(before),
            Err(RecordsError::Missing { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let same =
            |state| before.as_ref().is_some_and(|known| known.now.content == content && known.now.state == state);
        if same(EditionState::Checked) || same(EditionState::Published) {
            return Ok(());
        }
        let head = &edition.files.head;
        let mut write = self.records().begin(self.act(actor)).await?;
        let new =
            NewEdition { id: edition.id(), city: &self.city, title: &head.title_zh, content, term: edition.term() };
        write.import_edition(&new).await?;
        write.check_edition(edition.id(), content, report).await?;
        Ok(write.commit().await?)
    }

    /// Publishes an edition that was checked.
    ///
    /// # Errors
    /// When the records refuse: another state, the same person, another edition in force; or fail.
    pub async fn publish(&self, id: &str, act: records::Act, impact: Option<Uuid>) -> Result<(), RecordsError> {
        let four_eyes = self.four_eyes().await?;
        let mut write = self.records().begin(act).await?;
        write.publish_edition(id, four_eyes, impact).await?;
        write.commit().await
    }
}
