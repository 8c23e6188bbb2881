//! Where a lake lies: a local folder or a prefix in an S3 bucket.

use crate::LakeError;
use crate::durable::DurableLocal;
use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;
use std::io;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use url::Url;

/// A place that can hold a lake, with the store that reaches it.
#[derive(Clone, Debug)]
pub struct Location {
    /// The root of the file system or of the bucket.
    root: Arc<dyn ObjectStore>,
    /// The lake's own URL, ending in `/`.
    url: Url,
    /// The lake's path below the root.
    prefix: Path,
    text: String,
}

impl Location {
    /// Reads a folder name or `s3://bucket/prefix`. A folder need not exist yet.
    ///
    /// Keys, region and endpoint of S3 come from the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_REGION`, `AWS_ENDPOINT`, `AWS_ALLOW_HTTP`). Commits there are conditional puts (`If-None-Match`).
    ///
    /// # Errors
    /// When the text is another URL, or the store cannot be set up.
    pub fn parse(text: &str) -> Result<Self, LakeError> {
        let bad = |why: String| LakeError::BadLocation { location: text.to_owned(), why };
        if let Some(rest) = text.strip_prefix("s3://") {
            let bucket = rest.split('/').next().unwrap_or_default();
            if bucket.is_empty() {
                return Err(bad("the bucket is missing; write s3://bucket/prefix".into()));
            }
            let url = Url::parse(&format!("{}/", text.trim_end_matches('/'))).map_err(|e| bad(e.to_string()))?;
            let store = AmazonS3Builder::from_env()
                .with_bucket_name(bucket)
                .with_conditional_put(S3ConditionalPut::ETagMatch)
                .build()
                .map_err(|e| bad(e.to_string()))?;
            return Self::new(Arc::new(store), url, text);
        }
        if text.contains("://") {
            return Err(bad("only a folder or an s3:// URL can be used".into()));
        }
        if text.is_empty() {
            return Err(bad("the name is empty".into()));
        }
        let folder = absolute(FilePath::new(text)).map_err(|e| bad(e.to_string()))?;
        let url = Url::from_directory_path(&folder).map_err(|()| bad("not an absolute folder name".into()))?;
        Self::new(Arc::new(DurableLocal::default()), url, text)
    }

    fn new(root: Arc<dyn ObjectStore>, url: Url, text: &str) -> Result<Self, LakeError> {
        let prefix = Path::from_url_path(url.path())
            .map_err(|e| LakeError::BadLocation { location: text.to_owned(), why: e.to_string() })?;
        Ok(Self { root, url, prefix, text: text.to_owned() })
    }

    /// Puts a store in front of the one that is there, for instance one that counts or that fails on command.
    #[must_use]
    pub fn wrap(mut self, with: impl FnOnce(Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore>) -> Self {
        self.root = with(self.root);
        self
    }

    /// The location as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn root(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.root)
    }

    /// The lake's own path below the root.
    pub(crate) fn prefix(&self) -> Path {
        self.prefix.clone()
    }

    pub(crate) fn path(&self, below: &str) -> Path {
        below.split('/').fold(self.prefix.clone(), Path::join)
    }

    /// The URL of a folder of the lake, ending in `/`.
    pub(crate) fn table_url(&self, table: &str) -> Result<Url, LakeError> {
        self.url
            .join(&format!("{table}/"))
            .map_err(|e| LakeError::BadLocation { location: self.text.clone(), why: e.to_string() })
    }
}

/// The folder's real name, without links and `..`, also when its last parts do not exist yet.
fn absolute(folder: &FilePath) -> io::Result<PathBuf> {
    match folder.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let whole = std::path::absolute(folder)?;
            match (whole.parent(), whole.file_name()) {
                (Some(parent), Some(name)) => Ok(absolute(parent)?.join(name)),
                _ => Err(error),
            }
        }
        other => other,
    }
}

impl From<Location> for String {
    fn from(location: Location) -> Self {
        location.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_or_s3_and_nothing_else() {
        let location = Location::parse("/data/湖").unwrap();
        assert_eq!(location.path("pins/a.json").as_ref(), "data/湖/pins/a.json");
        assert_eq!(location.table_url("observation").unwrap().path(), "/data/%E6%B9%96/observation/");
        let parent = std::env::temp_dir().canonicalize().unwrap();
        let through = parent.join("no-such-folder-1").join("..").join("no-such-folder-2");
        assert!(Location::parse(through.to_str().unwrap()).is_err(), "a folder that is not there has no parent");
        let through = parent.join("..").join(parent.file_name().unwrap()).join("no-such-folder");
        let found = Location::parse(through.to_str().unwrap()).unwrap();
        assert_eq!(found.url.to_file_path().unwrap(), parent.join("no-such-folder"));
        for bad in ["", "gs://x/y", "http://x", "s3://"] {
            assert!(matches!(Location::parse(bad), Err(LakeError::BadLocation { .. })), "{bad}");
        }
    }
}
