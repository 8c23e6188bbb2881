//! The accept loop: limits on connections and time that a bare server would not have.
//!
//! A request header has ten seconds, an answer that nobody takes has a minute, and there are only so many
//! connections. When all are taken, the one that has waited longest without a request gives way, so that a crowd of
//! silent connections keeps nobody out.

use super::crowd::{Crowd, Place};
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, Sleep};
use tower::ServiceExt;

/// How long the header of a request may take, counted from the end of the request before.
pub(super) const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long an asker may leave an answer untaken.
const TAKE_TIME: Duration = Duration::from_secs(60);
/// The largest header.
const HEADER_BYTES: usize = 64 << 10;
/// How long open requests have when the service stops.
const STOP_TIME: Duration = Duration::from_secs(30);
/// Rest after a failed accept, such as when there are no more file handles.
const REST: Duration = Duration::from_millis(50);

/// Serves connections until `stop` is ready, then lets open requests finish.
pub(super) async fn accept(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let crowd = Arc::new(Crowd::default());
    let (stopping, stopped) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(REST).await;
                    continue;
                }
            },
        };
        // A place refused closes the connection.
        if let Some(place) = crowd.enter(peer.ip()) {
            let (router, stopped) = (router.clone(), stopped.clone());
            tokio::spawn(async move {
                connection(stream, peer, router, Arc::clone(&place), stopped).await;
                place.leave();
            });
        }
    }
    drop((listener, stopped));
    stopping.send_replace(true);
    if tokio::time::timeout(STOP_TIME, stopping.closed()).await.is_err() {
        tracing::warn!("requests were still open when the service stopped");
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    place: Arc<Place>,
    mut stopped: watch::Receiver<bool>,
) {
    // Without it small answers wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let busy = Arc::clone(&place);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let (router, work) = (router.clone(), busy.work());
        async move {
            let mut request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = router.oneshot(request).await;
            drop(work);
            response
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME).max_buf_size(HEADER_BYTES);
    let mut served = pin!(builder.serve_connection(TokioIo::new(Patient::new(stream)), service));
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = place.given_up() => return,
        () = told(&mut stopped) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}

/// Ready when the service stops.
async fn told(stopped: &mut watch::Receiver<bool>) {
    // The guard within the answer must not live on: it keeps the sender waiting.
    let _ = stopped.wait_for(|stopped| *stopped).await.is_ok();
}

/// A stream whose other side must take what is written within [`TAKE_TIME`].
struct Patient {
    stream: TcpStream,
    patience: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    fn new(stream: TcpStream) -> Self {
        Self { stream, patience: None }
    }

    fn judge<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.patience = None;
            return written;
        }
        let patience =
            self.patience.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + TAKE_TIME)));
        ready!(patience.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.judge(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
