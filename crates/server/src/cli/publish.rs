//! `yundang edition publish`: draft → checked → published, all or nothing, with a report.

use super::user::{CONSOLE, prove};
use super::zoning::{FindingsArg, check_ground};
use super::{Ended, Usage, block_on, print_text};
use crate::norm_files::Library;
use crate::registry::editions::content_of;
use crate::registry::{Registry, new_id};
use crate::zoning::Edition;
use anyhow::{Context, bail};
use clap::Args;
use exchange::Findings;
use norms::Day;
use records::{EditionState, NewImpactRun, RecordsError, Uuid};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    /// Edition folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Data folder of the city; by default the one that the edition lies in, else `yundang-data` when it is there, else
    /// the publication is recorded beside the edition
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Account that checks or publishes; needed as soon as there are accounts. Its password is read from standard input
    #[arg(long, value_name = "LOGIN")]
    by: Option<String>,
    /// Answer of `rules impact` against the edition before, to be kept beside the publication
    #[arg(long, value_name = "F.json")]
    impact: Option<PathBuf>,
    /// Edition that ends on the day on which this one begins
    #[arg(long, value_name = "ID")]
    replaces: Option<String>,
    #[command(flatten)]
    told: FindingsArg,
}

/// Where an edition is published.
enum Place {
    /// A city.
    City(PathBuf),
    /// A folder with editions that belongs to no city yet.
    Shelf(PathBuf),
}

pub(super) fn publish(args: &PublishArgs, library: &Library) -> anyhow::Result<Ended> {
    let mut findings = Findings::new();
    let opened = Edition::open(&args.folder, library, &mut findings);
    let edition = args.told.refused(&findings, opened)?;
    check_ground(&edition, &mut findings);
    args.told.tell(&findings)?;
    if findings.has_errors() {
        print_text(&format!("{}: 不可发布 / cannot be published\n", edition.id()))?;
        return Ok(Ended::WithFindings);
    }
    let report = format!("{} 条提示 / findings", findings.total());
    block_on(async {
        let place = place(args)?;
        let registry = match &place {
            Place::City(data) => {
                let folder = super::city::open(data, library).await?;
                if folder.pack.city.code != edition.files.head.city {
                    bail!(Usage(format!(
                        "{}: 版本属于城市 {}，数据文件夹属于 {} / the edition is of city {1}, the data folder of {2}",
                        args.folder.display(),
                        edition.files.head.city,
                        folder.pack.city.code
                    )));
                }
                Registry::open(&folder).await?
            }
            Place::Shelf(shelf) => Registry::of_shelf(shelf, &edition.files.head.city).await?,
        };
        let done = enter_and_publish(&registry, &edition, &place, args, &report).await;
        registry.records().close().await;
        done
    })
}

fn place(args: &PublishArgs) -> anyhow::Result<Place> {
    if let Some(data) = &args.data {
        return Ok(Place::City(data.clone()));
    }
    let told = || args.folder.display().to_string();
    let folder = args.folder.canonicalize().with_context(told)?;
    let shelf = folder.parent().with_context(told)?;
    let around = shelf.parent().filter(|data| shelf.ends_with("zoning") && data.join("yundang.toml").is_file());
    let usual = Path::new("yundang-data");
    Ok(match around {
        Some(data) => Place::City(data.to_owned()),
        None if usual.join("yundang.toml").is_file() => Place::City(usual.to_owned()),
        None => Place::Shelf(shelf.to_owned()),
    })
}

/// Refuses other content under the id of an edition that was published: what was judged by it must stay there.
async fn may_be_laid(registry: &Registry, edition: &Edition) -> anyhow::Result<()> {
    match registry.records().edition(edition.id()).await {
        Err(RecordsError::Missing { .. }) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(known) => {
            let settled = matches!(known.now.state, EditionState::Published | EditionState::Withdrawn);
            if settled && known.now.content != content_of(edition)? {
                bail!(
                    "{}: 已有同号而内容不同的版本，发布过的版本不可更改；请换新的版本号 / an edition of this id and other content is on \
                     record, and what was published is never changed: choose a new id",
                    edition.id()
                );
            }
            Ok(())
        }
    }
}

