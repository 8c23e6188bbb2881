//! A local folder as an object store whose `put` is durable before it returns.
//!
//! `object_store` 0.13 writes and renames but never syncs. Here a put writes a staging file, syncs it, links or
//! renames it to its name and syncs the folder; a folder made on the way is synced into its parent. `PutMode::Create`
//! is a hard link, which fails when the name exists: that is what makes a Delta commit atomic on a folder.

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path as FilePath, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The local file system, rooted at `/`.
#[derive(Debug, Clone, Default)]
pub(crate) struct DurableLocal {
    inner: LocalFileSystem,
}

static STAGED: AtomicU64 = AtomicU64::new(0);

impl DurableLocal {
    async fn put_durably(&self, location: &Path, payload: PutPayload, create: bool) -> Result<PutResult> {
        let path = self.inner.path_to_filesystem(location)?;
        let name = location.to_string();
        tokio::task::spawn_blocking(move || match put_file(&path, &payload, create) {
            Ok(()) => Ok(PutResult { e_tag: None, version: None }),
            Err(source) if create && source.kind() == ErrorKind::AlreadyExists => {
                Err(object_store::Error::AlreadyExists { path: name, source: source.into() })
            }
            Err(source) => Err(object_store::Error::Generic { store: "folder", source: source.into() }),
        })
        .await?
    }
}

/// Writes a file so that it is either there with all its bytes after a power cut, or not there.
fn put_file(path: &FilePath, payload: &PutPayload, create: bool) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::other("an object needs a folder"))?;
    make_folder(folder)?;
    let (mut file, staging) = stage(path)?;
    let written = payload.iter().try_for_each(|bytes| file.write_all(bytes)).and_then(|()| file.sync_all());
    drop(file);
    let placed = written.and_then(|()| if create { fs::hard_link(&staging, path) } else { fs::rename(&staging, path) });
    if create || placed.is_err() {
        // The link has its own name by now; a staging file left behind is never listed.
        let _ = fs::remove_file(&staging);
    }
    placed?;
    sync_folder(folder)
}

/// A new staging file beside its destination. `LocalFileSystem` never lists a name that ends in `#` and digits.
fn stage(path: &FilePath) -> io::Result<(File, PathBuf)> {
    loop {
        let number = STAGED.fetch_add(1, Ordering::Relaxed);
        let mut staging = path.as_os_str().to_owned();
        staging.push(format!("#{}{number:012}", std::process::id()));
        let staging = PathBuf::from(staging);
        match OpenOptions::new().write(true).create_new(true).open(&staging) {
            Ok(file) => return Ok((file, staging)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

fn make_folder(folder: &FilePath) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let Some(parent) = folder.parent() else { return Ok(()) };
    make_folder(parent)?;
    match fs::create_dir(folder) {
        Ok(()) => sync_folder(parent),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn sync_folder(folder: &FilePath) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &FilePath) -> io::Result<()> {
    Ok(())
}

impl std::fmt::Display for DurableLocal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DurableLocal({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for DurableLocal {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        match options.mode {
            PutMode::Create => self.put_durably(location, payload, true).await,
            PutMode::Overwrite => self.put_durably(location, payload, false).await,
            PutMode::Update(_) => Err(object_store::Error::NotImplemented {
                operation: "put with PutMode::Update".into(),
                implementer: self.to_string(),
            }),
        }
    }

    async fn put_multipart_opts(&self, location: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Ok(Box::new(Upload { store: self.clone(), location: location.clone(), parts: Vec::new() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[std::ops::Range<u64>]) -> Result<Vec<bytes::Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let payload = self.inner.get_opts(from, GetOptions::default()).await?.bytes().await?;
        let create = matches!(options.mode, object_store::CopyMode::Create);
        self.put_durably(to, payload.into(), create).await.map(|_| ())
    }
}

/// A multipart upload: the parts wait in memory and are put at once. Only checkpoints of the log come this way.
#[derive(Debug)]
struct Upload {
    store: DurableLocal,
    location: Path,
    parts: Vec<PutPayload>,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.parts.push(data);
        Box::pin(std::future::ready(Ok(())))
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let payload = self.parts.drain(..).flatten().collect::<PutPayload>();
        self.store.put_durably(&self.location, payload, false).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.parts.clear();
        Ok(())
    }
}
