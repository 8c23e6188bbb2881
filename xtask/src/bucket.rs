//! A bucket on this machine for the tests of lakes in S3: moto's server, in the Python of the outside-truth tests.

use crate::tools;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const NAME: &str = "yundang-test";
/// How long the server may take to answer first.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server with one empty bucket; it ends with this value.
pub(crate) struct Bucket {
    server: Child,
    port: u16,
}

impl Bucket {
    /// Starts the server and makes the bucket.
    pub(crate) fn start(python: &Path) -> Result<Self> {
        let port = tools::free_port()?;
        let server = Command::new(python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting moto's server")?;
        let mut bucket = Self { server, port };
        let script = "import boto3, os; boto3.client('s3').create_bucket(Bucket=os.environ['YUNDANG_S3_BUCKET'])";
        let started = Instant::now();
        loop {
            let mut make = Command::new(python);
            make.args(["-c", script]).envs(bucket.environment()).stderr(Stdio::null());
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() && make.status()?.success() {
                return Ok(bucket);
            }
            if bucket.server.try_wait()?.is_some() || started.elapsed() > PATIENCE {
                bail!("moto's server does not answer");
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// What a program needs to find the bucket. The keys open nothing.
    pub(crate) fn environment(&self) -> [(&'static str, String); 7] {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        [
            ("YUNDANG_S3_BUCKET", NAME.to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
        ]
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.server.kill());
        drop(self.server.wait());
    }
}