/// Copies an edition's folder to its place, where it appears whole.
fn lay(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() && from.canonicalize()? == to.canonicalize()? {
        return Ok(());
    }
    let told = || format!("{}: 无法写入 / cannot be written", to.display());
    let shelf = to.parent().with_context(told)?;
    std::fs::create_dir_all(shelf).with_context(told)?;
    let new = tempfile::Builder::new().prefix(".edition").tempdir_in(shelf).with_context(told)?;
    copy(from, new.path()).with_context(told)?;
    let new = new.keep();
    if to.exists() {
        let old = tempfile::Builder::new().prefix(".replaced").tempdir_in(shelf).with_context(told)?;
        std::fs::rename(to, old.path().join("edition")).with_context(told)?;
    }
    std::fs::rename(&new, to).with_context(told)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
            std::fs::File::open(&target)?.sync_all()?;
        }
    }
    Ok(())
}

async fn enter_and_publish(
    registry: &Registry,
    edition: &Edition,
    place: &Place,
    args: &PublishArgs,
    report: &str,
) -> anyhow::Result<Ended> {
    let actor = match &args.by {
        Some(login) => prove(registry, login).await?,
        None if registry.records().has_accounts().await? => {
            bail!(Usage(
                "已有账号，请用 --by 说明谁来办理 / there are accounts: say with --by who does this".to_owned()
            ))
        }
        None => CONSOLE.to_owned(),
    };
    if let Place::City(data) = place {
        may_be_laid(registry, edition).await?;
        lay(&args.folder, &data.join("zoning").join(edition.id()))?;
    }
    registry.enter(edition, &actor, report).await?;
    let id = edition.id();
    if registry.records().edition(id).await?.now.state == EditionState::Published {
        print_text(&format!("{id}: 已发布 / is published\n"))?;
        return Ok(Ended::Done);
    }
    let impact = match &args.impact {
        Some(path) => Some(keep_impact(registry, edition, path, &actor).await?),
        None => None,
    };
    if let Some(old) = &args.replaces {
        let from = edition.term().from.context("edition.toml: from")?;
        end(registry, old, from, id, &actor).await?;
    }
    match registry.publish(id, registry.act(&actor), impact).await {
        Ok(()) => {
            let term = edition.term();
            let day = |day: Option<Day>| day.map_or("…".to_owned(), |day| day.to_string());
            print_text(&format!("{id}: 已发布 / published [{}, {})\n", day(term.from), day(term.to)))?;
            Ok(Ended::Done)
        }
        Err(RecordsError::Refused(refusal @ records::Refusal::FourEyes { .. })) => {
            print_text(&format!("{id}: 已审核，待另一人发布 / checked, a second person must publish\n"))?;
            eprintln!("yundang: {} / {refusal}", refusal.zh());
            Ok(Ended::WithFindings)
        }
        Err(error) => bail!("{} / {error}", error.zh()),
    }
}

async fn end(registry: &Registry, old: &str, day: Day, new: &str, actor: &str) -> anyhow::Result<()> {
    let known = registry.records().edition(old).await?;
    if known.now.term.to.is_some_and(|end| end <= day) {
        return Ok(());
    }
    let mut write = registry.records().begin(registry.act(actor)).await?;
    write.end_edition(old, day, &format!("由 {new} 取代 / replaced by {new}")).await?;
    Ok(write.commit().await?)
}

/// Keeps what `rules impact` answered.
async fn keep_impact(registry: &Registry, edition: &Edition, path: &Path, actor: &str) -> anyhow::Result<Uuid> {
    let told = || path.display().to_string();
    let report = std::fs::read(path).with_context(told)?;
    let answer: serde_json::Value = serde_json::from_slice(&report).with_context(told)?;
    let text = |pointer: &str| answer.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default();
    let projects = answer.pointer("/impact/projects").and_then(serde_json::Value::as_u64);
    let changed = answer.pointer("/impact/changed").and_then(serde_json::Value::as_array).map(Vec::len);
    let counts = projects.zip(changed).map(|(all, some)| (u32::try_from(all), u32::try_from(some)));
    let Some((Ok(projects), Ok(changed))) = counts else {
        bail!(Usage(format!("{}: 不是 rules impact 的结果 / is no answer of rules impact", path.display())));
    };
    if text("/to/id") != edition.id() {
        bail!(Usage(format!("{}: 不是版本 {} 的影响分析 / is not about edition {1}", path.display(), edition.id())));
    }
    let run =
        NewImpactRun { id: new_id(), from: text("/from/id"), to: edition.id(), projects, changed, report: &report };
    let mut write = registry.records().begin(registry.act(actor)).await?;
    write.add_impact_run(&run).await?;
    write.commit().await?;
    Ok(run.id)
}
